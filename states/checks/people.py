"""Proofs over people: somebody may do it, somebody else approves it, and the post exists."""

from __future__ import annotations

from collections.abc import Iterator

from states.checks.names import ABOVE, POST
from states.checks.walk import list_posts, list_transitions
from states.definition import Definition, Transition, Who
from states.faults import Fault
from states.vocabulary import Vocabulary


def transition_nobody_may_fire(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Somebody holds the role in an organ whose relation lets him read the case."""
    for pointer, transition in list_transitions(d):
        if not any(_is_possible(d, who) for who in transition.who):
            yield Fault("transition_nobody_may_fire", f"{pointer}/who", {"trigger": transition.trigger})


def opened_by_nobody(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Somebody may open a case, or it has a parent that opens it."""
    if not d.parents and not any(who.roles and who.relations for who in d.opened_by):
        yield Fault("opened_by_nobody", "/opened_by")


def _is_possible(d: Definition, who: Who) -> bool:
    return bool(who.roles) and any(_may_read(d, relation, who.organs) for relation in who.relations)


def _may_read(d: Definition, relation: str, organs: tuple[str, ...]) -> bool:
    rules = [rule for rule in d.access if rule.relation == relation and rule.may != "exists"]
    return any(not rule.organs or not organs or set(rule.organs) & set(organs) for rule in rules)


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
