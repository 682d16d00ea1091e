"""A kind with open cases gets a new version: what was previewed is what happens, and nothing is stranded."""

from __future__ import annotations

import json
from datetime import date

import pytest

from states.errors import BadInput, Conflict, NotPermitted, TransitionRefused
from tests.factories import County, at
from tests.tampering import tamper
from tests.workflow.looking import case_row, clock_row, day, fired, rows_of
from tests.workflow.versions.conftest import TODAY, Document, Office, part
from web.wiring import shipped_workflows
from workflow import definitions
from workflow.audit import verify
from workflow.former import compare_former
from workflow.models import BulkItem, BulkRun, Event, Outbox, Publication
from workflow.occasion import Occasion
from workflow.reads import ledger
from workflow.reads.groups import group_by
from workflow.reads.many import offers_of
from workflow.reads.query import Query
from workflow.reads.seen import see
from workflow.reconcile import reconcile
from workflow.spells import compare_spells
from workflow.store import Store
from workflow.versions import drafts

OPENED = at(date(2026, 3, 2))


def rename(document: Document, old: str, new: str) -> None:
    """Gives a state another key, wherever it is named."""
    text = json.dumps(document, ensure_ascii=False).replace(f'"{old}"', f'"{new}"')
    document.clear()
    document.update(json.loads(text))


def two_months(document: Document) -> None:
    part(document, "clocks", "rectify")["limits"] = [{"limit": "2 month"}]


def nothing(document: Document) -> None:
    document["measure_word"] = {"zh-Hans": "项", "zh-Hant": "項", "en": "items"}


def require_whole(county: County) -> None:
    """Chain, replay, spells and clocks all agree with the history."""
    assert county.database.read(verify).faults == ()
    assert county.database.read(compare_spells) == []
    engine = county.engine
    assert engine.read(at(TODAY), lambda store, occasion: reconcile(store, occasion)) == ()
    assert engine.read(at(TODAY), lambda store, occasion: compare_former(store, occasion.catalogue)) == []


def test_a_kept_date_stays_and_says_which_version_gave_it(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.engine.tick(at(TODAY))
    before = clock_row(county, case_id, "rectify")
    office.change(two_months)
    after = clock_row(county, case_id, "rectify")
    assert after["due_on"] == before["due_on"] == day("2026-06-02")
    assert json.loads(after["basis"]) == {"kind": "kept", "version": 1}
    assert case_row(county, case_id)["definition_version_id"] != 0
    require_whole(county)


def test_a_carried_date_is_the_new_rule_from_the_old_start(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.engine.tick(at(TODAY))
    impact = office.preview(office.draft(two_months), clocks={"rectify": "carry"})
    run = office.publish(impact)
    assert run is not None
    office.work(run)
    clock = clock_row(county, case_id, "rectify")
    assert (clock["due_on"], clock["original_due_on"], clock["started_on"]) == (day("2026-05-06"),) * 2 + (day("2026-03-02"),)
    assert case_row(county, case_id)["due_on"] == office_due(office.lines(impact)[case_id])
    require_whole(county)


def office_due(line: Document) -> date:
    """The date that a line of the preview promises."""
    return day(line["said"]["due"][1])


def test_a_restarted_clock_begins_a_run_on_the_day(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.engine.tick(at(TODAY))
    office.change(two_months, clocks={"rectify": "restart"})
    clock = clock_row(county, case_id, "rectify")
    assert (clock["run"], clock["started_on"], clock["due_on"]) == (2, TODAY, day("2026-06-01"))
    require_whole(county)


def test_a_removed_state_needs_a_map_before_anybody_may_publish(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    draft = office.draft(lambda document: rename(document, "supervised", "under_way"))
    impact = office.preview(draft)
    assert json.loads(impact["counts"])["obstacles"] == [{"name": "state_unmapped", "params": {"state": "supervised"}}]
    with pytest.raises(Conflict) as refusal:
        office.propose(impact)
    assert refusal.value.params["why"] == "plan_unfinished"
    mapped = office.preview(draft, states={"supervised": "under_way"})
    run = office.publish(mapped)
    assert run is not None
    office.work(run)
    assert case_row(county, case_id)["state"] == "under_way"
    assert office.lines(mapped)[case_id]["said"]["to"] == "under_way"
    require_whole(county)
    county.fire(case_id, "report_progress", "zhou", at(TODAY, 12), progress_note="已清理一半")


def test_an_open_case_is_never_closed_by_a_new_version(office: Office) -> None:
    office.county.supervised_item(OPENED)
    draft = office.draft(lambda document: rename(document, "supervised", "under_way"))
    counts = json.loads(office.preview(draft, states={"supervised": "closed"})["counts"])
    assert counts["obstacles"] == [{"name": "state_closes", "params": {"state": "supervised", "to": "closed"}}]


def test_who_proposes_does_not_decide(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    publication = office.propose(impact)
    with pytest.raises(NotPermitted) as refusal:
        office.county.engine.decide_publication(
            publication, actor=office.admin(), now=at(TODAY), granted=True, seal=impact["seal"]
        )
    assert refusal.value.params["why"] == "separation_asked"


def test_nobody_else_drafts_previews_or_publishes(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    for login in ("zhao", "lin", "gao"):
        with pytest.raises(NotPermitted):
            office.county.engine.decide_publication(
                1,
                actor=office.county.actor(login, TODAY),
                now=at(TODAY),
                granted=True,
                seal=impact["seal"],
            )


def test_another_seal_than_the_previews_is_refused(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    publication = office.propose(impact)
    with pytest.raises(Conflict) as refusal:
        office.county.engine.decide_publication(
            publication, actor=office.admin("kong"), now=at(TODAY), granted=True, seal="0" * 64
        )
    assert refusal.value.params["why"] == "seal_differs"


def test_a_ledger_that_has_moved_since_asks_for_a_new_preview(office: Office) -> None:
    county = office.county
    impact = office.preview(office.draft(two_months))
    publication = office.propose(impact)
    for _ in range(6):
        county.supervised_item(at(TODAY, 11))
    with pytest.raises(Conflict) as refusal:
        county.engine.decide_publication(
            publication, actor=office.admin("kong"), now=at(TODAY, 12), granted=True, seal=impact["seal"]
        )
    assert refusal.value.params == {"why": "ledger_moved", "cases": 6}


def test_a_remark_does_not_make_a_preview_stale(office: Office) -> None:
    county = office.county
    ids = [county.supervised_item(OPENED) for _ in range(7)]
    county.engine.tick(at(TODAY))
    impact = office.preview(office.draft(two_months))
    for case_id in ids:
        county.engine.comment(case_id, actor=county.actor("lin", TODAY), now=at(TODAY, 11), text="知悉")
    assert office.publish(impact, at(TODAY, 12)) is not None


def test_rungs_that_fired_stay_fired_and_new_ones_that_are_past_fire_once(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(at(date(2026, 1, 5)), feedback_on="2026-01-05")
    county.engine.tick(at(TODAY))
    before = fired(county, case_id, "rectify")
    later = date(2026, 4, 7)
    county.engine.tick(at(later))

    def more_rungs(document: Document) -> None:
        tier = part(document, "ladders", "long")["tiers"][0]
        title = {"zh-Hans": "提醒", "zh-Hant": "提醒", "en": "Reminder"}
        told = {"title": title, "do": "remind", "to": ["handler@holder"], "params": {"message": "first_reminder"}}
        tier.insert(0, {"key": "early_2", "at": "-25 day", **told})
        tier.insert(0, {"key": "early_1", "at": "-30 day", **told})

    impact = office.preview(office.draft(more_rungs, now=at(later)), at(later))
    assert office.lines(impact)[case_id]["said"]["coming"] == [["rectify", "early_2"]]
    run = office.publish(impact, at(later))
    assert run is not None
    office.work(run, at(later))
    county.engine.tick(at(later, 11))
    after = fired(county, case_id, "rectify")
    assert set(before) < set(after)
    assert ("early_1", "skipped") in after and ("early_2", "fired") in after
    assert len(after) == len(set(after))


def test_cases_that_finish_on_the_old_version_do_and_others_follow_with_their_next_step(office: Office) -> None:
    county = office.county
    stays, follows = county.supervised_item(OPENED), county.open_item(OPENED, feedback_on="2026-03-02")
    county.engine.tick(at(TODAY))
    office.change(two_months, when={"supervised": "stay", "received": "next"})
    old = case_row(county, stays)["definition_version_id"]
    assert case_row(county, follows)["definition_version_id"] == old
    county.hand_over(follows, at(TODAY, 11))
    assert case_row(county, follows)["definition_version_id"] != old
    county.fire(stays, "report_progress", "zhou", at(TODAY, 11), progress_note="一半")
    assert case_row(county, stays)["definition_version_id"] == old
    assert [row["verb"] for row in rows_of(county, Event, case_id=follows)][-2:] == ["fire", "migrate"]
    require_whole(county)


def test_a_second_run_changes_nothing(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.engine.tick(at(TODAY))
    run = office.change(two_months)
    seq = case_row(county, case_id)["seq"]
    assert run is not None
    office.work(run, at(TODAY, 12))
    assert case_row(county, case_id)["seq"] == seq


def test_a_poisoned_case_is_set_aside_with_its_reason_and_the_rest_goes_on(office: Office) -> None:
    county = office.county
    healthy, poisoned = county.supervised_item(OPENED), county.supervised_item(OPENED)
    county.engine.tick(at(TODAY))
    told = {"extension_cause": "procedure", "extension_progress": "账已对到2024年"}
    county.engine.ask_extension(
        poisoned,
        actor=county.actor("zhou", TODAY),
        now=at(TODAY),
        clock="rectify",
        wanted_on=date(2026, 6, 20),
        reason="招标未完",
        data=told,
    )

    def other_clock(document: Document) -> None:
        text = json.dumps(document, ensure_ascii=False).replace('"key": "rectify", ', '"key": "rectifying", ')
        document.clear()
        document.update(json.loads(text))

    impact = office.preview(office.draft(other_clock))
    assert office.lines(impact)[poisoned]["why"] == "request_waits"
    assert json.loads(impact["counts"])["poisons"] == {"request_waits": 1}
    run = office.publish(impact)
    assert run is not None
    office.work(run)
    items = {row["case_id"]: row for row in rows_of(county, BulkItem, run_id=run)}
    assert items[healthy]["status"] == "done"
    assert (items[poisoned]["status"], json.loads(items[poisoned]["params"])["why"]) == ("refused", "request_waits")
    assert clock_row(county, healthy, "rectifying")["status"] == "armed"
    assert clock_row(county, poisoned, "rectify")["status"] == "armed"


def test_what_the_preview_counts_is_what_happens(office: Office) -> None:
    county = office.county
    ids = [county.supervised_item(OPENED), county.open_item(OPENED), county.supervised_item(at(date(2026, 1, 5)))]
    county.engine.tick(at(TODAY))
    impact = office.preview(office.draft(two_months), clocks={"rectify": "carry"})
    lines = office.lines(impact)
    run = office.publish(impact)
    assert run is not None
    office.work(run)
    for case_id in ids:
        said, row = lines[case_id]["said"], case_row(county, case_id)
        assert row["state"] == said.get("to", said["state"])
        if "due" in said:
            assert row["due_on"] == day(said["due"][1])
    assert rows_of(county, BulkRun, id=run)[0]["total"] == json.loads(impact["counts"])["moves"] == 3


def test_it_can_be_taken_back_where_nothing_has_happened_since(office: Office) -> None:
    county = office.county
    untouched, touched = county.supervised_item(OPENED), county.supervised_item(OPENED)
    county.engine.tick(at(TODAY))
    before, clock = case_row(county, untouched), clock_row(county, untouched, "rectify")
    run = office.change(two_months, clocks={"rectify": "restart"})
    county.fire(touched, "report_progress", "zhou", at(TODAY, 11), progress_note="一半")
    assert run is not None
    undoing = office.both("reverse", at(TODAY, 12), run_id=run)
    assert undoing is not None
    office.work(undoing, at(TODAY, 12))
    after = case_row(county, untouched)
    same = ("state", "definition_version_id", "due_on", "data", "holder_id", "overdue_since")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert clock_row(county, untouched, "rectify") == clock
    assert case_row(county, touched)["definition_version_id"] != before["definition_version_id"]
    refused = next(row for row in rows_of(county, BulkItem, run_id=undoing) if row["case_id"] == touched)
    assert json.loads(refused["params"])["why"] == [{"name": "touched_since"}]
    require_whole(county)


def test_a_holder_is_told_once_where_his_date_has_moved(office: Office) -> None:
    county = office.county
    county.supervised_item(OPENED)
    county.engine.tick(at(TODAY))
    office.change(two_months, clocks={"rectify": "carry"})
    told = [row for row in rows_of(county, Outbox) if row["message"] == "version_changed"]
    assert {row["person_id"] for row in told} == {county.people["sun"]}


def test_a_version_dated_ahead_waits_for_its_day(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.engine.tick(at(TODAY))
    impact = office.preview(office.draft(two_months))
    day_on = date(2026, 4, 8)
    publication = office.propose(impact, from_on=day_on)
    run = county.engine.decide_publication(
        publication, actor=office.admin("kong"), now=at(TODAY), granted=True, seal=impact["seal"]
    )
    assert run is None
    assert county.engine.take_effect(at(date(2026, 4, 7))) == 0
    assert county.engine.take_effect(at(day_on)) == 1
    while county.engine.work_runs(at(day_on), ceiling=3):
        pass
    assert clock_row(county, case_id, "rectify")["due_on"] == day("2026-06-02")
    assert [row["verb"] for row in rows_of(county, Event, case_id=case_id)][-1] == "migrate"


def test_no_new_case_of_a_retired_kind_is_registered_and_open_ones_go_on(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    office.both("retire", at(TODAY), kind="rectification")
    with pytest.raises(Conflict) as refusal:
        county.open_item(at(TODAY))
    assert refusal.value.params["why"] == "kind_retired"
    county.fire(case_id, "report_progress", "zhou", at(TODAY), progress_note="一半")


def test_a_new_version_of_a_retired_kind_does_not_begin_it_again(office: Office) -> None:
    county = office.county
    office.both("retire", at(TODAY), kind="rectification")
    office.change(two_months)
    with pytest.raises(Conflict) as refusal:
        county.open_item(at(TODAY))
    assert refusal.value.params["why"] == "kind_retired"
    office.both("reopen", at(TODAY), kind="rectification")
    assert county.open_item(at(TODAY))


def test_who_worked_under_the_old_version_still_may_not_close(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.fire(case_id, "report_progress", "zhou", at(TODAY), progress_note="一半")

    def renamed(document: Document) -> None:
        text = json.dumps(document, ensure_ascii=False).replace('"report_progress"', '"tell_progress"')
        document.clear()
        document.update(json.loads(text))

    office.change(renamed, at(TODAY, 11))
    found = county.engine.read(at(TODAY), lambda _store, occasion: occasion.catalogue.work_triggers["rectification"])
    assert {"report_progress", "tell_progress"} <= found
    with pytest.raises(TransitionRefused):
        county.fire(case_id, "report_progress", "zhou", at(TODAY, 12), progress_note="旧名")


def test_what_stands_in_a_state_of_an_old_version_has_its_words_in_every_list(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.engine.tick(at(TODAY))

    def renamed(document: Document) -> None:
        rename(document, "supervised", "under_way")
        part(document, "states", "under_way")["title"] = {"zh-Hans": "推进", "zh-Hant": "推進", "en": "Under way"}

    office.change(renamed, states={"supervised": "under_way"}, when={"supervised": "stay"})
    lin = county.actor("lin", TODAY)

    def read(store: Store, occasion: Occasion) -> tuple[list[str], list[str], list[str]]:
        page = ledger.page(store, occasion, lin, Query(kinds=("rectification",)), limit=10)
        groups = group_by(store, occasion, lin, Query(kinds=("rectification",)), "state")
        offers = offers_of(occasion.catalogue, lin, page.rows, ("remind",))
        return (
            [row.state_title.zh_hans for row in page.rows],
            [group.label.zh_hans for group in groups],
            [offer.trigger for offer in offers[case_id]],
        )

    titles, labels, _offers = county.engine.read(at(TODAY), read)
    assert (titles, labels) == (["督办"], ["整改中"])  # groups are called by what officials say of a state
    zhou = county.actor("zhou", TODAY)
    seen = county.engine.read(at(TODAY), lambda store, occasion: see(store, occasion, zhou, case_id))
    assert seen.is_whole


def test_a_plan_decides_nothing_about_choices_that_are_still_there(office: Office) -> None:
    impact = office.preview(office.draft(two_months), values={"consent": {"asked": "given"}})
    told = {"name": "choice_not_gone", "params": {"field": "consent", "choice": "asked"}}
    assert told in json.loads(impact["counts"])["obstacles"]
    with pytest.raises(Conflict):
        office.propose(impact)


def test_a_publication_that_cannot_take_effect_is_given_up_and_stops_none_behind_it(office: Office) -> None:
    county, ahead = office.county, date(2026, 4, 8)
    first, second = office.preview(office.draft(nothing, "clue")), office.preview(office.draft(two_months))
    for impact in (first, second):
        publication = office.propose(impact, from_on=ahead)
        county.engine.decide_publication(
            publication, actor=office.admin("kong"), now=at(TODAY), granted=True, seal=impact["seal"]
        )
    tamper(county.database.url, f"UPDATE definition SET canonical = canonical || ' ' WHERE digest = '{first['digest']}'")
    definitions._BUILT.pop(first["digest"], None)
    try:
        assert county.engine.take_effect(at(ahead)) == 1
        assert county.engine.take_effect(at(ahead, 12)) == 0
    finally:
        definitions._BUILT.pop(first["digest"], None)  # What was spoiled here is nobody else's.
    granted = {row["kind"]: row["granted"] for row in rows_of(county, Publication)}
    assert granted == {"clue": False, "rectification": True}


def test_a_draft_that_is_proposed_is_not_dropped(office: Office) -> None:
    draft = office.draft(two_months)
    office.propose(office.preview(draft))
    with pytest.raises(Conflict) as refusal:
        office.county.database.write(lambda store: drafts.drop(store, draft, actor=office.admin(), now=at(TODAY)))
    assert refusal.value.params["why"] == "draft_proposed"


def test_a_kind_that_counts_as_another_does_is_not_even_proposed(office: Office) -> None:
    number = shipped_workflows()["rectification"].data["number"]
    impact = office.preview(office.draft(lambda document: document.update(number=number), "supervision_order"))
    with pytest.raises(Conflict) as refusal:
        office.propose(impact)
    assert refusal.value.params["why"] == "number_taken"


def test_nobody_dates_a_version_a_year_ahead(office: Office) -> None:
    impact = office.preview(office.draft(two_months))
    with pytest.raises(BadInput) as refusal:
        office.propose(impact, from_on=date(2027, 4, 1))
    assert refusal.value.params["why"] == "day_too_far"
