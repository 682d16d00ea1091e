"""undo gives back what was beside the case's own row: who sees it, what proves it, what is secret, what time it counts."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from states.errors import CaseNotFound, NotFound, TransitionRefused
from tests.factories import SEALER, County, at
from tests.workflow.looking import case_row, clock_row, rows_of
from workflow.audit import verify
from workflow.casefile import CaseFile
from workflow.cases import worked_on
from workflow.definitions import catalogue
from workflow.files import get_file
from workflow.models import Clock, Evidence, Party, Secret, Spell
from workflow.reads.case_page import case_page
from workflow.reconcile import reconcile
from workflow.sealing.ciphers import is_sealed
from workflow.spells import compare_spells
from workflow.verbs.undo import forget_old_secrets

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)
SOON = NOON + timedelta(minutes=2)
SOONER = NOON + timedelta(minutes=1)


def undo(county: County, case_id: int, login: str) -> None:
    county.engine.undo(case_id, actor=county.actor(login), now=SOON)


def open_clue(county: County, **facts: Any) -> int:
    told = {"summary": "虚报危房改造补助", "managed_by": "village", **facts}
    subject = county.organs["donggou_branch"]
    return county.engine.open("clue", actor=county.actor("lin"), now=NOON, title="线索", subject_id=subject, data=told).case_id


def hand_over_clue(county: County, case_id: int, scan: int) -> None:
    approval = {"approver": "赵国华", "on": "2026-03-26", "scan": scan}
    recipient = county.organs["liuhe_discipline"]
    county.fire(case_id, "transfer", "lin", SOONER, recipient=recipient, hand_over_mode="transfer", approval=approval)


def secrets_of(county: County, case_id: int) -> dict[str, str]:
    names = [row["field"] for row in rows_of(county, Secret, case_id=case_id)]
    return county.database.read(lambda store: SEALER.open(store, case_id, names))


def test_a_unit_that_was_let_in_by_an_undone_step_is_shut_out_again(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    units = [{"unit": county.organs["bureau"]}]
    told = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign", "assisting": units, "copied": units}
    county.fire(case_id, "transfer", "song", SOONER, **told)
    county.engine.read(SOONER, lambda store, occasion: case_page(store, occasion, county.actor("ma"), case_id))
    undo(county, case_id, "song")
    assert rows_of(county, Party, case_id=case_id) == []
    with pytest.raises(CaseNotFound):
        county.engine.read(SOON, lambda store, occasion: case_page(store, occasion, county.actor("ma"), case_id))


def test_an_undone_hand_back_leaves_nobody_who_once_held_the_case(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    county.hand_over(case_id, NOON)
    told = {"hand_back_reason": "not_ours", "hand_back_note": "不归我村管"}
    county.fire(case_id, "hand_back", "zhou", SOONER, **told)
    undo(county, case_id, "zhou")
    assert rows_of(county, Party, case_id=case_id) == []
    county.fire(case_id, "hand_back", "zhou", SOON, **told)
    upto = rows_of(county, Party, case_id=case_id)[0]["upto_seq"]
    county.hand_over(case_id, SOON)
    county.fire(case_id, "sign_for", "zhou", SOON)
    elsewhere = {"recipient": county.organs["bureau"], "redirect_reason": "职责调整"}
    county.fire(case_id, "redirect", "zhao", SOON, **elsewhere)
    assert rows_of(county, Party, case_id=case_id)[0]["upto_seq"] > upto
    undo(county, case_id, "zhao")
    assert rows_of(county, Party, case_id=case_id)[0]["upto_seq"] == upto


def test_the_scan_of_an_undone_step_proves_nothing_any_more_and_may_be_used_again(county: County) -> None:
    case_id, scan = open_clue(county), county.keep_file("审批单", "lin")
    hand_over_clue(county, case_id, scan)
    undo(county, case_id, "lin")
    zhao = county.actor("zhao")
    page = county.engine.read(SOON, lambda store, occasion: case_page(store, occasion, zhao, case_id))
    assert (page.evidence, page.letters) == ((), ())
    with pytest.raises(NotFound):
        county.engine.read(SOON, lambda store, occasion: get_file(store, occasion, zhao, scan))
    assert len(rows_of(county, Evidence, case_id=case_id)) == 1
    hand_over_clue(county, case_id, scan)
    page = county.engine.read(SOON, lambda store, occasion: case_page(store, occasion, zhao, case_id))
    assert [file.file_id for file in page.evidence] == [scan]
    assert [letter.letter for letter in page.letters] == ["transfer_letter"]


def test_a_clock_that_never_restarts_begins_when_an_undone_step_is_taken_again(county: County) -> None:
    case_id, scan = open_clue(county), county.keep_file("审批单", "lin")
    hand_over_clue(county, case_id, scan)
    began = clock_row(county, case_id, "whole_case")
    undo(county, case_id, "lin")
    assert rows_of(county, Clock, case_id=case_id, key="whole_case") == []
    hand_over_clue(county, case_id, scan)
    assert clock_row(county, case_id, "whole_case") == began


def test_an_amended_secret_is_what_it_was_after_undo_and_its_wrong_value_is_gone(county: County) -> None:
    case_id = open_clue(county, reporter_name="原举报人")
    wrong = {"reporter_name": "张冠李戴", "reporter_contact": "10086"}
    amended = {"actor": county.actor("lin"), "reason": "补充"}
    county.engine.amend(case_id, now=SOONER, data=wrong, **amended)
    assert secrets_of(county, case_id) == wrong
    undo(county, case_id, "lin")
    assert secrets_of(county, case_id) == {"reporter_name": "原举报人"}
    assert [row["was"] for row in rows_of(county, Secret, case_id=case_id)] == [None]


def test_the_value_that_a_secret_had_is_kept_no_longer_than_undo_may_need_it(county: County) -> None:
    case_id = open_clue(county, reporter_name="原举报人")
    county.engine.amend(case_id, actor=county.actor("lin"), now=SOONER, data={"reporter_name": "改正"}, reason="补充")
    for after, is_kept in ((5, True), (15, False)):
        county.database.write(partial(forget_old_secrets, now=SOONER + timedelta(minutes=after)))
        assert [is_sealed(row["was"] or "") for row in rows_of(county, Secret, case_id=case_id)] == [is_kept]
    assert secrets_of(county, case_id) == {"reporter_name": "改正"}


def test_time_goes_on_as_if_an_undone_step_had_never_been_and_the_history_keeps_both(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    before = rows_of(county, Spell, case_id=case_id)
    county.hand_over(case_id, SOONER)
    undo(county, case_id, "song")
    assert rows_of(county, Spell, case_id=case_id) == before
    county.hand_over(case_id, SOON, by="lin")
    assert county.database.read(compare_spells) == []
    assert county.engine.read(SOON, reconcile) == ()
    assert county.database.read(verify).ok


def test_a_step_that_has_opened_other_cases_is_not_undone(county: County) -> None:
    case_id = county.supervised_item(NOON)
    measure = {"text": "更新公开栏", "unit": county.organs["donggou_branch"], "person": "周明远", "due_words": "年底前"}
    told = {"cause": "人手不足", "first_responsible_post": "书记", "first_responsible": "周明远"}
    county.fire(case_id, "submit_plan", "zhou", SOONER, **told, measures=[{**measure, "label": "long_term"}])
    with pytest.raises(TransitionRefused) as refusal:
        undo(county, case_id, "zhou")
    assert refusal.value.params["why"] == [{"name": "other_cases"}]


def test_work_that_was_undone_bars_nobody_from_closing(county: County) -> None:
    case_id, scan = open_clue(county), county.keep_file("审批单", "lin")
    hand_over_clue(county, case_id, scan)
    county.fire(case_id, "sign_for", "luo", SOON)
    county.fire(case_id, "report_progress", "luo", SOON, progress_note="误填")
    undo(county, case_id, "luo")

    def read(store: Any) -> Any:
        known = catalogue(store)
        return worked_on(store, CaseFile(case_row(county, case_id), [], known.of_kind("clue")), known)

    assert county.database.read(read).persons == frozenset()
