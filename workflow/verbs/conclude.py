"""merge, split, void, withdraw: ways out of the ledger that are not close-outs, and never deletions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.definition import Transition
from states.errors import BadInput, InvalidForm, NotPermitted, TransitionRefused
from states.forms import load_approval
from workflow.barring import inherit, keep_close, off_with
from workflow.casefile import CaseFile
from workflow.cases import lock, lock_any, new_file, parties_of, worked_on
from workflow.closing import OPEN_CHILDREN, end, end_children, leave_talks, stop_clocks
from workflow.desk import Desk, bump
from workflow.models import Link
from workflow.permissions import require_may_fire, standings
from workflow.types import GrantFact, Outcome
from workflow.verbs.approvals import OF_SPONSOR, approvals_of, find_approver, keep_paper
from workflow.verbs.open import begin_case, outcome_of
from workflow.verbs.standing import LEADING_ROLES, open_file, require_post


def merge(desk: Desk, case_id: int, *, into_id: int, reason: str, approval: Mapping[str, Any] | None = None) -> Outcome:
    """并案: the minor case closes with ground `merged`; the main one of the same kind goes on and knows it.

    It asks what closing on that ground asks: a reason, who may, separation of duties, and the approval.
    """
    if case_id == into_id:
        raise BadInput(why="same_case")
    for i in sorted((case_id, into_id)):
        lock(desk.store, desk.context, i, desk.occasion, desk.actor)
    file, main = open_file(desk, case_id), open_file(desk, into_id)
    post = require_may_merge(desk, file)
    if is_talk(file):
        raise TransitionRefused(why=[{"name": "talks_are_waived"}])
    if file.served.kind != main.served.kind:
        raise BadInput(why="other_kind")
    if not reason.strip():
        raise InvalidForm(fields={"reason": ["required"]})
    if main.row["holder_id"] in off_with(desk.store, file.row, main, desk.occasion)[1]:
        raise TransitionRefused(why=[{"name": "holder_barred"}])  # What the one says would go to whoever it is about.
    told, approver = _approved(desk, file, approval, post)
    end(desk, file, "merged")
    desk.context.add(Link, {"case_id": file.id, "other_id": main.id, "relation": "merged_into"})
    inherit(desk.store, desk.context, file.row, main, desk.occasion)
    extra = {"into": main.id} | ({"approved_by": approver} if approver else {})
    desk.happened(file, "merge", post=post, extra=extra, content={"reason": reason, **told})
    desk.happened(main, "merged_here", post=post, extra={"merged": file.id})
    end_children(desk, file, "merged")
    leave_talks(desk, file)
    return outcome_of(file)


def require_may_merge(desk: Desk, file: CaseFile) -> GrantFact | None:
    """Whoever may close the case as merged; where its kind says nothing of that, the sponsor's people but not its registrar."""
    transition = merging_of(file)
    if transition is not None:
        found = standings(desk.actor, file.row, parties_of(desk.store, file))
        return require_may_fire(transition, desk.actor, file.row, found, worked_on(desk.store, file, desk.occasion.catalogue))
    post = require_post(desk, file, ("supervisor",))
    if post is not None and file.row["registrar_person_id"] == desk.actor.person_id:
        raise NotPermitted(why="separation_registered")
    return post


def is_talk(file: CaseFile) -> bool:
    """Of the same two bodies there is never a second talk to be merged into; one that is not wanted is waived."""
    return file.served.definition.interview is not None


def merging_of(file: CaseFile) -> Transition | None:
    """The transition that closes the case as merged from where it stands."""
    leaving = file.served.definition.triggers_from[file.state]
    return next((t for t in leaving if "merged" in {ground.key for ground in t.grounds}), None)


def _approved(
    desk: Desk, file: CaseFile, approval: Mapping[str, Any] | None, post: GrantFact | None
) -> tuple[dict[str, Any], int | None]:
    """The approval as the history tells it, and whose it is; refused where one is asked for and none is there."""
    transition = merging_of(file)
    if transition is None or transition.approval is None:
        return {}, None
    answers = {} if approval is None else {"approval": load_approval(approval, today=desk.occasion.today)}
    approver = keep_paper(desk, file, transition.approval, answers, post)
    if transition.trigger not in approvals_of(desk, file, transition, answers):
        raise TransitionRefused(why=[{"name": "approval_given", "params": {"trigger": transition.trigger}}])
    return answers, approver


def split(desk: Desk, case_id: int, *, parts: list[Mapping[str, Any]], reason: str) -> Outcome:
    """分办: each part ({title, subject_id?, data?}) becomes a case of the same kind, linked to this one, which goes on."""
    file = open_file(desk, case_id)
    post = require_post(desk, file, ("supervisor",))
    if not parts:
        raise InvalidForm(fields={"parts": ["required"]})
    opened = tuple(_part(desk, file, part) for part in parts)
    desk.happened(file, "split", post=post, extra={"into": list(opened)}, content={"reason": reason})
    return outcome_of(file, opened)


def _part(desk: Desk, file: CaseFile, part: Mapping[str, Any]) -> int:
    known = {key for key in file.served.definition.field_by_key if key in file.data}
    child = new_file(
        desk.store,
        desk.context,
        file.served,
        desk.occasion,
        title=str(part.get("title", "")),
        subject_id=int(part.get("subject_id") or file.row["subject_id"]),
        supervisor_id=file.row["supervisor_id"],
        registrar_id=file.row["registrar_id"],
        registrar_person_id=desk.actor.person_id,
        data={**{key: file.data[key] for key in known}, **dict(part.get("data") or {})},
    )
    inherit(desk.store, desk.context, file.row, child, desk.occasion)
    keep_close(desk.store, desk.context, file.row, child, desk.occasion)
    begin_case(desk, child, content={"split_from": file.id})
    desk.context.add(Link, {"case_id": child.id, "other_id": file.id, "relation": "split_from"})
    return child.id


def void(desk: Desk, case_id: int, *, reason: str, approver: str) -> Outcome:
    """作废: a wrongly registered case closes with ground `void`. Two people: who asks and, by name, who approved."""
    file = open_file(desk, case_id)
    post = require_post(desk, file, ("supervisor",), LEADING_ROLES)
    if faults := {key: ["required"] for key, said in (("reason", reason), ("approver", approver)) if not said.strip()}:
        raise InvalidForm(fields=faults)
    named = find_approver(desk, file, approver, OF_SPONSOR, "approver")
    end(desk, file, "void")
    told = {"reason": reason, "approver": named.name}
    desk.happened(file, "void", post=post, extra={"approved_by": named.id}, content=told)
    end_children(desk, file, "void")
    leave_talks(desk, file)
    return outcome_of(file)


def withdraw(desk: Desk, case_id: int, *, reason: str) -> Outcome:
    """Takes an imported case off lists, counts and clocks; number and chain stay (semantics.md §8).

    What has been opened under it since, a measure or a supervision order, goes with it.
    """
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    post = require_post(desk, file, ("supervisor",))
    if file.row["import_id"] is None:
        raise BadInput(why="not_imported")
    _take_off(desk, file)
    desk.happened(file, "withdraw", post=post, content={"reason": reason})
    for row in desk.store.rows(OPEN_CHILDREN, parent_id=file.id):
        child = lock_any(desk.store, desk.context, row["id"], desk.occasion)
        _take_off(desk, child)
        desk.happened(child, "ended_with_parent", extra={"parent": file.id}, by_person=False)
    leave_talks(desk, file)
    return outcome_of(file)


def _take_off(desk: Desk, file: CaseFile) -> None:
    stop_clocks(desk, file)
    file.row["withdrawn"], file.row["joinable"] = True, False
    bump(file)
