"""Approvals: the approver presses himself, in his own office, gives what was asked of him here, or is recorded from paper.

A name on paper is that of a person in post whom the rule allows: his role, in an organ of the rule's relation. It is never the
name of whoever records it, nor of anybody who was taken off the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from states.definition import Approval, Transition, Who
from states.errors import InvalidForm, NotPermitted
from states.evidence import APPROVAL_SCAN
from workflow.barring import barring_of
from workflow.casefile import CaseFile
from workflow.cases import parties_of
from workflow.consent import has_consent
from workflow.desk import Desk
from workflow.models import Event, Evidence, Person
from workflow.permissions import find_post, organs_in, standings
from workflow.roster import find_organ
from workflow.statements import Prepared
from workflow.store import table_of
from workflow.types import GrantFact
from workflow.verbs.evidence import find_own, put_on_case
from workflow.verbs.standing import LEADING_ROLES

_event, _evidence, _person = table_of(Event), table_of(Evidence), table_of(Person)
LAST_BY = Prepared(
    select(_event.c.actor_id)
    .where(_event.c.case_id == bindparam("case_id"), _event.c.trigger == bindparam("trigger"))
    .order_by(_event.c.seq.desc())
    .limit(1)
)
SCAN = Prepared(
    select(_evidence.c.file_id).where(
        _evidence.c.case_id == bindparam("case_id"),
        _evidence.c.file_id == bindparam("file_id"),
        _evidence.c.label == APPROVAL_SCAN,
        _evidence.c.undone_seq.is_(None),
    )
)


class Approvers(NamedTuple):
    """Whose word counts: holders of one of `roles` at one of `addresses` (a relation, or `county:KIND`)."""

    roles: tuple[str, ...]
    addresses: tuple[str, ...]

    @classmethod
    def of(cls, approval: Approval) -> Approvers:
        """Those of a transition's approval."""
        return cls(approval.roles, (approval.relation,))


class Approver(NamedTuple):
    """A person in post whose approval may be recorded, with the unit, its short name, and the post in which he gives it."""

    id: int
    login: str
    name: str
    organ: str
    role: str
    title: str = ""


# Pausing and voiding: a leader of the sponsor or, where the sponsor's own leader asks, of the leading group above it.
OF_SPONSOR = Approvers(LEADING_ROLES, ("supervisor", "county:leading_group"))


def approvals_of(
    desk: Desk, file: CaseFile, transition: Transition | None, answers: Mapping[str, Any] | None
) -> frozenset[str]:
    """The triggers whose approval is given: by the approver firing himself, or recorded from paper."""
    if transition is None or transition.approval is None:
        return frozenset()
    on_paper = bool((answers or {}).get("approval"))
    is_given = on_paper or has_consent(desk.store, file, transition, answers) or _is_approver(desk, file, transition.approval)
    return frozenset({transition.trigger}) if is_given else frozenset()


def find_consenter(desk: Desk, file: CaseFile, transition: Transition, answers: Mapping[str, Any]) -> int | None:
    """Who gave the approval here on which the step rests; None where it rests on none."""
    rule = file.served.definition.consent
    if rule is None or not has_consent(desk.store, file, transition, answers):
        return None
    given = desk.store.row(LAST_BY, case_id=file.id, trigger=rule.given_by)
    return int(given["actor_id"]) if given and given["actor_id"] is not None else None


def _is_approver(desk: Desk, file: CaseFile, approval: Approval) -> bool:
    """The role counts only in an organ of the approval's relation: another office's head approves nothing here."""
    found = standings(desk.actor, file.row, parties_of(desk.store, file))
    return find_post([Who(approval.roles, (approval.relation,))], found) is not None


# ---- whose name may stand on paper ----------------------------------------------------------------------------------------


def list_approvers(desk: Desk, file: CaseFile, rule: Approvers) -> tuple[Approver, ...]:
    """Everybody whose approval the actor may record, in the order of their ids."""
    roster, barring = desk.occasion.roster, barring_of(desk.store, file.row, desk.occasion)
    organs = {organ for address in rule.addresses for organ in _organs_at(desk, file, address)}
    held = [
        (person, o, role)
        for o in sorted(organs)
        for role in rule.roles
        for person in roster.holding(role, o, file.row["level"])
    ]
    seats: dict[int, tuple[int, str]] = {}
    for person, organ_id, role in held:
        if person != desk.actor.person_id and not barring.bars(person, roster):
            seats.setdefault(person, (organ_id, role))
    if not seats:
        return ()
    named = select(_person.c.id, _person.c.login, _person.c.name).where(_person.c.id.in_(sorted(seats))).order_by(_person.c.id)
    units = desk.occasion.tree.organs
    return tuple(
        Approver(**row, organ=units[organ_id].short_name or units[organ_id].name, role=role)
        for row in desk.store.select(named)
        for organ_id, role in [seats[row["id"]]]
    )


def _organs_at(desk: Desk, file: CaseFile, address: str) -> Iterable[int]:
    if ":" in address:
        found = find_organ(address, file.row, desk.occasion.tree)
        return () if found is None else (found,)
    return organs_in(address, file.row, parties_of(desk.store, file), desk.occasion.tree)


def find_approver(desk: Desk, file: CaseFile, told: str, rule: Approvers, field: str) -> Approver:
    """The approver that a login or a full name means; InvalidForm, and NotPermitted for whoever names himself."""
    wanted = told.strip()
    known = [one for one in list_approvers(desk, file, rule) if wanted in (one.login, one.name)]
    if not known and wanted in (desk.actor.name, desk.actor.login):
        raise NotPermitted(why="separation_asked")
    if len(known) != 1:
        raise InvalidForm(fields={field: ["several_of_name" if known else "not_approver"]})
    return known[0]


def keep_paper(
    desk: Desk, file: CaseFile, approval: Approval | None, answers: Mapping[str, Any], post: GrantFact | None
) -> int | None:
    """The approval on paper: whose it is, its scan kept as evidence (practice.md §3); None where none is recorded."""
    paper = answers.get("approval")
    if paper is None or approval is None:
        return None
    try:
        approver = find_approver(desk, file, paper["approver"], Approvers.of(approval), "approval/approver")
    except NotPermitted:
        raise InvalidForm(fields={"approval/approver": ["is_recorder"]}) from None
    paper["approver"] = approver.name
    if not desk.store.row(SCAN, case_id=file.id, file_id=paper["scan"]):
        stored = find_own(desk, paper["scan"])
        if stored is None:
            raise InvalidForm(fields={"approval/scan": ["no_such_file"]})
        seq = put_on_case(desk, file, stored, APPROVAL_SCAN, post, asked="approval/scan")
        file.papers.append(seq)
    return approver.id
