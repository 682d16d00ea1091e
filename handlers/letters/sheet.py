"""A sheet: a title and one table of labels and values, without a head (约谈记录, 销号审批表, 承办单, 催办单)."""

from __future__ import annotations

from typing import Any

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell

from handlers.letters import fonts
from handlers.letters.fonts import set_font
from handlers.letters.paper import Paper, number_pages
from handlers.letters.words import clean

WIDTHS = (Mm(30), Mm(48), Mm(30), Mm(48))  # 156 mm: label, value, label, value
CELL_SIZE, CELL_LINE = 14.0, 22.0


class Sheet(Paper):
    """A paper that holds a table of four columns, or several, each on a page of its own."""

    def __init__(self, title: str) -> None:
        super().__init__()
        number_pages(self.document, also_first=True)
        self.begin(title)

    def begin(self, title: str, *, on_new_page: bool = False) -> None:
        """A title and an empty table under it."""
        self.title(title)
        self.document.paragraphs[-1].paragraph_format.page_break_before = on_new_page
        self.blank()
        self.table: Any = self.document.add_table(rows=0, cols=4)
        self.table.style = "Table Grid"
        self.table.alignment = WD_TABLE_ALIGNMENT.CENTER
        self.table.autofit = False
        # A number and a day stand in one line each: the grid of the table says so to every program, the cells to Word alone.
        for column, wide in zip(self.table.columns, WIDTHS, strict=True):
            column.width = wide

    def row(self, pairs: list[tuple[str, str]], lines: int = 1) -> None:
        """One row of one or two (label, value); a single value takes the other columns. At least `lines` lines high."""
        row = self.table.add_row()
        row.height, row.height_rule = Pt(CELL_LINE * lines + 6), WD_ROW_HEIGHT_RULE.AT_LEAST
        if lines == 1:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        cells: list[_Cell] = list(row.cells)
        for cell, wide in zip(cells, WIDTHS, strict=True):
            cell.width = wide
        if len(pairs) == 1:
            cells = [cells[0], cells[1].merge(cells[3])]
        for n, (label, value) in enumerate(pairs):
            _write(cells[2 * n], label, WD_ALIGN_PARAGRAPH.CENTER, fonts.HEADING)
            _write(cells[2 * n + 1], value, WD_ALIGN_PARAGRAPH.LEFT, fonts.BODY)

    def foot(self, text: str) -> None:
        """A remark below the table."""
        if text:
            self.paragraph(text)


def _write(cell: _Cell, text: str, align: Any, font: str) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    for n, line in enumerate(clean(text).split("\n")):
        written = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        written.paragraph_format.alignment = align
        written.paragraph_format.space_after = Pt(0)
        written.paragraph_format.line_spacing = Pt(CELL_LINE)
        run = written.add_run(line)
        set_font(run, font, CELL_SIZE)
        _off_grid(written._p.pPr, ("w:spacing", "w:ind", "w:jc"))
        _off_grid(run._r.rPr, ("w:color", "w:spacing", "w:sz", "w:szCs", "w:lang"))


def _off_grid(properties: Any, before: tuple[str, ...]) -> None:
    """A cell keeps to no grid of the page: the grid of 28 characters to a line would break every number and day in it.

    `before` are the properties that the schema wants after it (ECMA-376, 17.3.1.32 and 17.3.2.34).
    """
    off = OxmlElement("w:snapToGrid")
    off.set(qn("w:val"), "0")
    following = next((one for one in properties if one.tag in {qn(name) for name in before}), None)
    properties.append(off) if following is None else following.addprevious(off)
