"""A state with live cases in it gets another name: drafted, previewed with its map, proposed, approved by a second person in his
own browser, run, and read on the page of a case."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import hours
from tests.browser.served import Site
from tests.browser.test_bulk import whole
from tests.browser.test_walks import enter
from tests.factories import County
from tests.workflow.looking import case_row
from tests.workflow.versions.conftest import Document, Office, hire, part

pytestmark = pytest.mark.browser


@pytest.fixture
def office(county: County) -> Office:
    """The small county with two administrators of workflows."""
    hire(county)
    return Office(county)


def rename_and_shorten(document: Document) -> None:
    """督办 becomes 办理 under another key, and the limit of the item is shorter."""
    text = json.dumps(document, ensure_ascii=False).replace('"supervised"', '"in_hand"')
    document.clear()
    document.update(json.loads(text))
    part(document, "states", "in_hand")["title"] = {"zh-Hans": "办理", "zh-Hant": "辦理", "en": "In hand"}
    part(document, "clocks", "rectify")["limits"] = [{"limit": "30 workday"}]
    document.pop("scenarios", None)  # they tell of the limit that was


def administrator(served: Site, login: str) -> Page:
    return served.person(login).new_page()


def test_two_administrators_rename_a_state_with_live_cases_in_it(served: Site, county: County, office: Office) -> None:
    now = hours.now()
    items = [county.supervised_item(now - timedelta(days=20 + n)) for n in range(3)]
    items.append(county.supervised_item(now - timedelta(days=20), subject="shimen_branch", signer="shi"))
    draft_id = office.draft(rename_and_shorten, now=now)

    jiang = administrator(served, "jiang")
    jiang.goto("/versions")
    whole(jiang)
    jiang.get_by_role("link", name="看改了什么").click()
    expect(jiang.get_by_text("“整改”的时限")).not_to_have_count(0)
    whole(jiang)
    jiang.get_by_role("link", name="试算影响").click()
    whole(jiang)
    jiang.get_by_role("button", name="试算", exact=True).click()
    expect(jiang.get_by_text("状态“督办”在新版本里没有了，选定转到哪个状态")).to_be_visible()
    jiang.get_by_label("“督办”转到").select_option(label="办理")
    jiang.get_by_role("radiogroup", name="整改").get_by_label("按新规则重算").check()
    jiang.get_by_role("button", name="试算", exact=True).click()
    expect(jiang.get_by_text("期限“整改”不保留原期限，要写明理由")).to_be_visible()
    whole(jiang)
    jiang.get_by_label("理由“整改”").fill("县里要求六周内整改")
    jiang.get_by_role("button", name="试算", exact=True).click()
    expect(jiang.get_by_role("heading", name="试算结果")).to_be_visible()
    expect(jiang.get_by_role("row").filter(has_text="督办 → 办理")).to_have_count(4)
    whole(jiang)
    jiang.get_by_label("理由").fill("整改阶段改称办理")
    jiang.get_by_role("button", name="提出发布").click()
    expect(jiang.get_by_text("须由另一位流程管理员决定")).to_be_visible()
    jiang.goto(f"/versions/drafts/{draft_id}")
    jiang.get_by_role("link", name="按过去12个月重演").click()
    expect(jiang.get_by_role("row").filter(has_text="柳河镇")).to_have_count(1)
    whole(jiang)

    kong = administrator(served, "kong")
    kong.goto("/inbox")
    kong.get_by_role("link", name="看影响").click()
    expect(kong.get_by_text("整改阶段改称办理")).to_be_visible()
    expect(kong.get_by_text("理由：县里要求六周内整改")).to_be_visible()
    whole(kong)
    kong.get_by_label("意见").fill("同意")
    kong.get_by_role("button", name="同意发布").click()
    expect(kong.get_by_role("heading", name="迁移到新版本")).to_be_visible()
    expect(kong.get_by_text("办成4项，未办0项").first).to_be_visible()
    whole(kong)
    assert {case_row(county, case_id)["state"] for case_id in items} == {"in_hand"}

    lin = served.person("lin").new_page()
    lin.goto(f"/cases/{items[0]}")
    story: Any = lin.locator(".timeline").first
    expect(story).to_contain_text("流程由第1版改为第2版")
    expect(story).to_contain_text("督办→办理")
    expect(story).to_contain_text("“整改”按新规则重算，理由：县里要求六周内整改")
    expect(lin.locator(".path [aria-current=step]")).to_contain_text("办理")
    lin.goto("/versions")
    expect(lin.get_by_role("heading", name="没有这一项")).to_be_visible()


def test_a_preview_goes_on_by_itself_while_its_page_is_open(
    served: Site, county: County, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = hours.now()
    for _ in range(5):
        county.supervised_item(now - timedelta(days=20))
    monkeypatch.setattr("workflow.versions.preview.BATCH", 2)
    monkeypatch.setattr("workflow.versions.rehearse.BATCH", 1)
    draft_id = office.draft(lambda document: part(document, "states", "closed").update(phrase="已了结"), now=now)
    page = administrator(served, "jiang")
    page.goto(f"/versions/drafts/{draft_id}")
    page.get_by_role("button", name="试算", exact=True).click()
    expect(page.get_by_text("过去12个月已重演")).to_be_visible()
    whole(page)
    expect(page.get_by_role("heading", name="试算结果")).to_be_visible()
    expect(page.get_by_text("对5项在办的影响")).to_be_visible()
    expect(page.get_by_role("heading", name="按过去12个月重演")).to_be_visible()


def test_without_a_script_a_replay_says_how_far_it_is_and_goes_on_when_asked(
    served: Site, county: County, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = hours.now()
    for _ in range(3):
        county.supervised_item(now - timedelta(days=150))
    monkeypatch.setattr("workflow.versions.rehearse.BATCH", 1)
    draft_id = office.draft(lambda document: part(document, "states", "closed").update(phrase="已了结"), now=now)
    page = enter(served, "jiang", java_script_enabled=False)
    page.goto(f"/versions/drafts/{draft_id}")
    page.get_by_role("button", name="试算", exact=True).click()
    for n in (1, 2):
        expect(page.get_by_text(f"过去12个月已重演{n}项，共3项")).to_be_visible()
        page.get_by_role("button", name="继续").click()
    expect(page.get_by_role("heading", name="试算结果")).to_be_visible()
    page.get_by_role("link", name="看分乡镇").click()
    expect(page.get_by_role("row").filter(has_text="柳河镇")).to_contain_text("6")
    page.context.close()
