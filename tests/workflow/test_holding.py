"""practice.md §9.1 G8: a pause stops all clocks of a case, a hold its own; each ends by its own verb and leaves the other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from states.errors import TransitionRefused
from tests.factories import County, at
from tests.workflow.looking import case_row, rows_of
from workflow.models import Clock

DAY = date(2026, 3, 26)
LATER = date(2026, 4, 10)


@pytest.fixture
def clue(county: County) -> int:
    """A clue that the township's discipline committee handles and has reported its disposal of."""
    subject, told = county.organs["donggou_branch"], {"summary": "虚报危房改造补助", "managed_by": "village"}
    lin = county.actor("lin")
    case_id = county.engine.open("clue", actor=lin, now=at(DAY, 9), title="线索", subject_id=subject, data=told).case_id
    recipient = county.organs["liuhe_discipline"]
    county.fire(case_id, "transfer", "zhao", at(DAY, 10), recipient=recipient, hand_over_mode="transfer")
    county.fire(case_id, "sign_for", "luo", at(DAY, 11))
    return case_id


def statuses(county: County, case_id: int) -> dict[str, str]:
    """Clock by clock whether it runs."""
    found = rows_of(county, Clock, case_id=case_id)
    return {row["key"]: row["status"] for row in found if row["status"] in ("armed", "paused")}


def hold(county: County, case_id: int) -> None:
    county.fire(case_id, "hold", "he", at(DAY, 12), hold_reason="当事人外出")


def release(county: County, case_id: int, on: date = LATER) -> None:
    county.fire(case_id, "release", "he", at(on, 12), release_reason="当事人已回")


def pause(county: County, case_id: int) -> None:
    told = {"reason": "汛期", "approver": "高建国", "max_days": 60}
    county.engine.pause(case_id, actor=county.actor("zhao"), now=at(DAY, 13), **told)


def resume(county: County, case_id: int) -> None:
    county.engine.resume(case_id, actor=county.actor("zhao"), now=at(LATER, 13), reason="汛期已过")


def test_what_a_hold_has_stopped_is_not_resumed_but_released(county: County, clue: int) -> None:
    hold(county, clue)
    assert statuses(county, clue) == {"feedback": "paused", "whole_case": "armed", "hold_review": "armed"}
    with pytest.raises(TransitionRefused) as refused:
        resume(county, clue)
    assert refused.value.params["why"] == [{"name": "is_held"}]
    release(county, clue)
    assert statuses(county, clue) == {"feedback": "armed", "whole_case": "armed"}
    assert case_row(county, clue)["paused_since"] is None


def test_a_held_clue_can_be_paused_and_goes_on_being_held_when_it_is_resumed(county: County, clue: int) -> None:
    hold(county, clue)
    pause(county, clue)
    assert set(statuses(county, clue).values()) == {"paused"}
    with pytest.raises(TransitionRefused) as refused:
        pause(county, clue)
    assert refused.value.params["why"] == [{"name": "is_paused"}]
    resume(county, clue)
    assert statuses(county, clue) == {"feedback": "paused", "whole_case": "armed", "hold_review": "armed"}
    assert case_row(county, clue)["paused_since"] == DAY


def test_a_clue_that_is_paused_stays_so_when_its_hold_is_released(county: County, clue: int) -> None:
    hold(county, clue)
    pause(county, clue)
    release(county, clue, DAY)
    assert statuses(county, clue) == {"feedback": "paused", "whole_case": "paused"}
    resume(county, clue)
    assert set(statuses(county, clue).values()) == {"armed"}


def test_a_hold_of_a_paused_clue_outlasts_the_pause(county: County, clue: int) -> None:
    pause(county, clue)
    county.fire(clue, "hold", "he", at(DAY, 14), hold_reason="当事人外出")
    resume(county, clue)
    assert statuses(county, clue)["feedback"] == "paused"


def test_the_end_of_a_pause_ends_no_hold(county: County, clue: int) -> None:
    hold(county, clue)
    pause(county, clue)
    county.engine.tick(at(DAY + timedelta(60), 9))
    assert statuses(county, clue)["feedback"] == "paused"
    assert statuses(county, clue)["whole_case"] == "armed"
