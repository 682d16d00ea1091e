"""The small picture of a file, on its tile: made once by a child process that can reach nothing, and kept sealed."""

from __future__ import annotations

from typing import Any

from flask import Response

from handlers.pictures.making import Busy, may_be_small, small_of
from states.errors import Conflict
from web.current import office
from web.fetching import copy_for_circulation, row_of
from workflow import files, previews

# What stands for a file that no picture can be made of: the sign of a paper, in the grey of the page's signs.
PLAIN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-24 -12 72 48" fill="none" stroke="#8a8f98" stroke-width="1.6">'
    '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/></svg>'
)
ALONE = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store"}


def small(file_id: int) -> Any:
    """A small picture of a file, for those who may read the case that it proves; a plain sign where there is none."""
    try:
        row = row_of(file_id)
    except Conflict:
        row = {"media_type": ""}  # held back: nobody opens it, not even for its picture
    found = _picture_of(row) if may_be_small(row["media_type"]) else b""
    answer = Response(found, mimetype="image/jpeg") if found else Response(PLAIN, mimetype="image/svg+xml")
    answer.headers.update(ALONE)
    return answer


def circulated(file_id: int) -> Any:
    """A copy to hand round; Conflict for none."""
    return copy_for_circulation(file_id)


def _picture_of(row: dict[str, Any]) -> bytes:
    vault = office().vault
    found = previews.find(vault, row["digest"])
    if found is None:
        with files.open_file(vault, row) as content:
            try:
                found = small_of(content, row["media_type"]) or b""
            except Busy:
                return b""  # and not kept: whoever looks again sees it
        previews.keep(vault, row["digest"], found)
    return found
