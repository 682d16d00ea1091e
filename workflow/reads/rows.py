"""One row of a ledger, an inbox or an export, with everything that the ledger page shows. Titles come in all languages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select

from states.definition import Definition, Field, Text
from states.evidence import counted
from states.facts import Facts
from states.guards import Unmet
from workflow.definitions import Catalogue
from workflow.fresh import asks_fresh, newer_files, sent_back_by
from workflow.kept_back import ended_among, endings_in
from workflow.occasion import Occasion
from workflow.permissions import CASES, NOBODY, Worked
from workflow.reads.bands import badge, checking_states, counted_grounds, days_late, days_left, signing_states
from workflow.reads.moments import outlines_of
from workflow.reads.names import names_of
from workflow.reads.next_step import (
    PRODDING,
    RETURNING,
    Look,
    NextStep,
    awaited,
    lacking,
    next_step,
    own_steps,
    sends_back,
    steps_of,
    way_back,
    worked_in,
)
from workflow.reads.row_facts import facts_beside, facts_of_row, looks_beside
from workflow.reads.sight import TOGETHER, Sight, chunks, padded, present, sights_and_talks_of
from workflow.reads.untold import talks_of, without_rung
from workflow.statements import Kept, Prepared, Row
from workflow.store import Store
from workflow.tree import AreaFact, OrganFact, Tree
from workflow.types import Actor

INSTRUCTED = "instructed"  # the office's word for a case that a leader has written on (批示件)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A case on a list. Days are calendar days; `days_left` is negative where the limit has passed and nothing is late yet.

    `badge` is closed, paused, late, soon, ok or open; `place` of `places` are the pips of the state. `seen_upto` is the event
    up to which a past holder reads; then the columns that may have changed later are empty. `back` is the step that gives an
    unsigned case back, or sends back what was handed in, where the reader may take it. `lacking` is what his own step wants
    where he has no next one. `ended` is the ground of closing, `waits` is the step whose approval he has to wait for. `facts`
    are those that `is_told`. `counts_from` is the day after its holder got it, from which his time counts (不计当天).
    """

    id: int
    number: str
    old_number: str
    kind: str
    definition_version_id: int
    kind_title: Text
    title: str
    state: str
    state_title: Text
    ended: Text | None
    phrase: Text
    place: int
    places: int
    is_signing: bool
    is_checking: bool
    subject_id: int
    subject: str
    township_id: int | None
    township: str
    village_id: int | None
    village: str
    holder_id: int | None
    holder: str
    supervisor_id: int
    supervisor: str
    assignee_id: int | None
    assignee: str
    days_stayed: int | None
    opened_on: date
    closed_on: date | None
    due_on: date | None
    due_clock: str | None
    days_left: int | None
    days_late: int
    badge: str
    rung: Text | None
    colour: str
    changed_at: datetime  # the last change that everybody who reads the case is told
    reminded: int
    measures_done: int
    measures: int
    next: NextStep | None
    cycle: int
    version: int
    import_id: int | None
    seen_upto: int | None = None
    back: NextStep | None = None
    lacking: tuple[Unmet, ...] = ()
    waits: Text | None = None
    counts_from: date | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_instructed(self) -> bool:
        """Has a leader written an instruction on it?"""
        return self.facts.get(INSTRUCTED) is True


def rows_of(store: Store, occasion: Occasion, actor: Actor, stored: list[Row]) -> list[LedgerRow]:
    """The rows for stored cases that the actor may read, in their order.

    Four statements; more only where work was sent back, somebody is named to handle a case, a talk is kept from the reader, or
    he sees a case as it was.
    """
    occasion.say_shown(stored)
    separated, ended = _separated(stored, occasion.catalogue), ended_among(occasion.catalogue, stored)
    steps = steps_of(store, [*(row["id"] for row in separated), *({} if actor.sees_all else ended)])
    endings = endings_in(ended, (event for each in steps.values() for event in each))
    sights, about = sights_and_talks_of(store, actor, occasion.catalogue, stored, endings)
    upto = {case_id: sight.upto_seq for case_id, sight in sights.items() if sight.upto_seq is not None}
    outlines = outlines_of(store, {row["id"]: row for row in stored}, upto) if upto else {}
    whole = [row for row in stored if row["id"] not in upto]
    worked = worked_in(occasion.catalogue, separated, steps)
    counted = measures_of(store, occasion, actor, [row["id"] for row in whole])
    talks = talks_of(store, occasion, actor, whole, sights, about)
    untold = without_rung(occasion, actor, whole, sights, talks)
    looks = _looks(store, occasion, actor, whole, sights, worked)
    stored = [outlines.get(row["id"], row) for row in stored]
    names = names_of(store, (row["assignee_id"] for row in stored))
    return [
        _row(
            occasion,
            row | {"assignee": names.get(row["assignee_id"], "")},
            sights[row["id"]],
            looks.get(row["id"]),
            counted.get(row["id"], (0, 0)),
            is_pressed=row["id"] not in untold,
        )
        for row in stored
    ]


def _looks(
    store: Store, occasion: Occasion, actor: Actor, rows: list[Row], sights: Mapping[int, Sight], worked: Mapping[int, Worked]
) -> dict[int, Look]:
    """What the next step of each row is found from; what lies beside a case is asked for where a guard looks at it."""
    looks = plain_looks(occasion, actor, rows, sights, worked)
    wanted = {case_id: look.facts for case_id, look in looks.items() if looks_beside(look.steps) and own_steps(look)}
    beside = facts_beside(store, wanted, {i: looks[i].definition for i in wanted}) if wanted else {}
    beside = with_fresh(store, looks, beside)
    return {case_id: replace(look, facts=beside.get(case_id, look.facts)) for case_id, look in looks.items()}


def plain_looks(
    occasion: Occasion, actor: Actor, rows: list[Row], sights: Mapping[int, Sight], worked: Mapping[int, Worked]
) -> dict[int, Look]:
    """Each row as the actor looks at it, with what it knows by itself."""
    return {
        row["id"]: Look(
            occasion.catalogue.of_version(row["definition_version_id"]).definition,
            actor,
            row,
            sights[row["id"]].standings,
            worked.get(row["id"], NOBODY),
            facts_of_row(row, occasion.today),
            occasion.tree,
        )
        for row in rows
    }


def with_fresh(store: Store, looks: Mapping[int, Look], beside: Mapping[int, Facts]) -> dict[int, Facts]:
    """The facts with what was added since the work was sent back; one statement, and none where nothing was."""
    back = {i: sent_back_by(looks[i].definition, facts.tally) for i, facts in beside.items() if asks_fresh(looks[i].steps)}
    triggers = sorted({trigger for each in back.values() for trigger in each})
    ids = [case_id for case_id, each in back.items() if each]
    newer = newer_files(store, ids, triggers) if ids else {}
    return {
        i: replace(facts, fresh=counted(looks[i].definition, newer.get(i, ()))) if back.get(i) else facts
        for i, facts in beside.items()
    }


def _separated(rows: Iterable[Row], catalogue: Catalogue) -> list[Row]:
    """The rows whose next step asks who did the work."""
    return [
        row
        for row in rows
        if not row["final"] and _asks_who(catalogue.of_version(row["definition_version_id"]).definition, row)
    ]


def _asks_who(definition: Definition, row: Row) -> bool:
    beside = (PRODDING, RETURNING, definition.consent.given_by if definition.consent else "")
    steps = definition.triggers_from.get(row["state"], ())
    asked = (t for t in steps if t.main or t.trigger in beside or sends_back(definition, t, steps))
    return any(t.separates_by_history for t in asked)


# ---- measures: the children that stand on no ledger of their own ----------------------------------------------------------

_MEASURES = Kept()


def measures_of(store: Store, occasion: Occasion, actor: Actor, ids: list[int]) -> dict[int, tuple[int, int]]:
    """(done, all) of the measures under each case that the actor may see; what ended uncounted, as with a plan that was sent
    back, is neither.
    """
    catalogue = occasion.catalogue
    kinds = catalogue.off_ledger
    if not kinds or not ids:
        return {}
    prepared = _measures_statement(actor, catalogue, kinds, store.dialect)
    found: dict[int, tuple[int, int]] = {}
    for chunk in chunks(ids):
        found |= {row["parent_id"]: (row["done"], row["n"]) for row in store.rows(prepared, **padded(chunk))}
    return found


def _measures_statement(actor: Actor, catalogue: Catalogue, kinds: tuple[str, ...], dialect: str) -> Prepared:
    def write() -> Any:
        done = func.sum(case((CASES.c.final, 1), else_=0)).label("done")
        of = CASES.c.parent_id.in_([bindparam(f"id{n}") for n in range(TOGETHER)])
        counts = or_(CASES.c.ground.is_(None), CASES.c.ground.in_(counted_grounds(catalogue)))
        where = and_(of, CASES.c.kind.in_(kinds), counts, present(actor, catalogue))
        return select(CASES.c.parent_id, func.count().label("n"), done).where(where).group_by(CASES.c.parent_id)

    return _MEASURES.get((actor.person_id, actor.sees_all, actor.grants, catalogue.stamp, kinds), dialect, write)


# ---- one row --------------------------------------------------------------------------------------------------------------


def _row(
    occasion: Occasion, row: Row, sight: Sight, look: Look | None, measures: tuple[int, int], *, is_pressed: bool
) -> LedgerRow:
    """The row; `look` is None for a past holder, who has nothing to do with it any more."""
    definition = occasion.catalogue.of_version(row["definition_version_id"]).definition
    data, tally, is_whole = json.loads(row["data"]), json.loads(row["tally"]), look is not None
    step = next_step(look) if look else None
    return LedgerRow(
        **{name: row[name] for name in _PLAIN},
        **_state(definition, row),
        **_organs(occasion.tree, row),
        kind_title=definition.title,
        days_stayed=(occasion.today - row["holder_since"]).days if is_whole and not row["final"] else None,
        days_left=days_left(row, occasion.today),
        days_late=days_late(row, occasion.today),
        badge=badge(row, occasion.today) if is_whole else "open",
        rung=rung_title(definition, row) if is_pressed else None,
        reminded=tally.get(PRODDING, 0),
        measures_done=measures[0],
        measures=measures[1],
        next=step,
        back=way_back(look, step) if look else None,
        lacking=lacking(look) if look and step is None else (),
        waits=waited.title if look and (waited := awaited(look)) else None,
        changed_at=row["told_at"],
        counts_from=row["holder_since"] + timedelta(1) if is_whole and not row["final"] else None,
        seen_upto=sight.upto_seq,
        facts={f.key: data[f.key] for f in definition.fields if is_told(f) and f.key in data},
    )


def is_told(field: Field) -> bool:
    """Does a row tell this fact? Those that fit a cell and are no secret."""
    return field.type in IN_A_CELL and not field.secret


IN_A_CELL = ("text", "choice", "choices", "date", "time", "money", "integer", "flag")
_PLAIN = (
    *("id", "number", "old_number", "kind", "title", "state", "subject_id", "holder_id", "supervisor_id"),
    *("assignee_id", "assignee"),
    *("opened_on", "closed_on", "due_on", "due_clock", "colour", "cycle", "version", "import_id"),
    "definition_version_id",
)


def _state(definition: Definition, row: Row) -> dict[str, Any]:
    state = definition.state_by_key[row["state"]]
    grounds = (ground for transition in definition.transitions for ground in transition.grounds) if state.final else ()
    ended = next((ground for ground in grounds if ground.key == row.get("ground")), None)
    return {
        "state_title": state.title,
        # What ended without counting as closed out is not called so (practice.md §3).
        "phrase": state.phrase if ended is None or ended.counted else ended.title,
        "ended": ended.title if ended else None,
        "place": definition.states.index(state) + 1,
        "places": len(definition.states),
        "is_signing": row["state"] in signing_states(definition),
        "is_checking": row["state"] in checking_states(definition),
    }


def _organs(tree: Tree, row: Row) -> dict[str, Any]:
    return {
        "subject": organ_name(tree, row["subject_id"]),
        "holder": organ_name(tree, row["holder_id"]),
        "supervisor": organ_name(tree, row["supervisor_id"]),
        "township_id": row["subject_township_id"],
        "township": area_name(tree, row["subject_township_id"]),
        "village_id": row["subject_village_id"],
        "village": area_name(tree, row["subject_village_id"]) + _found_in(tree, row),
    }


def _found_in(tree: Tree, row: Row) -> str:
    """The village of the finding behind that which answers for it now: 东桥村（原刘竹园村）."""
    found = tree.organs.get(row["found_in_id"] or -1)
    area = tree.areas[found.area_id] if found is not None else None
    if area is None or area.level != "village" or area.id == row["subject_village_id"]:
        return ""
    return f"（原{area.short_name or area.name}）"


def organ_name(tree: Tree, organ_id: int | None) -> str:
    """The short name of an organ, its full name where it has none, "" for nobody; behind that of whoever took its place."""
    return _said(tree.organs, organ_id)


def county_name(tree: Tree) -> str:
    """The installation's county, "" before it has one."""
    return next((area.name for area in tree.areas.values() if area.level == "county"), "")


def own_body(tree: Tree, actor: Actor) -> str:
    """The body for which somebody acts, "" for who has no post."""
    post = actor.acting or next(iter(actor.grants), None)
    return organ_name(tree, post.organ_id) if post else ""


def area_name(tree: Tree, area_id: int | None) -> str:
    """The short name of an area, its full name where it has none, "" for none; behind that of whichever took its place."""
    return _said(tree.areas, area_id)


def _said(units: Mapping[int, AreaFact] | Mapping[int, OrganFact], unit_id: int | None) -> str:
    unit = units.get(unit_id) if unit_id is not None else None
    if unit is None:
        return ""
    last = unit
    while last.successor_id is not None:
        last = units[last.successor_id]
    name, now = unit.short_name or unit.name, last.short_name or last.name
    return name if last is unit else f"{now}（原{name}）"


# The ladders that `by_length` chooses among.
BY_LENGTH = {"long", "medium", "short"}


def rung_title(definition: Definition, row: Mapping[str, Any]) -> Text | None:
    """How far the case was pressed: the title of the rung it reached last, looked for on its own clock's ladder first."""
    if row["rung"] is None:
        return None
    rule = definition.clock_by_key.get(row["due_clock"] or "")
    own = BY_LENGTH if rule and rule.ladder == "by_length" else {rule.ladder} if rule else set()
    ladders = sorted(definition.ladders, key=lambda ladder: ladder.key not in own)
    rungs = (rung for ladder in ladders for tier in ladder.tiers for rung in tier if rung.key == row["rung"])
    return next((rung.title for rung in rungs), None)
