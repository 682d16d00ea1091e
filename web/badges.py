"""The clock badge: which of six signs a case bears, and in which words. Shape and words carry it, colour only helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from states.definition import Language
from web import formatting
from workflow.reads.rows import LedgerRow

Sign = Literal["late", "soon", "near", "calm", "paused", "done", "none"]
SOON_DAYS = 10
NEAR_DAYS = 20

_WORDS: dict[str, dict[Language, str]] = {
    "paused": {"zh-Hans": "暂停", "zh-Hant": "暫停", "en": "paused"},
    "ended": {"zh-Hans": "已办结", "zh-Hant": "已辦結", "en": "ended"},
    "none": {"zh-Hans": "无期限", "zh-Hant": "無期限", "en": "no limit"},
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A sign and its words, as the macro `badge` draws them."""

    sign: Sign
    words: str


def clock_badge(
    due_on: date | None,
    *,
    today: date,
    language: Language,
    is_paused: bool = False,
    closed: str = "",
) -> Badge:
    """◆ late, ▲ due within 10 days, ● within 20, ○ later, ‖ paused, ✓ closed (design.md §2); calendar days."""
    if closed:
        return Badge("done", closed)
    if is_paused:
        return Badge("paused", _WORDS["paused"][language])
    if due_on is None:
        return Badge("none", _WORDS["none"][language])
    left = (due_on - today).days
    return Badge(_sign(left), formatting.days_left(left, language=language))


def row_badge(row: LedgerRow, *, today: date, language: Language) -> Badge:
    """The badge of a case on a list: what is closed out says so, what has ended in another way says that it has."""
    words = _WORDS["ended"][language] if row.phrase == row.ended else row.phrase.in_(language)
    closed = words if row.badge == "closed" else ""
    return clock_badge(row.due_on, today=today, language=language, is_paused=row.badge == "paused", closed=closed)


def _sign(left: int) -> Sign:
    if left < 0:
        return "late"
    if left <= SOON_DAYS:
        return "soon"
    return "near" if left <= NEAR_DAYS else "calm"
