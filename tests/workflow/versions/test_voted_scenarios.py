"""A scenario passes a step on which a body decides: by the real vote of just so many people as it says, and of nobody by name."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from handlers.registry import EFFECTS, RUNGS
from tests.factories import County, at
from tests.workflow.test_votes import DATA, DAY, STEP, document, publish
from tests.workflow.versions.conftest import Document
from web.wiring import shipped_titles, shipped_workflows, vocabulary
from workflow.calendars import shipped
from workflow.reads.seen import see
from workflow.versions import made_county, proving, scenarios
from workflow.versions.recorded import scenario_of

WORDS = vocabulary(shipped_titles())
LATER = date(2026, 3, 27)
OFFICE = made_county.Office(EFFECTS, RUNGS, WORDS.organ_kinds, shipped())


def told(*steps: dict[str, Any], **rule: Any) -> scenarios.Told:
    """What becomes of an item on whose step a body decides by this rule, after these steps."""
    made = document(**rule)
    begun = [{"on": DAY.isoformat(), "do": "transfer"}, {"on": DAY.isoformat(), "do": "sign_for"}]
    facts = {"feedback_on": DAY.isoformat(), "immediate": "ordinary", "period": "three_months", "first_check": "township"}
    scenario = {"title": {"zh-Hans": "集体研究"}, "on": DAY.isoformat(), "until": "2026-04-30", "facts": facts}
    made["scenarios"] = [{**scenario, "steps": [*begun, *steps], "expect": {"state": "supervised"}}]
    return run(made)[0]


def run(made: Document) -> tuple[scenarios.Told, ...]:
    kinds = {kind: told.data for kind, told in shipped_workflows().items()}
    return scenarios.run(made, kinds, OFFICE)


def voted(on: date = LATER, **vote: Any) -> dict[str, Any]:
    return {"on": on.isoformat(), "do": STEP, **({"vote": vote} if vote else {})}


def refused(step: dict[str, Any]) -> dict[str, Any]:
    return {**step, "refused": True}


def whys(one: scenarios.Told) -> list[str]:
    return [str(difference.params.get("why", difference.what)) for difference in one.differences]


def test_a_step_on_which_a_body_decides_is_passed_where_nothing_is_said_of_the_vote() -> None:
    assert told(voted()).differences == ()
    assert told(voted(), least=5, favour="all", quorum="all").differences == ()


@pytest.mark.parametrize(
    ("rule", "vote", "carries"),
    [
        ({}, {"agree": 2, "disagree": 1}, True),
        ({}, {"agree": 2, "disagree": 2}, False),  # half is not more than half
        ({"favour": "two_thirds"}, {"agree": 4, "disagree": 2}, True),
        ({"favour": "two_thirds"}, {"agree": 3, "abstain": 2}, False),
        ({"quorum": "all"}, {"agree": 3, "absent": 1}, False),
        ({"quorum": "all"}, {"agree": 3, "recuse": 1}, True),  # who recuses himself is not counted among them
        ({"least": 3}, {"agree": 2}, False),
        ({"least": 9}, {"agree": 9, "disagree": 4, "absent": 2}, True),  # a body larger than the county has people
    ],
)
def test_the_vote_is_counted_as_the_rule_says(rule: dict[str, Any], vote: dict[str, int], carries: bool) -> None:
    assert whys(told(voted(**vote), **rule)) == ([] if carries else ["decision_stands"])
    assert whys(told(refused(voted(**vote)), **rule)) == (["step_allowed"] if carries else [])


def test_what_was_not_carried_is_put_to_the_vote_again_and_the_body_is_whole_afterwards() -> None:
    failed, again = voted(agree=1, disagree=3), voted(date(2026, 3, 30), agree=3)
    open_still = refused(voted(agree=1, absent=3))
    assert told(refused(failed), again).differences == ()
    assert told(open_still, again, voted(date(2026, 4, 1))).differences == ()


def test_a_recorded_case_tells_how_many_said_what_and_nobody_by_name(county: County) -> None:
    publish(county)
    noon = at(DAY, 12)
    case_id = county.supervised_item(noon, immediate="ordinary")
    county.engine.ask_decision(case_id, STEP, actor=county.actor("lin"), now=noon, data=DATA)
    for login, choice in (("song", "agree"), ("fang", "agree")):
        county.engine.vote(case_id, STEP, actor=county.actor(login), now=noon, choice=choice)
    county.fire(case_id, STEP, "lin", noon, **DATA)
    scenario = county.engine.read(
        at(LATER, 12), lambda store, occasion: scenario_of(see(store, occasion, county.actor("lin", LATER), case_id))
    )
    (step,) = [one for one in scenario["steps"] if one["do"] == STEP]
    assert step == {"on": DAY.isoformat(), "do": STEP, "vote": {"agree": 2, "absent": 1}}
    text = json.dumps(scenario, ensure_ascii=False)
    assert not [name for name in ("宋伟", "方磊", "林静", DATA["settled"]) if name in text]
    made = document()
    made["scenarios"] = [scenario]
    assert proving.examine(made, vocabulary=WORDS, others=_others(), office=OFFICE).faults == ()
    assert run(made)[0].differences == ()


def _others() -> dict[str, Document]:
    return {kind: told.data for kind, told in shipped_workflows().items()}
