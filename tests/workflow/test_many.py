"""One step on many cases: each its own result, one refusal spoils no other, the same request again does nothing twice."""

from __future__ import annotations

from typing import Any

import pytest

from states.errors import CaseNotFound, DomainError, TransitionRefused
from tests.factories import MONDAY, County, at
from tests.workflow.looking import case_row, rows_of
from workflow import engine
from workflow.audit import verify
from workflow.models import Event, Note
from workflow.spells import compare_spells
from workflow.types import Outcome

NOON = at(MONDAY, 12)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three a transaction, so that a few cases make several."""
    monkeypatch.setattr(engine, "BULK_BATCH", 3)


def handed(county: County, ids: list[int], **more: Any) -> dict[int, Outcome | DomainError]:
    told = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}
    return dict(county.engine.fire_many(ids, "transfer", actor=county.actor("song"), now=NOON, data=told, **more))


def test_every_case_has_its_own_result_in_the_order_asked(county: County) -> None:
    ids = [county.open_item(at(MONDAY), feedback_on="2026-03-02") for _ in range(7)]
    asked = ids[::-1]
    found = county.engine.fire_many(
        asked,
        "transfer",
        actor=county.actor("song"),
        now=NOON,
        data={"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"},
    )
    assert [case_id for case_id, _ in found] == asked
    assert {case_row(county, case_id)["state"] for case_id in ids} == {"transferred"}
    assert county.database.read(verify).faults == ()
    assert county.database.read(compare_spells) == []


def test_one_refused_spoils_no_other_of_its_batch(county: County) -> None:
    ids = [county.open_item(at(MONDAY), feedback_on="2026-03-02") for _ in range(5)]
    county.hand_over(ids[1], at(MONDAY, 11))
    found = handed(county, [*ids, 999])
    assert isinstance(found[ids[1]], TransitionRefused) and isinstance(found[999], CaseNotFound)
    assert all(isinstance(found[case_id], Outcome) for case_id in ids if case_id != ids[1])
    assert [len(rows_of(county, Event, case_id=case_id, trigger="transfer")) for case_id in ids] == [1] * 5
    assert len(rows_of(county, Note, kind="refused")) == 1


def test_the_same_request_again_is_answered_and_does_nothing(county: County) -> None:
    ids = [county.open_item(at(MONDAY), feedback_on="2026-03-02") for _ in range(4)]
    first = handed(county, ids, key="k")
    assert handed(county, ids, key="k") == first
    assert [len(rows_of(county, Event, case_id=case_id, trigger="transfer")) for case_id in ids] == [1] * 4


def test_nobody_is_no_work(county: County) -> None:
    assert county.engine.fire_many([], "transfer", actor=county.actor("song"), now=NOON, data={}) == []
