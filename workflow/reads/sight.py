"""How much of a case somebody sees: all of it as it is now, or, for a past holder, how it was when it was handed on.

Who reads a case only because he once held it must not learn what came later, neither from a page nor from the place of a row in
a list, a filter or a count. So the selectable falls into two parts: `present` (every other relation) and `past`; filters about
the present state of a case ask the first part only. Together they are `permissions.visible`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, literal, null, or_, select, true, union_all

from states.definition import AccessRule, Definition
from workflow.definitions import Catalogue, Served
from workflow.kept_back import endings_of
from workflow.models import AgendaItem, Clock, Party
from workflow.permissions import (
    CASES,
    PAST_HOLDER,
    READING,
    Standing,
    access_of,
    not_hidden,
    scopes_of,
    standings,
    visible,
)
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

PAST = PAST_HOLDER
# A page asks for the parties of all its rows at once; more rows than this are asked for in several statements.
TOGETHER = 100

_party, _agenda, _clock = table_of(Party), table_of(AgendaItem), table_of(Clock)
_IDS: list[Any] = [bindparam(f"id{n}") for n in range(TOGETHER)]
_PARTIES = select(_party.c.case_id, _party.c.relation, _party.c.organ_id, _party.c.upto_seq).where(_party.c.case_id.in_(_IDS))
PARTIES_OF = Prepared(_PARTIES)
# What is never on an agenda, a clue, is held by its talk all the same.
TALK = "talk"
PARTIES_AND_TALKS_OF = Prepared(
    union_all(
        _PARTIES,
        select(_agenda.c.case_id, literal(TALK), _agenda.c.interview_id, null()).where(_agenda.c.case_id.in_(_IDS)),
        select(_clock.c.case_id, literal(TALK), _clock.c.held_by, null()).where(
            _clock.c.case_id.in_(_IDS), _clock.c.held_by.is_not(None)
        ),
    )
)
Parties = dict[int, list[tuple[str, int, int | None]]]


@dataclass(frozen=True, slots=True)
class Sight:
    """One reader's view of one case. `upto_seq` None sees it as it is; a number sees it as it was after that event."""

    standings: tuple[Standing, ...]
    upto_seq: int | None = None

    @property
    def relations(self) -> frozenset[str]:
        """The relations in which the reader stands to the case."""
        return frozenset(standing.relation for standing in self.standings)


# ---- the selectable, in its two parts -------------------------------------------------------------------------------------


def present_scopes(actor: Actor, catalogue: Catalogue, kind: str) -> list[ColumnElement[bool]]:
    """The single scopes of one kind whose union is `present`: each is one ordered walk over one index."""
    if actor.sees_all:
        return [CASES.c.kind == kind]
    return scopes_of(actor, _only(catalogue, (kind,), past=False))


def disjoint(actor: Actor, catalogue: Catalogue) -> list[ColumnElement[bool]]:
    """Conditions that share no case and together are `present`, for whatever counts.

    Who sees little is counted scope by scope, each over its own index, and pays for what he sees; who stands at the county's
    level sees nearly all, and one walk over everything costs less than one for each of his relations.
    """
    if actor.sees_all or any(grant.level == "county" for grant in actor.posts):
        return [present(actor, catalogue)]
    scopes = scopes_of(actor, _only(catalogue, tuple(catalogue.current), past=False))
    # A relation that nobody stands in makes a scope unknown rather than false.
    shown = hidden(actor, catalogue)
    return [and_(scope, shown, *([or_(*scopes[:n]).is_not(true())] if n else [])) for n, scope in enumerate(scopes)]


def present(actor: Actor, catalogue: Catalogue) -> ColumnElement[bool]:
    """The WHERE that keeps what the actor sees as it is now."""
    return visible(actor, _only(catalogue, tuple(catalogue.current), past=False))


def past_only(actor: Actor, catalogue: Catalogue) -> ColumnElement[bool] | None:
    """The WHERE that keeps what the actor sees only as it was when handed on; None where there can be nothing."""
    if actor.sees_all:
        return None
    past = visible(actor, _only(catalogue, tuple(catalogue.current), past=True))
    # A relation that nobody stands in makes `present` unknown rather than false.
    return and_(past, present(actor, catalogue).is_not(true()))


def hidden(actor: Actor, catalogue: Catalogue) -> ColumnElement[bool]:
    """What holds in every scope beside it: not withdrawn, not barred, not left out."""
    return not_hidden(actor, catalogue)


def _only(catalogue: Catalogue, kinds: Iterable[str], *, past: bool) -> Catalogue:
    """The catalogue with these kinds and, of their access rules, those of past holders or the others."""
    return Catalogue(catalogue.by_id, {kind: _narrowed(catalogue.current[kind], past) for kind in kinds})


def _narrowed(served: Served, past: bool) -> Served:
    return replace(served, definition=_with_rules(served.definition, past))


def _with_rules(definition: Definition, past: bool) -> Definition:
    kept: tuple[AccessRule, ...] = tuple(rule for rule in definition.access if (rule.relation == PAST) is past)
    return replace(definition, access=kept)


# ---- one row --------------------------------------------------------------------------------------------------------------


def sights_of(store: Store, actor: Actor, catalogue: Catalogue, rows: Collection[Mapping[str, Any]]) -> dict[int, Sight]:
    """How the actor sees each of these cases, which he may read. Two statements for a page of them."""
    parties = parties_of_all(store, [row["id"] for row in rows])
    endings = {} if actor.sees_all else endings_of(store, catalogue, rows)
    return {row["id"]: _sight(actor, catalogue, row, parties[row["id"]], endings.get(row["id"])) for row in rows}


def sights_and_talks_of(
    store: Store, actor: Actor, catalogue: Catalogue, rows: Collection[Mapping[str, Any]], endings: Mapping[int, str]
) -> tuple[dict[int, Sight], dict[int, frozenset[int]]]:
    """The same, and the talks that each case stands on an agenda of, or is held by, seen or not. One statement for a page.

    `endings` are those of `kept_back.endings_of`.
    """
    parties: Parties = {row["id"]: [] for row in rows}
    talks: dict[int, set[int]] = {}
    for row in _asked(store, PARTIES_AND_TALKS_OF, parties):
        if row["relation"] == TALK:
            talks.setdefault(row["case_id"], set()).add(row["organ_id"])
        else:
            parties[row["case_id"]].append((row["relation"], row["organ_id"], row["upto_seq"]))
    sights = {row["id"]: _sight(actor, catalogue, row, parties[row["id"]], endings.get(row["id"])) for row in rows}
    return sights, {case_id: frozenset(each) for case_id, each in talks.items()}


def _sight(
    actor: Actor,
    catalogue: Catalogue,
    row: Mapping[str, Any],
    parties: list[tuple[str, int, int | None]],
    ended_from: str | None,
) -> Sight:
    found = standings(actor, row, [(relation, organ_id) for relation, organ_id, _ in parties])
    served = catalogue.current.get(row["kind"])
    rules = _with_rules(served.definition, past=False) if served else None
    if actor.sees_all or (rules is not None and access_of(rules, row, found, ended_from) in READING):
        return Sight(found)
    organs = {standing.grant.organ_id for standing in found}
    ends = [upto for relation, organ_id, upto in parties if relation == PAST and organ_id in organs and upto]
    return Sight(found, max(ends, default=1))


def parties_of_all(store: Store, ids: Iterable[int]) -> Parties:
    """(relation, organ id, last event read) of every party of these cases, by case."""
    found: Parties = {case_id: [] for case_id in ids}
    for row in _asked(store, PARTIES_OF, found):
        found[row["case_id"]].append((row["relation"], row["organ_id"], row["upto_seq"]))
    return found


def _asked(store: Store, prepared: Prepared, ids: Iterable[int]) -> Iterator[Row]:
    for chunk in chunks(list(ids)):
        yield from store.rows(prepared, **padded(chunk))


def chunks(ids: list[int]) -> Iterable[list[int]]:
    """The ids, so many at a time as one prepared statement takes."""
    return (ids[i : i + TOGETHER] for i in range(0, len(ids), TOGETHER))


def padded(ids: list[int]) -> dict[str, int]:
    """The ids as parameters of a prepared `IN`; what is left over is an id that no case has."""
    return {f"id{n}": ids[n] if n < len(ids) else -1 for n in range(TOGETHER)}
