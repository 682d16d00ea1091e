"""Whoever works on the page of a village stays there, finds there all that he may do, and reads whose limit each one is."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests import hours
from tests.factories import County
from tests.walks.filling import answers_for
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row, clock_row, rows_of
from workflow.dates import local_day
from workflow.models import Case, Trail

NOW = hours.now()
QUICK = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}


@pytest.fixture
def unsigned(county: County) -> int:
    """An item that 东沟村 has yet to sign for."""
    case_id = county.open_item(NOW - timedelta(hours=2), **QUICK)
    county.hand_over(case_id, NOW - timedelta(hours=1))
    return case_id


def fire(county: County, case_id: int, trigger: str, login: str, at: Any = NOW) -> None:
    """A step with made-up answers."""
    kind = case_row(county, case_id)["kind"]
    definition = county.engine.read(at, lambda _store, occasion: occasion.catalogue.of_kind(kind).definition)
    step = next(one for one in definition.transitions if one.trigger == trigger)
    told = answers_for(definition, step, local_day(at), county.organs, county.people)
    county.fire(case_id, trigger, login, at, **told)


def send_back(county: County, title: str) -> int:
    """An item that the village has reported done and that came back."""
    case_id = county.supervised_item(NOW - timedelta(minutes=30), title=title, **QUICK)
    proof = county.keep_file("照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOW, file_id=proof)
    fire(county, case_id, "report_rectified", "zhou")
    fire(county, case_id, "send_back", "song")
    return case_id


def test_a_step_and_its_undo_lead_back_to_the_page_of_the_village(client: Client, county: County, unsigned: int) -> None:
    zhou, form = client("zhou"), f"/cases/{unsigned}/do/sign_for?village={unsigned}"
    assert form in zhou.get(f"/village/{unsigned}").text
    done = post(zhou, form, f"/cases/{unsigned}/do/sign_for", {"pieces": "1", "village": str(unsigned)})
    assert done.status_code == 303 and done.location == f"/village/{unsigned}"
    page = zhou.get(done.location).text
    undo = f"/cases/{unsigned}/undo?village={unsigned}"
    assert "办理成功" in page and undo in page
    taken_back = post(zhou, f"/village/{unsigned}", undo, {})
    assert taken_back.location == f"/village/{unsigned}" and case_row(county, unsigned)["state"] == "transferred"


def test_a_refused_step_keeps_the_way_back_and_what_has_no_form_is_said_there(
    client: Client, county: County, unsigned: int
) -> None:
    zhou, form = client("zhou"), f"/cases/{unsigned}/do/sign_for?village={unsigned}"
    told = {"pieces": "两件", "village": str(unsigned)}
    refused = post(zhou, form, f"/cases/{unsigned}/do/sign_for", told)
    assert refused.status_code == 422 and f'name="village" value="{unsigned}"' in refused.text
    assert re.search(rf'class="crumbs"><a href="/village/{unsigned}"', refused.text)
    assert f'href="/village/{unsigned}">不办了' in refused.text
    late = post(zhou, f"/village/{unsigned}", f"/cases/{unsigned}/undo?village={unsigned}", {})
    assert late.status_code == 303 and late.location == f"/village/{unsigned}"
    assert 'data-stays="yes" data-refused role="alert"' in zhou.get(late.location).text
    assert rows_of(county, Trail, action="act") == [], "nothing was done"
    # A form that is no longer open leads back as well.
    county.fire(unsigned, "sign_for", "zhou", NOW, pieces=1)
    assert zhou.get(form).location == f"/village/{unsigned}"


def test_the_way_back_opens_nothing(client: Client, county: County, unsigned: int) -> None:
    shi, zhou = client("shi"), client("zhou")
    assert shi.get(f"/cases/{unsigned}/do/sign_for?village={unsigned}").status_code == 404
    done = post(zhou, f"/village/{unsigned}", f"/cases/{unsigned}/do/sign_for", {"pieces": "1", "village": "999999"})
    assert done.location == "/village/999999" and zhou.get(done.location).status_code == 404


def test_all_that_a_village_may_do_is_on_its_page_and_the_next_step_stands_out(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=30))
    page = client("zhou").get(f"/village/{case_id}").text
    assert f'button-main" href="/cases/{case_id}/do/submit_plan?village={case_id}"' in page
    for address in (f"/cases/{case_id}/extension/rectify", f"/cases/{case_id}/verbs/assign", f"/cases/{case_id}/bar"):
        assert f'href="{address}?village={case_id}"' in page
    for address in (
        f"/cases/{case_id}/verbs/comment",
        f"/cases/{case_id}/verbs/link",
        f"/cases/{case_id}/amend/progress_label",
    ):
        assert f'href="{address}?village={case_id}"' in page
    here = set(re.findall(r"/do/(\w+)\?village", page)) | set(re.findall(r'name="step" value="(\w+)"', page))
    there = set(re.findall(rf'/cases/{case_id}/do/(\w+)"', client("zhou").get(f"/cases/{case_id}").text))
    assert there - here == set(), "what the case's page offers the village's own page offers too"


def test_a_remark_and_a_correction_lead_back_too(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=30))
    zhou, told = client("zhou"), {"village": str(case_id)}
    page = zhou.get(f"/village/{case_id}").text
    said = post(zhou, f"/village/{case_id}", f"/cases/{case_id}/verbs/comment", {**told, "text": "已开会研究"})
    field = re.search(rf'href="(/cases/{case_id}/amend/\w+\?village={case_id})"', page)
    assert said.location == f"/village/{case_id}" and field
    assert f'name="village" value="{case_id}"' in zhou.get(field[1]).text
    # What was done is taken back from the page as well, also when the toast is gone.
    zhou.get(f"/village/{case_id}")
    # Now, and not when the run of the tests began: it can be taken back for some minutes only.
    county.fire(case_id, "report_progress", "zhou", hours.now(), progress_note="已更换")
    assert f'action="/cases/{case_id}/undo?village={case_id}"' in zhou.get(f"/village/{case_id}").text


def test_a_later_date_is_asked_for_from_the_page_of_the_village_and_leads_back(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=30))
    zhou, form = client("zhou"), f"/cases/{case_id}/extension/rectify?village={case_id}"
    wanted = local_day(NOW) + timedelta(days=95)
    told = {"clock": "rectify", "wanted_on": wanted.isoformat(), "extension_cause": "funds", "extension_progress": "在办"}
    sent = post(zhou, form, f"/cases/{case_id}/verbs/ask_extension", {**told, "reason": "等拨款", "village": str(case_id)})
    assert sent.location == f"/village/{case_id}", words_of(sent.text)
    assert "延期待批" in words_of(zhou.get(sent.location).text)
    # Asked once, it cannot be asked a second time, and the page says why.
    again = words_of(zhou.get(f"/village/{case_id}").text)
    assert "为什么不能办别的" in again and "申请延期" in again.split("为什么不能办别的")[1]


def test_each_limit_says_whose_it_is(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=30), **QUICK)
    page = words_of(client("zhou").get(f"/village/{case_id}").text)
    assert "我们要办：整改，" in page and "别人的期限" not in page
    proof = county.keep_file("照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOW, file_id=proof)
    fire(county, case_id, "report_rectified", "zhou")
    page = words_of(client("zhou").get(f"/village/{case_id}").text)
    assert "别人的期限，不用我们办：县委巡察办县级核验，" in page
    assert "我们要办" not in page and "剩" not in page.split("办到了哪一步")[0], "nothing reads as a limit of the village"


def test_what_was_sent_back_comes_first_however_far_its_limit_is(client: Client, county: County) -> None:
    back = send_back(county, "公示栏未更新")
    late = county.supervised_item(NOW - timedelta(days=60), title="路灯损坏", **QUICK)
    county.engine.tick(NOW - timedelta(minutes=1))
    assert case_row(county, late)["overdue_since"] is not None and case_row(county, back)["overdue_since"] is None
    first = client("zhou").get("/village", follow_redirects=True)
    assert first.request.path == f"/village/{back}" and "第1项，共2项" in words_of(first.text)
    assert "退回重改" in words_of(first.text).split("写进展")[0]
    # Once it is reported again it is no longer here; nothing but the late one is.
    proof = county.keep_file("新照片", "zhou")
    county.engine.add_evidence(back, actor=county.actor("zhou"), now=NOW, file_id=proof)
    fire(county, back, "report_rectified", "zhou")
    assert client("zhou").get("/village", follow_redirects=True).request.path == f"/village/{late}"


def test_a_measure_of_what_was_sent_back_can_be_begun_anew_from_the_page(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=50), first_check="county")
    limit = local_day(NOW) + timedelta(days=20)
    row = {"unit": county.organs["donggou_branch"], "person": "孙强", "due_words": "二十天内", "label": "dated"}
    plan = {"cause": "无人管", "first_responsible_post": "书记", "first_responsible": "周明远"}
    measures = [{**row, "text": "补齐公开内容", "due_on": limit.isoformat()}]
    county.fire(case_id, "submit_plan", "zhou", NOW - timedelta(minutes=40), **plan, measures=measures)
    measure = int(rows_of(county, Case, kind="measure", parent_id=case_id)[0]["id"])
    for place in (measure, case_id):
        proof = county.keep_file(f"照片{place}", "zhou")
        county.engine.add_evidence(place, actor=county.actor("zhou"), now=NOW, file_id=proof)
    fire(county, measure, "complete", "zhou")
    fire(county, case_id, "report_rectified", "zhou")
    fire(county, case_id, "send_back", "song")
    zhou, form = client("zhou"), f"/cases/{measure}/do/reopen?village={case_id}"
    page = zhou.get(f"/village/{case_id}").text
    assert f'href="{form}"' in page.partition(f'id="work-{measure}" open')[2].partition("</details>")[0]
    assert "做完的措施不会自己重开" in words_of(page)
    told = {"new_due_on": (local_day(NOW) + timedelta(days=9)).isoformat(), "note": "内容不全", "village": str(case_id)}
    done = post(zhou, form, f"/cases/{measure}/do/reopen", told)
    assert done.location == f"/village/{case_id}", words_of(done.text)
    assert case_row(county, measure)["state"] == "doing"
    assert f'value="{measure}"' in zhou.get(done.location).text, "its note can be written again"


def test_a_plan_that_was_sent_back_says_why_and_is_sent_again_from_the_same_page(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=30))
    fire(county, case_id, "submit_plan", "zhou")
    county.fire(case_id, "return_plan", "chen", NOW, plan_fault="第二条没有写到人")
    zhou, form = client("zhou"), f"/cases/{case_id}/do/submit_plan?village={case_id}"
    page = zhou.get(f"/village/{case_id}").text
    said = words_of(page)
    assert "整改方案退回修改" in said.split("写进展")[0] and "第二条没有写到人" in said.split("写进展")[0]
    assert "我们要办：重报整改方案，" in said and "完成1条" not in said
    assert f'button-main" href="{form}"' in page
    assert "先重新报整改方案，方案退回后还没有重报" in said, "why the item cannot be reported done yet"
    line = {"text": "更新公开栏", "unit": county.organs["donggou_branch"], "person": "周明远", "due_words": "长期坚持"}
    told = {f"measures/0/{key}": str(value) for key, value in {**line, "label": "long_term"}.items()}
    told |= {"cause": "无人管理", "first_responsible_post": "书记", "first_responsible": "周明远", "village": str(case_id)}
    sent = post(zhou, form, f"/cases/{case_id}/do/submit_plan", told)
    assert sent.location == f"/village/{case_id}", words_of(sent.text)
    said = words_of(zhou.get(sent.location).text)
    assert "第二条没有写到人" not in said.split("写进展")[0] and "我们要办：重报整改方案" not in said
    assert "完成0条，共1条" in said, "what ended with the first plan counts no more"
    assert clock_row(county, case_id, "plan_again")["status"] == "settled"
