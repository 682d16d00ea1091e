"""In a long ledger the rows come at once, and what has to be counted comes after them, the same as in a short one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.ledger.reading import page, rows_of
from tests.web.ledger.test_groups import figures_said
from tests.web.site import words_of
from workflow.reads import ledger

NOW = hours.now()
HEAD = re.compile(r'<div class="ledger-head".*?\n</div>', re.S)
CONDITIONS = re.compile(r'<div class="conditions".*?\n</div>', re.S)


@pytest.fixture
def late(county: County) -> int:
    """An item whose limit ended long ago."""
    case_id = county.supervised_item(NOW - timedelta(days=150), title="拖了很久")
    county.engine.tick(NOW)
    return case_id


@pytest.mark.parametrize("asked", ["", "?band=late", "?q=拖了", "?asof=2020-01-01"])
def test_the_figures_that_come_after_the_rows_are_those_that_come_with_them(
    client: Client, late: int, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    lin = client("lin")
    short = page(lin, f"/ledger{asked}")
    monkeypatch.setattr(ledger, "LONG", 0)
    long = page(lin, f"/ledger{asked}")
    assert rows_of(long) == rows_of(short)
    assert "…" in words_of(HEAD.findall(long)[0]) and "…" not in words_of(HEAD.findall(short)[0])
    after = lin.get(f"/ledger{asked}{'&' if asked else '?'}figures=1", headers={"HX-Request": "true"}).text
    assert figures_said(after) == figures_said(short)
    assert words_of(CONDITIONS.findall(after)[0]) == words_of(CONDITIONS.findall(short)[0])
    assert rows_of(after) == [] and 'hx-swap-oob="true"' in after


def test_whoever_has_no_script_asks_for_the_figures_by_a_link(
    client: Client, late: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin = client("lin")
    short = figures_said(page(lin, "/ledger"))
    monkeypatch.setattr(ledger, "LONG", 0)
    link = re.search(r'<noscript>.*?href="([^"]+)"', page(lin, "/ledger"))
    assert link is not None
    whole = page(lin, link[1].replace("&amp;", "&"))
    assert figures_said(whole) == short and rows_of(whole)


def test_the_figures_of_a_long_ledger_tell_an_outsider_nothing(
    client: Client, late: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, all_of_them = (figures_said(page(client(login), "/ledger")) for login in ("han", "lin"))
    monkeypatch.setattr(ledger, "LONG", 0)
    answer = client("han").get("/ledger?figures=1", headers={"HX-Request": "true"})
    assert figures_said(answer.text) == own != all_of_them
