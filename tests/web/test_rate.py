"""One session asks only so fast, and nobody else waits for it."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from tests import hours
from tests.factories import County
from tests.web.site import signed_in, site, words_of
from web.rate import SECONDS_BEFOREHAND, Rates
from workflow.people import tokens


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def hurried(county: County, home: Path) -> tuple[Flask, Clock]:
    """The site with the limit that it has unless it is set, and its clock."""
    app, clock = site(county, home, DUBAN_REQUESTS_PER_SECOND="5"), Clock()
    app.extensions["duban_rates"] = Rates(5, clock)
    return app, clock


def test_a_page_and_all_its_parts_come_at_once_and_who_goes_on_so_waits_a_second_for_five(county: County, home: Path) -> None:
    app, clock = hurried(county, home)
    lin, song = (signed_in(app, county, login, hours.now()) for login in ("lin", "song"))
    asked = [lin.get("/healthz").status_code for _ in range(5 * SECONDS_BEFOREHAND + 20)]
    assert 429 not in asked[: 5 * SECONDS_BEFOREHAND - 5] and asked[-10:] == [429] * 10
    refused = lin.get("/inbox", headers={"Accept-Language": "zh-Hans"})
    assert refused.status_code == 429 and "点得太快了，这一次没有办" in words_of(refused.text) and "1秒后再试" in refused.text
    assert song.get("/inbox").status_code == 200, "nobody else waits"
    clock.now += 1
    assert [lin.get("/inbox").status_code for _ in range(6)] == [200] * 5 + [429]


def test_one_token_is_one_however_the_word_before_it_is_written(county: County, home: Path) -> None:
    app, _clock = hurried(county, home)
    told = {"person_id": county.people["lin"], "label": "接口", "now": hours.now()}
    token, api = county.database.write(lambda store: tokens.create(store, **told)), app.test_client()
    words = [word for word in ("Bearer", "bearer", "BEARER", "bEARER") for _ in range(30)]
    asked = [api.get("/api/v1/me", headers={"Authorization": f"{word} {token}"}) for word in words]
    assert [one.status_code for one in asked] == [200] * 100 + [429] * 20


def test_a_page_that_is_refused_has_no_frame_and_reads_nothing_for_it(county: County, home: Path) -> None:
    app, _clock = hurried(county, home)
    lin = signed_in(app, county, "lin", hours.now())
    assert "<nav" in lin.get("/inbox").text
    while lin.get("/healthz").status_code == 200:
        pass
    assert "<nav" not in lin.get("/inbox").text


def test_what_was_refused_is_not_counted_so_that_waiting_helps() -> None:
    clock = Clock()
    rates = Rates(5, clock)
    assert [rates.wait_for("one") for _ in range(100)] == [0] * 100
    assert {rates.wait_for("one") for _ in range(1000)} == {1}
    clock.now += 0.2
    assert (rates.wait_for("one"), rates.wait_for("one")) == (0, 1)


def test_sessions_that_rest_are_forgotten() -> None:
    clock = Clock()
    rates = Rates(5, clock)
    for n in range(10_000):
        rates.wait_for(str(n))
    clock.now += 1
    assert rates.wait_for("one more") == 0 and len(rates._until) == 1


def test_nothing_is_counted_where_a_proxy_does_it() -> None:
    rates = Rates(0, Clock())
    assert {rates.wait_for("one") for _ in range(1000)} == {0}
