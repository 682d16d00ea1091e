"""Who talks to whom: it follows from who is late, not from where the problem lies (practice.md §1, §9.2, §9.3).

A talk about rectification and a talk about clues never share their two ends, so that one can never join the other: a
clue that a township Party committee handles is spoken about by the discipline commission on the leading group's behalf.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflow.types import CaseFacts, Change, DueRung

# Township people whom their Party committee leads; village cadres are not its members.
TOWNSHIP_PEOPLE = frozenset({"township_leader", "village_contact"})
TOWNSHIP_MANAGED = frozenset({"county", "township"})


@dataclass(frozen=True, slots=True)
class Talk:
    """The two ends of an interview, organ ids: the interviewer talks to the head of the interviewee."""

    interviewer_id: int
    interviewee_id: int


def responsible_of(case: CaseFacts) -> int:
    """The organ that answers for the open step: its holder, and the subject while the case lies with its sponsor."""
    holder = case.row["holder_id"]
    return int(case.row["subject_id"] if holder in (None, case.row["supervisor_id"]) else holder)


def find_talk(act: Change | DueRung, late_id: int, tier: int) -> Talk | None:
    """Who talks to whom when the organ is late; None where the tree has no interviewer."""
    late = act.tree.organ(late_id)
    if late.level == "village" and tier == 1:
        committee = act.tree.find_above(late_id, "township_party_committee")
        return Talk(committee.id, late_id) if committee else None
    interviewee_id = _answering_township(act, late_id) if late.level != "county" else late_id
    group = act.tree.find_above(interviewee_id, "leading_group")
    return Talk(group.id, interviewee_id) if group else None


def _answering_township(act: Change | DueRung, late_id: int) -> int:
    """For a village and for a discipline committee their Party committee answers; other township organs themselves."""
    if act.tree.organ(late_id).kind in ("township_party_committee", "township_unit"):
        return late_id
    committee = act.tree.find_above(late_id, "township_party_committee")
    return committee.id if committee else late_id


def find_handler_talk(act: Change | DueRung, body_id: int) -> Talk | None:
    """Who talks to the body that handles a clue.

    None where the tree has no interviewer, for a county organ (it is reported up), and where a person concerned
    belongs to the body or is managed by it.
    """
    body = act.tree.organ(body_id)
    if body.level == "county" or is_concerned(act, body_id):
        return None
    kind = "discipline_commission" if body.kind == "township_party_committee" else "leading_group"
    interviewer = act.tree.find_above(body_id, kind)
    return Talk(interviewer.id, body_id) if interviewer else None


def is_concerned(act: Change | DueRung, organ_id: int) -> bool:
    """Does a person concerned belong to the organ, or is he managed or led by it?"""
    case, organ = act.case, act.tree.organ(organ_id)
    subject = act.tree.organ(case.row["subject_id"])
    if organ_id == subject.id:
        return True
    if organ.kind != "township_party_committee" or organ.area_id not in act.tree.lineage(subject.area_id).values():
        return False
    township_people = TOWNSHIP_PEOPLE & set(case.data.get("identity") or ())
    return subject.level == "township" or bool(township_people) or case.data.get("managed_by") in TOWNSHIP_MANAGED
