"""Drafts of definitions: the text under work, what it says, and how far it has come on its way to a version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from config.documents import DocumentFault, parse
from states.errors import BadInput, Conflict, DefinitionError, NotFound, NotPermitted
from states.schema import canonical_text, digest, load
from workflow.definitions import VERSIONS
from workflow.models import DefinitionText, Draft, Impact, Publication
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.trail import Origin, configured
from workflow.types import Actor

ROLE = "workflow_admin"

_draft, _impact, _publication = table_of(Draft), table_of(Impact), table_of(Publication)
BY_ID = Prepared(select(_draft).where(_draft.c.id == bindparam("id")))
PENDING = Prepared(
    select(_publication.c.id)
    .join(_impact, _impact.c.id == _publication.c.impact_id)
    .where(
        _impact.c.draft_id == bindparam("draft_id"),
        _publication.c.activated_at.is_(None),
        or_(_publication.c.granted.is_(None), _publication.c.granted),
    )
)
OPEN = Prepared(select(_draft).where(_draft.c.status == "open").order_by(_draft.c.kind, _draft.c.id))


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says: the plain document and its canonical text, with the digest that names it."""

    document: Mapping[str, Any]
    canonical: str
    digest: str


def require_administrator(actor: Actor) -> None:
    """Only an administrator of workflows works on definitions; the operator does until there are administrators."""
    if not actor.has_role(ROLE) and not (actor.person_id is None and actor.sees_all):
        raise NotPermitted(why="role", trigger="design")


def require_person(actor: Actor) -> None:
    """Two people decide, and the machine is none."""
    if actor.person_id is None:
        raise NotPermitted(why="nobody_publishes")


def read_text(source: str) -> Said | None:
    """What the text says, or None where it cannot be read as a definition."""
    try:
        document = parse(source, name="draft").data
        load(document)
    except (DocumentFault, DefinitionError, TypeError):
        return None
    text = canonical_text(document)
    return Said(document, text, digest(text))


def require_text(source: str) -> Said:
    """The same; BadInput draft_unreadable where it cannot be read."""
    said = read_text(source)
    if said is None:
        raise BadInput(why="draft_unreadable")
    return said


# ---- working on one -------------------------------------------------------------------------------------------------------


def begin(
    store: Store,
    *,
    kind: str,
    name: str,
    source: str,
    actor: Actor,
    now: datetime,
    layout: str = "{}",
    origin: Origin | None = None,
) -> int:
    """The id of a new draft. Its kind need not exist yet; what the text says of itself is looked at when it is changed."""
    require_administrator(actor)
    current = next((row for row in store.rows(VERSIONS) if row["kind"] == kind and row["status"] == "published"), None)
    draft_id = store.new_ids(Draft, 1)[0]
    row: Row = {"id": draft_id, "kind": kind, "name": name.strip(), "source": source, "layout": layout}
    row |= {"digest": _digest_of(source, kind), "based_on": current["id"] if current else None}
    row |= {"created_by": actor.person_id, "created_at": now, "changed_by": actor.person_id, "changed_at": now}
    store.insert(Draft, [{**row, "proven": "", "revision": 1, "status": "open"}])
    configured(store, actor.person_id, f"draft {draft_id} begun, digest {row['digest']}", now=now, origin=origin)
    return draft_id


def _digest_of(source: str, kind: str) -> str:
    said = read_text(source)
    return said.digest if said is not None and said.document.get("key") == kind else ""


def get_draft(store: Store, draft_id: int) -> Row:
    """The draft, or NotFound."""
    row = store.row(BY_ID, id=draft_id)
    if row is None:
        raise NotFound(what="draft", id=draft_id)
    return row


def get_open_draft(store: Store, draft_id: int) -> Row:
    """The draft, or NotFound also where it is over."""
    row = get_draft(store, draft_id)
    if row["status"] != "open":
        raise NotFound(what="draft", id=draft_id)
    return row


def list_open(store: Store) -> list[Row]:
    """Every draft that is under work, by kind."""
    return store.rows(OPEN)


def change(
    store: Store,
    draft_id: int,
    *,
    revision: int,
    actor: Actor,
    now: datetime,
    source: str | None = None,
    layout: Mapping[str, Any] | None = None,
    name: str | None = None,
    origin: Origin | None = None,
) -> int:
    """The new revision. Conflict draft_changed where somebody else was faster, draft_closed for one that is over.

    A text that cannot be read is kept too: nothing typed is lost, it only comes no further.
    """
    require_administrator(actor)
    draft = get_draft(store, draft_id)
    if draft["status"] != "open":
        raise Conflict(why="draft_closed")
    changed: Row = {"revision": revision + 1, "changed_by": actor.person_id, "changed_at": now}
    if source is not None:
        changed |= {"source": source, "digest": _digest_of(source, draft["kind"])}
    if layout is not None:
        changed["layout"] = canonical(layout)
    if name is not None:
        changed["name"] = name.strip()
    if not store.update(Draft, changed, id=draft_id, revision=revision, status="open"):
        raise Conflict(why="draft_changed", revision=draft["revision"])
    what = f"draft {draft_id} changed, revision {revision + 1}, digest {changed.get('digest', draft['digest'])}"
    configured(store, actor.person_id, what, now=now, origin=origin)
    return revision + 1


def drop(store: Store, draft_id: int, *, actor: Actor, now: datetime, origin: Origin | None = None) -> None:
    """Ends work on a draft; its text stays, and nothing can be published from it."""
    require_administrator(actor)
    if store.row(PENDING, draft_id=draft_id) is not None:
        raise Conflict(why="draft_proposed")
    told = {"status": "dropped", "changed_by": actor.person_id, "changed_at": now}
    if not store.update(Draft, told, id=draft_id, status="open"):
        get_draft(store, draft_id)
        raise Conflict(why="draft_closed")
    configured(store, actor.person_id, f"draft {draft_id} dropped", now=now, origin=origin)


def say_proven(store: Store, draft_id: int, *, source: str) -> Said:
    """Writes down that this text has no fault and that its scenarios came out; Conflict draft_changed if it is another now.

    The text is kept under its digest from here on, so that a preview and a publication can name it.
    """
    said = require_text(source)
    row = {"digest": said.digest, "canonical": said.canonical, "source": source}
    store.insert(DefinitionText, [row], ignore_conflict=True)
    if not store.update(Draft, {"proven": said.digest}, id=draft_id, digest=said.digest, status="open"):
        raise Conflict(why="draft_changed", revision=get_draft(store, draft_id)["revision"])
    return said


def say_unproven(store: Store, draft_id: int, *, digest: str) -> None:
    """Takes back that this text was proven: what it was proven beside has changed. What is said of another text stays."""
    store.update(Draft, {"proven": ""}, id=draft_id, digest=digest, proven=digest, status="open")


def is_proven(draft: Mapping[str, Any]) -> bool:
    """Is the draft as it stands proven?"""
    return bool(draft["digest"]) and draft["proven"] == draft["digest"]


def layout_of(draft: Mapping[str, Any]) -> dict[str, Any]:
    """Where states were put in the drawing: state → [x, y]."""
    told: dict[str, Any] = json.loads(draft["layout"])
    return told
