"""A configuration in one file: definitions, settings and years of the calendar as their texts, each under its digest.

Never people, organisations, cases or secrets. The same configuration is the same file, byte for byte. What comes in is never
put in force: definitions become drafts and settings proposals. What is here already stays, so a second time adds nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from lzma import LZMAError
from typing import Any

from config.documents import MAX_BYTES, DocumentFault, parse
from states.errors import BadInput
from states.schema import canonical_text, digest
from workflow.configuration import changes
from workflow.configuration.kinds import Kind, digest_of, in_force, may_change, written
from workflow.definitions import VERSIONS, source_of
from workflow.desk import Desk
from workflow.occasion import Occasion
from workflow.store import Store
from workflow.types import Actor
from workflow.versions import drafts

FORMAT, FORMAT_VERSION = "duban-configuration", 1
MANIFEST = "manifest.json"
# What reading a file says that is no sound zip, whichever way its entries are packed.
UNREADABLE = (
    zipfile.BadZipFile,
    UnicodeDecodeError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    LZMAError,
    zlib.error,
)
MAX_PACKED, MAX_UNPACKED, MAX_FILES = 4 * MAX_BYTES, 16 * MAX_BYTES, 1000
DEFINITION = "definition"
# The files of a zip carry a time; of the same configuration it is the same.
TIME = (1980, 1, 1, 0, 0, 0)


# ---- the file ----------------------------------------------------------------------------------------------------------


def pack(files: Mapping[str, str]) -> bytes:
    """The texts with their digests as one file."""
    digests = {name: _sha(text) for name, text in sorted(files.items())}
    manifest = {"format": FORMAT, "version": FORMAT_VERSION, "files": digests}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in [(MANIFEST, json.dumps(manifest, indent=1)), *sorted(files.items())]:
            packed.writestr(zipfile.ZipInfo(name, TIME), text.encode(), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def unpack(source: bytes) -> dict[str, str]:
    """Name → text. BadInput bundle_… where it is none, too large, of another format, or not what its digests say.

    Sizes are judged by the directory and once more while reading, so that no bomb is unpacked.
    """
    if len(source) > MAX_PACKED:
        raise BadInput(why="bundle_too_large")
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as packed:
            found = dict(_texts(packed))
    except UNREADABLE:
        raise BadInput(why="bundle_unreadable") from None
    return _by_manifest(found)


def _texts(packed: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    entries = packed.infolist()
    names = {entry.filename for entry in entries}
    sizes = [entry.file_size for entry in entries]
    if len(entries) > MAX_FILES or sum(sizes) > MAX_UNPACKED or max(sizes, default=0) > MAX_BYTES or len(names) < len(entries):
        raise BadInput(why="bundle_too_large")
    for entry in entries:
        with packed.open(entry) as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise BadInput(why="bundle_too_large")
        yield entry.filename, content.decode()


def _by_manifest(found: dict[str, str]) -> dict[str, str]:
    try:
        manifest = json.loads(found.pop(MANIFEST, "null"))
    except (json.JSONDecodeError, RecursionError):
        manifest = None
    told = manifest if isinstance(manifest, dict) else {}
    if told.get("format") != FORMAT or told.get("version") != FORMAT_VERSION:
        raise BadInput(why="bundle_format")
    digests = told.get("files")
    if not isinstance(digests, dict) or set(digests) != set(found):
        raise BadInput(why="bundle_digest", file=MANIFEST)
    for name, text in found.items():
        if digests[name] != _sha(text):
            raise BadInput(why="bundle_digest", file=name)
    return found


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# ---- out ----------------------------------------------------------------------------------------------------------------


def collect(store: Store, occasion: Occasion, kinds: Iterable[Kind]) -> dict[str, str]:
    """The texts of everything that is in force here."""
    found = {}
    for kind in sorted(occasion.catalogue.current):
        source = source_of(store, kind)
        assert source is not None, "what is served has a text"
        found[f"definitions/{kind}.yaml"] = source
    for one in kinds:
        for key in sorted({*one.shipped(), *occasion.settings.of(one.name), *_years(occasion, one)}):
            found[f"settings/{one.name}/{key}.yaml"] = written(in_force(occasion, one, key))
    return found


def _years(occasion: Occasion, kind: Kind) -> Iterable[str]:
    """Years that are in force without having been set here."""
    return [str(year) for year in occasion.calendar.years] if kind.current is not None else ()


# ---- in -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a bundle against this installation.

    `status`: present (the same here), waiting (the same is under work or proposed here), new, changed, blocked (another change
    of it waits), duty (somebody with another duty brings it in). `made` is the draft or proposal that came of it.
    """

    name: str
    kind: str
    key: str
    data: Any
    source: str
    status: str = "changed"
    made: int | None = None


def read_parts(files: Mapping[str, str], kinds: Mapping[str, Kind]) -> list[Part]:
    """The texts as what they are; BadInput bundle_names for a name that means nothing here."""
    return [_part(name, text, kinds) for name, text in sorted(files.items())]


def _part(name: str, text: str, kinds: Mapping[str, Kind]) -> Part:
    steps = name.removesuffix(".yaml").split("/")
    if name.endswith(".yaml") and len(steps) == 2 and steps[0] == "definitions":
        return Part(name, DEFINITION, steps[1], _read(name, text), text)
    kind = kinds.get(steps[1]) if len(steps) == 3 and steps[0] == "settings" else None
    if kind is None or not name.endswith(".yaml") or not (steps[2] in kind.shipped() or kind.grows):
        raise BadInput(why="bundle_names", file=name)
    return Part(name, kind.name, steps[2], _read(name, text), text)


def _read(name: str, text: str) -> Any:
    try:
        return parse(text, name=name).data
    except DocumentFault:
        raise BadInput(why="bundle_names", file=name) from None


def compare(store: Store, occasion: Occasion, actor: Actor, kinds: Mapping[str, Kind], parts: Iterable[Part]) -> list[Part]:
    """The parts with what would become of each if this person brought them in."""
    waiting = {(row["kind"], row["key"]): row["digest"] for row in store.rows(changes.WAITING)}
    return [
        replace(part, status=_draft_status(store, actor, part))
        if part.kind == DEFINITION
        else replace(part, status=_setting_status(occasion, actor, kinds[part.kind], part, waiting))
        for part in parts
    ]


def _draft_status(store: Store, actor: Actor, part: Part) -> str:
    told = digest(canonical_text(part.data))
    published = [row for row in store.rows(VERSIONS) if row["kind"] == part.key and row["status"] == "published"]
    if any(row["digest"] == told for row in published):
        return "present"
    if any(row["digest"] == told for row in drafts.list_open(store)):
        return "waiting"
    return "duty" if not actor.has_role(drafts.ROLE) else "changed" if published else "new"


def _setting_status(occasion: Occasion, actor: Actor, kind: Kind, part: Part, waiting: Mapping[tuple[str, str], str]) -> str:
    holds, told = in_force(occasion, kind, part.key), digest_of(part.data)
    if holds is not None and digest_of(holds) == told:
        return "present"
    pending = waiting.get((kind.name, part.key))
    if pending is not None:
        return "waiting" if pending == told else "blocked"
    return "duty" if not may_change(actor, kind) else "new" if holds is None else "changed"


def bring_in(desk: Desk, kinds: Mapping[str, Kind], parts: Iterable[Part], *, reason: str) -> list[Part]:
    """Drafts and proposals of what differs, in one transaction; the parts with what came of each."""
    if not reason.strip():
        raise BadInput(why="reason_empty")
    found = compare(desk.store, desk.occasion, desk.actor, kinds, parts)
    return [_bring_in(desk, kinds, part, reason) if part.status in ("new", "changed") else part for part in found]


def _bring_in(desk: Desk, kinds: Mapping[str, Kind], part: Part, reason: str) -> Part:
    if part.kind == DEFINITION:
        told = {"kind": part.key, "name": reason.strip()[:60], "source": part.source}
        return replace(part, made=drafts.begin(desk.store, **told, actor=desk.actor, now=desk.occasion.now, origin=desk.origin))
    made = changes.propose(desk, kinds[part.kind], part.key, source=part.source, reason=reason, must_wait=True)
    return replace(part, made=made)
