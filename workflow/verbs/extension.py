"""ask_extension, decide_extension: a later date, asked for before the limit ends and decided by somebody else.

Once, at most half of the original limit and never more than three months, unless the clock's rule says otherwise
(practice.md §6.7). Red waits for the decision for two working days at most.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import bindparam, select

from states.definition import ExtensionRule
from states.errors import InvalidForm, NotFound, NotPermitted, TransitionRefused
from workflow import deadlines
from workflow.casefile import CaseFile
from workflow.dates import due_on, local_time
from workflow.desk import Desk, bump
from workflow.models import Request
from workflow.notices import notify
from workflow.recording import write_skipped
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.types import Notify, Outcome
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import LEADING_ROLES, WORKING_ROLES, open_file, require_post

_request = table_of(Request)
UNDECIDED = Prepared(
    select(_request).where(
        _request.c.case_id == bindparam("case_id"),
        _request.c.clock == bindparam("clock"),
        _request.c.kind == "extension",
        _request.c.decided_at.is_(None),
    )
)


def ask_extension(desk: Desk, case_id: int, *, clock: str, wanted_on: date, reason: str) -> Outcome:
    """Asks for `wanted_on`; refused after the limit, beyond the cap, or when asked before as often as the rule allows."""
    file = open_file(desk, case_id)
    post = require_post(desk, file, ("holder", "subject", "interviewer"))
    row, rule = _clock_and_rule(file, clock)
    _require_in_time(desk, row, rule)
    _require_in_cap(desk, row, rule, wanted_on)
    if not reason.strip():
        raise InvalidForm(fields={"reason": ["required"]})
    if desk.store.row(UNDECIDED, case_id=file.id, clock=clock):
        raise TransitionRefused(why=[{"name": "already_asked"}])
    waits = due_on(desk.occasion.calendar, row["due_on"], rule.wait_workdays, "workday").on
    row["waits_until"] = local_time(waits)
    deadlines.rearm(file, row, desk.occasion)
    bump(file)
    extra = {"clock": clock, "wanted_on": wanted_on}
    desk.happened(file, "ask_extension", post=post, extra=extra, content={"reason": reason})
    asked = {"case_id": file.id, "kind": "extension", "clock": clock, "asked_by": desk.actor.person_id}
    asked |= {
        "asked_organ_id": post.organ_id if post else file.row["holder_id"],
        "asked_at": desk.occasion.now,
    }
    desk.context.add(Request, {**asked, "wanted_on": wanted_on, "reason": reason})
    notify(desk, file, Notify(("head@supervisor",), "proposal_waiting"), f"extension:{file.row['seq']}")
    return outcome_of(file)


def _clock_and_rule(file: CaseFile, key: str) -> tuple[Row, ExtensionRule]:
    row = file.find_live(key)
    if row is None or row["due_on"] is None:
        raise NotFound(what="clock", id=key)
    rule = file.rule_of(row).extension
    if rule is None:
        raise TransitionRefused(why=[{"name": "no_extension"}])
    return row, rule


def _require_in_time(desk: Desk, row: Row, rule: ExtensionRule) -> None:
    if desk.occasion.today > row["due_on"]:
        raise TransitionRefused(why=[{"name": "asked_too_late", "due_on": row["due_on"].isoformat()}])
    if row["extended"] >= rule.times:
        raise TransitionRefused(why=[{"name": "extended_before", "times": rule.times}])


def latest_date(desk: Desk, row: Row, rule: ExtensionRule) -> date:
    """The last day that may be asked for: a share of the original limit, and never more than so many months."""
    limit_days = (row["original_due_on"] - row["started_on"]).days
    by_share: date = row["due_on"] + timedelta(limit_days // rule.share)
    by_months = due_on(desk.occasion.calendar, row["due_on"], rule.max_months, "month", roll=False).on
    return min(by_share, by_months)


def _require_in_cap(desk: Desk, row: Row, rule: ExtensionRule, wanted_on: date) -> None:
    if wanted_on <= row["due_on"]:
        raise InvalidForm(fields={"wanted_on": ["not_later"]})
    if wanted_on > latest_date(desk, row, rule):
        raise InvalidForm(fields={"wanted_on": ["beyond_cap"]})


def decide_extension(desk: Desk, case_id: int, *, clock: str, granted: bool, reason: str) -> Outcome:
    """Grants (the date moves, in history) or refuses (the date stays, red no longer waits)."""
    file = open_file(desk, case_id)
    post = require_post(desk, file, ("supervisor",), WORKING_ROLES if not granted else LEADING_ROLES)
    asked = desk.store.row(UNDECIDED, case_id=file.id, clock=clock)
    if asked is None:
        raise NotFound(what="request", id=clock)
    if asked["asked_by"] == desk.actor.person_id:
        raise NotPermitted(why="separation_asked")
    row, _rule = _clock_and_rule(file, clock)
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
    wish = Notify(("handler@holder",), message, {"original_due_on": row["original_due_on"], "reason": ""})
    notify(desk, file, wish, f"decide:{file.row['seq']}")
    return outcome_of(file)
