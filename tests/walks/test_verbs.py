"""Random walks with every way out: beside the buttons, cases are merged, split, voided, withdrawn, paused, undone.

Beside the invariants of the other walks: nothing that was opened under a case outlives a way out, no talk is left about
nothing, no talk that is over holds a ladder, and no ladder of a late case stops in silence before its last tier.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.errors import DomainError
from tests.copies import Copies
from tests.factories import WHY_LATER, County, at, make_county, merge_of
from tests.walks import FARTHER
from tests.walks.test_walks import LOGINS, START, STEPS, open_cases, press, require_true
from tests.workflow.looking import rows_of
from workflow.definitions import catalogue
from workflow.ladders import tiers_of
from workflow.models import AgendaItem, Case, Clock
from workflow.types import MACHINE

VERBS = ("merge", "void", "split", "pause", "resume", "undo", "ask_extension", "decide_extension", "succeed")
WAYS_OUT = ("merged", "void", "moot")

# A step is (which verb, which case, which other case, who, how many days later).
TURNS = st.lists(
    st.tuples(
        st.sampled_from(VERBS),
        st.integers(0, 7),
        st.integers(0, 7),
        st.sampled_from(("fang", "zhao", "song", "zhou")),
        st.sampled_from([0, 0, 5, 30]),
    ),
    min_size=3,
    max_size=10,
)


def turn(county: County, told: tuple[str, int, int, str, int], today: date) -> None:
    """Somebody takes a case another way; a refusal is as good an answer as any."""
    verb, which, other, login, _days = told
    cases = rows_of(county, Case)
    case_id, other_id = cases[which % len(cases)]["id"], cases[other % len(cases)]["id"]
    approver = "赵国华" if login != "zhao" else "方磊"
    ways: dict[str, dict[str, Any]] = {
        "merge": {"into_id": other_id, "reason": "同一问题"},
        "void": {"reason": "登记有误", "approver": approver},
        "split": {"parts": [{"title": "其一"}, {"title": "其二"}], "reason": "分别办理"},
        "pause": {"reason": "防汛", "approver": approver, "max_days": 20},
        "resume": {"reason": "恢复"},
        "undo": {},
        "ask_extension": {"clock": "rectify", "wanted_on": today + timedelta(20), "reason": "汛期", "data": WHY_LATER},
        "decide_extension": {"clock": "rectify", "granted": which % 2 == 0, "reason": "研究决定"},
    }
    who = {"actor": county.actor(login), "now": at(today, 15)}
    try:
        if verb == "succeed":
            county.engine.reorganise(
                merge_of(county, "donggou_branch", "xitou_branch", today), actor=MACHINE, now=at(today, 15)
            )
        else:
            getattr(county.engine, verb)(case_id, **ways[verb], **who)
    except DomainError:
        return


def require_ended(county: County) -> None:
    """The invariants of this module."""
    cases = {row["id"]: row for row in rows_of(county, Case)}
    is_open = {i: not row["final"] and not row["withdrawn"] for i, row in cases.items()}
    for row in cases.values():
        parent = cases.get(row["parent_id"])
        if parent is not None and parent["ground"] in WAYS_OUT:
            assert not is_open[row["id"]], f"{row['kind']} outlives its {parent['kind']}"
    agendas: dict[int, list[int]] = {}
    for item in rows_of(county, AgendaItem):
        if item["left_at"] is None:
            agendas.setdefault(item["interview_id"], []).append(item["case_id"])
    for interview_id, items in agendas.items():
        assert not cases[interview_id]["joinable"] or any(is_open[i] for i in items), "a talk about nothing"
    _require_no_silence(county, cases)


def _require_no_silence(county: County, cases: dict[int, dict[str, Any]]) -> None:
    served = county.database.read(catalogue)
    for clock in rows_of(county, Clock, status="armed"):
        case = cases[clock["case_id"]]
        definition = served.of_version(case["definition_version_id"]).definition
        if clock["held_by"] is not None:
            assert not cases[clock["held_by"]]["final"], "a talk that is over holds a ladder"
        elif clock["overdue_since"] and clock["ladder_on"] and clock["next_rung"] is None:
            assert clock["tier"] == tiers_of(definition, clock), (
                f"{case['kind']}.{clock['key']} stopped in tier {clock['tier']}"
            )


@pytest.mark.usefixtures("database_engine")
@settings(max_examples=12 * FARTHER)
@given(steps=STEPS, turns=TURNS)
def test_whatever_way_a_case_takes_nothing_of_it_runs_on_and_no_ladder_stops_in_silence(
    copies: Copies, steps: list[tuple[int, int, int, int, bool]], turns: list[tuple[str, int, int, str, int]]
) -> None:
    county = copies.of(make_county)
    try:
        open_cases(county)
        for subject, signer in (("donggou_branch", "zhou"), ("xitou_branch", "feng")):
            county.supervised_item(at(START), subject=subject, signer=signer, immediate="ordinary")
        assert set(LOGINS) <= set(county.people)
        today = START
        for place, told in enumerate(turns):
            today += timedelta(told[4])
            for step in steps[place * 2 : place * 2 + 2]:
                press(county, step, today)
            assert not county.engine.tick(at(today, 9)).postponed
            turn(county, told, today)
        for days in (40, 40, 60):
            today += timedelta(days)
            assert not county.engine.tick(at(today, 9)).postponed
            require_ended(county)
        require_true(county)
    finally:
        county.database.close()
