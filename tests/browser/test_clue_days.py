"""The whole life of a clue in the browser: each role's part, at both sizes, in each language.

From its registration to its close-out, through two hand-backs, a designation, the disposal, a send-back, the reopening and a
redirection to the county's discipline commission.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, answer
from tests.workflow.looking import case_row

pytestmark = pytest.mark.browser

TITLE = "反映村干部冒领补助款"


def test_a_clue_lives_its_whole_life_in_the_browser(desk: Desk, paper: Path) -> None:
    county, organs = desk.county, desk.county.organs
    register(desk)
    clue = desk.case("clue")["id"]
    approved = {"approval/approver": "zhao", "approval/on": desk.today, "approval/paper_number": "巡〔2026〕3号"}
    scan = {"approval/scan": paper}

    # The organisation department, then the township's discipline committee give it back from their inboxes.
    for unit, login, reason in (("department", "guo", "not_ours"), ("liuhe_discipline", "he", "incomplete")):
        desk.act("song", TITLE, "transfer", scan, recipient=organs[unit], hand_over_mode="transfer", **approved)
        hand_back(desk, login, reason)
        assert case_row(county, clue)["state"] == "received"

    # After two hand-backs the county designates; the committee signs on its sheet.
    told: dict[str, Any] = {"recipient": organs["liuhe_discipline"], "designate_basis": "属乡镇纪委管辖"}
    desk.act("song", TITLE, "designate", scan, **told, **approved)
    desk.go_to(date(2026, 3, 3))
    sign(desk, "he")
    told = {"disposal": "prelim_verify", "disposal_opinion": "拟予初步核实", "disposal_approved_by": "何敏"}
    desk.act("he", TITLE, "report_disposal", **told)

    # Reported with the reply, sent back once, closed out, and reopened by the head.
    desk.go_to(date(2026, 4, 1))
    desk.prove("luo", TITLE, paper, "reply_letter")
    desk.act("luo", TITLE, "report_rectified", result="查实，已追回。")
    desk.act("song", TITLE, "send_back", send_back_reason="evidence_missing", send_back_note="补收款凭证")
    assert case_row(county, clue)["state"] == "supervised"
    desk.go_to(date(2026, 4, 2))
    desk.prove("luo", TITLE, paper, "reply_letter")
    desk.act("luo", TITLE, "report_rectified", result="凭证已补。")
    desk.act("song", TITLE, "close", ground="punished")
    assert case_row(county, clue)["state"] == "closed"
    desk.go_to(date(2026, 5, 11))
    told = {"reopen_cause": "又有反映", "reopen_remedy": "改由县纪委监委办理", "new_due_on": date(2026, 6, 10)}
    desk.act("zhao", TITLE, "reopen", **told)

    # The county's discipline commission takes it over.
    told = {"recipient": organs["commission"], "redirect_reason": "cadre_level", "redirect_note": "涉及县管干部"}
    desk.act("zhao", TITLE, "redirect", **told)
    sign(desk, "qian")
    row = case_row(county, clue)
    assert (row["state"], row["cycle"], row["holder_id"]) == ("supervised", 2, organs["commission"])


def register(desk: Desk) -> None:
    """A new clue from its form."""
    page = desk.page("lin")
    page.locator('a[href$="/cases/new/clue"]').click()
    form = page.locator("form.panel")
    facts = {"title": TITLE, "subject": desk.county.organs["donggou_branch"], "summary": "冒领补助三千元"}
    for name, value in {**facts, "class": "priority", "managed_by": "village"}.items():
        answer(form, name, value)
    form.get_by_role("button", name=desk.word("登记"), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    page.context.close()


def hand_back(desk: Desk, login: str, reason: str) -> None:
    """The only case to sign for is given back below its row."""
    page = desk.page(login)
    expect(page).to_have_url(f"{desk.site.address}/inbox")
    page.locator("#to-sign .cell-acts a.button-text[hx-get]").click()
    form = page.locator(".band-row .here form")
    answer(form, "hand_back_reason", reason)
    answer(form, "hand_back_note", "附有说明")
    form.locator("button[type=submit]").click()
    expect(page.locator("[data-toast]").last).to_be_visible()
    page.context.close()


def sign(desk: Desk, login: str) -> None:
    """The sheet of the inbox signs for the case."""
    page = desk.page(login)
    expect(page).to_have_url(f"{desk.site.address}/inbox")
    expect(page.locator("#to-sign")).to_contain_text(TITLE)
    answer(page.locator("#signing"), "pieces", 1)
    page.locator('button[form="signing"][name="all"]').click()
    expect(page.locator("#to-sign")).not_to_contain_text(TITLE)
    page.context.close()
    assert desk.case("clue")["state"] == "supervised"
