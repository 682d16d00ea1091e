"""The one next step of a row, for the person who looks at it: his own verb, or prodding whoever's turn it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from states.definition import Definition, Text, Transition
from states.errors import NotPermitted
from states.facts import Facts
from states.guards import unmet
from workflow.definitions import Catalogue
from workflow.models import Event
from workflow.permissions import Standing, Worked, require_may_fire
from workflow.reads.sight import TOGETHER, chunks, padded
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

PRODDING = "remind"  # the engine's own name for 催办, `Engine.remind`
RETURNING = "hand_back"  # the office's word for giving back what was handed over and is not signed for (退回)
# Guards that a row answers by itself; the others wait for the page.
ON_THE_ROW = ("fired_at_least", "fired_at_most", "field_filled", "field_is", "field_in", "in_cycle_after", "is_paused")

_event = table_of(Event)
WORK_ON = Prepared(
    select(_event.c.case_id, _event.c.trigger, _event.c.actor_id, _event.c.organ_id).where(
        _event.c.case_id.in_([bindparam(f"id{n}") for n in range(TOGETHER)]),
        _event.c.actor_id.is_not(None),
        _event.c.trigger != "",
    )
)


@dataclass(frozen=True, slots=True)
class NextStep:
    """A trigger with its title. `is_mine` False: the turn is somebody else's and this prods him."""

    trigger: str
    title: Text
    is_mine: bool


def next_step(
    definition: Definition,
    actor: Actor,
    row: Mapping[str, Any],
    found: tuple[Standing, ...],
    worked: Worked,
    data: Mapping[str, Any],
    tally: Mapping[str, int],
) -> NextStep | None:
    """The main transition of the state that the actor may fire; else what settles his organ's clock; else prodding, or None."""
    facts = _facts(row, data, tally)
    for transition in definition.triggers_from.get(row["state"], ()):
        if transition.main and _stands(transition, facts) and _may(transition, actor, row, found, worked):
            return NextStep(transition.trigger, transition.title, True)
    settling = _settling(definition, row, found, facts)
    if settling is not None and _may(settling, actor, row, found, worked):
        return NextStep(settling.trigger, settling.title, True)
    prod = definition.transition_by_edge.get((row["state"], PRODDING))
    if prod is not None and _may(prod, actor, row, found, worked):
        return NextStep(prod.trigger, prod.title, False)
    return None


def _settling(definition: Definition, row: Mapping[str, Any], found: tuple[Standing, ...], facts: Facts) -> Transition | None:
    """What settles the clock that falls due next, if that is the clock of an organ of the actor: the first way that is open."""
    rule = definition.clock_by_key.get(row["due_clock"] or "")
    if rule is None:
        return None
    relation, _, kind = rule.owner.partition(":")
    if not any(one.relation == relation and kind in ("", one.grant.organ_kind) for one in found):
        return None
    ways = (definition.transition_by_edge.get((row["state"], trigger)) for trigger in rule.settled_by)
    return next((way for way in ways if way is not None and _stands(way, facts)), None)


def way_back(
    definition: Definition,
    actor: Actor,
    row: Mapping[str, Any],
    found: tuple[Standing, ...],
    worked: Worked,
    data: Mapping[str, Any],
    tally: Mapping[str, int],
) -> NextStep | None:
    """Giving back what was handed over, where the actor may; else None."""
    back = definition.transition_by_edge.get((row["state"], RETURNING))
    if back is None or not _stands(back, _facts(row, data, tally)) or not _may(back, actor, row, found, worked):
        return None
    return NextStep(back.trigger, back.title, True)


def _facts(row: Mapping[str, Any], data: Mapping[str, Any], tally: Mapping[str, int]) -> Facts:
    """What a row knows of its case."""
    return Facts(
        kind=row["kind"],
        state=row["state"],
        cycle=row["cycle"],
        data=data,
        tally=tally,
        paused=row["paused_since"] is not None,
    )


def _stands(transition: Transition, facts: Facts) -> bool:
    return not unmet([guard for guard in transition.guards if guard.name in ON_THE_ROW], facts)


def _may(transition: Transition, actor: Actor, row: Mapping[str, Any], found: tuple[Standing, ...], worked: Worked) -> bool:
    try:
        require_may_fire(transition, actor, row, found, worked)
    except NotPermitted:
        return False
    return True


def worked_on_all(store: Store, rows: Iterable[Row], catalogue: Catalogue) -> dict[int, Worked]:
    """Who did work on each case and who closed it; one statement for a page."""
    kinds = {row["id"]: row["kind"] for row in rows}
    events: dict[int, list[Row]] = {case_id: [] for case_id in kinds}
    for chunk in chunks(list(kinds)):
        for event in store.rows(WORK_ON, **padded(chunk)):
            events[event["case_id"]].append(event)
    return {case_id: Worked.of(catalogue, kind, events[case_id]) for case_id, kind in kinds.items()}
