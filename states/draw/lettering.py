"""How wide words are, and where they break: a character of Chinese is one em, a Latin letter about half of one."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import east_asian_width

FONT = 14
SMALL = 12
LINE = 18


def width_of(words: str, size: int = SMALL) -> float:
    """The width in pixels, rather a little more than less."""
    return sum(1.0 if east_asian_width(letter) in "WFA" else 0.58 for letter in words) * size


def wrapped(words: str, most: float, size: int = SMALL) -> list[str]:
    """The words in lines of at most `most` pixels: between words where there are blanks, else between characters."""
    lines: list[str] = []
    for piece in _pieces(words):
        joined = lines[-1] + piece if lines else piece
        if lines and width_of(joined.rstrip(), size) <= most:
            lines[-1] = joined
        else:
            lines.append(piece.lstrip() if lines else piece)
    return [line.strip() for line in lines if line.strip()]


def listed(items: Iterable[str], most: float, comma: str) -> list[str]:
    """The items in lines, broken between items as long as one item fits a line."""
    lines: list[str] = []
    for item in items:
        joined = f"{lines[-1]}{comma}{item}" if lines else item
        if lines and width_of(joined) <= most:
            lines[-1] = joined
            continue
        if lines:
            lines[-1] += comma.rstrip()
        lines += wrapped(item, most)
    return lines


def _pieces(words: str) -> Iterable[str]:
    """Latin words with the blank behind them, and single wide characters with what may not begin a line behind them."""
    piece = ""
    for letter in words:
        starts_anew = east_asian_width(letter) in "WF" and letter not in "，、。；：）”》·"
        if piece and (starts_anew or piece[-1] == " " or (east_asian_width(piece[-1]) in "WF" and letter.isascii())):
            yield piece
            piece = ""
        piece += letter
    if piece:
        yield piece
