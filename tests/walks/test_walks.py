"""Random walks over every shipped kind: whatever people press, whenever they press it, the ledger stays true.

Invariants: the history verifies and replays to the state, no armed clock outside the states it runs in, every open case has an
owner, at most one joinable interview for two ends, and a refused verb leaves no trace.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.definition import Transition
from states.errors import CaseNotFound, DomainError, NotPermitted
from tests.copies import Copies
from tests.factories import County, at, make_county
from tests.walks import FARTHER
from tests.walks.filling import APPROVER, answers_for, approver_of, fill, with_scan
from tests.workflow.looking import rows_of
from workflow.audit import verify
from workflow.casefile import LIVE
from workflow.cases import agenda_of
from workflow.definitions import catalogue
from workflow.models import Case, Clock

START = date(2026, 3, 2)
LOGINS = ("lin", "song", "fang", "zhao", "zhou", "sun", "chen", "xu", "he", "luo", "gao", "wu", "ma", "qian", "han")
OPENERS = {"rectification": "lin", "clue": "lin", "interview": "zhao", "supervision_order": "song"}

# A step is (which case, which of its triggers, who, how many days later, does the sweep run first).
STEPS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(0, 30),
        st.integers(0, len(LOGINS) - 1),
        st.sampled_from([0, 0, 0, 1, 7, 40]),
        st.booleans(),
    ),
    min_size=5,
    max_size=25,
)


def open_cases(county: County) -> None:
    """One case of each kind that is opened by hand."""
    served = county.database.read(catalogue)
    for kind, login in OPENERS.items():
        definition = served.of_kind(kind).definition
        required = [field for field in definition.fields if field.required]
        data = fill(required, START, county.organs, county.people)
        county.engine.open(
            kind,
            actor=county.actor(login),
            now=at(START),
            title="随机走查",
            subject_id=county.organs["donggou_branch"],
            data=data | ({"feedback_on": START.isoformat()} if kind == "rectification" else {}),
        )


def press(county: County, step: tuple[int, int, int, int, bool], today: date) -> None:
    """Somebody presses one of the buttons of one case; a refusal is as good an answer as any."""
    cases = rows_of(county, Case)
    row = cases[step[0] % len(cases)]
    definition = county.database.read(catalogue).of_version(row["definition_version_id"]).definition
    transitions = definition.triggers_from[row["state"]]
    if not transitions:
        return
    take(county, row, transitions[step[1] % len(transitions)], today, step[2])


def take(county: County, row: dict[str, Any], transition: Transition, today: date, first: int = 0) -> None:
    """Whoever may takes the step, if anybody may; they try in turn, from the `first` on."""
    definition = county.database.read(catalogue).of_version(row["definition_version_id"]).definition
    agenda = county.database.read(lambda store: agenda_of(store, row["id"]))
    data = answers_for(
        definition, transition, today, county.organs, county.people, [item.case_id for item in agenda if not item.is_closed]
    )
    for login in (*LOGINS[first:], *LOGINS[:first]):
        try:
            if "approval" in data:
                data["approval"]["approver"] = approver_of(transition, row, county.organs, login) or APPROVER
            told = with_scan(data, partial(county.keep_file, "审批单", login))
            county.fire(row["id"], transition.trigger, login, at(today), **told)
        except (NotPermitted, CaseNotFound):
            continue  # Somebody else's button: the next one tries.
        except DomainError:
            return
        return


def require_true(county: County) -> None:
    """Every invariant of this module."""
    verdict = county.database.read(verify)
    assert verdict.ok, verdict.faults
    cases = {row["id"]: row for row in rows_of(county, Case)}
    served = county.database.read(catalogue)
    for clock in rows_of(county, Clock):
        case = cases[clock["case_id"]]
        if clock["status"] in LIVE:  # One that has ended may be of a version that the case has left.
            rule = served.of_version(case["definition_version_id"]).definition.clock_by_key[clock["key"]]
            assert not case["final"]
            assert case["state"] in (rule.runs_in if clock["status"] == "armed" else rule.covers), (case["state"], clock["key"])
    for case in cases.values():
        assert case["final"] or case["holder_id"] is not None
    ends = [(row["interviewer_id"], row["interviewee_id"]) for row in cases.values() if row["joinable"]]
    assert len(ends) == len(set(ends))


@pytest.mark.usefixtures("database_engine")
@settings(max_examples=12 * FARTHER)
@given(steps=STEPS)
def test_whatever_people_press_the_ledger_stays_true(copies: Copies, steps: list[tuple[int, int, int, int, bool]]) -> None:
    county = copies.of(make_county)
    try:
        open_cases(county)
        today = START
        for step in steps:
            today += timedelta(step[3])
            if step[4]:
                assert not county.engine.tick(at(today, 9)).postponed
            press(county, step, today)
        require_true(county)
    finally:
        county.database.close()
