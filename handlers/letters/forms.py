"""Letters that are sheets: a table of labels and values, with room to write and to sign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from config.letters import load_letters
from handlers.letters.facts import LetterFacts
from handlers.letters.sheet import Sheet
from handlers.letters.values import values_of, wording_of
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


def is_sheet(key: str) -> bool:
    """Is the letter a sheet, of which many go into one file?"""
    return bool(load_letters()[key]["form"] == "table")


def one_file(key: str, many: Sequence[LetterFacts], taken_by: str = "") -> bytes:
    """The same sheet of several cases in one file, each on a page of its own; `taken_by` stands above each page."""
    sheet = Sheet(wording_of(key, many[0])["title"])
    if taken_by:
        sheet.bear(taken_by)
    for at, facts in enumerate(many):
        if at:
            sheet.begin(wording_of(key, facts)["title"], on_new_page=True)
        _fill(sheet, key, facts)
    return sheet.save()


def _filled(key: str, facts: LetterFacts) -> bytes:
    return one_file(key, (facts,))


def rows_of(key: str, facts: LetterFacts) -> Iterator[tuple[list[tuple[str, str]], int]]:
    """Each row of a sheet with its values filled in, and how many lines high it is."""
    values = values_of(facts)
    for row in wording_of(key, facts)["rows"]:
        pairs = [(label, fill_cell(text, values)) for label, text in (pair for pair in row if isinstance(pair, list))]
        heights = [part for part in row if isinstance(part, int)]
        yield pairs, heights[0] if heights else 1


def _fill(sheet: Sheet, key: str, facts: LetterFacts) -> None:
    for pairs, height in rows_of(key, facts):
        sheet.row(pairs, height)
    sheet.foot(wording_of(key, facts).get("foot", ""))
