"""A county's own role is named by two security administrators, then held by people and used by workflows; its words follow."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from config.settings import load
from states.errors import BadInput
from tests import hours
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.configuration.conftest import Desk
from web.wiring import Office, shipped_workflows
from workflow.dates import local_day
from workflow.people import grants
from workflow.people.actors import actor_of

NOW = hours.now()
INSTRUCTOR = {"title": {"zh-Hans": "督导员", "zh-Hant": "督導員", "en": "Instructor"}, "posts": {}}


def office(desk: Desk, home: Path) -> Office:
    return Office(load({"DUBAN_HOME": str(home), "DUBAN_CEILING": "3"}), desk.county.database, desk.county.engine)


def with_instructor() -> Any:
    """The shipped kind, with one step that instructors of the office may do as well."""
    document = copy.deepcopy(shipped_workflows()["rectification"].data)
    remind = next(one for one in document["transitions"] if one["trigger"] == "remind")
    remind["who"][0]["roles"].append("instructor")
    return document


def give(desk: Desk, role: str) -> int:
    told = {"person_id": desk.county.people["lin"], "role": role, "organ_id": desk.county.organs["office"]}
    return desk.county.database.write(lambda store: grants.give(store, **told, today=local_day(NOW)))


def test_a_new_role_can_be_held_and_used_once_two_people_have_agreed(desk: Desk, home: Path) -> None:
    place = office(desk, home)
    assert [one.id for one in place.prove(with_instructor())] == ["unknown_name"]
    with pytest.raises(BadInput):
        give(desk, "instructor")
    desk.change("role", "instructor", lambda _data: INSTRUCTOR, now=NOW)
    place.engine.read(NOW, lambda _store, occasion: occasion.settings)
    assert place.prove(with_instructor()) == ()
    assert give(desk, "instructor")
    actor = desk.county.database.read(lambda store: actor_of(store, desk.county.people["lin"], today=local_day(NOW)))
    assert actor is not None
    assert "instructor" in {grant.role for grant in actor.posts}


def test_a_role_is_added_from_its_page_and_shown_where_posts_are_given(desk: Desk, client: Client) -> None:
    assert desk.county
    first, second = client("an"), client("bao")
    led = first.get("/configuration/role/new?key=instructor")
    assert led.headers["Location"] == "/configuration/role/instructor"
    assert first.get("/configuration/role/new").headers["Location"] == "/configuration/role"
    assert "zh-Hant" in first.get("/configuration/role/instructor").text
    page = "/configuration/role/instructor"
    source = "title: {zh-Hans: 督导员, zh-Hant: 督導員, en: Instructor}\n"
    made = post(first, page, page, {"source": source, "based_on": "0", "reason": "县里设了督导员", "act": "propose"})
    where = made.headers["Location"]
    assert "标题·简体：新增“督导员”" in words_of(second.get(where).text)
    assert post(second, where, f"{where}/decide", {"granted": "yes"}).status_code == 303
    assert "督导员" in words_of(first.get("/grants").text)
