"""The interview that is wished for: its title, its subject and its first facts.

Titles name the organ that is talked to and nothing of any item. The subject of a talk is the organ talked to; of a talk
about clues that is the handling body, so that nothing of it ever counts for the village.
"""

from __future__ import annotations

from handlers.effects.interviewers import Talk
from workflow.types import Change, DueRung, JoinInterview

TIERS = {1: "first", 2: "second"}


def proposal(act: Change | DueRung, talk: Talk, tier: int, reason: str) -> JoinInterview:
    """A talk about rectification, of `tier` 1 (township and village) or 2 (county and township)."""
    return JoinInterview(
        kind="interview",
        interviewer_id=talk.interviewer_id,
        interviewee_id=talk.interviewee_id,
        subject_id=talk.interviewee_id,
        tier=tier,
        title=f"关于{act.tree.organ(talk.interviewee_id).short_name}整改工作的约谈",
        data={"tier": TIERS.get(tier, "second"), "reason": reason},
    )


def handler_proposal(act: Change | DueRung, talk: Talk, tier: int) -> JoinInterview:
    """A talk with the body that handles a clue.

    Only the head of that body is asked to come. Whoever orders the talk may add the Party committee's head: a clue that
    concerns one of its own people may join later, and would then be talked about before it.
    """
    return JoinInterview(
        kind="interview",
        interviewer_id=talk.interviewer_id,
        interviewee_id=talk.interviewee_id,
        subject_id=talk.interviewee_id,
        tier=tier,
        title=f"关于{act.tree.organ(talk.interviewee_id).short_name}办理工作的约谈",
        data={"tier": "handler", "reason": "clue_overdue"},
    )
