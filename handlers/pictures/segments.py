"""Pictures without what they say of themselves: what is seen stays bit for bit, and what stands beside it goes.

Part of the child (`child.py`). By segments (JPEG: ITU-T T.81 annex B), chunks (PNG: ISO/IEC 15948) and blocks (GIF89a).
"""

from __future__ import annotations

import re

_JPEG, _PNG, _GIFS = b"\xff\xd8", b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a")
_SCAN, _END = 0xDA, 0xD9
# Exif and XMP, maker's data and further pictures (but colours), Photoshop's, comments.
_SAYING = {*range(0xE1, 0xEE), 0xEF, 0xFE}
_COLOURS = b"ICC_PROFILE\0"
# In what was packed by the scan no marker stands but restarts; a byte that looks like one is followed by zero.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_CHUNKS = frozenset((*b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sRGB sBIT bKGD pHYs acTL fcTL fdAT".split(),))
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def clean_picture(content: bytes) -> bytes | None:
    """The same JPEG, PNG or GIF without words; None for anything else."""
    if content.startswith(_JPEG):
        return without_words(content)
    if content.startswith(_PNG):
        return _png_without_words(content)
    return _gif_without_words(content) if content.startswith(_GIFS) else None


def without_words(jpeg: bytes) -> bytes:
    """The same picture, bit for bit, without the segments that say where, when and with what it was taken.

    What stands after its end goes, too: there some cameras keep further pictures with words of their own.
    """
    if not jpeg.startswith(_JPEG):
        return jpeg
    kept, at = [_JPEG], len(_JPEG)
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF:
            at += 1  # any number of these may stand before a marker
            continue
        if marker == _END:
            break
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        is_colours = marker == 0xE2 and jpeg[at + 4 : end].startswith(_COLOURS)
        if marker == _SCAN:
            found = _MARKER.search(jpeg, end)
            end = found.start() if found else len(jpeg)
        if marker not in _SAYING or is_colours:
            kept.append(jpeg[at:end])
        at = end
    return b"".join(kept) + b"\xff\xd9"


def _png_without_words(content: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(content):
        end, kind = at + 12 + int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if kind in _CHUNKS:
            kept.append(content[at:end])
        if kind == b"IEND":
            break
        at = end
    return b"".join(kept)


def _gif_without_words(content: bytes) -> bytes:
    at = 13 + _table(content[10])
    kept = [content[:at]]
    while at < len(content) and content[at] != 0x3B:
        if content[at] == 0x2C:
            end = _after_blocks(content, at + 11 + _table(content[at + 9]))
        elif content[at] == 0x21:
            end = _after_blocks(content, at + 2)
        else:
            break
        # Extensions: how a frame follows another (F9) and how often all of them; comments and applications' own say the rest.
        is_loop = content[at + 1] == 0xFF and content[at + 3 : at + 14] in _LOOPS
        if content[at] == 0x2C or content[at + 1] == 0xF9 or is_loop:
            kept.append(content[at:end])
        at = end
    return b"".join(kept) + b"\x3b"


def _table(packed: int) -> int:
    return 3 * 2 ** ((packed & 7) + 1) if packed & 0x80 else 0


def _after_blocks(content: bytes, at: int) -> int:
    while at < len(content) and content[at]:
        at += content[at] + 1
    return at + 1
