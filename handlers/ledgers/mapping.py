"""A mapping says which heading of a ledger fills which field; people look at it, correct it and keep it as
YAML.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import yaml

from handlers.ledgers.headings import field_keys, rank_headings, spill_of
from handlers.ledgers.mapping_text import VERSION, read_mapping
from handlers.ledgers.refusals import LedgerMappingFaulty
from handlers.ledgers.vocabulary import SHIPPED, LedgerWords

_PARTS = ("version", "columns")


@dataclass(frozen=True, slots=True)
class Mapping:
    """Heading, as it stands in the file with two-row heads joined by "/", → field. Other headings are extra
    columns.
    """

    columns: tuple[tuple[str, str], ...]

    def field_of(self, heading: str) -> str:
        """The field that a heading fills, or ""."""
        return dict(self.columns).get(heading, "")

    def place(self, headings: Sequence[str]) -> dict[str, int]:
        """Field → column, from 0, of one sheet; where two columns fill one field, the first in the mapping's
        order.
        """
        columns = {heading: column for column, heading in reversed(list(enumerate(headings)))}
        placed: dict[str, int] = {}
        for heading, field in self.columns:
            if heading in columns:
                placed.setdefault(field, columns[heading])
        return placed

    def doubled(self, headings: Sequence[str]) -> dict[str, list[str]]:
        """Fields that several headings of one sheet fill, with these headings; the first of the mapping's order is used."""
        found: dict[str, list[str]] = {}
        for heading, field in self.columns:
            if heading in headings:
                found.setdefault(field, []).append(heading)
        return {field: same for field, same in found.items() if len(same) > 1}

    def canonical(self) -> str:
        """The one text of this mapping, for digests."""
        return json.dumps(dict(self.columns), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def guess_mapping(tables: Iterable[Sequence[str]], words: LedgerWords = SHIPPED) -> Mapping:
    """The mapping that the words suggest for the headings of each sheet.

    In one sheet a field is filled by one heading only, the first listed for it; another sheet may use
    another heading.
    """
    guessed: dict[str, str] = {}
    for headings in tables:
        for heading, field in _guess_one(headings, words).items():
            guessed.setdefault(heading, field)
    return Mapping(columns=tuple(guessed.items()))


def _guess_one(headings: Sequence[str], words: LedgerWords) -> dict[str, str]:
    taken: dict[str, str] = {}
    spilled: list[tuple[str, str]] = []
    for heading, field in rank_headings(headings, words):
        if field not in taken.values():
            taken[heading] = field
        elif spill_of(field):
            spilled.append((heading, spill_of(field)))
    for heading, field in spilled:
        if field not in taken.values():
            taken[heading] = field
    return {heading: taken[heading] for heading in headings if heading in taken}


def dump_mapping(mapping: Mapping) -> str:
    """The mapping as YAML, heading by heading, for a person to correct."""
    content = {"version": VERSION, "columns": dict(mapping.columns)}
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


def load_mapping(text: str) -> Mapping:
    """The mapping written as YAML or JSON; raises LedgerMappingFaulty with every fault at once."""
    columns = read_mapping(text, _PARTS)["columns"]
    known = "、".join(sorted(field_keys()))
    faults = [
        {"heading": heading, "field": str(field), "known": known, "why": "heading_of_nothing"}
        for heading, field in columns.items()
        if field not in field_keys()
    ]
    if faults:
        raise LedgerMappingFaulty(faults=faults)
    return Mapping(columns=tuple(columns.items()))
