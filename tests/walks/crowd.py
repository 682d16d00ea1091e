"""Several cases of one kind, each as far on its way as another is not; of some a later date is asked for, one is paused."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from states.errors import DomainError
from tests.factories import WHY_LATER, County, at
from tests.walks.filling import fill
from tests.walks.test_walks import LOGINS, OPENERS, take
from tests.workflow.looking import rows_of
from workflow.casefile import LIVE
from workflow.definitions import catalogue
from workflow.models import Case, Clock

# Two talks of the same two ends would be one.
VILLAGES = ("donggou_branch", "xitou_branch", "shimen_branch", "donggou_branch")


def gather(county: County, kind: str, today: date) -> None:
    """Four more cases of the kind, none, one, two and three states on."""
    known = {row["id"] for row in rows_of(county, Case)}
    for steps in range(4):
        _open(county, kind, today, VILLAGES[steps] if kind == "interview" else VILLAGES[0])
        for row in rows_of(county, Case, kind=kind):
            if row["id"] not in known:
                known.add(row["id"])
                _bring_on(county, row["id"], today, steps)


def _open(county: County, kind: str, today: date, village: str) -> None:
    if kind == "measure":  # nobody opens one by hand: whoever hands in the plan of an item does
        item = county.supervised_item(at(today, 10))
        _take(county, item, "submit_plan", today)
        return
    definition = county.database.read(catalogue).of_kind(kind).definition
    data = fill([field for field in definition.fields if field.required], today, county.organs, county.people)
    data |= {"feedback_on": today.isoformat()} if kind == "rectification" else {}
    told = {"title": "随机走查", "subject_id": county.organs[village], "data": data}
    _tried(partial(county.engine.open, kind, actor=county.actor(OPENERS[kind], today), now=at(today, 10), **told))


def _row(county: County, case_id: int) -> dict[str, Any]:
    return rows_of(county, Case, id=case_id)[0]


def _take(county: County, case_id: int, trigger: str, today: date) -> None:
    row = _row(county, case_id)
    definition = county.database.read(catalogue).of_version(row["definition_version_id"]).definition
    take(county, row, definition.transition_by_edge[row["state"], trigger], today)


def _bring_on(county: County, case_id: int, today: date, steps: int) -> None:
    """So many states on, as far as somebody may and what it asks for is there; never to an end."""
    for _ in range(steps):
        row = _row(county, case_id)
        definition = county.database.read(catalogue).of_version(row["definition_version_id"]).definition
        for transition in definition.triggers_from[row["state"]]:
            target = transition.target_from(row["state"])
            if target != row["state"] and not definition.state_by_key[target].final:
                take(county, row, transition, today)
            if _row(county, case_id)["state"] != row["state"]:
                break


def _tried(verb: Any) -> bool:
    try:
        verb()
    except DomainError:
        return False
    return True


def ask_later(county: County, kind: str, today: date) -> None:
    """For every second case of the kind that may, whoever may asks for a later date; the last other one is paused."""
    cases = {row["id"]: row for row in rows_of(county, Case, kind=kind) if not row["final"]}
    others = [case_id for case_id in cases if case_id % 2 == 0]
    served = county.database.read(catalogue)
    for clock in rows_of(county, Clock):
        case_id = clock["case_id"]
        if case_id not in cases or case_id in others or clock["status"] not in LIVE or not clock["due_on"]:
            continue
        definition = served.of_version(cases[case_id]["definition_version_id"]).definition
        rule = definition.clock_by_key[clock["key"]].extension
        if rule is not None:
            form = fill(rule.form, today, county.organs, county.people)
            told: dict[str, Any] = {"data": form | {key: WHY_LATER[key] for key in form if key in WHY_LATER}}
            told |= {
                "clock": clock["key"],
                "wanted_on": clock["due_on"] + timedelta(1),
                "reason": "账目多",
                "now": at(today, 11),
            }
            ask = partial(county.engine.ask_extension, case_id, **told)
            any(_tried(partial(ask, actor=county.actor(login, today))) for login in LOGINS)
    for case_id in others[-1:]:
        pause = partial(county.engine.pause, case_id, now=at(today, 11), reason="汛期", approver="高建国", max_days=10)
        any(_tried(partial(pause, actor=county.actor(login, today))) for login in LOGINS)
