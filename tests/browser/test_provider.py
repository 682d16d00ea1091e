"""A browser goes to a provider on another site and comes back: strict cookies and the pages' policy let it, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import hours
from tests.browser.served import Site, serving
from tests.factories import County
from tests.providers import real_provider
from tests.web.session.test_provider import house
from workflow.models import SignIn
from workflow.store import table_of

pytestmark = pytest.mark.browser


@pytest.fixture
def linked(chromium: Browser, county: County, home: Path) -> Iterator[Site]:
    """The small county as `localhost`, and 林静 as u-1 of a provider that is another site: 127.0.0.1."""
    with ExitStack() as stack:
        there = house(county, home, stack.enter_context(real_provider()), str)
        there.link("lin", "u-1")
        address = stack.enter_context(serving(there.app)).replace("127.0.0.1", "localhost")
        there.app.extensions["duban_provider"].back = f"{address}/sign-in/provider/back"
        yield Site(chromium, address, county.database, county.people)


def sign_in_there(page: Page, subject: str) -> None:
    """What the real provider asks of somebody."""
    page.wait_for_url("http://127.0.0.1:*/oauth2/authorize*")
    page.locator("input[name=sub]").fill(subject)
    page.locator("button[type=submit]").first.click()


def test_whoever_proved_himself_there_is_here_and_proves_himself_again_in_a_page_beside(linked: Site) -> None:
    page = linked.stranger().new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/inbox")
    page.get_by_role("button", name="用统一身份认证登录").click()
    sign_in_there(page, "u-1")
    page.wait_for_url("**/inbox")
    then = hours.now() - timedelta(minutes=6)
    linked.database.write(lambda store: store.execute(table_of(SignIn).update().values(proved_at=then)))
    page.goto("/factors")
    page.get_by_role("button", name="添加手机验证器").click()
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="去统一身份认证").click()
    beside = opened.value
    sign_in_there(beside, "u-1")
    expect(beside.get_by_role("heading", name="已确认")).to_be_visible()
    beside.close()
    page.get_by_role("button", name="接着办").click()
    expect(page.get_by_role("img", name="手机验证器的二维码")).to_be_visible()
    assert [line for line in said if "Content Security Policy" in line] == []


def test_without_scripts_a_button_leads_on(linked: Site) -> None:
    page = linked.stranger(java_script_enabled=False).new_page()
    page.goto("/inbox")
    page.get_by_role("button", name="用统一身份认证登录").click()
    sign_in_there(page, "u-1")
    page.get_by_role("button", name="继续").click()
    page.wait_for_url("**/inbox")
