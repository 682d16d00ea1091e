"""Saved views: a person's filters under a name. A shared one shows everybody the same question, never the same answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, or_, select

from states.errors import BadInput, NotFound
from workflow.models import SavedView
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

NAME_AT_MOST = 60
QUERY_AT_MOST = 4_000

_view = table_of(SavedView)
MINE_AND_SHARED = Prepared(
    select(_view)
    .where(or_(_view.c.person_id == bindparam("person_id"), _view.c.shared))
    .order_by(_view.c.shared, _view.c.name, _view.c.id)
)
NAMED = Prepared(select(_view.c.id).where(_view.c.person_id == bindparam("person_id"), _view.c.name == bindparam("name")))
DROP = Prepared(delete(_view).where(_view.c.id == bindparam("id"), _view.c.person_id == bindparam("person_id")))


@dataclass(frozen=True, slots=True)
class View:
    """`query` is the page's own query string; `is_mine` says whether this person may change it."""

    id: int
    name: str
    query: str
    shared: bool
    is_mine: bool


def list_views(store: Store, *, actor: Actor) -> list[View]:
    """The actor's own views and those that others share, by name."""
    return [_view_of(row, actor) for row in store.rows(MINE_AND_SHARED, person_id=actor.person_id)]


def get_view(store: Store, *, actor: Actor, view_id: int) -> View:
    """One of `list_views`, or NotFound."""
    found = next((view for view in list_views(store, actor=actor) if view.id == view_id), None)
    if found is None:
        raise NotFound(what="view", id=view_id)
    return found


def _view_of(row: Row, actor: Actor) -> View:
    return View(row["id"], row["name"], row["query"], row["shared"], row["person_id"] == actor.person_id)


def save_view(store: Store, *, actor: Actor, name: str, query: str, shared: bool = False) -> int:
    """Keeps the filters under the name; the same name again replaces them."""
    plain = " ".join(name.split())
    if not plain or len(plain) > NAME_AT_MOST or len(query) > QUERY_AT_MOST or actor.person_id is None:
        raise BadInput(why="view")
    values = {"query": query, "shared": shared}
    known = store.row(NAMED, person_id=actor.person_id, name=plain)
    if known is not None:
        store.update(SavedView, values, id=known["id"])
        return int(known["id"])
    view_id = store.new_ids(SavedView, 1)[0]
    store.insert(SavedView, [{"id": view_id, "person_id": actor.person_id, "name": plain, **values}])
    return view_id


def drop_view(store: Store, *, actor: Actor, view_id: int) -> None:
    """Deletes one of the actor's own views; NotFound for anybody else's."""
    if not store.run(DROP, id=view_id, person_id=actor.person_id):
        raise NotFound(what="view", id=view_id)
