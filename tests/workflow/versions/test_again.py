"""What a migration has set aside is tried once more, by the plan that two people have sealed and by no other."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from states.errors import Conflict, DomainError, NotFound, NotPermitted
from tests.factories import WHY_LATER
from tests.workflow.looking import case_row, rows_of
from tests.workflow.versions.conftest import NOW, TODAY, Document, Office
from tests.workflow.versions.test_changing_a_running_kind import OPENED, nothing, require_whole
from tests.workflow.versions.test_on_the_trail import told
from workflow.models import BulkItem, BulkRun
from workflow.types import Actor
from workflow.verbs.bulk import begin_again


def other_clock(document: Document) -> None:
    """The clock of the item has another key: the old one ends."""
    text = json.dumps(document, ensure_ascii=False).replace('"key": "rectify", ', '"key": "rectifying", ')
    document.clear()
    document.update(json.loads(text))


def stuck(office: Office) -> tuple[int, int]:
    """A case that a later date is asked for, and the run that has set it aside."""
    case_id, engine = office.county.supervised_item(OPENED), office.county.engine
    office.county.supervised_item(OPENED)
    asked: Any = {"clock": "rectify", "wanted_on": date(2026, 6, 20), "reason": "招标未完", "data": WHY_LATER}
    engine.ask_extension(case_id, actor=office.county.actor("zhou", TODAY), now=NOW, **asked)
    run = office.change(other_clock)
    assert run is not None
    return case_id, run


def settle(office: Office, case_id: int) -> None:
    """What stood against it is decided."""
    office.county.fire(case_id, "advise_extension", "chen", NOW, extension_opinion="agreed")
    word: Any = {"clock": "rectify", "granted": False, "reason": "按期办"}
    office.county.engine.decide_extension(case_id, actor=office.county.actor("fang", TODAY), now=NOW, **word)


def again(office: Office, run_id: int, actor: Actor | None = None) -> int:
    """The run over what was set aside."""
    return office.county.engine.administer(lambda desk: begin_again(desk, run_id), actor=actor or office.admin(), now=NOW)


def why(office: Office, run_id: int, error: type[DomainError] = Conflict, actor: Actor | None = None) -> Any:
    """Why nothing is tried."""
    with pytest.raises(error) as refusal:
        again(office, run_id, actor)
    return refusal.value.params.get("why")


def test_what_was_set_aside_comes_over_once_its_obstacle_is_settled(office: Office) -> None:
    county = office.county
    case_id, run = stuck(office)
    before = case_row(county, case_id)["definition_version_id"]
    first = again(office, run)
    assert why(office, run) == "migration_goes_on"
    office.work(first)
    assert [row["status"] for row in rows_of(county, BulkItem, run_id=first)] == ["refused"]
    settle(office, case_id)
    second = again(office, first)
    office.work(second)
    assert [(row["case_id"], row["status"]) for row in rows_of(county, BulkItem, run_id=second)] == [(case_id, "done")]
    assert case_row(county, case_id)["definition_version_id"] != before
    assert why(office, run) == "nothing_left_over"
    publications = {row["publication_id"] for row in rows_of(county, BulkRun)}
    assert len(publications) == 1
    assert told(office)[-1] == ("jiang", f"publication {publications.pop()} again, run {second}")
    require_whole(county)


def test_nothing_is_tried_once_it_goes_back(office: Office) -> None:
    case_id, run = stuck(office)
    settle(office, case_id)
    back = office.both("reverse", run_id=run)
    assert back is not None
    assert why(office, run) == "migration_goes_on"
    office.work(back)
    assert why(office, run) == "nothing_left_over"
    assert why(office, back, NotFound) is None


def test_nor_once_another_version_is_current(office: Office) -> None:
    _case_id, run = stuck(office)
    newer = office.publish(office.preview(office.draft(nothing)))
    assert newer is not None
    office.work(newer)
    assert why(office, run) == "nothing_left_over"


def test_nobody_but_an_administrator_who_is_a_person_tries_again(office: Office) -> None:
    _case_id, run = stuck(office)
    assert why(office, run, NotPermitted, office.county.actor("lin", TODAY)) == "role"
    assert why(office, run, NotPermitted, Actor(None, "operator", sees_all=True)) == "nobody_publishes"
    assert why(office, run + 7, NotFound) is None
