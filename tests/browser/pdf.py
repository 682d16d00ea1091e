"""Reads what Chromium prints: the words of each page of a PDF, glyph by glyph through the fonts' own tables."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)endstream", re.DOTALL)
_CHARS = re.compile(rb"beginbfchar\n(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange\n(.*?)endbfrange", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>\s*Tj|\[((?:[^\]])*)\]\s*TJ|\(([0-9A-F]+)\)said")
_SET = re.compile(rb"/F\d+ [\d.]+ Tf")
# Glyphs that several characters share say beside themselves which one is meant.
_MARKED = re.compile(rb"/ActualText <FEFF([0-9A-F]+)> >> BDC(.*?)EMC", re.DOTALL)


@dataclass(frozen=True)
class _Font:
    """Glyph to words, and how many bytes a glyph's number has."""

    words: dict[int, str]
    width: int


def pages_of(data: bytes) -> list[str]:
    """The words of each page in the order in which they were drawn, without blanks."""
    objects = {int(number): body for number, body in _OBJECT.findall(data)}
    return [_words(objects, page) for page in _pages(objects)]


def watermarked(data: bytes) -> list[bool]:
    """Whether each page is covered with a pattern, which is how a watermark comes to paper."""
    objects = {int(number): body for number, body in _OBJECT.findall(data)}
    return [b"/Pattern <<" in page for page in _pages(objects)]


def _pages(objects: dict[int, bytes]) -> list[bytes]:
    return [body for body in objects.values() if re.search(rb"/Type /Page\b", body)]


def size_of(data: bytes) -> tuple[float, float]:
    """Width and height of the first page in millimetres."""
    found = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert found is not None
    return round(float(found[1]) / 72 * 25.4), round(float(found[2]) / 72 * 25.4)


def _words(objects: dict[int, bytes], page: bytes) -> str:
    resources = re.search(rb"/Font <<(.*?)>>", page, re.DOTALL)
    fonts = {
        name: _font(objects, int(at)) for name, at in re.findall(rb"/(F\d+) (\d+) 0 R", resources[1] if resources else b"")
    }
    content = re.search(rb"/Contents (\d+) 0 R", page)
    assert content is not None
    return "".join(_shown(_MARKED.sub(_said, _inflated(objects[int(content[1])])), fonts)).replace(" ", "")


def _said(marked: re.Match[bytes]) -> bytes:
    return b" ".join([b"(" + marked[1] + b")said", *_SET.findall(marked[2])])


def _shown(content: bytes, fonts: dict[bytes, _Font]) -> list[str]:
    font, found = _Font({}, 1), []
    for name, one, many, said in _SHOWN.findall(content):
        found += [_text(said)] if said else []
        font = fonts.get(name, font) if name else font
        for digits in [one] if one else _HEX.findall(many):
            told = bytes.fromhex(digits.decode())
            numbers = [int.from_bytes(told[at : at + font.width]) for at in range(0, len(told), font.width)]
            found += [font.words.get(number, "") for number in numbers]
    return found


def _font(objects: dict[int, bytes], at: int) -> _Font:
    body = objects[at]
    table = re.search(rb"/ToUnicode (\d+) 0 R", body)
    width = 2 if b"/Subtype /Type0" in body else 1
    return _Font(_table(_inflated(objects[int(table[1])])) if table else {}, width)


def _table(told: bytes) -> dict[int, str]:
    words: dict[int, str] = {}
    for block in _CHARS.findall(told):
        codes = _HEX.findall(block)
        words |= {int(code, 16): _text(word) for code, word in zip(codes[::2], codes[1::2], strict=True)}
    for block in _RANGES.findall(told):
        codes = _HEX.findall(block)
        for first, last, word in zip(codes[::3], codes[1::3], codes[2::3], strict=True):
            begin = int(word, 16)
            words |= {code: chr(begin + code - int(first, 16)) for code in range(int(first, 16), int(last, 16) + 1)}
    return words


def _text(word: bytes) -> str:
    return bytes.fromhex(word.decode()).decode("utf-16-be")


def _inflated(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found is not None
    return zlib.decompress(found[1])
