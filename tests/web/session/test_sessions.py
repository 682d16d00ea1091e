"""Sessions: listed, ended one by one or all at once, and dead in every other process the moment they end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests import hours
from tests.factories import County
from tests.web.session.conftest import Office
from tests.web.site import post, site, token, words_of
from web.access import COOKIE
from web.session.devices import device_of
from workflow.models import Person
from workflow.people import accounts, factors, passwords
from workflow.people.bearer import digest_of

WINDOWS = "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (Linux; Android 12; ANA-AN00) AppleWebKit/537.36 Version/4.0 Chrome/109 MicroMessenger/8.0.47"
ENDS = re.compile(r'name="session" value="([0-9a-f]{64})"')


@pytest.mark.parametrize(
    ("agent", "device"),
    [(WINDOWS, "chrome.windows"), (PHONE, "wechat.android"), ("curl/8.1", "."), ("", "."), ("Firefox\n" * 99, "firefox.")],
)
def test_two_words_of_what_a_browser_says_are_kept_and_no_more(agent: str, device: str) -> None:
    assert device_of(agent) == device


def test_ones_own_sessions_are_listed_with_device_and_the_others_end_at_once(office: Office) -> None:
    phone = office.app.test_client()
    secret = office.enrol("lin")
    desk = office.client("lin")
    office.show(desk, secret)
    _sign_in_again(office, phone, PHONE)
    page = words_of(desk.get("/sessions").text)
    assert "安卓手机 · 微信" in page
    assert "这一台" in page
    (other,) = ENDS.findall(desk.get("/sessions").text)
    assert post(desk, "/sessions", "/sessions/end-others", {}).status_code == 303
    assert phone.get("/factor").headers["Location"].startswith("/sign-in")
    assert desk.get("/sessions").status_code == 200
    assert post(desk, "/sessions", "/sessions/end", {"session": other}).status_code == 303, "ended twice is ended"


def _sign_in_again(office: Office, client: Any, agent: str) -> None:
    hashed = passwords.hash_of("a-lamp-in-the-bay")
    people = office.county.people
    office.county.database.write(lambda store: store.update(Person, {"password_hash": hashed}, id=people["lin"]))
    told = {"login": "lin", "password": "a-lamp-in-the-bay", "csrf_token": token(client, "/sign-in")}
    assert client.post("/sign-in", data=told, headers={"User-Agent": agent}).status_code == 302


def test_nobody_ends_anothers_session(office: Office) -> None:
    secret = office.enrol("lin")
    lin, song = office.client("lin"), office.client("song")
    office.show(lin, secret)
    cookie = song.get_cookie(COOKIE)
    assert cookie
    assert post(lin, "/sessions", "/sessions/end", {"session": digest_of(cookie.value)}).status_code == 404
    assert song.get("/factors").status_code == 200


Event = Callable[[County, Any], object]
EVENTS: dict[str, Event] = {
    "signed out": lambda county, lin: post(lin, "/sessions", "/sign-out", {}),
    "disabled": lambda county, _lin: county.database.write(
        lambda store: accounts.disable(store, person_id=county.people["lin"], now=hours.now())
    ),
    "a new one-time password": lambda county, _lin: accounts.issue_password(
        county.database, person_id=county.people["lin"], now=hours.now()
    ),
    "factors taken away": lambda county, _lin: county.database.write(
        lambda store: factors.drop_all(store, person_id=county.people["lin"], now=hours.now())
    ),
    "taken off a case": lambda county, _lin: county.engine.bar(
        county.open_item(hours.now()),
        actor=county.actor("song", hours.now().date()),
        now=hours.now(),
        reason="与被反映人是近亲属",
        person_id=county.people["lin"],
    ),
    "another post chosen": lambda county, lin: post(lin, "/sessions", "/post", {}),
}


@pytest.mark.parametrize("event", EVENTS)
def test_a_session_that_ended_is_dead_in_another_process_with_its_next_request(office: Office, home: Any, event: str) -> None:
    secret = office.enrol("lin")
    lin = office.client("lin")
    office.show(lin, secret)
    stolen = lin.get_cookie(COOKIE)
    assert stolen
    # Another app over the same database stands for another process: nothing but the database is shared.
    elsewhere = site(office.county, home, DUBAN_SECOND_FACTOR="clues").test_client()
    elsewhere.set_cookie(COOKIE, stolen.value)
    assert elsewhere.get("/sessions").status_code == 200
    EVENTS[event](office.county, lin)
    assert elsewhere.get("/sessions").headers["Location"].startswith("/sign-in")
    assert elsewhere.post("/sessions/end-others").status_code in (400, 401)


def test_a_session_id_from_before_the_sign_in_is_not_the_one_after(office: Office) -> None:
    client = office.app.test_client()
    client.set_cookie(COOKIE, "planted-by-somebody-else")
    _sign_in_again(office, client, WINDOWS)
    cookie = client.get_cookie(COOKIE)
    assert cookie
    assert cookie.value != "planted-by-somebody-else"
