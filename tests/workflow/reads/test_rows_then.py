"""What a row of a past day says beside its state: who handled it, how often its holder was reminded, how many measures it had."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import MONDAY, County, at
from tests.workflow.looking import rows_of
from workflow.models import Case
from workflow.reads.ledger import page
from workflow.reads.query import Query
from workflow.reads.rows import LedgerRow

LATER = MONDAY + timedelta(100)


def row_on(county: County, day: date | None, login: str = "lin") -> LedgerRow:
    """The one item as it stood at the end of a day; None: as it stands."""
    query = Query(kinds=("rectification",), band="all", as_of=day)
    (row,) = county.engine.read(
        at(LATER), lambda store, occasion: page(store, occasion, county.actor(login, MONDAY), query).rows
    )
    return row


def told(row: LedgerRow) -> tuple[str, int, int, int]:
    """Who handles it, how often it was reminded, and the measures: done and all."""
    return row.assignee, row.reminded, row.measures_done, row.measures


def plan_of_two(county: County) -> dict[str, Any]:
    """The answers of a plan with two measures of one village."""
    line = {
        "text": "换灯",
        "unit": county.organs["donggou_branch"],
        "person": "周明远",
        "due_words": "长期",
        "label": "long_term",
    }
    told = {"cause": "老化", "first_responsible_post": "书记", "first_responsible": "周明远"}
    return {**told, "measures": [line, line]}


@pytest.fixture
def item(county: County) -> int:
    """An item whose days each bring something: the plan, who handles it, a reminder, a measure done, another person."""
    case_id = county.supervised_item(at(MONDAY))
    county.fire(case_id, "submit_plan", "zhou", at(MONDAY + timedelta(1)), **plan_of_two(county))
    zhou = county.actor("zhou", MONDAY)
    county.engine.assign(case_id, actor=zhou, now=at(MONDAY + timedelta(2)), person_id=county.people["sun"])
    county.fire(case_id, "remind", "lin", at(MONDAY + timedelta(3)), remind_by="sheet")
    county.engine.assign(case_id, actor=zhou, now=at(MONDAY + timedelta(5)), person_id=county.people["zhou"])
    county.fire(case_id, "remind", "lin", at(MONDAY + timedelta(6)), remind_by="sheet")
    return case_id


def test_each_day_says_what_was_so_at_its_end(county: County, item: int) -> None:
    days = {
        0: ("", 0, 0, 0),
        1: ("", 0, 0, 2),
        2: ("孙志强", 0, 0, 2),
        3: ("孙志强", 1, 0, 2),
        5: ("周明远", 1, 0, 2),
        6: ("周明远", 2, 0, 2),
    }
    assert {n: told(row_on(county, MONDAY + timedelta(n))) for n in days} == days
    assert told(row_on(county, None)) == days[6]


def test_a_measure_is_done_from_its_day_on_and_what_is_dropped_counts_until_then(county: County, item: int) -> None:
    done, dropped = sorted(row["id"] for row in rows_of(county, Case, parent_id=item))
    proof = county.keep_file("照片", "zhou")
    county.engine.add_evidence(done, actor=county.actor("zhou", MONDAY), now=at(MONDAY + timedelta(8)), file_id=proof)
    county.fire(done, "complete", "zhou", at(MONDAY + timedelta(8)), note="已换", ground="completed")
    county.fire(dropped, "conclude", "zhao", at(MONDAY + timedelta(10)), note="并入", ground="merged")
    days = {7: (0, 2), 8: (1, 2), 9: (1, 2), 10: (1, 1)}
    assert {n: told(row_on(county, MONDAY + timedelta(n)))[2:] for n in days} == days
    assert told(row_on(county, None))[2:] == days[10]
