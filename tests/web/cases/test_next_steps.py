"""The case's page says what is to be done next, what still lacks an approval and the ways out of it, in words that are plain."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row
from workflow.dates import local_day

NOW = hours.now()


@pytest.fixture
def unapproved(county: County) -> int:
    """An item that nobody may hand over before its approval."""
    return county.open_item(NOW - timedelta(minutes=30))


def acts_of(text: str) -> str:
    found = re.search(r'<section class="panel[^"]*" id="acts".*?</section>', text, re.S)
    assert found
    return found[0]


def main_of(text: str) -> list[str]:
    """The words of the blue buttons among the acts."""
    return re.findall(r'class="button button-main"[^>]*>([^<]*)<', acts_of(text))


def terms(county: County, to: str = "donggou_branch") -> dict[str, Any]:
    return {"recipient": str(county.organs[to]), "hand_over_mode": "assign"}


# ---- an approval that is missing ------------------------------------------------------------------------------------------


def test_asking_for_approval_is_the_one_blue_button_and_the_step_stands_beside_its_reason(
    client: Client, unapproved: int
) -> None:
    page = client("lin").get(f"/cases/{unapproved}").text
    acts = acts_of(page)
    assert main_of(page) == ["提请审批"]
    assert "交办要先经赵国华审批" in words_of(acts)
    assert f'href="/cases/{unapproved}/do/ask_approval?step=transfer"' in acts
    assert "登记纸质审批" in words_of(acts) and f'href="/cases/{unapproved}/do/transfer"' in acts
    assert main_of(client("zhao").get(f"/cases/{unapproved}").text) == ["交办"]


def test_the_row_of_the_inbox_has_the_same_one_button(client: Client, unapproved: int) -> None:
    text = client("lin").get("/inbox").text
    address = f"/cases/{unapproved}/do/ask_approval?step=transfer&amp;inbox=row-{unapproved}"
    assert f'class="button button-step button-mine" href="{address}"' in text
    assert f"/cases/{unapproved}/do/transfer" not in text


def test_whoever_holds_an_item_finds_both_ways_to_pass_it_on(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=30))
    zhou = client("zhou")
    acts = acts_of(zhou.get(f"/cases/{case_id}").text)
    assert "改办要先经赵国华审批" in words_of(acts) and f'href="/cases/{case_id}/do/ask_approval?step=redirect"' in acts
    form = zhou.get(f"/cases/{case_id}/do/redirect").text
    assert "改办要先经赵国华审批" in words_of(form) and f'href="/cases/{case_id}/do/ask_approval?step=redirect"' in form
    assert form.index("改办要先经") < form.index('class="gist"'), "it is said before everything else"
    asking = zhou.get(f"/cases/{case_id}/do/ask_approval").text
    assert re.search(r'<option value="redirect" selected', asking), "the only step there is to ask for"


def test_the_refusal_is_one_short_sentence_and_keeps_the_ways_out(client: Client, county: County, unapproved: int) -> None:
    url = f"/cases/{unapproved}/do/transfer"
    refused = post(client("lin"), f"/cases/{unapproved}", url, terms(county))
    found = re.search(r'<div class="note note-dark error-summary".*?</div>', refused.text, re.S)
    assert found is not None
    said = words_of(found[0])
    assert refused.status_code == 409
    assert "先经审批，或者登记纸质审批" in said and "反馈日期" not in said and "立行立改" not in said
    assert f'href="/cases/{unapproved}/do/ask_approval?step=transfer"' in refused.text


def test_the_request_begins_with_its_step_and_says_what_that_step_needs(client: Client, unapproved: int) -> None:
    text = client("lin").get(f"/cases/{unapproved}/do/ask_approval?step=transfer").text
    assert re.search(r'<option value="transfer" selected', text)
    assert "整改单位 提请交办、指定承办须填" in words_of(text) and "交办方式 提请交办须填" in words_of(text)
    assert not re.search(r"(整改单位|交办方式)\s*可不填", words_of(text))
    assert not re.search(r'name="consent_for".*? selected', client("lin").get(f"/cases/{unapproved}/do/ask_approval").text)


def test_what_was_agreed_to_stands_in_the_form_and_another_unit_is_refused_at_its_question(
    client: Client, county: County, unapproved: int
) -> None:
    lin, page = client("lin"), f"/cases/{unapproved}"
    asked = terms(county, "liuhe_discipline") | {"consent_for": "transfer", "opinion": "拟交柳河镇纪委"}
    assert post(lin, page, f"{page}/do/ask_approval", asked).status_code == 303
    assert main_of(lin.get(page).text) == []
    assert post(client("zhao"), page, f"{page}/do/agree", {}).status_code == 303
    assert main_of(lin.get(page).text) == ["交办"]
    form = lin.get(f"{page}/do/transfer").text
    assert re.search(rf'<option value="{county.organs["liuhe_discipline"]}" selected', form)
    assert re.search(r'<option value="assign" selected', form)
    refused = post(lin, page, f"{page}/do/transfer", terms(county))
    assert refused.status_code == 422 and "和同意的不一样" in words_of(refused.text)
    assert post(lin, page, f"{page}/do/transfer", terms(county, "liuhe_discipline")).status_code == 303


# ---- what is not to be done now -------------------------------------------------------------------------------------------


def test_what_the_reader_would_not_do_now_lies_under_the_other_acts(client: Client, county: County, unapproved: int) -> None:
    page = f"/cases/{unapproved}"
    asked = terms(county) | {"consent_for": "transfer", "opinion": "拟交东沟村"}
    assert post(client("lin"), page, f"{page}/do/ask_approval", asked).status_code == 303
    for login, is_aside in (("zhao", True), ("lin", False)):
        acts = acts_of(client(login).get(page).text)
        before, _, behind = acts.partition("<summary>其他办理</summary>")
        assert (f"{page}/do/withdraw_ask" in behind, f"{page}/do/withdraw_ask" in before) == (is_aside, not is_aside), login
    assert main_of(client("zhao").get(page).text) == ["同意"]


# ---- plain words ----------------------------------------------------------------------------------------------------------


def test_who_signs_finds_his_post_in_the_form_and_nobody_elses(client: Client, county: County) -> None:
    case_id = county.open_item(NOW - timedelta(hours=2), feedback_on=local_day(NOW).isoformat())
    county.hand_over(case_id, NOW - timedelta(hours=1))
    give_title(county, "zhou", "村党支部书记")
    give_title(county, "xu", "组织委员")
    typed = re.compile(r'name="signer_post"[^>]*value="([^"]*)"')
    assert typed.findall(client("zhou").get(f"/cases/{case_id}/do/sign_for").text) == ["村党支部书记"]
    assert typed.findall(client("xu").get(f"/cases/{case_id}/do/sign_for").text) == [""], "the township signs for the village"


def give_title(county: County, login: str, title: str) -> None:
    from workflow.models import Grant

    county.database.write(lambda store: store.update(Grant, {"title": title}, person_id=county.people[login]))


def test_the_band_to_sign_says_when_the_time_began_and_when_it_ends(client: Client, county: County) -> None:
    case_id = county.open_item(NOW - timedelta(hours=2), feedback_on=local_day(NOW).isoformat())
    county.hand_over(case_id, NOW - timedelta(hours=1))
    row = case_row(county, case_id)
    first = row["holder_since"] + timedelta(1)
    said = rf"{first.month}月{first.day}日起计时，{row['due_on'].month}月{row['due_on'].day}日到期"
    assert re.search(said.replace("明天", ""), words_of(client("zhou").get("/inbox").text))


def test_a_closed_case_says_once_that_it_is_closed_out(client: Client, county: County) -> None:
    case_id = county.supervised_item(
        NOW - timedelta(hours=3), immediate="rectify_now", period="default_immediate", first_check="county"
    )
    photo = county.keep_file("整改照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOW - timedelta(hours=2), file_id=photo)
    county.fire(case_id, "report_rectified", "zhou", NOW - timedelta(hours=2), result="已更新", progress_label="done")
    county.fire(case_id, "close", "song", NOW - timedelta(hours=1), ground="completed")
    head = re.search(r'<p class="case-line">.*?</p>', client("zhao").get(f"/cases/{case_id}").text, re.S)
    assert head and words_of(head[0]).count("已销号") == 1


def test_a_scenario_is_offered_to_whoever_designs_and_to_no_other_supervisor(client: Client, county: County) -> None:
    case_id = county.open_item(NOW - timedelta(hours=2))
    assert "scenario.yaml" not in client("lin").get(f"/cases/{case_id}").text
    grant_role(county, "lin", "workflow_admin")
    assert "存为流程设计用的情景" in words_of(client("lin").get(f"/cases/{case_id}").text)


def grant_role(county: County, login: str, role: str) -> None:
    from workflow.models import Grant
    from workflow.store import Store

    def give(store: Store) -> None:
        (had,) = store.select(select_grants(county.people[login]))
        store.insert(Grant, [had | {"id": store.new_ids(Grant, 1)[0], "role": role}])

    county.database.write(give)


def select_grants(person_id: int) -> Any:
    from sqlalchemy import select

    from workflow.models import Grant
    from workflow.store import table_of

    return select(table_of(Grant)).where(table_of(Grant).c.person_id == person_id)


def test_a_rule_that_acted_says_which_and_what_there_was_too_much_of(client: Client, county: County) -> None:
    facts = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    case_id = county.supervised_item(NOW - timedelta(hours=5), **facts)
    for n in (4, 3):
        hour = NOW - timedelta(hours=n)
        photo = county.keep_file(f"第{n}张", "zhou")
        county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=hour, file_id=photo)
        county.fire(case_id, "report_rectified", "zhou", hour, result="已更新", progress_label="done")
        county.fire(case_id, "send_back", "song", hour, send_back_reason="not_done", send_back_note="重新公示")
    assert "自动提醒：整改不到位，退回重改满2次" in words_of(client("lin").get(f"/cases/{case_id}").text)


def test_feedback_is_not_given_on_a_day_that_has_not_come(client: Client, county: County) -> None:
    facts = {
        "title": "公示栏缺失",
        "problem": "没有公示栏",
        "subject": str(county.organs["donggou_branch"]),
        "source": "feedback",
        "immediate": "ordinary",
        "period": "two_months",
        "first_check": "township",
    }
    lin, page, day = client("lin"), "/cases/new/rectification", local_day(hours.now())
    refused = post(lin, page, page, facts | {"feedback_on": (day + timedelta(30)).isoformat()})
    assert refused.status_code == 422 and "没有公示栏" in refused.text
    assert post(lin, page, page, facts | {"feedback_on": day.isoformat()}).status_code == 303


def test_the_diagram_has_a_page_of_its_own_for_who_sees_the_case(client: Client, unapproved: int) -> None:
    page = client("lin").get(f"/cases/{unapproved}").text
    assert f'href="/cases/{unapproved}/diagram"' in page
    large = client("lin").get(f"/cases/{unapproved}/diagram").text
    assert 'class="flow"' in large and "现在：待交办" in words_of(large)
    assert client("han").get(f"/cases/{unapproved}/diagram").status_code == 404
