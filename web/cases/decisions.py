"""Votes on a step (集体研究): a member's word, the minutes of a meeting, and what is taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import request

from states.errors import InvalidForm
from web.cases.typed import day, text, upload, who
from web.current import office
from web.language import mark
from web.storable import whole
from workflow.types import Outcome
from workflow.verbs.votes import Word

CHOICES: Mapping[str, str] = {
    "agree": mark("同意"),
    "disagree": mark("不同意"),
    "abstain": mark("弃权"),
    "recuse": mark("回避"),
}
OUTCOMES: Mapping[str, str] = {
    "open": mark("表决中"),
    "carried": mark("已通过，可以办理"),
    "failed": mark("未通过"),
    "stale": mark("事项已有变动，须重新提请"),
    "used": mark("已通过并办理"),
    "withdrawn": mark("已撤回"),
    "void": mark("未成"),
}
# What the name of a member's box on the minutes' form begins with; his id follows.
MEMBER = "member-"


def vote(case_id: int) -> Outcome:
    """A member's own word."""
    return office().engine.vote(case_id, text("trigger"), choice=text("choice"), reason=text("reason"), **who())


def record_votes(case_id: int) -> Outcome:
    """What a meeting has voted; a member without a choice was not there."""
    scan = upload("scan")
    if scan is None:
        raise InvalidForm(fields={"scan": ["required"]})
    words, met_on, minutes = list(_words()), day("met_on"), text("minutes")
    return office().engine.record_votes(
        case_id, text("trigger"), words=words, scan=scan, met_on=met_on, minutes=minutes, **who()
    )


def _words() -> Iterator[Word]:
    for name in request.form:
        member = whole(name.removeprefix(MEMBER)) if name.startswith(MEMBER) else None
        if member is not None and text(name):
            yield Word(member, text(name), text(f"reason-{member}"))


def withdraw_decision(case_id: int) -> Outcome:
    """Whoever asked takes it back."""
    return office().engine.withdraw_decision(case_id, text("trigger"), reason=text("reason"), **who())


VOTING = {"vote": vote, "record_votes": record_votes, "withdraw_decision": withdraw_decision}
