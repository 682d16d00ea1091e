"""What has happened to a case, newest first, and the way it has come. A past holder's history ends where he handed it on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, select

from states.definition import Definition, Field, State, Text
from states.forms import APPROVAL, transition_fields
from workflow.dates import local_day
from workflow.minutes import hears_votes
from workflow.models import Content, Event
from workflow.reads.beforehand import since_hand_over
from workflow.reads.clearance import files_above
from workflow.reads.facts import Fact, answers_of
from workflow.reads.names import names_of
from workflow.reads.rows import organ_name
from workflow.reads.seen import CaseRef, SeenCase, refs_of
from workflow.reads.untold import told
from workflow.receipts import how_made
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.versions.plan import KEEP

_event, _content = table_of(Event), table_of(Content)
EVENTS = Prepared(
    select(_event, _content.c.body)
    .outerjoin(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq))
    .where(_event.c.case_id == bindparam("case_id"), _event.c.seq <= bindparam("upto"))
    .order_by(_event.c.seq.desc())
)
EVERYTHING = 2**31 - 1
# What every event's facts say of the case itself; what is beyond is the event's own.
OF_THE_CASE = frozenset(
    (
        *("case", "seq", "verb", "trigger", "from", "to", "actor", "organ", "happened_at", "recorded_at", "definition"),
        *("cycle", "version", "holder", "subject", "ground", "overdue_since", "before", "content", "post", "receipt"),
    )
)
# Parameters that name other cases: shown as links to whoever may see those, else only counted.
CASES_IN = ("opened", "interview", "into", "merged", "other", "cause", "split_from")
PLAIN = ("reason", "text", "approver", "activity", "resource", "name")
# Events that say who may know of the case.
WHO_KNOWS = ("confine", "let_in", "leave_out", "raise_level", "raise_file", "ask_loosening", "decide_loosening", "keep_on")
# Verbs that fire a transition, by a person or out of a process log.
MOVES = ("fire", "replay")
# Events that a page marks in red.
LATENESS = ("overdue", "rung", "organisation_rule")


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One event. `title` is the transition's history line, None for the engine's own verbs; `kind` state, late or other.

    `params` are the event's own facts (clock, rung, due_on …), `said` its plain words by name (reason, text …), `letters` the
    letters it issued, `mentioned` the names of the people whom a remark was for. `from_holder` and `to_holder` stand where the
    case changed hands, `from_on` and `to_on` where a person moved a clock's date or
    asked for another. `is_disposed`: its content no longer exists.
    `others_hidden` counts cases the reader may not see. `receipt` is how the receipt comes about that he may have of it,
    "" where it gives none (`receipts.how_made`).
    """

    seq: int
    verb: str
    trigger: str
    kind: str
    title: Text | None
    from_state: Text | None
    to_state: Text
    from_holder: str
    to_holder: str
    from_on: date | None
    to_on: date | None
    actor_id: int | None
    actor: str
    organ_id: int | None
    organ: str
    happened_at: datetime
    recorded_at: datetime
    cycle: int
    ground: Text | None
    params: Mapping[str, Any]
    answers: tuple[Fact, ...]
    said: Mapping[str, str]
    mentioned: tuple[str, ...]
    letters: tuple[str, ...]
    others: tuple[CaseRef, ...]
    others_hidden: int
    is_disposed: bool
    receipt: str
    # Of a change of version: each clock whose date it changed, with the date before and after.
    dates: tuple[tuple[str, date | None, date | None], ...] = ()
    # And each clock of which it was said why that became of its date: clock, policy, reason.
    policies: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PathStep:
    """A state that the case came to, when, by whom, and until when it stayed there."""

    state: str
    title: Text
    seq: int
    trigger: str
    from_at: datetime
    to_at: datetime | None
    actor: str
    holder_id: int | None
    holder: str
    cycle: int


def events_of(seen: SeenCase) -> list[Row]:
    """The stored events that the reader is told, newest first, with `facts` and `content` read."""
    rows = seen.store.rows(EVENTS, case_id=seen.id, upto=seen.sight.upto_seq or EVERYTHING)
    for row in rows:
        row["facts"] = json.loads(row["facts"])
        row["content"] = json.loads(row["body"]) if row["body"] is not None else None
    above = files_above(seen)
    shown = [row for row in rows if _is_told_of(seen, row) and row["facts"].get("file") not in above]
    return told(seen, since_hand_over(seen, shown))


def _is_told_of(seen: SeenCase, row: Row) -> bool:
    """Who opened what is sealed is for the body that supervises the case, and his own business; so is who may know of it.

    The body that holds it is told of that, too. What each has voted is for the bodies that vote and the one that supervises.
    """
    told_to = {"unseal": ("supervisor",), **dict.fromkeys(WHO_KNOWS, ("supervisor", "holder"))}.get(row["verb"])
    is_his = seen.actor.sees_all or row["actor_id"] == seen.actor.person_id
    if row["verb"] == "vote":
        return is_his or hears_votes(seen.served.definition, seen.sight.relations)
    return told_to is None or is_his or not seen.sight.relations.isdisjoint(told_to)


def timeline_of(seen: SeenCase, events: list[Row]) -> tuple[TimelineEvent, ...]:
    """The events as a page tells them. Two statements for names and links."""
    names = names_of(seen.store, (person for row in events for person in (row["actor_id"], *_mentions(row))))
    named = {row["seq"]: _cases_named(row) for row in events}
    refs = refs_of(seen.store, seen.occasion, seen.actor, set().union(*named.values()) if named else set())
    by_seq = {row["seq"]: row for row in events}
    return tuple(_told(seen, row, names, named[row["seq"]], refs, by_seq) for row in events)


def _mentions(row: Row) -> list[int]:
    return list((row["content"] or {}).get("mentions") or ())


def _cases_named(row: Row) -> set[int]:
    told = {**(row["content"] or {}), **row["facts"]}
    found: set[int] = set()
    for key in CASES_IN:
        value = told.get(key)
        found.update(value if isinstance(value, list) else [value] if isinstance(value, int) else [])
    return found


def _told(
    seen: SeenCase,
    row: Row,
    names: Mapping[int, str],
    named: set[int],
    refs: Mapping[int, CaseRef],
    by_seq: Mapping[int, Row],
) -> TimelineEvent:
    definition = seen.occasion.catalogue.of_version(row["facts"]["definition"]).definition
    content, plain = row["content"] or {}, ("seq", "verb", "trigger", "actor_id", "organ_id", "happened_at", "recorded_at")
    others = tuple(refs[case_id] for case_id in sorted(named) if case_id in refs)
    return TimelineEvent(
        **{name: row[name] for name in plain},
        **_states(seen, definition, row),
        **_hands(seen, row, row["facts"]),
        actor=names.get(row["actor_id"], "") if row["actor_id"] is not None else "",
        organ=_name_then(seen, row["organ_id"], row),
        cycle=row["facts"]["cycle"],
        ground=_ground(definition, row["facts"]["ground"]) if row["from_state"] != row["to_state"] else None,
        params={k: v for k, v in row["facts"].items() if k not in OF_THE_CASE and k not in CASES_IN} | _versions(row, by_seq),
        answers=_answers(seen, definition, row, content.get("answers") or {}),
        said={key: content[key] for key in PLAIN if isinstance(content.get(key), str) and content[key]},
        mentioned=tuple(names[person] for person in _mentions(row) if person in names),
        letters=tuple(content.get("letters") or ()),
        others=others,
        others_hidden=len(named) - len(others),
        is_disposed=row["content"] is None,
        receipt=how_made(row),
        dates=_dates(content) if row["verb"] == "migrate" else (),
        policies=_policies(row["facts"], content) if row["verb"] == "migrate" else (),
    )


def _versions(row: Row, by_seq: Mapping[int, Row]) -> dict[str, Any]:
    """Of an event that takes back a change of version: from which one to which it went back."""
    undone = by_seq.get(row["facts"].get("undone") or 0) if row["verb"] == "undo" else None
    if undone is None or undone["verb"] != "migrate":
        return {}
    return {"left": undone["facts"]["came_to"], "came_to": undone["facts"]["left"]}


def _dates(content: Mapping[str, Any]) -> tuple[tuple[str, date | None, date | None], ...]:
    return tuple((clock, _day(was), _day(now)) for clock, was, now in content.get("dates") or ())


def _policies(facts: Mapping[str, Any], content: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    reasons = content.get("reasons") or {}
    return tuple((clock, facts["clocks"].get(clock, KEEP), reason) for clock, reason in reasons.items())


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _states(seen: SeenCase, definition: Definition, row: Row) -> dict[str, Any]:
    transition = definition.transition_by_edge.get((row["from_state"], row["trigger"])) if row["verb"] in MOVES else None
    came_from = definition.state_by_key.get(row["from_state"]) or _state_of_another(seen, row["from_state"])
    moved = row["from_state"] != row["to_state"]
    kind = "late" if row["verb"] in LATENESS else "state" if moved else "other"
    return {
        "title": transition.done if transition else None,
        "from_state": came_from.title if came_from and moved else None,
        "to_state": definition.state_by_key[row["to_state"]].title,
        "kind": kind,
    }


def _state_of_another(seen: SeenCase, key: str) -> State | None:
    """A state that this version lacks: a case that came under it was in one of another version."""
    others = (served.definition for served in seen.occasion.catalogue.by_id.values() if served.kind == seen.served.kind)
    return next((other.state_by_key[key] for other in others if key in other.state_by_key), None)


def _name_then(seen: SeenCase, organ_id: int | None, row: Row) -> str:
    """What the organ was called on the day of the event: history is told in the names of its days."""
    then = seen.occasion.tree.former_of(organ_id, local_day(row["recorded_at"])) if organ_id is not None else None
    return (then.short_name or then.name) if then else organ_name(seen.occasion.tree, organ_id)


def _hands(seen: SeenCase, row: Row, facts: Mapping[str, Any]) -> dict[str, Any]:
    """From whom to whom the case went, and from which day to which its clock, where they changed."""
    before = facts["before"]
    was, now = before.get("holder"), facts["holder"]
    changed = was is not None and now is not None and was != now
    run = (before.get("clocks") or {}).get(facts.get("clock") or "")
    to_on = facts.get("due_on") or facts.get("wanted_on")
    moved = bool(to_on and run and run[1])
    return {
        "from_holder": _name_then(seen, was, row) if changed else "",
        "to_holder": _name_then(seen, now, row) if changed else "",
        "from_on": date.fromisoformat(run[1]) if run and moved else None,
        "to_on": date.fromisoformat(str(to_on)) if moved else None,
    }


def _ground(definition: Definition, ground: str | None) -> Text | None:
    grounds = {g.key: g.title for transition in definition.transitions for g in transition.grounds}
    return grounds.get(ground, Text(ground)) if ground else None


def _answers(seen: SeenCase, definition: Definition, row: Row, answers: Mapping[str, Any]) -> tuple[Fact, ...]:
    questions = (*_asked(definition, row), *definition.fields)
    secret = frozenset(field.key for field in (*definition.fields, *seen.served.definition.fields) if field.secret)
    # A ground is told by itself, and new dates name cases by id, which the agenda shows to whoever may see them.
    shown = {key: value for key, value in answers.items() if key not in ("ground", "new_dates", "approval")}
    told = answers_of(questions, shown, seen.occasion.tree, secret)
    # Who approved on paper, when and by which; the scan stands with the evidence.
    paper = answers.get("approval") or {}
    asked = [question for question in APPROVAL if question.key != "scan"]
    return told + answers_of(asked, {q.key: paper[q.key] for q in asked if paper.get(q.key)}, seen.occasion.tree, secret)


def _asked(definition: Definition, row: Row) -> tuple[Field, ...]:
    """The questions of the form that the event answers."""
    if row["verb"] == "ask_extension":
        clock = definition.clock_by_key.get(row["facts"]["clock"])
        return clock.extension.form if clock and clock.extension else ()
    transition = definition.transition_by_edge.get((row["from_state"], row["trigger"]))
    return transition_fields(transition) if transition else ()


def undone_of(events: Iterable[Row]) -> set[int]:
    """The `seq` of the events that others among them take back."""
    return {row["facts"]["undone"] for row in events if row["verb"] == "undo"}


def path_of(seen: SeenCase, events: Sequence[Row]) -> tuple[PathStep, ...]:
    """The states in the order they were come to, from the first event; a state may come more than once.

    What was undone is no part of the way, and neither is its undoing.
    """
    gone = undone_of(events)
    told = [row for row in reversed(events) if row["seq"] not in gone and row["verb"] != "undo"]
    moves = [row for row in told if row["from_state"] != row["to_state"] or row["seq"] == 1]
    names = names_of(seen.store, (row["actor_id"] for row in moves))
    ends = [row["happened_at"] for row in moves[1:]] + [None]
    return tuple(_step(seen, row, end, names) for row, end in zip(moves, ends, strict=True))


def _step(seen: SeenCase, row: Row, end: datetime | None, names: Mapping[int, str]) -> PathStep:
    definition = seen.occasion.catalogue.of_version(row["facts"]["definition"]).definition
    holder = row["facts"]["holder"]
    return PathStep(
        state=row["to_state"],
        title=definition.state_by_key[row["to_state"]].title,
        seq=row["seq"],
        trigger=row["trigger"],
        from_at=row["happened_at"],
        to_at=end,
        actor=names.get(row["actor_id"], "") if row["actor_id"] is not None else "",
        holder_id=holder,
        holder=_name_then(seen, holder, row),
        cycle=row["facts"]["cycle"],
    )
