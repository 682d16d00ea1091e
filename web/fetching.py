"""How a file leaves: as it was brought, for those who may have that (`workflow/originals.py`), else as a copy for circulation.

Every door that hands bytes of a file out goes through here; which of the two it was stands on the trail.
"""

from __future__ import annotations

import io
from typing import Any

from flask import Response, g, send_file, url_for
from flask_babel import gettext

from handlers.ledgers.marks import grouped
from handlers.pictures.making import Busy, copy_of, ending_of_copy, may_be_copied
from handlers.pictures.texts import HEAD, is_plain
from states.errors import Conflict, NotFound
from web.current import actor, now, office, today
from web.exports.handing import begin, made
from web.passing import passing_file
from web.scanning import scans
from web.trailing import origin
from workflow import files
from workflow.exports import number_of
from workflow.originals import Claim, claim_of, require_original
from workflow.scanning import get_scanned
from workflow.statements import Row

ORIGINAL, COPY = "original", "copy"
_OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES = {
    **{"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "txt": "text/plain"},
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
}


def row_of(file_id: int) -> Row:
    """The file's row, for those who read a case that it proves; NotFound, or Conflict where it is held back."""
    return office().engine.read(now(), lambda store, occasion: get_scanned(store, occasion, actor(), file_id, scans=scans()))


def claim_on(row: Row) -> Claim:
    """Whether this reader is given its original."""
    return office().engine.read(now(), lambda store, occasion: claim_of(store, occasion, actor(), row))


def is_copied(row: Row) -> bool:
    """Is there a copy for circulation of this file?"""
    if row["media_type"] != "text/plain" or not may_be_copied(row["media_type"], row["name"]):
        return may_be_copied(row["media_type"], row["name"])
    with files.open_file(office().vault, row) as content:
        return is_plain(content.read(HEAD))


def original_of(file_id: int, *, for_reason: bool = False) -> Response:
    """The file bit for bit; OriginalKept for whoever gets the copy, OriginalSealed where a reason is asked for first."""
    g.fetched = ORIGINAL
    row = row_of(file_id)
    if is_copied(row):
        g.instead = url_for("cases.circulated", file_id=file_id)  # what the page of a refusal offers
    told: dict[str, Any] = {"for_reason": for_reason}
    office().engine.read(now(), lambda store, occasion: require_original(store, occasion, actor(), row, **told))
    if for_reason:
        begin(ORIGINAL, "file", 1)
    with files.open_file(office().vault, row) as stream:
        content = io.BytesIO(stream.read())
    if for_reason:
        made(1)
    return send_file(content, mimetype=row["media_type"], as_attachment=True, download_name=row["name"])


def copy_for_circulation(file_id: int) -> Response:
    """A copy to hand round: without what the file says of its maker, with the number of this export; Conflict for none."""
    g.fetched = COPY
    row = row_of(file_id)
    if not is_copied(row):
        raise NotFound(what="file", id=file_id)
    ending = ending_of_copy(row["media_type"])
    mark = begin(COPY, ending, 1)
    copy = _copied(row, mark.number)
    made(1)
    target = passing_file()  # the answer closes it, once it is sent
    target.write(copy)
    target.seek(0)
    name = gettext("流转件%(number)s", number=mark.number)
    return send_file(target, mimetype=TYPES[ending], as_attachment=True, download_name=f"{name}.{ending}")


def copy_to_look_at(row: Row) -> Response:
    """The copy that a page shows, with the number of this request on the trail. It is no export: nothing is taken away.

    Of a file that is damaged there is no copy; whoever has its original without a word is shown that, others get the Conflict.
    """
    g.fetched = COPY
    try:
        copy = _copied(row, number_of(origin().request))
    except Conflict as refusal:
        if refusal.params.get("why") != "copy_impossible" or not claim_on(row).is_free:
            raise
        g.fetched = ORIGINAL
        with files.open_file(office().vault, row) as stream:
            return send_file(io.BytesIO(stream.read()), mimetype=row["media_type"])
    return send_file(io.BytesIO(copy), mimetype=TYPES[ending_of_copy(row["media_type"])])


def _copied(row: Row, number: str) -> bytes:
    with files.open_file(office().vault, row) as content:
        try:
            copy = copy_of(content, row["media_type"], f"{grouped(number)} {today().isoformat()}")
        except Busy:
            raise Conflict(why="copies_busy") from None
    if copy is None:
        raise Conflict(why="copy_impossible")
    return copy
