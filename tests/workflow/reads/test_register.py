"""The register adds up: numbers one by one, and what was handed over is signed for."""

from __future__ import annotations

from datetime import date

from tests.factories import County, at
from tests.workflow.looking import case_row
from workflow.models import Case
from workflow.reads.register import Register, may_reconcile, register

NOON = at(date(2026, 3, 26), 12)


def of(county: County, login: str) -> Register:
    actor = county.actor(login)
    return county.engine.read(NOON, lambda store, occasion: register(store, occasion, actor))


def open_clue(county: County) -> int:
    facts = {"summary": "虚报补助", "managed_by": "village"}
    subject = county.organs["donggou_branch"]
    actor = county.actor("lin")
    return county.engine.open("clue", actor=actor, now=NOON, title="虚报补助", subject_id=subject, data=facts).case_id


def test_what_was_registered_is_open_closed_or_withdrawn_and_bears_every_number(county: County) -> None:
    ids = [open_clue(county) for _ in range(3)]
    county.engine.void(ids[1], actor=county.actor("zhao"), now=NOON, reason="重复登记", approver="高建国")
    (clues,) = [one for one in of(county, "lin").series if one.kind == "clue"]
    assert (clues.year, clues.last, clues.registered, clues.open, clues.closed, clues.withdrawn) == (2026, 3, 3, 2, 1, 0)
    assert clues.missing == ()


def test_a_number_that_no_case_bears_any_more_is_named(county: County) -> None:
    ids = [open_clue(county) for _ in range(3)]
    number = case_row(county, ids[1])["number"]
    county.database.write(lambda store: store.update(Case, {"number": "另编"}, id=ids[1]))
    (clues,) = [one for one in of(county, "lin").series if one.kind == "clue"]
    assert clues.missing == (number,) and clues.registered == 2


def test_a_hand_over_stands_there_until_it_is_signed_for(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    assert not of(county, "lin").unsigned
    county.hand_over(case_id, NOON)
    assert [row.id for row in of(county, "lin").unsigned] == [case_id] and of(county, "lin").all_unsigned.n == 1
    county.fire(case_id, "sign_for", "zhou", NOON, pieces=1)
    assert not of(county, "lin").unsigned


def test_it_is_for_the_inspection_office_and_the_auditor(county: County) -> None:
    assert [login for login in county.people if may_reconcile(county.actor(login))] == ["lin", "song", "fang", "zhao"]


def test_what_nobody_signed_for_stands_by_kind_and_number_however_long_it_waits(county: County) -> None:
    ids = [county.open_item(NOON, feedback_on="2026-03-26") for _ in range(11)]
    for case_id in reversed(ids):
        county.hand_over(case_id, NOON)
    assert [row.id for row in of(county, "lin").unsigned] == ids
