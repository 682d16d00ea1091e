"""fire: the one door. What is refused, in which order, and that a refusal leaves no trace."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from states.errors import (
    CaseNotFound,
    InvalidForm,
    KeyReused,
    NotPermitted,
    StaleCase,
    TransitionRefused,
)
from tests.factories import County, at
from tests.workflow.looking import case_row, clock_row, dump, rows_of
from workflow.engine import Engine
from workflow.history import chain_hash
from workflow.models import Answer, Event, Note, Outbox, Party, Spell

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)


def test_the_core_path_moves_state_holder_and_version(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    county.hand_over(case_id, NOON)
    outcome = county.fire(case_id, "sign_for", "zhou", NOON, pieces=1)
    row = case_row(county, case_id)
    assert (outcome.state, outcome.version, row["holder_id"]) == ("supervised", 3, county.organs["donggou_branch"])
    assert row["number"] == "整改〔2026〕1号"


def test_the_outsider_gets_the_same_answer_for_what_exists_and_what_does_not(county: County) -> None:
    case_id = county.supervised_item(NOON)
    for absent in (case_id, case_id + 1000):
        with pytest.raises(CaseNotFound):
            county.fire(absent, "report_rectified", "han", NOON)


def test_a_trigger_that_does_not_leave_the_state_is_refused_before_the_role_is_looked_at(county: County) -> None:
    case_id = county.supervised_item(NOON)
    with pytest.raises(TransitionRefused) as refusal:
        county.fire(case_id, "close", "sun", NOON)
    assert refusal.value.params["why"] == [{"name": "wrong_state"}]


def test_a_reader_without_the_role_or_the_relation_is_not_permitted(county: County) -> None:
    case_id = county.supervised_item(NOON)
    with pytest.raises(NotPermitted):
        county.fire(case_id, "report_progress", "he", NOON, progress_note="代报")


def test_a_stale_version_is_refused_and_nothing_is_written(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    before = dump(county)
    with pytest.raises(StaleCase) as refusal:
        county.engine.fire(case_id, "transfer", actor=county.actor("song"), now=NOON, data={}, expected_version=7)
    assert refusal.value.params == {"expected": 7, "found": 1}
    assert dump(county) == before


def test_a_form_with_a_fault_names_the_question_and_nothing_is_written(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    before = dump(county)
    with pytest.raises(InvalidForm) as refusal:
        county.fire(case_id, "transfer", "song", NOON, recipient=999, hand_over_mode="assign", smuggled=1)
    assert set(refusal.value.params["fields"]) == {"recipient", "smuggled"}
    assert dump(county) == before


def test_an_unmet_guard_says_which(county: County) -> None:
    case_id = county.open_item(NOON)
    with pytest.raises(TransitionRefused) as refusal:
        county.hand_over(case_id, NOON)
    said = str(refusal.value.params["why"])
    assert "approval_given" in said


def test_a_refusal_is_remembered_in_a_transaction_of_its_own(county: County) -> None:
    case_id = county.supervised_item(NOON)
    with pytest.raises(NotPermitted):
        county.fire(case_id, "report_progress", "he", NOON, progress_note="代报")
    notes = rows_of(county, Note, kind="refused")
    assert [note["actor_id"] for note in notes] == [county.people["he"]]


def test_the_same_key_gives_the_stored_answer_and_another_request_under_it_is_refused(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    data = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}
    song = county.actor("song")
    first = county.engine.fire(case_id, "transfer", actor=song, now=NOON, data=data, key="k1")
    again = county.engine.fire(case_id, "transfer", actor=song, now=NOON, data=data, key="k1")
    assert again == first
    assert len(rows_of(county, Event, case_id=case_id)) == 2
    with pytest.raises(KeyReused):
        county.engine.fire(case_id, "transfer", actor=song, now=NOON, data={**data, "requirement": "x"}, key="k1")
    assert "recipient" not in rows_of(county, Answer)[0]["answer"]


def test_an_effect_that_raises_leaves_no_trace(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")

    def broken(_change: object, **_params: object) -> list[object]:
        raise RuntimeError("broken effect")

    engine = Engine(county.database, effects={**county.engine.effects, "notify_posts": broken}, rungs=county.engine.rungs)
    before = dump(county)
    with pytest.raises(RuntimeError):
        engine.fire(
            case_id,
            "transfer",
            actor=county.actor("song"),
            now=NOON,
            data={"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"},
        )
    assert dump(county) == before


def test_every_event_is_chained_to_the_one_before(county: County) -> None:
    case_id = county.supervised_item(NOON)
    events = rows_of(county, Event, case_id=case_id)
    assert [event["seq"] for event in events] == [1, 2, 3]
    for before, event in zip([None, *events], events, strict=False):
        assert event["prev"] == (before["hash"] if before else "")
        assert event["hash"] == chain_hash("sha256", event["prev"], event["facts"])
    assert case_row(county, case_id)["head"] == events[-1]["hash"]


def test_spells_follow_state_and_holder_without_gap(county: County) -> None:
    case_id = county.supervised_item(NOON)
    spells = rows_of(county, Spell, case_id=case_id)
    assert [spell["state"] for spell in spells] == ["received", "transferred", "supervised"]
    assert [spell["to_at"] for spell in spells] == [spells[1]["from_at"], spells[2]["from_at"], None]


def test_notices_carry_number_and_date_but_no_word_of_the_case(county: County) -> None:
    case_id = county.supervised_item(NOON, title="保密标题甲乙丙")
    lines = rows_of(county, Outbox, case_id=case_id)
    assert lines
    assert all("保密标题" not in line["params"] for line in lines)
    assert any("整改〔2026〕1号" in line["params"] for line in lines)


def test_whoever_gives_the_case_away_is_remembered_as_past_holder(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    county.hand_over(case_id, NOON, to="bureau")
    county.fire(case_id, "hand_back", "ma", NOON, hand_back_reason="not_ours", hand_back_note="应由属地承办")
    party = rows_of(county, Party, case_id=case_id)
    assert [(p["organ_id"], p["relation"], p["upto_seq"]) for p in party] == [(county.organs["bureau"], "past_holder", 3)]
    assert case_row(county, case_id)["state"] == "received"


def test_close_is_refused_to_the_registrar_and_to_everybody_of_the_handling_unit(county: County) -> None:
    case_id = county.supervised_item(NOON, first_check="county", immediate="rectify_now", period="default_immediate")
    county.engine.add_evidence(
        case_id, actor=county.actor("zhou"), now=NOON, file_id=county.keep_file("公示照片", "zhou"), label="site_photo"
    )
    county.fire(case_id, "report_rectified", "zhou", NOON, result="已更新", progress_label="done")
    for login, why in (("lin", "separation_registered"),):
        with pytest.raises(NotPermitted) as refusal:
            county.fire(case_id, "close", login, NOON, ground="completed")
        assert refusal.value.params["why"] == why


def test_one_of_two_with_the_same_version_wins(county: County) -> None:
    case_id = county.supervised_item(NOON)
    version = case_row(county, case_id)["version"]
    zhou = county.actor("zhou")
    data = {"progress_note": "已联系"}
    county.engine.fire(case_id, "report_progress", actor=zhou, now=NOON, data=data, expected_version=version)
    with pytest.raises(StaleCase):
        county.engine.fire(case_id, "report_progress", actor=zhou, now=NOON, data=data, expected_version=version)


def test_the_clock_runs_from_the_feedback_signed_for_or_not(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    county.hand_over(case_id, at(date(2026, 4, 1)))
    before = clock_row(county, case_id, "rectify")
    county.fire(case_id, "sign_for", "zhou", at(date(2026, 4, 3)), pieces=1)
    after = clock_row(county, case_id, "rectify")
    assert before["due_on"] == after["due_on"] == date(2026, 6, 26)
    assert after["started_on"] == DAY


def test_undo_within_ten_minutes_restores_exactly_and_not_later(county: County) -> None:
    case_id = county.supervised_item(NOON)
    before, clocks = case_row(county, case_id), clock_row(county, case_id, "progress")
    zhou = county.actor("zhou")
    county.engine.assign(case_id, actor=zhou, now=NOON, person_id=county.people["sun"])
    county.engine.undo(case_id, actor=zhou, now=NOON + timedelta(minutes=9))
    after = case_row(county, case_id)
    moving = ("seq", "head", "version", "changed_at", "told_at")
    assert {k: v for k, v in after.items() if k not in moving} == {k: v for k, v in before.items() if k not in moving}
    assert clock_row(county, case_id, "progress") == clocks
    county.engine.assign(case_id, actor=zhou, now=NOON, person_id=county.people["sun"])
    with pytest.raises(TransitionRefused):
        county.engine.undo(case_id, actor=zhou, now=NOON + timedelta(minutes=11))
