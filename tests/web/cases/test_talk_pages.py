"""A talk that the scheduler has proposed has its notice ready, and the form that sends it knows who is meant."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zipfile import ZipFile

import pytest

from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import rows_of
from workflow import occasions
from workflow.models import Case, Grant
from workflow.store import Store, table_of

NOW = datetime.now(UTC)
GRANTS = table_of(Grant)


def typed(page: str) -> dict[str, str]:
    """What stands in the text inputs of a page."""
    inputs = re.findall(r"<input[^>]*>", page)
    named = ((re.search(r' name="([^"]+)"', one), re.search(r' value="([^"]*)"', one)) for one in inputs)
    return {name[1]: value[1] if value else "" for name, value in named if name}


@pytest.fixture
def talk(county: County) -> int:
    """The talk with 东沟村, proposed for an item that has been late for a long time, and ordered."""
    county.supervised_item(NOW - timedelta(days=120), immediate="rectify_now", period="default_immediate", first_check="county")
    county.engine.tick(NOW - timedelta(minutes=5))
    (row,) = rows_of(county, Case, kind="interview")
    return int(row["id"])


def name_post(county: County, login: str, title: str) -> None:
    """The post of somebody gets a title."""

    def work(store: Store) -> Any:
        return store.execute(GRANTS.update().where(GRANTS.c.person_id == county.people[login]).values(title=title))

    county.database.write(work)


def test_the_notice_lies_ready_when_the_talk_is_proposed(client: Client, talk: int) -> None:
    lin = client("lin")
    assert re.search(r"约谈通知书\s*（草稿）", words_of(lin.get(f"/cases/{talk}").text))
    written = lin.get(f"/cases/{talk}/letters/interview_notice").data
    text = ZipFile(io.BytesIO(written)).read("word/document.xml").decode()
    assert "东沟村党支部" in text and "村务公开栏半年未更新" in text


def test_the_form_of_the_notice_knows_who_holds_the_posts(client: Client, county: County, talk: int) -> None:
    name_post(county, "zhou", "东沟村党支部书记")
    county.fire(talk, "order", "zhao", NOW)
    told = typed(client("chen").get(f"/cases/{talk}/do/notify").text)
    assert {key: told[key] for key in ("chair", "interviewee_name", "interviewee_post", "contact_name")} == {
        "chair": "陈立新",
        "interviewee_name": "周明远",
        "interviewee_post": "东沟村党支部书记",
        "contact_name": "许洁",
    }


def test_where_several_hold_a_post_nobody_is_suggested(client: Client, county: County, talk: int) -> None:
    def work(store: Store) -> None:
        grant = {"person_id": county.people["luo"], "role": "handler", "organ_id": county.organs["liuhe_party"], "title": ""}
        store.insert(Grant, [{"id": store.new_ids(Grant, 1)[0], **grant, "ceiling": 3}])
        occasions.moved(store, "people")

    county.database.write(work)
    county.fire(talk, "order", "zhao", NOW)
    told = typed(client("chen").get(f"/cases/{talk}/do/notify").text)
    assert (told["chair"], told["contact_name"]) == ("陈立新", "")


def test_what_was_typed_stands_where_the_notice_is_refused(client: Client, county: County, talk: int) -> None:
    county.fire(talk, "order", "zhao", NOW)
    told = {"chair": "韩冰", "contact_name": "", "held_on": NOW.date().isoformat()}
    refused = post(client("chen"), f"/cases/{talk}/do/notify", f"/cases/{talk}/do/notify", told)
    assert refused.status_code == 422
    assert (typed(refused.text)["chair"], typed(refused.text)["contact_name"]) == ("韩冰", "")
