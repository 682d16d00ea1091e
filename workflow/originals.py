"""Who is given the original of a file, bit for bit, and who its copy: every door asks here (security.md R23, R37).

An original says more than what it shows: by whom, where and with what it was made. Whoever reads the case gets the copy. The
original is evidence, and goes to whoever brought it, and to the bodies that registered the case and supervise it. Of a kind of
case that seals facts about people in any version (检控规则 art. 47: who reported) it could name those, and goes only to
whoever may open every one of these facts, for a reason each time.
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
from workflow.verbs.unseal import ever_openable, may_open_all

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


class Claims:
    """What the actor may have of several files: each case is looked at once."""

    def __init__(self, store: Store, occasion: Occasion, actor: Actor) -> None:
        self._store, self._occasion, self._actor = store, occasion, actor
        self._seen: dict[int, SeenCase | None] = {}
        self._opened: dict[int, bool] = {}

    def of(self, row: Row) -> Claim:
        """As `claim_of`."""
        proved = self._store.rows(PROVED, file_id=row["id"])
        sealing = [case["id"] for case in proved if ever_openable(self._occasion.catalogue, case["kind"])]
        if sealing:
            return Claim(all(self._may_open(case_id) for case_id in sealing), True)
        if row["uploaded_by"] is not None and row["uploaded_by"] == self._actor.person_id:
            return Claim(True, False)
        return Claim(any(self._keeps(case["id"]) for case in proved), False)

    def _may_open(self, case_id: int) -> bool:
        if case_id not in self._opened:
            seen = self._see(case_id)
            self._opened[case_id] = seen is not None and may_open_all(seen.desk(), seen.file())
        return self._opened[case_id]

    def _keeps(self, case_id: int) -> bool:
        seen = self._see(case_id)
        return seen is not None and not seen.sight.relations.isdisjoint(KEEPING)

    def _see(self, case_id: int) -> SeenCase | None:
        if case_id not in self._seen:
            self._seen[case_id] = None
            with suppress(CaseNotFound):
                self._seen[case_id] = see(self._store, self._occasion, self._actor, case_id)
        return self._seen[case_id]


def claim_of(store: Store, occasion: Occasion, actor: Actor, row: Row) -> Claim:
    """What the actor may have of the file, whose `row` he was given by `files.get_file` or a case that he reads.

    A file that proves several cases, one of which seals facts, is sealed, also for whoever reads only the others; if several
    do, it goes to whoever may open the facts of all of them.
    """
    return Claims(store, occasion, actor).of(row)


def require_original(store: Store, occasion: Occasion, actor: Actor, row: Row, *, for_reason: bool = False) -> None:
    """OriginalKept or, of a sealed one that is not asked for with a reason, OriginalSealed."""
    claim = claim_of(store, occasion, actor, row)
    if not claim.may:
        raise OriginalKept()
    if claim.is_sealed and not for_reason:
        raise OriginalSealed()
