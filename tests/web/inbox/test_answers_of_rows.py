"""Every answer that is possible on a row can be given there, and what was done can be taken back there; rows stand by urgency."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests import hours
from tests.factories import County, local_day_text
from tests.web.conftest import Client
from tests.web.site import post, token, words_of
from tests.workflow.looking import case_row, rows_of
from workflow.dates import local_day
from workflow.models import Case, Event
from workflow.reads.next_step import sends_back

NOW = hours.now()
HERE = {"HX-Request": "true", "HX-Current-URL": "http://localhost/inbox"}
PLAN = {"cause": "无人管", "first_responsible_post": "书记", "first_responsible": "周明远"}
BAND = re.compile(r'<section class="band" id="([\w-]+)".*?</section>', re.S)


def links_of(page: str, case_id: int) -> set[str]:
    """The steps that the row of a case offers."""
    return set(re.findall(rf'href="/cases/{case_id}/do/(\w+)\?inbox=', page))


def planned(county: County) -> int:
    """An item of 东沟村 whose plan waits for its township."""
    told = {"plan_required": True, "period": "three_months", "feedback_on": local_day_text(NOW - timedelta(days=3))}
    case_id = county.supervised_item(NOW - timedelta(days=2), title="公示栏破损", **told)
    line = {"unit": county.organs["donggou_branch"], "person": "孙强", "due_words": "长期坚持", "label": "long_term"}
    measures = [{**line, "text": "每月更新"}]
    county.fire(case_id, "submit_plan", "zhou", NOW - timedelta(days=1), **PLAN, measures=measures)
    return case_id


def reported(county: County, first_check: str = "county") -> int:
    """An item of 东沟村 that is reported as done."""
    told = {"immediate": "rectify_now", "period": "default_immediate", "first_check": first_check}
    case_id = county.supervised_item(NOW - timedelta(hours=5), title="路灯损坏", **told)
    photo = county.keep_file(f"照片{case_id}", "zhou")
    county.engine.add_evidence(
        case_id, actor=county.actor("zhou"), now=NOW - timedelta(hours=4), file_id=photo, label="site_photo"
    )
    county.fire(case_id, "report_rectified", "zhou", NOW - timedelta(hours=3), result="已换", progress_label="done")
    return case_id


def send(client: Any, url: str, row: str, **told: str) -> Any:
    """Sends a form that has opened on a row."""
    return client.post(url, data={**told, "inbox": row, "csrf_token": token(client, "/inbox"), "key": url}, headers=HERE)


# ---- both answers ---------------------------------------------------------------------------------------------------------


def test_whoever_looks_at_a_plan_may_also_send_it_back_from_its_row(client: Client, county: County) -> None:
    case_id, chen = planned(county), client("chen")
    assert links_of(chen.get("/inbox").text, case_id) == {"approve_plan", "return_plan"}
    done = send(chen, f"/cases/{case_id}/do/return_plan", f"row-{case_id}", plan_fault="措施太空")
    assert "已办理：退回方案" in words_of(done.text)
    assert links_of(chen.get("/inbox").text, case_id) == set(), "what is owed again waits for the village"


@pytest.mark.parametrize(("first", "login", "agrees"), [("county", "song", "close"), ("township", "chen", "verify")])
def test_whoever_checks_a_report_may_also_send_it_back_from_its_row(
    client: Client, county: County, first: str, login: str, agrees: str
) -> None:
    case_id, looks = reported(county, first), client(login)
    assert links_of(looks.get("/inbox").text, case_id) == {agrees, "send_back"}
    told = {"send_back_reason": "evidence_missing", "send_back_note": "缺验收照片"}
    done = send(looks, f"/cases/{case_id}/do/send_back", f"row-{case_id}", **told)
    assert "已办理：退回重改" in words_of(done.text) and f'action="/cases/{case_id}/undo?inbox=row-{case_id}"' in done.text


def test_who_only_prods_is_not_offered_the_answer_of_another(client: Client, county: County) -> None:
    case_id = reported(county, "township")
    rows = rows_of(county, Case, id=case_id)
    page = client("lin").get("/inbox").text
    assert rows and "send_back" not in links_of(page, case_id)


def test_a_supervision_order_that_was_answered_can_be_sent_back_from_its_row(client: Client, county: County) -> None:
    county.supervised_item(NOW - timedelta(days=150), title="账目不清")
    county.engine.tick(NOW - timedelta(minutes=30))
    order = int(rows_of(county, Case, kind="supervision_order")[0]["id"])
    county.fire(order, "sign_for", "zhou", NOW - timedelta(minutes=20))
    definition = county.engine.read(NOW, lambda _store, occasion: occasion.catalogue.of_kind("supervision_order").definition)
    form = next(step.form for step in definition.transitions if step.trigger == "answer")
    county.fire(order, "answer", "zhou", NOW - timedelta(minutes=10), **{q.key: "已办" for q in form if q.type == "long_text"})
    assert links_of(client("song").get("/inbox").text, order) == {"accept", "send_back"}


# ---- taken back -----------------------------------------------------------------------------------------------------------


def test_what_was_given_back_can_be_taken_back_on_its_row_in_its_toast_and_on_the_village_page(
    client: Client, county: County
) -> None:
    began = NOW - timedelta(hours=2)
    case_id = county.open_item(began, feedback_on=local_day_text(began))
    county.hand_over(case_id, NOW - timedelta(hours=1))
    zhou, row = client("zhou"), f"row-{case_id}"
    why = {"hand_back_reason": "not_ours", "hand_back_note": "应由西头村承办"}
    done = send(zhou, f"/cases/{case_id}/do/hand_back", row, **why)
    undo = f"/cases/{case_id}/undo?inbox={row}"
    assert "已办理：退回" in words_of(done.text) and f'action="{undo}"' in done.text
    assert f'action="/cases/{case_id}/undo?village={case_id}"' in zhou.get(f"/village/{case_id}").text
    assert post(zhou, "/inbox", undo, {}).location == "/inbox" and case_row(county, case_id)["state"] == "transferred"
    # Without scripts the toast of the next page offers it, on the village's page as well.
    for begun in (f"inbox={row}", f"village={case_id}"):
        form = f"/cases/{case_id}/do/hand_back?{begun}"
        after = post(zhou, form, form, why)
        toast = zhou.get(after.location).text.partition("data-toasts")[2]
        assert f'action="/cases/{case_id}/undo?{begun}"' in toast
        post(zhou, "/inbox", f"/cases/{case_id}/undo?{begun}", {})
        assert case_row(county, case_id)["state"] == "transferred"


def test_a_past_holder_is_offered_his_own_undo_and_no_other_verb(client: Client, county: County) -> None:
    now = hours.now()  # what may be taken back is minutes old by the clock of the site
    case_id = county.open_item(now - timedelta(hours=2), feedback_on=local_day_text(now))
    county.hand_over(case_id, now - timedelta(hours=1), to="bureau")
    why = {"hand_back_reason": "not_ours", "hand_back_note": "应由属地承办"}
    county.fire(case_id, "hand_back", "ma", now - timedelta(minutes=2), **why)
    mine = client("ma").get(f"/cases/{case_id}").text
    assert f'action="/cases/{case_id}/undo"' in mine and f"/cases/{case_id}/do/" not in mine
    county.hand_over(case_id, now - timedelta(minutes=1))
    assert "/undo" not in client("ma").get(f"/cases/{case_id}").text, "the case has gone on"


def test_a_reminder_on_a_row_is_taken_back_there_and_a_refusal_is_said_beside(client: Client, county: County) -> None:
    case_id, lin = county.supervised_item(NOW - timedelta(days=150)), client("lin")
    told = {"row": "1", "remind_by": "sheet", "csrf_token": token(lin, f"/cases/{case_id}")}
    done = lin.post(f"/cases/{case_id}/do/remind", data=told, headers=HERE)
    undo = f"/cases/{case_id}/undo?row=1"
    assert f'id="reminded-{case_id}"' in done.text and f'action="{undo}"' in done.text
    back = lin.post(undo, data=told, headers=HERE)
    assert (back.headers["HX-Retarget"], back.headers["HX-Reswap"]) == (f"#reminded-{case_id}", "outerHTML")
    assert "已撤销这一步" in words_of(back.text) and "/undo" not in back.text
    assert [row["verb"] for row in rows_of(county, Event, case_id=case_id)][-2:] == ["fire", "undo"]
    late = lin.post(undo, data={**told, "key": "again"}, headers=HERE)
    assert late.status_code == 409 and late.headers["HX-Retarget"] == "[data-toasts]"


def test_an_answer_without_scripts_is_taken_back_in_the_inbox(client: Client, county: County) -> None:
    case_id, zhao = county.open_item(NOW - timedelta(hours=3), title="公示栏破损"), client("zhao")
    told = {"consent_for": "transfer", "opinion": "拟交东沟村", "recipient": county.organs["donggou_branch"]}
    county.fire(case_id, "ask_approval", "song", NOW - timedelta(hours=2), **told, hand_over_mode="assign")
    post(zhao, "/inbox", f"/cases/{case_id}/do/agree", {"row": "1"})
    undo = f"/cases/{case_id}/undo?inbox=asked-{case_id}"
    assert undo in zhao.get("/inbox").text and post(zhao, "/inbox", undo, {}).location == "/inbox"


# ---- the talks ------------------------------------------------------------------------------------------------------------


def test_a_step_on_a_talk_says_in_its_panel_that_it_is_done(client: Client, county: County) -> None:
    told = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    county.supervised_item(NOW - timedelta(days=120), **told)
    county.engine.tick(NOW - timedelta(minutes=5))
    talk, zhao = int(rows_of(county, Case, kind="interview")[0]["id"]), client("zhao")
    done = send(zhao, f"/cases/{talk}/do/order", f"talk-{talk}")
    assert (done.headers["HX-Retarget"], done.headers["HX-Reswap"]) == ("#talks", "outerHTML")
    panel = done.text.partition('id="talks"')[2].partition("</section>")[0]
    assert "已办理：责成约谈" in words_of(panel) and f'href="/cases/{talk}"' in panel and "data-focus" in panel
    assert 'id="bands" hx-swap-oob="true"' in done.text and "办理成功" in words_of(done.text)
    chen = client("chen")
    signed = send(chen, f"/cases/{talk}/do/sign_for", f"talk-{talk}")
    section = re.search(rf'<section class="talk-due" id="talk-{talk}">.*?</section>', signed.text, re.S)
    assert section and "已办理：签收" in words_of(section[0]) and "talk-done" not in chen.get("/inbox").text


def test_sending_back_the_record_of_a_talk_is_the_other_answer_to_handing_it_in(county: County) -> None:
    definition = county.engine.read(NOW, lambda _store, occasion: occasion.catalogue.of_kind("interview").definition)
    held = definition.triggers_from["held"]
    accept = next(step for step in held if step.trigger == "accept")
    assert [step.trigger for step in held if sends_back(definition, step, (accept,))] == ["return_record"]


# ---- the order ------------------------------------------------------------------------------------------------------------


def test_each_band_stands_by_its_limits_and_then_by_its_numbers(client: Client, county: County) -> None:
    plain: dict[str, Any] = {"immediate": "ordinary", "period": "three_months", "first_check": "township"}
    late, later, same = (county.supervised_item(NOW - timedelta(days=n), title=f"{n}天前", **plain) for n in (30, 20, 30))
    instructed = county.supervised_item(NOW - timedelta(days=10), title="批示", instructed=True, **plain)
    rows = dict(re.findall(r'data-order="([^"]+)" data-href="/cases/(\d+)"', client("zhou").get("/inbox").text))
    assert list(rows) == sorted(rows), "the words that the script compares give the order of the page"
    shown = [int(case_id) for case_id in rows.values()]
    assert shown == [instructed, late, same, later]
    # What waits for the township's word stands among what it has to do, by the same limits.
    first, second = planned(county), reported(county, "township")
    page = client("chen").get("/inbox").text
    orders = [re.findall(r'data-order="([^"]+)"', band[0]) for band in BAND.finditer(page)]
    assert all(order == sorted(order) for order in orders) and sum(map(len, orders)) >= 2
    assert {first, second} <= {int(one) for one in re.findall(r'data-order="[^"]+" data-href="/cases/(\d+)"', page)}


def test_what_is_asked_for_stands_among_the_rest_by_its_limit(client: Client, county: County) -> None:
    told: dict[str, Any] = {"opinion": "拟交东沟村", "recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}
    asked = [county.open_item(NOW - timedelta(days=n), title=f"{n}天前登记") for n in (1, 3)]
    for case_id in asked:
        county.fire(case_id, "ask_approval", "song", NOW - timedelta(hours=2), consent_for="transfer", **told)
    plain = county.open_item(NOW - timedelta(days=2), title="没有提请")
    band = next(found[0] for found in BAND.finditer(client("zhao").get("/inbox").text) if found[1] == "to-do")
    order = re.findall(r'data-order="([^"]+)"', band)
    ids = [int(one) for one in re.findall(r'data-href="/cases/(\d+)"', band)]
    due = {case_id: case_row(county, case_id)["due_on"] for case_id in (*asked, plain)}
    assert order == sorted(order) and set(asked) <= set(ids)
    assert [one for one in ids if one in due] == sorted((one for one in ids if one in due), key=lambda one: (due[one], one))


# ---- nothing to do --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["wu", "zhou", "ma", "gao"])
def test_whoever_has_nothing_to_do_is_led_on(client: Client, login: str) -> None:
    page = client(login).get("/inbox").text
    empty = page.partition('<div class="empty">')[2].partition('<div class="column-acts"')[0]
    assert "今天没有要办的" in empty and 'href="/help"' in empty and 'href="/ledger"' in empty


def test_a_plan_is_looked_at_on_its_day(client: Client, county: County) -> None:
    """The row that answers stands under the day of its limit as before."""
    case_id, chen = planned(county), client("chen")
    due = case_row(county, case_id)["due_on"]
    assert due > local_day(NOW) and f'id="row-{case_id}"' in chen.get(f"/inbox?on={due}").text
