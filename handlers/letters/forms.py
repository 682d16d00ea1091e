"""Letters that are sheets: a table of labels and values, with room to write and to sign."""

from __future__ import annotations

from config.letters import load_letters
from handlers.letters.facts import LetterFacts
from handlers.letters.sheet import Sheet
from handlers.letters.values import values_of
from handlers.letters.words import fill_cell


def assignment_sheet(facts: LetterFacts) -> bytes:
    """承办单: one item, to carry to the leader."""
    return _filled("assignment_sheet", facts)


def reminder_sheet(facts: LetterFacts) -> bytes:
    """催办单: the how-manieth reminder, with room for the answer."""
    return _filled("reminder_sheet", facts)


def interview_record(facts: LetterFacts) -> bytes:
    """约谈记录: what was said, the new date of each item, and the signatures."""
    return _filled("interview_record", facts)


def close_out_form(facts: LetterFacts) -> bytes:
    """销号审批表: result, evidence, opinions and approval."""
    return _filled("close_out_form", facts)


def _filled(key: str, facts: LetterFacts) -> bytes:
    words, values = load_letters()[key], values_of(facts)
    sheet = Sheet(words["title"])
    for row in words["rows"]:
        pairs = [(label, fill_cell(text, values)) for label, text in (pair for pair in row if isinstance(pair, list))]
        heights = [part for part in row if isinstance(part, int)]
        sheet.row(pairs, heights[0] if heights else 1)
    sheet.foot(words.get("foot", ""))
    return sheet.save()
