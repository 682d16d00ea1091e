"""A later date that is asked for waits with whoever must speak next, due on the day of the decision, until it is decided."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

from tests import hours
from tests.factories import WHY_LATER, County
from tests.web.conftest import Client
from tests.web.site import post, token, words_of
from tests.workflow.looking import rows_of
from web.formatting import local_day, plain_day
from workflow.dates import due_on
from workflow.models import Case, Outbox
from workflow.outbox import deliver

NOW = hours.now()
WHY = "承租人在外地"


def asked_for(county: County, subject: str = "donggou_branch", signer: str = "zhou") -> tuple[int, date, date]:
    """An item with weeks to go, its limit, and the later day that its holder asked for half an hour ago."""
    case_id = county.supervised_item(NOW - timedelta(days=20), title="合同遗失", subject=subject, signer=signer)
    limit: date = rows_of(county, Case, id=case_id)[0]["due_on"]
    wanted = limit + timedelta(days=20)
    said = {"clock": "rectify", "wanted_on": wanted, "reason": WHY, "data": WHY_LATER}
    county.engine.ask_extension(case_id, actor=county.actor(signer), now=NOW - timedelta(minutes=30), **said)
    return case_id, limit, wanted


def said(on: date) -> str:
    return plain_day(on, today=local_day(NOW), language="zh-Hans")


def decision_day(county: County) -> date:
    return county.engine.read(NOW, lambda _s, occasion: due_on(occasion.calendar, local_day(NOW), 2, "workday").on)


def row_of(page: str, case_id: int) -> str:
    found = re.search(rf'<li class="band-row" id="later-{case_id}".*?</dl>.*?</li>', page, re.S)
    return found[0] if found else ""


def test_a_village_s_request_waits_first_with_its_township_and_then_with_whoever_decides(
    client: Client, county: County
) -> None:
    case_id, limit, wanted = asked_for(county)
    chen, zhao = client("chen"), client("zhao")
    row = row_of(chen.get("/inbox").text, case_id)
    assert f'href="/cases/{case_id}/do/advise_extension' in row and "延期意见" in row
    for words in (
        "延期待批",
        f"{said(decision_day(county))}前提出意见",
        WHY,
        "账已对到2024年",
        "立项、审批、招标等程序尚未办完",
    ):
        assert words in words_of(row)
    assert said(limit) in words_of(row) and said(wanted) in words_of(row)
    assert row_of(zhao.get("/inbox").text, case_id) == ""
    form = words_of(chen.get(f"/cases/{case_id}/do/advise_extension").text)
    assert said(wanted) in form and WHY in form and "账已对到2024年" in form and "立项、审批" in form
    told = {"extension_opinion": "agreed", "extension_note": "情况属实，望予支持"}
    assert post(chen, f"/cases/{case_id}", f"/cases/{case_id}/do/advise_extension", told).status_code == 303
    assert row_of(chen.get("/inbox").text, case_id) == ""
    row = row_of(zhao.get("/inbox").text, case_id)
    assert "批准" in row and "不予批准" in row and f"{said(decision_day(county))}前批复" in words_of(row)
    assert "柳河镇党委意见" in words_of(row) and "情况属实，望予支持" in words_of(row)
    # Nobody else is asked: not the clerk, who may not grant it, nor another township.
    assert all(row_of(client(login).get("/inbox").text, case_id) == "" for login in ("lin", "han", "zhou"))


def test_what_the_township_thinks_takes_the_place_of_the_row_that_asked_for_it(client: Client, county: County) -> None:
    case_id, _limit, _wanted = asked_for(county)
    chen, row, verb = client("chen"), f"later-{case_id}", f"/cases/{case_id}/do/advise_extension"
    assert f"{verb}?brief=1&amp;inbox={row}" in row_of(chen.get("/inbox").text, case_id)
    told = {"extension_opinion": "agreed", "inbox": row, "key": "k1", "csrf_token": token(chen, "/inbox")}
    done = chen.post(verb, data=told, headers={"HX-Request": "true"})
    assert (done.headers["HX-Retarget"], done.headers["HX-Reswap"]) == (f"#{row}", "outerHTML")
    assert "已办理：延期意见" in words_of(done.text) and done.text.count(f'id="{row}"') == 1


def test_who_decides_answers_in_the_row_and_both_dates_stand_in_the_history(client: Client, county: County) -> None:
    case_id, limit, wanted = asked_for(county, "liuhe_finance", "ding")
    zhao, verb = client("zhao"), f"/cases/{case_id}/verbs/decide_extension"
    opened = zhao.get(f"{verb}?clock=rectify&granted=1&row=1").text
    assert 'value="1">批准</button>' in opened and "不予批准</button>" not in opened and 'name="row"' in opened
    told = {"clock": "rectify", "granted": "1", "reason": "同意", "row": "1", "key": "k1", "csrf_token": token(zhao, "/inbox")}
    done = zhao.post(verb, data=told, headers={"HX-Request": "true"})
    assert (done.headers["HX-Retarget"], done.headers["HX-Reswap"]) == (f"#later-{case_id}", "outerHTML")
    assert "已批准延期" in words_of(done.text) and row_of(zhao.get("/inbox").text, case_id) == ""
    history = words_of(client("ding").get(f"/cases/{case_id}").text)
    assert f"由{said(limit)}延到{said(wanted)}" in history and f"{said(limit)}→{said(wanted)}" in history


def test_a_refusal_says_which_day_stays_and_goes_back_to_the_inbox_without_a_script(client: Client, county: County) -> None:
    case_id, limit, _wanted = asked_for(county, "liuhe_finance", "ding")
    zhao, verb = client("zhao"), f"/cases/{case_id}/verbs/decide_extension"
    no = {"clock": "rectify", "granted": "0", "reason": "理由不足", "row": "1"}
    unsaid = post(zhao, "/inbox", verb, no | {"reason": " "})
    assert unsaid.status_code == 422 and "理由：不予批准的要写明理由，申请人看得到" in words_of(unsaid.text)
    done = post(zhao, "/inbox", verb, no)
    assert (done.status_code, done.location) == (303, "/inbox")
    history = words_of(client("ding").get(f"/cases/{case_id}").text)
    assert "不予批准延期" in history and f"仍为{said(limit)}" in history and "理由不足" in history
    again = post(zhao, "/inbox", verb, no)
    assert again.status_code == 404 or "没有等批复的延期申请" in words_of(again.text)


def test_the_bell_names_the_day_of_the_decision_and_not_that_of_the_item(client: Client, county: County) -> None:
    case_id, limit, _wanted = asked_for(county)
    post(client("chen"), f"/cases/{case_id}", f"/cases/{case_id}/do/advise_extension", {"extension_opinion": "agreed"})
    told = [json.loads(row["params"]) for row in rows_of(county, Outbox, case_id=case_id, message="extension_asked")]
    assert told and {params["due_on"] for params in told} == {decision_day(county).isoformat()}
    deliver(county.database, {}, now=NOW)
    bell = words_of(client("zhao").get("/notices").text)
    assert f"{said(decision_day(county))}前提出意见或批复" in bell and said(limit) not in bell


def test_a_village_reads_what_it_asked_for_and_later_the_day_that_was_given(client: Client, county: County) -> None:
    case_id, limit, wanted = asked_for(county)
    zhou = client("zhou")
    for page in (f"/village/{case_id}", "/inbox", f"/cases/{case_id}"):
        assert f"延期待批：由{said(limit)}延到{said(wanted)}" in words_of(zhou.get(page).text), page
    county.fire(case_id, "advise_extension", "chen", NOW - timedelta(minutes=20), extension_opinion="agreed")
    decided = {"clock": "rectify", "granted": True, "reason": "同意"}
    county.engine.decide_extension(case_id, actor=county.actor("zhao"), now=NOW - timedelta(minutes=10), **decided)
    page = words_of(zhou.get(f"/village/{case_id}").text)
    assert "延期待批" not in page and f"{said(wanted)}到期" in page and f"已批准延期，原期限{said(limit)}" in page


def test_a_township_that_is_against_says_why_and_the_village_reads_every_no_with_its_reason(
    client: Client, county: County
) -> None:
    case_id, _limit, wanted = asked_for(county)
    page, mine, zhou = f"/cases/{case_id}", f"/village/{case_id}", client("zhou")
    against = {"extension_opinion": "not_agreed"}
    unsaid = post(client("chen"), page, f"{page}/do/advise_extension", against)
    assert unsaid.status_code == 422 and "意见说明：这一栏要填" in words_of(unsaid.text)
    why = against | {"extension_note": "合同就在村里"}
    assert post(client("chen"), page, f"{page}/do/advise_extension", why).status_code == 303
    assert "合同就在村里" in words_of(zhou.get(page).text)
    hint = words_of(client("zhao").get(f"{page}/verbs/decide_extension?clock=rectify&granted=0").text)
    assert "不予批准的要写明理由，申请人看得到" in hint
    no = {"clock": "rectify", "granted": "0", "reason": "按原期限可以完成"}
    assert post(client("zhao"), page, f"{page}/verbs/decide_extension", no).status_code == 303
    assert "县委巡察办赵国华没有批准延期：按原期限可以完成" in words_of(zhou.get(mine).text)
    again = {"clock": "rectify", "wanted_on": wanted, "reason": WHY, "data": WHY_LATER}
    county.engine.ask_extension(case_id, actor=county.actor("zhou"), now=hours.now(), **again)
    assert "没有批准延期" not in words_of(zhou.get(mine).text)


def test_the_row_of_the_ledger_says_that_a_later_date_is_asked_for_until_it_is_decided(client: Client, county: County) -> None:
    case_id, _limit, _wanted = asked_for(county, "liuhe_finance", "ding")
    plain = county.supervised_item(NOW - timedelta(days=20), title="账目不清")

    def rows(login: str, address: str = "/ledger") -> dict[int, str]:
        found = re.findall(r'<tr data-href="/cases/(\d+)".*?</tr>', client(login).get(address).text, re.S)
        cells = re.findall(r'<tr data-href="/cases/\d+".*?</tr>', client(login).get(address).text, re.S)
        return {int(row): words_of(cell) for row, cell in zip(found, cells, strict=True)}

    for login in ("lin", "zhao"):
        told = rows(login)
        assert "延期待批" in told[case_id] and "延期待批" not in told[plain], login
    yesterday = (local_day(NOW) - timedelta(days=1)).isoformat()
    assert "延期待批" not in rows("lin", f"/ledger?asof={yesterday}")[case_id]
    decided = {"clock": "rectify", "granted": True, "reason": "同意"}
    county.engine.decide_extension(case_id, actor=county.actor("zhao"), now=NOW - timedelta(minutes=10), **decided)
    assert "延期待批" not in rows("lin")[case_id]
