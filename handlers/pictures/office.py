"""Copies of office files (docx, xlsx, pptx: ECMA-376) that say nothing of who wrote them, and bear the number of who took them.

Part of the child (`child.py`). The package is written anew from parts that are known to be harmless: what is there to speak of
its maker is left out, what stands in the text parts is read through element by element, and pictures lose what they say of
themselves. What cannot be vouched for (OLE, films, drawings of other programs) makes no copy at all.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

from lxml import etree

from handlers.pictures.segments import clean_picture

MEBIBYTE = 1024 * 1024
MOST_PARTS, MOST_TEXT, MOST_UNPACKED = 5_000, 24 * MEBIBYTE, 200 * MEBIBYTE
# A table within a document within a document, and no further.
DEEPEST = 2
# Of every copy, so that two of one file differ in nothing but their number.
TIME = (1980, 1, 1, 0, 0, 0)

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SLIDE = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
LINKED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
TYPED = "[Content_Types].xml"

# Parts that speak of the maker, his machine and his earlier versions, and of which nothing is seen on a page.
_LEFT_OUT = re.compile(
    r"(?i)(?:docprops|customxml|_xmlsignatures|docmetadata|customui|usercustomization|\[trash\])/"
    r"|xl/(?:printersettings|revisions|threadedcomments|persons)/|xl/customproperty\d*\.bin$"
    r"|word/(?:people|comments(?:extended|ids|extensible)|printersettings\d*)\.|word/printersettings/"
    r"|ppt/(?:printersettings|changesinfos)/|ppt/revisioninfo\.xml$"
)
# The same by what leads to such a part (the last word of the link's type), by its content type, and by its first element, in
# small letters: they may have any name (ECMA-376 part 2, 8.1).
_KINDS = """
core-properties extended-properties custom-properties thumbnail customxml customxmlprops customxmlproperties customproperty
printersettings people person threadedcomment threadedcomments commentsextended commentsids commentsextensible
revisionheaders revisionlog usernames changesinfo revisioninfo classificationlabels extensibility
origin signature certificate digital-signature-origin digital-signature-xmlsignature digital-signature-certificate
"""
_ROOTS = """
coreproperties properties signature people personlist threadedcomments commentsex commentsids commentsextensible
headers revisions users chginfo revinfo labellist datastoreitem customui
"""
_LEFT_OUT_KINDS, _LEFT_OUT_ROOTS = frozenset(_KINDS.split()), frozenset(_ROOTS.split())
_TEXT_ENDINGS = (".xml", ".rels", ".vml")
_FONT_ENDINGS = (".odttf", ".fntdata")
# Elements by their local names, whichever dialect of the format they belong to.
_DROPPED = frozenset(
    (
        *("rsids", "docId", "docVars", "mailMerge", "attachedTemplate", "saveThroughXslt", "dataBinding", "absPath"),
        *("revisionPtr", "customWorkbookViews", "customSheetViews", "fileSharing"),
    )
)
_BLANKED = frozenset(("author", "initials", "userId", "providerId", "userName", "refreshedBy", "connection"))
# Who wrote a note on a slide, and what the file of a picture was called.
_NAMELESS = frozenset(("cmAuthor", "author", "cNvPr", "docPr"))
# Identities of paragraphs and cells that lead from one copy of a text to another, hours of changes, names and paths of files.
_UNSAID = frozenset(("paraId", "textId", "durableId", "uid", "dateUtc", "descr", "alt", "sourceFile", "odcFile"))
# What a field of a text fetches from a disk; what it has fetched stands beside it.
_PATH = re.compile(r"(?i)(?<![a-z])[a-z]:[\\/]|\\\\|file:")
_HOURS = (f"{WORD}date", "dt")
_TITLED = "{urn:schemas-microsoft-com:office:office}title"


class Unclean(Exception):
    """Nobody can say what of its maker is left in this file."""


def copy_of_office() -> Callable[[bytes, str], bytes]:
    """What makes a copy of a package; Unclean, or whatever goes wrong, for one that none can be made of."""

    def make(content: bytes, words: str) -> bytes:
        parts, marked = cleaned(content, words, 0)
        if not marked:
            raise Unclean("it has no page that could bear the number")
        return written(parts, words)

    _warm(make)
    return make


def cleaned(content: bytes, words: str, depth: int) -> tuple[dict[str, bytes], int]:
    """The parts that a copy has, by name, and how many of them bear `words`."""
    kept = _parts_of(content)
    trees = {name: _read(part) for name, part in kept.items() if name.lower().endswith(_TEXT_ENDINGS) or name == TYPED}
    for name in _of_the_maker(trees):
        kept.pop(name, None)
        trees.pop(name, None)
    for name in [name for name in trees if name.endswith(".rels") and _source_of(name) not in ("", *kept)]:
        del kept[name], trees[name]
    for name in [name for name in trees if name.endswith(".rels")]:
        source, gone = _source_of(name), _unlink(trees[name], _source_of(name), kept)
        if source in trees:
            _let_go(trees[source], gone)
    for override in [one for one in trees[TYPED] if one.tag == f"{TYPES}Override" and one.get("PartName", "")[1:] not in kept]:
        trees[TYPED].remove(override)
    for tree in trees.values():
        _silence(tree)
    marked = 0 if depth else mark(trees, words)
    made = {name: etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True) for name, tree in trees.items()}
    others = {name: _clean_part(name, part, words, depth) for name, part in kept.items() if name not in trees}
    return {**made, **others}, marked


def written(parts: dict[str, bytes], words: str) -> bytes:
    """The parts as a package, whose comment is `words`."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.comment = words.encode()
        for name in sorted(parts, key=lambda name: (name != TYPED, name)):
            package.writestr(zipfile.ZipInfo(name, TIME), parts[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _parts_of(content: bytes) -> dict[str, bytes]:
    """What is unpacked, within bounds that the package's own directory is asked about first."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        told = [one for one in package.infolist() if not one.is_dir()]
        texts = [one.file_size for one in told if one.filename.lower().endswith(_TEXT_ENDINGS)]
        if len(told) > MOST_PARTS or sum(one.file_size for one in told) > MOST_UNPACKED or max(texts, default=0) > MOST_TEXT:
            raise Unclean("it is too much when unpacked")
        if len({one.filename.lower() for one in told}) < len(told):
            raise Unclean("two parts have one name")
        if any(_resolved("", one.filename) != one.filename or "\\" in one.filename for one in told):
            raise Unclean("a part has a name that programs read otherwise")
        return {one.filename: package.read(one) for one in told if not _LEFT_OUT.match(one.filename)}


def _of_the_maker(trees: dict[str, Any]) -> set[str]:
    """The parts, under whatever names, that a link, their content type or their first element says are of the maker."""
    found = {name for name, tree in trees.items() if _local(tree.tag).lower() in _LEFT_OUT_ROOTS}
    for name in [name for name in trees if name.endswith(".rels")]:
        for link in trees[name]:
            if link.get("Type", "").rpartition("/")[2].lower() in _LEFT_OUT_KINDS:
                found.add(_resolved(_source_of(name), link.get("Target", "")))
    for override in trees[TYPED].iter(f"{TYPES}Override"):
        kind = override.get("ContentType", "").rpartition(".")[2].removesuffix("+xml").lower()
        if kind in _LEFT_OUT_KINDS:
            found.add(override.get("PartName", "")[1:])
    return found


def _read(part: bytes) -> Any:
    safe = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False}
    root = etree.fromstring(part, etree.XMLParser(remove_comments=True, remove_pis=True, **safe))
    if root.getroottree().docinfo.doctype:
        raise Unclean("a part declares what the format has not")
    return root


def _clean_part(name: str, part: bytes, words: str, depth: int) -> bytes:
    if name.lower().endswith(_FONT_ENDINGS):
        return part
    if part.startswith(b"PK\x03\x04") and depth < DEEPEST:
        return written(cleaned(part, words, depth + 1)[0], words)
    clean = clean_picture(part)
    if clean is None:
        raise Unclean(f"{name} is none of the pictures known")
    return clean


# ---- links between parts --------------------------------------------------------------------------------------------------


def _source_of(rels: str) -> str:
    """The part whose links these are: word/document.xml of word/_rels/document.xml.rels; "" for the package's own."""
    folder, name = posixpath.split(rels)
    return posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))


def _resolved(source: str, target: str) -> str:
    """The name of the part that a link of `source` leads to."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(source), target.partition("#")[0]))[1:]


def _unlink(links: Any, source: str, kept: Iterable[str]) -> set[str]:
    """Takes the links out that lead to nothing any more, whose ids it gives, and of others where they leave the package."""
    gone = set()
    for link in list(links):
        target, kind = link.get("Target", ""), link.get("Type", "")
        if link.get("TargetMode") == "External":
            is_address = kind.endswith("/hyperlink") and target.startswith(("http://", "https://", "mailto:", "#"))
            leads = not kind.endswith("/attachedTemplate")
            # A path names the machine and whoever sits at it; a picture that is loaded tells somebody who looks.
            link.set("Target", target if is_address else "about:blank")
        else:
            leads = _resolved(source, target) in kept
        if not leads:
            gone.add(link.get("Id", ""))
            links.remove(link)
    return gone


def _let_go(tree: Any, gone: set[str]) -> None:
    """Takes out what has lost its link: the element, or of the set-up of a page only the link."""
    for one in [one for one in tree.iter() if isinstance(one.tag, str)]:
        lost = [name for name, value in one.attrib.items() if name.startswith(LINKED) and value in gone]
        for name in lost:
            del one.attrib[name]
        if lost and _local(one.tag) != "pageSetup" and one.getparent() is not None:
            _take_out(one)


# ---- what is said ---------------------------------------------------------------------------------------------------------


def _silence(tree: Any) -> None:
    if tree.tag == f"{SHEET}comments":
        _silence_comments(tree)
    _silence_fields(tree)
    for one in list(tree.iter()):
        local = _local(one.tag)
        if local in _DROPPED:
            _take_out(one)
            continue
        for name in list(one.attrib):
            said = _local(name)
            if said in _UNSAID or name in _HOURS or name == _TITLED or said.startswith("rsid"):
                del one.attrib[name]
            elif said in _BLANKED:
                one.attrib[name] = ""
        if local in _NAMELESS and "name" in one.attrib:
            one.set("name", "")
        if _PATH.search(one.get(f"{WORD}instr", "")):
            one.set(f"{WORD}instr", "")


def _silence_fields(tree: Any) -> None:
    """What fields fetch from a disk, in however many pieces it is written and whichever field within writes some (17.16.5)."""
    fields: list[list[Any]] = [[]]
    for one in tree.iter(f"{WORD}fldChar", f"{WORD}instrText", f"{WORD}delInstrText"):
        edge = one.get(f"{WORD}fldCharType")
        if one.tag != f"{WORD}fldChar":
            fields[-1].append(one)
        elif edge == "begin":
            fields.append([])
        elif edge == "end" and len(fields) > 1:
            ended = fields.pop()
            _silence_field(ended)
            if len(fields) > 1:
                fields[-1].extend(ended)
    for pieces in fields:
        _silence_field(pieces)


def _silence_field(pieces: list[Any]) -> None:
    if _PATH.search("".join(one.text or "" for one in pieces)):
        for one in pieces:
            one.text = ""


def _silence_comments(tree: Any) -> None:
    """Of notes on cells the authors: their names, and the first words of the texts, where the program writes them again."""
    authors = [one.text or "" for one in tree.iter(f"{SHEET}author")]
    heads = [f"{author}{colon}" for author in authors if author for colon in (":", "\uff1a")]
    for note in tree.iter(f"{SHEET}comment"):
        first = next(note.iter(f"{SHEET}t"), None)
        head = next((head for head in heads if first is not None and (first.text or "").startswith(head)), "")
        if first is not None and head:
            first.text = (first.text or "").removeprefix(head)
    for one in tree.iter(f"{SHEET}author"):
        one.text = ""


def _take_out(one: Any) -> None:
    parent, tail = one.getparent(), one.tail
    if parent is None:
        raise Unclean("a part is nothing but what is left out")
    before = one.getprevious()
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(one)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


# ---- the number -----------------------------------------------------------------------------------------------------------


def mark(trees: dict[str, Any], words: str) -> int:
    """Writes `words` where each page shows them, in footers and at the edge of slides; in how many parts."""
    count = 0
    for name, tree in list(trees.items()):
        if tree.tag == f"{WORD}ftr":
            tree.append(_paragraph(words))
        elif tree.tag == f"{WORD}document":
            _foot_document(trees, name, words)
        elif tree.tag == f"{SHEET}worksheet":
            _foot_sheet(tree, words)
        elif tree.tag == f"{SLIDE}sld":
            _edge_of_slide(tree, words)
        else:
            continue
        count += 1
    return count


def _paragraph(words: str) -> Any:
    paragraph = etree.Element(f"{WORD}p")
    etree.SubElement(etree.SubElement(paragraph, f"{WORD}r"), f"{WORD}t").text = words
    return paragraph


def _foot_document(trees: dict[str, Any], name: str, words: str) -> None:
    """A footer for the first section, which the others inherit, of each sort that it has none of."""
    body = trees[name].find(f"{WORD}body")
    sections = [one for one in body.iter(f"{WORD}sectPr") if _local(one.getparent().tag) in ("body", "pPr")]
    section = sections[0] if sections else etree.SubElement(body, f"{WORD}sectPr")
    lacking = {"default", "first", "even"} - {one.get(f"{WORD}type") for one in section.iter(f"{WORD}footerReference")}
    if not lacking:
        return
    folder, file = posixpath.split(name)
    rels = posixpath.join(folder, "_rels", f"{file}.rels")
    part = _free("footer-number", ".xml", {posixpath.basename(one) for one in trees})
    footer = etree.Element(f"{WORD}ftr", nsmap={"w": WORD[1:-1]})
    footer.append(_paragraph(words))
    trees[posixpath.join(folder, part)] = footer
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"
    told = {"PartName": f"/{posixpath.join(folder, part)}", "ContentType": kind}
    etree.SubElement(trees[TYPED], f"{TYPES}Override", told)
    links = trees.setdefault(rels, etree.Element(f"{PACKAGE}Relationships", nsmap={None: PACKAGE[1:-1]}))
    link = _free("rNumber", "", {one.get("Id", "") for one in links})
    etree.SubElement(links, f"{PACKAGE}Relationship", {"Id": link, "Type": f"{LINKED[1:-1]}/footer", "Target": part})
    for sort in sorted(lacking):
        section.insert(0, etree.Element(f"{WORD}footerReference", {f"{WORD}type": sort, f"{LINKED}id": link}))


def _free(begin: str, end: str, taken: set[str]) -> str:
    """A name that is not taken: a copy of a copy has a footer of ours already."""
    small = {one.lower() for one in taken}
    return next(name for n in range(len(small) + 1) if (name := f"{begin}{n or ''}{end}").lower() not in small)


# What follows the footers in a sheet (ECMA-376 part 1, 18.3.1.99).
_AFTER = frozenset(
    (
        *("rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing"),
        *("legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems"),
        *("tableParts", "extLst", "AlternateContent"),
    )
)
# "Specifications and limits" of Excel: characters in a header or footer.
MOST_FOOTER = 255
_FOOTER_PIECES = re.compile(r'(?s)&"[^"]*"|&K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|&\d+|&.|.')
_FOOTS = ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")


def _foot_sheet(tree: Any, words: str) -> None:
    feet = tree.find(f"{SHEET}headerFooter")
    if feet is None:
        feet = etree.Element(f"{SHEET}headerFooter")
        after = next((one for one in tree if _local(one.tag) in _AFTER), None)
        tree.append(feet) if after is None else after.addprevious(feet)
    told = {_local(one.tag): one.text or "" for one in feet}
    for one in list(feet):
        feet.remove(one)
    for sort in ("oddFooter", "evenFooter", "firstFooter"):
        told[sort] = _footed(told.get(sort, ""), words)
    for sort in _FOOTS:
        if sort in told:
            etree.SubElement(feet, f"{SHEET}{sort}").text = told[sort]


def _footed(text: str, words: str) -> str:
    """A footer of a sheet (18.3.1.46) with the words at its left; what stands without a place is in the middle.

    What is too long for the program, which would mend the whole file, ends earlier.
    """
    text = _shortened(text, MOST_FOOTER - len(f"&L{words} &C"))
    if "&L" in text:
        return text.replace("&L", f"&L{words} ", 1)
    return f"&L{words}{'' if text.startswith('&') or not text else '&C'}{text}"


def _shortened(text: str, most: int) -> str:
    """What of a footer has so many characters as Excel counts them (UTF-16), no code of it cut in two."""
    kept, left = "", most
    for one in _FOOTER_PIECES.findall(text):
        left -= sum(2 if letter > "\uffff" else 1 for letter in one)
        if left < 0:
            break
        kept += one
    return kept


def _edge_of_slide(tree: Any, words: str) -> None:
    shapes = tree.find(f"{SLIDE}cSld/{SLIDE}spTree")
    ids = [int(one.get("id", "0")) for one in tree.iter(f"{SLIDE}cNvPr")]
    shape = etree.fromstring(
        f'<p:sp xmlns:p="{SLIDE[1:-1]}" xmlns:a="{DRAWN[1:-1]}"><p:nvSpPr><p:cNvPr id="{max(ids, default=1) + 1}" name=""/>'
        '<p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="6000000" cy="300000"/>'
        '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:r>'
        f'<a:rPr lang="en-US" sz="1000"/><a:t>{words}</a:t></a:r></a:p></p:txBody></p:sp>'
    )
    after = shapes.find(f"{SLIDE}extLst")
    shapes.append(shape) if after is None else after.addprevious(shape)


def _warm(make: Callable[[bytes, str], bytes]) -> None:
    """Loads what would else be loaded when it is needed, and could not be any more."""
    document = f'<w:document xmlns:w="{WORD[1:-1]}"><w:body/></w:document>'.encode()
    make(
        written({TYPED: f'<Types xmlns="{TYPES[1:-1]}"/>'.encode(), "word/document.xml": document, "\u4e00.xml": b"<a/>"}, "0"),
        "0",
    )
