"""Filters of several values, the county's own bodies, groups of a fact with several values: page, query, views and exports agree."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from werkzeug.datastructures import MultiDict

from tests import hours
from tests.factories import County
from tests.shipped.walking import Walk
from tests.web.conftest import Client
from tests.web.ledger.reading import every_row, page, rows_of
from tests.web.ledger.test_groups import groups_of
from tests.web.site import post, words_of
from web.ledger.questions import asked_for, asked_of, query_of
from workflow.dates import local_day
from workflow.reads.ledger import page as read_page

ALSO = re.compile(r'<a class="choice-also" href="([^"]+)" aria-label="([^"]+)"')
CHIP = re.compile(r'<ul class="chips">(.*?)</ul>', re.S)
CHOICE = re.compile(r'<a href="([^"]+)"[^>]*><span>县直</span><span class="count">(\d+)</span>')


def queried(county: County, address: str) -> list[int]:
    """The rows that the engine gives for the query of an address."""
    now = hours.now()
    actor = county.actor("lin", local_day(now))
    query = query_of(asked_of(MultiDict(pair.split("=") for pair in address.split("&"))), ("rectification", "clue"))
    told = county.engine.read(now, lambda store, occasion: read_page(store, occasion, actor, query, limit=500))
    return [row.id for row in told.rows]


def also(text: str, words: str) -> str:
    """The address of a choice that is asked for beside the others."""
    return next(unescape(href) for href, label in ALSO.findall(text) if label == words)


def test_several_values_of_a_filter_are_alternatives_and_each_can_be_let_go(client: Client, county: County) -> None:
    lin = client("lin")
    both = also(page(lin, "/ledger?f.urgency=urgent"), "加上轻")
    assert both == "/ledger?f.urgency=urgent&f.urgency=light"
    text = page(lin, both)
    assert sorted(rows_of(text)) == sorted(queried(county, "f.urgency=urgent&f.urgency=light"))
    assert len(rows_of(text)) == len(rows_of(page(lin, "/ledger"))) == 5
    (chips,) = CHIP.findall(text)
    assert words_of(chips).split() == ["急", "轻"]
    assert also(text, "去掉急") == "/ledger?f.urgency=light"
    # The box and the day beside the filters keep every value of them.
    assert text.count('<input type="hidden" name="f.urgency" value="light">') >= 2


@pytest.mark.parametrize(
    "asked", ["state=received&state=supervised", "holder={donggou_branch}&holder={xitou_branch}", "state=received,supervised"]
)
def test_states_and_holders_may_be_several(client: Client, county: County, asked: str) -> None:
    asked = asked.format(**county.organs)
    found = rows_of(page(client("lin"), f"/ledger?{asked}"))
    assert found == queried(county, asked)
    assert len(found) > 1


def test_a_view_a_count_and_an_export_keep_every_value(client: Client) -> None:
    lin, asked = client("lin"), "f.urgency=urgent&f.urgency=light&q=公示"
    text = page(lin, f"/ledger?{asked}")
    kept = re.search(r'name="query" value="([^"]+)"', text)
    assert kept is not None
    post(lin, "/ledger", "/ledger/views", {"query": unescape(kept[1]), "name": "急和轻"})
    view = re.search(
        r'<a href="([^"]+)"[^>]*>(?:(?!</li>).)*急和轻</span><span class="count">(\d+)', page(lin, "/ledger"), re.S
    )
    assert view is not None
    assert rows_of(page(lin, unescape(view[1]))) == rows_of(text)
    assert int(view[2]) == len(rows_of(text)) == 1
    exported = lin.get(f"/ledger/export.csv?kind=rectification&{asked}").text
    assert "公示栏破损" in exported and "账目不清" not in exported


def test_an_address_of_several_values_is_read_as_it_was_written() -> None:
    asked = asked_of(
        MultiDict([("f.urgency", "urgent"), ("f.urgency", "light"), ("holder", "3"), ("holder", "4"), ("q", "a"), ("q", "b")])
    )
    query = query_of(asked)
    assert (query.facets, query.holder_ids, query.text) == ((("urgency", ("urgent", "light")),), (3, 4), "a")
    assert query_of(asked_for(query)) == query
    assert asked.link("/x") == "/x?f.urgency=urgent&f.urgency=light&holder=3&holder=4&q=a"


@pytest.mark.parametrize("asked", ["holder=3&holder=x", "holder=3&holder=99999999999999999999", "colour=red&colour=%00"])
def test_a_value_among_several_that_means_nothing_is_refused_or_passed_over(client: Client, asked: str) -> None:
    assert client("lin").get(f"/ledger?{asked}").status_code in (200, 400)


def test_the_countys_own_bodies_are_a_choice_with_their_number(client: Client, county: County) -> None:
    began = hours.now() - timedelta(minutes=5)
    county.open_item(began, title="局里的事", subject="bureau")
    lin = client("lin")
    told = CHOICE.search(page(lin, "/ledger"))
    assert told is not None and (unescape(told[1]), told[2]) == ("/ledger?area=0", "1")
    text = page(lin, "/ledger?area=0")
    assert "局里的事" in text and len(rows_of(text)) == 1
    assert re.search(r'<a href="/ledger\?area=0" aria-current="true">', text)


@pytest.mark.parametrize(
    "asked",
    [
        "f.class=priority",
        "f.class=priority&f.class=informed",
        "f.discipline_main=integrity",
        "colour=red",
        "colour=red&colour=yellow",
    ],
)
def test_what_a_page_gives_is_what_the_query_gives(client: Client, county: County, asked: str) -> None:
    began = hours.now() - timedelta(days=150)
    county.supervised_item(began, title="拖了很久")
    day = local_day(began)
    for place, told in enumerate(("priority", "informed", "priority")):
        Walk.open(
            county, "clue", day + timedelta(place), **{"class": told, "discipline_main": "integrity" if place else "work"}
        )
    county.engine.tick(hours.now())
    lin = client("lin")
    wanted = queried(county, asked)
    assert every_row(lin, f"/ledger?{asked}") == wanted
    assert wanted


def test_a_row_of_several_values_stands_in_the_group_of_each_and_the_page_says_so(client: Client, county: County) -> None:
    day = local_day(hours.now()) - timedelta(5)
    for told in (["demands", "skimming"], ["demands"], []):
        Walk.open(county, "clue", day, manifestation=told)
    lin = client("lin")
    text = page(lin, "/ledger?kind=clue&group=f.manifestation")
    groups = groups_of(text)
    assert {title: n for title, (_href, n, _rest) in groups.items()} == {"吃拿卡要": 2, "雁过拔毛": 1, "未填写": 1}
    for href, n, _rest in groups.values():
        assert len(every_row(lin, href)) == n
    assert "各组相加多于总数" in words_of(text)
    assert "各组相加多于总数" not in words_of(page(lin, "/ledger?kind=clue&group=f.class"))
    # Where some values are asked for, those alone are groups, and each is still that of its address.
    narrow = groups_of(page(lin, "/ledger?kind=clue&group=f.manifestation&f.manifestation=demands"))
    assert {title: n for title, (_href, n, _rest) in narrow.items()} == {"吃拿卡要": 2}
    assert len(every_row(lin, narrow["吃拿卡要"][0])) == 2
