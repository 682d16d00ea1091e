"""Channels carry messages out of the house: by mail, or to another program. Neither says more than number, count and date.

Notices inside the program need no channel; the outbox writes them itself, in the transaction that marks them as sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

# (message key, parameters, language) -> the sentence. Every parameter that a template asks for has an answer.
Render = Callable[[str, Mapping[str, Any], str], str]

# What may leave the house (security.md R39): no names, no reasons, no titles.
TOLD_OUTSIDE = (
    "no",
    "number",
    "count",
    "date",
    "due_on",
    "original_due_on",
    "closed_on",
    "answer_by",
    "again_by",
    "last_on",
    "weekday",
    "days",
    "workdays",
    "times",
    "threshold",
)
WITHHELD = "…"


class Message(Protocol):
    """What a channel may look at of a message; the outbox's own message is one."""

    @property
    def key(self) -> str:
        """The same when the message is sent again."""
        ...

    @property
    def person_id(self) -> int | None:
        """Whom it is for."""
        ...

    @property
    def email(self) -> str:
        """The person's address, or ""."""
        ...

    @property
    def language(self) -> str:
        """zh-Hans, zh-Hant or en."""
        ...

    @property
    def message(self) -> str:
        """The key of the words."""
        ...

    @property
    def words(self) -> tuple[str, ...]:
        """The key of each line's words; empty where all have that of the message."""
        ...

    @property
    def lines(self) -> tuple[Mapping[str, Any], ...]:
        """The parameters of each line."""
        ...


class Outside(dict[str, Any]):
    """The parameters that may be said outside; any other one that a template asks for reads “…”."""

    def __init__(self, line: Mapping[str, Any]) -> None:
        told = {key: line[key] for key in TOLD_OUTSIDE if line.get(key) is not None}
        # Lines carry the case's number as `no`; templates of messages call it `number`.
        if "no" in told:
            told.setdefault("number", told["no"])
        if "date" in told:
            told.setdefault("due_on", told["date"])
        super().__init__(told)

    def __missing__(self, key: str) -> str:
        return WITHHELD
