"""The bell's page: what each message is about, when it came, and what of it is unread, as the bell counts it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from handlers.channels import Outside
from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import rows_of
from web.messages import render
from web.notices import views
from web.wiring import shipped_titles
from workflow.models import Notice
from workflow.outbox import deliver
from workflow.text import canonical

NOW = hours.now()
UNREAD = re.compile(r'class="notice is-unread"')
PRESSED = re.compile(r'name="notice" value="(\d+)"')
ONWARD = re.compile(r'rel="next" href="([^"]+)"')


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


def test_every_message_is_reached_page_by_page_and_none_twice_while_more_come(
    client: Client, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1))
    for n in range(5):
        tell(county, "zhou", case_id, f"n{n}", minutes=n // 2)  # two at the same moment
    mine = sorted(rows_of(county, Notice, person_id=county.people["zhou"]), key=lambda row: (row["created_at"], row["id"]))
    newest = [row["id"] for row in reversed(mine)]
    monkeypatch.setattr(views, "PER_PAGE", 2)
    zhou, url, read = client("zhou"), "/notices", []
    while url:
        page = zhou.get(url).text
        read += [int(told) for told in PRESSED.findall(page)]
        tell(county, "zhou", case_id, f"late{len(read)}", minutes=-len(read))
        onward = ONWARD.search(page)
        url = unescape(onward[1]) if onward else ""
    assert read == newest
    # Whoever marks one there stays there.
    there = f"/notices?after={newest[1]}"
    answer = post(zhou, there, "/notices/read", {"notice": str(newest[2]), "after": str(newest[1])})
    assert answer.headers["Location"] == there
    assert "回第一页" in words_of(zhou.get(f"/notices?after={newest[-1]}").text)


def test_the_place_behind_the_message_of_another_holds_nothing(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1))
    tell(county, "zhou", case_id, "older", minutes=9)
    tell(county, "zhou", case_id, "his")
    tell(county, "shi", case_id, "hers", minutes=5)
    his = next(row for row in rows_of(county, Notice, person_id=county.people["zhou"]) if row["key"] == "his")
    assert "甲1" not in client("shi").get(f"/notices?after={his['id']}").text
    assert "甲1" in client("zhou").get(f"/notices?after={his['id']}").text


def test_nobody_reads_the_message_of_another(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1))
    tell(county, "zhou", case_id, "his")
    his = next(row for row in rows_of(county, Notice, person_id=county.people["zhou"]) if row["key"] == "his")
    post(client("shi"), "/notices/settings", "/notices/read", {"notice": str(his["id"])})
    assert next(row for row in rows_of(county, Notice, id=his["id"]))["read_at"] is None


def test_a_message_about_a_case_that_is_out_of_sight_is_neither_shown_nor_counted(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1), title="公示栏未更新")
    tell(county, "shi", case_id, "stray")
    page = client("shi").get("/notices").text
    assert "甲1" not in page and "公示栏未更新" not in page and f"/cases/{case_id}" not in page
    assert "bell-count" not in page and not UNREAD.search(page)


def test_a_page_on_which_nothing_is_told_leads_on_to_what_is(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1))
    row: dict[str, Any] = {"message": "overdue", "params": canonical([{"number": "甲1"}]), "cases": canonical([case_id])}
    row |= {"person_id": county.people["shi"], "created_at": NOW}
    hidden = [{**row, "key": f"hidden{n}"} for n in range(1_010)]
    own = {"key": "own", "params": canonical([{"name": "级别"}]), "cases": "[]", "created_at": NOW - timedelta(days=1)}
    county.database.write(lambda store: store.insert(Notice, hidden) + store.insert(Notice, [{**row, **own}]))
    shi = client("shi")
    first = shi.get("/notices").text
    assert "这一页没有消息，请看下一页" in first and "甲1" not in first
    onward = ONWARD.search(first)
    assert onward
    second = shi.get(unescape(onward[1])).text
    assert len(UNREAD.findall(second)) == 1 and not ONWARD.search(second)


def test_the_bell_counts_no_further_than_it_shows(client: Client, county: County) -> None:
    row: dict[str, Any] = {"message": "setting_dated", "params": canonical([{"name": "级别"}]), "cases": "[]"}
    row |= {"person_id": county.people["shi"], "created_at": NOW}
    county.database.write(lambda store: store.insert(Notice, [{**row, "key": f"n{n}"} for n in range(101)]))
    page = client("shi").get("/notices").text
    assert 'aria-label="消息 99+"' in page and 'aria-hidden="true">99+<' in page and "未读99+条" in words_of(page)


ASKED = {"name": "周明远", "step": {"zh-Hans": "改办", "zh-Hant": "改辦", "en": "Redirect"}, "number": "整改1号"}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh-Hans", "【待审批】周明远就编号整改1号事项提请审批“改办”，请批复。"),
        ("zh-Hant", "【待審批】周明远就編號整改1号事項提請審批「改辦」，請批覆。"),
        ("en", "To approve: 周明远 asks for your approval of “Redirect” on 整改1号."),
    ],
)
def test_a_step_that_is_asked_for_is_called_as_the_reader_reads_it(language: str, sentence: str) -> None:
    assert render(shipped_titles(), "approval_asked", ASKED, language) == sentence


def test_a_mail_says_neither_who_asks_nor_for_what() -> None:
    mail = render(shipped_titles(), "approval_asked", Outside(ASKED), "zh-Hans")
    assert mail == "【待审批】编号整改1号事项提请审批，请打开事项批复。"
    disposal = render(shipped_titles(), "disposal_proposed", Outside({"name": "宋伟", "count": 3}), "zh-Hans")
    assert disposal == "【待决定】有3件保管期满的事项提请销毁，等你决定。"


def test_what_is_asked_and_what_is_answered_is_in_the_bell_of_whoever_it_concerns(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1), title="公示栏未更新")
    terms = {"consent_for": "redirect", "recipient": county.organs["bureau"], "opinion": "应由农业农村局办"}
    county.fire(case_id, "ask_approval", "zhou", NOW - timedelta(minutes=9), **terms)
    deliver(county.database, {}, now=NOW)
    page = words_of(client("zhao").get("/notices").text.partition("<main")[2])
    assert "约谈和签批" in page and "周明远就编号" in page and "提请审批“改办”，请批复" in page
    assert "前签批" not in page and "应由农业农村局办" not in page
    county.fire(case_id, "agree", "zhao", NOW - timedelta(minutes=8))
    deliver(county.database, {}, now=NOW)
    assert "提请的审批已同意" in words_of(client("zhou").get("/notices").text.partition("<main")[2])


def test_a_decision_without_a_clock_of_its_own_is_asked_for_without_a_day() -> None:
    told = {"number": "整改1号", "due_on": ""}
    assert (
        render(shipped_titles(), "proposal_waiting", told, "zh-Hans") == "【待签批】编号整改1号事项待签批，请签批或说明理由。"
    )
    told = {"number": "整改1号", "original_due_on": "2026-06-26", "reason": ""}
    assert "理由见该事项" in render(shipped_titles(), "extension_refused", told, "zh-Hans")


def test_a_disposal_that_waits_leads_to_where_it_is_decided(client: Client, county: County) -> None:
    row: dict[str, Any] = {"message": "disposal_proposed", "params": canonical([{"name": "宋伟", "count": 3}]), "cases": "[]"}
    row |= {"key": "waits", "person_id": county.people["fang"], "created_at": NOW}
    county.database.write(lambda store: store.insert(Notice, [row]))
    page = client("fang").get("/notices").text
    assert '<a href="/retention">【待决定】宋伟提请销毁3件保管期满的事项，等你决定。</a>' in page
