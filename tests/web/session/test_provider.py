"""People who come from a provider of identities: in, proven again, and out; and whoever pretends to."""

from __future__ import annotations

import html
import json
import re
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import hours
from tests.factories import County
from tests.providers import CLIENT, SECRET, Liar, liar, real_provider, sign_in_there
from tests.web.session.conftest import Office
from tests.web.site import TOKEN as FORM
from tests.web.site import post, signed_in, site, token, words_of
from tests.workflow.looking import rows_of
from web.access import COOKIE
from web.session.provider import COOKIE as TRIP
from web.session.provider import _spoken_to
from workflow.models import Person, ProviderLink, ProviderTrip, SignIn, Trail
from workflow.people import accounts, links
from workflow.store import table_of

AWAY = re.compile(r'http-equiv="refresh" content="0;url=([^"]+)"')
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
WHOLE_WAY = Callable[[str], str]


@dataclass
class House:
    """A site with a provider. `there` is what a browser does at it: an address there → the address it is sent back to."""

    app: Flask
    county: County
    issuer: str
    there: WHOLE_WAY

    def link(self, login: str, subject: str) -> int:
        """What two administrators have said of somebody."""
        row = {"person_id": self.county.people[login], "issuer": self.issuer, "subject": subject, "reason": "当面核对"}
        row |= {
            "proposed_by": self.county.people["gao"],
            "proposed_at": hours.now(),
            "granted": True,
            "decided_by": self.county.people["liu"],
        }

        def work(store: links.Store) -> int:
            link_id = store.new_ids(ProviderLink, 1)[0]
            store.insert(ProviderLink, [{"id": link_id, **row, "decided_at": hours.now(), "ended_at": None}])
            return link_id

        return self.county.database.write(work)

    def set_out(self, client: FlaskClient, onward: str = "", page: str = "/sign-in") -> str:
        """The address that the browser is led to."""
        answer = post(client, page, "/sign-in/provider", {"next": onward})
        assert answer.status_code == 200, words_of(answer.text)
        return html.unescape(AWAY.findall(answer.text)[0])

    def back(self, client: FlaskClient, address: str) -> dict[str, str]:
        """What the page holds on which the browser comes back."""
        parts = urlsplit(address)
        page = client.get(f"{parts.path}?{parts.query}")
        assert page.status_code == 200
        return {name: html.unescape(value) for name, value in FIELD.findall(page.text)}

    def finish(self, client: FlaskClient, brought: dict[str, str]) -> TestResponse:
        """The form of that page, sent."""
        return client.post("/sign-in/provider/finish", data=brought)

    def come_in(self, client: FlaskClient, onward: str = "", page: str = "/sign-in") -> TestResponse:
        """The whole way, from a page with a form."""
        return self.finish(client, self.back(client, self.there(self.set_out(client, onward, page))))


def house(county: County, home: Path, issuer: str, there: WHOLE_WAY, **more: str) -> House:
    secret = home.parent / "oidc.secret"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    secret.chmod(0o600)
    told = {"ISSUER": issuer, "CLIENT_ID": CLIENT, "SECRET_FILE": str(secret), "HOSTS": "127.0.0.1"}
    settings = {f"DUBAN_OIDC_{name}": value for name, value in told.items()}
    app = site(county, home, DUBAN_SITE_URL="http://localhost", **settings, **more)
    return House(app, county, issuer, there)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A real provider, in its own process."""
    with real_provider() as told:
        yield told


@pytest.fixture
def real(county: County, home: Path, issuer: str) -> House:
    """A site that knows the real provider."""
    return house(county, home, issuer, lambda address: sign_in_there(address, "u-1"))


@pytest.fixture
def other() -> Iterator[Liar]:
    """A provider that lies as it is told to."""
    with liar() as told:
        yield told


@pytest.fixture
def lied_to(county: County, home: Path, other: Liar) -> House:
    """A site that knows it."""
    return house(county, home, other.issuer, other.sign_in)


@contextmanager
def _spoken_to_in(there: House) -> Iterator[None]:
    """Somebody else waits for the provider meanwhile."""
    with there.app.test_request_context(), _spoken_to():
        yield


def faults(county: County) -> list[str]:
    """What the trail says of whoever was not let in."""
    told = [json.loads(row["facts"]) for row in rows_of(county, Trail) if row["action"] == "sign_in_failed"]
    return [facts["what"] for facts in told]


# ---- in -------------------------------------------------------------------------------------------------------------------


def test_whoever_is_linked_signs_in_over_a_real_provider_and_goes_on_where_he_was(real: House) -> None:
    real.link("lin", "u-1")
    client = real.app.test_client()
    done = real.come_in(client, "/inbox?x=1")
    assert (done.status_code, done.headers["Location"]) == (303, "/inbox?x=1")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None and cookie.http_only and cookie.same_site == "Strict"
    assert client.get_cookie(TRIP) is None
    assert "林静" in words_of(client.get("/inbox").text)
    told = [json.loads(row["facts"]) for row in rows_of(real.county, Trail) if row["action"] == "sign_in"]
    assert [(facts["actor"], facts["what"]) for facts in told] == [(real.county.people["lin"], "provider")]


def test_whoever_is_not_linked_is_told_who_he_is_there_and_gets_no_account(real: House) -> None:
    people = len(rows_of(real.county, Person))
    real.county.database.write(lambda store: store.update(Person, {"email": "u-1"}, id=real.county.people["lin"]))
    client = real.app.test_client()
    answer = real.come_in(client)
    assert answer.status_code == 403
    assert "没有和这个身份对应的可用账号" in words_of(answer.text) and "u-1" in answer.text
    assert client.get_cookie(COOKIE) is None, "the provider says u-1 as his mail too"
    assert len(rows_of(real.county, Person)) == people
    assert faults(real.county) == ["provider not_linked"]


def test_a_suspended_account_and_an_ended_link_get_the_answer_of_none(real: House) -> None:
    real.link("lin", "u-1")
    first = real.app.test_client()
    real.come_in(first)
    lin = real.county.people["lin"]
    real.county.database.write(lambda store: accounts.disable(store, person_id=lin, now=hours.now()))
    assert first.get("/inbox").status_code == 302, "his session ended"
    assert real.come_in(real.app.test_client()).status_code == 403
    real.county.database.write(lambda store: accounts.enable(store, person_id=lin, now=hours.now()))
    assert real.come_in(real.app.test_client()).status_code == 403, "enabling brings no link back"


def test_signing_out_ends_the_session_and_the_next_sign_in_asks_there_again(real: House) -> None:
    real.link("lin", "u-1")
    client = real.app.test_client()
    real.come_in(client)
    post(client, "/sessions", "/sign-out", {})
    assert client.get("/inbox").status_code == 302
    asked = dict(parse_qsl(urlsplit(real.set_out(client)).query))
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")


def test_whoever_gives_up_there_is_back_at_the_door(real: House) -> None:
    client = real.app.test_client()
    back = sign_in_there(real.set_out(client), "", action="deny")
    state = dict(parse_qsl(urlsplit(real.set_out(client)).query))["state"]
    brought = {**real.back(client, back), "state": state}
    assert brought["error"] == "access_denied"
    answer = real.finish(client, brought)
    assert answer.status_code == 401
    assert "没有证明是你本人" in words_of(answer.text)
    assert faults(real.county) == ["provider cancelled"]


def test_where_the_provider_is_away_one_sentence_says_so_and_passwords_work(county: County, home: Path) -> None:
    with real_provider() as issuer:
        pass
    there = house(county, home, issuer, lambda address: address)
    client = there.app.test_client()
    answer = post(client, "/sign-in", "/sign-in/provider", {})
    assert answer.status_code == 503
    assert "统一身份认证现在连不上" in words_of(answer.text) and 'name="password"' in answer.text
    assert signed_in(there.app, county, "lin", hours.now()).get("/inbox").status_code == 200


def test_a_slow_provider_holds_up_a_few_and_not_the_whole_site(
    lied_to: House, other: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.session.provider._waiting", threading.BoundedSemaphore(1))
    client = lied_to.app.test_client()
    with _spoken_to_in(lied_to):
        assert post(client, "/sign-in", "/sign-in/provider", {}).status_code == 503
    assert other.asked == []
    assert lied_to.set_out(client)


def test_a_long_way_onward_is_let_go(lied_to: House) -> None:
    lied_to.link("lin", "u-1")
    for length, led in ((1_000, f"/ledger?q={'x' * 1_000}"), (2_000, "/")):
        assert lied_to.come_in(lied_to.app.test_client(), f"/ledger?q={'x' * length}").headers["Location"] == led


def test_a_site_without_a_provider_has_neither_button_nor_address(app: Flask) -> None:
    client = app.test_client()
    assert "统一身份认证" not in client.get("/sign-in").text
    assert client.get("/sign-in/provider/back?code=x&state=y").status_code == 404
    assert client.post("/sign-in/provider/finish", data={"state": "y"}).status_code == 404
    assert post(client, "/sign-in", "/sign-in/provider", {}).status_code == 404


# ---- the second factor, and a fresh proof -----------------------------------------------------------------------------------


def test_the_provider_s_word_is_the_first_factor_and_never_the_second(county: County, home: Path, other: Liar) -> None:
    there = house(county, home, other.issuer, other.sign_in, DUBAN_SECOND_FACTOR="clues")
    office = Office(there.app, county)
    there.link("lin", "u-1")
    other.claims = {"amr": ["otp", "hwk", "mfa"], "acr": "http://schemas.openid.net/pape/policies/2007/06/multi-factor"}
    client = there.app.test_client()
    there.come_in(client)
    assert client.get("/inbox").headers["Location"].startswith("/factors"), "without a factor he has to get one first"
    secret = office.enrol("lin")
    client = there.app.test_client()
    there.come_in(client)
    assert client.get("/inbox").headers["Location"].startswith("/factor?")
    assert "统一身份认证已通过" in words_of(client.get("/factor").text)
    office.show(client, secret)
    assert client.get("/inbox").status_code == 200
    office.age()
    asked = client.get("/ledger/export.csv?kind=rectification")
    assert asked.status_code == 401 and "proof_code" in asked.text
    there.come_in(client, page="/inbox")
    assert client.get("/ledger/export.csv?kind=rectification").status_code == 401, "going there again is no second factor"


def aged(there: House, client: FlaskClient) -> None:
    """Somebody who came in a while ago."""
    there.come_in(client)
    Office(there.app, there.county).age()


def test_whoever_has_no_factor_proves_himself_there_again_and_goes_on_where_he_was(real: House) -> None:
    real.link("lin", "u-1")
    client = real.app.test_client()
    aged(real, client)
    before = client.get_cookie(COOKIE)
    form = token(client, "/inbox")
    address = "/ledger/export.csv?kind=rectification"
    asked = client.get(address)
    assert asked.status_code == 401 and "proof_password" not in asked.text
    assert 'target="_blank"' in asked.text
    proved = real.come_in(client, page="/inbox")
    assert proved.status_code == 200 and "已确认" in words_of(proved.text)
    after = client.get_cookie(COOKIE)
    assert before is not None and after is not None and before.value != after.value
    with client.get(address) as export:
        assert export.status_code == 200
    # The page that waited in the other tab still has a form that counts.
    assert client.post("/prove", data={"next": address, "csrf_token": form}).status_code == 200


def test_somebody_else_s_proof_or_an_old_sign_in_there_is_none_of_his(lied_to: House, other: Liar) -> None:
    lied_to.link("lin", "u-1")
    lied_to.link("zhou", "u-2")
    client = lied_to.app.test_client()
    aged(lied_to, client)
    for claims, fault in (
        ({"sub": "u-2"}, "other_person"),
        ({"sub": "u-3"}, "other_person"),
        ({"auth_time": int((hours.now() - timedelta(minutes=3)).timestamp())}, "auth_time"),
    ):
        other.claims = claims
        assert lied_to.come_in(client, page="/inbox").status_code == 401
        assert faults(lied_to.county)[-1] == f"provider {fault}"
        assert client.get("/ledger/export.csv?kind=rectification").status_code == 401
    assert "林静" in words_of(client.get("/inbox").text), "he is still himself"


def test_a_one_time_password_proves_nobody_who_came_from_the_provider(lied_to: House) -> None:
    lied_to.link("lin", "u-1")
    client = lied_to.app.test_client()
    known = accounts.issue_password(lied_to.county.database, person_id=lied_to.county.people["lin"], now=hours.now())
    aged(lied_to, client)
    answer = client.post("/prove", data={"next": "/exports", "proof_password": known, "csrf_token": token(client, "/inbox")})
    assert answer.status_code == 401
    assert client.get("/inbox").status_code == 200, "nor does he have to change it"


# ---- pretending -------------------------------------------------------------------------------------------------------------


def test_a_link_with_somebody_else_s_code_signs_nobody_in(lied_to: House) -> None:
    lied_to.link("lin", "u-1")
    attacker, victim = lied_to.app.test_client(), lied_to.app.test_client()
    brought = lied_to.back(victim, lied_to.there(lied_to.set_out(attacker)))
    assert lied_to.finish(victim, brought).status_code == 401, "a browser that never set out"
    lied_to.set_out(victim)
    assert lied_to.finish(victim, brought).status_code == 401, "nor one on a trip of its own"
    assert victim.get_cookie(COOKIE) is None
    assert faults(lied_to.county) == ["provider trip_over"] * 2


def test_a_code_and_a_state_are_good_once(lied_to: House) -> None:
    lied_to.link("lin", "u-1")
    client = lied_to.app.test_client()
    brought = lied_to.back(client, lied_to.there(lied_to.set_out(client)))
    kept = client.get_cookie(TRIP)
    assert kept is not None
    assert lied_to.finish(client, brought).status_code == 303
    again = lied_to.app.test_client()
    again.set_cookie(TRIP, kept.value)
    assert lied_to.finish(again, brought).status_code == 401
    assert faults(lied_to.county) == ["provider trip_over"]


def test_a_state_is_used_up_also_by_who_brought_nothing_right(lied_to: House, other: Liar) -> None:
    lied_to.link("lin", "u-1")
    client = lied_to.app.test_client()
    brought = lied_to.back(client, lied_to.there(lied_to.set_out(client)))
    kept = client.get_cookie(TRIP)
    assert kept is not None
    assert lied_to.finish(client, {**brought, "code": "guessed"}).status_code == 401
    client.set_cookie(TRIP, kept.value)
    assert lied_to.finish(client, brought).status_code == 401
    assert other.asked.count("/token_endpoint") == 1


def test_a_trip_is_over_after_ten_minutes(lied_to: House) -> None:
    lied_to.link("lin", "u-1")
    client = lied_to.app.test_client()
    brought = lied_to.back(client, lied_to.there(lied_to.set_out(client)))
    table, then = table_of(ProviderTrip), hours.now() - timedelta(minutes=10)
    lied_to.county.database.write(lambda store: store.execute(table.update().values(begun_at=then)))
    assert lied_to.finish(client, brought).status_code == 401


def test_a_token_of_another_trip_signs_nobody_in(lied_to: House, other: Liar) -> None:
    lied_to.link("lin", "u-1")
    client = lied_to.app.test_client()
    other.claims = {"nonce": "of another trip"}
    assert lied_to.come_in(client).status_code == 401
    assert faults(lied_to.county) == ["provider nonce"]


def test_coming_back_changes_nothing_until_the_form_is_sent(lied_to: House, other: Liar) -> None:
    client = lied_to.app.test_client()
    address = urlsplit(lied_to.there(lied_to.set_out(client)))
    asked = len(other.asked)
    answer = client.get(f"{address.path}?{address.query}&x=%22%3E%3Cscript%3E")
    assert "Set-Cookie" not in answer.headers, "open pages keep the tokens of their forms"
    assert len(other.asked) == asked
    assert [row["used_at"] for row in rows_of(lied_to.county, ProviderTrip)] == [None]
    assert rows_of(lied_to.county, SignIn) == []


@pytest.mark.parametrize(
    "onward",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "/\t/elsewhere.example", "javascript:x"],
)
def test_nobody_is_led_elsewhere_after_signing_in(lied_to: House, onward: str) -> None:
    lied_to.link("lin", "u-1")
    client = lied_to.app.test_client()
    assert lied_to.come_in(client, onward).headers["Location"] == "/"
    # Nor by a cookie that somebody else's page could have set on a site without TLS.
    other = lied_to.app.test_client()
    brought = lied_to.back(other, lied_to.there(lied_to.set_out(other)))
    kept = other.get_cookie(TRIP)
    assert kept is not None
    secret = kept.value.partition(".")[0]
    other.set_cookie(TRIP, f"{secret}.{urlsafe_b64encode(onward.encode()).decode()}")
    assert lied_to.finish(other, brought).headers["Location"] == "/"


def test_setting_out_wants_the_form_s_token_and_leads_to_the_provider_alone(lied_to: House) -> None:
    client = lied_to.app.test_client()
    assert client.post("/sign-in/provider").status_code == 400
    address = lied_to.set_out(client)
    assert address.startswith(f"{lied_to.issuer}/authorization_endpoint?")
    asked = dict(parse_qsl(urlsplit(address).query))
    assert asked["redirect_uri"] == "http://localhost/sign-in/provider/back", "whatever host was asked"
    trip = client.get_cookie(TRIP)
    assert trip is not None and trip.same_site == "Lax"
    # What is kept here finds no trip and no person.
    kept = json.dumps([dict(row) for row in rows_of(lied_to.county, ProviderTrip)], default=str)
    assert not any(value in kept for value in asked.values() if len(value) > 20)


def test_over_tls_the_trip_has_the_cookie_that_no_other_host_can_set(lied_to: House) -> None:
    client, here = lied_to.app.test_client(), "https://localhost"
    found = FORM.search(client.get("/sign-in", base_url=here).text)
    assert found
    told = {"data": {"csrf_token": found[1]}, "headers": {"Referer": f"{here}/sign-in"}}
    cookie = client.post("/sign-in/provider", base_url=here, **told).headers["Set-Cookie"]
    assert cookie.startswith(f"__Host-{TRIP}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    # What a plain page, or whoever speaks for it, has set begins nothing here.
    plain = lied_to.app.test_client()
    brought = lied_to.back(plain, lied_to.there(lied_to.set_out(plain)))
    assert plain.post("/sign-in/provider/finish", data=brought, base_url=here).status_code == 401


def test_a_session_from_before_is_not_the_one_after(lied_to: House) -> None:
    lied_to.link("lin", "u-1")
    client = lied_to.app.test_client()
    client.set_cookie(COOKIE, "chosen by somebody else")
    lied_to.come_in(client)
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None and cookie.value != "chosen by somebody else"


def test_the_secret_is_on_no_page_and_in_no_log(lied_to: House, other: Liar, caplog: pytest.LogCaptureFixture) -> None:
    client = lied_to.app.test_client()
    pages = [client.get("/sign-in").text, post(client, "/sign-in", "/sign-in/provider", {}).text]
    other.claims = {"iss": "x"}
    pages.append(lied_to.come_in(client).text)
    assert not any(SECRET in page for page in (*pages, caplog.text))
    told = json.dumps([dict(row) for row in rows_of(lied_to.county, Trail)], default=str)
    assert SECRET not in told
    assert "code 2" not in told and "u-1" not in told
