"""Fonts by name. The official ones are not free, so they are named and never shipped; each has fall-backs.

Word takes a fall-back from the font table's `altName`. `w:eastAsia` is set beside the Latin names, or Chinese text would
keep the template's font.
"""

from __future__ import annotations

from typing import Any

from docx.document import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.run import Run

TITLE = "方正小标宋简体"
BODY = "仿宋_GB2312"
SUBHEAD = "楷体_GB2312"
HEADING = "黑体"
PAGE = "宋体"
RED = RGBColor(0xFF, 0x00, 0x00)

FALL_BACKS = {
    TITLE: "方正小标宋_GBK,方正小标宋简,华文中宋,STZhongsong,宋体,SimSun,Noto Serif CJK SC",
    BODY: "仿宋,FangSong,方正仿宋_GBK,华文仿宋,STFangsong,Noto Serif CJK SC",
    SUBHEAD: "楷体,KaiTi,方正楷体_GBK,华文楷体,STKaiti,Noto Serif CJK SC",
    HEADING: "SimHei,方正黑体_GBK,华文黑体,STHeiti,Noto Sans CJK SC",
    PAGE: "SimSun,方正书宋_GBK,华文宋体,STSong,Noto Serif CJK SC",
}


def set_font(run: Run, name: str, points: float, *, red: bool = False) -> Run:
    """The font for Latin and Chinese text alike."""
    run.font.name = name
    run.font.size = Pt(points)
    fonts: Any = run._element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), name)
    fonts.set(qn("w:cs"), name)
    if red:
        run.font.color.rgb = RED
    return run


def write_font_table(document: Document) -> None:
    """Replaces the template's font table by the names used here with their fall-backs."""
    part = document.part
    old = [key for key, told in part.rels.items() if told.reltype == RELATIONSHIP_TYPE.FONT_TABLE]
    for key in old:
        del part.rels[key]
    root: Any = OxmlElement("w:fonts")
    for name, others in FALL_BACKS.items():
        font: Any = OxmlElement("w:font", {qn("w:name"): name})
        font.append(OxmlElement("w:altName", {qn("w:val"): others}))
        font.append(OxmlElement("w:charset", {qn("w:val"): "86"}))
        root.append(font)
    blob = serialize_part_xml(root)
    table = Part(PackURI("/word/fontTable.xml"), CONTENT_TYPE.WML_FONT_TABLE, blob, part.package)
    part.relate_to(table, RELATIONSHIP_TYPE.FONT_TABLE)
