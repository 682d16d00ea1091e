"""The dossier of a case: its history with what was said, its receipts, files and last checkpoint, in one file.

It proves itself: the outside verifier needs no ledger beside it.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import bindparam, select

from states.errors import NotPermitted
from workflow.calendars import calendar_named, text_of
from workflow.checkpoints import Checkpoint, of_row
from workflow.digests import begin, end
from workflow.files import Vault, name_of, open_file
from workflow.keyring import PublicKey
from workflow.models import Case, Content, DefinitionText, DefinitionVersion, Event, Evidence, StoredFile
from workflow.models import Checkpoint as CheckpointRow
from workflow.originals import Claims
from workflow.reads.clearance import files_above
from workflow.reads.receipts import receipts_of, told_now
from workflow.reads.seen import SeenCase
from workflow.reads.timeline import events_of
from workflow.receipts import TYPE
from workflow.scanning import held
from workflow.signing import Signer
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.text import canonical

_case, _event, _content = table_of(Case), table_of(Event), table_of(Content)
_text, _version, _checkpoint = table_of(DefinitionText), table_of(DefinitionVersion), table_of(CheckpointRow)
_evidence, _file = table_of(Evidence), table_of(StoredFile)
ONE_CASE: Any = bindparam("case_id")
CASE_ROW = Prepared(
    select(*[_case.c[n] for n in ("id", "seq", "head", "state", "holder_id", "version", "cycle")],
           *[_case.c[n] for n in ("number", "old_number", "title", "data")]).where(_case.c.id == ONE_CASE)
)  # fmt: skip
EVENT_ROWS = Prepared(select(_event).where(_event.c.case_id == ONE_CASE).order_by(_event.c.seq))
CONTENT_ROWS = Prepared(select(_content).where(_content.c.case_id == ONE_CASE).order_by(_content.c.seq))
VERSIONS = Prepared(select(_version.c.id, _version.c.digest))
TEXTS = Prepared(select(_text.c.digest, _text.c.canonical))
# Heads stand in the list as [case,seq,"head"]; the trail's length may look like one, so what is found is looked at.
NAMING = Prepared(
    select(_checkpoint)
    .where(_checkpoint.c.signature != "", _checkpoint.c.body.like(bindparam("pattern")))
    .order_by(_checkpoint.c.id.desc())
)
FILES = Prepared(
    select(_file.c.id, _file.c.digest, _file.c.uploaded_by)
    .join(_evidence, _evidence.c.file_id == _file.c.id)
    .where(_evidence.c.case_id == ONE_CASE)
    .order_by(_file.c.digest)
)


def require_dossier(seen: SeenCase) -> None:
    """NotPermitted for whoever does not supervise the case: the dossier holds all that was ever said in it but its secrets.

    Nor does it go to whoever is not cleared for each of its files.
    """
    if not seen.is_whole or not (seen.actor.sees_all or "supervisor" in seen.sight.relations):
        raise NotPermitted(why="relation", trigger="dossier")
    if files_above(seen):
        raise NotPermitted(why="not_cleared", trigger="dossier")


def write_dossier(
    target: BinaryIO,
    seen: SeenCase,
    *,
    vault: Vault,
    signer: Signer,
    keys: Iterable[PublicKey],
    now: datetime,
    taken_by: str = "",
    scans: bool = False,
) -> None:
    """Writes the zip; the last text in it is signed and names the digest of every other file, its comment who took it away.

    What a scanner holds back, or (`scans`) has not seen yet, is left out, and so is every original that the reader is not given
    without a word: of these the signed text names the digests, which stand in the history, too.
    """
    require_dossier(seen)
    digests: dict[str, str] = {}
    given, left_out = _originals(seen, scans)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as dossier:
        dossier.comment = taken_by.encode()
        for name, content in _parts(seen, vault, signer, keys, now, given):
            dossier.writestr(name, content)
            if not name.startswith("signed/"):
                digests[name] = end(begin(seen.store.digest_suite, content))
        told = {**told_now(seen, events_of(seen)[0], signer, now), "files": digests, "left_out": left_out}
        dossier.writestr("signed/dossier.json", canonical(signer.require().sign(TYPE, told)))


def _parts(
    seen: SeenCase, vault: Vault, signer: Signer, keys: Iterable[PublicKey], now: datetime, given: list[str]
) -> Iterator[tuple[str, bytes]]:
    yield "ledger.jsonl", "\n".join(_lines(seen.store, seen.id, keys)).encode()
    in_force = seen.occasion.calendar
    for version in sorted({in_force.version} | {clock["calendar_version"] for clock in seen.clocks} - {""}):
        calendar = calendar_named(seen.store, in_force, version)
        yield f"calendars/{version}.json", f'{{"version":"{calendar.version}","years":{text_of(calendar.years)}}}'.encode()
    for digest in given:
        with open_file(vault, {"digest": digest}) as file:
            yield f"files/{name_of(digest)}", file.read()
    for event, signed in receipts_of(seen, signer=signer, now=now):
        yield f"signed/receipt-{event['seq']:06}.json", canonical(signed).encode()
    taken = _last_listing(seen.store, seen.id)
    if taken is not None:
        yield "signed/checkpoint.json", canonical(taken.document()).encode()


def _originals(seen: SeenCase, scans: bool) -> tuple[list[str], list[str]]:
    """The digests of the files that go into the dossier, and of those that do not."""
    rows = seen.store.rows(FILES, case_id=seen.id)
    kept = {row["digest"] for row in rows if held(seen.store, row["digest"], scans=scans)}
    claims = Claims(seen.store, seen.occasion, seen.actor)
    kept |= {row["digest"] for row in rows if not claims.of(row).is_free}
    return sorted({row["digest"] for row in rows} - kept), sorted(kept)


def _lines(store: Store, case_id: int, keys: Iterable[PublicKey]) -> Iterator[str]:
    events = store.rows(EVENT_ROWS, case_id=case_id)
    used = {json.loads(event["facts"])["definition"] for event in events}
    versions = [row for row in store.rows(VERSIONS) if row["id"] in used]
    wanted = {row["digest"] for row in versions}
    tables: tuple[tuple[str, Iterable[Mapping[str, Any]]], ...] = (
        ("definition", [row for row in store.rows(TEXTS) if row["digest"] in wanted]),
        ("definition_version", versions),
        ("cases", store.rows(CASE_ROW, case_id=case_id)),
        ("event", events),
        ("content", store.rows(CONTENT_ROWS, case_id=case_id)),
    )
    yield from (canonical({"table": "key", "key": key.document()}) for key in keys)
    yield from (canonical({"table": table, **row}) for table, rows in tables for row in rows)


def _last_listing(store: Store, case_id: int) -> Checkpoint | None:
    """The newest checkpoint that lists the case."""
    found = (of_row(row) for row in store.rows(NAMING, pattern=f"%[{case_id},%"))
    return next((taken for taken in found if any(case == case_id for case, _seq, _head in taken.heads)), None)
