"""A scenario is recorded only from a case that its opening and its steps have made what it is: no other comes to the same again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from states.errors import BadInput
from tests.factories import WHY_LATER, County, at
from tests.workflow.test_kept_back import a_late_item, the_talk
from workflow.imports import begin_run
from workflow.reads.seen import see
from workflow.verbs.adopt import Adoption
from workflow.versions.recorded import scenario_of

BEGUN, LATER = date(2026, 3, 2), date(2026, 3, 3)


def record(county: County, case_id: int, on: date = LATER) -> dict[str, Any]:
    """The scenario of the case, by whoever supervises it, at noon of a day."""
    actor = county.actor("lin", on)
    return county.engine.read(at(on, 12), lambda store, occasion: scenario_of(see(store, occasion, actor, case_id)))


def refuses(county: County, case_id: int, on: date = LATER) -> bool:
    """Is it said that the case is not what a scenario can tell?"""
    with pytest.raises(BadInput) as refusal:
        record(county, case_id, on)
    return refusal.value.params == {"why": "scenario_beside_steps"}


def paused(county: County, case_id: int) -> None:
    told = {"reason": "防汛", "approver": "高建国", "max_days": 30}
    county.engine.pause(case_id, actor=county.actor("zhao"), now=at(LATER), **told)


def amended(county: County, case_id: int, **data: Any) -> None:
    county.engine.amend(case_id, actor=county.actor("lin"), now=at(LATER), data=data, reason="登记有误")


def decided(county: County, case_id: int, *, granted: bool) -> None:
    asked = {"clock": "rectify", "wanted_on": date(2026, 6, 12), "reason": "雨季", "data": WHY_LATER}
    county.engine.ask_extension(case_id, actor=county.actor("zhou"), now=at(LATER), **asked)
    county.fire(case_id, "advise_extension", "chen", at(LATER), extension_opinion="agreed")
    said = {"clock": "rectify", "granted": granted, "reason": "已研究"}
    county.engine.decide_extension(case_id, actor=county.actor("zhao"), now=at(LATER), **said)


BESIDE: dict[str, Callable[[County, int], None]] = {
    "a later date was granted": lambda county, case_id: decided(county, case_id, granted=True),
    "a later date was refused, on which others had their say": lambda county, case_id: decided(county, case_id, granted=False),
    "its clocks stood": paused,
    "a fact that dates it was amended": lambda county, case_id: amended(
        county, case_id, immediate="rectify_now", period="default_immediate"
    ),
}


@pytest.mark.parametrize("done", BESIDE.values(), ids=BESIDE)
def test_a_case_is_not_recorded_once_something_beside_its_steps_has_dated_it(
    county: County, done: Callable[[County, int], None]
) -> None:
    case_id = county.supervised_item(at(BEGUN))
    assert record(county, case_id)["steps"]
    done(county, case_id)
    assert refuses(county, case_id)


def test_a_case_that_came_with_an_old_ledger_is_not_recorded(county: County) -> None:
    lin, now = county.actor("lin"), at(BEGUN)
    run = {"digest": "旧", "name": "旧台账.xlsx", "mapping": ""}
    import_id = county.database.write(lambda store: begin_run(store, actor=lin, now=now, **run))
    organs = {"subject_id": county.organs["donggou_branch"], "supervisor_id": county.organs["office"]}
    came = {"kind": "rectification", "title": "旧账", "state": "received", "import_id": import_id, "row": 1, "digest": "1" * 64}
    adoption = Adoption(**came, **organs, past=(("registered_on", BEGUN - timedelta(30)),))
    assert refuses(county, county.engine.adopt(adoption, actor=lin, now=now).case_id)


def test_a_case_to_which_a_talk_gave_a_date_is_not_recorded(county: County) -> None:
    item = a_late_item(county)
    talk, held = the_talk(county, item), date(2026, 7, 29)
    assert record(county, item.id, date(2026, 7, 13))["expect"]["rungs"], "a talk that is only proposed comes again by itself"
    talk.press("order", "zhao", date(2026, 7, 14))
    talk.press("notify", "chen", date(2026, 7, 20), held_on=held.isoformat())
    talk.press("hold_talk", "chen", held, held_on=held.isoformat())
    talk.prove("chen", held, "signed_record")
    talk.press("record", "chen", held, new_dates={str(item.id): "2026-08-28"})
    talk.press("hand_in", "chen", held)
    assert refuses(county, item.id, date(2026, 7, 30))


def test_what_dates_nothing_and_what_was_taken_back_stand_against_no_recording(county: County) -> None:
    case_id = county.supervised_item(at(BEGUN))
    before = record(county, case_id)
    amended(county, case_id, goal="按月公开")
    paused(county, case_id)
    county.engine.undo(case_id, actor=county.actor("zhao"), now=at(LATER))
    assert record(county, case_id) == before
