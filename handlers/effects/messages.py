"""What a message says: number, count and dates, never the content of a case (practice.md §8.2 item 17, §10.6).

Every message takes exactly the values that `config/vocabulary.yaml` names for it. A reason is the title of the answer
picked from a list, never a text that somebody typed. Days are dates; `weekday` is 1 (Monday) to 7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from states.definition import LANGUAGES, Clock, Limit
from workflow.dates import due_on
from workflow.types import CaseFacts, Change, DueRung, Notify

Act = Change | DueRung

# The values of each message; the same names as in the vocabulary.
VALUES: Mapping[str, tuple[str, ...]] = {
    "to_sign": ("number", "due_on", "weekday"),
    "first_reminder": ("number", "due_on", "days"),
    "second_warning": ("number", "due_on", "days"),
    "overdue": ("number", "due_on", "workdays", "answer_by"),
    "unsigned": ("number", "workdays"),
    "handed_back": ("organ", "number", "reason", "approver", "again_by"),
    "redirected": ("number",),
    "designated": ("number", "organ"),
    "sent_back": ("number", "reason", "due_on"),
    "extension_asked": ("number", "due_on"),
    "extension_granted": ("number", "due_on", "original_due_on"),
    "extension_refused": ("number", "original_due_on", "reason"),
    "extension_undecided": ("number", "due_on"),
    "interview_ordered": ("subject", "count", "due_on", "organ"),
    "interview_notice": ("held_on", "time", "place", "contact_name", "contact_phone"),
    "interview_withdrawn": ("number",),
    "second_interview": ("subject", "due_on", "organ"),
    "closed": ("number", "closed_on"),
    "reopened": ("number", "due_on"),
    "merged": (),
    "reminded": ("number", "times", "due_on"),
    "order_issued": ("number",),
    "check_due": ("number", "due_on"),
    "proposal_waiting": ("number", "due_on"),
    "plan_waiting": ("number",),
    "plan_approved": ("number",),
    "plan_returned": ("number", "due_on"),
    "decision_waiting": ("number",),
    "decision_carried": ("number",),
    "decision_failed": ("number",),
    "approval_asked": ("name", "step", "number"),
    "approval_given": ("number",),
    "approval_refused": ("number",),
    "approval_taken_back": ("number",),
    "ladder_held": ("number",),
    "no_progress": ("number", "last_on"),
    "organisation_rule": ("organ", "rule", "count", "threshold"),
    "new_date": ("number", "due_on", "original_due_on"),
    "mentioned": ("name", "number"),
    "recusal_suggested": ("number",),
    "nobody_handles": ("number",),
    "holder_off": ("number",),
    "secret_opened": ("name", "number"),
    "assigned": ("number", "name", "due_on"),
    "calendar_changed": ("number", "original_due_on", "due_on"),
    "version_changed": ("number", "original_due_on", "due_on"),
    "scheduler_silent": ("last_on", "count"),
    "version_proposed": ("name", "from_on"),
    "version_granted": ("name", "from_on"),
    "version_refused": ("name",),
    "motion_proposed": ("name",),
    "motion_granted": ("name",),
    "motion_refused": ("name",),
    "reorganisation_set_aside": ("name", "from_on"),
    "reorganisation_proposed": ("name",),
    "setting_proposed": ("name",),
    "setting_granted": ("name",),
    "setting_refused": ("name",),
    "setting_dated": ("name", "from_on"),
    "setting_set_aside": ("from_on",),
    "disposal_proposed": ("name", "count"),
    "disposal_granted": ("name", "count"),
    "disposal_refused": ("name", "count"),
}


# What a rung does with a clock that runs for the decision itself; another one proposes something, and no clock runs yet.
PRESSES = ("remind", "warn", "turn_red", "notify_posts", "report_up")

# The order's own pick list of how soon it must be answered, in working days.
ANSWER_WORKDAYS: Mapping[str, int] = {"three": 3, "five": 5, "ten": 10}


def notice(act: Act, to: Iterable[str], message: str, **said: Any) -> Notify:
    """The message to the posts, with the values it names; `said` gives those that only the caller knows."""
    return Notify(tuple(to), message, {name: said.get(name, _value(act, name, message)) for name in VALUES[message]})


def _value(act: Act, name: str, message: str) -> Any:
    found = _BY_MESSAGE.get((message, name)) or _BY_NAME.get(name)
    return found(act) if found else ""


# ---- days and numbers -----------------------------------------------------------------------------------------------


def _number(act: Act) -> str:
    return str(act.case.row["number"])


def _due_on(act: Act) -> date | None:
    due: date | None = act.clock.due_on if isinstance(act, DueRung) else act.case.row["due_on"]
    return due


def _weekday(act: Act) -> int | None:
    due = _due_on(act)
    return due.isoweekday() if due else None


def _days(act: Act) -> int:
    due = _due_on(act)
    return max((due - act.today).days, 0) if due else 0


def _workdays(act: Act) -> int:
    return act.clock.workdays_late if isinstance(act, DueRung) else 0


def _workdays_run(act: Act) -> int:
    """Working days since the clock began: its limit, where that is in working days, and what came after."""
    if not isinstance(act, DueRung):
        return 0
    limit = _limit_of(act.case.definition.clock_by_key[act.clock.key], act.case.data)
    return act.clock.workdays_late + (limit.amount if limit and limit.unit == "workday" else 0)


def _limit_of(clock: Clock, data: Mapping[str, Any]) -> Limit | None:
    """The first row of the limit table that fits the case."""
    rows = (row for row in clock.limits if all(data.get(field) == value for field, value in row.when.items()))
    row = next(rows, None)
    return row.limit if row else None


def _original_due_on(act: Act) -> date | None:
    if isinstance(act, DueRung):
        return act.clock.original_due_on
    return min((item.due_on for item in act.agenda if item.due_on), default=None)


def _new_due_on(act: Act) -> date | None:
    answered = act.answers.get("new_dates") or {} if isinstance(act, Change) else {}
    return max(answered.values(), default=_due_on(act))


def _last_on(act: Act) -> date | None:
    return act.clock.started_on if isinstance(act, DueRung) else None


def _times(act: Act) -> int:
    return act.tally.get(act.transition.trigger, 0) if isinstance(act, Change) else act.occurrence


def _count(act: Act) -> int:
    return sum(not item.is_closed for item in act.agenda)


# ---- organs and people ----------------------------------------------------------------------------------------------


def organ_name(act: Act, organ_id: int | None) -> str:
    """The organ's own short name; "" where there is none."""
    return act.tree.organ(organ_id).short_name if organ_id is not None else ""


def _holder(act: Act) -> str:
    return organ_name(act, act.case.row["holder_id"])


def _holder_before(act: Act) -> str:
    return organ_name(act, act.before["holder_id"] if isinstance(act, Change) else act.case.row["holder_id"])


def _interviewer(act: Act) -> str:
    return organ_name(act, act.case.row["interviewer_id"])


def _interviewee(act: Act) -> str:
    return organ_name(act, act.case.row["interviewee_id"])


def _late(act: Act) -> str:
    return organ_name(act, act.clock.organ_id) if isinstance(act, DueRung) else _holder(act)


def _approver(act: Act) -> str:
    if not isinstance(act, Change):
        return ""
    return str((act.answers.get("approval") or {}).get("approver") or act.actor.name)


# ---- answers and facts ----------------------------------------------------------------------------------------------


def _reason(act: Act) -> str:
    """The title of the reason picked from the form's list."""
    if not isinstance(act, Change):
        return ""
    for question in act.transition.form:
        picked = act.answers.get(question.key)
        if question.type == "choice" and question.key.endswith("reason") and picked:
            return next((choice.title.zh_hans for choice in question.choices if choice.key == picked), "")
    return ""


def _fact(key: str) -> Callable[[Act], Any]:
    def read(act: Act) -> Any:
        answered = act.answers.get(key) if isinstance(act, Change) else None
        return answered if answered is not None else act.case.data.get(key, "")

    return read


def _hold_by(act: Act) -> Any:
    return _fact("hold_by")(act) or _due_on(act)


def _rule_title(act: Act) -> str:
    return act.rung.title.zh_hans if isinstance(act, DueRung) else ""


def _counted(act: Act) -> int:
    return act.count if isinstance(act, DueRung) else 0


def _step(act: Act) -> Mapping[str, str]:
    """What the step is called whose approval is asked for, in each language."""
    rule = act.case.definition.consent
    asked = str(act.case.data.get(rule.step)) if rule else ""
    found = act.case.definition.transition_by_edge.get((str(act.case.row["state"]), asked))
    return {language: found.title.in_(language) for language in LANGUAGES} if found else {}


def _decide_by(act: Act) -> date | str:
    """The day by which the decision itself is due; nothing where no clock runs for it."""
    is_pressed = isinstance(act, DueRung) and act.rung.do in PRESSES
    return (_due_on(act) if is_pressed else None) or ""


def _answer_by(act: Act) -> date | str:
    """The day by which the order that this very rung issues must be answered (practice.md §9.5 D2); else nothing."""
    if not isinstance(act, DueRung) or act.rung.do != "issue_order":
        return ""
    within = ANSWER_WORKDAYS.get(str(act.rung.params.get("answer_within", "five")), 5)
    return due_on(act.calendar, act.today, within, "workday").on


def _threshold(act: Act) -> int:
    """The rule's threshold."""
    key = act.rung.key if isinstance(act, DueRung) else ""
    return next((rule.threshold for rule in act.case.definition.rules if rule.key == key), 0)


def is_secret(case: CaseFacts) -> bool:
    """Does this kind keep secrets? Then nothing of it but number and dates goes anywhere."""
    return any(field.secret for field in case.definition.fields)


_BY_NAME: Mapping[str, Callable[[Act], Any]] = {
    "number": _number,
    "due_on": _due_on,
    "weekday": _weekday,
    "days": _days,
    "workdays": _workdays,
    "original_due_on": _original_due_on,
    "again_by": _due_on,
    "last_on": _last_on,
    "times": _times,
    "count": _count,
    "organ": _holder,
    "subject": _interviewee,
    "approver": _approver,
    "reason": _reason,
    "closed_on": lambda act: act.case.row["closed_on"],
    "held_on": _fact("held_on"),
    "time": _fact("held_time"),
    "place": _fact("place"),
    "contact_name": _fact("contact_name"),
    "contact_phone": _fact("contact_phone"),
    "rule": _rule_title,
    "name": lambda act: act.actor.name if isinstance(act, Change) else "",
    "step": _step,
    "threshold": _threshold,
}
# Where a message means something else by a name.
_BY_MESSAGE: Mapping[tuple[str, str], Callable[[Act], Any]] = {
    ("unsigned", "workdays"): _workdays_run,
    ("handed_back", "organ"): _holder_before,
    ("interview_ordered", "organ"): _interviewer,
    ("interview_ordered", "due_on"): _hold_by,
    ("second_interview", "organ"): _interviewer,
    ("extension_asked", "due_on"): lambda act: act.decide_by if isinstance(act, Change) else None,
    ("organisation_rule", "organ"): _late,
    ("organisation_rule", "count"): _counted,
    ("overdue", "answer_by"): _answer_by,
    ("proposal_waiting", "due_on"): _decide_by,
    ("new_date", "due_on"): _new_due_on,
}
