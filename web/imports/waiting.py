"""An uploaded ledger between its preview and its import: bytes in the file store, and a signed word about whose they are.

Nothing speaks of the bytes in the database, so that what is abandoned is swept by the night like any upload that broke off.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from handlers.ledgers import limits
from handlers.ledgers.refusals import LedgerFileRefused
from states.errors import BadInput, Conflict
from web.current import actor, office
from workflow import files

SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ledger that waits: what its uploader called it, its bytes, and the word by which he goes on with it."""

    name: str
    source: bytes
    digest: str = ""
    word: str = ""


def read_upload(upload: Any) -> Waiting:
    """The bytes of an upload, not kept yet: what cannot be read as a ledger is refused first, as on the command line."""
    source = upload.stream.read(limits.MAX_FILE_BYTES + 1)
    if len(source) > limits.MAX_FILE_BYTES:
        raise LedgerFileRefused("file_too_large", most=limits.MAX_FILE_BYTES)
    return Waiting(files.clean_name(upload.filename), source)


def keep(waiting: Waiting) -> Waiting:
    """The same, kept for the next step; only this person can go on with it."""
    received = files.receive(office().vault, name=waiting.name, stream=io.BytesIO(waiting.source), limit=limits.MAX_FILE_BYTES)
    word = _signer().dumps([received.digest, waiting.name, actor().person_id])
    return Waiting(waiting.name, waiting.source, received.digest, word)


def take(word: str) -> Waiting:
    """The ledger that this person has uploaded; BadInput upload_gone for anybody else's, and a day later."""
    try:
        digest, name, person_id = _signer().loads(word, max_age=SECONDS)
        if person_id == actor().person_id:
            with files.open_file(office().vault, {"digest": digest}) as stream:
                return Waiting(name, stream.read(), digest, word)
    except (BadSignature, Conflict):
        pass
    raise BadInput(why="upload_gone")


def forget(waiting: Waiting) -> None:
    """It was brought in, and need not lie here."""
    office().database.read(lambda store: files.forget(store, office().vault, waiting.digest))


def _signer() -> URLSafeTimedSerializer:
    assert current_app.secret_key is not None, "a site has a key"
    return URLSafeTimedSerializer(current_app.secret_key, salt="waiting ledger")
