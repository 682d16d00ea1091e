"""Who took a file away can be read from it: in words for everybody, and in characters without width that few look for.

The hidden mark stands in the head of every column and in the title, so it stays where a table is copied into another file or
saved in another format; a workbook also has it among its properties. Its number leads to the row of workflow/exports.py.
Writing a file anew from its figures alone loses both: the mark finds the careless, and the count of exports the rest.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from handlers.ledgers import limits
from handlers.ledgers.plain_text import decode
from handlers.ledgers.refusals import LedgerFileRefused

# Two bits each. The first of them stands for a text without a mark nowhere, so a run of them is one of ours.
_SIGNS = "\u200b\u200c\u200d\u2060"
_LENGTH, _BITS = 24, 2
DIGITS = 15  # of 48 bits
_RUN = re.compile(f"[{_SIGNS}]{{{_LENGTH}}}")
# How a reader sees it: 28147 49767 10656.
_GROUP = 5
PROPERTY = "编号"
_IN_PROPERTY = re.compile(rf'name="{PROPERTY}"><vt:lpwstr>([0-9 ]+)<')


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file bears: its number, of 15 digits, and the line that says who took it, when, and under which number."""

    number: str
    words: str

    @property
    def hidden(self) -> str:
        """The number without width."""
        whole = int(self.number)
        return "".join(_SIGNS[whole >> _BITS * at & (len(_SIGNS) - 1)] for at in range(_LENGTH))


def grouped(number: str) -> str:
    """A number as people read it to each other."""
    return " ".join(number[at : at + _GROUP] for at in range(0, len(number), _GROUP))


def find_in_text(text: str) -> str:
    """The number that a text bears without width, or ""."""
    found = _RUN.search(text)
    if found is None:
        return ""
    return str(sum(_SIGNS.index(sign) << _BITS * at for at, sign in enumerate(found[0]))).zfill(DIGITS)


def find_in_file(path: Path) -> str:
    """The number that a workbook, a dossier or a comma-separated file bears; "" where it has none, or none any more."""
    if zipfile.is_zipfile(path):
        return _find_in_zip(path)
    try:
        return find_in_text(decode(path.read_bytes()))
    except LedgerFileRefused:
        return ""


def _find_in_zip(path: Path) -> str:
    with zipfile.ZipFile(path) as book:
        small = [one for one in book.infolist() if one.filename.endswith(".xml") and one.file_size <= limits.MAX_FILE_BYTES]
        # The properties and the words first, the rows only where those say nothing.
        for part in sorted(small, key=lambda one: one.filename.startswith("xl/worksheets/")):
            text = unescape(book.read(part).decode("utf-8", "replace"))  # some programs write &#8203;
            property_of = _IN_PROPERTY.search(text)
            if found := find_in_text(text) or (property_of[1].replace(" ", "") if property_of else ""):
                return found
        return find_in_text(book.comment.decode("utf-8", "replace"))
