"""A step that was begun on a row of the inbox comes back there: in place as a part of it, without a script as its page."""

from __future__ import annotations

import copy
import re
from datetime import timedelta
from typing import Any

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, token, words_of
from tests.workflow.looking import case_row
from web.wiring import shipped_workflows
from workflow import definitions, occasions
from workflow.dates import local_day
from workflow.store import Store

NOW = hours.now()
HERE = {"HX-Request": "true", "HX-Current-URL": "http://localhost/inbox"}


@pytest.fixture
def unsigned(county: County) -> int:
    """An item that 东沟村 has yet to sign for."""
    return handed_over(county)


def handed_over(county: County) -> int:
    """The same, of the kinds as they stand by then."""
    began = NOW - timedelta(hours=2)
    case_id = county.open_item(began, feedback_on=local_day(began).isoformat())
    county.hand_over(case_id, NOW - timedelta(hours=1))
    return case_id


def test_a_step_on_a_row_takes_its_place_with_the_new_row_and_every_figure(client: Client, unsigned: int) -> None:
    zhou, row = client("zhou"), f"row-{unsigned}"
    told = {"pieces": "1", "inbox": row, "csrf_token": token(zhou, "/inbox"), "key": "k1"}
    done = zhou.post(f"/cases/{unsigned}/do/sign_for", data=told, headers=HERE)
    assert (done.headers["HX-Retarget"], done.headers["HX-Reswap"]) == (f"#{row}", "outerHTML")
    words = words_of(done.text)
    assert "已办理：签收" in words and "办理成功" in words and f'action="/cases/{unsigned}/undo?inbox={row}"' in done.text
    assert re.search(rf'<ul hx-swap-oob="beforeend:#to-do .band-rows">\s*<li class="band-row" id="{row}"', done.text)
    assert '<form id="signing" hx-swap-oob="delete">' in done.text
    # The heads and what stands beside come along as a page read anew shows them.
    anew = zhou.get("/inbox").text
    parts = [rf'<header id="{band}-head".*?</header>' for band in ("to-sign", "late", "soon", "to-do")]
    for part in (
        *parts,
        r'<nav class="jumps".*?</nav>',
        r'<nav class="week".*?</nav>',
        r'<div class="column-acts".*?</section>',
    ):
        (brought,), (shown,) = re.findall(part, done.text, re.S), re.findall(part, anew, re.S)
        assert 'hx-swap-oob="true"' in brought and words_of(brought) == words_of(shown) != "", part
    taken_back = zhou.post(f"/cases/{unsigned}/undo?inbox={row}", data={**told, "key": "k2"}, headers=HERE)
    assert taken_back.status_code == 303 and taken_back.location == "/inbox"
    again = zhou.get("/inbox").text
    assert re.search(rf'id="{row}".*?cell-middle">待签收<', again, re.S) and "已撤销这一步" in words_of(again)


def test_the_form_of_a_row_shows_what_it_is_about_and_only_signing_ends_the_sheet(client: Client, county: County) -> None:
    item = county.supervised_item(NOW - timedelta(minutes=40))
    zhou, row = client("zhou"), f"row-{item}"
    form = zhou.get(f"/cases/{item}/do/submit_plan?inbox={row}", headers=HERE)
    assert form.status_code == 200 and 'class="gist-here"' in form.text and "事项概况" in words_of(form.text)
    told = {"progress_note": "已更换", "inbox": row, "csrf_token": token(zhou, "/inbox"), "key": "k3"}
    done = zhou.post(f"/cases/{item}/do/report_progress", data=told, headers=HERE)
    assert "已办理" in words_of(done.text) and "signing" not in done.text


def test_where_nothing_is_ticked_that_is_said_and_what_was_typed_stays(client: Client, unsigned: int) -> None:
    zhou = client("zhou")
    told = {"shown": unsigned, "pieces": "7", "csrf_token": token(zhou, "/inbox")}
    answer = zhou.post("/inbox/sign", data=told)
    assert answer.status_code == 200 and "没有选中的事项" in words_of(answer.text)
    assert "data-refused" in answer.text and 'value="7"' in answer.text


def test_a_refused_sheet_keeps_its_ticks_and_its_refusal_is_said_on_an_empty_page_too(client: Client, county: County) -> None:
    began = NOW - timedelta(hours=2)
    ids = [
        county.open_item(began, title=title, feedback_on=local_day(began).isoformat()) for title in ("公示栏", "账目", "路灯")
    ]
    for case_id in ids:
        county.hand_over(case_id, NOW - timedelta(hours=1))
    zhou = client("zhou")
    told = {"case": ids[:2], "shown": ids, "pieces": "两", "csrf_token": token(zhou, "/inbox")}
    for more in ({}, {"all": "1"}):
        refused = zhou.post("/inbox/sign", data=told | more)
        assert refused.status_code == 422 and "写成数字" in words_of(refused.text)
        ticked = re.findall(r'name="case" value="(\d+)" form="signing" checked', refused.text)
        assert sorted(map(int, ticked)) == sorted(ids[:2])
    # A colleague gives all of them back meanwhile.
    note = {"hand_back_reason": "not_ours", "hand_back_note": "应由西头村承办"}
    for case_id in ids:
        county.fire(case_id, "hand_back", "zhou", NOW, **note)
    late = zhou.post("/inbox/sign", data=told)
    assert late.status_code == 422 and "error-summary" in late.text and "没有待签收的" in words_of(late.text)
    assert (
        "今天没有要办的" in words_of(late.text)
        and 'href="#' not in late.text.partition("error-summary")[2].partition("</div>")[0]
    )


def asks_on_signing(county: County, *questions: dict[str, Any]) -> None:
    """Signing for a case of any kind asks this too."""

    def work(store: Store) -> None:
        for shipped in shipped_workflows().values():
            document = copy.deepcopy(shipped.data)
            steps = [one for one in document["transitions"] if one["trigger"] == "sign_for" and one.get("main")]
            for step in steps:
                step["form"] = [*step.get("form", []), *questions]
            if steps:
                definitions.publish(store, document, source="", now=NOW)
        occasions.moved(store, "definitions")

    county.database.write(work)


def test_a_day_without_its_year_is_shown_in_full_before_the_sheet_signs(client: Client, county: County) -> None:
    asks_on_signing(county, {"key": "received_on", "title": "收到日期", "type": "date", "stores": False})
    case_id, zhou, day = handed_over(county), client("zhou"), local_day(NOW)
    told = {"case": case_id, "received_on": f"{day.month}.{day.day}", "csrf_token": token(zhou, "/inbox")}
    asked = zhou.post("/inbox/sign", data=told)
    assert asked.status_code == 422 and case_row(county, case_id)["state"] == "transferred"
    (shown,) = re.findall(r'name="received_on"[^>]* value="([^"]+)"|value="([^"]+)"[^>]* name="received_on"', asked.text)
    typed = "".join(shown)
    assert str(day.year) in typed and f'value="{case_id}" form="signing" checked' in asked.text
    assert zhou.post("/inbox/sign", data={**told, "received_on": typed}).status_code == 303
    assert case_row(county, case_id)["state"] == "supervised"


@pytest.mark.parametrize("required", [False, True])
def test_whom_signing_names_is_asked_on_the_form_of_the_case_and_not_by_the_sheet(
    client: Client, county: County, required: bool
) -> None:
    asks_on_signing(county, {"key": "keeper", "title": "材料交给", "type": "organ", "required": required, "stores": False})
    case_id, zhou = handed_over(county), client("zhou")
    sheet = zhou.get("/inbox").text
    assert 'id="signing"' in sheet and 'name="keeper"' not in sheet
    done = zhou.post("/inbox/sign", data={"case": case_id, "pieces": "1", "csrf_token": token(zhou, "/inbox")})
    if not required:
        assert done.status_code == 303 and case_row(county, case_id)["state"] == "supervised"
        return
    assert case_row(county, case_id)["state"] == "transferred"
    assert "未办理1件" in words_of(done.text) and "材料交给" in words_of(done.text), words_of(done.text)
    form = f"/cases/{case_id}/do/sign_for"
    assert post(zhou, form, form, {"keeper": str(county.organs["donggou_branch"])}).status_code == 303
    assert case_row(county, case_id)["state"] == "supervised"


def test_a_step_that_takes_the_case_out_of_sight_says_that_it_is_done_and_no_more(client: Client, county: County) -> None:
    lin = county.actor("lin")
    data = {"summary": "优亲厚友", "managed_by": "village", "identity": ["village_cadre"], "class": "priority"}
    subject = county.organs["donggou_branch"]
    clue = county.engine.open("clue", actor=lin, now=NOW, title="低保评定优亲厚友", subject_id=subject, data=data).case_id
    to = {"recipient": county.organs["liuhe_discipline"], "hand_over_mode": "transfer"}
    county.fire(clue, "transfer", "zhao", NOW, **to)
    he, row = client("he"), f"row-{clue}"
    assert f'href="/cases/{clue}/do/hand_back?inbox={row}"' in he.get("/inbox").text
    form = he.get(f"/cases/{clue}/do/hand_back?inbox={row}", headers=HERE).text
    told = {"reason": "应由县纪委办理", "inbox": row, "csrf_token": token(he, "/inbox"), "key": "k1"}
    choice = re.search(r'<select id="f-(\w+)" .*?<option value="(\w+)">', form, re.S)
    for name in re.findall(r'<(?:textarea|input type="text") id="f-(\w+)"', form):
        told[name] = "应由县纪委办理"
    if choice:
        told[choice[1]] = choice[2]
    done = he.post(f"/cases/{clue}/do/hand_back", data=told, headers=HERE)
    assert case_row(county, clue)["state"] == "received", words_of(done.text)
    assert done.status_code == 200 and "已办理：退回" in words_of(done.text)
    if he.get(f"/cases/{clue}").status_code == 404:
        assert "低保评定优亲厚友" not in done.text and "/undo" not in done.text


def test_without_a_script_the_step_and_its_undo_lead_back_to_the_inbox(client: Client, county: County, unsigned: int) -> None:
    zhou, row = client("zhou"), f"row-{unsigned}"
    form = f"/cases/{unsigned}/do/sign_for?inbox={row}"
    refused = post(zhou, form, f"/cases/{unsigned}/do/sign_for", {"pieces": "两件", "inbox": row})
    assert refused.status_code == 422 and f'name="inbox" value="{row}"' in refused.text
    assert re.search(r'class="crumbs"><a href="/inbox">待办', refused.text) and 'href="/inbox">不办了' in refused.text
    # A desk may be shared: what is typed there is not kept on the device.
    assert "data-draft-form" not in refused.text
    done = post(zhou, form, f"/cases/{unsigned}/do/sign_for", {"pieces": "1", "inbox": row})
    assert (done.status_code, done.location) == (303, "/inbox")
    undo = f"/cases/{unsigned}/undo?inbox={row}"
    assert undo in zhou.get("/inbox").text
    assert post(zhou, "/inbox", undo, {}).location == "/inbox" and case_row(county, unsigned)["state"] == "transferred"
    # What can no longer be taken back is said there.
    late = post(zhou, "/inbox", undo, {})
    assert (late.status_code, late.location) == (303, "/inbox") and "data-toast" in zhou.get("/inbox").text


@pytest.mark.parametrize("row", ["row-", "row-1'>", "//elsewhere", "village", "row-1 #main"])
def test_what_is_no_row_of_the_inbox_leads_to_the_case(client: Client, unsigned: int, row: str) -> None:
    done = post(client("zhou"), "/inbox", f"/cases/{unsigned}/do/sign_for", {"pieces": "1", "inbox": row})
    assert done.location == f"/cases/{unsigned}"


def test_the_village_comes_before_the_inbox_and_its_drafts_are_named_by_what_is_done(client: Client, unsigned: int) -> None:
    zhou, row = client("zhou"), f"row-{unsigned}"
    village = zhou.get(f"/cases/{unsigned}/do/sign_for?village={unsigned}&inbox={row}", headers=HERE).text
    assert f'name="village" value="{unsigned}"' in village and 'name="inbox"' not in village
    assert f'data-draft-form="fresh" data-draft-name="/cases/{unsigned}/do/sign_for"' in village
    post(zhou, "/inbox", f"/cases/{unsigned}/do/sign_for", {"pieces": "1"})
    for address, name in (
        (f"/cases/{unsigned}/amend/progress_label", "verbs/amend/progress_label"),
        (f"/cases/{unsigned}/extension/rectify", "verbs/ask_extension/rectify"),
        (f"/cases/{unsigned}/verbs/comment", "verbs/comment"),
    ):
        for headers in (HERE, {}):
            form = zhou.get(f"{address}?village={unsigned}", headers=headers).text
            assert f'data-draft-name="/cases/{unsigned}/{name}"' in form, address
