"""The small picture of a file, on its tile: made once by a child process that can reach nothing, and kept sealed."""

from __future__ import annotations

from typing import Any

from flask import Response, send_file
from flask_babel import gettext

from handlers.ledgers.marks import grouped
from handlers.pictures.making import Busy, copy_of, ending_of_copy, may_be_copied, may_be_small, small_of
from states.errors import Conflict, NotFound
from web.current import actor, now, office, today
from web.exports.handing import begin, made
from web.passing import passing_file
from web.scanning import scans
from workflow import files, previews
from workflow.scanning import get_scanned

# What stands for a file that no picture can be made of: the sign of a paper, in the grey of the page's signs.
PLAIN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-24 -12 72 48" fill="none" stroke="#8a8f98" stroke-width="1.6">'
    '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/></svg>'
)
TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
ALONE = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store"}


def small(file_id: int) -> Any:
    """A small picture of a file, for those who may read the case that it proves; a plain sign where there is none."""
    try:
        row = office().engine.read(now(), lambda store, occasion: get_scanned(store, occasion, actor(), file_id, scans=scans()))
    except Conflict:
        row = {"media_type": ""}  # held back: nobody opens it, not even for its picture
    found = _picture_of(row) if may_be_small(row["media_type"]) else b""
    answer = Response(found, mimetype="image/jpeg") if found else Response(PLAIN, mimetype="image/svg+xml")
    answer.headers.update(ALONE)
    return answer


def circulated(file_id: int) -> Any:
    """A copy to hand round: without what the file says of its maker, with the number of this export; Conflict for none."""
    row = office().engine.read(now(), lambda store, occasion: get_scanned(store, occasion, actor(), file_id, scans=scans()))
    if not may_be_copied(row["media_type"]):
        raise NotFound(what="file", id=file_id)
    ending = ending_of_copy(row["media_type"])
    mark = begin("copy", ending, 1)
    with files.open_file(office().vault, row) as content:
        try:
            made_of = copy_of(content, row["media_type"], f"{grouped(mark.number)} {today().isoformat()}")
        except Busy:
            raise Conflict(why="copies_busy") from None
    if made_of is None:
        raise Conflict(why="copy_impossible")
    made(1)
    target = passing_file()  # the answer closes it, once it is sent
    target.write(made_of)
    target.seek(0)
    name = gettext("流转件%(number)s", number=mark.number)
    return send_file(target, mimetype=TYPES[ending], as_attachment=True, download_name=f"{name}.{ending}")


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
