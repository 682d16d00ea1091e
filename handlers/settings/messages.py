"""The words of messages: a sentence in three languages, which names values that the message brings along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from config.vocabulary import load_vocabulary
from handlers.effects.messages import VALUES
from handlers.settings.texts import faults_of_line, faults_of_parts, values_in
from states.definition import LANGUAGES
from workflow.configuration.kinds import Fault, Kind, Known, fault

MESSAGE = "message"
# A bell's line, and what a mail to a phone can carry.
LONGEST = 300
WITHOUT = "without"


def shipped() -> dict[str, Any]:
    """The words of each message, without the list of its values, which the program says."""
    told: Mapping[str, Mapping[str, Any]] = load_vocabulary()["messages"]
    return {key: {part: text for part, text in words.items() if part != "params"} for key, words in told.items()}


def check(key: str, data: Any, _known: Known) -> Iterator[Fault]:
    """Every language there, every value one of this message's, the same values in every language."""
    has_variant = WITHOUT in shipped()[key]
    shape = list(faults_of_parts(data, "", needs=(*LANGUAGES, *((WITHOUT,) if has_variant else ()))))
    yield from shape
    if not shape:
        yield from _sentences(data, "", VALUES[key])
    if not shape and has_variant:
        shape = list(faults_of_parts(data[WITHOUT], WITHOUT, needs=LANGUAGES))
        yield from shape
        yield from () if shape else _sentences(data[WITHOUT], WITHOUT, VALUES[key])


def _sentences(told: Mapping[str, Any], where: str, values: tuple[str, ...]) -> Iterator[Fault]:
    for language in LANGUAGES:
        yield from faults_of_line(told[language], "/".join(filter(None, (where, language))), most=LONGEST, values=values)
    named = {values_in(str(told[language])) for language in LANGUAGES}
    if len(named) > 1:
        yield fault("values_differ", where=where)


KIND = Kind(MESSAGE, ("workflow_admin",), shipped, check)
