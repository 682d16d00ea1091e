"""The agreed date of an item: asked for where it is the basis of the limit, and moving no clock when it is corrected."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from states.errors import InvalidForm
from tests import hours
from tests.factories import County, local_day_text
from tests.workflow.looking import case_row, clock_row
from workflow.dates import local_day

NOW = hours.now()
SOON, LATER = (local_day_text(NOW + timedelta(days=days)) for days in (20, 40))


def amend(county: County, case_id: int, **data: object) -> None:
    """林静 corrects facts."""
    county.engine.amend(case_id, actor=county.actor("lin"), now=NOW, data=data, reason="更正", version=None)


def refused(county: County, case_id: int, **data: object) -> object:
    """The boxes that are wrong."""
    with pytest.raises(InvalidForm) as error:
        amend(county, case_id, **data)
    return error.value.params["fields"]


def test_an_item_by_its_agreed_date_is_not_registered_without_it(county: County) -> None:
    with pytest.raises(InvalidForm) as error:
        county.open_item(NOW, period="own_date")
    assert error.value.params["fields"] == {"due_on": ["required"]}
    assert county.open_item(NOW, period="own_date", due_on=SOON)


def test_no_correction_leaves_an_item_by_its_agreed_date_without_one(county: County) -> None:
    case_id = county.open_item(NOW)
    assert refused(county, case_id, period="own_date") == {"due_on": ["required"]}
    amend(county, case_id, due_on=SOON)
    amend(county, case_id, due_on=None)  # three months are the basis
    amend(county, case_id, period="own_date", due_on=SOON)
    assert refused(county, case_id, due_on=None) == {"due_on": ["required"]}
    amend(county, case_id, problem="别的事实不受影响")


def test_a_corrected_agreed_date_moves_no_clock_that_runs(county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=9), period="own_date", due_on=SOON)
    due = clock_row(county, case_id, "rectify")["due_on"]
    amend(county, case_id, due_on=LATER)
    assert clock_row(county, case_id, "rectify")["due_on"] == due
    assert case_row(county, case_id)["due_on"] == due
    assert local_day(NOW) < due < date.fromisoformat(LATER)
