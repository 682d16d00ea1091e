"""Finds the table in a sheet: its head, however many rows it has, and what stands above, between and below
its rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from handlers.ledgers.sheets import EMPTY, Area, Cell, Row, Sheet
from handlers.ledgers.values import as_text, clean
from handlers.ledgers.words import fold

Recognise = Callable[[str], str]  # heading → field, or ""

_LOOK_ROWS = 40  # a head further down than this is not looked for
_HEAD_ROWS = 3
_LEAST_HEADINGS = 2
_SUBTOTAL = re.compile(r"^.{0,15}(?:小计|合计|总计|累计|共计|本页计)(?:\(.*\))?[:]?$")
_INSTRUCTIONS = re.compile(r"^(?:填表说明|填报说明|填写说明|说明[:]|注[:]|备注[:]|注意事项)")
_FOOTER = re.compile(r"^(?:制表人?|填表人|填报人|审核人?|审签人?|分管领导|主要领导|单位负责人|联系人|联系电话)[:]")
_SIGNATURES = re.compile(r"(?:制表|审核|填表|填报|分管领导|负责人)[^:]{0,6}[:]")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a table: its first and last row, from 0, and the joined heading of each column."""

    first: int
    last: int
    headings: tuple[str, ...]
    parts: frozenset[str]  # every word of the head, folded, by which a repeated head is known


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is not an item, from 1 as a spreadsheet counts, and why.

    `why` is title, instructions, subtotal, footer, repeated_head, section, summary or guidance.
    """

    sheet: str
    row: int
    why: str
    text: str


def find_head(sheet: Sheet, recognise: Recognise) -> Head | None:
    """The head that fills the most fields; of equals the one that ends first, with the fewest rows."""
    areas = [area for area in sheet.merged if area.top <= _LOOK_ROWS + _HEAD_ROWS]
    best: Head | None = None
    best_score = _LEAST_HEADINGS - 1
    for last in range(min(_LOOK_ROWS, len(sheet.rows))):
        for first in range(last, max(last - _HEAD_ROWS, -1), -1):
            if not _is_whole(first, areas) or not _is_joined(sheet, first, last, areas):
                continue
            headings = _join(sheet, first, last, areas)
            score = len({field for heading in headings if (field := recognise(heading))})
            if score > best_score:
                best, best_score = Head(first, last, headings, _parts(headings)), score
    return best


def _is_whole(first: int, areas: list[Area]) -> bool:
    """Does no merged cell of this row begin above it?"""
    return not any(area.top < first <= area.bottom for area in areas)


def list_titles(sheet: Sheet, head: Head) -> Iterator[Skipped]:
    """What stands above the head: the title, 填报单位, 填表说明."""
    for row in range(head.first):
        text = " ".join(_texts(sheet.rows[row]))
        if text:
            why = "instructions" if _INSTRUCTIONS.match(fold(text)) else "title"
            yield Skipped(sheet.name, row + 1, why, text)


def why_not_a_row(row: Row, head: Head, *, problem_column: int | None) -> str:
    """Why a row below the head holds no item, or "" where it may; an empty row says "empty"."""
    texts = _texts(row)
    if not texts:
        return "empty"
    opening = fold(texts[0]) if len(texts[0]) < 400 else ""
    if any(_SUBTOTAL.match(fold(text)) for text in texts[:3] if len(text) <= 20):
        return "" if _is_filled(row, problem_column) and len(texts) > 3 and not _SUBTOTAL.match(opening) else "subtotal"
    if _INSTRUCTIONS.match(opening) and len(set(texts)) <= 2:
        return "instructions"
    if _FOOTER.match(opening) or (len(texts) <= 4 and len(_SIGNATURES.findall(fold("".join(texts[:4])))) >= 2):
        return "footer"
    if _repeats_head(texts, head):
        return "repeated_head"
    first = next(at for at, cell in enumerate(row) if cell != EMPTY)
    if len(texts) == 1 and first == 0 and problem_column != 0 and len(head.headings) > 2:
        return "section"
    return ""


def fill_down(sheet: Sheet, head: Head) -> tuple[list[Row], dict[int, int]]:
    """The rows, cleaned, with the value of each merged cell below the head given to every row it covers.

    With it comes, per column, how many cells that filled. A merge across columns gives its value to its
    first column.
    """
    rows: list[Row] = [[clean(cell) for cell in row] for row in sheet.rows]
    filled: dict[int, int] = {}
    for area in sheet.merged:
        value = clean(sheet.cell(area.top, area.left))
        if area.top <= head.last or value == EMPTY:
            continue
        for row in range(area.top + 1, min(area.bottom, len(rows) - 1) + 1):
            rows[row] = _with_cell(rows[row], area.left, value)
            filled[area.left] = filled.get(area.left, 0) + 1
    return rows, filled


def _with_cell(row: Row, column: int, value: Cell) -> Row:
    cells = list(row) + [EMPTY] * (column + 1 - len(row))
    cells[column] = value
    return cells


def _parts(headings: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(part) for heading in headings for part in heading.split("/") if part)


def _repeats_head(texts: list[str], head: Head) -> bool:
    if len(texts[0]) > 20 or fold(texts[0]) not in head.parts:
        return False
    same = sum(fold(text) in head.parts for text in texts if len(text) <= 20)
    return same >= 2 and same * 3 >= len(texts) * 2


def _is_filled(row: Row, column: int | None) -> bool:
    return column is not None and column < len(row) and row[column] != EMPTY


def _texts(row: Sequence[Cell]) -> list[str]:
    return [text for cell in row if cell != EMPTY and (text := as_text(cell).strip())]


def _is_joined(sheet: Sheet, first: int, last: int, areas: list[Area]) -> bool:
    """Do these rows belong to one head? Each pair is held together by a merge, or by blanks under and beside
    groups.
    """
    return all(_is_pair_joined(sheet, row, areas) for row in range(first, last))


def _is_pair_joined(sheet: Sheet, row: int, areas: list[Area]) -> bool:
    if any(area.top <= row < area.bottom for area in areas):
        return True
    for area in areas:
        if area.top <= row <= area.bottom and area.left < area.right:
            below = [sheet.cell(row + 1, column) for column in range(area.left, area.right + 1)]
            if sum(cell != EMPTY for cell in below) >= 2:
                return True
    return not sheet.merges_known and _has_groups_in_blanks(sheet, row)


def _has_groups_in_blanks(sheet: Sheet, row: int) -> bool:
    width = max(len(sheet.rows[row]), len(sheet.rows[row + 1]))
    upper = [sheet.cell(row, column) != EMPTY for column in range(width)]
    lower = [sheet.cell(row + 1, column) != EMPTY for column in range(width)]
    alone = any(up and not low for up, low in zip(upper, lower, strict=True))
    child = any(low and not up for up, low in zip(upper, lower, strict=True))
    return alone and child and upper[0] and not lower[0]


def _join(sheet: Sheet, first: int, last: int, areas: list[Area]) -> tuple[str, ...]:
    width = max(len(sheet.rows[row]) for row in range(first, last + 1))
    headings = [_heading(sheet, column, first, last, areas) for column in range(width)]
    seen: dict[str, int] = {}
    for column, heading in enumerate(headings):
        seen[heading] = seen.get(heading, 0) + 1
        if heading and seen[heading] > 1:  # three columns 完成率 are three columns
            headings[column] = f"{heading}#{seen[heading]}"
    return tuple(headings)


def _heading(sheet: Sheet, column: int, first: int, last: int, areas: list[Area]) -> str:
    parts: list[str] = []
    for row in range(first, last + 1):
        text = as_text(clean(_head_cell(sheet, row, column, last, areas))).replace("\n", "").strip()
        if text and text not in parts:
            parts.append(text)
    return "/".join(parts)


def _head_cell(sheet: Sheet, row: int, column: int, last: int, areas: list[Area]) -> Cell:
    for area in areas:
        if area.top <= row <= area.bottom and area.left <= column <= area.right:
            return sheet.cell(area.top, area.left)
    own = sheet.cell(row, column)
    if own != EMPTY or row == last or sheet.merges_known or sheet.cell(row + 1, column) == EMPTY:
        return own
    for left in range(column - 1, -1, -1):  # without merges, a group's name stands over its first column only
        if sheet.cell(row, left) != EMPTY:
            return sheet.cell(row, left) if sheet.cell(row + 1, left) != EMPTY else EMPTY
    return EMPTY
