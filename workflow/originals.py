"""Who is given the original of a file, bit for bit, and who its copy: every door asks here (security.md R23, R37).

An original says more than what it shows: by whom, where and with what it was made. Whoever reads the case gets the copy. The
original is evidence, and goes to whoever brought it, and to the bodies that registered the case and supervise it. Of a kind of
case that seals facts about people (检控规则 art. 47: who reported) it could name those, and goes only to whoever may open
every one of these facts, for a reason each time.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import bindparam, select

from states.errors import CaseNotFound, OriginalKept, OriginalSealed
from workflow.models import Case, Evidence
from workflow.occasion import Occasion
from workflow.reads.seen import SeenCase, see
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor
from workflow.verbs.unseal import may_open_all, openable_fields

_case, _evidence = table_of(Case), table_of(Evidence)
PROVED = Prepared(
    select(_case.c.id, _case.c.kind)
    .join(_evidence, _evidence.c.case_id == _case.c.id)
    .where(_evidence.c.file_id == bindparam("file_id"))
    .order_by(_case.c.id)
)
KEEPING = ("registrar", "supervisor")


class Claim(NamedTuple):
    """Whether somebody is given a file's original, and whether it is sealed: then for a reason, each by itself."""

    may: bool
    is_sealed: bool

    @property
    def is_free(self) -> bool:
        """May he have it without a word?"""
        return self.may and not self.is_sealed


def claim_of(store: Store, occasion: Occasion, actor: Actor, row: Row) -> Claim:
    """What the actor may have of the file, whose `row` he was given by `files.get_file` or a case that he reads.

    A file that proves several cases, one of which seals facts, is sealed, also for whoever reads only the others.
    """
    proved = store.rows(PROVED, file_id=row["id"])
    sealing = [case["id"] for case in proved if openable_fields(occasion.catalogue.of_kind(case["kind"]).definition)]
    if sealing:
        seen = _seen(store, occasion, actor, sealing)
        return Claim(any(may_open_all(one.desk(), one.file()) for one in seen), True)
    if row["uploaded_by"] is not None and row["uploaded_by"] == actor.person_id:
        return Claim(True, False)
    seen = _seen(store, occasion, actor, [case["id"] for case in proved])
    return Claim(any(not one.sight.relations.isdisjoint(KEEPING) for one in seen), False)


def require_original(store: Store, occasion: Occasion, actor: Actor, row: Row, *, for_reason: bool = False) -> None:
    """OriginalKept or, of a sealed one that is not asked for with a reason, OriginalSealed."""
    claim = claim_of(store, occasion, actor, row)
    if not claim.may:
        raise OriginalKept()
    if claim.is_sealed and not for_reason:
        raise OriginalSealed()


def _seen(store: Store, occasion: Occasion, actor: Actor, ids: list[int]) -> list[SeenCase]:
    found = []
    for case_id in ids:
        with suppress(CaseNotFound):
            found.append(see(store, occasion, actor, case_id))
    return found
