"""Who took a file away can be read from it: in words for everybody, and in signs that few look for.

No head and no cell of a table has them, so that a column is still found by its name. A workbook bears them in its title, among
its properties, and in how its heads would print a number, which they never do: that goes along where cells are copied into
another file. A comma-separated file ends with a line of blanks, which readers of tables pass over. The number leads to the row
of workflow/exports.py. Writing a file anew from its figures alone loses all of it: the mark finds the careless, and the count
of exports the rest.
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
# The same as blanks, for a line by itself: a bit each, the last line of a file or what a spreadsheet has made of it.
_BLANKS, _BLANK_LENGTH = " \t", 48
_BLANK_LINE = re.compile(f'^"?([{_BLANKS}]{{{_BLANK_LENGTH}}})"?,*\r?$', re.MULTILINE)
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

    @property
    def borne(self) -> str:
        """The line with the number in it a second time, unseen."""
        return f"{self.words}{self.hidden}"

    @property
    def blank_line(self) -> str:
        """The number as blanks, for the end of a file that is nothing but a table."""
        whole = int(self.number)
        return "".join(_BLANKS[whole >> at & 1] for at in range(_BLANK_LENGTH))

    @property
    def number_format(self) -> str:
        """How a head that bears the mark shows what it holds: a text as it is, and a number, which it never holds, with it."""
        return f'General"{self.hidden}";General;General;@'


def grouped(number: str) -> str:
    """A number as people read it to each other."""
    return " ".join(number[at : at + _GROUP] for at in range(0, len(number), _GROUP))


def find_in_text(text: str) -> str:
    """The number that a text bears without width or as a line of blanks, or ""."""
    if found := _RUN.search(text):
        return str(sum(_SIGNS.index(sign) << _BITS * at for at, sign in enumerate(found[0]))).zfill(DIGITS)
    if blank := _BLANK_LINE.search(text):
        return str(sum(_BLANKS.index(sign) << at for at, sign in enumerate(blank[1]))).zfill(DIGITS)
    return ""


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
