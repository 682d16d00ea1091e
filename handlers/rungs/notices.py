"""Rungs that tell somebody: reminders, warnings, red, and what goes up to leaders."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.effects.messages import notice
from workflow.types import DueRung, IssueLetter, SetColour, SetField, Wish


def remind(due: DueRung, *, message: str = "first_reminder", letter: str = "") -> Iterable[Wish]:
    """A reminder; with `letter` also on paper."""
    yield from _tell(due, message, letter)


def warn(due: DueRung, *, message: str = "second_warning", letter: str = "") -> Iterable[Wish]:
    """The last warning before the limit."""
    yield from _tell(due, message, letter)


def turn_red(due: DueRung, *, message: str = "overdue", letter: str = "") -> Iterable[Wish]:
    """The case is late: it turns red where the rung names no other colour, and the posts hear of it."""
    if not due.rung.colour:
        yield SetColour("red")
    yield from _tell(due, message, letter)


def notify_posts(due: DueRung, *, message: str = "overdue", per: str = "organ") -> Iterable[Wish]:
    """Tells the posts. `per` says to a rule what it counts over: an organ or one case."""
    yield from _tell(due, message)


def report_up(due: DueRung, *, message: str = "overdue", per: str = "organ") -> Iterable[Wish]:
    """Lays the matter before the leaders named in the rung."""
    yield from _tell(due, message)


def raise_level(due: DueRung, *, level: str = "listed", message: str = "overdue") -> Iterable[Wish]:
    """Raises the level of supervision (重点督办, 挂牌督办), where the kind has that fact."""
    if "supervision_level" in due.case.definition.field_by_key:
        yield SetField("supervision_level", level)
    yield from _tell(due, message)


def draft_circular(due: DueRung, *, letter: str = "circular", message: str = "proposal_waiting") -> Iterable[Wish]:
    """A circular or an accountability proposal lies ready as a draft; a named leader decides (practice.md §9.1 G5)."""
    yield IssueLetter(letter, {"draft": True})
    yield from _tell(due, message)


def _tell(due: DueRung, message: str, letter: str = "") -> Iterable[Wish]:
    if letter:
        yield IssueLetter(letter)
    if due.rung.to:
        yield notice(due, due.rung.to, message)
