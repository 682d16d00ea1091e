"""Four bands whose numbers are their rows; one sheet for many; talks with their agenda; what went back, what lies with others."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime, timedelta

import pytest

from states.errors import NotPermitted
from tests import hours
from tests.factories import County, local_day_text
from tests.web.conftest import Client
from tests.web.site import post, token, words_of
from tests.workflow.looking import rows_of
from workflow.dates import local_day
from workflow.models import BulkRun, Case, Content, Event

NOW = hours.now()
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
QUICK = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}


def test_a_talk_says_how_many_items_it_is_about_and_offers_its_next_step(client: Client, county: County) -> None:
    for title in ("公示栏破损", "账目不清"):
        county.supervised_item(NOW - timedelta(days=120), title=title, **QUICK)
    county.engine.tick(NOW - timedelta(minutes=5))
    (talk,) = rows_of(county, Case, kind="interview")
    county.fire(int(talk["id"]), "order", "zhao", NOW - timedelta(minutes=4))
    page = client("chen").get("/inbox").text
    assert "议2项" in words_of(page)
    assert f'href="/cases/{talk["id"]}/do/notify?inbox=talk-{talk["id"]}"' in page


def test_what_was_reported_waits_with_whoever_checks_it_and_opens_its_rows(client: Client, county: County) -> None:
    ids = [county.supervised_item(NOW - timedelta(minutes=30), title=title, **QUICK) for title in ("公示栏破损", "账目不清")]
    zhou = client("zhou")
    assert "等别人办" not in words_of(zhou.get("/inbox").text)
    for case_id in ids:
        told = {"work": str(case_id), "step": "report_progress", "file": (io.BytesIO(PNG), f"{case_id}.png")}
        assert post(zhou, f"/village/{case_id}", f"/village/{case_id}/save", told).status_code == 303
        done = {"result": "已更新", "progress_label": "done"}
        assert post(zhou, f"/cases/{case_id}", f"/cases/{case_id}/do/report_rectified", done).status_code == 303
    page = zhou.get("/inbox").text
    assert re.search(r"县委巡察办\s*已整改、待核验\s*2项", words_of(page))
    assert all(f'href="/cases/{case_id}"' in page for case_id in ids)
    assert "公示栏破损" not in client("shi").get("/inbox").text


def test_a_plan_stands_with_the_township_to_be_approved_and_no_longer_with_the_village(client: Client, county: County) -> None:
    told = {"plan_required": True, "period": "three_months", "feedback_on": (local_day(NOW) - timedelta(days=85)).isoformat()}
    case_id, chen = county.supervised_item(NOW - timedelta(days=84), title="公示栏破损", **told), client("chen")
    assert f"/cases/{case_id}/do/approve_plan" not in chen.get("/inbox").text
    assert "我们要办：整改方案" in words_of(client("zhou").get(f"/village/{case_id}").text)
    plan = {"cause": "无人管", "first_responsible_post": "书记", "first_responsible": "周明远"}
    row = {"unit": county.organs["donggou_branch"], "person": "孙强", "due_words": "长期坚持", "label": "long_term"}
    county.fire(case_id, "submit_plan", "zhou", NOW - timedelta(days=1), **plan, measures=[{**row, "text": "每月更新"}])
    (todo,) = (band[0] for band in BAND.finditer(chen.get("/inbox").text) if f"/cases/{case_id}" in band[0])
    assert f'href="/cases/{case_id}/do/approve_plan?inbox=row-{case_id}"' in todo
    assert "审定方案" in words_of(todo) and 'id="to-do"' in todo
    assert f"/cases/{case_id}/do/approve_plan" in chen.get("/ledger").text
    assert "整改方案，" not in words_of(client("zhou").get(f"/village/{case_id}").text)
    county.fire(case_id, "approve_plan", "chen", NOW, plan_approved_on=local_day_text(NOW))
    assert f"/cases/{case_id}/do/approve_plan" not in chen.get("/inbox").text


# ---- approvals asked for ----------------------------------------------------------------------------------------------------


def asked_for(county: County) -> int:
    case_id = county.open_item(NOW - timedelta(hours=3), title="公示栏破损")
    to = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}
    told = {"consent_for": "transfer", "opinion": "拟交东沟村办理", **to}
    county.fire(case_id, "ask_approval", "song", NOW - timedelta(hours=2), **told)
    return case_id


def test_who_is_asked_for_approval_answers_in_the_row_and_the_asker_reads_it(client: Client, county: County) -> None:
    case_id, zhao = asked_for(county), client("zhao")
    page = words_of(zhao.get("/inbox").text)
    assert "宋伟" in page and "提请审批：交办" in page and "拟交东沟村办理" in page and "1件请你审批" in page
    assert "待审批：交办" in words_of(client("song").get("/inbox").text)
    url = f"/cases/{case_id}/do/disagree"
    asks = zhao.get(f"{url}?row=1").text
    assert 'name="row"' in asks and "拟交东沟村办理" in asks
    empty = post(zhao, "/inbox", url, {"row": "1", "disagree_reason": ""})
    assert empty.status_code == 422 and "这一栏要填" in words_of(empty.text) and 'name="row"' in empty.text
    done = post(zhao, "/inbox", url, {"row": "1", "disagree_reason": "先补齐名单"})
    assert (done.status_code, done.location) == (303, "/inbox")
    assert "请你审批" not in words_of(zhao.get("/inbox").text)
    assert "不同意交办：先补齐名单" in words_of(client("song").get("/inbox").text)


def test_an_approval_given_in_place_takes_the_place_of_its_row_and_can_be_undone(client: Client, county: County) -> None:
    case_id, zhao = asked_for(county), client("zhao")
    told = {"row": "1", "csrf_token": token(zhao, "/inbox"), "key": "k1"}
    done = zhao.post(f"/cases/{case_id}/do/agree", data=told, headers={"HX-Request": "true"})
    assert (done.headers["HX-Retarget"], done.headers["HX-Reswap"]) == (f"#asked-{case_id}", "outerHTML")
    assert "已同意" in words_of(done.text) and f"/cases/{case_id}/undo" in done.text
    # Every figure comes along as a page read anew would show it.
    anew = zhao.get("/inbox").text
    for part in (r'<nav class="jumps".*?</nav>', r'<nav class="week".*?</nav>', r'<header id="to-do-head".*?</header>'):
        (brought,), (shown,) = re.findall(part, done.text, re.S), re.findall(part, anew, re.S)
        assert 'hx-swap-oob="true"' in brought and words_of(brought) == words_of(shown) != "", part
    assert "1件请你审批" not in words_of(done.text)
    assert "已同意交办" in words_of(client("song").get("/inbox").text)
    post(zhao, "/inbox", f"/cases/{case_id}/undo", {})
    assert "请你审批" in words_of(zhao.get("/inbox").text)


# ---- dates that cannot be meant ---------------------------------------------------------------------------------------------


def test_a_measure_beyond_the_limit_of_its_item_is_told_that_limit_and_nothing_typed_is_lost(
    client: Client, county: County
) -> None:
    case_id, zhou = county.supervised_item(NOW - timedelta(days=30)), client("zhou")
    due = rows_of(county, Case, id=case_id)[0]["due_on"]
    branch = str(county.organs["donggou_branch"])
    line = {"text": "更新公示栏", "unit": branch, "person": "周明远", "due_words": "年底前", "label": "dated"}
    plan = {"cause": "无人管理公示栏", "first_responsible_post": "书记", "first_responsible": "周明远"}
    typed, url = plan | {f"measures/0/{key}": value for key, value in line.items()}, f"/cases/{case_id}/do/submit_plan"
    for on, said in ((due + timedelta(days=1), "或以前的日期"), (local_day(NOW) - timedelta(days=3), "或以后的日期")):
        refused = post(zhou, "/inbox", url, typed | {"measures/0/due_on": on.isoformat()})
        assert refused.status_code == 422 and said in words_of(refused.text)
        assert "无人管理公示栏" in refused.text and f"{on.year}年{on.month}月{on.day}日" in refused.text
    assert f"选{due.year}年{due.month}月{due.day}日或以前" in words_of(
        post(zhou, "/inbox", url, typed | {"measures/0/due_on": (due + timedelta(days=1)).isoformat()}).text
    )


# ---- the bands --------------------------------------------------------------------------------------------------------------

BAND_ROW = re.compile(r'<li class="band-row".*?</li>', re.S)
BAND = re.compile(r'<section class="band" id="([\w-]+)".*?</section>', re.S)
HEAD = re.compile(r'<a class="figure[^"]*" href="#[\w-]+">(\d+)<')
JUMP = re.compile(r'<a href="#([\w-]+)"><span class="jump-count">(\d+)<')
DAY = re.compile(r'<a href="(/inbox\?on=[\d-]+)"[^>]*>.*?<b class="[^"]*">(\d+)</b>', re.S)


def a_full_inbox(county: County) -> dict[str, int]:
    """Of 东沟村: one item to sign for, one late, one soon late, one with weeks to go."""
    unsigned = county.open_item(NOW - timedelta(hours=3), title="合同遗失", feedback_on=local_day(NOW).isoformat())
    county.hand_over(unsigned, NOW - timedelta(hours=2))
    long_ago = {"late": 150, "soon": 85, "to_do": 20}
    ids = {band: county.supervised_item(NOW - timedelta(days=days), title=f"{band}一件") for band, days in long_ago.items()}
    county.engine.tick(NOW - timedelta(minutes=5))
    return {"to_sign": unsigned, **ids}


def bands_of(text: str) -> dict[str, list[int]]:
    """The rows of each band."""
    rows = re.compile(r'data-href="/cases/(\d+)"')
    return {found[1]: [int(row) for row in rows.findall(found[0])] for found in BAND.finditer(text)}


def test_each_number_is_that_of_its_rows_and_an_item_stands_in_one_band(client: Client, county: County) -> None:
    ids = a_full_inbox(county)
    text = client("zhou").get("/inbox").text
    bands = bands_of(text)
    assert list(bands) == ["to-sign", "late", "soon", "to-do"]
    heads = {found[1]: int(HEAD.findall(found[0])[0]) for found in BAND.finditer(text)}
    assert heads == {band: len(rows) for band, rows in bands.items()} == {band: int(n) for band, n in JUMP.findall(text)}
    together = [row for rows in bands.values() for row in rows]
    assert len(together) == len(set(together)) and set(ids.values()) <= set(together)
    assert {band: ids[band.replace("-", "_")] in rows for band, rows in bands.items()} == dict.fromkeys(bands, True)


def test_an_empty_band_says_so_and_an_empty_inbox_once(client: Client, county: County) -> None:
    zhou = client("zhou")
    assert "今天没有要办的" in zhou.get("/inbox").text and bands_of(zhou.get("/inbox").text) == {}
    county.supervised_item(NOW - timedelta(days=20))
    words = words_of(zhou.get("/inbox").text)
    assert "没有待签收的" in words and "没有逾期的" in words and "没有其他要办的" not in words


def test_each_of_the_next_days_opens_exactly_what_falls_due_on_it(client: Client, county: County) -> None:
    a_full_inbox(county)
    zhou = client("zhou")
    days = DAY.findall(zhou.get("/inbox").text)
    assert len(days) == 7 and sum(int(n) for _href, n in days) >= 2
    for href, n in days:
        assert sum(len(rows) for rows in bands_of(zhou.get(href).text).values()) == int(n)
    assert zhou.get("/inbox?on=tomorrow").status_code == 400


# ---- signing and giving back ------------------------------------------------------------------------------------------------


def handed_over(county: County, *titles: str) -> list[int]:
    """Items that 东沟村 has yet to sign for."""
    ids = [county.open_item(NOW - timedelta(hours=2), title=title, feedback_on=local_day(NOW).isoformat()) for title in titles]
    for case_id in ids:
        county.hand_over(case_id, NOW - timedelta(hours=1))
    return ids


def signed(county: County, case_id: int) -> list[dict[str, object]]:
    """What the sheet of a signed case says."""
    events = {row["seq"] for row in rows_of(county, Event, case_id=case_id, trigger="sign_for")}
    return [json.loads(row["body"])["answers"] for row in rows_of(county, Content, case_id=case_id) if row["seq"] in events]


def test_one_sheet_signs_for_all_that_the_page_showed(client: Client, county: County) -> None:
    first, second = handed_over(county, "公示栏破损", "账目不清")
    zhou = client("zhou")
    assert 'value="周明远' not in zhou.get("/inbox").text and "签收单" in words_of(zhou.get("/inbox").text)
    sheet = zhou.get("/inbox").text.partition('id="signing"')[2].partition("</form>")[0]
    boxes = set(re.findall(r' id="([^"]*)"', sheet)) - {"sheet-title"}
    assert boxes and all(re.fullmatch(r"signing-f-[a-z_-]+", box) for box in boxes)
    named = re.findall(r' (?:for|aria-describedby)="([^"]*)"', sheet)
    assert named and {one for told in named for one in told.split()} <= boxes
    told = {"shown": [first, second], "all": "1", "signer_post": "村党支部书记", "pieces": "2"}
    assert post(zhou, "/inbox", "/inbox/sign", told).status_code == 303
    assert "已签收2件" in zhou.get("/inbox").text
    for case_id in (first, second):
        assert signed(county, case_id) == [{"signer_post": "村党支部书记", "pieces": 2}]


def test_a_faulty_sheet_signs_for_nothing_and_keeps_what_was_typed(client: Client, county: County) -> None:
    ids = handed_over(county, "公示栏破损")
    answer = post(client("zhou"), "/inbox", "/inbox/sign", {"case": ids, "signer_post": "代理书记", "pieces": "两份"})
    assert answer.status_code == 422 and 'value="代理书记"' in answer.text and 'value="两份"' in answer.text
    assert '<a href="#signing-f-pieces">材料件数：写成数字</a>' in answer.text
    assert answer.text.count(' id="signing-f-pieces"') == answer.text.count(' id="signing-f-pieces-error"') == 1
    assert signed(county, ids[0]) == [] and rows_of(county, BulkRun) == []


def test_what_is_not_signed_for_can_be_given_back_from_its_row_where_the_kind_lets_it(client: Client, county: County) -> None:
    (case_id,) = handed_over(county, "公示栏破损")
    county.supervised_item(NOW - timedelta(days=150), title="路灯损坏")
    county.engine.tick(NOW - timedelta(minutes=5))
    text = client("zhou").get("/inbox").text
    orders = [int(row["id"]) for row in rows_of(county, Case, kind="supervision_order")]
    assert set(bands_of(text)["to-sign"]) == {case_id, *orders} and orders
    assert re.findall(r'href="/cases/(\d+)/do/hand_back\?inbox=row-\d+" hx-get', text) == [str(case_id)]


# ---- what has gone back -----------------------------------------------------------------------------------------------------


def sent_back(county: County, at: datetime) -> int:
    """An item of 东沟村 whose report the county has sent back."""
    case_id = county.supervised_item(at - timedelta(hours=5), title="公示栏破损", **QUICK)
    photo = county.keep_file(f"照片{case_id}", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=at - timedelta(hours=4), file_id=photo)
    county.fire(case_id, "report_rectified", "zhou", at - timedelta(hours=3), result="已更新", progress_label="done")
    county.fire(case_id, "send_back", "song", at, send_back_reason="evidence_missing", send_back_note="缺验收照片")
    return case_id


def test_what_was_sent_back_is_told_with_its_reason_on_both_sides_and_to_nobody_else(client: Client, county: County) -> None:
    sent_back(county, NOW - timedelta(minutes=30))
    there, here = words_of(client("zhou").get("/inbox").text), words_of(client("song").get("/inbox").text)
    assert "刚退回给我们的" in there and "缺验收照片" in there and "今天退回" in there
    assert "我们刚退回的" in here and "缺验收照片" in here
    for login in ("shi", "han"):
        assert "刚退回" not in client(login).get("/inbox").text


def test_what_was_taken_back_or_is_long_ago_has_not_gone_back(client: Client, county: County) -> None:
    case_id = sent_back(county, NOW - timedelta(minutes=5))
    county.engine.undo(case_id, actor=county.actor("song"), now=NOW - timedelta(minutes=3))
    sent_back(county, NOW - timedelta(days=20))
    assert "刚退回" not in client("zhou").get("/inbox").text


def test_who_gave_a_case_back_is_told_so_and_nothing_of_what_came_later(client: Client, county: County) -> None:
    case_id = county.open_item(NOW - timedelta(hours=2), title="公示栏破损", feedback_on=local_day(NOW).isoformat())
    county.hand_over(case_id, NOW - timedelta(hours=1), to="bureau")
    note = {"hand_back_reason": "not_ours", "hand_back_note": "应由属地承办"}
    county.fire(case_id, "hand_back", "ma", NOW - timedelta(minutes=40), **note)
    assert "刚退回给我们的" in words_of(client("song").get("/inbox").text)
    county.hand_over(case_id, NOW - timedelta(minutes=10))
    words = words_of(client("ma").get("/inbox").text)
    assert "我们刚退回的" in words and "应由属地承办" in words and "待交办" in words
    assert not re.search(r"公示栏破损.*待签收", words, re.S)
    assert "刚退回" not in client("zhou").get("/inbox").text
    assert "刚退回" not in client("song").get("/inbox").text


# ---- the talks --------------------------------------------------------------------------------------------------------------


def test_a_talk_to_order_stands_in_the_box_of_talks_alone_and_every_page_tells_the_same_number(
    client: Client, county: County
) -> None:
    county.supervised_item(NOW - timedelta(days=150), title="公示栏破损")
    county.engine.tick(NOW - timedelta(minutes=5))
    (talk,) = rows_of(county, Case, kind="interview")
    zhao = client("zhao")
    text = zhao.get("/inbox").text
    assert f'href="/cases/{talk["id"]}/do/order?inbox=talk-{talk["id"]}"' in text.partition('id="talks"')[2]
    assert all(talk["id"] not in rows for rows in bands_of(text).values())
    assert "没有约谈要你们办" not in text and re.search(r"要办的约谈\s*1次\s*全部在办1次", words_of(text))
    assert ("talks", "1") in JUMP.findall(text)
    assert re.search(r"全部在办\s*1", words_of(zhao.get("/interviews").text))
    assert re.search(r"在办约谈\s*1", words_of(zhao.get("/overview").text))
    assert "没有约谈要你们办" in words_of(client("han").get("/inbox").text)


def test_a_talk_whose_order_is_asked_for_waits_on_the_desk_and_stands_once_with_whoever_answers(
    client: Client, county: County
) -> None:
    county.supervised_item(NOW - timedelta(days=120), title="公示栏破损", **QUICK)
    county.engine.tick(NOW - timedelta(minutes=5))
    (talk,) = rows_of(county, Case, kind="interview")
    page, lin = f"/cases/{talk['id']}", client("lin")
    asks = {"/interviews": "&amp;list=interviews[?]", "/inbox": f"&amp;inbox=talk-{talk['id']}"}
    for place, along in asks.items():
        assert re.search(
            f'class="button button-step button-mine" href="{page}/do/ask_approval[?]step=order{along}"', lin.get(place).text
        )
    asked = {"consent_for": "order", "opinion": "拟责成柳河镇党委约谈"}
    assert post(lin, page, f"{page}/do/ask_approval", asked).status_code == 303
    assert "等待审批：责成约谈" in words_of(lin.get("/inbox").text)
    leader = client("zhao").get("/inbox").text
    asked_above, _, talks = leader.partition('id="talks"')
    assert "拟责成柳河镇党委约谈" in asked_above and f'href="{page}"' not in talks


def test_a_member_of_the_leading_group_begins_with_his_talks_and_no_page_is_empty_without_a_reason(
    client: Client, county: County
) -> None:
    gao = client("gao")
    assert gao.get("/").location == "/inbox"
    assert "要领导小组约谈的、请你审批的，会列在这里" in words_of(gao.get("/inbox").text)
    for path in ("/ledger", "/ledger?q=公示栏", "/overview", "/reports", "/interviews", "/orders"):
        page = gao.get(path).text
        assert "这里还没有你能看的事项" in words_of(page) and 'href="/inbox"' in page, path
    county.open_item(NOW - timedelta(days=20), title="还没有交办")
    assert "这里还没有你能看的事项" in words_of(gao.get("/ledger").text)
    assert "这里还没有你能看的事项" not in words_of(client("zhao").get("/ledger?q=没有").text)
    facts = {"tier": "second", "reason": "overdue"}
    county.engine.open(
        "interview",
        actor=county.actor("lin"),
        now=NOW - timedelta(hours=1),
        title="关于柳河镇党委整改工作的约谈",
        subject_id=county.organs["liuhe_party"],
        data=facts,
    )
    words = words_of(gao.get("/inbox").text)
    assert re.search(r"要办的约谈\s*1次", words) and "现在轮到县委巡察办" in words and "除了约谈，没有要办的" in words


def test_the_leading_group_reads_what_was_handed_over_and_acts_on_none_of_it(client: Client, county: County) -> None:
    gao, waiting = client("gao"), county.open_item(NOW - timedelta(days=2), title="还没有交办")
    handed = county.supervised_item(NOW - timedelta(days=20), title="公示栏未更新")
    plan = {"cause": "无人管", "first_responsible_post": "书记", "first_responsible": "周明远"}
    row = {"unit": county.organs["donggou_branch"], "person": "孙强", "due_words": "长期坚持", "label": "long_term"}
    county.fire(handed, "submit_plan", "zhou", NOW - timedelta(days=1), **plan, measures=[{**row, "text": "每月更新一次"}])
    ledger = words_of(gao.get("/ledger").text)
    assert "公示栏未更新" in ledger and "还没有交办" not in ledger
    assert gao.get(f"/cases/{waiting}").status_code == 404
    page = gao.get(f"/cases/{handed}").text
    assert "每月更新一次" in words_of(page) and f"/cases/{handed}/do/" not in page
    assert gao.get("/inbox").text.count(f"/cases/{handed}") == 0, "it is no work of his"
    with pytest.raises(NotPermitted):
        county.fire(handed, "report_progress", "gao", NOW, progress_note="代填")


def test_a_talk_says_when_and_where_it_is_and_which_items_are_on_it(client: Client, county: County) -> None:
    for title in ("公示栏破损", "账目不清"):
        county.supervised_item(NOW - timedelta(days=120), title=title, **QUICK)
    county.engine.tick(NOW - timedelta(minutes=5))
    (talk,) = rows_of(county, Case, kind="interview")
    chen = client("chen")
    assert "还没有定时间和地点" in words_of(chen.get("/inbox").text)
    county.fire(int(talk["id"]), "order", "zhao", NOW - timedelta(minutes=4))
    when = {"held_on": (NOW + timedelta(days=10)).date().isoformat(), "held_time": "9:30", "place": "镇政府二楼会议室"}
    told = {"chair": "陈立新", "interviewee_post": "村党支部书记", "interviewee_name": "周明远"}
    reach = {"contact_name": "许洁", "contact_phone": "0300-2345678"}
    county.fire(int(talk["id"]), "notify", "chen", NOW - timedelta(minutes=3), **when, **told, **reach)
    text = chen.get("/inbox").text
    due = re.search(r'<section class="talk-due" id="talk-\d+">.*?</section>', text, re.S)
    assert due and all(
        words in words_of(due[0]) for words in ("9:30", "镇政府二楼会议室", "议2项", "公示栏破损", "账目不清", "逾期")
    )
    assert "公示栏破损" not in client("han").get("/inbox").text


def test_the_township_finds_what_it_has_to_verify_with_its_step(client: Client, county: County) -> None:
    """A clock of its own runs while the county holds the item: the step that settles it is the row's (product.md)."""
    began = NOW - timedelta(hours=2)
    case_id = county.supervised_item(began, immediate="rectify_now", period="default_immediate")
    proof = county.keep_file("照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=began + timedelta(minutes=5), file_id=proof)
    county.fire(case_id, "report_rectified", "zhou", began + timedelta(minutes=6), result="已办", progress_label="done")
    assert f'href="/cases/{case_id}/do/verify?inbox=row-{case_id}"' in client("xu").get("/inbox").text
    assert f"/cases/{case_id}" not in client("han").get("/inbox").text
    told = {"township_opinion": "agreed", "verify_note": "到村看过"}
    county.fire(case_id, "verify", "xu", began + timedelta(minutes=7), **told)
    assert f'href="/cases/{case_id}/do/verify?inbox=row-{case_id}"' not in client("xu").get("/inbox").text


# ---- what a leader has written on -------------------------------------------------------------------------------------------


def instructed(county: County) -> tuple[int, int]:
    """An item without and a later one with a leader's instruction, on the office's desk."""
    plain, marked = (county.open_item(NOW - timedelta(days=days), title=f"{days}天前登记", urgency="light") for days in (2, 1))
    proof = county.keep_file("批示", "song")
    county.engine.add_evidence(
        marked, actor=county.actor("song"), now=NOW - timedelta(hours=2), file_id=proof, label="instruction_scan"
    )
    told = {"instruction_by": "高建国", "instruction_on": local_day(NOW).isoformat(), "instruction": "限期办结"}
    county.fire(marked, "record_instruction", "song", NOW - timedelta(hours=1), **told)
    return plain, marked


def test_what_a_leader_has_written_on_is_marked_comes_first_in_its_band_and_can_be_asked_for(
    client: Client, county: County
) -> None:
    plain, marked = instructed(county)
    song = client("song")
    text = song.get("/inbox").text
    (rows,) = (rows for rows in bands_of(text).values() if marked in rows and plain in rows)
    assert rows.index(marked) < rows.index(plain)
    assert [row for row in BAND_ROW.findall(text) if "批示件" in row] == [
        row for row in BAND_ROW.findall(text) if "1天前登记" in row
    ]
    ledger = song.get("/ledger").text
    (href,) = re.findall(r'<a href="([^"]+)"[^>]*><span>批示件</span><span class="count">1</span>', ledger)
    found = song.get(href.replace("&amp;", "&")).text
    assert "1天前登记" in found and "2天前登记" not in found
    assert ledger.count('<span class="tag">批示件</span>') == 1
    assert "批示件" in words_of(song.get(f"/cases/{marked}").text.partition('class="case-line"')[2][:600])


# ---- while an approval is waited for ----------------------------------------------------------------------------------------


MAIN_TRANSFER = re.compile(r'class="button button-main" href="/cases/\d+/do/transfer"')


def test_while_an_approval_is_asked_for_its_step_is_no_button_and_the_row_says_whom_it_waits_for(
    client: Client, county: County
) -> None:
    case_id, song = asked_for(county), client("song")
    words = words_of(song.get("/inbox").text)
    assert "等待审批：交办" in words and "宋伟提请，等赵国华答复" in words
    assert f"/cases/{case_id}/do/transfer" not in song.get("/inbox").text
    ledger = song.get("/ledger").text
    assert "等待审批" in words_of(ledger) and f"/cases/{case_id}/do/transfer" not in ledger
    page = song.get(f"/cases/{case_id}").text
    assert "等待审批：交办" in words_of(page) and "等赵国华答复" in words_of(page) and not MAIN_TRANSFER.search(page)
    assert f'href="/cases/{case_id}/do/transfer"' in page  # an approval on paper can still be recorded
    county.fire(case_id, "agree", "zhao", NOW - timedelta(minutes=5))
    song = client("song")
    assert f"/cases/{case_id}/do/transfer" in song.get("/inbox").text and "等待审批" not in song.get("/ledger").text
    assert MAIN_TRANSFER.search(song.get(f"/cases/{case_id}").text)


def test_the_unit_that_an_item_is_about_is_chosen_beforehand_until_it_has_handed_it_back(
    client: Client, county: County
) -> None:
    case_id = county.open_item(NOW - timedelta(hours=3), title="公示栏破损", feedback_on=local_day(NOW).isoformat())
    chosen = f'<option value="{county.organs["donggou_branch"]}" selected>'
    assert chosen in client("song").get(f"/cases/{case_id}/do/transfer").text
    county.hand_over(case_id, NOW - timedelta(hours=2))
    note = {"hand_back_reason": "not_ours", "hand_back_note": "应由农业农村局承办"}
    county.fire(case_id, "hand_back", "zhou", NOW - timedelta(hours=1), **note)
    assert chosen not in client("song").get(f"/cases/{case_id}/do/transfer").text
