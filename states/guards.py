"""The guards: pure functions over `Facts`, their registry GUARDS, and the three ways to join them.

A guard over what is handed in is *not known* (None) until the form is there. So a button may be shown before anybody was
named as recipient, and is refused once the wrong one is.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from states.definition import LANGUAGES, Condition, Text
from states.facts import Child, Facts

GuardFunction = Callable[..., bool]


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard and what it reads: "case" (it decides the button) or "answers" (it waits for the form).

    `tells` says for the sentence of a refusal what only the facts know; `at` says it of the answers that are to be mended:
    an answer's key → the codes of its form.
    """

    function: GuardFunction
    reads: str = "case"
    tells: Callable[..., Mapping[str, Any]] | None = None
    at: Callable[..., Mapping[str, list[str]]] | None = None


@dataclass(frozen=True, slots=True)
class Unmet:
    """A condition that does not hold. `negated`: it holds and must not. `alternatives`: one of these would do (name "any").

    `say` are the definition's own words for it; its `alternatives` are then what they speak of. `told` is what the facts add,
    `at` what is wrong with single answers.
    """

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    negated: bool = False
    alternatives: tuple[Unmet, ...] = ()
    say: Text | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    at: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def leaves(self) -> tuple[Unmet, ...]:
        """The single guards behind it."""
        return tuple(leaf for part in self.alternatives for leaf in part.leaves) if self.alternatives else (self,)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data, for the `why` of a refusal."""
        plain: dict[str, Any] = {"name": self.name, "params": dict(self.params)}
        if self.negated:
            plain["negated"] = True
        if self.alternatives:
            plain["alternatives"] = [unmet.as_dict() for unmet in self.alternatives]
        if self.told:
            plain["told"] = dict(self.told)
        if self.at:
            plain["at"] = dict(self.at)
        if self.say:
            plain["say"] = {language: self.say.in_(language) for language in LANGUAGES}
        return plain


# ---- the guards -----------------------------------------------------------------------------------------------------


def has_evidence(facts: Facts, *, at_least: int = 1, labels: Sequence[str] = (), fresh: bool = False) -> bool:
    """Are there so many files in this cycle, and one with each label? `fresh` counts none from before the last send-back."""
    files = facts.evidence if facts.fresh is None or not fresh else facts.fresh
    return len(files) >= at_least and set(labels) <= set(files)


def why_uncounted(facts: Facts, *, fresh: bool = False, labels: Sequence[str] = (), **_: Any) -> Mapping[str, Any]:
    """Whether the files that there are do not count, because the work was sent back after them, or as what they are."""
    if fresh and facts.fresh is not None:
        return {"sent_back": True}
    return {"unfit": True} if facts.unfit & set(labels) or (facts.unfit and not labels) else {}


def field_filled(facts: Facts, *, field: str) -> bool:
    """Is the fact known? An empty text or list is not; false and 0 are."""
    return facts.data.get(field) not in (None, "", [], {})


def field_is(facts: Facts, *, field: str, value: Any) -> bool:
    """Has the fact this value? A flag nobody has set is false."""
    return _same(facts.data.get(field), value)


def field_in(facts: Facts, *, field: str, values: Sequence[Any]) -> bool:
    """Has the fact one of these values?"""
    return any(_same(facts.data.get(field), value) for value in values)


def fired_at_least(facts: Facts, *, trigger: str, times: int = 1) -> bool:
    """Was the trigger fired so often in this cycle?"""
    return facts.tally.get(trigger, 0) >= times


def fired_at_most(facts: Facts, *, trigger: str, times: int) -> bool:
    """Was the trigger fired no more often than that in this cycle?"""
    return facts.tally.get(trigger, 0) <= times


def has_children(facts: Facts, *, kind: str, at_least: int = 1) -> bool:
    """Were so many cases of the kind opened from this one?"""
    return len(_children(facts, kind)) >= at_least


def children_all(facts: Facts, *, kind: str, states: Sequence[str], data: Mapping[str, Sequence[Any]] | None = None) -> bool:
    """Is every child of the kind in one of `states`, with one of the values named for each fact in `data`? None is every."""
    return all(
        child.state in states and all(child.data.get(key) in values for key, values in (data or {}).items())
        for child in _children(facts, kind)
    )


def count_open(facts: Facts, *, kind: str, states: Sequence[str], **_: Any) -> Mapping[str, int]:
    """How many children of the kind are in none of `states`; 1 where it is their facts that are wanting."""
    return {"open": sum(child.state not in states for child in _children(facts, kind)) or 1}


def is_paused(facts: Facts) -> bool:
    """Is the case paused?"""
    return facts.paused


def is_waiting(facts: Facts, *, request: str) -> bool:
    """Does a request of this kind (extension, pause, approval) wait for a decision?"""
    return request in facts.waiting


def in_cycle_after(facts: Facts, *, cycle: int) -> bool:
    """Was the case reopened so often that its cycle is later than `cycle`?"""
    return facts.cycle > cycle


def closed_within(facts: Facts, *, months: int) -> bool:
    """Was the case closed no more than so many months ago? The last day is the same of its month, or that month's last."""
    if facts.closed_on is None or facts.today is None:
        return True
    years, month = divmod(facts.closed_on.month - 1 + months, 12)
    year, month = facts.closed_on.year + years, month + 1
    last = facts.closed_on.replace(year=year, month=month, day=min(facts.closed_on.day, monthrange(year, month)[1]))
    return facts.today <= last


def date_reached(facts: Facts, *, field: str) -> bool:
    """Has the day come that the fact names? A day that nobody has named stands in no way."""
    named = _day_of(facts, field)
    return named is None or facts.today is None or facts.today >= named


def told_day(facts: Facts, *, field: str) -> Mapping[str, Any]:
    """The day that the fact names."""
    named = _day_of(facts, field)
    return {"from_on": named.isoformat()} if named else {}


def _day_of(facts: Facts, field: str) -> date | None:
    value = facts.data.get(field)
    return date.fromisoformat(value) if isinstance(value, str) and value else value if isinstance(value, date) else None


def approval_given(facts: Facts, *, trigger: str) -> bool:
    """Is the approval of the trigger given?"""
    return trigger in facts.approvals


def decision_stands(facts: Facts, *, trigger: str) -> bool:
    """Has the body voted for just this step?"""
    return trigger in facts.decided


def clock_is_live(facts: Facts, *, clock: str) -> bool:
    """Has the clock begun, and is it not settled yet?"""
    return clock in facts.clocks


def recipient_is(facts: Facts, *, kinds: Sequence[str]) -> bool:
    """Is the organ named as recipient of one of these kinds?"""
    return facts.recipient_kind in kinds


# 依据干部管理权限: whoever manages a person handles a clue about him. Without a word on it, only the county's organs may.
_COUNTY_ONLY = ("discipline_commission", "organisation_department")
_MANAGED_BELOW = ("township", "village", "none", "none_held")


def recipient_may_handle_subjects(facts: Facts) -> bool:
    """May the recipient handle people managed at the level that the fact `managed_by` names? Above the county nobody may."""
    managed_by = facts.data.get("managed_by")
    if managed_by in _MANAGED_BELOW:
        return facts.recipient_kind in _COUNTY_ONLY or facts.recipient_level in ("county", "township")
    return managed_by != "above" and facts.recipient_kind in _COUNTY_ONLY


def of_recipient(code: str) -> Callable[..., Mapping[str, list[str]]]:
    """What is wrong with the recipient: none is named, or this one will not do."""
    return lambda facts, **_: {"recipient": [code if facts.recipient_kind else "required"]}


def min_workdays(facts: Facts, *, field: str, days: int) -> bool:
    """Is the date answered for the fact so many working days ahead, today not counted?

    What is done on a day off counts as done on the next working day: a notice of Sunday is read on Monday (practice.md §9.4
    Y1, §9.1 G1).
    """
    return facts.workdays.get(field, 0) >= days


def too_near(facts: Facts, *, field: str, days: int) -> Mapping[str, list[str]]:
    """The first day that would do."""
    earliest = facts.workday_ahead(days) if facts.workday_ahead else None
    is_answered = (facts.answers or {}).get(field) is not None
    return {field: [f"too_near:{days}:{earliest}" if is_answered and earliest else "required"]}


def agenda_dated(facts: Facts) -> bool:
    """Has every item on the agenda that is not closed a new date among the answers (`new_dates`)?"""
    dated = (facts.answers or {}).get("new_dates") or {}
    return all(item.closed or str(item.case_id) in dated for item in facts.agenda)


def undated(facts: Facts, **_: Any) -> Mapping[str, list[str]]:
    """The items that have no new date yet."""
    dated = (facts.answers or {}).get("new_dates") or {}
    open_ones = [str(item.case_id) for item in facts.agenda if not item.closed]
    return {f"new_dates/{case_id}": ["required"] for case_id in open_ones if case_id not in dated}


def agenda_all_closed(facts: Facts) -> bool:
    """Are there items on the agenda, and all of them closed?"""
    return bool(facts.agenda) and all(item.closed for item in facts.agenda)


def _same(found: Any, wanted: Any) -> bool:
    if wanted is False:
        return found is None or found is False
    return type(found) is type(wanted) and bool(found == wanted)


def _children(facts: Facts, kind: str) -> list[Child]:
    return [child for child in facts.children if child.kind == kind]


GUARDS: Mapping[str, Guard] = {
    "has_evidence": Guard(has_evidence, tells=why_uncounted),
    "field_filled": Guard(field_filled),
    "field_is": Guard(field_is),
    "field_in": Guard(field_in),
    "fired_at_least": Guard(fired_at_least),
    "fired_at_most": Guard(fired_at_most),
    "has_children": Guard(has_children),
    "children_all": Guard(children_all, tells=count_open),
    "is_paused": Guard(is_paused),
    "is_waiting": Guard(is_waiting),
    "in_cycle_after": Guard(in_cycle_after),
    "closed_within": Guard(closed_within),
    "date_reached": Guard(date_reached, tells=told_day),
    "approval_given": Guard(approval_given, reads="answers"),
    "decision_stands": Guard(decision_stands),
    "clock_is_live": Guard(clock_is_live),
    "recipient_is": Guard(recipient_is, reads="answers", at=of_recipient("wrong_kind")),
    "recipient_may_handle_subjects": Guard(recipient_may_handle_subjects, reads="answers", at=of_recipient("may_not_handle")),
    "min_workdays": Guard(min_workdays, reads="answers", at=too_near),
    "agenda_dated": Guard(agenda_dated, reads="answers", at=undated),
    "agenda_all_closed": Guard(agenda_all_closed),
}


# ---- joining them ---------------------------------------------------------------------------------------------------


def holds(condition: Condition, facts: Facts) -> bool:
    """Does the condition hold, as far as is known? What is not known yet does not stand in the way."""
    return _judge(condition, facts) is not False


def unmet(conditions: Iterable[Condition], facts: Facts) -> tuple[Unmet, ...]:
    """Every reason why the conditions, all of them together, do not hold; empty when they do."""
    return tuple(reason for condition in conditions for reason in _said(condition, _reasons(condition, facts, wanted=True)))


def _said(condition: Condition, reasons: tuple[Unmet, ...]) -> tuple[Unmet, ...]:
    """The reasons, or the definition's own words for all of them."""
    if condition.say is None or not reasons:
        return reasons
    return (Unmet(condition.name, condition.params, alternatives=reasons, say=condition.say),)


def _judge(condition: Condition, facts: Facts) -> bool | None:
    """Kleene's logic: None is "not known", and decides nothing that another part decides."""
    if condition.name == "not":
        judged = _judge(condition.parts[0], facts)
        return None if judged is None else not judged
    if condition.name in ("all", "any"):
        return _joined(condition, facts, deciding=condition.name == "any")
    guard = GUARDS[condition.name]
    if guard.reads == "answers" and facts.answers is None:
        return None
    return guard.function(facts, **condition.params)


def _joined(condition: Condition, facts: Facts, *, deciding: bool) -> bool | None:
    joined: bool | None = not deciding
    for part in condition.parts:
        judged = _judge(part, facts)
        if judged is deciding:
            return deciding
        joined = None if judged is None else joined
    return joined


def _reasons(condition: Condition, facts: Facts, *, wanted: bool) -> tuple[Unmet, ...]:
    """Why the condition is not `wanted`: leaves, or one "any" with its alternatives."""
    if _judge(condition, facts) in (wanted, None):
        return ()
    if condition.name == "not":
        return _reasons(condition.parts[0], facts, wanted=not wanted)
    if condition.name in ("all", "any"):
        parts = tuple(reason for part in condition.parts for reason in _reasons(part, facts, wanted=wanted))
        # All parts are needed, or one of them would do; wanting the opposite turns one into the other.
        needs_all = (condition.name == "all") == wanted
        return parts if needs_all or len(parts) == 1 else (Unmet("any", alternatives=parts),)
    guard = GUARDS[condition.name]
    told = guard.tells(facts, **condition.params) if guard.tells else {}
    at = guard.at(facts, **condition.params) if guard.at and wanted else {}
    return (Unmet(condition.name, condition.params, negated=not wanted, told=told, at=at),)
