"""The ledger in groups, what somebody may check himself, and the figures of a past day: no number says more than its rows."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
from flask.testing import FlaskClient

from states.definition import Text
from tests import hours
from tests.factories import County
from tests.shipped.walking import Walk
from tests.web.conftest import Client
from tests.web.ledger.reading import every_row, page, rows_of
from tests.web.site import words_of
from web.ledger.dimensions import DIMENSIONS, alike_together
from web.ledger.questions import asked_of, query_of
from workflow.dates import local_day
from workflow.reads.counts import Figure
from workflow.reads.dimensions import DIMENSIONS as ROWS_ARE_GROUPED_BY
from workflow.reads.groups import Group
from workflow.reads.ledger import page as read_page

NOW = hours.now()
TODAY = local_day(NOW)
GROUP = re.compile(
    r'<tr class="group">.*?<span>([^<]+)</span></span><a class="figure[^"]*" href="([^"]+)">([\d,]+)<(.*?)</tr>', re.S
)
LATIN = re.compile(r"[A-Za-z]{2,}")


def groups_of(text: str) -> dict[str, tuple[str, int, str]]:
    """Title of each group's head → its address, its number, and the rest of the head."""
    return {title: (unescape(href), int(n.replace(",", "")), rest) for title, href, n, rest in GROUP.findall(text)}


def test_the_ledger_calls_a_state_what_an_official_calls_it(client: Client, county: County) -> None:
    Walk.open(county, "clue", TODAY - timedelta(1), summary="虚报补贴人数")
    lin = client("lin")
    text = page(lin, "/ledger?group=state")
    assert {"办理中／整改中", "待移交／待交办"} <= groups_of(text).keys()
    told = words_of(text)
    assert "整改中" in told and "待移交" in told and "待交办" in told
    assert not {"督办", "受理", "登记", "移交"} & set(re.findall(r"</svg><span>([^<]*)</span></span></td>", text))
    mixed, ones_own = page(lin, "/ledger?state=received"), page(lin, "/ledger?state=received&kind=clue")
    assert ">待移交／待交办</span>" in mixed and ">待移交</span>" in ones_own
    # What an address or a browser has kept of the column that said the same is this one.
    assert "状态" in words_of(page(lin, "/ledger?cols=title,phrase"))


def test_what_ended_without_being_closed_out_says_how_it_ended(client: Client, county: County) -> None:
    case_id = county.open_item(NOW - timedelta(minutes=20), title="重复登记的")
    county.engine.void(case_id, actor=county.actor("zhao"), now=NOW, reason="重复", approver="高建国")
    text = page(client("lin"), "/ledger?band=closed")
    row = words_of(text.split(f'data-href="/cases/{case_id}"')[1].split("</tr>")[0])
    assert "已办结" in row and "作废" in row and "已销号" not in row


def test_states_that_are_called_alike_are_one_choice_that_asks_for_both() -> None:
    told = [Group("closed", Text("已销号"), Figure(3), 0), Group("done", Text("已销号"), Figure(2, True), 1)]
    (one,) = alike_together(told, "zh-Hans")
    assert (one.key, one.rows, one.late) == ("closed,done", Figure(5, True), 1)
    assert query_of(asked_of({"state": one.key})).states == ("closed", "done")


def test_numbers_in_a_list_of_two_kinds_say_which_kind_is_meant(client: Client, county: County) -> None:
    Walk.open(county, "clue", TODAY - timedelta(1), summary="虚报补贴人数")
    numbers = re.findall(r'<td class="cell-number">([^<]*)</td>', page(client("lin"), "/ledger"))
    assert {"整改1号", "线索1号"} <= set(numbers) and len(numbers) == len(set(numbers))


def late_item(county: County, **more: str) -> int:
    """An item whose limit ended long ago."""
    case_id = county.supervised_item(NOW - timedelta(days=150), title="拖了很久", **more)
    county.engine.tick(NOW)
    return case_id


FACTS = ("f.urgency", "f.area", "f.source", "f.county_leader", "f.long_term", "f.class", "f.discipline_main")


@pytest.mark.parametrize("grouping", ["due", "township", "holder", "f.urgency"])
def test_the_number_of_a_group_is_that_of_the_rows_behind_it(client: Client, county: County, grouping: str) -> None:
    late_item(county)
    for login, asked in (("lin", ""), ("chen", "&f.urgency=light"), ("han", "&band=all"), ("ma", "&due=month")):
        looking = client(login)
        whole = set(every_row(looking, f"/ledger?{asked[1:]}"))
        text = page(looking, f"/ledger?group={grouping}{asked}")
        found = [row for url, n, _rest in groups_of(text).values() for row in counted(looking, url, n)]
        assert sorted(found) == sorted(whole), (login, asked)
        assert set(rows_of(text)) <= whole


@pytest.mark.parametrize("grouping", [*DIMENSIONS, *FACTS])
def test_every_row_is_in_one_group_of_any_dimension(client: Client, county: County, grouping: str) -> None:
    late_item(county)
    closed_item(county)
    county.open_item(NOW, subject="bureau", title="县直的事", county_leader="梁志远")
    lin = client("lin")
    for asked in ("band=all", f"area={county.areas['liuhe']}&opened_from={(TODAY - timedelta(30)).isoformat()}"):
        groups = groups_of(page(lin, f"/ledger?group={grouping}&{asked}"))
        found = [row for url, n, _rest in groups.values() for row in told_behind(county, url, n)]
        assert sorted(found) == sorted(told_behind(county, f"/ledger?{asked}")), asked


@pytest.mark.parametrize("grouping", [*(key for key, one in DIMENSIONS.items() if not one.is_of_today), "f.urgency"])
def test_the_groups_of_a_past_day_add_up_too(client: Client, county: County, grouping: str) -> None:
    late_item(county)
    closed_item(county)
    then = f"/ledger?asof={(TODAY - timedelta(10)).isoformat()}&band=all"
    groups = groups_of(page(client("lin"), f"{then}&group={grouping}"))
    found = [row for url, n, _rest in groups.values() for row in told_behind(county, url, n)]
    assert len(found) == 2 and sorted(found) == sorted(told_behind(county, then))


@pytest.mark.parametrize("more", ["", "&group=township", "&cols=title,number"])
def test_nothing_is_ticked_on_a_past_day_where_nothing_is_done_with_many(client: Client, county: County, more: str) -> None:
    late_item(county)
    lin, then = client("lin"), f"/ledger?asof={(TODAY - timedelta(10)).isoformat()}{more}"
    past, present = page(lin, then), page(lin, f"/ledger?{more[1:]}")
    for sign in ('class="cell-tick"', 'class="col-tick"', 'name="case"', "data-tick-all", "空格选中"):
        assert sign not in past and sign in present, sign
    cells = len(re.findall("<col[ >]", past))
    assert cells == len(re.findall("<th[ >]", past.partition("<thead>")[2].partition("</thead>")[0]))
    assert cells == len(re.findall("<col[ >]", present)) - 1
    if "group" in more:
        assert f'colspan="{cells}"' in past


def told_behind(county: County, url: str, n: int | None = None) -> list[int]:
    """The rows that 林静 is told by an address of the ledger, which are as many as the number said."""
    asked = asked_of(dict(parse_qsl(url.partition("?")[2])))
    actor, kinds = county.actor("lin", TODAY), ("rectification", "clue")
    query = query_of(asked, kinds, TODAY)
    rows = county.engine.read(NOW, lambda store, occasion: read_page(store, occasion, actor, query, limit=500).rows)
    assert n in (None, len(rows)), url
    return [row.id for row in rows]


@pytest.mark.parametrize("grouping", [key for key, one in DIMENSIONS.items() if one.is_of_today])
def test_a_past_day_is_not_grouped_by_what_it_does_not_keep(client: Client, county: County, grouping: str) -> None:
    late_item(county)
    then = f"/ledger?asof={(TODAY - timedelta(1)).isoformat()}&group={grouping}"
    text = page(client("lin"), then)
    assert rows_of(text) and not groups_of(text)


def test_every_dimension_of_the_rows_is_one_of_the_page() -> None:
    assert {*DIMENSIONS} == {*ROWS_ARE_GROUPED_BY, "due"}


def test_rows_without_a_value_have_a_group_that_says_so_and_can_be_let_go(client: Client, county: County) -> None:
    county.open_item(NOW, title="有包联", county_leader="梁志远")
    lin = client("lin")
    groups = groups_of(page(lin, "/ledger?group=f.county_leader"))
    assert list(groups) == ["梁志远", "未填写"]
    told = page(lin, groups["未填写"][0])
    assert len(rows_of(told)) == groups["未填写"][1] == 5
    assert "包联县领导 未填写" in " ".join(words_of(told).split())
    assert "去掉“包联县领导 未填写”" in words_of(page(lin, "/ledger?none=f.county_leader&f.county_leader=梁志远"))


def test_a_fact_that_is_secret_or_different_on_every_row_groups_nothing(client: Client) -> None:
    for fact in ("f.reporter_name", "f.subject_persons", "f.problem", "f.nothing"):
        assert client("lin").get(f"/ledger?group={fact}").status_code == 400, fact


def closed_item(county: County) -> int:
    """An item that was closed yesterday without work, so that it lies with nobody."""
    case_id = county.open_item(NOW - timedelta(days=20), title="误登记的一件")
    actor = county.actor("zhao", local_day(NOW - timedelta(days=2)))
    county.engine.void(case_id, actor=actor, now=NOW - timedelta(days=2), reason="重复登记", approver="高建国")
    return case_id


def counted(looking: FlaskClient, url: str, n: int) -> list[int]:
    """The rows behind a number."""
    rows = every_row(looking, url)
    assert len(rows) == n, url
    return rows


def test_limits_are_grouped_by_urgency(client: Client, county: County) -> None:
    late_item(county)
    groups = groups_of(page(client("lin"), "/ledger?group=due"))
    assert next(iter(groups)) == "逾期"
    assert groups["逾期"][1] == 1
    assert "没有期限" not in groups or groups["没有期限"][1] > 0


def test_townships_and_holders_stand_in_the_official_order_with_their_late_ones(client: Client, county: County) -> None:
    late_item(county)
    lin = client("lin")
    townships = groups_of(page(lin, "/ledger?group=township"))
    assert list(townships) == ["柳河镇", "青石镇"]
    assert "其中逾期1项" in townships["柳河镇"][2]
    assert "逾期" not in townships["青石镇"][2]
    holders = groups_of(page(lin, "/ledger?group=holder"))
    assert list(holders) == ["县委巡察办", "东沟村党支部", "西头村党支部", "石门村党支部"]


def test_each_group_shows_its_most_urgent_rows_and_leads_to_all(client: Client, county: County) -> None:
    ids = [county.supervised_item(NOW - timedelta(minutes=30), title=f"第{n}项") for n in range(6)]
    text = page(client("lin"), "/ledger?group=holder")
    url, n, rest = groups_of(text)["东沟村党支部"]
    assert n == len(ids) + 2
    assert f"显示全部{n}项" in rest
    assert f'href="{url}"' in unescape(rest)
    assert len(rows_of(text)) == 5 + 3


def test_what_is_under_no_township_has_an_address_of_its_own(client: Client, county: County) -> None:
    county.open_item(NOW, subject="bureau", title="县直的事")
    lin = client("lin")
    url, n, _rest = groups_of(page(lin, "/ledger?group=township"))["县直"]
    assert n == 1
    told = page(lin, url)
    assert "县直的事" in told
    assert len(rows_of(told)) == 1
    assert "机井失修" not in told


@pytest.mark.parametrize(
    "url", ["/ledger?group=due", "/ledger?group=township&mine=1", "/orders?group=holder", "/ledger?asof=2026-01-01"]
)
def test_the_chinese_pages_have_no_english_word(client: Client, county: County, url: str) -> None:
    late_item(county)
    assert set(LATIN.findall(words_of(page(client("lin"), url)))) <= {"English", "Esc"}


@pytest.mark.parametrize("asked", ["group=never", "none=never", "asof=never", "asof=2999-01-01", "past=2", "dated=x"])
def test_an_address_that_means_nothing_is_refused(client: Client, asked: str) -> None:
    assert client("lin").get(f"/ledger?{asked}").status_code == 400


# ---- what the reader may check himself ------------------------------------------------------------------------------------


@pytest.fixture
def reported(county: County) -> int:
    """An item that 东沟村 reports done; 林静 has registered it, so that 宋伟 may close it and she may not."""
    began = NOW - timedelta(days=1)
    case_id = county.supervised_item(began, immediate="rectify_now", period="default_immediate", first_check="county")
    photo = county.keep_file("照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou", TODAY), now=NOW, file_id=photo, label="site_photo")
    county.fire(case_id, "report_rectified", "zhou", NOW, result="已更换", progress_label="done")
    return case_id


def test_only_what_the_reader_may_check_himself_is_listed(client: Client, reported: int) -> None:
    for login, found in (("song", [reported]), ("lin", []), ("zhou", []), ("han", [])):
        looking = client(login)
        assert rows_of(page(looking, "/ledger?band=waiting_check&mine=1")) == found, login
    assert rows_of(page(client("lin"), "/ledger?band=waiting_check")) == [reported]


def test_the_view_of_ones_own_checks_stands_among_the_views_and_leaves_their_numbers_alone(
    client: Client, reported: int
) -> None:
    song = client("song")
    plain, mine = page(song, "/ledger"), page(song, "/ledger?band=waiting_check&mine=1")
    assert 'href="/ledger?band=waiting_check&amp;mine=1"' in plain
    assert "待我验收 1" in " ".join(words_of(mine).split())
    assert "全部在办 6" in " ".join(words_of(mine).split())
    assert '<a href="/ledger?band=open"' in mine


def test_an_empty_list_of_own_checks_may_be_let_go(client: Client, reported: int) -> None:
    assert "去掉“待我验收”" in words_of(page(client("lin"), "/ledger?band=waiting_check&mine=1"))


def test_the_export_of_own_checks_holds_no_others(client: Client, county: County, reported: int) -> None:
    for login, holds in (("song", True), ("lin", False)):
        answer = client(login).get("/ledger/export.csv?mine=1&band=waiting_check")
        assert ("村务公开栏半年未更新" in answer.data.decode("utf-8-sig")) == holds
        answer.close()


# ---- a past day -----------------------------------------------------------------------------------------------------------


def test_a_past_day_shows_the_rows_and_figures_of_that_day(client: Client, county: County) -> None:
    late = county.supervised_item(NOW - timedelta(days=150), title="拖了很久")
    county.engine.tick(NOW - timedelta(days=5))
    lin = client("lin")
    then = f"/ledger?asof={(TODAY - timedelta(140)).isoformat()}"
    told = page(lin, then)
    assert figures_said(told)["在办"] == "1" and figures_said(told)["逾期"] == "0"
    assert "24时的样子" in words_of(told) and f'href="/cases/{late}"' in told
    assert "按原定期限、办结日期筛选的，也是现在的" in words_of(told)
    row = words_of(told.split(f'data-href="/cases/{late}"')[1].split("</tr>")[0])
    assert re.search(r"剩\s*\d+\s*天", row) and "逾期" not in row and "今天" not in row
    assert 'name="verb"' not in told and "逾期在谁手里" not in words_of(told)
    yesterday = page(lin, f"/ledger?asof={(TODAY - timedelta(1)).isoformat()}")
    assert figures_said(yesterday)["逾期"] == "1" and "逾期在谁手里" in words_of(yesterday)
    now = page(lin, f"/ledger?asof={TODAY.isoformat()}")
    assert figures_said(now)["在办"] == "6" and "24时的样子" not in words_of(now)
    assert figures_said(page(lin, f"{then}&band=late"))["逾期"] == "0"
    assert "没有符合条件的事项" in words_of(page(lin, f"{then}&band=late")) or "没有同时符合这些条件的事项" in words_of(
        page(lin, f"{then}&band=late")
    )
    assert figures_said(page(lin, "/ledger?asof=2020-01-01"))["在办"] == "0"


def test_a_past_day_says_nothing_of_what_the_reader_may_not_see(client: Client, county: County) -> None:
    late_item(county)
    then = (TODAY - timedelta(140)).isoformat()
    assert figures_said(page(client("han"), f"/ledger?asof={then}"))["在办"] == "0"
    assert figures_said(page(client("lin"), f"/ledger?asof={then}"))["在办"] == "1"


def figures_said(html: str) -> dict[str, str]:
    """The strip's figures by their label."""
    told = re.findall(r'<span class="segment-label">([^<]+)</span>.*?<a class="figure[^>]*>([^<]+)', html, flags=re.DOTALL)
    return dict(told)
