"""Letters on official paper: a head, an addressee, paragraphs, a signature and a date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.letters.facts import LetterFacts
from handlers.letters.paper import Paper
from handlers.letters.values import clue_line, clues_of, item_line, items_of, values_of, wording_of
from handlers.letters.words import fill, official_number


def transfer_letter(facts: LetterFacts) -> bytes:
    """移交函: goes with a clue to the body that handles it."""
    return _written("transfer_letter", facts)


def supervision_order(facts: LetterFacts) -> bytes:
    """督办通知书: to the organ that is late, or that is pressed by hand."""
    return _written("supervision_order", facts)


def interview_notice(facts: LetterFacts) -> bytes:
    """约谈通知书: time, place, reason and items, to the organ that is interviewed."""
    return _written("interview_notice", facts)


def circular(facts: LetterFacts) -> bytes:
    """通报: a draft for a named leader to sign."""
    return _written("circular", facts)


def accountability_proposal(facts: LetterFacts) -> bytes:
    """问责建议书: a draft for a named leader to sign."""
    return _written("accountability_proposal", facts)


def admonition(facts: LetterFacts) -> bytes:
    """告诫书: the fixed date was missed as well."""
    return _written("admonition", facts)


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter in words, before it is laid out; `lines` are (text, is it a heading?)."""

    is_red: bool
    number: str
    title: str
    lines: tuple[tuple[str, bool], ...]


def compose(key: str, facts: LetterFacts) -> Composed:
    """The words of the letter `key`, as the county has set them or as they ship in letters.yaml."""
    words, values = wording_of(key, facts), values_of(facts)
    number = official_number(facts.document_number)
    lines = tuple(_lines(words["lines"], values, facts))
    return Composed(words["form"] == "red_head", number, fill(words["title"], values), lines)


def _written(key: str, facts: LetterFacts) -> bytes:
    composed, paper = compose(key, facts), Paper()
    is_red = composed.is_red
    (paper.red_head if is_red else paper.letter_head)(facts.issuer, composed.number)
    paper.title(composed.title)
    paper.addressee(facts.recipient)
    for text, heading in composed.lines:
        paper.paragraph(text, heading=heading)
    paper.attachments(_attachments(facts))
    paper.signature(facts.issuer, facts.issued_on)
    paper.copies(facts.copied, printed=facts.issuer if is_red else "", on=facts.issued_on)
    return paper.save()


def _attachments(facts: LetterFacts) -> tuple[str, ...]:
    """The names of what goes along; of a case that keeps secrets only how many there are."""
    many = len(facts.attachments)
    return (f"有关材料{many}件",) if facts.confidential and many else facts.attachments


def _lines(lines: list[Any], values: Mapping[str, Any], facts: LetterFacts) -> Iterator[tuple[str, bool]]:
    """(text, is it a heading?) of each line that is printed."""
    for line in lines:
        if isinstance(line, str):
            yield fill(line, values), False
        elif "heading" in line:
            yield fill(line["heading"], values), True
        elif "agenda" in line:
            for text in _agenda(line["agenda"], facts):
                yield text, False
        elif bool(values[line["when"]]) if "when" in line else not values[line["unless"]]:
            yield fill(line["text"], values), False


def _agenda(which: str, facts: LetterFacts) -> list[str]:
    if which == "items":
        return [f"{item_line(n, row)}。" for n, row in enumerate(items_of(facts), 1)]
    return [f"{clue_line(n, row)}。" for n, row in enumerate(clues_of(facts), 1)]
