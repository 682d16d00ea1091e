"""The nightly self-check of visibility: for some people, list = count = group = chart = search = export = page = rule.

Eight questions, answered by eight ways through the program; whichever differs from the list shows too much or too little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam, or_, select

from states.errors import CaseNotFound
from workflow.barring import circle_of, is_about_own, shuts_own
from workflow.kept_back import endings_of
from workflow.models import Barred, Person
from workflow.occasion import Occasion
from workflow.people.actors import actor_of
from workflow.permissions import CASES, READING, access_of, standings
from workflow.reads.counts import count_of
from workflow.reads.dimensions import FACT, groups
from workflow.reads.groups import group_by
from workflow.reads.ledger import every_row
from workflow.reads.overview import overview
from workflow.reads.query import Query
from workflow.reads.rows import LedgerRow
from workflow.reads.search import find
from workflow.reads.seen import see
from workflow.reads.sight import parties_of_all
from workflow.reads.whole_rows import whole_rows
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

_barred, _person = table_of(Barred), table_of(Person)
EVERYTHING = Query(band="all")
PEOPLE_A_NIGHT, CASES_A_NIGHT = 5, 200
# A remainder of a product with a prime strews the ids; the day shifts it, so that every night asks for others.
STREW, HEAP = 7919, 1009
PEOPLE = Prepared(select(_person.c.id).order_by((_person.c.id * STREW + bindparam("day")) % HEAP).limit(bindparam("many")))
STREWN = Prepared(select(CASES.c.id).order_by((CASES.c.id * STREW + bindparam("day")) % HEAP).limit(bindparam("many")))


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A way (count, group, chart, export, page, search, row) that says other than the list; `case_id` where it is about one."""

    person_id: int | None
    way: str
    case_id: int | None = None


def agreement_of_the_night(
    store: Store, occasion: Occasion, *, people: int = PEOPLE_A_NIGHT, cases: int = CASES_A_NIGHT
) -> tuple[Disagreement, ...]:
    """Every disagreement for a few people over a few cases, others every day."""
    day = occasion.today.toordinal()
    ids = [row["id"] for row in store.rows(PEOPLE, day=day, many=people)]
    actors = filter(None, [actor_of(store, person_id, today=occasion.today) for person_id in ids])
    return sample_agreement(store, occasion, actors, ids=[row["id"] for row in store.rows(STREWN, day=day, many=cases)])


def sample_agreement(
    store: Store, occasion: Occasion, actors: Iterable[Actor], *, ids: Iterable[int] | None = None
) -> tuple[Disagreement, ...]:
    """Every disagreement for these people over these cases (all of the ledger's kinds, where none are named)."""
    where = [CASES.c.id.in_(list(ids))] if ids is not None else []
    stored = store.select(select(CASES).where(*where).order_by(CASES.c.id))
    on_ledger = {kind for kind, served in occasion.catalogue.current.items() if served.definition.ledger}
    rows = [row for row in stored if row["kind"] in on_ledger]
    return tuple(found for actor in actors for found in _of(store, occasion, actor, rows))


def _of(store: Store, occasion: Occasion, actor: Actor, rows: list[Row]) -> Iterable[Disagreement]:
    listed = {row.id: row for row in every_row(store, occasion, actor, EVERYTHING)}
    if count_of(store, occasion, actor, EVERYTHING, cap=len(listed) + 1).n != len(listed):
        yield Disagreement(actor.person_id, "count")
    exported = {whole.row.id for whole in whole_rows(store, occasion, actor, EVERYTHING)}
    if exported != {row.id for row in listed.values() if row.seen_upto is None}:
        yield Disagreement(actor.person_id, "export")
    if not _groups_add_up(store, occasion, actor, list(listed.values())):
        yield Disagreement(actor.person_id, "group")
    if not _charts_add_up(store, occasion, actor, list(listed.values())):
        yield Disagreement(actor.person_id, "chart")
    parties, barred = parties_of_all(store, [row["id"] for row in rows]), _barred_from(store, occasion, actor, rows)
    endings = endings_of(store, occasion.catalogue, rows)
    for row in rows:
        is_listed = row["id"] in listed
        ways = {
            "page": _has_page(store, occasion, actor, row),
            "search": any(found.id == row["id"] for found in find(store, occasion, actor, row["number"], limit=1).rows),
            "row": row["id"] not in barred and _may_read(occasion, actor, row, parties[row["id"]], endings.get(row["id"])),
        }
        yield from (Disagreement(actor.person_id, way, row["id"]) for way, shown in ways.items() if shown != is_listed)


def _groups_add_up(store: Store, occasion: Occasion, actor: Actor, listed: list[LedgerRow]) -> bool:
    """Is each row of the list in one group, its own: by kind, place, state, holder and, of each kind, a fact of the day?"""
    present = [row for row in listed if row.seen_upto is None]
    wanted = {
        "kind": Counter(row.kind for row in listed),
        "township": Counter(row.township_id for row in listed),
        "state": Counter(row.state for row in present),
        "holder": Counter(row.holder_id for row in present),
    }

    def told(query: Query, dimension: str) -> dict[object, int]:
        found = group_by(store, occasion, actor, query, dimension, cap=len(listed) + 1)
        return {group.key: group.rows.n for group in found}

    if any(told(EVERYTHING, name) != tally for name, tally in wanted.items()):
        return False
    of_kind = Counter(row.kind for row in present)
    return all(sum(told(Query(kinds=(kind,), band="all"), fact).values()) == of_kind[kind] for kind, fact in _facts(occasion))


def _facts(occasion: Occasion) -> Iterator[tuple[str, str]]:
    """For each kind a fact that has one value a case, another one every day."""
    for kind, served in sorted(occasion.catalogue.current.items()):
        fields = [one for one in served.definition.fields if groups(one) and one.type != "choices"]
        if served.definition.ledger and fields:
            yield kind, FACT + fields[occasion.today.toordinal() % len(fields)].key


def _charts_add_up(store: Store, occasion: Occasion, actor: Actor, listed: list[LedgerRow]) -> bool:
    """Do the overview's stages, townships, stretches of age and weeks tell of the rows of the list, each in its place?"""
    board = overview(store, occasion, actor, EVERYTHING)
    present = [row for row in listed if row.seen_upto is None]
    still = [row for row in present if row.badge != "closed"]
    opened, closed = Counter(_monday(row.opened_on) for row in present), Counter(_monday(row.closed_on) for row in present)
    return (
        board.states == Counter((row.kind, row.state) for row in present)
        and sum(board.ages) == sum(line.figures["open"] for line in board.lines) == board.total.figures["open"] == len(still)
        and all((week.opened, week.closed) == (opened[week.monday], closed[week.monday]) for week in board.weeks)
    )


def _monday(on: date | None) -> date | None:
    return on - timedelta(on.weekday()) if on else None


def _has_page(store: Store, occasion: Occasion, actor: Actor, row: Row) -> bool:
    try:
        see(store, occasion, actor, row["id"])
    except CaseNotFound:
        return False
    return True


def _barred_from(store: Store, occasion: Occasion, actor: Actor, rows: list[Row]) -> frozenset[int]:
    """The cases that the actor, or an organ of his, is barred from, and those of `rows` whose circle he is not of."""
    if actor.sees_all:
        return frozenset()
    who = or_(_barred.c.person_id == actor.person_id, _barred.c.organ_id.in_(actor.organ_ids or (-1,)))
    barred = {row["case_id"] for row in store.select(select(_barred.c.case_id).where(who))}
    confined = (row for row in rows if row["confined"])
    left_out = {row["id"] for row in confined if actor.person_id not in circle_of(store, row, occasion.roster)}
    own = {row["id"] for row in rows if shuts_own(occasion.catalogue, row["kind"]) and _is_of_own(actor, row)}
    return frozenset(barred | left_out | own)


def _is_of_own(actor: Actor, row: Row) -> bool:
    return any(is_about_own(row, organ_id) for organ_id in actor.organ_ids)


def _may_read(
    occasion: Occasion, actor: Actor, row: Row, parties: list[tuple[str, int, int | None]], ended_from: str | None
) -> bool:
    """The rule as it is said for one row: relations and access."""
    if row["withdrawn"] or actor.sees_all:
        return not row["withdrawn"]
    found = standings(actor, row, [(relation, organ_id) for relation, organ_id, _ in parties])
    definition = occasion.catalogue.of_kind(row["kind"]).definition
    return access_of(definition, row, found, ended_from) in READING
