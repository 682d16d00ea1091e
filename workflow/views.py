"""Saved views: a person's filters of a list under a name. A shared one asks the same for everybody, and never shows the same.

What is kept is `query`, behind the name of its list and a question mark where that is not the ledger.
"""

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
NAMED = Prepared(select(_view).where(_view.c.person_id == bindparam("person_id"), _view.c.name == bindparam("name")))
DROP = Prepared(delete(_view).where(_view.c.id == bindparam("id"), _view.c.person_id == bindparam("person_id")))


@dataclass(frozen=True, slots=True)
class View:
    """`query` is the page's own query string, `page` the name of its list, "" for the ledger; `is_mine`: he may change it."""

    id: int
    name: str
    query: str
    shared: bool
    is_mine: bool
    page: str = ""


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
    page, _mark, query = row["query"].rpartition("?")
    return View(row["id"], row["name"], query, row["shared"], row["person_id"] == actor.person_id, page)


def save_view(store: Store, *, actor: Actor, name: str, query: str, shared: bool = False, page: str = "") -> int:
    """Keeps the filters under the name; the same name again replaces them. BadInput for one's own name on another list."""
    plain = " ".join(name.split())
    if not plain or len(plain) > NAME_AT_MOST or len(query) > QUERY_AT_MOST or actor.person_id is None:
        raise BadInput(why="view")
    values = {"query": f"{page}?{query}" if page else query, "shared": shared}
    known = store.row(NAMED, person_id=actor.person_id, name=plain)
    if known is not None:
        if _view_of(known, actor).page != page:
            raise BadInput(why="view_of_another_list", name=plain)
        store.update(SavedView, values, id=known["id"])
        return int(known["id"])
    view_id = store.new_ids(SavedView, 1)[0]
    store.insert(SavedView, [{"id": view_id, "person_id": actor.person_id, "name": plain, **values}])
    return view_id


def drop_view(store: Store, *, actor: Actor, view_id: int) -> None:
    """Deletes one of the actor's own views; NotFound for anybody else's."""
    if not store.run(DROP, id=view_id, person_id=actor.person_id):
        raise NotFound(what="view", id=view_id)
