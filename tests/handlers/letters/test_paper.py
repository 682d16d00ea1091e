"""The paper of GB/T 9704-2012, measured in the written file."""

from __future__ import annotations

from datetime import date

import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from handlers.letters.fonts import BODY, FALL_BACKS, TITLE
from handlers.letters.paper import mark_size
from handlers.letters.words import clean, day, official_number, width
from handlers.registry import LETTERS
from tests.handlers.letters.facts import TOWN, everything, facts, written


@pytest.mark.parametrize("letter", LETTERS)
def test_a4_with_the_margins_of_the_standard(letter: str) -> None:
    section = written(letter, facts()).sections[0]
    size = (section.page_width, section.page_height)
    margins = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    # Word keeps lengths in twentieths of a point.
    for found, asked in zip((*size, *margins), (210, 297, 37, 28, 26, 35), strict=True):
        assert abs((found or 0) - Mm(asked)) < Pt(0.05)


def test_title_and_body_have_their_sizes_fonts_and_line() -> None:
    paragraphs = {p.text: p for p in written("admonition", facts()).paragraphs}
    title, body = paragraphs["告诫书"], next(p for text, p in paragraphs.items() if text.startswith("你单位"))
    assert title.runs[0].font.size == Pt(22) and body.runs[0].font.size == Pt(16)
    assert body.paragraph_format.line_spacing == Pt(28)
    assert body.paragraph_format.first_line_indent == Pt(32)
    for run, font in ((title.runs[0], TITLE), (body.runs[0], BODY)):
        fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
        assert {fonts.get(qn(f"w:{name}")) for name in ("ascii", "hAnsi", "eastAsia")} == {font}


def test_the_official_fonts_are_named_with_fall_backs_and_none_is_shipped() -> None:
    xml = everything("circular", facts())
    for name, others in FALL_BACKS.items():
        assert f'<w:font w:name="{name}"><w:altName w:val="{others}"/>' in xml
    assert "embedRegular" not in xml


def test_a_circular_has_a_red_head_35_mm_down_and_a_red_line_below_its_number() -> None:
    mark, *_ = written("circular", facts()).paragraphs
    assert mark.text == f"{TOWN}文件"
    assert abs((mark.paragraph_format.space_before or 0) - Mm(35)) < Pt(0.05)
    assert str(mark.runs[0].font.color.rgb) == "FF0000"
    numbered = next(p for p in written("circular", facts()).paragraphs if p.text == "柳督〔2026〕7号")
    assert 'w:color="FF0000"' in numbered._p.xml and "<w:bottom" in numbered._p.xml


def test_a_letter_has_its_mark_and_double_lines_on_the_first_page_only() -> None:
    section = written("admonition", facts()).sections[0]
    assert section.different_first_page_header_footer
    assert abs((section.header_distance or 0) - Mm(30)) < Pt(0.05)
    head, foot = section.first_page_header.paragraphs[0], section.first_page_footer.paragraphs[0]
    assert head.text == TOWN and "thickThinSmallGap" in head._p.xml
    assert "thinThickSmallGap" in foot._p.xml
    assert section.header.paragraphs[0].text == ""


@pytest.mark.parametrize("letter", LETTERS)
def test_pages_are_numbered_right_and_left(letter: str) -> None:
    section = written(letter, facts()).sections[0]
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.text, even.text) == ("—  —", "—  —")
    assert "PAGE" in odd._p.xml and "PAGE" in even._p.xml
    assert (odd.alignment, even.alignment) == (2, 0)


def test_the_signature_is_centred_on_a_date_four_characters_in() -> None:
    signed, dated = written("admonition", facts(issuer="中共安澜县委")).paragraphs[-2:]
    assert (signed.text, dated.text) == ("中共安澜县委", "2026年7月1日")
    assert dated.paragraph_format.right_indent == Pt(64)
    middle = [(p.paragraph_format.right_indent or 0) / Pt(16) + width(p.text) / 2 for p in (signed, dated)]
    assert abs(middle[0] - middle[1]) < 0.1
    assert "印章" not in everything("admonition", facts())


def test_copies_stand_at_the_foot_of_the_last_page_between_lines() -> None:
    copied, printed = written("circular", facts(copied=("安澜县财政局", "安澜县民政局"))).paragraphs[-2:]
    assert copied.text == "抄送：安澜县财政局，安澜县民政局。"
    assert printed.text == f"{TOWN}\t2026年7月1日印发"
    for line in (copied, printed):
        assert line.runs[0].font.size == Pt(14)
        assert 'w:vAnchor="margin"' in line._p.xml and 'w:yAlign="bottom"' in line._p.xml
    assert 'w:top w:val="single" w:sz="8"' in copied._p.xml
    assert 'w:top w:val="single" w:sz="6"' in printed._p.xml and 'w:bottom w:val="single" w:sz="8"' in printed._p.xml


def test_a_circular_without_copies_still_says_who_printed_it() -> None:
    assert written("circular", facts()).paragraphs[-1].text.endswith("印发")


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("柳约[2026]第007号", "柳约〔2026〕7号"),
        ("柳约【2026】12号", "柳约〔2026〕12号"),
        ("柳约（2026）3 号", "柳约〔2026〕3号"),
        ("柳约〔2026〕100号", "柳约〔2026〕100号"),
        ("", ""),
    ],
)
def test_a_number_has_six_corner_brackets_no_first_and_no_leading_zeros(given: str, printed: str) -> None:
    assert official_number(given) == printed


def test_days_have_no_leading_zeros() -> None:
    assert day(date(2026, 7, 1)) == day("2026-07-01") == "2026年7月1日"
    assert day(None) == day("") == ""


def test_text_is_cleaned_of_what_no_document_may_hold() -> None:
    assert clean("甲\r\n乙\t丙\x07\ufeff\u2067") == "甲\n乙 丙"
    assert clean(None) == ""


def test_a_long_mark_is_set_smaller_so_that_it_stays_on_one_line() -> None:
    assert mark_size("中共安澜县委") == 36
    assert mark_size("字" * 20) == pytest.approx(22.1)
    assert mark_size("字" * 60) == 18


def test_the_file_names_no_maker() -> None:
    told = written("circular", facts()).core_properties
    assert (told.author, told.comments) == ("", "")
