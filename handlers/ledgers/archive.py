"""A zip container is measured before it is believed: sizes, honesty of its directory, and no XML with a DTD.

The directory of a zip may lie about sizes, and the reader that parses the sheets would find out too late. So
each entry is inflated once, in chunks, and compared with what the directory said (security.md R34).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from handlers.ledgers import limits
from handlers.ledgers.refusals import LedgerFileRefused

_END_RECORD = b"PK\x05\x06"
_WIDE = 0xFFFFFFFF
_LOCAL_HEADER_BYTES = 30
_DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""")
_PACKED_CHUNK_BYTES = 65_536
_OVERLAP = 64  # a marker may lie across two chunks
_XML_NAMES = (".xml", ".rels", ".vml", ".rdf")


@dataclass(frozen=True, slots=True)
class Archive:
    """A measured zip: `entries` by name, whose bytes can be streamed without trusting the directory."""

    data: bytes
    entries: dict[str, zipfile.ZipInfo]

    def stream(self, name: str) -> Iterator[bytes]:
        """The unpacked bytes of one entry in chunks; refuses with "zip_dishonest" as soon as they exceed its
        size.
        """
        entry = self.entries[name]
        unpacked, checksum = 0, 0
        for chunk in _inflate(self.data, entry):
            unpacked += len(chunk)
            checksum = zlib.crc32(chunk, checksum)
            if unpacked > entry.file_size:
                break
            yield chunk
        if unpacked != entry.file_size or checksum != entry.CRC:
            raise LedgerFileRefused("zip_dishonest", entry=name)

    def read(self, name: str) -> bytes:
        """The unpacked bytes of one entry; for small parts."""
        return b"".join(self.stream(name))


def open_archive(data: bytes) -> Archive:
    """Measure the zip in `data` and check each entry; refuses bombs, lies, encryption and XML with a DTD."""
    try:
        listed = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError) as fault:
        raise LedgerFileRefused("damaged") from fault
    _require_small(listed, packed=len(data))
    _require_plain(data, listed)
    archive = Archive(data=data, entries={entry.filename: entry for entry in listed})
    for name in archive.entries:
        _check_entry(archive, name)
    return archive


def _require_small(listed: list[zipfile.ZipInfo], *, packed: int) -> None:
    unpacked = sum(entry.file_size for entry in listed)
    if len(listed) > limits.MAX_ENTRIES:
        raise LedgerFileRefused("zip_bomb", entries=len(listed), most=limits.MAX_ENTRIES)
    if unpacked > limits.MAX_UNPACKED_BYTES:
        raise LedgerFileRefused("zip_bomb", unpacked_bytes=unpacked, most=limits.MAX_UNPACKED_BYTES)
    if unpacked > limits.RATIO_FLOOR_BYTES and unpacked > packed * limits.MAX_RATIO:
        raise LedgerFileRefused("zip_bomb", ratio=unpacked // max(packed, 1), most=limits.MAX_RATIO)


def _require_plain(data: bytes, listed: list[zipfile.ZipInfo]) -> None:
    if not _ends_with_its_directory(data):
        raise LedgerFileRefused("zip_dishonest", entry="comment")
    if len({entry.filename for entry in listed}) != len(listed):
        raise LedgerFileRefused("zip_dishonest", entry="duplicate")
    for entry in listed:
        if entry.flag_bits & 0x1:
            raise LedgerFileRefused("encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise LedgerFileRefused("damaged", entry=entry.filename)


def _ends_with_its_directory(data: bytes) -> bool:
    """Is there nothing after the directory? A comment could hide a second one that another reader prefers."""
    signature, size, offset = struct.unpack("<4s8xII2x", data[-22:])
    is_wide = _WIDE in (size, offset)  # zip64 keeps the numbers elsewhere
    return signature == _END_RECORD and (is_wide or size + offset == len(data) - 22)


def _check_entry(archive: Archive, name: str) -> None:
    is_xml = name.lower().endswith(_XML_NAMES)
    before = b""
    first = True
    for chunk in archive.stream(name):
        if first and is_xml:
            _require_utf8(chunk, name)
        first = False
        window = before + chunk
        if is_xml and _DTD.search(window):
            raise LedgerFileRefused("xml_with_entities", entry=name)
        before = window[-_OVERLAP:]


def _require_utf8(opening: bytes, name: str) -> None:
    declared = _ENCODING.search(opening[:512])
    odd = declared is not None and declared.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii")
    if odd or b"\x00" in opening[:512] or opening[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise LedgerFileRefused("xml_encoding", entry=name)


def _inflate(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    header = data[entry.header_offset : entry.header_offset + _LOCAL_HEADER_BYTES]
    if len(header) < _LOCAL_HEADER_BYTES or header[:4] != b"PK\x03\x04":
        raise LedgerFileRefused("damaged", entry=entry.filename)
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    start = entry.header_offset + _LOCAL_HEADER_BYTES + name_length + extra_length
    packed = memoryview(data)[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        for at in range(0, len(packed), limits.CHUNK_BYTES):
            yield bytes(packed[at : at + limits.CHUNK_BYTES])
        return
    yield from _inflate_deflated(packed, entry.filename)


def _inflate_deflated(packed: memoryview, name: str) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-15)
    for at in range(0, len(packed), _PACKED_CHUNK_BYTES):
        waiting: bytes | memoryview = packed[at : at + _PACKED_CHUNK_BYTES]
        while waiting and not inflater.eof:
            try:
                chunk = inflater.decompress(waiting, limits.CHUNK_BYTES)
            except zlib.error as fault:
                raise LedgerFileRefused("damaged", entry=name) from fault
            waiting = inflater.unconsumed_tail
            yield chunk
