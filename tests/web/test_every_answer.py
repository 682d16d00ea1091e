"""Every address, to everybody, with every outcome: no cache keeps it, it differs by cookie, it says nothing of the inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import hours
from tests.factories import County
from tests.web.site import post, signed_in, site
from web.security import HEADERS

INSIDE = re.compile(r"Traceback|/workflow/|/web/|\.py\b|SELECT |INSERT |UPDATE |sqlite|psycopg|werkzeug", re.IGNORECASE)
SAMPLES = {
    "form": "csv",
    "name": "week",
    "kind": "rectification",
    "token": "x",
    "word": "x",
    "trigger": "x",
    "clock": "x",
    "key": "x",
    "unit": "organs",
}


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """(method, address) of every rule but the assets'."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            built = rule.build({name: SAMPLES.get(name, 1) for name in rule.arguments})
            if built is None or rule.endpoint == "static":
                continue
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, built[1]


@pytest.fixture(params=["stranger", "lin"])
def caller(app: Flask, county: County, request: pytest.FixtureRequest) -> FlaskClient:
    """Nobody, or somebody signed in."""
    if request.param == "stranger":
        return app.test_client()
    return signed_in(app, county, request.param, hours.now())


def test_no_answer_is_kept_by_a_cache_and_each_differs_by_cookie(app: Flask, caller: FlaskClient) -> None:
    walked = list(addresses(app))
    assert len(walked) > 100
    for method, address in [*walked, ("GET", "/nowhere"), ("DELETE", "/ledger"), ("GET", "/ledger?after=%00")]:
        with caller.open(address, method=method) as answer:
            told = answer.headers
            assert told["Cache-Control"] == "no-store", (method, address)
            assert "Cookie" in told["Vary"], (method, address)
            assert {name for name in HEADERS if name not in told} == set(), (method, address)


def test_signing_out_empties_the_browser_and_nothing_else_does(app: Flask, county: County) -> None:
    lin = signed_in(app, county, "lin", hours.now())
    assert "Clear-Site-Data" not in lin.get("/inbox").headers
    assert post(lin, "/inbox", "/sign-out", {}).headers["Clear-Site-Data"] == '"cache", "storage"'


def test_the_address_of_an_export_is_worth_nothing_to_anybody_else(app: Flask, county: County) -> None:
    county.open_item(hours.now())
    address = "/ledger/export.csv?kind=rectification"
    found = []
    for login in ("lin", "han"):
        with signed_in(app, county, login, hours.now()).get(address) as answer:
            found.append("村务公开栏" in answer.text)
    assert found == [True, False], "each gets what he may see, however the address came to him"
    assert app.test_client().get(address).headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("address", ["/ledger", "/inbox", "/sign-in", "/api/v1/cases"])
def test_a_failure_says_nothing_of_the_inside(county: County, home: Path, address: str) -> None:
    app = site(county, home)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for endpoint in list(app.view_functions):
        app.view_functions[endpoint] = _fails
    for client in (app.test_client(), signed_in_again(site(county, home), app, county)):
        answer = client.get(address, headers={"Accept": "text/html"})
        assert INSIDE.findall(answer.text) == []
        assert "canary" not in answer.text
    assert client.get("/sign-in").status_code == 500


def signed_in_again(first: Flask, app: Flask, county: County) -> FlaskClient:
    """A client of `app` with a session that began at `first`."""
    from web.access import COOKIE

    cookie = signed_in(first, county, "lin", hours.now()).get_cookie(COOKIE)
    assert cookie
    client = app.test_client()
    client.set_cookie(COOKIE, cookie.value)
    return client


def _fails(**_told: object) -> str:
    raise RuntimeError("canary: SELECT * FROM person at /srv/duban/workflow/database.py")


def test_the_addresses_are_the_same_with_debugging_as_without_and_none_is_for_tests(county: County, home: Path) -> None:
    plain, debugged = site(county, home), site(county, home)
    debugged.debug = True
    rules = [sorted(str(rule) for rule in app.url_map.iter_rules()) for app in (plain, debugged)]
    assert rules[0] == rules[1]
    assert [rule for rule in rules[0] if re.search(r"debug|test|console|sample|swagger|redoc|docs", rule)] == []
    assert not plain.debug
    assert not plain.testing
