"""What a caller says of himself in a header counts for nothing, unless he is a proxy that the settings name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import SettingsFault, load
from tests.factories import County
from tests.web.site import post, site
from workflow.models import Note
from workflow.store import table_of

PROXY = "10.0.0.5"
FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Remote-User": "lin",
    "Remote-User": "lin",
    "X-Forwarded-User": "lin",
    "X-Original-URL": "/people",
}


def addresses(county: County) -> list[str]:
    """The addresses that failed sign-ins were noted with."""
    notes = county.database.read(lambda store: store.select(select(table_of(Note)).order_by(table_of(Note).c.id)))
    return [json.loads(note["body"])["address"] for note in notes if note["kind"] == "sign_in_failed"]


def fail(app: Any, peer: str, headers: dict[str, str]) -> None:
    """A sign-in that is refused, from a peer."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = peer
    page = client.get("/sign-in")
    assert page.status_code == 200
    found = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/sign-in", data={"login": "lin", "password": "wrong", "csrf_token": found}, headers=headers)


def test_headers_of_a_peer_that_is_no_proxy_are_ignored_and_the_sockets_address_is_noted(county: County, home: Path) -> None:
    app = site(county, home, DUBAN_TRUSTED_PROXIES=PROXY)
    fail(app, "198.51.100.7", FORGED)
    assert addresses(county) == ["198.51.100.7"]
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert client.get("/inbox", headers=FORGED).headers["Location"].startswith("/sign-in"), "nobody is signed in by a header"
    assert "evil.example" not in client.get("/sign-in", headers=FORGED).text


def test_a_named_proxy_is_believed_but_not_what_its_caller_wrote_before_it(county: County, home: Path) -> None:
    app = site(county, home, DUBAN_TRUSTED_PROXIES=PROXY)
    fail(app, PROXY, {"X-Forwarded-For": "203.0.113.9, 192.0.2.44"})
    assert addresses(county) == ["192.0.2.44"]
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = PROXY
    assert "X-Remote-User" not in client.get("/inbox", headers={"X-Remote-User": "lin"}).text
    assert client.get("/inbox", headers={"X-Remote-User": "lin"}).status_code == 302


def test_over_tls_the_session_has_the_cookie_that_no_other_host_can_set(county: County, home: Path) -> None:
    from datetime import UTC, datetime

    from workflow.people.accounts import issue_password

    app = site(county, home, DUBAN_TRUSTED_PROXIES=PROXY, DUBAN_SITE_URL="https://duban.example")
    password = issue_password(county.database, person_id=county.people["lin"], now=datetime.now(UTC), must_change=False)
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = PROXY
    client.environ_base["HTTP_X_FORWARDED_PROTO"] = "https"
    client.environ_base["HTTP_X_FORWARDED_FOR"] = "192.0.2.44"
    client.environ_base["wsgi.url_scheme"] = "https"
    page = client.get("/sign-in", base_url="https://localhost")
    found = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    told = {"login": "lin", "password": password, "csrf_token": found}
    answer = client.post("/sign-in", data=told, base_url="https://localhost", headers={"Referer": "https://localhost/sign-in"})
    cookies = [page.headers["Set-Cookie"], answer.headers["Set-Cookie"]]
    for name, cookie in zip(("__Host-duban_form", "__Host-duban_session"), cookies, strict=True):
        assert cookie.startswith(f"{name}=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_over_tls_the_cookie_of_a_plain_page_signs_nobody_in(county: County, home: Path) -> None:
    from datetime import UTC, datetime

    from tests.web.site import signed_in
    from web.access import COOKIE

    app = site(county, home)
    client = signed_in(app, county, "lin", datetime.now(UTC))
    cookie = client.get_cookie(COOKIE)
    assert cookie
    secure = app.test_client()
    secure.set_cookie(COOKIE, cookie.value)
    assert secure.get("/inbox", base_url="https://localhost").status_code == 302


def test_a_proxy_is_named_by_its_address() -> None:
    with pytest.raises(SettingsFault, match="an address in digits"):
        load({"DUBAN_TRUSTED_PROXIES": "proxy.example"})


def test_a_page_that_is_posted_to_still_wants_its_token(county: County, home: Path) -> None:
    client = site(county, home).test_client()
    assert client.post("/sign-in", data={"login": "lin", "password": "x"}).status_code == 400
    assert post(client, "/sign-in", "/sign-in", {"login": "lin", "password": "x"}).status_code == 401
