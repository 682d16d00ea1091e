"""A scenario from a real case, by somebody who may read it: days, steps and choices, and never a word, a name or a number."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from sqlalchemy import and_, bindparam, select

from states.checks.scenarios import may_be_told
from states.definition import Definition, Field
from states.errors import BadInput, NotPermitted
from states.forms import opening_fields
from workflow.dates import local_day
from workflow.deciding import BALLOTS, CHOICES, RECUSE
from workflow.models import Content, Event, FiredRung, Resolution
from workflow.reads.seen import SeenCase
from workflow.spells import without_undone
from workflow.statements import Prepared, Row
from workflow.store import table_of

_event, _content, _fired = table_of(Event), table_of(Content), table_of(FiredRung)
_resolution = table_of(Resolution)
EVENTS = Prepared(
    select(_event.c.verb, _event.c.trigger, _event.c.happened_at, _event.c.facts, _content.c.body)
    .outerjoin(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq))
    .where(_event.c.case_id == bindparam("case_id"))
    .order_by(_event.c.seq)
)
RESOLUTION = Prepared(select(_resolution.c.entitled).where(_resolution.c.id == bindparam("id")))
ACTED = Prepared(
    select(_fired.c.clock, _fired.c.rung, _fired.c.due_at)
    .where(_fired.c.case_id == bindparam("case_id"), _fired.c.outcome.in_(("fired", "on_agenda")), _fired.c.rung != "overdue")
    .order_by(_fired.c.due_at)
)
# What moves a case, or a date of it, otherwise than a step or the passing of days does, and what takes its answers away.
BESIDE_STEPS = frozenset(
    (
        "ask_extension",
        "pause",
        "new_date",
        "ladder_released",
        "recalendar",
        "migrate",
        "merge",
        "void",
        "ended_with_parent",
        "dispose",
    )
)
TITLE = {"zh-Hans": "由实际事项录制", "zh-Hant": "由實際事項錄製", "en": "Recorded from a real case"}


def scenario_of(seen: SeenCase) -> dict[str, Any]:
    """The plain document of the scenario, for whose case it is to supervise: NotPermitted for everybody else.

    Steps and rungs tell of talks, which others who read the case may not yet know of. BadInput for a case whose state or dates
    are not those of its opening and its steps alone: a scenario would not come to the same.
    """
    if not seen.is_whole or not (seen.actor.sees_all or "supervisor" in seen.sight.relations):
        raise NotPermitted(why="relation", trigger="record")
    seen.occasion.tell_shown([seen.id])  # protected or not, that it was taken down is on the trail
    definition = seen.served.definition
    events = without_undone(seen.store.rows(EVENTS, case_id=seen.id))
    if seen.row["import_id"] is not None or any(_is_beside_steps(definition, event) for event in events):
        raise BadInput(why="scenario_beside_steps")
    subject = seen.occasion.tree.organ(seen.row["subject_id"]).kind
    opened = json.loads(events[0]["body"] or "{}").get("answers", {})
    scenario: dict[str, Any] = {"title": dict(TITLE), "on": local_day(events[0]["happened_at"]).isoformat()}
    scenario |= {"until": seen.occasion.today.isoformat(), "subject": subject}
    facts = _told(opening_fields(definition), opened)
    scenario |= {"facts": facts} if facts else {}
    scenario["steps"] = [_step(seen, definition, event) for event in events if event["verb"] == "fire"]
    return scenario | {"expect": _expected(seen)}


def scenario_text(scenario: Mapping[str, Any]) -> str:
    """The scenario as it is written into a definition: YAML, ready to be put in."""
    return yaml.safe_dump({"scenarios": [dict(scenario)]}, allow_unicode=True, sort_keys=False, width=120)


def _is_beside_steps(definition: Definition, event: Row) -> bool:
    """Is it none of what a scenario can say? Of amendments these are the ones of facts that scenarios tell."""
    if event["verb"] == "amend":
        return bool(_told(definition.fields, json.loads(event["body"] or "{}").get("answers", {})))
    return event["verb"] in BESIDE_STEPS


def _step(seen: SeenCase, definition: Definition, event: Row) -> dict[str, Any]:
    answers = json.loads(event["body"] or "{}").get("answers", {})
    asked: list[Field] = []
    for transition in definition.transitions:
        if transition.trigger == event["trigger"]:
            asked += transition.form
            asked += [Field("ground", transition.title, "choice", choices=transition.grounds)] if transition.grounds else []
    step: dict[str, Any] = {"on": local_day(event["happened_at"]).isoformat(), "do": event["trigger"]}
    organs = [answers[one.key] for one in asked if one.type == "organ" and answers.get(one.key)]
    if organs and organs[0] in seen.occasion.tree.organs:
        step["to"] = seen.occasion.tree.organ(organs[0]).kind
    told = _told(asked, answers)
    step |= {"answers": told} if told else {}
    return step | _vote(seen, (event["facts"] or {}).get("decided"))


def _vote(seen: SeenCase, resolution_id: int | None) -> dict[str, Any]:
    """How the body voted on whose decision the step rests: how many, and never who."""
    resolution = seen.store.row(RESOLUTION, id=resolution_id) if resolution_id else None
    if resolution is None:
        return {}
    said = Counter(ballot["choice"] for ballot in seen.store.rows(BALLOTS, resolution_id=resolution_id))
    voted = said.total() - said[RECUSE]
    told = {choice: said[choice] for choice in CHOICES} | {"absent": max(0, (resolution["entitled"] or voted) - voted)}
    return {"vote": {key: count for key, count in told.items() if count}}


def _told(fields: Iterable[Field], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Of the answers, those that a definition may tell."""
    known = {one.key: one for one in fields}
    return {key: value for key, value in answers.items() if key in known and may_be_told(known[key], value)}


def _expected(seen: SeenCase) -> dict[str, Any]:
    newest = {clock["key"]: clock for clock in seen.clocks if clock["status"] != "cancelled"}
    due = {key: clock["due_on"].isoformat() for key, clock in newest.items() if clock["due_on"] is not None}
    rungs = [
        {"clock": row["clock"], "rung": row["rung"], "on": local_day(row["due_at"]).isoformat()}
        for row in seen.store.rows(ACTED, case_id=seen.id)
    ]
    return {"state": seen.row["state"], "due": due, "rungs": rungs}
