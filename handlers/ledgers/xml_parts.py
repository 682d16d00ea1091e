"""Parses the small XML parts of office files, which `archive` has already found to be UTF-8 and free of
DTDs.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from xml.etree import ElementTree

from handlers.ledgers.archive import Archive
from handlers.ledgers.refusals import LedgerFileRefused

# Without a DTD, which open_archive refuses, XML has no entities to expand and nothing outside to fetch:
# what S314 warns of cannot happen here.


def parse_part(archive: Archive, name: str) -> ElementTree.Element:
    """The root of one part; refuses an archive without it, or with one that is not XML."""
    if name not in archive.entries:
        raise LedgerFileRefused("damaged", entry=name)
    try:
        return ElementTree.fromstring(archive.read(name))  # noqa: S314
    except ElementTree.ParseError as fault:
        raise LedgerFileRefused("damaged", entry=name) from fault


def walk_part(archive: Archive, name: str) -> Iterator[tuple[str, ElementTree.Element]]:
    """("start" or "end", element) through a large part; the caller clears what it has read."""
    if name not in archive.entries:
        raise LedgerFileRefused("damaged", entry=name)
    try:
        yield from ElementTree.iterparse(io.BytesIO(archive.read(name)), events=("start", "end"))  # noqa: S314
    except ElementTree.ParseError as fault:
        raise LedgerFileRefused("damaged", entry=name) from fault


def local_name(tag: str) -> str:
    """The name of a tag or attribute without its namespace."""
    return tag.rpartition("}")[2]
