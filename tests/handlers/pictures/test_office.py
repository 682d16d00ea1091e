"""The copy of an office file says nothing of who wrote it, keeps what was written, and bears the number of who took it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from docx import Document
from lxml import etree
from PIL import Image

from handlers.pictures import child, office
from handlers.pictures.making import copy_of, ending_of_copy, may_be_copied, small_of
from handlers.pictures.segments import clean_picture, without_words
from tests.handlers.pictures.packages import _R, _W, CANARY, DOCX, PPTX, XLSX, letter, packed, photograph, slides, table

WORDS = "02814 97671 06560 2026-11-29"


def copied(content: bytes, media_type: str) -> bytes | None:
    return copy_of(io.BytesIO(content), media_type, WORDS)


def unpacked(content: bytes) -> dict[str, bytes]:
    """Every part by name, those of packages within it too."""
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            part = package.read(name)
            found |= {f"{name}/{within}": one for within, one in unpacked(part).items()} if part[:2] == b"PK" else {name: part}
    return found


@pytest.mark.parametrize(
    ("media_type", "content", "kept"),
    [(DOCX, letter(), ("正文", "数")), (XLSX, table(), ("数", "说明", "抬头")), (PPTX, slides(), ("标题",))],
    ids=["docx", "xlsx", "pptx"],
)
def test_the_copy_of_an_office_file_says_nothing_of_its_maker_and_keeps_what_was_written(
    media_type: str, content: bytes, kept: tuple[str, ...]
) -> None:
    before, made = unpacked(content), copied(content, media_type)
    assert made is not None
    after = unpacked(made)
    assert sum(CANARY.encode() in part for part in before.values()) > 5
    assert [name for name, part in after.items() if CANARY.encode() in part or CANARY in name] == []
    said = b"".join(after.values()).decode("utf-8", "replace")
    assert [word for word in kept if word not in said] == []
    assert WORDS in said and zipfile.ZipFile(io.BytesIO(made)).comment == WORDS.encode()
    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(made)).infolist()} == {office.TIME}
    gone = ("docProps", "customXml", "_xmlsignatures", "printerSettings", "people", "persons", "changesInfos")
    assert not {name for name in after if any(one in name for one in gone)}


def test_nothing_leads_to_a_part_that_is_left_out_or_to_a_disk() -> None:
    after = unpacked(copied(letter(), DOCX) or b"")
    links, body = after["word/_rels/document.xml.rels"].decode(), after["word/document.xml"].decode()
    assert "people" not in links and "customXml" not in links and "printerSettings" not in links + body
    assert 'Target="about:blank"' in links and 'Target="https://anlan.example/"' in links
    assert "docProps" not in after["_rels/.rels"].decode() + after["[Content_Types].xml"].decode()
    settings = after["word/settings.xml"].decode()
    assert "attachedTemplate" not in settings and "zoom" in settings
    assert "rsid" not in settings + body and "paraId" not in body
    sheet = unpacked(copied(table(), XLSX) or b"")["xl/worksheets/sheet1.xml"].decode()
    assert 'paperSize="9"' in sheet and "r:id" not in sheet.partition("<pageSetup")[2].partition(">")[0]
    assert "&amp;L" + WORDS + "&amp;C第&amp;P页" in sheet


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF"])
def test_a_picture_within_loses_its_words_and_no_pixel(form: str) -> None:
    clean = clean_picture(photograph(form))
    assert clean is not None and CANARY.encode() not in clean
    before, after = (Image.open(io.BytesIO(one)) for one in (photograph(form), clean))
    assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
    assert not after.getexif() and "comment" not in after.info


def test_a_picture_of_several_scans_stays_whole() -> None:
    made = io.BytesIO()
    Image.effect_noise((300, 200), 80).convert("RGB").save(made, "JPEG", progressive=True, comment=CANARY)
    clean = without_words(made.getvalue() + CANARY.encode())
    assert CANARY.encode() not in clean
    assert Image.open(io.BytesIO(clean)).tobytes() == Image.open(io.BytesIO(made.getvalue())).tobytes()


def test_the_copies_of_files_that_programs_have_written_open_again() -> None:
    text, book = io.BytesIO(), io.BytesIO()
    document = Document()
    document.add_paragraph("正文")
    document.add_picture(io.BytesIO(photograph("PNG")))
    document.core_properties.author = CANARY
    document.save(text)
    made = openpyxl.Workbook()
    made.active["A1"] = "=1+1"
    made.properties.creator = CANARY
    made.save(book)
    again = Document(io.BytesIO(copied(text.getvalue(), DOCX) or b""))
    assert again.paragraphs[0].text == "正文" and len(again.inline_shapes) == 1
    assert again.sections[0].footer.paragraphs[-1].text == WORDS
    opened: Any = openpyxl.load_workbook(io.BytesIO(copied(book.getvalue(), XLSX) or b""))
    assert opened.active["A1"].value == "=1+1" and WORDS in opened.active.oddFooter.left.text
    assert opened.properties.creator in (None, "openpyxl")


def test_a_copy_of_a_copy_opens_again() -> None:
    text = io.BytesIO()
    Document().save(text)
    made = copied(copied(text.getvalue(), DOCX) or b"", DOCX) or b""
    footer = Document(io.BytesIO(made)).sections[0].footer
    assert [one.text for one in footer.paragraphs] == [WORDS, WORDS]
    _each_once(made)
    sheet = copied(copied(table(), XLSX) or b"", XLSX) or b""
    _each_once(sheet)
    assert f"&amp;L{WORDS} {WORDS}&amp;C" in unpacked(sheet)["xl/worksheets/sheet1.xml"].decode()
    _each_once(copied(copied(slides(), PPTX) or b"", PPTX) or b"")


def test_a_footer_of_ours_takes_no_name_that_is_taken() -> None:
    body = f'<w:document {_W} {_R}><w:body><w:sectPr><w:footerReference w:type="even" r:id="rNumber"/></w:sectPr></w:body></w:document>'
    parts: dict[str, str | bytes] = {"word/document.xml": body, "word/footer-number.xml": f"<w:ftr {_W}/>"}
    made = copied(packed(parts, {"word/document.xml": {"rNumber": "footer footer-number.xml"}}), DOCX) or b""
    _each_once(made)
    after = unpacked(made)
    assert WORDS in after["word/footer-number.xml"].decode() and WORDS in after["word/footer-number1.xml"].decode()
    assert after["word/document.xml"].decode().count('id="rNumber1"') == 2


def _each_once(content: bytes) -> None:
    """Every id of a link and every name of a part is there once."""
    for name, part in unpacked(content).items():
        told = (
            [one.get("Id") or one.get("PartName") for one in etree.fromstring(part)]
            if name.endswith((".rels", "].xml"))
            else []
        )
        told = [one for one in told if one]
        assert len(told) == len(set(told)), name


def body_with(**parts: bytes | str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(letter())) as package:
        kept: dict[str, bytes | str] = {name: package.read(name) for name in ("word/document.xml",)}
    return packed({**kept, **{name.replace("__", "/").replace("_", "."): part for name, part in parts.items()}}, {})


CORE = f'<c:coreProperties xmlns:c="c" xmlns:dc="d"><dc:creator>{CANARY}</dc:creator></c:coreProperties>'
MAKER = f"<a>{CANARY}</a>"


def typed(name: str, kind: str) -> bytes:
    """A text with a part that only its content type says to be of the maker."""
    with zipfile.ZipFile(io.BytesIO(body_with(**{name: MAKER}))) as package:
        parts: dict[str, str | bytes] = {one: package.read(one) for one in package.namelist()}
    named = name.replace("__", "/").replace("_", ".")
    was = f'"/{named}" ContentType="x"'
    parts[office.TYPED] = bytes(parts[office.TYPED]).decode().replace(was, was.replace('"x"', f'"{kind}"'))
    return packed(parts, {})


LINKED = packed(
    {"word/document.xml": f"<w:document {_W}><w:body/></w:document>", "package/1.psmdcp": MAKER, "meta/c.xml": MAKER},
    {
        "": {
            "a": "officeDocument word/document.xml",
            "b": "core-properties package/1.psmdcp",
            "c": "Custom-Properties /meta/c.xml",
        }
    },
)


@pytest.mark.parametrize(
    "content",
    [
        body_with(meta__c_xml=CORE),
        LINKED,
        typed("meta__c_xml", "application/vnd.openxmlformats-package.core-properties+xml"),
    ],
    ids=["first element", "link", "content type"],
)
def test_a_part_that_names_the_maker_is_left_out_under_whatever_name(content: bytes) -> None:
    assert CANARY.encode() in b"".join(unpacked(content).values())
    after = unpacked(copied(content, DOCX) or b"")
    assert CANARY.encode() not in b"".join(after.values()) and not {"meta/c.xml", "package/1.psmdcp"} & set(after)


@pytest.mark.parametrize(
    "name", ["docProps\\core.xml", "/docProps/core.xml", "word/../docProps/core.xml", "./docProps/core.xml"]
)
def test_a_name_that_programs_read_otherwise_makes_no_copy(name: str) -> None:
    parts: dict[str, str | bytes] = {"word/document.xml": f"<w:document {_W}><w:body/></w:document>", name: MAKER}
    assert copied(packed(parts, {}), DOCX) is None


def edge(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def code(text: str, tag: str = "instrText") -> str:
    return f"<w:r><w:{tag}>{text}</w:{tag}></w:r>"


DISK = f"\\Users\\{CANARY}"


@pytest.mark.parametrize(
    "field",
    [
        code('INCLUDETEXT "C') + code(f':{DISK}"'),
        edge("begin") + edge("begin") + code("QUOTE C:") + edge("end") + code(DISK) + edge("separate") + edge("end"),
        edge("begin") + code(f"INCLUDETEXT C:{DISK}", "delInstrText") + edge("end"),
    ],
    ids=["in two", "within another", "deleted"],
)
def test_a_path_in_a_field_goes_in_however_many_pieces_and_others_stay(field: str) -> None:
    other = edge("begin") + code("PAGE") + edge("end")
    body = f"<w:document {_W}><w:body><w:p>{edge('begin')}{field}{edge('end')}{other}</w:p></w:body></w:document>"
    after = unpacked(copied(packed({"word/document.xml": body}, {}), DOCX) or b"")["word/document.xml"].decode()
    assert CANARY not in after and "PAGE" in after


@pytest.mark.parametrize(
    "old", ["&C" + "甲" * 300, "&C" + "甲" * 240 + "&L乙", "&L" + "𠀀" * 200, "&C" + '&"SimSun,Bold"' * 30]
)
def test_a_footer_of_a_sheet_is_not_longer_than_the_program_takes_and_bears_the_number(old: str) -> None:
    made = office._footed(old, WORDS)
    assert len(made.encode("utf-16-le")) // 2 <= 255 and made.count(f"&L{WORDS}") == 1
    assert made.count('"') % 2 == 0 and not made.endswith("&")
    assert office._footed("&C第&P页", WORDS) == f"&L{WORDS}&C第&P页"


@pytest.mark.parametrize(
    "content",
    [
        body_with(word__embeddings__a_bin=b"\xd0\xcf\x11\xe0 OLE"),
        body_with(word__media__a_emf=b"\1\0\0\0 drawing"),
        body_with(word__media__a_mp4=b"\0\0\0\x20ftypisom"),
        body_with(word__a_xml='<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'),
        body_with(word__a_xml='<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'),
        body_with(word__a_xml="<a>"),
        packed({"word/nothing.xml": "<a/>"}, {}),
        b"PK\x03\x04 nothing",
        b"",
    ],
    ids=["ole", "drawing", "film", "laughs", "outside", "broken", "no page", "no package", "empty"],
)
def test_what_nobody_can_vouch_for_has_no_copy(content: bytes) -> None:
    assert copied(content, DOCX) is None


def test_a_table_in_a_text_in_a_text_is_looked_through_and_nothing_deeper() -> None:
    def within(content: bytes) -> bytes:
        return body_with(word__embeddings__a_docx=content)

    assert CANARY.encode() not in b"".join(unpacked(copied(within(within(table())), DOCX) or b"").values())
    assert copied(within(within(within(table()))), DOCX) is None


@pytest.mark.parametrize(("limit", "most"), [("MOST_PARTS", 3), ("MOST_TEXT", 100), ("MOST_UNPACKED", 5_000)])
def test_a_bomb_is_refused_by_its_directory_before_anything_is_unpacked(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(office, limit, most)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_told: pytest.fail("it was unpacked"))
    with pytest.raises(office.Unclean):
        office.cleaned(letter(), WORDS, 0)


def test_a_real_bomb_makes_nothing() -> None:
    assert copied(body_with(word__a_xml=b"<a>" + b" " * (office.MOST_TEXT + 1) + b"</a>"), DOCX) is None


def test_plain_text_bears_the_number_and_says_what_it_said() -> None:
    for encoding in ("utf-8", "gb18030"):
        made = copied("公开栏已更新".encode(encoding), "text/plain")
        assert made is not None and made.decode(encoding) == f"公开栏已更新\n\n{WORDS}\n"
    assert [ending_of_copy(one) for one in (DOCX, XLSX, PPTX, "text/plain")] == ["docx", "xlsx", "pptx", "txt"]


SPEAKING = {
    "rtf": f"{{\\rtf1{{\\info{{\\author {CANARY}}}}}正文}}",
    "mail": f"From: {CANARY} <a@b.example>\r\nX-Originating-IP: 10.0.0.1\r\n\r\n正文",
    "mail of a box": f"From {CANARY} Mon Jan  5 08:00:00 2026\n\n正文",
    "card": f"BEGIN:VCARD\r\nFN:{CANARY}\r\nEND:VCARD",
    "xml": f'\ufeff<?xml version="1.0"?><office:document><dc:creator>{CANARY}</dc:creator></office:document>',
    "markup": f"\n <office:document><dc:creator>{CANARY}</dc:creator></office:document>",
    "postscript": f"%!PS-Adobe-3.0\n%%For: {CANARY}\n",
    "pdf further down": f"\n\n正文\n%PDF-1.4\n1 0 obj <</Author ({CANARY})>> endobj",
}


@pytest.mark.parametrize("content", SPEAKING.values(), ids=SPEAKING)
def test_text_that_may_name_its_maker_has_no_copy(content: str) -> None:
    assert copied(content.encode(), "text/plain") is None


def test_text_has_a_copy_only_under_a_name_of_text() -> None:
    names = ("制度.txt", "清单.CSV", "来信.eml", "说明.rtf", "报告.fodt", "名片.vcf", "记录.md", "txt", "")
    assert [one for one in names if may_be_copied("text/plain", one)] == ["制度.txt", "清单.CSV"]
    for content in ("时间：8点", "https://anlan.example/ 已公开", "序号,事项\n1,10:30", "a < b"):
        assert copied(content.encode(), "text/plain") is not None, content


def test_there_is_no_copy_of_what_cannot_be_cleaned() -> None:
    none = ("application/octet-stream", "application/zip", "video/mp4", "image/heic", "image/tiff", "image/bmp")
    assert [one for one in none if may_be_copied(one, "一.txt")] == []
    assert set(child.WORKS["small"]) <= set(child.WORKS["copy"])


def test_a_small_picture_says_nothing_of_its_original() -> None:
    picture, made = Image.new("RGB", (800, 600), (30, 120, 60)), io.BytesIO()
    exif = picture.getexif()
    exif[0x013B] = CANARY
    exif.get_ifd(0x8825)[2] = (30.0, 15.0, 0.0)
    picture.save(made, "JPEG", exif=exif, comment=CANARY)
    small = small_of(made, "image/jpeg") if made.seek(0) == 0 else None
    assert small is not None and CANARY.encode() not in small
    assert not Image.open(io.BytesIO(small)).getexif()
