"""Facts that a transition writes, and the letters it makes due."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workflow.types import Change, IssueLetter, SetField, Wish


def set_field(change: Change, *, field: str, value: Any) -> Iterable[Wish]:
    """Sets a fact of the case."""
    yield SetField(field, value)


def raise_choice(change: Change, *, field: str, toward: str = "last") -> Iterable[Wish]:
    """The fact goes up by one: to the next of its choices toward the "last" or the "first". Unset, it counts as the lowest."""
    known = change.case.definition.field_by_key.get(field)
    keys = [choice.key for choice in known.choices] if known else []
    rising = keys if toward == "last" else keys[::-1]
    if rising:
        told = change.case.data.get(field)
        place = rising.index(told) if told in rising else 0
        yield SetField(field, rising[min(place + 1, len(rising) - 1)])


def issue_letter(change: Change, *, letter: str) -> Iterable[Wish]:
    """A letter is due; its text is made when somebody opens it."""
    yield IssueLetter(letter)
