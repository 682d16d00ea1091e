"""The paper of GB/T 9704-2012: page, head, title, body, signature, copies and page numbers (domain.md §4).

A4; type area 156 × 225 mm between margins of 37 mm (top), 28 mm (left), 26 mm and 35 mm; body 3号 (16 pt) on a line of
28 pt. No seal is drawn: its place is on the signature and the date.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from handlers.letters import fonts
from handlers.letters.fonts import set_font, write_font_table
from handlers.letters.words import clean, day, width

CHARACTER = 16.0  # points: 3号
LINE = 28.0  # points
TITLE_SIZE, COPIES_SIZE, BORNE_SIZE = 22.0, 14.0, 9.0
TYPE_AREA_POINTS = 442.0  # 156 mm
MARK_SIZE, SMALLEST_MARK = 36.0, 18.0
RIGHT, CENTRE, LEFT = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT
RIGHT_TAB = WD_TAB_ALIGNMENT.RIGHT
THICK, THIN, DOUBLE = ("single", 8), ("single", 6), ("thickThinSmallGap", 24)  # eighths of a point


class Paper:
    """A letter being written from top to bottom; `save` gives the Word file."""

    def __init__(self) -> None:
        self.document: DocumentType = Document()
        write_font_table(self.document)
        _set_page(self.document)
        self.body = self.document.add_paragraph
        # The built-in template names its maker; a letter names nobody.
        told = self.document.core_properties
        told.author = told.comments = told.title = told.keywords = ""

    # ---- the head ---------------------------------------------------------------------------------------------------

    def red_head(self, issuer: str, number: str) -> None:
        """通用格式: the mark 35 mm below the top of the type area, two lines, the number, a red line 4 mm below (7.2)."""
        mark = self._line(f"{clean(issuer)}文件", fonts.TITLE, mark_size(f"{issuer}文件"), CENTRE, red=True)
        mark.paragraph_format.space_before = Mm(35)
        mark.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        self.blank(2)
        below = self._line(clean(number), fonts.BODY, CHARACTER, CENTRE)
        rule(below, bottom=THICK, space=11, red=True)
        number_pages(self.document, also_first=True)
        self.blank(2)

    def letter_head(self, issuer: str, number: str) -> None:
        """信函格式: the mark 30 mm below the top of the page, red double lines of 170 mm, no number on page one (10.1)."""
        section = self.document.sections[0]
        section.different_first_page_header_footer = True
        section.header_distance = Mm(30)
        mark = section.first_page_header.paragraphs[0]
        _dress(mark, CENTRE, single=True)
        set_font(mark.add_run(clean(issuer)), fonts.TITLE, mark_size(issuer), red=True)
        rule(mark, bottom=DOUBLE, space=4, red=True, wide=True)
        foot = section.first_page_footer.paragraphs[0]
        _dress(foot, CENTRE, single=True)
        rule(foot, top=("thinThickSmallGap", 24), space=1, red=True, wide=True)
        number_pages(self.document, also_first=False)
        self._line(clean(number), fonts.BODY, CHARACTER, RIGHT)
        self.blank(2)

    # ---- the text ---------------------------------------------------------------------------------------------------

    def title(self, text: str) -> None:
        """The title: 2号小标宋, centred (7.3.1)."""
        self._line(clean(text), fonts.TITLE, TITLE_SIZE, CENTRE).paragraph_format.line_spacing = Pt(32)

    def addressee(self, names: str) -> None:
        """主送机关: one blank line below the title, flush left, with a full-width colon (7.3.2)."""
        self.blank()
        self._line(f"{clean(names)}：", fonts.BODY, CHARACTER, LEFT)

    def paragraph(self, text: str, *, heading: bool = False) -> None:
        """Body text, first line in by two characters; each line of a user's text is a paragraph. Headings are in 黑体."""
        for line in clean(text).split("\n"):
            written = self._line(line, fonts.HEADING if heading else fonts.BODY, CHARACTER, None)
            indent(written, first=2)

    def attachments(self, names: Iterable[str]) -> None:
        """附件说明: one blank line, two characters in, no punctuation after a name (7.3.4)."""
        listed = [clean(name).replace("\n", " ") for name in names]
        if not listed:
            return
        self.blank()
        lines = [f"{n}.{name}" for n, name in enumerate(listed, 1)] if len(listed) > 1 else listed
        indent(self._line(f"附件：{lines[0]}", fonts.BODY, CHARACTER, LEFT), left=2)
        for line in lines[1:]:
            indent(self._line(line, fonts.BODY, CHARACTER, LEFT), left=5)

    def signature(self, issuer: str, on: date) -> None:
        """Signature and date for a sealed letter: the date four characters in, the signature centred on it (7.3.5.1)."""
        name, dated = clean(issuer), day(on)
        shift = (width(name) - width(dated)) / 2
        in_name, in_date = (4 - shift, 4.0) if shift <= 2 else (2.0, 2 + shift)
        self.blank(2)
        signed = self._line(name, fonts.BODY, CHARACTER, RIGHT)
        indent(signed, right=in_name)
        signed.paragraph_format.keep_with_next = True
        indent(self._line(dated, fonts.BODY, CHARACTER, RIGHT), right=in_date)

    def copies(self, names: Iterable[str], *, printed: str = "", on: date | None = None) -> None:
        """版记 at the foot of the last page: 抄送, and with lines the printing organ and day (7.4); a letter has no lines."""
        listed = "，".join(clean(name) for name in names)
        lines = [self._copy_line(f"抄送：{listed}。")] if listed else []
        if printed and on:
            lines.append(self._copy_line(f"{clean(printed)}\t{day(on)}印发"))
            rule(lines[0], top=THICK, space=1)
            rule(lines[-1], top=THIN if listed else THICK, bottom=THICK, space=1)
        for line in lines:
            _anchor_at_foot(line)

    def blank(self, lines: int = 1) -> None:
        """Empty lines of the body's size."""
        for _ in range(lines):
            self._line("", fonts.BODY, CHARACTER, None)

    def bear(self, taken_by: str) -> None:
        """Who took it away, small at the head of every page and among the file's properties."""
        self.document.core_properties.comments = taken_by
        self.document.settings.odd_and_even_pages_header_footer = True
        section = self.document.sections[0]
        for header in (section.header, section.even_page_header):
            line = header.paragraphs[0]
            _dress(line, RIGHT, single=True)
            set_font(line.add_run(clean(taken_by)), fonts.BODY, BORNE_SIZE)

    def save(self) -> bytes:
        """The Word file."""
        written = BytesIO()
        self.document.save(written)
        return written.getvalue()

    def _line(self, text: str, font: str, points: float, align: Any, *, red: bool = False) -> Paragraph:
        written = self.body()
        _dress(written, align)
        set_font(written.add_run(text), font, points, red=red)
        return written

    def _copy_line(self, text: str) -> Paragraph:
        written = self._line(text, fonts.BODY, COPIES_SIZE, LEFT)
        indent(written, left=1, right=1, size=COPIES_SIZE)
        written.paragraph_format.tab_stops.add_tab_stop(Pt(TYPE_AREA_POINTS - COPIES_SIZE), RIGHT_TAB)
        return written


def mark_size(mark: str) -> float:
    """The size in points at which the organ's mark stays on one line of the type area."""
    return max(SMALLEST_MARK, min(MARK_SIZE, TYPE_AREA_POINTS / max(width(mark), 1)))


# ---- pieces of layout -----------------------------------------------------------------------------------------------


def _set_page(document: DocumentType) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(20)
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    # 28 characters a line: each a little closer than its own width (5.2.3); the unit is 1/4096 of a point.
    closer = round((TYPE_AREA_POINTS / 28 - CHARACTER) * 4096)
    grid = {"type": "linesAndChars", "linePitch": str(int(LINE * 20)), "charSpace": str(closer)}
    section._sectPr.append(_element("w:docGrid", **grid))
    normal: Any = document.styles["Normal"]
    normal.font.name, normal.font.size = fonts.BODY, Pt(CHARACTER)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), fonts.BODY)


def _dress(paragraph: Paragraph, align: Any, *, single: bool = False) -> None:
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    if align is not None:
        layout.alignment = align
    layout.line_spacing_rule = WD_LINE_SPACING.SINGLE if single else WD_LINE_SPACING.EXACTLY
    if not single:
        layout.line_spacing = Pt(LINE)


def indent(paragraph: Paragraph, *, first: float = 0, left: float = 0, right: float = 0, size: float = CHARACTER) -> None:
    """Indents in characters of `size` points."""
    layout = paragraph.paragraph_format
    layout.first_line_indent = Pt(first * size)
    layout.left_indent, layout.right_indent = Pt(left * size), Pt(right * size)
    if first:
        # Word keeps two characters even where the size is changed later.
        paragraph._p.get_or_add_pPr().get_or_add_ind().set(qn("w:firstLineChars"), str(int(first * 100)))


def rule(
    paragraph: Paragraph,
    *,
    top: tuple[str, int] | None = None,
    bottom: tuple[str, int] | None = None,
    space: int = 0,
    red: bool = False,
    wide: bool = False,
) -> None:
    """Lines above and below a paragraph: (kind, eighths of a point), `space` points away; `wide` makes them 170 mm."""
    borders = _element("w:pBdr")
    for side, line in (("top", top), ("bottom", bottom)):
        if line is not None:
            colour = "FF0000" if red else "000000"
            borders.append(_element(f"w:{side}", val=line[0], sz=str(line[1]), space=str(space), color=colour))
    properties = paragraph._p.get_or_add_pPr()
    for old in properties.findall(qn("w:pBdr")):
        properties.remove(old)
    _insert_in_order(properties, borders)
    if wide:
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(-7)


# The order of CT_PPr in the schema, as far as it is used here: Word refuses a file that breaks it.
_ORDER = ("pStyle", "keepNext", "keepLines", "framePr", "pBdr", "tabs", "spacing", "ind", "jc")


def _insert_in_order(properties: Any, element: Any) -> None:
    name = element.tag.rpartition("}")[2]
    after = {qn(f"w:{key}") for key in _ORDER[_ORDER.index(name) + 1 :]}
    following = next((child for child in properties if child.tag in after), None)
    if following is None:
        properties.append(element)
    else:
        following.addprevious(element)


def _anchor_at_foot(paragraph: Paragraph) -> None:
    width_in_twips = str(int(TYPE_AREA_POINTS * 20))
    place = {"hAnchor": "margin", "vAnchor": "margin", "xAlign": "left", "yAlign": "bottom", "wrap": "around"}
    _insert_in_order(paragraph._p.get_or_add_pPr(), _element("w:framePr", w=width_in_twips, **place))


def number_pages(document: DocumentType, *, also_first: bool) -> None:
    """— 1 — in 4号宋体 below the type area: odd pages right, even pages left, one character in (7.5)."""
    section = document.sections[0]
    document.settings.odd_and_even_pages_header_footer = True
    if also_first:
        section.different_first_page_header_footer = False
    for footer, align in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
        line = footer.paragraphs[0]
        _dress(line, align, single=True)
        indent(line, left=1 if align == LEFT else 0, right=1 if align == RIGHT else 0, size=COPIES_SIZE)
        line.paragraph_format.space_after = Mm(3)
        set_font(line.add_run("— "), fonts.PAGE, COPIES_SIZE)
        _add_page_number(line)
        set_font(line.add_run(" —"), fonts.PAGE, COPIES_SIZE)


def _add_page_number(line: Paragraph) -> None:
    for kind in ("begin", "", "end"):
        run = set_font(line.add_run(), fonts.PAGE, COPIES_SIZE)
        if kind:
            run._r.append(_element("w:fldChar", fldCharType=kind))
        else:
            instruction = _element("w:instrText")
            instruction.text = "PAGE"
            run._r.append(instruction)


def _element(tag: str, **attributes: str) -> Any:
    element: Any = OxmlElement(tag)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element
