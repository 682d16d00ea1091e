"""An order about a clue is read by more people than the clue: nothing on it tells them which clue it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import words_of
from tests.workflow.looking import case_row, rows_of
from workflow.dates import local_day
from workflow.models import Case, Grant

NOW = hours.now()
CLUE = {"summary": "优亲厚友", "managed_by": "village", "identity": ["village_cadre"], "class": "priority"}


@pytest.fixture
def clue(county: County) -> int:
    """A clue that 柳河镇纪委 has left lying until the ladder ordered it to answer; 罗亮 of it may not read clues."""
    began = NOW - timedelta(days=120)
    lin, donggou = county.actor("lin", local_day(began)), county.organs["donggou_branch"]
    title = "反映某村补助发放不公"
    case_id = county.engine.open("clue", actor=lin, now=began, title=title, subject_id=donggou, data=CLUE).case_id
    county.fire(case_id, "transfer", "zhao", began, recipient=county.organs["liuhe_discipline"], hand_over_mode="transfer")
    county.database.write(lambda store: store.update(Grant, {"ceiling": 0}, person_id=county.people["luo"]))
    county.engine.tick(NOW)
    return case_id


def orders_of(county: County) -> list[int]:
    return [row["id"] for row in rows_of(county, Case, kind="supervision_order")]


def test_the_order_says_nothing_of_the_clue_to_whoever_may_not_read_it(client: Client, county: County, clue: int) -> None:
    luo, number = client("luo"), case_row(county, clue)["number"]
    assert luo.get(f"/cases/{clue}").status_code == 404
    orders = orders_of(county)
    assert orders
    for order in orders:
        page = luo.get(f"/cases/{order}")
        assert page.status_code == 200
        for text in (page.text, luo.get("/orders").text, luo.get("/inbox").text, luo.get("/notices").text):
            assert number not in text
            assert "补助发放不公" not in text
        assert f"/cases/{clue}" not in page.text


def test_nobody_finds_the_order_by_the_number_of_the_clue(client: Client, county: County, clue: int) -> None:
    number = case_row(county, clue)["number"]
    told = client("luo").get("/search", query_string={"q": number}).text
    assert all(f"/cases/{order}" not in told for order in orders_of(county))


def test_whoever_reads_both_finds_the_clue_from_the_order(client: Client, county: County, clue: int) -> None:
    assert case_row(county, clue)["number"] in words_of(client("he").get(f"/cases/{orders_of(county)[0]}").text)
