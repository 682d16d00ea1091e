"""The bell's page: what each message is about, when it came, and what of it is unread, as the bell counts it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import rows_of
from workflow.models import Notice
from workflow.text import canonical

NOW = hours.now()
UNREAD = re.compile(r'class="notice is-unread"')


def tell(county: County, login: str, case_id: int, key: str, minutes: int = 1) -> None:
    """A message to somebody about a case."""
    row: dict[str, Any] = {"message": "overdue", "params": canonical([{"number": "甲1"}]), "cases": canonical([case_id])}
    row |= {"key": key, "person_id": county.people[login], "created_at": NOW - timedelta(minutes=minutes)}
    county.database.write(lambda store: store.insert(Notice, [row]))


def test_a_message_says_what_it_is_about_and_that_it_is_unread(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1), title="公示栏未更新")
    tell(county, "zhou", case_id, "one")
    page = client("zhou").get("/notices").text
    assert f'<a href="/cases/{case_id}">公示栏未更新</a>' in page
    words = words_of(page.partition("<main")[2])
    assert "到期和逾期" in words and "未读" in words.split("到期和逾期")[0].split("全部标为已读")[1]


def test_the_bell_counts_what_the_page_shows_as_unread(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1))
    for n in range(3):
        tell(county, "zhou", case_id, f"n{n}", n)
    zhou = client("zhou")

    def counted() -> tuple[int, int]:
        page = zhou.get("/notices").text
        bell = re.search(r'class="bell-count"[^>]*>(\d+)<', page)
        return int(bell[1]) if bell else 0, len(UNREAD.findall(page))

    first = counted()
    assert first[0] == first[1] >= 3
    newest = max(int(row["id"]) for row in rows_of(county, Notice, person_id=county.people["zhou"]))
    assert post(zhou, "/notices", "/notices/read", {"notice": str(newest)}).status_code == 302
    assert counted() == (first[0] - 1, first[0] - 1)
    post(zhou, "/notices", "/notices/read", {})
    assert counted() == (0, 0) and "都读过了" in words_of(zhou.get("/notices").text)
    assert "全部标为已读" not in zhou.get("/notices").text


def test_nobody_reads_the_message_of_another(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1))
    tell(county, "zhou", case_id, "his")
    his = next(row for row in rows_of(county, Notice, person_id=county.people["zhou"]) if row["key"] == "his")
    post(client("shi"), "/notices/settings", "/notices/read", {"notice": str(his["id"])})
    assert next(row for row in rows_of(county, Notice, id=his["id"]))["read_at"] is None


def test_a_message_about_a_case_that_is_out_of_sight_tells_nothing_of_it(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1), title="公示栏未更新")
    tell(county, "shi", case_id, "stray")
    page = client("shi").get("/notices").text
    assert "甲1" in page and "公示栏未更新" not in page and f"/cases/{case_id}" not in page
