"""What bytes are, read from the bytes: the kinds a county's evidence comes in, and those that are refused.

A name decides nothing that opens a door. It may only close one: bytes called .bat are refused whatever they are, and so are
bytes called .jpg that are no picture.
"""

from __future__ import annotations

import re
import zipfile
from typing import BinaryIO

UNKNOWN = "application/octet-stream"
HEAD = 8192

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
)
# ISO base media: the brand after "ftyp" tells a photo from a film.
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "), "video/mp4"),
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PACKAGES = (
    ("word/", f"{_OFFICE}wordprocessingml.document"),
    ("xl/", f"{_OFFICE}spreadsheetml.sheet"),
    ("ppt/", f"{_OFFICE}presentationml.presentation"),
)
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text",
    b"application/vnd.oasis.opendocument.spreadsheet",
}
_PROGRAMS: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xfe\xed\xfa", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"\xce\xfa\xed\xfe", "program"),
    (b"dex\n", "program"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "shortcut"),
    (b"#!", "script"),
)
_MARKUP = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg|xsl:stylesheet|object|embed)[\s>/:]|<\?php", re.IGNORECASE
)
_SCRIPT = re.compile(rb"\s*(?:@echo\s+off|<%|on error resume next|wscript\.|powershell\b)", re.IGNORECASE)
_REFUSED_WORDS = """
exe com scr pif msi msp bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh hta lnk url reg dll sys jar apk sh bash py pl rb
php phtml asp aspx jsp html htm xhtml xht mht mhtml svg svgz xsl xslt docm dotm xlsm xltm xlam pptm potm ppam
"""
_REFUSED_ENDINGS = frozenset(_REFUSED_WORDS.split())
# What a name claims by its ending, and what bytes may then be. Within a family an ending may err: phones and scanners call a
# PNG .jpg, a document with a password lies in the old container, and many systems call a table of plain text .xls.
_CLAIMS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("jpg jpeg jpe jfif png gif bmp tif tiff webp heic heif", "picture", frozenset({"picture"})),
    ("pdf", "pdf", frozenset({"pdf"})),
    ("doc docx wps odt rtf ppt pptx dps", "document", frozenset({"document"})),
    ("xls xlsx et ods", "table", frozenset({"document", "text"})),
    ("mp4 m4v mov 3gp", "film", frozenset({"film"})),
    ("zip", "archive", frozenset({"archive", "document"})),
)
_CLAIM_OF = {ending: (claim, kinds) for endings, claim, kinds in _CLAIMS for ending in endings.split()}
_OLD_OFFICE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")
_FILM_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
PDF_WITHIN = 1024  # readers look so far for the head of a PDF (ISO 32000-1, annex H.3.4.1)


def find_hostile(stream: BinaryIO, name: str) -> str:
    """Why the file is refused (program, script, markup, macro, shortcut, name), or ""."""
    head = _head(stream)
    for start, what in _PROGRAMS:
        if head.startswith(start):
            return what
    if _is_texty(head) and _MARKUP.search(_as_bytes(head)):
        return "markup"
    if _is_texty(head) and _SCRIPT.match(_as_bytes(head)):
        return "script"
    if any(entry.lower().endswith("vbaproject.bin") for entry in _entries(stream)):
        return "macro"
    return "name" if name.rpartition(".")[2].strip().lower() in _REFUSED_ENDINGS else ""


def sniff(stream: BinaryIO) -> str:
    """The media type; application/octet-stream for what is none of the kinds known."""
    head = _head(stream)
    for start, media_type in _STARTS:
        if head.startswith(start):
            return media_type
    if head[:2] == b"BM" and head[6:10] == bytes(4) and int.from_bytes(head[2:6], "little") >= len(head):
        return "image/bmp"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], UNKNOWN)
    if head.startswith(b"PK\x03\x04"):
        return _package(stream, head)
    return "text/plain" if _is_text(stream) else UNKNOWN


def find_false_claim(stream: BinaryIO, name: str, media_type: str) -> tuple[str, str] | None:
    """What the name claims (picture, pdf, document, table, film, archive) and what the bytes are instead, or None.

    What they are is one of the same words, text, or unknown. A name without an ending, or with another, claims nothing.
    """
    claim, kinds = _CLAIM_OF.get(name.rpartition(".")[2].strip().lower() if "." in name else "", ("", frozenset()))
    found = _family(media_type, _head(stream))
    return (claim, found) if claim and found not in kinds else None


def _family(media_type: str, head: bytes) -> str:
    if media_type.startswith("image/"):
        return "picture"
    if media_type == "application/pdf" or b"%PDF-" in head[:PDF_WITHIN]:
        return "pdf"
    if media_type.startswith((_OFFICE, "application/vnd.oasis.")) or head.startswith(_OLD_OFFICE):
        return "document"
    if media_type.startswith("video/") or head[4:8] in _FILM_BOXES:
        return "film"
    return {"text/plain": "text", "application/zip": "archive"}.get(media_type, "unknown")


def _head(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read(HEAD)


def _package(stream: BinaryIO, head: bytes) -> str:
    entries = _entries(stream)
    if not entries:
        return UNKNOWN
    if "[Content_Types].xml" in entries:
        return next((t for folder, t in _PACKAGES if any(e.startswith(folder) for e in entries)), "application/zip")
    told = _first_entry(head)
    return told.decode() if told in _OPEN_DOCUMENT else "application/zip"


def _first_entry(head: bytes) -> bytes:
    """What is in the entry "mimetype" that an OpenDocument package begins with, stored and not packed (ODF 1.3, 3.3)."""
    size, name, extra = (int.from_bytes(head[a:b], "little") for a, b in ((18, 22), (26, 28), (28, 30)))
    begin = 30 + name + extra
    return head[begin : begin + size] if head[30 : 30 + name] == b"mimetype" else b""


def _entries(stream: BinaryIO) -> list[str]:
    if not zipfile.is_zipfile(stream):
        return []
    try:
        with zipfile.ZipFile(stream) as package:
            return package.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return []


def _is_texty(head: bytes) -> bool:
    if head.startswith((*[start for start, _ in _STARTS], b"PK\x03\x04")):
        return False  # Its kind is known, and it is served as that and as nothing else.
    return b"\x00" not in head or head[:2] in (b"\xff\xfe", b"\xfe\xff")


def _as_bytes(head: bytes) -> bytes:
    """UTF-16 with a mark at its head reads as plain bytes, so that markup cannot hide in it."""
    return head.replace(b"\x00", b"").lstrip(b"\xff\xfe\xef\xbb\xbf")


def _is_text(stream: BinaryIO) -> bool:
    stream.seek(0)
    data = stream.read()
    if any(byte < 32 and byte not in b"\t\n\r\x0c" for byte in data[:HEAD]) or b"\x00" in data:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
