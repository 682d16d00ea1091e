"""ask_extension, decide_extension: a later date, asked for before the limit ends and decided by somebody else.

Once, at most half of the original limit and never more than three months, unless the clock's rule says otherwise
(practice.md §6.7). Red waits for the decision for two working days at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from states.definition import ExtensionRule, Field, Text
from states.errors import InvalidForm, NotFound, NotPermitted, TransitionRefused, gathering
from states.forms import faults_of_length
from states.questions import read_answers, told_with
from workflow import deadlines
from workflow.answers import lookup_of, split_answers
from workflow.barring import barring_of
from workflow.casefile import CaseFile
from workflow.dates import due_on, local_time
from workflow.desk import Desk, bump
from workflow.extensions import UNDECIDED, advisers, decide_by
from workflow.files import Received
from workflow.models import Event, Request
from workflow.notices import notify, still_concerned
from workflow.recording import write_skipped
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.types import Notify, Outcome
from workflow.verbs.evidence import add_evidence, labels_on, take_in
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import LEADING_ROLES, WORKING_ROLES, open_file, require_post

# The question that every request for a later date answers, whatever its clock asks beside it.
WANTED_ON = Field("wanted_on", Text("延到哪一天", "延到哪一天", "Until"), "date", required=True)

# Beside whoever asked: the desk that does the work, and the head who answers for the date.
DATED = ("handler@holder", "head@holder")

_request, _event = table_of(Request), table_of(Event)
GIVEN = Prepared(
    select(_event.c.seq)
    .where(
        _event.c.case_id == bindparam("case_id"),
        _event.c.trigger == bindparam("trigger"),
        _event.c.recorded_at >= bindparam("since", type_=_event.c.recorded_at.type),
    )
    .limit(1)
)


def ask_extension(
    desk: Desk,
    case_id: int,
    *,
    clock: str,
    wanted_on: date | str | None,
    reason: str,
    data: Mapping[str, Any],
    proof: Received | None = None,
    faults: Mapping[str, list[Any]] | None = None,
) -> Outcome:
    """Asks for `wanted_on`; refused after the limit, beyond the cap, or when asked before as often as the rule allows.

    `data` answers the form of the clock's rule. `proof` is a file that has come with the request; it becomes evidence under
    the label that the rule asks for, which a file that is on the case already serves as well. `wanted_on` may be text as a form
    has it, and `faults` are what the page could not read: whatever is wrong is said at once, InvalidForm.
    """
    file = open_file(desk, case_id)
    post = require_post(desk, file, ("holder", "subject", "interviewer"))
    row, rule = _clock_and_rule(file, clock)
    _require_in_time(desk, row, rule)
    if desk.store.row(UNDECIDED, case_id=file.id, clock=clock):
        raise TransitionRefused(why=[{"name": "already_asked"}])
    told = {**data, "wanted_on": wanted_on}
    answers, day = _read_request(desk, file, row, rule, reason, told, proof, dict(faults or {}))
    waits = due_on(desk.occasion.calendar, row["due_on"], rule.wait_workdays, "workday").on
    row["waits_until"] = local_time(waits)
    deadlines.rearm(file, row, desk.occasion)
    bump(file)
    extra = {"clock": clock, "wanted_on": day}
    content = {"reason": reason, **split_answers(file.served.definition, answers)}
    desk.happened(file, "ask_extension", post=post, extra=extra, content=content)
    asked = {"case_id": file.id, "kind": "extension", "clock": clock, "asked_by": desk.actor.person_id}
    asked |= {"asked_organ_id": post.organ_id if post else file.row["holder_id"], "asked_at": desk.occasion.now}
    desk.context.add(Request, {**asked, "wanted_on": day, "reason": reason})
    to = ("head@supervisor", *(f"head@above_subject:{kind}" for kind in _advisers(desk, file, rule)))
    by = decide_by(desk.occasion.calendar, rule, desk.occasion.now)
    notify(desk, file, Notify(to, "extension_asked", {"due_on": by}), f"extension:{file.row['seq']}")
    return outcome_of(file)


def _advisers(desk: Desk, file: CaseFile, rule: ExtensionRule) -> list[str]:
    return advisers(desk.occasion.tree, file.served.definition, rule, file.row["holder_id"], file.row["subject_id"])


def _require_opinion(desk: Desk, file: CaseFile, rule: ExtensionRule, asked_at: datetime) -> None:
    if _advisers(desk, file, rule):
        given = desk.store.row(GIVEN, case_id=file.id, trigger=rule.opinion, since=asked_at)
        if given is None:
            raise TransitionRefused(why=[{"name": "fired_at_least", "params": {"trigger": rule.opinion, "times": 1}}])


def _clock_and_rule(file: CaseFile, key: str) -> tuple[Row, ExtensionRule]:
    row = file.find_live(key)
    if row is None or row["due_on"] is None:
        raise NotFound(what="clock", id=key)
    rule = file.rule_of(row).extension
    if rule is None:
        raise TransitionRefused(why=[{"name": "no_extension"}])
    return row, rule


def list_movable(desk: Desk, file: CaseFile) -> Iterator[tuple[str, date]]:
    """Every live clock whose date may still be moved, with the last day that may be asked for."""
    for row in file.live_clocks():
        rule = file.rule_of(row).extension
        if rule is not None and row["due_on"] is not None and not _stands_against(desk, row, rule):
            yield row["key"], latest_date(desk, row, rule)


def _require_in_time(desk: Desk, row: Row, rule: ExtensionRule) -> None:
    if why := _stands_against(desk, row, rule):
        raise TransitionRefused(why=[why])


def _stands_against(desk: Desk, row: Row, rule: ExtensionRule) -> dict[str, Any]:
    if desk.occasion.today > row["due_on"]:
        return {"name": "asked_too_late", "due_on": row["due_on"].isoformat()}
    return {"name": "extended_before", "times": rule.times} if row["extended"] >= rule.times else {}


def latest_date(desk: Desk, row: Row, rule: ExtensionRule) -> date:
    """The last day that may be asked for: a share of the original limit, and never more than so many months."""
    limit_days = (row["original_due_on"] - row["started_on"]).days
    by_share: date = row["due_on"] + timedelta(limit_days // rule.share)
    by_months = due_on(desk.occasion.calendar, row["due_on"], rule.max_months, "month", roll=False).on
    return min(by_share, by_months)


def _read_request(
    desk: Desk,
    file: CaseFile,
    row: Row,
    rule: ExtensionRule,
    reason: str,
    told: Mapping[str, Any],
    proof: Received | None,
    found: dict[str, list[Any]],
) -> tuple[dict[str, Any], date]:
    """The answers and the day that is wanted, with its proof kept; InvalidForm with all that is wrong, also what is `found`."""
    lookup = lookup_of(desk, file, barring_of(desk.store, file.row, desk.occasion))
    answers, faults = read_answers((WANTED_ON, *rule.form), told, today=desk.occasion.today, lookup=lookup)
    day: date | None = answers.pop("wanted_on", None)
    if day is not None and day <= row["due_on"]:
        faults["wanted_on"] = [told_with("not_later", row["due_on"])]
    elif day is not None and day > (latest := latest_date(desk, row, rule)):
        faults["wanted_on"] = [told_with("beyond_cap", latest)]
    faults |= {"reason": ["required"]} if not reason.strip() else faults_of_length({"reason": reason})
    found.update(faults)
    with gathering(found):
        _keep_proof(desk, file, rule, answers, proof)
    if found or day is None:
        raise InvalidForm(fields=found)
    return answers, day


def _keep_proof(desk: Desk, file: CaseFile, rule: ExtensionRule, answers: Mapping[str, Any], proof: Received | None) -> None:
    label = rule.proof.label if rule.proof else ""
    if proof is not None:
        add_evidence(desk, file.id, file_id=take_in(desk, proof), label=label, asked="proof")
    elif rule.proof and deadlines.fits(rule.proof.when, answers) and label not in labels_on(desk, file):
        raise InvalidForm(fields={"proof": ["needs_proof"]})


def decide_extension(desk: Desk, case_id: int, *, clock: str, granted: bool, reason: str) -> Outcome:
    """Grants (the date moves, in history) or refuses (the date stays, red no longer waits).

    What a village asked is granted only after the organ above it has said what it thinks, where the rule asks for that.
    Whoever refuses says why, or InvalidForm.
    """
    file = open_file(desk, case_id)
    post = require_post(desk, file, ("supervisor",), WORKING_ROLES if not granted else LEADING_ROLES)
    asked = desk.store.row(UNDECIDED, case_id=file.id, clock=clock)
    if asked is None:
        raise NotFound(what="request", id=clock)
    if asked["asked_by"] == desk.actor.person_id:
        raise NotPermitted(why="separation_asked")
    if not granted and not reason.strip():
        raise InvalidForm(fields={"reason": ["refused_unsaid"]})
    row, rule = _clock_and_rule(file, clock)
    if granted:
        _require_opinion(desk, file, rule, asked["asked_at"])
    row["waits_until"] = None
    skipped: deadlines.Skipped = []
    if granted:
        row["extended"] += 1
        skipped = deadlines.move(file, row, asked["wanted_on"], {"kind": "extension"}, desk.occasion)
    else:
        deadlines.rearm(file, row, desk.occasion)
    bump(file)
    extra = {"clock": clock, "granted": granted, "due_on": row["due_on"]}
    desk.happened(file, "decide_extension", post=post, extra=extra, content={"reason": reason})
    write_skipped(desk, file, skipped)
    decision = {
        "decided_by": desk.actor.person_id,
        "decided_at": desk.occasion.now,
        "granted": granted,
        "decision": reason,
    }
    desk.store.update(Request, decision, id=asked["id"])
    message = "extension_granted" if granted else "extension_refused"
    above = (f"{role}@above_subject:{kind}" for kind in _advisers(desk, file, rule) for role in ("handler", "head"))
    wish = Notify((*DATED, *above), message, {"original_due_on": row["original_due_on"], "reason": ""})
    notify(desk, file, wish, f"decide:{file.row['seq']}", also=still_concerned(desk, file, asked["asked_by"]))
    return outcome_of(file)
