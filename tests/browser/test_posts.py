"""Whoever has several posts says in which he acts, and whoever's clock is wrong is told so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests import hours
from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.factories import County
from workflow.dates import local_day
from workflow.people import grants

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["1440", "390"])
def test_whoever_has_two_posts_acts_in_the_one_that_he_chose(served: Site, county: County, viewport: dict[str, int]) -> None:
    item = county.supervised_item(hours.now())
    told = {"person_id": county.people["sun"], "role": "handler", "organ_id": county.organs["xitou_branch"]}
    county.database.write(lambda store: grants.give(store, **told, today=local_day(hours.now())))
    page = served.person("sun", viewport=viewport).new_page()
    page.goto(f"/cases/{item}")
    menu = page.locator("details.who")
    menu.locator("summary").click()
    here, other = menu.get_by_role("button", name="东沟村党支部"), menu.get_by_role("button", name="西头村党支部")
    expect(here).to_have_attribute("aria-pressed", "true")
    assert looking.barriers(page) == [] and looking.too_wide(page) == []
    other.click()
    expect(page).to_have_url(f"{served.address}/cases/{item}")
    menu.locator("summary").click()
    expect(other).to_have_attribute("aria-pressed", "true")
    page.context.close()


@pytest.mark.parametrize(("ahead", "is_told"), [(0, False), (-6, True), (6, True)])
def test_a_clock_that_is_more_than_five_minutes_away_is_said(served: Site, ahead: int, is_told: bool) -> None:
    page = served.stranger().new_page()
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(minutes=ahead))
    page.goto("/sign-in")
    said = page.get_by_text("期限以服务器为准")
    expect(said).to_be_visible() if is_told else expect(said).to_be_hidden()
    page.context.close()
