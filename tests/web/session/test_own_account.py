"""What somebody does with his own account is on the trail, with his address, in the transaction that does it."""

from __future__ import annotations

import json
import sqlite3

import psycopg
import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError

from tests import hours
from tests.factories import County
from tests.tampering import tamper
from tests.web.session.conftest import Office
from tests.web.session.test_second_factor import FACTOR, SECRET
from tests.web.site import post, token
from tests.workflow.looking import rows_of
from workflow.models import Person, SecondFactor, Token, Trail
from workflow.people import accounts
from workflow.people.accounts import issue_password

NEW = "harbour-lamp-77"


def told(county: County, *actions: str) -> list[str]:
    """What the rows of these actions say, in their order; each of them has who it was, and from where."""
    rows = [json.loads(row["facts"]) for row in rows_of(county, Trail) if row["action"] in actions and row["actor_id"]]
    assert {(row["actor"], row["address"]) for row in rows} <= {(county.people["lin"], "127.0.0.1")}
    return [row["what"] for row in rows]


def entered(office: Office) -> tuple[FlaskClient, str]:
    """Lin, signed in, and the password."""
    county, client = office.county, office.app.test_client()
    password = issue_password(county.database, person_id=county.people["lin"], now=hours.now(), must_change=False)
    form = {"login": "lin", "password": password, "csrf_token": token(client, "/sign-in")}
    assert client.post("/sign-in", data=form).status_code == 302
    return client, password


def test_each_change_of_the_own_account_is_on_the_trail(office: Office) -> None:
    county, (lin, password) = office.county, entered(office)
    begun = post(lin, "/factors", "/factors/generator", {})
    secret, factor = SECRET.search(begun.text), FACTOR.search(begun.text)
    assert secret and factor
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(hours.now())
    assert post(lin, "/factors", "/factors/generator/confirm", {"factor": factor[1], "code": code}).status_code == 200
    before = len(told(county, "account"))
    assert post(lin, "/factors", "/factors/codes", {}).status_code == 200
    assert post(lin, "/tokens", "/tokens", {"label": "接口"}).status_code == 200
    (own,) = rows_of(county, Token)
    assert post(lin, "/tokens", f"/tokens/{own['id']}/end", {}).status_code == 303
    assert post(lin, "/sessions", "/sessions/end-others", {}).status_code == 303
    assert post(lin, "/password", "/password", {"old": password, "new": NEW, "again": NEW}).status_code == 302
    (mine,) = rows_of(county, SecondFactor)
    assert post(lin, "/factors", f"/factors/{mine['id']}/end", {}).status_code == 303
    assert post(lin, "/factors", "/sign-out", {}).status_code == 302
    assert told(county, "account")[before - 1 :] == [
        *("second factor added", "recovery codes made", "token made", f"token {own['id']} ended", "other sessions ended"),
        *("password changed", "second factor given up", "signed out"),
    ]


def test_a_code_that_is_wrong_and_one_that_is_right_are_on_the_trail(office: Office) -> None:
    secret = office.enrol("lin")
    lin = office.client("lin")
    assert post(lin, "/factor", "/factor", {"proof_code": "000000"}).status_code == 401
    assert told(office.county, "sign_in_failed") == ["proof"]
    other = office.client("lin")
    assert office.show(other, secret) == 303
    assert told(office.county, "account") == ["proved by second factor"]


def test_nothing_is_changed_in_an_account_where_that_cannot_be_told(county: County) -> None:
    person_id = county.people["lin"]
    password = issue_password(county.database, person_id=person_id, now=hours.now(), must_change=False)
    before = rows_of(county, Person, id=person_id)
    tamper(county.database.url, "ALTER TABLE trail RENAME TO elsewhere")
    with pytest.raises((DBAPIError, psycopg.Error, sqlite3.Error)):
        accounts.change_password(county.database, person_id=person_id, old=password, new=NEW, now=hours.now())
    assert rows_of(county, Person, id=person_id) == before
