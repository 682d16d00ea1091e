"""Files: sealed bytes lie under DUBAN_HOME/files by the digest of what they were; what they are is read from the bytes.

Written to a temporary name, flushed, renamed, the folder flushed, and only then told to the database (security.md R68): a row
without its bytes cannot be. Bytes without a row are swept after a day.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import and_, bindparam, select

from states.errors import BadInput, Conflict, NotFound
from workflow import text
from workflow.cases import PARTIES
from workflow.context import require_sealer
from workflow.database import Database
from workflow.digests import SHA_256, begin, end, suite_of
from workflow.file_types import find_false_claim, find_hostile, sniff
from workflow.kept_back import endings_of
from workflow.keys import keyed, once
from workflow.minutes import IS_MINUTES, hears_votes
from workflow.models import Evidence, StoredFile
from workflow.occasion import Occasion
from workflow.permissions import CASES, PAST_HOLDER, READING, access_of, standings, visible
from workflow.sealing.ciphers import Broken
from workflow.sealing.masters import Masters
from workflow.sealing.sealer import Sealer
from workflow.sealing.streams import HEAD_BYTES, SealedWriter, is_sealed_file, read_head, reading, rewrapped
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

CHUNK = 1024 * 1024
NAME_AT_MOST = 200
SWEPT_AFTER = timedelta(hours=24)

_file, _evidence = table_of(StoredFile), table_of(Evidence)
BY_ID = Prepared(select(_file).where(_file.c.id == bindparam("id")))
BY_DIGEST = Prepared(select(_file.c.id).where(_file.c.digest == bindparam("digest")).limit(1))


@dataclass(frozen=True, slots=True)
class Vault:
    """Where an installation's files lie, the keys that they lie under, and the suite of digests that new ones are named by.

    Without a sealer nothing is kept or opened.
    """

    home: Path
    sealer: Sealer | None
    digest_suite: str = SHA_256

    @property
    def masters(self) -> Masters:
        """The keys, or NotReady."""
        return require_sealer(self.sealer).masters


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that lie safely under their digest; no row speaks of them yet. `size` in bytes.

    `sha256` is by which the same bytes are known again where `digest` is of another suite; else None.
    """

    digest: str
    name: str
    media_type: str
    size: int
    sha256: str | None = None


# ---- in -----------------------------------------------------------------------------------------------------------------


def keep(
    database: Database,
    vault: Vault,
    *,
    name: str,
    stream: BinaryIO,
    uploaded_by: int | None,
    now: datetime,
    limit: int,
    key: str | None = None,
) -> int:
    """The id of the stored file. BadInput file_empty, file_too_large (over `limit`), file_hostile or file_not_as_named."""
    received = receive(vault, name=name, stream=stream, limit=limit)
    asked = keyed(uploaded_by, key, {"verb": "keep_file", "name": received.name, "digest": received.digest}, text.digest)
    return database.write(
        lambda store: once(store, asked, lambda: record(store, received, uploaded_by=uploaded_by, now=now), now)
    )


def receive(vault: Vault, *, name: str, stream: BinaryIO, limit: int) -> Received:
    """Takes the bytes in, outside of any transaction. They never lie on the disk as they are."""
    with _incoming(vault.home) as (out, path):
        seen, size = _copy(stream, SealedWriter(out, vault.masters), limit, {SHA_256, vault.digest_suite})
        digest, sha256 = seen[vault.digest_suite], seen[SHA_256]
        out.flush()
        os.fsync(out.fileno())
        with path.open("rb") as opened:
            media_type = _require_harmless(reading(opened, vault.masters), name)
        _put(path, path_of(vault.home, digest))
    return Received(digest, clean_name(name), media_type, size, None if sha256 == digest else sha256)


@contextmanager
def _incoming(home: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file to write, under a passing name that is gone afterwards."""
    folder = home / "files" / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out, Path(temporary)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _copy(stream: BinaryIO, out: SealedWriter, limit: int, suites: Collection[str] = ()) -> tuple[dict[str, str], int]:
    """The digest by each suite, and how many bytes."""
    seen, size = {suite: begin(suite) for suite in suites}, 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise BadInput(why="file_too_large", limit=limit)
        for one in seen.values():
            one.update(chunk)
        out.write(chunk)
    if not size:
        raise BadInput(why="file_empty")
    out.end()
    return {suite: end(one) for suite, one in seen.items()}, size


def _require_harmless(plain: BinaryIO, name: str) -> str:
    hostile = find_hostile(plain, name)
    if hostile:
        raise BadInput(why="file_hostile", found=hostile)
    media_type = sniff(plain)
    if false := find_false_claim(plain, name, media_type):
        raise BadInput(why="file_not_as_named", name=clean_name(name), claimed=false[0], found=false[1])
    return media_type


def _put(path: Path, final: Path) -> None:
    final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o400)
    path.replace(final)
    for folder in (final.parent, final.parent.parent):
        _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def clean_name(name: str) -> str:
    """What is shown as the file's name: its last part, without control characters, at most 200 characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    # Cc control, Cf also the marks that turn the reading direction round and hide an ending.
    kept = "".join(char for char in last if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    kept = kept.strip().strip(".")
    if len(kept) > NAME_AT_MOST:
        stem, dot, ending = kept.rpartition(".")
        kept = f"{(stem or ending)[: NAME_AT_MOST - 12]}{dot}{ending[:10]}"
    return kept or "file"


def record(store: Store, received: Received, *, uploaded_by: int | None, now: datetime) -> int:
    """The row of received bytes; the same bytes again get a row of their own."""
    file_id = store.new_ids(StoredFile, 1)[0]
    values: Row = {"digest": received.digest, "name": received.name, "media_type": received.media_type}
    values |= {"id": file_id, "size": received.size, "sha256": received.sha256}
    store.insert(StoredFile, [{**values, "uploaded_by": uploaded_by, "uploaded_at": now}])
    return file_id


# ---- out ----------------------------------------------------------------------------------------------------------------


def path_of(home: Path, digest: str) -> Path:
    """Where bytes of this digest lie: files/ab/cd/abcd…"""
    return home / place_of(digest)


def place_of(digest: str) -> str:
    """The same below the home, as backups name it."""
    digits = digest.rpartition(":")[2]
    return f"files/{digits[:2]}/{digits[2:4]}/{name_of(digest)}"


def name_of(digest: str) -> str:
    """What bytes of this digest are called in a folder: not every disk takes a colon."""
    return digest.replace(":", "-")


def find_readable(store: Store, occasion: Occasion, actor: Actor, file_id: int) -> Row | None:
    """The file's row, if the actor may read a case that it is evidence of; else None, as for a file that is not there.

    Somebody who only held a case before reads what was there at the hand-back and nothing later. A file with a level of its own
    asks for that ceiling, too, and the minutes of a vote for a place among those who hear how each has voted.
    """
    statement = (
        select(CASES, _evidence.c.seq.label("evidence_seq"), _file.c.level.label("file_level"), _file.c.uploaded_by, IS_MINUTES)
        .join(_evidence, _evidence.c.case_id == CASES.c.id)
        .join(_file, _file.c.id == _evidence.c.file_id)
        .where(and_(_evidence.c.file_id == file_id, _evidence.c.undone_seq.is_(None), visible(actor, occasion.catalogue)))
    )
    proves = [row for row in store.select(statement) if _is_in_sight(store, occasion, actor, row)]
    occasion.say_shown(proves, every=True)
    if proves:
        return store.row(BY_ID, id=file_id)
    return None


def _is_in_sight(store: Store, occasion: Occasion, actor: Actor, row: Row) -> bool:
    if actor.sees_all:
        return True
    row = {**row, "level": max(row["level"], row["file_level"])}
    parties = store.rows(PARTIES, case_id=row["id"])
    found = standings(actor, row, [(party["relation"], party["organ_id"]) for party in parties])
    present = [standing for standing in found if standing.relation != PAST_HOLDER]
    definition = occasion.catalogue.of_kind(row["kind"]).definition
    is_own = row["uploaded_by"] == actor.person_id
    if row["is_minutes"] and not is_own and not hears_votes(definition, (standing.relation for standing in present)):
        return False
    ended_from = endings_of(store, occasion.catalogue, [row]).get(row["id"])
    if access_of(definition, row, present, ended_from) in READING:
        return True
    cleared = {grant.organ_id for grant in actor.posts if row["level"] <= grant.ceiling}
    past = [p for p in parties if p["relation"] == PAST_HOLDER and p["organ_id"] in cleared]
    return any(p["upto_seq"] is None or row["evidence_seq"] <= p["upto_seq"] for p in past)


@contextmanager
def open_file(vault: Vault, row: Row) -> Iterator[BinaryIO]:
    """The bytes of a file's row, at their beginning, after their digest was checked. Conflict file_damaged otherwise."""
    try:
        opened = path_of(vault.home, row["digest"]).open("rb")
    except FileNotFoundError:
        raise Conflict(why="file_damaged", digest=row["digest"]) from None
    with opened:
        try:
            plain = reading(opened, vault.masters)
            digest = _digest_of(plain, suite_of(row["digest"]))
        except Broken:
            digest = ""
        if digest != row["digest"]:
            raise Conflict(why="file_damaged", digest=row["digest"])
        plain.seek(0)
        yield plain


def _digest_of(plain: BinaryIO, suite: str) -> str:
    seen = begin(suite)
    while chunk := plain.read(CHUNK):
        seen.update(chunk)
    return end(seen)


def get_file(store: Store, occasion: Occasion, actor: Actor, file_id: int) -> Row:
    """`find_readable`, or NotFound."""
    row = find_readable(store, occasion, actor, file_id)
    if row is None:
        raise NotFound(what="file", id=file_id)
    return row


def forget(store: Store, vault: Vault, digest: str) -> None:
    """Removes bytes that only waited here, unless a row speaks of them."""
    if not is_told(store, digest):
        path_of(vault.home, digest).unlink(missing_ok=True)


# ---- tidying ------------------------------------------------------------------------------------------------------------


def sweep(store: Store, home: Path, *, now: datetime, held: Collection[str] = ()) -> int:
    """Removes bytes older than a day that no row speaks of: uploads that broke off. How many.

    `held` are the digests of files that wait for the form they belong to.
    """
    waiting = {name_of(digest) for digest in held}
    old = [path for path in (home / "files").rglob("*") if path.is_file() and path.name not in waiting and _is_old(path, now)]
    lost = [path for path in old if path.parent.name == "incoming" or not is_told(store, path.name.replace("-", ":"))]
    for path in lost:
        path.unlink(missing_ok=True)
    return len(lost)


def keep_sealed(vault: Vault) -> tuple[int, int]:
    """Seals files kept before there were keys, and wraps by the present key what an older one wrapped; how many of each."""
    sealed = again = 0
    for path in (path for path in (vault.home / "files").rglob("*") if path.is_file() and path.parent.name != "incoming"):
        head = _head_of(path)
        fresh = rewrapped(head, vault.masters) if is_sealed_file(head) else b""
        if fresh is not None:
            _write_again(vault, path, fresh)
            sealed, again = sealed + (not fresh), again + bool(fresh)
    return sealed, again


def _write_again(vault: Vault, path: Path, head: bytes) -> None:
    """The file's sealed bytes under a new head or, without one, its plain bytes sealed: whole, or not at all."""
    with path.open("rb") as opened, _incoming(vault.home) as (out, fresh):
        if head:
            out.write(head)
            opened.seek(len(head))
            shutil.copyfileobj(opened, out)
        else:
            _copy(opened, SealedWriter(out, vault.masters), path.stat().st_size)
        out.flush()
        os.fsync(out.fileno())
        _put(fresh, path)


def masters_of_files(vault: Vault) -> Counter[str]:
    """How many files each master key wraps."""
    heads = (_head_of(path) for path in (vault.home / "files").rglob("*") if path.is_file())
    return Counter(read_head(head)["master"] for head in heads if is_sealed_file(head))


def _head_of(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(HEAD_BYTES)


def _is_old(path: Path, now: datetime) -> bool:
    return now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > SWEPT_AFTER


def is_told(store: Store, digest: str) -> bool:
    """Does a row speak of these bytes?"""
    return store.row(BY_DIGEST, digest=digest) is not None
