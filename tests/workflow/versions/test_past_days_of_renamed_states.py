"""A version gives states other keys: on days before it, and of what was done then, nobody sees more or less than he did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.factories import at
from tests.workflow.looking import case_row
from tests.workflow.versions.conftest import TODAY, Document, Office
from tests.workflow.versions.test_changing_a_running_kind import rename
from workflow.reads.case_page import case_page
from workflow.reads.counts import count_of
from workflow.reads.query import Query

REGISTERED, HANDED_OVER = date(2026, 3, 2), date(2026, 3, 9)
INNER = "金丝雀：该村书记软弱"
EVERYBODY = ("lin", "zhou", "chen", "he")


def other_keys(document: Document) -> None:
    """One state that is kept from the village and one that is open to it."""
    rename(document, "received", "registered")
    rename(document, "transferred", "assigned")


def other_rules(document: Document) -> None:
    """The same, by rules of which each lets those it is for do something else than before."""
    other_keys(document)
    for rule in document["access"]:
        rule["may"] = "act" if rule["may"] == "read" else "read"


@pytest.fixture
def item(office: Office) -> int:
    """An item about which the county talked before it came to 东沟村."""
    county = office.county
    case_id = county.open_item(at(REGISTERED), feedback_on=REGISTERED.isoformat())
    county.engine.comment(case_id, actor=county.actor("lin"), now=at(REGISTERED, 12), text=INNER)
    county.hand_over(case_id, at(HANDED_OVER))
    return case_id


def found(office: Office, login: str) -> list[int]:
    """How many items somebody finds on the day of the registration, on that of the hand-over and the day before the version."""
    actor = office.county.actor(login, TODAY)

    def counted(on: date) -> int:
        query = Query(("rectification",), band="all", as_of=on)
        return office.county.engine.read(at(TODAY, 15), lambda store, occasion: count_of(store, occasion, actor, query)).n

    return [counted(on) for on in (REGISTERED, HANDED_OVER, TODAY - timedelta(1))]


def timeline(office: Office, login: str, case_id: int) -> str:
    """What the page of the item says of its history."""
    actor = office.county.actor(login, TODAY)
    page = office.county.engine.read(at(TODAY, 15), lambda store, occasion: case_page(store, occasion, actor, case_id))
    return str(page.timeline)


@pytest.mark.parametrize("edit", [other_keys, other_rules])
def test_a_renamed_state_is_open_or_kept_as_it_was(office: Office, item: int, edit: Callable[[Document], None]) -> None:
    def told() -> dict[str, tuple[list[int], bool]]:
        return {login: (found(office, login), INNER in timeline(office, login, item)) for login in EVERYBODY}

    before = {"lin": ([1, 1, 1], True), **dict.fromkeys(EVERYBODY[1:], ([0, 1, 1], False))}
    assert told() == before
    office.change(edit, states={"received": "registered", "transferred": "assigned"})
    assert case_row(office.county, item)["state"] == "assigned"
    assert told() == before


def test_a_state_that_one_version_keeps_and_another_opens_is_kept_on_past_days(office: Office, item: int) -> None:
    def open_to_all(document: Document) -> None:
        for rule in document["access"]:
            rule.pop("in", None)

    office.change(open_to_all)
    for login in EVERYBODY[1:]:
        assert (found(office, login), INNER in timeline(office, login, item)) == ([0, 1, 1], False), login
