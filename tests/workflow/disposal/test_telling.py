"""A disposal waits for a second person: those who may decide hear of it, and whoever proposed it hears what came of it."""

from __future__ import annotations

import json

import pytest

from tests.workflow.disposal.acts import REASON, TITLE, Cellar
from tests.workflow.looking import rows_of
from workflow.models import Grant, Outbox
from workflow.occasions import moved
from workflow.store import Store


def told(cellar: Cellar, message: str) -> set[str]:
    logins = {person_id: login for login, person_id in cellar.county.people.items()}
    return {logins[row["person_id"]] for row in rows_of(cellar.county, Outbox, message=message)}


def test_those_who_may_decide_hear_that_it_waits(cellar: Cellar) -> None:
    cellar.propose(cellar.voided(), cellar.voided())
    assert told(cellar, "disposal_proposed") == {"fang"}, (
        "赵国华 has voided them, 林静 leads nothing, 高建国 leads another body"
    )


def test_whoever_proposes_is_not_told_to_decide(cellar: Cellar) -> None:
    cellar.propose(cellar.voided(), by="fang")
    assert told(cellar, "disposal_proposed") == set()


def test_whoever_may_not_see_one_of_the_cases_hears_of_none(cellar: Cellar) -> None:
    item, clue, county = cellar.voided(), cellar.clue(), cellar.county

    def lower(store: Store) -> None:
        store.update(Grant, {"ceiling": 0}, person_id=county.people["fang"])
        moved(store, "people")

    county.database.write(lower)
    cellar.propose(item, clue)
    assert told(cellar, "disposal_proposed") == set()


def test_the_message_says_how_many_and_nothing_of_any_case(cellar: Cellar) -> None:
    case_id = cellar.clue()
    cellar.propose(case_id)
    (row,) = rows_of(cellar.county, Outbox, message="disposal_proposed")
    assert json.loads(row["params"]) == {"name": "宋伟", "count": 1} and row["case_id"] is None
    assert TITLE not in row["params"] and REASON not in row["params"]


@pytest.mark.parametrize(("granted", "message"), [(True, "disposal_granted"), (False, "disposal_refused")])
def test_whoever_proposed_it_hears_what_was_decided(cellar: Cellar, granted: bool, message: str) -> None:
    disposal_id = cellar.propose(cellar.voided())
    cellar.decide(disposal_id, granted=granted)
    assert told(cellar, message) == {"song"}
    (row,) = rows_of(cellar.county, Outbox, message=message)
    assert json.loads(row["params"]) == {"name": "方磊", "count": 1}
