"""Everybody is shown the guide of his own work, may read the others', and is shown round once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from config.vocabulary import load_vocabulary
from tests import hours
from tests.factories import County
from tests.web.site import post, signed_in, words_of
from tests.workflow.looking import rows_of
from web.help.guides import GUIDES, OF_ORGANS, OF_ROLES, guide_of
from web.language import COOKIE
from workflow.models import Case, Person

CURRENT = re.compile(r'aria-current="page">([^<]+)</a></li>')


@pytest.mark.parametrize(
    ("login", "guide", "home"),
    [
        ("lin", "supervisor", "/ledger"),
        ("gao", "leader", "/inbox"),
        ("he", "committee", "/inbox"),
        ("ma", "county", "/inbox"),
        ("chen", "party", "/inbox"),
        ("zhou", "village", "/village"),
    ],
)
def test_the_help_begins_with_ones_own_guide_and_the_day_on_its_page(
    app: Flask, county: County, login: str, guide: str, home: str
) -> None:
    client = signed_in(app, county, login, hours.now())
    assert guide_of(county.actor(login)).key == guide
    assert client.get("/").headers["Location"] == home
    shown = client.get("/help").text
    assert CURRENT.findall(shown.partition("help-roles")[2]) == [GUIDES[guide].title]
    assert all(step.title in shown for step in GUIDES[guide].steps)


def test_every_role_of_the_county_has_a_guide_and_every_guide_a_role() -> None:
    roles = load_vocabulary()["roles"]
    assert set(OF_ORGANS) == {kind for role in roles.values() for kind in role.get("posts", ())}
    assert set(OF_ROLES) == {key for key, role in roles.items() if "posts" not in role}
    assert {guide.key for guide in (*OF_ORGANS.values(), *OF_ROLES.values())} == set(GUIDES)


def test_everybody_may_read_every_guide_and_there_are_no_others(app: Flask, county: County) -> None:
    client = signed_in(app, county, "zhou", hours.now())
    for key in GUIDES:
        assert client.get(f"/help/{key}").status_code == 200
    assert client.get("/help/nothing").status_code == 404


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_a_guide_has_the_pictures_of_its_readers_language(app: Flask, county: County, language: str) -> None:
    client = signed_in(app, county, "lin", hours.now())
    client.set_cookie(COOKIE, language)
    shown = re.findall(r'src="/static/help/([^/"]+)/', client.get("/help/supervisor").text)
    assert shown and set(shown) == {language}


def test_who_is_new_is_shown_round_until_he_says_so(app: Flask, county: County) -> None:
    county.database.write(lambda store: store.update(Person, {"toured_at": None}, id=county.people["lin"]))
    lin, song = (signed_in(app, county, login, hours.now()) for login in ("lin", "song"))
    assert "第一次来" in words_of(lin.get("/ledger").text)
    assert "第一次来" not in words_of(lin.get("/overview").text)
    assert "第一次来" not in words_of(song.get("/ledger").text)
    assert post(lin, "/ledger", "/tour", {}).headers["Location"] == "/"
    assert "第一次来" not in words_of(lin.get("/ledger").text)


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_the_tour_names_each_of_the_figures_above_the_inbox(app: Flask, county: County, language: str) -> None:
    began = hours.now() - timedelta(days=120)
    county.supervised_item(began, immediate="rectify_now", period="default_immediate", first_check="county")
    county.engine.tick(hours.now() - timedelta(minutes=5))
    talk = int(rows_of(county, Case, kind="interview")[0]["id"])
    county.fire(talk, "order", "zhao", hours.now() - timedelta(minutes=4))
    county.database.write(lambda store: store.update(Person, {"toured_at": None}, id=county.people["chen"]))
    client = signed_in(app, county, "chen", hours.now())
    client.set_cookie(COOKIE, language)
    page = client.get("/inbox").text
    figures = re.findall(r'class="jump-title">([^<]+)<', page)
    hint = words_of(page.partition('<a href="#bands">')[2].partition("</a>")[0])
    named = re.split(r"[、,]", re.split(r"[：:]", re.split(r"[，.]", hint)[0])[1])
    assert len(figures) == 5
    assert [one.partition("（")[0].partition("(")[0].strip().lower() for one in named] == [one.lower() for one in figures]
