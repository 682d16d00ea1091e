"""A version dated ahead is looked at once more on its day: the ledger, and both people who have sealed it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.factories import at
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import TODAY, Document, Office
from tests.workflow.versions.test_changing_a_running_kind import OPENED, nothing, two_months
from workflow import occasions
from workflow.models import Grant, Note, Outbox, Publication
from workflow.store import Store

AHEAD = TODAY + timedelta(14)


def dated(office: Office, impact: Document) -> int:
    """What both have granted for a day ahead."""
    publication = office.propose(impact, from_on=AHEAD)
    told = {"actor": office.admin("kong"), "now": at(TODAY), "granted": True, "seal": impact["seal"]}
    assert office.county.engine.decide_publication(publication, **told) is None
    return publication


def given_up(office: Office) -> str:
    """Why the publication was given up, of which both have heard."""
    assert [row["granted"] for row in rows_of(office.county, Publication)] == [False]
    people = office.county.people
    heard = sorted(row["person_id"] for row in rows_of(office.county, Outbox) if row["message"] == "version_refused")
    assert heard == sorted((people["jiang"], people["kong"]))
    told = json.loads(rows_of(office.county, Note, kind="set_aside")[0]["body"])
    return str(told["why"])


@pytest.mark.parametrize(("cases", "is_given_up"), [(5, False), (6, True)])
def test_a_ledger_that_has_moved_by_the_day_asks_for_a_new_preview(office: Office, cases: int, is_given_up: bool) -> None:
    dated(office, office.preview(office.draft(two_months)))
    for _ in range(cases):
        office.county.supervised_item(at(TODAY + timedelta(3)))
    assert office.county.engine.take_effect(at(AHEAD)) == (0 if is_given_up else 1)
    assert office.county.engine.take_effect(at(AHEAD, 12)) == 0
    if is_given_up:
        assert given_up(office) == "ledger_moved"


@pytest.mark.parametrize("login", ["jiang", "kong"])
def test_whoever_has_left_his_post_by_the_day_publishes_nothing(office: Office, login: str) -> None:
    dated(office, office.preview(office.draft(two_months)))

    def leave(store: Store) -> None:
        store.update(Grant, {"until": AHEAD - timedelta(1)}, person_id=office.county.people[login])
        occasions.moved(store, "people")

    office.county.database.write(leave)
    assert office.county.engine.take_effect(at(AHEAD)) == 0
    assert given_up(office) == "duty_ended"


def test_it_waits_for_cases_that_are_still_put_back(office: Office) -> None:
    office.county.supervised_item(OPENED)
    run = office.change(two_months)
    assert run is not None
    dated(office, office.preview(office.draft(nothing)))
    back = office.both("reverse", run_id=run)
    assert back is not None
    assert office.county.engine.take_effect(at(AHEAD)) == 0
    office.work(back, at(AHEAD, 10))
    assert office.county.engine.take_effect(at(AHEAD, 11)) == 1
