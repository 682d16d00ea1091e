"""A security key as a browser uses one: made for this host, asked after the password, and before what is sensitive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.served import Site, serving, sign_in
from tests.factories import County
from tests.web.site import site

pytestmark = pytest.mark.browser

KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def named(chromium: Browser, county: County, home: Path) -> Iterator[Site]:
    """The small county, served under a host's name: keys are of a host, and digits are none."""
    with ExitStack() as stack:
        address = stack.enter_context(serving(site(county, home, DUBAN_SECOND_FACTOR="clues")))
        yield Site(chromium, address.replace("127.0.0.1", "localhost"), county.database, county.people)


def plug_in(page: Page) -> tuple[object, str]:
    """A key in the computer's port that answers by itself; (session of the protocol, id)."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    made = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return protocol, str(made["authenticatorId"])


def test_a_key_is_added_with_the_browser_and_opens_the_next_sign_in(named: Site) -> None:
    page = named.stranger().new_page()
    protocol, key = plug_in(page)
    sign_in(page, "lin", named.password("lin"))
    page.wait_for_url(lambda url: "/factors" in url)
    page.get_by_label("名称").fill("办公室的密钥")
    page.get_by_role("button", name="添加安全密钥").click()
    expect(page.get_by_role("heading", name="备用码")).to_be_visible()
    expect(page.locator(".codes li")).to_have_count(10)
    made = protocol.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]  # type: ignore[attr-defined]
    assert [one["rpId"] for one in made] == ["localhost"]
    page.get_by_role("link", name="已抄好").click()
    page.wait_for_url(lambda url: "/factor" not in url)

    page.context.clear_cookies()
    sign_in(page, "lin", named.password("lin"))
    page.wait_for_url(lambda url: "/factor?" in url)
    page.get_by_role("button", name="用安全密钥").click()
    page.wait_for_url(lambda url: "/factor" not in url)
    page.goto("/sessions")
    expect(page.get_by_text("这一台")).to_be_visible()


def test_without_the_key_the_page_says_so_and_a_recovery_code_opens(named: Site) -> None:
    page = named.stranger().new_page()
    protocol, key = plug_in(page)
    sign_in(page, "lin", named.password("lin"))
    page.get_by_role("button", name="添加安全密钥").click()
    code = page.locator(".codes li").first.inner_text()
    protocol.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})  # type: ignore[attr-defined]
    other, _id = plug_in(page)
    assert other
    page.context.clear_cookies()
    sign_in(page, "lin", named.password("lin"))
    page.get_by_role("button", name="用安全密钥").click()
    expect(page.get_by_text("没有读到安全密钥")).to_be_visible()
    page.get_by_label("验证码或备用码").fill(code)
    page.get_by_role("button", name="验证", exact=True).click()
    page.wait_for_url(lambda url: "/factor" not in url)


def test_at_an_address_in_digits_no_key_is_offered(served: Site) -> None:
    page = served.person("lin").new_page()
    page.goto("/factors")
    expect(page.get_by_role("button", name="添加安全密钥")).to_have_count(0)
    expect(page.get_by_text("安全密钥要用域名打开本站才能用")).to_be_visible()
