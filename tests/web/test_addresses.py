"""An address written another way is the same address or none: no mark is lost on the way to a view (security.md R40).

From Bonita CVE-2022-25237, whose filter looked at the end of the address: with `;i18ntranslation` behind it, everything was open.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.copies import Copies
from tests.factories import County, make_county
from tests.web.conftest import Client
from tests.web.test_every_answer import SAMPLES
from web.access import Access

REACHED = "the view was reached"
# As it comes over the wire; the server takes the percent signs out once, and `%25` is what a second taking out would open.
WAYS = (
    *(
        "{0};x",
        "{0};jsessionid=1",
        "{0}/",
        "{0}//",
        "{0}/.",
        "{0}.",
        "{0}%20",
        "{0}%00",
        "{0}.css",
        "{0}%2f",
        "{0}%252e",
        "{0}%3bx",
    ),
    *("{0}/..;/", "{0}/x/..", "/{0}", "/.{0}", "/%2e{0}", "/x/..{0}", "/;x{0}", "/static/..{0}", "/static/%2e%2e{0}"),
    *("/sign-in/..{0}", "/sign-in;{0}", "/%2f{0}"),
)
OFFICE = (Access.SYSTEM_ADMINISTRATOR, Access.SECURITY_ADMINISTRATOR, Access.AUDIT_ADMINISTRATOR, Access.WORKFLOW_ADMINISTRATOR)
GUARDED = (Access.SIGNED_IN, Access.BEARER, *OFFICE)


def reached(**_told: object) -> str:
    """Stands in the place of a view that must not be reached."""
    return REACHED


@pytest.fixture
def county(sqlite_copies: Copies) -> County:
    """The county on one database alone, for no mark is read from there."""
    return sqlite_copies.of(make_county)


@pytest.fixture
def app(app: Flask) -> Flask:
    """The site, whose views behind a mark say that they were reached and do nothing; nothing but the mark is asked."""
    app.config["WTF_CSRF_ENABLED"] = False
    marks = app.extensions["duban_access"]
    app.view_functions |= {endpoint: reached for endpoint in app.view_functions if marks.get(endpoint) in GUARDED}
    return app


def addresses(app: Flask, *marks: Access) -> Iterator[tuple[str, str]]:
    """(method, address) of every route that bears one of the marks."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if app.extensions["duban_access"].get(rule.endpoint) in marks:
                yield _method(rule), _plain(rule)


def _method(rule: Rule) -> str:
    return "GET" if "GET" in (rule.methods or ()) else min((rule.methods or set()) - {"OPTIONS", "HEAD"})


def _plain(rule: Rule) -> str:
    built = rule.build({name: SAMPLES.get(name, 1) for name in rule.arguments})
    assert built is not None
    return built[1]


def answered(client: FlaskClient, method: str, address: str) -> tuple[int, str]:
    """Status and words of an address that the client itself does not put in order."""
    with client.open("/", method=method, environ_overrides={"PATH_INFO": unquote(address)}) as answer:
        return answer.status_code, answer.text


def test_the_views_say_so_to_whoever_may_reach_them(app: Flask, client: Client) -> None:
    lin = client("lin")
    assert answered(lin, "GET", "/ledger") == (200, REACHED)
    assert answered(lin, "GET", "/cases/1/do/remind;x") == (200, REACHED), "a part of an address may be any word"


def test_no_way_of_writing_an_address_leads_past_its_mark(app: Flask) -> None:
    guarded = list(addresses(app, *GUARDED))
    assert len(guarded) > 150
    assert ways_past(app.test_client(), guarded) == []


def test_no_way_of_writing_an_address_leads_past_the_post_that_it_asks_for(app: Flask, client: Client) -> None:
    guarded = list(addresses(app, *OFFICE))
    assert len(guarded) > 20
    assert ways_past(client("lin"), guarded) == []


def ways_past(client: FlaskClient, guarded: list[tuple[str, str]]) -> list[str]:
    """The ways that led to a view or broke something on the way there."""
    asked = [(method, way.format(address)) for method, address in guarded for way in ("{0}", *WAYS)]
    found = [(address, *answered(client, method, address)) for method, address in asked]
    return [address for address, status, text in found if REACHED in text or not 300 <= status < 500]
