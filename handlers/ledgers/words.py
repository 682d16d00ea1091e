"""One way to compare words of ledgers: NFKC, no blanks, lower case, simplified script."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from opencc import OpenCC

# Blanks, and what has no width: the marks of our own exports (marks.py) among it.
_BLANKS = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_MARKS = re.compile(r"[\s、,;。.:·\"'“”‘’*※-]+")


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The form in which two spellings of one word are equal; for comparing only, never for storing."""
    plain = _BLANKS.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return str(_simplifier().convert(plain))


def without_brackets(folded: str) -> str:
    """A folded text without what stands in round or square brackets."""
    return _BRACKETS.sub("", folded)


def in_brackets(folded: str) -> list[str]:
    """What stands in the round or square brackets of a folded text, in order."""
    return [found[1:-1] for found in _BRACKETS.findall(folded)]


def bare(folded: str) -> str:
    """A folded text without marks, so that 已整改、待核验 equals 已整改待核验."""
    return _MARKS.sub("", folded)
