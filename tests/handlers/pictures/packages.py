"""Office files as programs write them, with a canary at every place where they speak of their maker."""

from __future__ import annotations

import io
import zipfile

from PIL import Image

CANARY = "Jinsique"
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX, PPTX = (
    f"{OFFICE}{of}" for of in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
)
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
_X = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PROPERTIES = {
    "docProps/core.xml": f'<c:coreProperties xmlns:c="c" xmlns:dc="d"><dc:creator>{CANARY}</dc:creator></c:coreProperties>',
    "docProps/app.xml": f"<Properties><Company>{CANARY}</Company></Properties>",
    "docProps/custom.xml": f"<Properties><property>{CANARY}</property></Properties>",
    "docProps/thumbnail.jpeg": CANARY,
    "customXml/item1.xml": f"<a>{CANARY}</a>",
    "_xmlsignatures/sig1.xml": f"<a>{CANARY}</a>",
}


def photograph(form: str = "JPEG") -> bytes:
    """A picture that says by whom and where it was taken, and in a JPEG carries another one behind its end."""
    picture, made = Image.new("RGB", (80, 60), (30, 120, 60)), io.BytesIO()
    exif = picture.getexif()
    exif[0x013B] = CANARY
    exif.get_ifd(0x8825)[2] = (30.0, 15.0, 0.0)
    if form == "GIF":
        picture.save(made, form, comment=CANARY)
        return made.getvalue()
    picture.save(made, form, exif=exif)
    return made.getvalue() + (b"\xff\xd8" + CANARY.encode() if form == "JPEG" else b"")


def packed(parts: dict[str, str | bytes], links: dict[str, dict[str, str]]) -> bytes:
    """A package of these parts; `links` are, by part, ids with `kind target` (External where it begins with !)."""
    kinds = "".join(f'<Override PartName="/{name}" ContentType="x"/>' for name in parts)
    all_parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{kinds}</Types>',
        **parts,
    }
    for source, told in links.items():
        folder, _, name = source.rpartition("/")
        lines = "".join(_link(link_id, *text.split(" ")) for link_id, text in told.items())
        all_parts[f"{folder}/_rels/{name}.rels".removeprefix("/")] = (
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{lines}</Relationships>'
        )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in all_parts.items():
            package.writestr(part, content)
    return made.getvalue()


def _link(link_id: str, kind: str, target: str) -> str:
    outside = ' TargetMode="External"' if target.startswith("!") else ""
    return f'<Relationship Id="{link_id}" Type="{_KIND}/{kind}" Target="{target.removeprefix("!")}"{outside}/>'


def letter() -> bytes:
    """A docx with a change and a note by somebody, his template, his disk, a photograph and a table of his within it."""
    body = (
        f'<w:document {_W} {_W14} {_R} xmlns:pic="pic" xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:o="urn:schemas-microsoft-com:office:office"><w:body>'
        f'<w:p w:rsidR="00AB12" w14:paraId="77AB12CD"><w:ins w:author="{CANARY}" w:date="2026-01-01T00:00:00Z"><w:r><w:t>正文'
        f'</w:t></w:r></w:ins><w:r><w:instrText>INCLUDEPICTURE "C:\\\\Users\\\\{CANARY}\\\\a.jpg"</w:instrText></w:r></w:p>'
        f'<pic:cNvPr id="1" name="{CANARY}.jpg" descr="C:\\{CANARY}"/>'
        f'<v:shape alt="{CANARY}"><v:imagedata r:id="r2" o:title="{CANARY}"/></v:shape>'
        f'<w:sectPr><w:printerSettings r:id="r9"/></w:sectPr></w:body></w:document>'
    )
    settings = (
        f'<w:settings {_W} {_R}><w:attachedTemplate r:id="r1"/><w:zoom w:percent="100"/><w:rsids><w:rsid w:val="00AB12"/></w:rsids>'
        f'<w:docVars><w:docVar w:name="a" w:val="{CANARY}"/></w:docVars></w:settings>'
    )
    parts: dict[str, str | bytes] = {
        "word/document.xml": body,
        "word/settings.xml": settings,
        "word/comments.xml": f'<w:comments {_W}><w:comment w:author="{CANARY}" w:initials="J" w:id="0"><w:p/></w:comment></w:comments>',
        "word/people.xml": f'<people author="{CANARY}">{CANARY}</people>',
        "word/printerSettings1.bin": CANARY,
        "word/media/image1.jpg": photograph(),
        "word/media/image2.png": photograph("PNG"),
        "word/media/image3.gif": photograph("GIF"),
        "word/embeddings/sheet.xlsx": table(),
        **PROPERTIES,
    }
    links = {
        "": {
            "a": "officeDocument word/document.xml",
            "b": "core-properties docProps/core.xml",
            "c": "x docProps/thumbnail.jpeg",
        },
        "word/document.xml": {
            **{"r2": "image media/image1.jpg", "r3": "customXml ../customXml/item1.xml", "r9": "p printerSettings1.bin"},
            **{"r4": f"image !file:///C:/{CANARY}.jpg", "r5": "hyperlink !https://anlan.example/", "r6": "p people.xml"},
        },
        "word/settings.xml": {"r1": f"attachedTemplate !file:///C:/{CANARY}.dotx"},
    }
    return packed(parts, links)


def table() -> bytes:
    """An xlsx with a path, notes by somebody, whoever has it open, and the printer that it was printed on."""
    x15 = 'xmlns:mc="mc" xmlns:x15ac="x15ac" xmlns:xr="xr"'
    book = (
        f'<workbook {_X} {_R} {x15}><fileSharing userName="{CANARY}"/><mc:AlternateContent><mc:Choice>'
        f'<x15ac:absPath url="C:\\Users\\{CANARY}"/></mc:Choice></mc:AlternateContent><xr:revisionPtr documentId="{CANARY}"/>'
        '<sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    sheet = (
        f'<worksheet {_X} {_R} {x15} xr:uid="{{{CANARY}}}"><sheetData><row><c t="inlineStr"><is><t>数</t></is></c></row></sheetData>'
        '<pageSetup paperSize="9" r:id="r1"/><headerFooter><oddHeader>&amp;C抬头</oddHeader><oddFooter>第&amp;P页</oddFooter>'
        '</headerFooter><legacyDrawing r:id="r2"/></worksheet>'
    )
    notes = (
        f'<comments {_X}><authors><author>{CANARY}</author></authors><commentList><comment ref="A1" authorId="0"><text><r><t>'
        f"{CANARY}:</t></r><r><t>说明</t></r></text></comment></commentList></comments>"
    )
    parts: dict[str, str | bytes] = {
        "xl/workbook.xml": book,
        "xl/worksheets/sheet1.xml": sheet,
        "xl/comments1.xml": notes,
        "xl/drawings/vmlDrawing1.vml": "<xml/>",
        "xl/persons/person.xml": f'<personList displayName="{CANARY}"/>',
        "xl/printerSettings/printerSettings1.bin": CANARY,
        "xl/connections.xml": f'<connections {_X}><connection sourceFile="C:\\{CANARY}"><dbPr connection="{CANARY}"/></connection></connections>',
        "xl/pivotCache/pivotCacheDefinition1.xml": f'<pivotCacheDefinition {_X} refreshedBy="{CANARY}"/>',
        **PROPERTIES,
    }
    links = {
        "": {"a": "officeDocument xl/workbook.xml"},
        "xl/workbook.xml": {"r1": "worksheet worksheets/sheet1.xml", "r2": "person persons/person.xml"},
        "xl/worksheets/sheet1.xml": {
            **{"r1": "printerSettings ../printerSettings/printerSettings1.bin", "r2": "vmlDrawing ../drawings/vmlDrawing1.vml"},
            "r3": "comments ../comments1.xml",
        },
    }
    return packed(parts, links)


def slides() -> bytes:
    """A pptx with somebody who comments, and with what he changed."""
    slide = (
        f'<p:sld {_P} {_A}><p:cSld><p:spTree><p:sp><p:nvSpPr><p:cNvPr id="7" name="{CANARY}.jpg" descr="{CANARY}"/></p:nvSpPr>'
        "<p:txBody><a:p><a:r><a:t>标题</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
    )
    parts: dict[str, str | bytes] = {
        "ppt/presentation.xml": f"<p:presentation {_P}/>",
        "ppt/slides/slide1.xml": slide,
        "ppt/commentAuthors.xml": f'<p:cmAuthorLst {_P}><p:cmAuthor id="0" name="{CANARY}" initials="{CANARY}"/></p:cmAuthorLst>',
        "ppt/authors.xml": f'<p188:authorLst xmlns:p188="p"><p188:author name="{CANARY}" userId="{CANARY}"/></p188:authorLst>',
        "ppt/changesInfos/changesInfo1.xml": f'<a name="{CANARY}"/>',
        **PROPERTIES,
    }
    return packed(
        parts, {"": {"a": "officeDocument ppt/presentation.xml"}, "ppt/presentation.xml": {"r1": "slide slides/slide1.xml"}}
    )
