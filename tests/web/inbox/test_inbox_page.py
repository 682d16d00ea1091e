"""Beside the bands: talks with what they are about and their next step, and what lies with others, by whom and how long."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import rows_of
from workflow.models import Case

NOW = datetime.now(UTC)
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
    assert f'href="/cases/{talk["id"]}/do/notify"' in page


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
