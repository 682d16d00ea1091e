"""Definitions as they are served: by version id, proven once, with their machine, shared by all threads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import bindparam, select

from states.definition import Definition
from states.errors import Conflict, NotFound
from states.machine import StateMachine
from states.schema import canonical_text, digest, load
from workflow.models import Case, DefinitionText, DefinitionVersion
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

_version = table_of(DefinitionVersion)
_text = table_of(DefinitionText)

VERSIONS = Prepared(
    select(_version.c.id, _version.c.kind, _version.c.number, _version.c.status, _version.c.digest).order_by(
        _version.c.kind, _version.c.number
    )
)
TEXT = Prepared(select(_text.c.canonical, _text.c.source).where(_text.c.digest == bindparam("digest")))
CASES_OF_KIND = Prepared(select(table_of(Case).c.id).where(table_of(Case).c.kind == bindparam("kind")).limit(1))


@dataclass(frozen=True, slots=True)
class Served:
    """One version of a kind, ready to run."""

    version_id: int
    number: int
    digest: str
    definition: Definition
    machine: StateMachine

    @property
    def kind(self) -> str:
        """The kind's key."""
        return self.definition.key


@dataclass(frozen=True)
class Catalogue:
    """Every served version by id, and the current version of each kind."""

    by_id: Mapping[int, Served]
    current: Mapping[str, Served]

    @cached_property
    def stamp(self) -> tuple[tuple[int, str, bool], ...]:
        """Tells this set of versions from another: what was built for it may be kept under it."""
        current = {served.version_id for served in self.current.values()}
        return tuple((at, served.digest, at in current) for at, served in sorted(self.by_id.items()))

    def of_version(self, version_id: int) -> Served:
        """The version a case is pinned to."""
        return self.by_id[version_id]

    def of_kind(self, kind: str) -> Served:
        """The version that new cases of `kind` get, or NotFound."""
        found = self.current.get(kind)
        if found is None:
            raise NotFound(what="kind", id=kind)
        return found


_BUILT: dict[str, tuple[Definition, StateMachine]] = {}


def _built(store: Store, text_digest: str) -> tuple[Definition, StateMachine]:
    # A text never changes under its digest, so what was built once serves for the life of the process.
    known = _BUILT.get(text_digest)
    if known is None:
        row = store.row(TEXT, digest=text_digest)
        if row is None:
            raise NotFound(what="definition", id=text_digest)
        definition = load(json.loads(row["canonical"]))
        known = _BUILT[text_digest] = (definition, StateMachine(definition))
    return known


def catalogue(store: Store) -> Catalogue:
    """Everything that is served, read from this transaction."""
    by_id: dict[int, Served] = {}
    current: dict[str, Served] = {}
    for row in store.rows(VERSIONS):
        definition, machine = _built(store, row["digest"])
        served = Served(row["id"], row["number"], row["digest"], definition, machine)
        by_id[row["id"]] = served
        if row["status"] == "published":
            current[row["kind"]] = served
    return Catalogue(by_id, current)


def publish(store: Store, document: Mapping[str, object], *, source: str, now: datetime) -> int:
    """Makes the document the current version of its kind, which must have no cases yet; its version number.

    The same text again changes nothing. The document must have been proven by the caller. Conflict kind_has_cases, or
    number_taken where another kind counts its cases in the same way: two cases would have one number.
    """
    canonical = canonical_text(document)
    text_digest, kind = digest(canonical), str(document["key"])
    every = store.rows(VERSIONS)
    versions = [row for row in every if row["kind"] == kind]
    published = next((row for row in versions if row["status"] == "published"), None)
    if published and published["digest"] == text_digest:
        return int(published["number"])
    if store.row(CASES_OF_KIND, kind=kind):
        raise Conflict(why="kind_has_cases", kind=kind)
    others = [_built(store, row["digest"])[0] for row in every if row["kind"] != kind and row["status"] == "published"]
    taken_by = next((other for other in others if other.number == document["number"]), None)
    if taken_by is not None:
        raise Conflict(why="number_taken", number=taken_by.number, taken_by=taken_by.title.zh_hans)
    if published:
        store.update(DefinitionVersion, {"status": "retired"}, id=published["id"])
    return _add_version(store, versions, canonical, source, now, kind=kind, status="published")


def publish_or_draft(store: Store, document: Mapping[str, object], *, source: str, now: datetime) -> int:
    """What an upgrade does with a shipped definition: published where the kind has no cases, else kept as a draft."""
    versions = [row for row in store.rows(VERSIONS) if row["kind"] == document["key"]]
    canonical = canonical_text(document)
    known = next((row for row in versions if row["digest"] == digest(canonical)), None)
    if known is not None:
        return int(known["number"])
    if not store.row(CASES_OF_KIND, kind=str(document["key"])):
        return publish(store, document, source=source, now=now)
    return _add_version(store, versions, canonical, source, now, kind=str(document["key"]), status="draft")


def source_of(store: Store, kind: str) -> str | None:
    """The text, as it was written, of the current version of a kind."""
    row = next((row for row in store.rows(VERSIONS) if row["kind"] == kind and row["status"] == "published"), None)
    text = store.row(TEXT, digest=row["digest"]) if row else None
    return str(text["source"]) if text else None


def _add_version(
    store: Store, versions: list[Row], canonical: str, source: str, now: datetime, *, kind: str, status: str
) -> int:
    number, text_digest = len(versions) + 1, digest(canonical)
    text = {"digest": text_digest, "canonical": canonical, "source": source}
    store.insert(DefinitionText, [text], ignore_conflict=True)
    row = {"kind": kind, "number": number, "digest": text_digest, "status": status, "created_at": now}
    store.insert(DefinitionVersion, [{**row, "published_at": now if status == "published" else None}])
    return number
