"""ask_decision, vote, record_votes, withdraw_decision: a body decides together on a step (集体研究); the step itself is `fire`.

Rule: 检控规则 art. 17 (a disposal is decided after collective study). Whoever dissents says why, and it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from states.definition import Transition
from states.errors import BadInput, Conflict, InvalidForm, NotFound, NotPermitted, TransitionRefused
from states.evidence import APPROVAL_SCAN
from states.forms import load_transition_form
from states.machine import why_not
from workflow import deciding
from workflow.answers import lookup_of
from workflow.barring import barring_of
from workflow.casefile import CaseFile
from workflow.cases import agenda_of
from workflow.desk import Desk
from workflow.models import Ballot, Resolution
from workflow.notices import notify, still_concerned
from workflow.statements import Row
from workflow.text import canonical
from workflow.types import Notify, Outcome
from workflow.verbs.bar import bar
from workflow.verbs.evidence import find_own, put_on_case
from workflow.verbs.fire import facts_of, require_fresh, require_permission, require_transition
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import open_file
from workflow.wishes import Cause, carry_out

REASON_AT_MOST = 2000
MESSAGE = "decision_waiting"
CARRIED, FAILED = "decision_carried", "decision_failed"


class Word(NamedTuple):
    """What one member said at the meeting."""

    person_id: int
    choice: str
    reason: str = ""


def ask_decision(
    desk: Desk, case_id: int, trigger: str, *, data: Mapping[str, Any], expected_version: int | None = None
) -> Outcome:
    """Puts a step with its answers to the vote, by whoever may take it and once nothing but the vote is lacking.

    BadInput no_decision, Conflict decision_asked; else what `fire` refuses with.
    """
    file = open_file(desk, case_id)
    transition = _require_decided(file, trigger)
    post = require_permission(desk, file, transition)
    require_fresh(file, expected_version)
    if desk.actor.person_id is None:
        raise NotPermitted(why="nobody_asks")
    lookup = lookup_of(desk, file, barring_of(desk.store, file.row, desk.occasion))
    answers = load_transition_form(transition, data, today=desk.occasion.today, lookup=lookup)
    agenda = agenda_of(desk.store, file.id) if file.served.definition.interview else ()
    facts = replace(facts_of(desk, file, transition, answers, agenda), decided=frozenset({trigger}))
    if lacking := why_not(transition, facts):
        raise TransitionRefused(trigger=trigger, state=file.state, why=[reason.as_dict() for reason in lacking])
    _end_what_came_to_nothing(desk, file, transition)
    resolution_id = desk.store.new_ids(Resolution, 1)[0]
    row: Row = {"id": resolution_id, "case_id": file.id, "trigger": trigger, "answers": canonical(answers)}
    row |= {"digest": deciding.digest_of(file, transition, answers), "asked_by": desk.actor.person_id}
    desk.store.insert(Resolution, [{**row, "asked_at": desk.occasion.now, "outcome": "", "minutes": ""}])
    told = {"decides": trigger, "resolution": resolution_id, "about": row["digest"]}
    desk.happened(file, "ask_decision", post=post, extra=told, content={"asked": answers})
    rule = transition.decision
    assert rule is not None, "it was looked at"
    posts = tuple(f"{role}@{rule.relation}" for role in rule.roles)
    carry_out(desk, file, [Notify(posts, MESSAGE)], Cause(key=f"{MESSAGE}:{resolution_id}"))
    return outcome_of(file)


def _require_decided(file: CaseFile, trigger: str) -> Transition:
    transition = require_transition(file, trigger)
    if transition.decision is None:
        raise BadInput(why="no_decision", trigger=trigger)
    return transition


def _end_what_came_to_nothing(desk: Desk, file: CaseFile, transition: Transition) -> None:
    found = deciding.find_open(desk.store, file.id, transition.trigger)
    if found is None:
        return
    if deciding.is_current(file, transition, found) and not deciding.tally(desk, file, transition, found).failed:
        raise Conflict(why="decision_asked")
    desk.store.update(Resolution, {"ended_at": desk.occasion.now, "outcome": deciding.VOID}, id=found["id"])


def vote(desk: Desk, case_id: int, trigger: str, *, choice: str, reason: str = "") -> Outcome:
    """A member's word, once. Who recuses himself is taken off the case, as by `bar`.

    NotPermitted not_member or the rule that recuses him; Conflict voted, decision_stale; InvalidForm reason.
    """
    file = open_file(desk, case_id)
    transition = _require_decided(file, trigger)
    found = _require_open(desk, file, transition)
    word = Word(desk.actor.person_id or 0, choice, reason)
    _require_entitled(deciding.tally(desk, file, transition, found), word.person_id)
    _require_plain(word)
    _cast(desk, file, found, word, recorded_by=None)
    _tell_result(desk, file, transition, found)
    if choice == deciding.RECUSE:
        return bar(desk, case_id, reason=reason, person_id=word.person_id)
    return outcome_of(file)


def record_votes(
    desk: Desk, case_id: int, trigger: str, *, words: Iterable[Word], scan: int, met_on: date, minutes: str = ""
) -> Outcome:
    """Writes down what a meeting has voted, from its minutes with their scan; by who may take the step and votes not.

    The day lies within the stay of the case in its state. InvalidForm; NotPermitted and Conflict as for `vote`.
    """
    file = open_file(desk, case_id)
    transition = _require_decided(file, trigger)
    post = require_permission(desk, file, transition)
    found, said = _require_open(desk, file, transition), list(words)
    standing = deciding.tally(desk, file, transition, found)
    if not said:
        raise InvalidForm(fields={"votes": ["required"]})
    if not file.row["state_since"] <= met_on <= desk.occasion.today:
        raise InvalidForm(fields={"met_on": ["out_of_stay"]})
    for word in said:
        if word.person_id == desk.actor.person_id:
            raise InvalidForm(fields={"votes": ["is_recorder"]})
        _require_entitled(standing, word.person_id)
        _require_plain(word)
    stored = find_own(desk, scan)
    if stored is None:
        raise InvalidForm(fields={"scan": ["no_such_file"]})
    put_on_case(desk, file, stored, APPROVAL_SCAN, post, asked="scan")
    desk.store.update(Resolution, {"scan_id": scan, "met_on": met_on, "minutes": minutes.strip()}, id=found["id"])
    for word in said:
        _cast(desk, file, found, word, recorded_by=desk.actor.person_id)
    _tell_result(desk, file, transition, found)
    return outcome_of(file)


def withdraw_decision(desk: Desk, case_id: int, trigger: str, *, reason: str) -> Outcome:
    """Whoever asked takes it back; what was said until then is kept. NotPermitted not_your_proposal."""
    file = open_file(desk, case_id)
    found = deciding.find_open(desk.store, file.id, trigger)
    if found is None:
        raise NotFound(what="decision", id=trigger)
    if found["asked_by"] != desk.actor.person_id:
        raise NotPermitted(why="not_your_proposal")
    if not reason.strip():
        raise InvalidForm(fields={"reason": ["required"]})
    desk.store.update(Resolution, {"ended_at": desk.occasion.now, "outcome": deciding.WITHDRAWN}, id=found["id"])
    told = {"decides": trigger, "resolution": found["id"]}
    desk.happened(file, "withdraw_decision", extra=told, content={"reason": reason.strip()})
    return outcome_of(file)


def _require_open(desk: Desk, file: CaseFile, transition: Transition) -> Row:
    found = deciding.find_open(desk.store, file.id, transition.trigger)
    if found is None:
        raise NotFound(what="decision", id=transition.trigger)
    if not deciding.is_current(file, transition, found):
        raise Conflict(why="decision_stale")
    return found


def _require_entitled(standing: deciding.Tally, person_id: int) -> None:
    if person_id not in standing.members:
        raise NotPermitted(why="not_member")
    if person_id in standing.cast:
        raise Conflict(why="voted")
    if person_id in standing.recused:
        why = standing.recused[person_id]
        raise NotPermitted(why="relation" if why == "barred" else why)


def _require_plain(word: Word) -> None:
    faults = {} if word.choice in deciding.CHOICES else {"choice": ["bad_value"]}
    if word.choice != deciding.AGREE and not word.reason.strip():
        faults["reason"] = ["required"]
    if len(word.reason) > REASON_AT_MOST:
        faults["reason"] = ["too_long"]
    if faults:
        raise InvalidForm(fields=faults)


def _tell_result(desk: Desk, file: CaseFile, transition: Transition, found: Row) -> None:
    """Whoever asked hears it once, when it is carried or cannot be any more; not from what he writes down himself."""
    standing, asker = deciding.tally(desk, file, transition, found), found["asked_by"]
    message = CARRIED if standing.carried else FAILED if standing.failed else ""
    if message and asker != desk.actor.person_id:
        notify(desk, file, Notify((), message), f"{message}:{found['id']}", also=still_concerned(desk, file, asker))


def _cast(desk: Desk, file: CaseFile, found: Row, word: Word, *, recorded_by: int | None) -> None:
    row: Row = {"resolution_id": found["id"], **word._asdict(), "reason": word.reason.strip()}
    desk.store.insert(Ballot, [{**row, "cast_at": desk.occasion.now, "recorded_by": recorded_by}])
    told = {"decides": found["trigger"], "resolution": found["id"], "member": word.person_id}
    content = {"choice": word.choice, "reason": word.reason.strip()}
    desk.happened(file, "vote", extra=told, content=content)
