"""A confined case is known to whoever is named for it and to who leads the bodies that answer for it, by every door at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from states.errors import BadInput, CaseNotFound, Conflict, InvalidForm, NotPermitted
from tests.factories import County, at
from tests.workflow.looking import case_row, rows_of
from workflow.models import Event, Knower, Loosening, Notice, Outbox
from workflow.outbox import deliver
from workflow.permissions import CASES, visible
from workflow.reads.agreement import sample_agreement
from workflow.reads.case_page import case_page
from workflow.reads.counts import count_of
from workflow.reads.mentions import nameable_on
from workflow.reads.query import Query
from workflow.reads.search import find

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)
REASON = {"reason": "涉及在查人员"}


@pytest.fixture
def case_id(county: County) -> int:
    """An item that 东沟村 works on; 林静 confines it."""
    case_id = county.supervised_item(NOON)
    county.engine.confine(case_id, actor=county.actor("lin"), now=NOON, **REASON)
    return case_id


def sees(county: County, login: str, case_id: int) -> bool:
    """By the selectable, the list, the count, the search and the page, which say the same."""
    actor, number = county.actor(login), case_row(county, case_id)["number"]

    def ways(store: Any, occasion: Any) -> set[bool]:
        where = (CASES.c.id == case_id, visible(actor, occasion.catalogue))
        found = {bool(store.select(select(CASES.c.id).where(*where)))}
        found.add(bool(count_of(store, occasion, actor, Query(band="all"), cap=10).n))
        found.add(any(row.id == case_id for row in find(store, occasion, actor, number, limit=1).rows))
        try:
            case_page(store, occasion, actor, case_id)
        except CaseNotFound:
            return found | {False}
        return found | {True}

    (said,) = county.engine.read(NOON, ways)
    return said


def page_of(county: County, login: str, case_id: int) -> Any:
    return county.engine.read(NOON, lambda store, occasion: case_page(store, occasion, county.actor(login), case_id))


def let_in(county: County, case_id: int, who: str, by: str = "zhao") -> None:
    county.engine.let_in(case_id, actor=county.actor(by), now=NOON, person_id=county.people[who], reason="协助核查")


def leave_out(county: County, case_id: int, who: str, by: str = "zhao") -> None:
    county.engine.leave_out(case_id, actor=county.actor(by), now=NOON, person_id=county.people[who], reason="不再参与")


def test_only_who_is_named_and_who_leads_the_two_bodies_sees_it_by_any_door(county: County, case_id: int) -> None:
    seen = [login for login in county.people if sees(county, login, case_id)]
    assert seen == [
        "lin",
        "fang",
        "zhao",
        "zhou",
    ]  # who did it, the leaders of the office, the head of the village that holds it


def test_the_nightly_check_finds_no_door_that_says_otherwise(county: County, case_id: int) -> None:
    actors = [county.actor(login) for login in county.people]
    assert county.engine.read(NOON, lambda store, occasion: sample_agreement(store, occasion, actors)) == ()


def test_who_is_let_in_sees_it_at_once_and_who_is_left_out_loses_it_at_once(county: County, case_id: int) -> None:
    let_in(county, case_id, "song")
    assert sees(county, "song", case_id)
    leave_out(county, case_id, "song")
    assert not sees(county, "song", case_id)
    told = [(event["verb"], event["actor_id"]) for event in rows_of(county, Event, case_id=case_id)][-3:]
    zhao = county.people["zhao"]
    assert told == [("confine", county.people["lin"]), ("let_in", zhao), ("leave_out", zhao)]


def test_a_new_holder_s_leaders_see_it_by_rule_and_the_old_ones_do_not(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    county.engine.confine(case_id, actor=county.actor("lin"), now=NOON, people=(county.people["song"],), **REASON)
    assert not sees(county, "zhou", case_id)
    county.hand_over(case_id, NOON)
    assert sees(county, "zhou", case_id) and not sees(county, "sun", case_id)


def test_the_circle_opens_a_case_to_nobody_whose_post_does_not(county: County, case_id: int) -> None:
    for login in ("han", "shi"):
        with pytest.raises(InvalidForm) as refused:
            let_in(county, case_id, login)
        assert refused.value.params["fields"] == {"person": ["reads_nothing"]}
        assert not sees(county, login, case_id)
    county.engine.bar(case_id, actor=county.actor("zhao"), now=NOON, reason="亲属", person_id=county.people["song"])
    with pytest.raises(InvalidForm):
        let_in(county, case_id, "song")


def test_narrowing_is_for_who_works_on_it_and_widening_for_leaders_each_with_a_reason(county: County) -> None:
    case_id = county.supervised_item(NOON)
    for login in ("he", "sun"):
        with pytest.raises(NotPermitted):
            county.engine.confine(case_id, actor=county.actor(login), now=NOON, **REASON)
    with pytest.raises(InvalidForm):
        county.engine.confine(case_id, actor=county.actor("lin"), now=NOON, reason=" ")
    county.engine.confine(case_id, actor=county.actor("lin"), now=NOON, **REASON)
    with pytest.raises(Conflict):
        county.engine.confine(case_id, actor=county.actor("lin"), now=NOON, **REASON)
    with pytest.raises(NotPermitted):
        let_in(county, case_id, "song", by="lin")
    let_in(county, case_id, "sun", by="zhou")
    assert sees(county, "sun", case_id)
    with pytest.raises(InvalidForm) as refused:
        leave_out(county, case_id, "fang", by="lin")
    assert refused.value.params["fields"] == {"person": ["not_in_the_circle"]}
    leave_out(county, case_id, "lin", by="lin")
    assert not sees(county, "lin", case_id)


def test_it_is_assigned_and_named_only_within_the_circle(county: County, case_id: int) -> None:
    zhou, sun = county.actor("zhou"), county.people["sun"]
    with pytest.raises(BadInput) as refused:
        county.engine.assign(case_id, actor=zhou, now=NOON, person_id=sun)
    assert refused.value.params["why"] == "not_in_the_circle"
    let_in(county, case_id, "sun", by="zhou")
    county.engine.assign(case_id, actor=zhou, now=NOON, person_id=sun)
    named = county.engine.read(NOON, lambda store, occasion: nameable_on(store, occasion, zhou, case_id))
    assert {one.name for one in named} <= {"林静", "方磊", "赵国华", "周明远", "孙志强"}
    leave_out(county, case_id, "sun")
    assert case_row(county, case_id)["assignee_id"] is None


def test_what_is_for_somebody_outside_goes_to_who_leads_his_body_and_nobody_else_hears_of_it(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    county.engine.confine(case_id, actor=county.actor("lin"), now=NOON, people=(county.people["song"],), **REASON)
    county.hand_over(case_id, NOON)
    for days in (5, 60, 95, 120):
        county.engine.tick(at(DAY, 12) + timedelta(days))
    told = {line["person_id"] for line in rows_of(county, Outbox, case_id=case_id)}
    inside = {county.people[login] for login in ("lin", "song", "fang", "zhao", "zhou")}
    assert told <= inside and county.people["zhou"] in told


def test_a_line_written_before_the_case_was_confined_is_not_sent_to_who_is_outside(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on="2026-03-26")
    county.hand_over(case_id, NOON)
    both = (county.people["song"], county.people["zhou"])
    county.engine.comment(case_id, actor=county.actor("lin"), now=NOON, text="请看", mentions=both)
    county.engine.confine(case_id, actor=county.actor("lin"), now=NOON, **REASON)
    deliver(county.database, {}, now=NOON + timedelta(minutes=1))
    reached = {notice["person_id"] for notice in rows_of(county, Notice)}
    assert county.people["song"] not in reached and county.people["zhou"] in reached


def test_the_circle_ends_by_two_people_and_never_by_who_asked(county: County, case_id: int) -> None:
    ask = {"what": "confinement", "reason": "已公开通报"}
    with pytest.raises(NotPermitted):
        county.engine.ask_loosening(case_id, actor=county.actor("zhou"), now=NOON, **ask)
    county.engine.ask_loosening(case_id, actor=county.actor("zhao"), now=NOON, **ask)
    with pytest.raises(Conflict):
        county.engine.ask_loosening(case_id, actor=county.actor("lin"), now=NOON, **ask)
    asked_id = rows_of(county, Loosening)[0]["id"]
    told = {"asked_id": asked_id, "granted": True, "reason": "同意"}
    for login, why in (("zhao", "separation_asked"), ("lin", "role")):
        with pytest.raises(NotPermitted) as refused:
            county.engine.decide_loosening(case_id, actor=county.actor(login), now=NOON, **told)
        assert refused.value.params["why"] in (why, "relation")
    assert case_row(county, case_id)["confined"]
    county.engine.decide_loosening(case_id, actor=county.actor("fang"), now=NOON, **told)
    assert not case_row(county, case_id)["confined"] and not rows_of(county, Knower)
    assert sees(county, "song", case_id)


def test_a_refused_wish_leaves_everything_as_it_was(county: County, case_id: int) -> None:
    county.engine.ask_loosening(case_id, actor=county.actor("lin"), now=NOON, what="confinement", reason="试试")
    asked_id = rows_of(county, Loosening)[0]["id"]
    told = {"asked_id": asked_id, "granted": False, "reason": "还在查"}
    county.engine.decide_loosening(case_id, actor=county.actor("zhao"), now=NOON, **told)
    assert case_row(county, case_id)["confined"] and not sees(county, "song", case_id)


def test_a_recusal_is_lifted_by_two_people_and_the_person_sees_the_case_again(county: County) -> None:
    case_id = county.supervised_item(NOON)
    county.engine.bar(case_id, actor=county.actor("zhao"), now=NOON, reason="亲属", person_id=county.people["song"])
    assert not sees(county, "song", case_id)
    (barred,) = page_of(county, "zhao", case_id).discretion.recused
    county.engine.ask_loosening(
        case_id, actor=county.actor("lin"), now=NOON, what="recusal", barred_id=barred.id, reason="登记有误"
    )
    asked_id = rows_of(county, Loosening)[0]["id"]
    county.engine.decide_loosening(
        case_id, actor=county.actor("zhao"), now=NOON, asked_id=asked_id, granted=True, reason="核实无误"
    )
    assert sees(county, "song", case_id)


def test_who_may_know_is_told_in_the_history_to_the_two_bodies_only(county: County) -> None:
    case_id = county.supervised_item(NOON)
    county.engine.raise_level(case_id, actor=county.actor("lin"), now=NOON, level=2, reason="有举报线索")
    assert "raise_level" in {event.verb for event in page_of(county, "zhou", case_id).timeline}
    assert "raise_level" not in {event.verb for event in page_of(county, "chen", case_id).timeline}


def reads(county: County, login: str, case_id: int) -> bool:
    """One of several cases, by the selectable."""
    actor = county.actor(login)
    wanted = select(CASES.c.id).where(CASES.c.id == case_id)
    return county.engine.read(NOON, lambda store, it: bool(store.select(wanted.where(visible(actor, it.catalogue)))))


def test_what_was_and_will_be_opened_out_of_it_is_for_no_more_people(county: County) -> None:
    case_id = county.supervised_item(NOON)
    order = {"order_title": "督办事项", "requirement": "限期整改"}
    before = county.engine.fire(case_id, "supervise", actor=county.actor("zhao"), now=NOON, data=order).opened[0]
    assert reads(county, "song", before)
    county.engine.confine(case_id, actor=county.actor("lin"), now=NOON, **REASON)
    assert case_row(county, before)["confined"] and not reads(county, "song", before)
    told = {"parts": [{"title": "分出一件"}], "reason": "分办"}
    part = county.engine.split(case_id, actor=county.actor("lin"), now=NOON, **told).opened[0]
    assert reads(county, "lin", part) and not reads(county, "song", part)
    let_in(county, case_id, "song")
    assert reads(county, "song", before) and not reads(county, "song", part)
    county.engine.leave_out(case_id, actor=county.actor("lin"), now=NOON, person_id=county.people["song"], **REASON)
    assert not reads(county, "song", before)


def test_who_works_on_a_confined_item_keeps_its_measures_and_they_are_free_when_it_is(county: County) -> None:
    case_id = county.supervised_item(NOON)
    row = {"text": "追缴租金", "unit": county.organs["liuhe_finance"], "person": "丁凯", "due_words": "5月底前"}
    told = {"cause": "人手不足", "first_responsible_post": "书记", "first_responsible": "周明远"}
    plan = {**told, "measures": [{**row, "due_on": "2026-05-29", "label": "dated"}]}
    (measure,) = county.fire(case_id, "submit_plan", "zhou", NOON, **plan).opened
    county.engine.confine(case_id, actor=county.actor("lin"), now=NOON, **REASON)
    assert all(reads(county, login, measure) for login in ("zhou", "lin", "zhao", "ding"))
    assert not reads(county, "sun", measure)
    asked = {"what": "confinement", "reason": "已公开"}
    county.engine.ask_loosening(case_id, actor=county.actor("lin"), now=NOON, **asked)
    (wish,) = rows_of(county, Loosening)
    said = {"asked_id": wish["id"], "granted": True, "reason": "同意"}
    county.engine.decide_loosening(case_id, actor=county.actor("zhao"), now=NOON, **said)
    assert not case_row(county, measure)["confined"] and reads(county, "sun", measure)


def test_what_the_bell_has_told_goes_with_the_case(county: County) -> None:
    case_id = county.supervised_item(NOON)
    county.engine.comment(case_id, actor=county.actor("zhou"), now=NOON, text="请看", mentions=(county.people["sun"],))
    deliver(county.database, {}, now=NOON + timedelta(minutes=1))
    assert rows_of(county, Notice, person_id=county.people["sun"])
    county.engine.confine(case_id, actor=county.actor("lin"), now=NOON, **REASON)
    assert rows_of(county, Notice, person_id=county.people["sun"]) == []
