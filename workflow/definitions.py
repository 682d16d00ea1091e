"""Definitions as they are served: by version id, proven once, with their machine, shared by all threads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, select

from states.definition import AccessRule, Definition
from states.errors import Conflict, NotFound, NotReady
from states.machine import StateMachine
from states.schema import canonical_text, digest, load
from workflow import newly_listed
from workflow.models import Case, DefinitionText, DefinitionVersion, Impact, Publication
from workflow.search import listed_by
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.versions.plan import Plan

_version, _impact, _publication = table_of(DefinitionVersion), table_of(Impact), table_of(Publication)
_text = table_of(DefinitionText)

VERSIONS = Prepared(
    select(*(_version.c[name] for name in ("id", "kind", "number", "status", "digest", "opens"))).order_by(
        _version.c.kind, _version.c.number
    )
)
# Of each kind the plan by which open cases come under its current version: of the last publication that took effect.
PLANS = Prepared(
    select(_publication.c.id, _publication.c.kind, _publication.c.version_id, _impact.c.plan)
    .join(_impact, _impact.c.id == _publication.c.impact_id)
    .join(_version, _version.c.id == _publication.c.version_id)
    .where(_version.c.status == "published", _publication.c.activated_at.is_not(None))
    .order_by(_publication.c.id)
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
    opens: bool = True
    listed: frozenset[str] = frozenset()  # the facts that its cases are listed by: its own and those of every later version

    @property
    def kind(self) -> str:
        """The kind's key."""
        return self.definition.key


@dataclass(frozen=True, slots=True)
class Standing:
    """The plan by which open cases come under the current version of their kind, and the publication that brought it."""

    publication: int
    plan: Plan


@dataclass(frozen=True)
class Catalogue:
    """Every served version by id, the current version of each kind, and the plan that leads to it, where there is one."""

    by_id: Mapping[int, Served]
    current: Mapping[str, Served]
    plans: Mapping[str, Standing] = field(default_factory=dict)

    @cached_property
    def stamp(self) -> tuple[tuple[int, str, bool], ...]:
        """Tells this set of versions from another: what was built for it may be kept under it."""
        current = {served.version_id for served in self.current.values()}
        return tuple((at, served.digest, at in current) for at, served in sorted(self.by_id.items()))

    def versions_of(self, kind: str) -> tuple[Definition, ...]:
        """Every version of the kind, the current one first: what names states and choices of cases that are older."""
        current = self.of_kind(kind)
        older = [one for one in self.by_id.values() if one.kind == kind and one.version_id != current.version_id]
        return (current.definition, *(one.definition for one in sorted(older, key=lambda one: -one.number)))

    def not_listing(self, kind: str, field: str) -> tuple[int, ...]:
        """The versions of the kind that do not list by the fact themselves."""
        every = ((at, served.definition) for at, served in self.by_id.items() if served.kind == kind)
        return tuple(sorted(at for at, definition in every if field not in listed_by(definition)))

    def plan_of(self, kind: str) -> Standing | None:
        """How open cases of the kind come under its current version, if two people have said so."""
        return self.plans.get(kind)

    @cached_property
    def work_triggers(self) -> Mapping[str, frozenset[str]]:
        """By kind: the triggers of any version whose actors did, verified or reported the work."""
        return self._of_kinds(lambda definition: definition.work_triggers)

    @cached_property
    def closing_triggers(self) -> Mapping[str, frozenset[str]]:
        """By kind: the triggers of any version whose actors closed the case."""
        return self._of_kinds(lambda definition: definition.closing_triggers)

    @cached_property
    def asking_triggers(self) -> Mapping[str, frozenset[str]]:
        """By kind: the triggers of any version that ask for the approval of a step."""
        return self._of_kinds(lambda definition: frozenset({definition.consent.asked_by} if definition.consent else ()))

    @cached_property
    def off_ledger(self) -> tuple[str, ...]:
        """The kinds that stand on no ledger of their own, but under the case that they belong to: its measures."""
        return tuple(sorted(kind for kind, served in self.current.items() if not served.definition.ledger))

    def _of_kinds(self, triggers: Callable[[Definition], frozenset[str]]) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for served in self.by_id.values():
            found[served.kind] = found.get(served.kind, frozenset()) | triggers(served.definition)
        return found

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


def built(store: Store, text_digest: str) -> tuple[Definition, StateMachine]:
    """The definition of a canonical text with its machine, or NotFound.

    NotReady definition_changed where the text is not the one that the digest names: nothing runs by it.
    """
    # A text never changes under its digest, so what was built once serves for the life of the process.
    known = _BUILT.get(text_digest)
    if known is None:
        row = store.row(TEXT, digest=text_digest)
        if row is None:
            raise NotFound(what="definition", id=text_digest)
        if digest(row["canonical"]) != text_digest:
            raise NotReady(why="definition_changed", id=text_digest)
        definition = load(json.loads(row["canonical"]))
        known = _BUILT[text_digest] = (definition, StateMachine(definition))
    return known


def catalogue(store: Store) -> Catalogue:
    """Everything that is served, read from this transaction."""
    by_id: dict[int, Served] = {}
    current: dict[str, Served] = {}
    rows = store.rows(VERSIONS)
    listed = _listed(store, rows)
    for row in rows:
        definition, machine = built(store, row["digest"])
        served = Served(row["id"], row["number"], row["digest"], definition, machine, row["opens"], listed[row["id"]])
        by_id[row["id"]] = served
        if row["status"] == "published":
            current[row["kind"]] = served
    current = {kind: _with_older_states(one, by_id.values()) for kind, one in current.items()}
    plans = {row["kind"]: Standing(row["id"], Plan.of(json.loads(row["plan"]))) for row in store.rows(PLANS)}
    return Catalogue(by_id, current, plans)


def _listed(store: Store, rows: list[Row]) -> dict[int, frozenset[str]]:
    """By version the facts that it or a later one of its kind lists by."""
    later: dict[str, frozenset[str]] = {}
    found: dict[int, frozenset[str]] = {}
    for row in reversed(rows):
        kind = row["kind"]
        found[row["id"]] = later[kind] = later.get(kind, frozenset()).union(listed_by(built(store, row["digest"])[0]))
    return found


def _with_older_states(current: Served, every: Iterable[Served]) -> Served:
    """The current version, whose access counts also in states that only older versions have: cases still stand in them."""
    older = [one.definition for one in every if one.kind == current.kind and one.version_id != current.version_id]
    rules = tuple(_with_states_of(rule, current.definition, older) for rule in current.definition.access)
    return (
        current
        if rules == current.definition.access
        else replace(current, definition=replace(current.definition, access=rules))
    )


def _with_states_of(rule: AccessRule, definition: Definition, older: Iterable[Definition]) -> AccessRule:
    if not rule.states:
        return rule
    gone: dict[str, None] = {}
    for was in older:
        same = [one for one in was.access if (one.relation, one.organs, one.may) == (rule.relation, rule.organs, rule.may)]
        for one in same:
            gone |= dict.fromkeys(state for state in one.states or was.state_by_key if state not in definition.state_by_key)
    return replace(rule, states=(*rule.states, *gone))


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
    if has_cases(store, kind):
        raise Conflict(why="kind_has_cases", kind=kind)
    text = {"digest": text_digest, "canonical": canonical, "source": source}
    store.insert(DefinitionText, [text], ignore_conflict=True)
    require_own_number(store, kind, text_digest)
    return int(add_version(store, kind, text_digest, now=now)["number"])


def has_cases(store: Store, kind: str) -> bool:
    """Was a case of this kind ever registered?"""
    return store.row(CASES_OF_KIND, kind=kind) is not None


def require_own_number(store: Store, kind: str, text_digest: str) -> None:
    """Conflict number_taken where another kind counts its cases in the same way: two cases would have one number."""
    pattern = built(store, text_digest)[0].number
    rows = [row for row in store.rows(VERSIONS) if row["kind"] != kind and row["status"] == "published"]
    taken_by = next((other for row in rows if (other := built(store, row["digest"])[0]).number == pattern), None)
    if taken_by is not None:
        raise Conflict(why="number_taken", number=pattern, taken_by=taken_by.title.zh_hans)


def source_of(store: Store, kind: str) -> str | None:
    """The text, as it was written, of the current version of a kind; its canonical form where it was stored without one."""
    row = next((row for row in store.rows(VERSIONS) if row["kind"] == kind and row["status"] == "published"), None)
    text = store.row(TEXT, digest=row["digest"]) if row else None
    return str(text["source"] or text["canonical"]) if text else None


def add_version(store: Store, kind: str, text_digest: str, *, now: datetime, **more: Any) -> Row:
    """The next version of a kind, current from here on; the one before is retired. A kind that was stopped stays stopped."""
    known = [row for row in store.rows(VERSIONS) if row["kind"] == kind]
    before = next((row for row in known if row["status"] == "published"), None)
    opens = before is None or before["opens"]
    if before is not None:
        store.update(DefinitionVersion, {"status": "retired"}, id=before["id"])
        newly = set(listed_by(built(store, text_digest)[0])).difference(listed_by(built(store, before["digest"])[0]))
        newly_listed.begin(store, kind, newly if has_cases(store, kind) else ())
    row = {"id": store.new_ids(DefinitionVersion, 1)[0], "kind": kind, "number": len(known) + 1, "digest": text_digest}
    row |= {"status": "published", "created_at": now, "published_at": now, "opens": opens, "layout": "{}", **more}
    store.insert(DefinitionVersion, [row])
    return row
