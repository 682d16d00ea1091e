"""A page is read for so long and no longer; a step, a file that is taken away and the night take their time."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests import hours
from tests.factories import County
from tests.web.site import post, signed_in, site, words_of
from tests.workflow.test_reading_bound import ask_long
from web.access import Access, Route, add_route
from web.current import office
from web.exports.handing import begin


def slow() -> str:
    """Reads more than anybody waits for."""
    return str(office().database.read(ask_long))


def bound() -> str:
    """How long this request may read."""
    return str(office().database.seconds_to_read())


def bound_of_an_export() -> str:
    """How long a request may read that hands a file out."""
    begin("ledger", "csv", 1)
    return bound()


@pytest.fixture
def app(county: County, home: Path) -> Flask:
    made = site(county, home, DUBAN_QUERY_SECONDS="1")
    for view, methods in ((slow, ("GET",)), (bound, ("GET", "POST")), (bound_of_an_export, ("GET",))):
        add_route(made, Route(f"/{view.__name__}", view, Access.SIGNED_IN, methods))
    return made


def test_whoever_asks_for_too_much_is_told_to_ask_for_less_and_goes_on(app: Flask, county: County) -> None:
    lin = signed_in(app, county, "lin", hours.now())
    cut = lin.get("/slow", headers={"Accept-Language": "zh-Hans"})
    assert cut.status_code == 503
    assert "查得太久，已经停下" in words_of(cut.text) and "缩小范围再查" in words_of(cut.text)
    told = lin.get("/slow", headers={"Accept": "application/json"})
    assert (told.status_code, told.json["code"]) == (503, "took_too_long")
    assert lin.get("/ledger").status_code == 200


def test_only_what_is_looked_at_has_the_bound(app: Flask, county: County) -> None:
    lin = signed_in(app, county, "lin", hours.now())
    assert lin.get("/bound").text == "1"
    assert post(lin, "/ledger", "/bound", {}).text == "0"
    assert lin.get("/bound_of_an_export").text == "0"
    assert county.database.seconds_to_read() == 0, "and nobody who asks for himself, as the night does"


def test_a_page_has_half_a_minute_unless_the_settings_say_more(county: County, home: Path) -> None:
    app = site(county, home)
    add_route(app, Route("/bound", bound, Access.SIGNED_IN))
    assert signed_in(app, county, "lin", hours.now()).get("/bound").text == "30"
