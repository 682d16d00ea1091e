"""The page of a case: what it shows to whom, and that a button says before what the engine would say after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from states.errors import (
    BadInput,
    CaseNotFound,
    Conflict,
    DomainError,
    InvalidForm,
    NotFound,
    NotPermitted,
    StaleCase,
    TransitionRefused,
)
from tests.factories import MONDAY, WHY_LATER, County
from tests.shipped.walking import Walk
from tests.tampering import tamper
from tests.workflow.looking import case_row, rows_of
from tests.workflow.reads.scenes import LATER_WORD, LOGINS, REPORTER, Scene
from workflow.models import Clock, Event
from workflow.reads.buttons import VerbButton
from workflow.reads.case_lines import show_case
from workflow.reads.case_page import CasePage, case_page
from workflow.reads.timeline import TimelineEvent

LATE_DAY = date(2026, 7, 20)
LOOKERS = ("lin", "song", "zhao", "zhou", "chen", "he", "feng", "shi", "wu")


def page_of(scene: Scene, login: str, name: str) -> CasePage:
    found: CasePage = scene.look(login, case_page, scene.ids[name])
    return found


def event_of(page: CasePage, trigger: str) -> TimelineEvent:
    return next(event for event in page.timeline if event.trigger == trigger)


def test_the_outsider_gets_the_same_answer_for_what_exists_and_what_does_not(scene: Scene) -> None:
    for case_id in (scene.ids["doing"], scene.ids["clue"], 10_000):
        with pytest.raises(CaseNotFound) as refusal:
            scene.look("han", case_page, case_id)
        assert refusal.value.params == {"id": case_id}


def test_no_page_of_anybody_shows_a_secret(scene: Scene) -> None:
    for login in (*LOGINS, "machine"):
        for case_id in scene.ids.values():
            try:
                assert REPORTER not in repr(scene.look(login, case_page, case_id))
            except CaseNotFound:
                continue


def test_facts_come_with_their_titles_and_words(scene: Scene) -> None:
    facts = {fact.key: fact for fact in page_of(scene, "lin", "doing").facts}
    assert (facts["urgency"].title.zh_hans, facts["urgency"].words[0].zh_hans) == ("轻重缓急", "急")
    assert facts["urgency"].may_amend
    assert not {fact.key: fact for fact in page_of(scene, "zhou", "doing").facts}["urgency"].may_amend


@pytest.mark.parametrize("name", ["received", "to_sign", "doing", "reported"])
def test_every_date_is_explained_day_by_day_up_to_itself(scene: Scene, name: str) -> None:
    stored = {(row["key"], row["run"]): row for row in rows_of(scene.county, Clock, case_id=scene.ids[name])}
    clocks = page_of(scene, "lin", name).clocks
    assert clocks
    for clock in clocks:
        row = stored[clock.key, clock.run]
        if clock.due_on is not None:
            assert (clock.days[0].on, clock.days[-1].on, clock.days[-1].kind) == (clock.started_on, row["due_on"], "due")
        coming = [step for step in clock.ladder if step.stands == "next"]
        if coming and clock.status == "armed":
            assert (coming[0].key, coming[0].at) == (row["next_rung"], row["next_at"])


def test_the_ladder_shows_what_fired_and_what_is_to_come(scene: Scene) -> None:
    scene.tick(date(2026, 3, 11))
    clock = next(clock for clock in page_of(scene, "lin", "to_sign").clocks if clock.key == "sign_for")
    assert [step.stands for step in clock.ladder if step.stands == "fired"]
    assert clock.workdays_late > 0
    assert [step.at for step in clock.ladder] == sorted(step.at for step in clock.ladder)


def test_a_pause_moves_the_date_and_its_explanation(scene: Scene) -> None:
    zhao = scene.actor("zhao")
    before = {clock.key: clock for clock in page_of(scene, "lin", "doing").clocks}
    scene.county.engine.pause(scene.ids["doing"], actor=zhao, now=scene.now, reason="汛期", approver="高建国", max_days=30)
    assert page_of(scene, "lin", "doing").row.badge == "paused"
    scene.tick(date(2026, 4, 10))
    clock = next(clock for clock in page_of(scene, "lin", "doing").clocks if clock.key == "rectify")
    assert clock.standstills[0].why == "paused"
    assert [day.on for day in clock.days if day.kind == "paused"]
    assert clock.due_on is not None and before["rectify"].due_on is not None
    assert clock.due_on > before["rectify"].due_on
    assert clock.days[-1].on == clock.due_on


def test_the_timeline_is_newest_first_and_speaks_in_titles(scene: Scene) -> None:
    page = page_of(scene, "lin", "doing")
    assert [event.seq for event in page.timeline] == sorted((event.seq for event in page.timeline), reverse=True)
    signed = event_of(page, "sign_for")
    assert (signed.kind, signed.actor, signed.organ) == ("state", "周明远", "东沟村党支部")
    assert signed.title is not None and signed.from_state is not None
    assert (signed.title.zh_hans, signed.from_state.zh_hans, signed.to_state.zh_hans) == ("已签收", "交办", "督办")
    handed = {fact.key: fact for fact in event_of(page, "transfer").answers}
    assert handed["recipient"].words[0].zh_hans == "东沟村党支部"
    assert "assignment_sheet" in {letter.letter for letter in page.letters}


def test_the_path_holds_every_state_with_who_and_until_when(scene: Scene) -> None:
    path = page_of(scene, "lin", "reported").path
    assert [step.state for step in path] == ["received", "transferred", "supervised", "rectified"]
    assert all(step.to_at == following.from_at for step, following in pairwise(path))
    assert path[-1].to_at is None


def test_a_step_that_was_undone_is_no_part_of_the_way_and_the_timeline_tells_both(scene: Scene) -> None:
    before = page_of(scene, "zhou", "to_sign").path
    scene.county.fire(scene.ids["to_sign"], "sign_for", "zhou", scene.now, pieces=1)
    assert page_of(scene, "zhou", "to_sign").path[-1].state == "supervised"
    scene.county.engine.undo(scene.ids["to_sign"], actor=scene.actor("zhou"), now=scene.now)
    page = page_of(scene, "zhou", "to_sign")
    assert page.path == before and page.path[-1].to_at is None
    assert [event.verb for event in page.timeline[:2]] == ["undo", "fire"]
    scene.county.fire(scene.ids["to_sign"], "sign_for", "zhou", scene.now, pieces=1)
    assert [step.state for step in page_of(scene, "zhou", "to_sign").path] == [*(step.state for step in before), "supervised"]


def test_disposed_content_leaves_the_event_and_says_so(scene: Scene) -> None:
    case_id = scene.ids["doing"]
    tamper(scene.county.database.url, "DELETE FROM content")
    page: CasePage = scene.look("lin", case_page, case_id)
    assert {event.is_disposed for event in page.timeline} == {True}
    assert len(page.timeline) == len(rows_of(scene.county, Event, case_id=case_id))


def test_links_children_and_evidence_show_only_what_the_reader_may_see(scene: Scene) -> None:
    lin, doing, other = scene.actor("lin"), scene.ids["doing"], scene.ids["elsewhere"]
    scene.county.engine.link(doing, actor=lin, now=scene.now, other_id=other)
    assert [link.case.id for link in page_of(scene, "lin", "doing").links] == [other]
    assert page_of(scene, "zhou", "doing").links == ()
    told = next(event for event in page_of(scene, "zhou", "doing").timeline if event.verb == "link")
    assert (told.others, told.others_hidden) == ((), 1)
    evidence = page_of(scene, "lin", "reported").evidence
    assert [(view.name, view.added_by) for view in evidence] == [("整改照片.png", "冯国庆")]


def test_a_merged_case_names_the_one_it_went_into(scene: Scene) -> None:
    zhao, minor, main = scene.actor("zhao"), scene.ids["received"], scene.ids["doing"]
    scene.county.engine.merge(minor, actor=zhao, now=scene.now, into_id=main, reason="同一问题")
    event = page_of(scene, "lin", "received").timeline[0]
    assert [case.id for case in event.others] == [main]
    here = page_of(scene, "lin", "doing").timeline[0]
    assert [case.id for case in here.others] == [minor]


def test_an_extension_asked_for_stands_on_the_page_until_it_is_decided(scene: Scene) -> None:
    due = next(clock.due_on for clock in page_of(scene, "lin", "doing").clocks if clock.key == "rectify")
    assert due is not None
    wanted = date(2026, 6, 20)
    engine, zhou, doing = scene.county.engine, scene.actor("zhou"), scene.ids["doing"]
    engine.ask_extension(doing, actor=zhou, now=scene.now, clock="rectify", wanted_on=wanted, reason="雨季", data=WHY_LATER)
    request = page_of(scene, "lin", "doing").requests[0]
    assert (request.asked_by, request.wanted_on, request.granted) == ("周明远", wanted, None)
    assert verb(page_of(scene, "zhao", "doing"), "decide_extension").params["clocks"] == ["rectify"]
    scene.county.fire(doing, "advise_extension", "chen", scene.now, extension_opinion="agreed")
    engine.decide_extension(doing, actor=scene.actor("zhao"), now=scene.now, clock="rectify", granted=True, reason="同意")
    clock = next(clock for clock in page_of(scene, "lin", "doing").clocks if clock.key == "rectify")
    assert (clock.due_on, clock.original_due_on, clock.basis.kind, clock.days[-1].on) == (wanted, due, "extension", wanted)


# ---- a past holder --------------------------------------------------------------------------------------------------------


def test_a_past_holder_reads_up_to_his_hand_back_and_nothing_later(scene: Scene) -> None:
    page = page_of(scene, "ma", "handed_back")
    assert page.seen_upto == max(event.seq for event in page.timeline)
    assert page.timeline[0].trigger == "hand_back"
    assert (page.row.state, page.path[-1].state) == ("received", "received")
    assert LATER_WORD not in repr(page)
    assert (page.buttons, page.verbs, page.links, page.requests) == ((), (), (), ())
    whole = page_of(scene, "lin", "handed_back")
    assert LATER_WORD in repr(whole)
    assert len(whole.timeline) > len(page.timeline)


def test_a_past_holder_sees_the_clocks_of_then(scene: Scene) -> None:
    before = page_of(scene, "ma", "handed_back").clocks
    scene.tick(LATE_DAY)
    assert [(c.key, c.run, c.status, c.due_on) for c in page_of(scene, "ma", "handed_back").clocks] == [
        (c.key, c.run, c.status, c.due_on) for c in before
    ]
    assert {clock.overdue_since for clock in before} == {None}


def test_disposed_content_after_the_hand_back_blanks_what_it_may_have_changed(scene: Scene) -> None:
    tamper(scene.county.database.url, "DELETE FROM content")
    page = page_of(scene, "ma", "handed_back")
    assert (page.row.state, page.facts, page.clocks, page.row.due_on) == ("received", (), (), None)


# ---- buttons --------------------------------------------------------------------------------------------------------------


def verb(page: CasePage, name: str) -> VerbButton:
    return next(button for button in page.verbs if button.verb == name)


@pytest.mark.parametrize("name", ["received", "to_sign", "doing", "reported", "clue"])
def test_a_button_says_about_the_person_what_the_engine_says(scene: Scene, name: str) -> None:
    asked = 0
    for login in LOOKERS:
        try:
            page = page_of(scene, login, name)
        except CaseNotFound:
            continue
        for button in page.buttons:
            assert refusal_of(scene, login, name, button.trigger) == personal(button), (login, button.trigger)
            asked += 1
    assert asked > 10


def refusal_of(scene: Scene, login: str, name: str, trigger: str) -> str:
    """Why the engine does not let this person fire it; "" where it would look at the form next."""
    # A version that cannot be right stops the verb after the person and before the form.
    with pytest.raises((NotPermitted, StaleCase)) as refusal:
        scene.county.engine.fire(scene.ids[name], trigger, actor=scene.actor(login), now=scene.now, data={}, expected_version=0)
    return str(refusal.value.params["why"]) if isinstance(refusal.value, NotPermitted) else ""


def personal(button: Any) -> str:
    reasons = [reason.name for reason in button.why if reason.name in ("role", "relation") or "separation" in reason.name]
    return reasons[0] if reasons else ""


def test_a_refused_button_says_whose_turn_it_is(scene: Scene) -> None:
    signing = next(button for button in page_of(scene, "lin", "to_sign").buttons if button.trigger == "sign_for")
    assert not signing.allowed
    assert "东沟村党支部" in {turn.organ for turn in signing.turns}


def test_an_unmet_guard_is_named_with_what_is_missing(scene: Scene) -> None:
    reporting = next(button for button in page_of(scene, "zhou", "doing").buttons if button.trigger == "report_rectified")
    assert not reporting.allowed
    assert "has_evidence" in {reason.name for reason in reporting.why}
    assert reporting.turns == ()


def test_separation_is_said_to_whoever_registered_or_worked(scene: Scene) -> None:
    closing = next(button for button in page_of(scene, "lin", "reported").buttons if button.trigger == "close")
    assert "separation_registered" in {reason.name for reason in closing.why}


CALLS: dict[str, Callable[[Scene, Any, int], Any]] = {
    "comment": lambda s, a, i: s.county.engine.comment(i, actor=a, now=s.now, text=""),
    "evidence": lambda s, a, i: s.county.engine.add_evidence(i, actor=a, now=s.now, file_id=-1),
    "assign": lambda s, a, i: s.county.engine.assign(i, actor=a, now=s.now, person_id=-1),
    "ask_extension": lambda s, a, i: s.county.engine.ask_extension(
        i, actor=a, now=s.now, clock="none", wanted_on=MONDAY, reason=""
    ),
    "decide_extension": lambda s, a, i: s.county.engine.decide_extension(
        i, actor=a, now=s.now, clock="none", granted=False, reason=""
    ),
    "pause": lambda s, a, i: s.county.engine.pause(i, actor=a, now=s.now, reason="", approver="", max_days=0),
    "split": lambda s, a, i: s.county.engine.split(i, actor=a, now=s.now, parts=[], reason=""),
    "void": lambda s, a, i: s.county.engine.void(i, actor=a, now=s.now, reason="", approver=""),
    "resume": lambda s, a, i: s.county.engine.resume(i, actor=a, now=s.now, reason=""),
}


@pytest.mark.parametrize("name", ["doing", "void"])
def test_the_engines_own_verbs_say_about_the_person_what_the_engine_says(scene: Scene, name: str) -> None:
    for login in LOOKERS:
        try:
            page = page_of(scene, login, name)
        except CaseNotFound:
            continue
        for called, call in CALLS.items():
            # Each call is faulty in itself, so that whoever may press it is refused for the fault.
            with pytest.raises((NotPermitted, TransitionRefused, InvalidForm, BadInput, NotFound, Conflict)) as refusal:
                call(scene, scene.actor(login), scene.ids[name])
            assert why_of(refusal.value) == why_told(verb(page, called)), (login, called)


def why_of(refusal: DomainError) -> str:
    if isinstance(refusal, NotPermitted):
        return str(refusal.params["why"])
    is_closed = isinstance(refusal, TransitionRefused) and refusal.params["why"][0]["name"] == "is_final"
    return "is_final" if is_closed else ""


def why_told(button: VerbButton) -> str:
    named = {reason.name for reason in button.why} & {"role", "relation", "is_final"}
    return named.pop() if named else ""


def test_undo_is_offered_to_the_actor_for_ten_minutes(scene: Scene) -> None:
    zhou, doing = scene.actor("zhou"), scene.ids["doing"]
    scene.county.engine.assign(doing, actor=zhou, now=scene.now, person_id=scene.county.people["sun"])
    assert verb(page_of(scene, "zhou", "doing"), "undo").allowed
    assert [reason.name for reason in verb(page_of(scene, "lin", "doing"), "undo").why] == ["not_yours"]


# ---- interviews -----------------------------------------------------------------------------------------------------------


def test_an_interview_shows_its_items_to_those_who_may_see_them_and_only_counts_the_others(county: County) -> None:
    case_id = county.supervised_item(scene_hour(MONDAY))
    scene = Scene(county, scene_hour(MONDAY), {"item": case_id})
    for on in (date(2026, 6, 3), date(2026, 6, 10), LATE_DAY):
        scene.tick(on)
    interviews = scene.look("zhao", case_page, case_id).interviews
    assert len(interviews) == 1
    talk = scene.look("zhao", case_page, interviews[0].id)
    assert [(row.row.id, row.row.badge) for row in talk.agenda] == [(case_id, "late")]
    assert talk.agenda_hidden == 0
    county.engine.bar(case_id, actor=county.actor("lin"), now=scene.now, reason="亲属", person_id=county.people["chen"])
    hidden = scene.look("chen", case_page, interviews[0].id)
    assert (hidden.agenda, hidden.agenda_hidden) == ((), 1)
    assert "村务公开栏" not in repr(hidden.agenda)
    number, item = case_row(county, interviews[0].id)["number"], case_row(county, case_id)["number"]

    def agenda(login: str) -> Any:
        actor = county.actor(login, LATE_DAY)
        return county.engine.read(scene.now, lambda store, occasion: show_case(store, occasion, actor, number))["agenda"]

    assert (agenda("zhao"), agenda("chen")) == ([item], []), "numbers for a program too, of what it may see"


def scene_hour(on: date) -> Any:
    from tests.factories import at

    return at(on, 12)


def test_measures_stand_under_their_item_and_are_counted_on_its_row(county: County) -> None:
    walk = Walk.open(county, "rectification", MONDAY, feedback_on=MONDAY.isoformat(), immediate="ordinary")
    walk.press("transfer", "song", MONDAY, recipient="donggou_branch")
    walk.press("sign_for", "zhou", MONDAY)
    walk.press("submit_plan", "zhou", MONDAY)
    scene = Scene(county, scene_hour(MONDAY), {"item": walk.id})
    page = page_of(scene, "zhou", "item")
    assert page.row.measures == len(page.children) > 0
    assert page.row.measures_done == 0
    assert {child.kind for child in page.children} == {"measure"}
    assert page.children[0].number.startswith(page.row.number)
