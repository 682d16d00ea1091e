"""The day from which an item's main clock runs, and what that day is taken from (semantics.md 8)."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping as Dictionary

from handlers.ledgers.rows import StartBasis

_DAY = r"(\d{4})[-年./](\d{1,2})[-月./](\d{1,2})日?"
_FEEDBACK = (re.compile(_DAY + r"\s*反馈"), re.compile(r"反馈(?:时间|日期)?[:]?\s*" + _DAY))
_PUBLISHED = (
    re.compile(_DAY + r"\s*(?:发布|公布|公开|成文)"),
    re.compile(r"(?:发布|公布|公开|成文)(?:于)?[:]?\s*" + _DAY),
)
_ADDRESS = (
    re.compile(r"/(20\d\d)[-/](?:\w+_)?(\d{1,2})[-/]?(\d{1,2})(?=[/_-])"),
    re.compile(r"/[a-z]?(20\d\d)(\d\d)(\d\d)(?=[/_])"),
    re.compile(r"/(20\d\d)/[a-z]+_(\d\d)(\d\d)/"),
)


def find_start(
    fields: Dictionary[str, str], dates: Dictionary[str, dt.date], *, is_clue: bool, today: dt.date
) -> tuple[dt.date, StartBasis]:
    """The start and its basis: the feedback day, a clue's transfer, the publication day, else the import
    day.

    Each is taken from its column, else from the note; a publication day also from the address. A day after
    `today` is none of these, because nothing has started then.
    """
    note = unicodedata.normalize("NFKC", fields.get("note", ""))
    address = fields.get("source_address", "")
    candidates: list[tuple[dt.date | None, StartBasis]] = [
        (dates.get("feedback_on") or _search(note, _FEEDBACK), "feedback"),
        (dates.get("transferred_on") if is_clue else None, "transfer"),
        (dates.get("published_on") or _search(note, _PUBLISHED) or _search(address, _ADDRESS), "publication"),
    ]
    for day, basis in candidates:
        if day is not None and day <= today:
            return day, basis
    return today, "import"


def _search(text: str, patterns: tuple[re.Pattern[str], ...]) -> dt.date | None:
    for pattern in patterns:
        found = pattern.search(text)
        if found:
            try:
                return dt.date(*(int(part) for part in found.groups()))
            except ValueError:
                continue
    return None
