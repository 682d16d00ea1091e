"""Words for numbers that leave the circle of those who may open what they count (workflow/reads/small.py)."""

from __future__ import annotations

from flask_babel import gettext

from web import formatting
from web.current import office
from workflow.reads.small import Parts, told, told_parts

NOT_TOLD = "—"


def few(n: int) -> str:
    """1,204, or 少于5 for a small one."""
    k = office().settings.small_counts
    return formatting.number(n) if told(n, k) is not None else str(gettext("少于%(n)s", n=k))


def few_of(n: int, whole: int) -> str:
    """The same for a part of a whole that is told; a stroke where the rest of it would be small."""
    return few(n) if told(whole - n, office().settings.small_counts) is not None else NOT_TOLD


def parts_of(counts: list[int]) -> Parts:
    """The parts of a whole as they may be told here."""
    return told_parts(counts, office().settings.small_counts)


def whole_of(parts: Parts) -> str:
    """What may be said of a whole whose parts are told beside it: 17, 12—18, or 少于5."""
    if parts.least == parts.most:
        return formatting.number(parts.most)
    if parts.most < office().settings.small_counts:
        return few(parts.most)
    return f"{formatting.number(parts.least)}—{formatting.number(parts.most)}"
