"""Facts that a transition writes, and the letters it makes due."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workflow.types import Change, IssueLetter, SetField, Wish


def set_field(change: Change, *, field: str, value: Any) -> Iterable[Wish]:
    """Sets a fact of the case."""
    yield SetField(field, value)


def issue_letter(change: Change, *, letter: str) -> Iterable[Wish]:
    """A letter is due; its text is made when somebody opens it."""
    yield IssueLetter(letter)
