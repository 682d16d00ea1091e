"""A file in parts: begun for a case, added to from where it broke off, and handed in with the form that it belongs to."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request

from states.errors import BadInput, Conflict, NotFound
from web.cases.typed import MEBIBYTE, number, text
from web.current import actor, now, office
from web.storable import whole
from workflow import files, parts
from workflow.reads.case_page import case_page as read_case


def limit() -> int:
    """The most bytes that one file may have."""
    return office().settings.upload_mebibytes * MEBIBYTE


def begin_upload(case_id: int) -> Any:
    """Begins one for a case that this person sees; {upload, offset}."""
    office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    upload = parts.begin(
        office().vault,
        person_id=actor().person_id or 0,
        case_id=case_id,
        name=text("name"),
        size=number("size"),
        limit=limit(),
        now=now(),
    )
    return jsonify(upload=upload.word, offset=0), 201


def upload_state(word: str) -> Any:
    """How far it came; {offset, size}."""
    upload = find_upload(word)
    return jsonify(offset=parts.arrived(office().settings.home, upload), size=upload.size)


def add_part(word: str) -> Any:
    """Adds the part that begins at `offset`; 409 with the offset that is wanted, where that is another."""
    upload, offset = find_upload(word), request.args.get("offset", type=whole)
    try:
        data = request.get_data(cache=False)
        come = parts.add(office().vault, upload, offset=-1 if offset is None else offset, data=data)
    except Conflict as refusal:
        return jsonify(offset=refusal.params["offset"], size=upload.size), 409
    return jsonify(offset=come, size=upload.size)


def find_upload(word: str) -> parts.Upload:
    """One's own upload, or NotFound."""
    upload = _find(word)
    if upload is None:
        raise NotFound(what="upload")
    return upload


def _find(word: str) -> parts.Upload | None:
    return parts.find(office().settings.home, person_id=actor().person_id or 0, word=word, now=now())


def name_of(word: str) -> str:
    """What the file is called, as far as it is one's own."""
    upload = _find(word)
    return upload.name if upload else ""


def is_whole(word: str) -> bool:
    """Has all of it come, whatever it is?"""
    upload = _find(word)
    return upload is not None and parts.arrived(office().settings.home, upload) >= upload.size


def hold(received: files.Received, case_id: int) -> str:
    """The word of a file that came with a form which is shown again: it need not be chosen again."""
    return parts.hold(office().settings.home, received, person_id=actor().person_id or 0, case_id=case_id).word


def take_in(word: str, case_id: int) -> files.Received:
    """The whole file that was sent for this case; BadInput part_missing for one that did not come, or not for this case."""
    upload = _find(word)
    if upload is None or upload.case_id != case_id:
        raise BadInput(why="part_missing")
    return parts.take_in(office().vault, upload, limit=limit())
