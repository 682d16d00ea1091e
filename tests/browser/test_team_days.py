"""The days of an inspection team: what its people open in the morning, what they register, and what becomes of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, answer, in_turn
from tests.browser.served import DESK, PHONE
from tests.factories import MONDAY, County, at
from tests.workflow.looking import case_row
from workflow.models import Person
from workflow.people import grants
from workflow.store import Store

pytestmark = pytest.mark.browser

CLUE, AT_ONCE, FED_BACK = "反映村干部冒领危房补助", "村口急弯没有凸面镜", "村集体合同没有公开"
OFFICES = "举报村干部违规收费"
CLUE_FACTS = {"summary": "冒领补助三千六百元", "class": "priority", "managed_by": "village", "reporter_name": "化名甲"}
ITEM_FACTS = {"problem": "反馈意见第三条", "first_check": "county"}
FEEDBACK = {"source": "feedback", "immediate": "ordinary", "period": "three_months", "feedback_on": MONDAY}
NOTICE = {"source": "notice", "immediate": "rectify_now", "period": "default_immediate"}


def hire_member(county: County) -> None:
    """郑雪, a member of the team, who decides nothing."""

    def work(store: Store) -> None:
        person_id = county.people["zheng"] = store.new_ids(Person, 1)[0]
        row = {"id": person_id, "login": "zheng", "name": "郑雪", "email": "", "phone": "", "language": "zh-Hans"}
        store.insert(Person, [{**row, "must_change": False, "created_at": at(MONDAY), "toured_at": at(MONDAY)}])
        told = {"role": "inspector", "organ_id": county.organs["team"], "today": MONDAY, "ceiling": 3}
        grants.give(store, person_id=person_id, **told)

    county.database.write(work)


def register(desk: Desk, page: Page, kind: str, title: str, facts: Mapping[str, Any]) -> int:
    """From the ledger, by its button; the case's number. The page is the case's."""
    desk.go(page, "台账")
    page.locator(f'a[href$="/cases/new/{kind}"]').filter(visible=True).first.click()
    form = page.locator("form.panel")
    for name, value in {"title": title, "subject": desk.county.organs["donggou_branch"], **facts}.items():
        answer(form, name, value)
    form.get_by_role("button", name=desk.word("登记"), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return int(desk.case(kind)["id"])


def become(county: County, clue: int, urgent: int, fed_back: int) -> None:
    """What others do of it: the clue goes to the township's discipline committee, the village mends the one and signs for the other."""
    to = {"recipient": county.organs["liuhe_discipline"], "hand_over_mode": "transfer"}
    county.fire(clue, "transfer", "zhao", at(MONDAY, 15), **to)
    county.fire(clue, "sign_for", "he", at(date(2026, 3, 3)), pieces=1)
    county.hand_over(fed_back, at(MONDAY, 15))
    for item in (urgent, fed_back):
        county.fire(item, "sign_for", "zhou", at(date(2026, 3, 3)), pieces=1)
    told = {"actor": county.actor("zhou"), "now": at(date(2026, 3, 4)), "label": "site_photo"}
    county.engine.add_evidence(urgent, file_id=county.keep_file("凸面镜", "zhou"), **told)
    county.fire(urgent, "report_rectified", "zhou", at(date(2026, 3, 5)), result="镜子已经装好", progress_label="done")
    told = {"meeting_no": "集中销号会议〔2026〕3号", "ground": "completed"}
    county.fire(urgent, "close", "song", at(date(2026, 3, 9)), **told)


def expect_rows(page: Page, *titles: str) -> None:
    """Exactly these stand in the ledger that is open."""
    rows = page.locator("#rows [data-href]")
    expect(rows).to_have_count(len(titles))
    for title in titles:
        expect(rows.filter(has_text=title)).to_have_count(1)


def say_more(desk: Desk, page: Page) -> None:
    """The member knows more than she wrote, and says so below the clue."""
    form = page.locator("#discussion form.comment")
    form.locator("textarea").fill("名册在村会计手里")
    form.get_by_role("button", name=desk.word("批注"), exact=True).click()
    expect(page.locator("#discussion .lines")).to_contain_text("名册在村会计手里")


def open_name(desk: Desk, page: Page) -> None:
    """Who registered it reads who told her of it: with a reason, once, and the page says that it is known."""
    page.get_by_role("link", name=desk.word("查看保密内容")).click()
    form = page.locator('form[action$="/sealed"]')
    form.locator('[name="fields"][value="reporter_name"]').check()
    answer(form, "reason", "联系举报人补充材料")
    form.locator("button[type=submit]").click()
    expect(page.locator(".facts .as-typed").filter(has_text=CLUE_FACTS["reporter_name"])).to_be_visible()


@in_turn(PHONE, DESK)
def test_a_team_registers_what_it_finds_issues_what_cannot_wait_and_sees_what_became_of_it(turned: Desk) -> None:
    desk, county = turned, turned.county
    hire_member(county)
    told = {"summary": "违规收费", "class": "informed", "managed_by": "village"}
    subject, lin = county.organs["donggou_branch"], county.actor("lin")
    county.engine.open("clue", actor=lin, now=at(MONDAY, 9), title=OFFICES, subject_id=subject, data=told)

    # On site: nothing waits in the morning; the member registers a clue, the leader what the village can mend at once.
    zheng = desk.land("zheng", "/inbox")
    expect(zheng.locator("#rows .band-row")).to_have_count(0)
    clue = register(desk, zheng, "clue", CLUE, CLUE_FACTS)
    expect(zheng.get_by_role("main")).not_to_contain_text(CLUE_FACTS["reporter_name"])
    expect(zheng.locator("#acts").get_by_role("link", name=desk.step(clue, "transfer"), exact=True)).to_have_count(0)
    zheng.context.close()
    wu = desk.land("wu", "/inbox")
    urgent = register(desk, wu, "rectification", AT_ONCE, {**ITEM_FACTS, **NOTICE})
    desk.press(wu, "issue_now")
    desk.send(wu, "issue_now", {}, {"recipient": subject, "hand_over_mode": "assign"})
    assert case_row(county, urgent)["holder_id"] == subject

    # What it fed back is registered by the team and assigned by the office: to the team that is no step.
    fed_back = register(desk, wu, "rectification", FED_BACK, {**ITEM_FACTS, **FEEDBACK})
    expect(wu.locator("#acts").get_by_role("link", name=desk.step(fed_back, "transfer"), exact=True)).to_have_count(0)
    wu.context.close()
    become(county, clue, urgent, fed_back)

    # Days later its ledger says how far each has come, and nothing of the clue that is the office's own.
    desk.go_to(date(2026, 3, 11))
    zheng = desk.land("zheng", "/inbox")
    desk.go(zheng, "台账")
    expect_rows(zheng, CLUE, FED_BACK)
    zheng.locator("#rows [data-href]", has_text=CLUE).get_by_role("link", name=CLUE).click()
    expect(zheng.locator(".case-head")).to_contain_text(desk.phrase(clue))
    say_more(desk, zheng)
    open_name(desk, zheng)
    zheng.context.close()

    wu = desk.land("wu", "/inbox")
    desk.go(wu, "台账")
    wu.get_by_role("link", name=desk.word("已办结")).filter(visible=True).first.click()
    expect_rows(wu, AT_ONCE)
    wu.locator("#rows").get_by_role("link", name=AT_ONCE).click()
    expect(wu.locator("main")).to_contain_text("镜子已经装好")
    wu.context.close()
