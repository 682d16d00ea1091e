"""Approvals of transitions: the approver presses himself, in his own office, or somebody else records his word on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from states.definition import Approval, Transition, Who
from states.errors import InvalidForm
from workflow.casefile import CaseFile
from workflow.cases import parties_of
from workflow.desk import Desk
from workflow.models import Evidence
from workflow.permissions import find_post, standings
from workflow.statements import Prepared
from workflow.store import table_of
from workflow.types import GrantFact
from workflow.verbs.evidence import APPROVAL_SCAN, find_own, put_on_case

_evidence = table_of(Evidence)
SCAN = Prepared(
    select(_evidence.c.file_id).where(
        _evidence.c.case_id == bindparam("case_id"),
        _evidence.c.file_id == bindparam("file_id"),
        _evidence.c.label == APPROVAL_SCAN,
        _evidence.c.undone_seq.is_(None),
    )
)


def approvals_of(
    desk: Desk, file: CaseFile, transition: Transition | None, answers: Mapping[str, Any] | None
) -> frozenset[str]:
    """The triggers whose approval is given: by the approver firing himself, or recorded from paper."""
    if transition is None or transition.approval is None:
        return frozenset()
    on_paper = bool((answers or {}).get("approval"))
    return frozenset({transition.trigger}) if on_paper or _is_approver(desk, file, transition.approval) else frozenset()


def _is_approver(desk: Desk, file: CaseFile, approval: Approval) -> bool:
    """The role counts only in an organ of the approval's relation: another office's head approves nothing here."""
    found = standings(desk.actor, file.row, parties_of(desk.store, file))
    return find_post([Who(approval.roles, (approval.relation,))], found) is not None


def keep_paper(desk: Desk, file: CaseFile, answers: Mapping[str, Any], post: GrantFact | None) -> None:
    """The approval on paper: named by somebody else than its approver, its scan kept as evidence (practice.md §3)."""
    paper = answers.get("approval")
    if paper is None:
        return
    if paper["approver"] == desk.actor.name:
        raise InvalidForm(fields={"approval/approver": ["is_recorder"]})
    if desk.store.row(SCAN, case_id=file.id, file_id=paper["scan"]):
        return
    stored = find_own(desk, paper["scan"])
    if stored is None:
        raise InvalidForm(fields={"approval/scan": ["no_such_file"]})
    seq = put_on_case(desk, file, stored, APPROVAL_SCAN, post)
    file.papers.append(seq)
