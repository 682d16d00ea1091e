"""A case's number as lists show it and people write it (整改4号, 整改[2026]4), for the one that a case bears."""

from __future__ import annotations

import re

from workflow import search
from workflow.definitions import Catalogue

YEAR, ORDINAL = "{year}", "{n}"
BRACKETS = re.compile(r"[〔〕\[\]()【】{}]")


def written_out(text: str, catalogue: Catalogue, year: int) -> str:
    """The number in full where the words are one, of the given year if they name none; all other words as they are."""
    typed = _bare(text)
    for _kind, served in sorted(catalogue.current.items()):
        pattern = served.definition.number
        found = _shape(pattern).fullmatch(typed)
        if found:
            return pattern.format(year=found["year"] or year, n=int(found["n"]))
    return text


def _shape(pattern: str) -> re.Pattern[str]:
    """What is typed for a number of this pattern: brackets, the year and what follows the ordinal may be left out."""
    before, _, rest = pattern.partition(YEAR)
    between, _, after = rest.partition(ORDINAL)
    head, middle, tail = (re.escape(_bare(part)) for part in (before, between, after))
    return re.compile(rf"{head}(?P<year>20\d\d)?{middle}(?P<n>[0-9]{{1,9}})(?:{tail})?")


def _bare(text: str) -> str:
    return BRACKETS.sub("", search.normalise(text))
