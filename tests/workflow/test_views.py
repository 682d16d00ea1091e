"""Saved views: one's own, and those that others share."""

from __future__ import annotations

from functools import partial

import pytest

from states.errors import BadInput, NotFound
from tests.workflow.people.conftest import NOW
from workflow.database import Database
from workflow.people.accounts import create_person
from workflow.store import Store
from workflow.types import MACHINE, Actor
from workflow.views import drop_view, get_view, list_views, save_view


def _two_people(store: Store) -> list[int]:
    return [create_person(store, login=login, name=login, now=NOW) for login in ("lin", "song")]


def test_a_view_is_its_owners_until_it_is_shared_and_only_its_owner_changes_it(database_url: str) -> None:
    database = Database(database_url)
    lin, song = [Actor(person_id, "x") for person_id in database.write(_two_people)]
    view_id = database.write(lambda store: save_view(store, actor=lin, name=" 逾期  事项 ", query="late=1"))
    assert database.read(lambda store: list_views(store, actor=song)) == []
    with pytest.raises(NotFound):
        database.read(lambda store: get_view(store, actor=song, view_id=view_id))
    again = database.write(lambda store: save_view(store, actor=lin, name="逾期 事项", query="late=2", shared=True))
    assert again == view_id
    shared = database.read(lambda store: get_view(store, actor=song, view_id=view_id))
    assert (shared.query, shared.is_mine) == ("late=2", False)
    with pytest.raises(NotFound):
        database.write(lambda store: drop_view(store, actor=song, view_id=view_id))
    with pytest.raises(BadInput) as refused:
        database.write(lambda store: save_view(store, actor=lin, name="逾期 事项", query="late=2", page="orders"))
    assert refused.value.params["why"] == "view_of_another_list", "it would take the place of the other one"
    database.write(lambda store: drop_view(store, actor=lin, view_id=view_id))
    assert database.read(lambda store: list_views(store, actor=lin)) == []
    of_orders = database.write(lambda store: save_view(store, actor=lin, name="逾期 事项", query="late=2", page="orders"))
    told = database.read(lambda store: get_view(store, actor=lin, view_id=of_orders))
    assert (told.page, told.query, told.is_mine) == ("orders", "late=2", True)
    database.write(lambda store: drop_view(store, actor=lin, view_id=of_orders))
    for name, query in ((" ", ""), ("x" * 61, ""), ("x", "y" * 4_001)):
        with pytest.raises(BadInput):
            database.write(partial(save_view, actor=lin, name=name, query=query))
    with pytest.raises(BadInput):
        database.write(lambda store: save_view(store, actor=MACHINE, name="x", query=""))
    database.close()
