"""The words that ledgers are read by: what ships, or what a county has made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from config.imports import load_ledger_words
from handlers.ledgers.words import bare, fold


@dataclass(frozen=True, eq=False)
class LedgerWords:
    """Headings, status words, answers, and what an empty status says; `data` is as in `config/imports/ledger.yaml`."""

    data: Mapping[str, Any]

    def __reduce__(self) -> Any:
        return LedgerWords, (self.data,)

    @cached_property
    def synonyms(self) -> dict[str, tuple[str, int]]:
        """Folded heading → its field and how far down it stands in that field's list."""
        found: dict[str, tuple[str, int]] = {}
        for field, described in self.data["fields"].items():
            for rank, heading in enumerate([*described["headings"], field]):
                found.setdefault(fold(heading), (field, rank))
        return found

    @cached_property
    def statuses(self) -> dict[str, dict[str, Any]]:
        """Folded status word → what it says."""
        return {bare(fold(word)): entry for entry in self.data["statuses"] for word in entry["words"]}

    @cached_property
    def answers(self) -> Mapping[str, frozenset[str]]:
        """affirmed and denied → the folded words that say so."""
        return {answer: frozenset(map(fold, self.data[answer])) for answer in ("affirmed", "denied")}


SHIPPED = LedgerWords(load_ledger_words())
