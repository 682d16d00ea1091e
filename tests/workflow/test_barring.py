"""回避: a case goes to nobody who was taken off it, neither by a transition nor by an assignment, and nobody is told of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from states.errors import BadInput, InvalidForm, NotFound, NotPermitted, TransitionRefused
from tests.factories import County, at
from tests.tampering import unguard_posts
from tests.workflow.looking import case_row, rows_of
from workflow.models import Grant, Outbox, Party
from workflow.occasions import moved
from workflow.reads.people import assignees_of

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)


def bar(county: County, case_id: int, login: str = "lin", reason: str = "亲属", **who: int) -> None:
    county.engine.bar(case_id, actor=county.actor(login), now=NOON, reason=reason, **who)


def faults_of(refused: Any) -> Any:
    return refused.value.params["fields"]


def test_no_form_names_an_organ_that_was_taken_off_the_case(county: County) -> None:
    case_id, bureau = county.open_item(NOON, feedback_on="2026-03-26"), county.organs["bureau"]
    bar(county, case_id, organ_id=bureau)
    told = {"hand_over_mode": "assign"}
    with pytest.raises(InvalidForm) as refused:
        county.fire(case_id, "transfer", "song", NOON, recipient=bureau, **told)
    assert faults_of(refused) == {"recipient": ["barred"]}
    units = {"assisting": [{"unit": bureau}], "copied": [{"unit": bureau}]}
    with pytest.raises(InvalidForm) as refused:
        county.fire(case_id, "transfer", "song", NOON, recipient=county.organs["donggou_branch"], **units, **told)
    assert faults_of(refused) == {"assisting/0/unit": ["barred"], "copied/0/unit": ["barred"]}
    with pytest.raises(InvalidForm) as refused:
        county.engine.amend(
            case_id, actor=county.actor("lin"), now=NOON, data={"assisting": [{"unit": bureau}]}, reason="补充", version=None
        )
    assert faults_of(refused) == {"assisting/0/unit": ["barred"]}


def test_a_case_does_not_go_back_to_a_holder_who_was_taken_off_it(county: County) -> None:
    case_id = county.supervised_item(NOON, first_check="county", immediate="rectify_now", period="default_immediate")
    file_id = county.keep_file("照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOON, file_id=file_id, label="site_photo")
    county.fire(case_id, "report_rectified", "zhou", NOON, result="已整改", progress_label="done")
    bar(county, case_id, organ_id=county.organs["donggou_branch"])
    with pytest.raises(TransitionRefused) as refused:
        county.fire(case_id, "send_back", "lin", NOON, send_back_reason="not_done", send_back_note="返工")
    assert refused.value.params["why"] == [{"name": "holder_barred"}]


def test_a_case_is_assigned_to_people_who_work_in_its_holder_and_were_not_taken_off_it(county: County) -> None:
    case_id, village = county.supervised_item(NOON), county.organs["donggou_branch"]
    grant = {"person_id": county.people["shi"], "role": "system_admin", "organ_id": village, "title": "", "ceiling": 0}

    def hire(store: Any) -> None:
        store.insert(Grant, [grant])
        moved(store, "people")

    unguard_posts(county.database.url)
    county.database.write(hire)

    def offered() -> list[str]:
        zhou = county.actor("zhou")
        found = county.engine.read(NOON, lambda store, occasion: assignees_of(store, occasion, zhou, case_id, village))
        return [one.name for one in found]

    def assign(login: str) -> None:
        county.engine.assign(case_id, actor=county.actor("zhou"), now=NOON, person_id=county.people[login])

    assert offered() == ["孙志强", "周明远"]
    with pytest.raises(BadInput):
        assign("shi")
    assign("sun")
    bar(county, case_id, person_id=county.people["sun"])
    assert case_row(county, case_id)["assignee_id"] is None
    assert offered() == ["周明远"]
    with pytest.raises(BadInput) as refused:
        assign("sun")
    assert refused.value.params["why"] == "person_barred"


def test_nobody_of_an_organ_that_was_taken_off_hears_of_the_case(county: County) -> None:
    case_id = county.supervised_item(NOON)
    bar(county, case_id, organ_id=county.organs["liuhe_party"])
    before = len(rows_of(county, Outbox))
    chen, mentioned = county.people["chen"], (county.people["chen"], county.people["zhou"])
    with pytest.raises(InvalidForm):
        county.engine.comment(case_id, actor=county.actor("lin"), now=NOON, text="看一下", mentions=mentioned)
    county.engine.comment(case_id, actor=county.actor("lin"), now=NOON, text="看一下", mentions=mentioned[1:])
    told = rows_of(county, Outbox)[before:]
    assert {row["person_id"] for row in told} == {county.people["zhou"]}
    assert chen not in {row["person_id"] for row in told}


def told(county: County, message: str) -> set[int]:
    return {row["person_id"] for row in rows_of(county, Outbox, message=message)}


def test_work_of_whoever_is_taken_off_is_handed_on_by_the_head_of_his_body(county: County) -> None:
    case_id, chen, sun = county.supervised_item(NOON), county.people["chen"], county.people["sun"]
    county.engine.assign(case_id, actor=county.actor("zhou"), now=NOON, person_id=sun)
    bar(county, case_id, person_id=chen)
    assert told(county, "nobody_handles") == set(), "the case still has its handler"
    bar(county, case_id, person_id=sun)
    assert told(county, "nobody_handles") == {county.people["zhou"]}
    assert told(county, "holder_off") == set()


def test_a_case_whose_holder_is_taken_off_is_handed_on_by_its_sponsor(county: County) -> None:
    case_id = county.supervised_item(NOON)
    bar(county, case_id, organ_id=county.organs["liuhe_party"])
    assert told(county, "holder_off") == set(), "that was not the holder"
    bar(county, case_id, organ_id=county.organs["donggou_branch"])
    assert told(county, "holder_off") == {county.people[login] for login in ("lin", "song", "zhao")}
    assert told(county, "nobody_handles") == set()


def test_a_bar_names_one_known_person_or_organ_and_never_the_sponsor(county: County) -> None:
    case_id = county.open_item(NOON)
    both = {"person_id": county.people["he"], "organ_id": county.organs["bureau"]}
    for who in ({}, both):
        with pytest.raises(InvalidForm):
            bar(county, case_id, **who)
    with pytest.raises(InvalidForm):
        bar(county, case_id, reason=" ", person_id=county.people["he"])
    for unknown in ({"person_id": 9_999}, {"organ_id": 9_999}):
        with pytest.raises(NotFound):
            bar(county, case_id, **unknown)
    with pytest.raises(BadInput):
        bar(county, case_id, organ_id=county.organs["office"])


def test_anybody_may_take_himself_off_and_nobody_else(county: County) -> None:
    case_id = county.supervised_item(NOON)
    with pytest.raises(NotPermitted):
        bar(county, case_id, "zhou", person_id=county.people["sun"])
    bar(county, case_id, "sun", person_id=county.people["sun"])


def test_a_unit_that_an_amendment_names_sees_the_case_and_one_that_it_leaves_out_does_not(county: County) -> None:
    case_id = county.open_item(NOON)

    def amend(*units: str) -> list[int]:
        rows = [{"unit": county.organs[unit]} for unit in units]
        told = {"actor": county.actor("lin"), "now": NOON, "reason": "补充", "version": None}
        county.engine.amend(case_id, data={"assisting": rows}, **told)
        return [row["organ_id"] for row in rows_of(county, Party, case_id=case_id)]

    assert amend("bureau", "liuhe_finance") == [county.organs["bureau"], county.organs["liuhe_finance"]]
    assert amend("liuhe_finance") == [county.organs["liuhe_finance"]]
    county.engine.undo(case_id, actor=county.actor("lin"), now=NOON)
    assert len(rows_of(county, Party, case_id=case_id)) == 2
    assert amend() == []
