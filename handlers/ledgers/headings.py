"""Which field a heading means, by the synonyms of the ledger words (practice.md 8.3, item 21), in either script."""

from __future__ import annotations

from collections.abc import Iterable

from config.imports import load_ledger_words
from handlers.ledgers.vocabulary import SHIPPED, LedgerWords
from handlers.ledgers.words import fold, without_brackets

_TRAILING = ":*"  # 责任单位: and 责任单位* are 责任单位


def field_keys() -> frozenset[str]:
    """Every field that a heading may fill."""
    return frozenset(load_ledger_words()["fields"])


def spill_of(field: str) -> str:
    """The field that takes a second column of the same meaning, or ""."""
    return str(load_ledger_words()["fields"][field].get("spill", ""))


def find_field(heading: str, words: LedgerWords = SHIPPED) -> tuple[str, int] | None:
    """The field a heading means and how far down it stands in that field's list; None if it is not known.

    Tried in turn: the whole heading, without its brackets, then the parts of a joined two-row heading from
    the last.
    """
    for part in (heading, *reversed(heading.split("/"))):
        folded = fold(part).strip(_TRAILING)
        for spelling in (folded, without_brackets(folded)):
            if spelling in words.synonyms:
                return words.synonyms[spelling]
    return None


def rank_headings(headings: Iterable[str], words: LedgerWords = SHIPPED) -> list[tuple[str, str]]:
    """(heading, field) for each heading that is known, the most preferred spelling of each field first."""
    known = [(heading, found) for heading in dict.fromkeys(headings) if (found := find_field(heading, words))]
    known.sort(key=lambda pair: pair[1][1])  # stable: equal ranks keep the order of the columns
    return [(heading, field) for heading, (field, _) in known]
