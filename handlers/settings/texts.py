"""What every text of a setting must fulfil: three languages, no unknown value, no half brace, no endless line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from states.definition import LANGUAGES
from workflow.configuration.kinds import Fault, fault

NAME = re.compile(r"\{([a-z_]+)\}")


def values_in(text: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(NAME.findall(text))


def faults_of_line(text: Any, where: str, *, most: int, values: Collection[str] = ()) -> Iterator[Fault]:
    """A line of text: there, short, without control marks, and naming only these values."""
    if not isinstance(text, str) or not text.strip():
        yield fault("empty", where=where)
        return
    if len(text) > most:
        yield fault("too_long", where=where, most=most)
    if any(unicodedata.category(mark) in ("Cc", "Cs") for mark in text):
        yield fault("control", where=where)
    yield from faults_of_braces(text, where, values)


def faults_of_braces(text: str, where: str, values: Collection[str]) -> Iterator[Fault]:
    """Braces hold one known name and nothing else: no attribute, no format, no half of a pair."""
    for name in sorted(values_in(text) - frozenset(values)):
        yield fault("value_unknown", where=where, value=name)
    if re.search(r"[{}]", NAME.sub("", text)):
        yield fault("brace", where=where)


def faults_of_parts(told: Any, where: str, *, needs: Collection[str], may: Collection[str] = ()) -> Iterator[Fault]:
    """A mapping with these parts and no other."""
    if not isinstance(told, Mapping):
        yield fault("no_mapping", where=where)
        return
    for part in needs:
        if part not in told:
            yield fault("part_missing", where=where, part=part)
    for part in sorted(str(part) for part in told if part not in needs and part not in may):
        yield fault("part_unknown", where=where, part=part)


def faults_of_title(told: Any, where: str, *, most: int) -> Iterator[Fault]:
    """A title in three languages, without values."""
    shape = list(faults_of_parts(told, where, needs=LANGUAGES))
    yield from shape
    if not shape:
        for language in LANGUAGES:
            yield from faults_of_line(told[language], f"{where}/{language}", most=most)
