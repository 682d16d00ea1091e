"""Proofs over people: somebody may do it, somebody else approves it, and the post exists."""

from __future__ import annotations

from collections.abc import Iterator

from states.checks.names import ABOVE, POST
from states.checks.walk import list_posts, list_transitions
from states.definition import AccessRule, Definition, Transition, Who
from states.faults import Fault, pointer_of
from states.vocabulary import Vocabulary

MAY = ("exists", "read", "act")


def transition_nobody_may_fire(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Somebody holds the role in an organ whose relation lets him read the case in a state that the transition leaves."""
    for pointer, transition in list_transitions(d):
        if not any(_is_possible(d, who, transition.sources) for who in transition.who):
            yield Fault("transition_nobody_may_fire", f"{pointer}/who", {"trigger": transition.trigger})


def opened_by_nobody(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Somebody may open a case, or it has a parent that opens it."""
    if not d.parents and not any(who.roles and who.relations for who in d.opened_by):
        yield Fault("opened_by_nobody", "/opened_by")


def access_that_adds_nothing(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A rule of access gives something that no other rule of its relation gives already."""
    for index, rule in enumerate(d.access):
        others = (other for place, other in enumerate(d.access) if place != index)
        if any(_covers(d, other, rule) and (rule != other or d.access.index(rule) < index) for other in others):
            place = pointer_of("access", index, *(["in"] if rule.states else []))
            yield Fault("access_that_adds_nothing", place, {"relation": rule.relation})


def _covers(d: Definition, wide: AccessRule, narrow: AccessRule) -> bool:
    """Does the one give as much as the other, to as many organs, in as many states?"""
    if wide.relation != narrow.relation or MAY.index(wide.may) < MAY.index(narrow.may):
        return False
    same_organs = not wide.organs or (bool(narrow.organs) and set(narrow.organs) <= set(wide.organs))
    return same_organs and (not wide.states or set(narrow.states or d.state_by_key) <= set(wide.states))


def _is_possible(d: Definition, who: Who, sources: tuple[str, ...]) -> bool:
    return bool(who.roles) and any(_may_read(d, relation, who.organs, sources) for relation in who.relations)


def _may_read(d: Definition, relation: str, organs: tuple[str, ...], sources: tuple[str, ...]) -> bool:
    rules = [rule for rule in d.access if rule.relation == relation and rule.may != "exists"]
    seen = [rule for rule in rules if not rule.states or set(rule.states) & set(sources)]
    return any(not rule.organs or not organs or set(rule.organs) & set(organs) for rule in seen)


def decision_by_nobody(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Who votes may read the case in a state that the transition leaves."""
    for pointer, transition in list_transitions(d):
        vote = transition.decision
        if vote and not _is_possible(d, Who(vote.roles, (vote.relation,)), transition.sources):
            yield Fault("decision_by_nobody", f"{pointer}/decision/relation", {"trigger": transition.trigger})


def decision_unfit(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """What is voted on lies open to those who vote, and nobody's single word stands beside theirs."""
    secret = {field.key for field in d.fields if field.secret}
    for pointer, transition in list_transitions(d):
        asked = {question.key for question in transition.form}
        if transition.decision and (transition.approval or asked & secret):
            yield Fault("decision_unfit", f"{pointer}/decision", {"trigger": transition.trigger})


def roles_that_do_and_approve(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """An approval is the word of another: not everybody who may fire is himself an approver."""
    for pointer, transition in list_transitions(d):
        if transition.approval and transition.who and all(_approves(transition, who) for who in transition.who):
            yield Fault("roles_that_do_and_approve", f"{pointer}/approval", {"trigger": transition.trigger})


def _approves(transition: Transition, who: Who) -> bool:
    approval = transition.approval
    alone = approval is not None and set(who.roles) <= set(approval.roles) and set(who.relations) <= {approval.relation}
    return alone and not transition.separate


def rung_to_missing_level(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A post stands where an organ of its kind can stand."""
    for pointer, post in list_posts(d):
        parts = POST.fullmatch(post)
        if parts and not _can_stand(d, v, parts["where"], parts["kind"]):
            yield Fault("rung_to_missing_level", pointer, {"post": post})


def _can_stand(d: Definition, v: Vocabulary, where: str, kind: str | None) -> bool:
    level = v.organ_kinds.get(kind or "")
    if where in v.levels:
        return level in (None, where)
    if where in ABOVE:
        return level is None or level != v.levels[-1]  # nothing is under the lowest level
    # Interviewer and interviewee are organs of an interview, or of the one whose agenda an item is on.
    return where not in ("interviewer", "interviewee") or d.interview is not None or d.on_agenda
