"""Copies of plain text for circulation: of text that says nothing but itself, and has its number as last line.

Part of the child (`child.py`), and asked before it whether there is a copy at all.
"""

from __future__ import annotations

import re

ENDINGS = (".txt", ".csv")
HEAD = 8192
# What is written in letters and names its maker all the same: RTF, markup (XML, flat OpenDocument), PostScript, and PDF, for
# whose head readers look further down (ISO 32000-1, annex H.3.4.1); mail (RFC 5322, 2.2 and 4.5; mbox), vCard and whatever
# else begins with a line of a header. An address of the web does not.
_SPEAKS = re.compile(rb"\{\\|<|%!|>?From |[A-Za-z][\w-]*[ \t]*:(?!//)")


def is_plain(content: bytes) -> bool:
    """Does the head of the text show no format that could name its maker?"""
    head = content[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    return not _SPEAKS.match(head) and b"%PDF-" not in head


def copy_of_text(content: bytes, words: str) -> bytes:
    """The text with `words` as its last line; ValueError for what is more than text."""
    if not is_plain(content):
        raise ValueError("it may name its maker")
    return content + f"\n\n{words}\n".encode("ascii")
