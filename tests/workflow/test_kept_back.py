"""From which state on somebody sees a case, asked at every door: page, list, search, count, export, inbox, bell, what stands
beside it. A village hears of a talk by its notice, and of an item when it is handed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from states.errors import CaseNotFound
from tests.factories import MONDAY, County, at
from tests.shipped.walking import Walk
from tests.workflow.looking import rows_of
from web.wiring import shipped_workflows
from workflow import definitions, occasions
from workflow.imports import begin_run
from workflow.models import Case, Outbox
from workflow.occasion import Occasion
from workflow.reads.agreement import sample_agreement
from workflow.reads.case_lines import show_case
from workflow.reads.case_page import CasePage, case_page
from workflow.reads.counts import count_of, counts
from workflow.reads.groups import group_by
from workflow.reads.inbox import inbox
from workflow.reads.ledger import every_row
from workflow.reads.mentions import nameable_on
from workflow.reads.query import Query
from workflow.reads.search import find
from workflow.reads.seen import find_number
from workflow.reads.townships import township_lines
from workflow.reads.whole_rows import whole_rows
from workflow.store import Store
from workflow.types import MACHINE, Actor
from workflow.verbs.adopt import Adoption

DOORS = {"page", "list", "search", "count", "export", "number"}
TUESDAY = MONDAY + timedelta(1)
EVERYBODY = ("zhou", "chen", "he", "lin", "wu", "ma", "han", "gao")


def d(day: str) -> date:
    return date.fromisoformat(f"2026-{day}")


def doors(county: County, login: str, case_id: int, on: date) -> set[str]:
    """The ways on which somebody comes to the case."""
    actor = county.actor(login, on)
    row = rows_of(county, Case, id=case_id)[0]
    query = Query(kinds=(row["kind"],), states=(row["state"],), band="all", ids=(case_id,))

    def work(store: Store, occasion: Occasion) -> set[str]:
        found = {
            "list": bool(list(every_row(store, occasion, actor, query))),
            "count": bool(count_of(store, occasion, actor, query).n),
            "export": bool(list(whole_rows(store, occasion, actor, query))),
            "search": any(hit.id == case_id for hit in find(store, occasion, actor, row["title"]).rows),
            "number": find_number(store, occasion, actor, row["number"]) is not None,
            "page": True,
        }
        try:
            case_page(store, occasion, actor, case_id)
        except CaseNotFound:
            found["page"] = False
        everybody = [county.actor(one, on) for one in EVERYBODY]
        assert sample_agreement(store, occasion, [*everybody, MACHINE]) == ()
        return {name for name, is_open in found.items() if is_open}

    return county.engine.read(at(on, 20), work)


def page_of(county: County, login: str, case_id: int, on: date) -> CasePage:
    actor = county.actor(login, on)
    return county.engine.read(at(on, 20), lambda store, occasion: case_page(store, occasion, actor, case_id))


def in_the_inbox(county: County, login: str, on: date) -> set[int]:
    """Everything that somebody's inbox names."""
    actor = county.actor(login, on)
    found = county.engine.read(at(on, 20), lambda store, occasion: inbox(store, occasion, actor))
    bands = (found.to_sign, found.late, found.soon, found.to_do, found.interviews, found.waiting)
    return {row.id for band in bands for row in band} | {one.row.id for one in found.returned} | set(found.agenda)


def told_of(county: County, login: str, case_id: int) -> list[str]:
    """The messages that the bell and the mail have for somebody about the case."""
    return [row["message"] for row in rows_of(county, Outbox, case_id=case_id, person_id=county.people[login])]


def a_late_item(county: County) -> Walk:
    """An item of 东沟村 whose limit ends on 26 June and which nobody reports as done."""
    facts = {"immediate": "ordinary", "period": "three_months", "first_check": "township", "feedback_on": "2026-03-26"}
    walk = Walk.open(county, "rectification", d("03-26"), **facts)
    walk.press("transfer", "song", d("03-26"), recipient="donggou_branch")
    walk.press("sign_for", "zhou", d("03-26"))
    walk.press("submit_plan", "zhou", d("03-27"))
    day = d("03-30")
    while day < d("07-10"):
        walk.press("report_progress", "zhou", day)
        day += timedelta(10)
    return walk


def the_talk(county: County, item: Walk) -> Walk:
    """The talk that the item's ladder proposes on 10 July."""
    return the_talk_of(county, item, d("07-10"))


def the_talk_of(county: County, item: Walk, on: date) -> Walk:
    """The newest talk after the sweep of that day."""
    item.tick(on)
    return Walk(county, int(rows_of(county, Case, kind="interview")[-1]["id"]))


def traces(page: CasePage) -> dict[str, object]:
    """What an item's page says of a talk."""
    fired = {(step.key, step.stands) for clock in page.clocks for step in clock.ladder if step.key.startswith("interview")}
    events = [event.params.get("rung") or event.trigger for event in page.timeline]
    return {
        "beside": [one.id for one in page.interviews],
        "history": [name for name in events if str(name).startswith(("interview", "propose_interview"))],
        "released": [event.verb for event in page.timeline if event.verb in ("ladder_released", "ladder_climbed")],
        "row": page.row.rung.zh_hans if page.row.rung else "",
        "ladder": {stands for key, stands in fired if key == "interview"},
        "held": [clock.key for clock in page.clocks if clock.held_by is not None],
    }


NOTHING: Mapping[str, object] = {"beside": [], "history": [], "released": [], "row": "", "ladder": {"ahead"}, "held": []}


def test_a_village_hears_of_a_talk_by_its_notice_and_at_no_door_before(county: County) -> None:
    item = a_late_item(county)
    talk = the_talk(county, item)
    steps = (
        ("proposed", None, d("07-10"), {}),
        ("ordered", ("order", "zhao"), d("07-14"), {}),
        ("notified", ("notify", "chen"), d("07-20"), {"held_on": "2026-07-29"}),
        ("held", ("hold_talk", "chen"), d("07-29"), {"held_on": "2026-07-29"}),
    )
    for state, press, on, told in steps:
        if press:
            talk.press(*press, on, **told)
        assert talk.row["state"] == state
        is_told = state in ("notified", "held")
        assert doors(county, "zhou", talk.id, on) == (DOORS if is_told else set()), state
        assert (talk.id in in_the_inbox(county, "zhou", on)) is is_told, state
        assert told_of(county, "zhou", talk.id) == (["interview_notice"] if is_told else []), state
        seen = traces(page_of(county, "zhou", item.id, on))
        assert (seen == NOTHING) is not is_told, seen
        assert doors(county, "chen", talk.id, on) == DOORS, "the township that is to hold the talk sees it from the first day"
        assert doors(county, "lin", talk.id, on) == DOORS
        assert doors(county, "han", talk.id, on) == set()
    assert seen == {
        "beside": [talk.id],
        "history": ["interview"],
        "released": [],
        "row": "拟约谈（一级）",
        "ladder": {"fired"},
        "held": ["rectify"],
    }


def test_a_township_does_not_read_on_the_items_of_its_villages_that_the_county_is_to_talk_to_it(county: County) -> None:
    item = a_late_item(county)
    talk = the_talk(county, item)
    talk.press("order", "zhao", d("07-14"))
    talk.press("notify", "chen", d("07-20"), held_on="2026-07-29")
    talk.press("hold_talk", "chen", d("07-29"), held_on="2026-07-29")
    talk.prove("chen", d("07-29"), "signed_record")
    talk.press("record", "chen", d("07-29"), new_dates={str(item.id): "2026-08-28"})
    talk.press("hand_in", "chen", d("07-29"))
    item.press("report_progress", "zhou", d("08-28"))
    second, on = the_talk_of(county, item, d("08-31")), d("08-31")
    assert second.row["interviewee_id"] == county.organs["liuhe_party"]
    for login in ("chen", "he", "zhou"):
        assert doors(county, login, second.id, on) == set(), login
        page = page_of(county, login, item.id, on)
        assert [one.id for one in page.interviews] == ([] if login == "he" else [talk.id]), login
        assert page.row.rung is None and "interview_2" not in [event.params.get("rung") for event in page.timeline], login
        assert any(event.verb == "new_date" for event in page.timeline), "a date never moves silently"
    second.press("order", "zhao", on)
    second.press("notify", "lin", d("09-01"), held_on="2026-09-08")
    assert doors(county, "chen", second.id, d("09-01")) == DOORS
    assert "interview_2" in [event.params.get("rung") for event in page_of(county, "chen", item.id, d("09-01")).timeline]


def test_who_supervises_or_holds_the_talk_reads_on_the_item_that_it_is_proposed(county: County) -> None:
    item = a_late_item(county)
    talk = the_talk(county, item)
    for login in ("lin", "chen"):
        seen = traces(page_of(county, login, item.id, d("07-10")))
        assert (seen["beside"], seen["history"], seen["row"]) == ([talk.id], ["interview"], "拟约谈（一级）"), login
        assert (seen["ladder"], seen["held"]) == ({"fired"}, ["rectify"]), login


@pytest.mark.parametrize("way", ["waive", "withdraw_interview", "void"])
def test_a_talk_that_was_never_notified_stays_unseen_when_it_has_ended(county: County, way: str) -> None:
    item = a_late_item(county)
    talk = the_talk(county, item)
    on = d("07-13")
    if way == "void":
        county.engine.void(talk.id, actor=county.actor("zhao"), now=at(on), reason="误提", approver="高建国")
    else:
        talk.press(way, "zhao", on)
    assert talk.row["final"]
    assert doors(county, "zhou", talk.id, on) == set()
    assert told_of(county, "zhou", talk.id) == []
    seen = traces(page_of(county, "zhou", item.id, on))
    assert (seen["beside"], seen["history"], seen["released"], seen["held"]) == ([], [], [], [])
    assert doors(county, "chen", talk.id, on) == DOORS


def test_the_step_by_which_a_talk_is_proposed_by_hand_is_told_only_to_who_sees_the_talk(county: County) -> None:
    item = a_late_item(county)
    on = d("07-08")
    item.press("propose_interview", "zhao", on)
    talk = Walk(county, int(rows_of(county, Case, kind="interview")[-1]["id"]))
    assert traces(page_of(county, "zhou", item.id, on))["history"] == []
    assert traces(page_of(county, "lin", item.id, on))["history"] == ["propose_interview"]
    number = item.row["number"]

    def triggers(login: str) -> list[str]:
        actor = county.actor(login, on)
        told = county.engine.read(at(on, 20), lambda store, occasion: show_case(store, occasion, actor, number))
        return [event["trigger"] for event in told["history"]]

    assert "propose_interview" in triggers("lin")
    assert "propose_interview" not in triggers("zhou"), "the command line tells no more than the page"
    assert "report_progress" in triggers("zhou")
    talk.press("order", "zhao", d("07-14"))
    talk.press("notify", "chen", d("07-20"), held_on="2026-07-29")
    assert traces(page_of(county, "zhou", item.id, d("07-20")))["history"] == ["propose_interview"]


def test_nobody_can_be_named_in_a_remark_on_a_talk_that_he_does_not_see_yet(county: County) -> None:
    talk = the_talk(county, a_late_item(county))

    def nameable(on: date) -> set[str]:
        actor = county.actor("chen", on)
        told = county.engine.read(at(on, 20), lambda store, occasion: nameable_on(store, occasion, actor, talk.id))
        return {one.name for one in told}

    assert "周明远" not in nameable(d("07-10"))
    talk.press("order", "zhao", d("07-14"))
    talk.press("notify", "chen", d("07-20"), held_on="2026-07-29")
    assert "周明远" in nameable(d("07-20"))


def serve(county: County, document: dict[str, Any]) -> None:
    """Publishes it as the next version of its kind."""

    def work(store: Store) -> None:
        definitions.publish(store, document, source="", now=at(MONDAY))
        occasions.moved(store, "definitions")

    county.database.write(work)


def shipped(kind: str) -> dict[str, Any]:
    return deepcopy(dict(shipped_workflows()[kind].data))


def test_a_message_to_those_who_do_not_see_the_case_yet_is_not_written_and_one_that_comes_with_the_sight_is(
    county: County,
) -> None:
    document = shipped("interview")
    order = next(step for step in document["transitions"] if step["trigger"] == "order")
    told = {"to": ["head@interviewee", "head@interviewer"], "message": "interview_ordered"}
    order["effects"].append({"notify_posts": told})
    serve(county, document)
    talk = the_talk(county, a_late_item(county))
    talk.press("order", "zhao", d("07-14"))
    assert (told_of(county, "zhou", talk.id), told_of(county, "chen", talk.id)[-1]) == ([], "interview_ordered")
    talk.press("notify", "chen", d("07-20"), held_on="2026-07-29")
    assert told_of(county, "zhou", talk.id) == ["interview_notice"]


# ---- items ----------------------------------------------------------------------------------------------------------------


def test_an_item_is_the_offices_own_business_until_it_is_handed_over(county: County) -> None:
    case_id = county.open_item(at(MONDAY), title="集体资产未登记", feedback_on=MONDAY.isoformat())
    for login in ("zhou", "chen", "he"):
        assert doors(county, login, case_id, MONDAY) == set(), login
        assert case_id not in in_the_inbox(county, login, MONDAY), login
    assert doors(county, "lin", case_id, MONDAY) == DOORS
    county.hand_over(case_id, at(MONDAY, 15))
    for login in ("zhou", "chen", "he", "lin"):
        assert doors(county, login, case_id, MONDAY) == DOORS, login
        assert case_id in in_the_inbox(county, "zhou", MONDAY)
    assert told_of(county, "sun", case_id) == ["to_sign"]


def test_an_item_that_was_handed_back_is_seen_by_its_village_again_when_it_goes_out_again(county: County) -> None:
    case_id = county.open_item(at(MONDAY), title="渠道损毁无人管护", feedback_on=MONDAY.isoformat())
    county.hand_over(case_id, at(MONDAY), to="bureau")
    assert doors(county, "zhou", case_id, MONDAY) == DOORS
    county.fire(case_id, "hand_back", "ma", at(MONDAY, 15), hand_back_reason="not_ours", hand_back_note="应由属地承办")
    assert doors(county, "zhou", case_id, MONDAY) == doors(county, "chen", case_id, MONDAY) == set()
    assert page_of(county, "ma", case_id, MONDAY).seen_upto is not None, "who has held it reads up to the hand-back"
    county.hand_over(case_id, at(TUESDAY))
    assert doors(county, "zhou", case_id, TUESDAY) == doors(county, "chen", case_id, TUESDAY) == DOORS


def test_a_village_that_handed_its_own_item_back_reads_it_up_to_there_and_finds_no_later_word(county: County) -> None:
    case_id = county.open_item(at(MONDAY), title="渠道损毁无人管护", feedback_on=MONDAY.isoformat())
    county.hand_over(case_id, at(MONDAY))
    Walk(county, case_id).press("hand_back", "zhou", MONDAY, 15)
    lin = county.actor("lin")
    county.engine.amend(case_id, actor=lin, now=at(MONDAY, 16), data={"particulars": "退回之后才写的话"}, reason="补充情况")
    assert page_of(county, "zhou", case_id, MONDAY).seen_upto is not None
    actor = county.actor("zhou")

    def hits(words: str) -> list[int]:
        return county.engine.read(
            at(MONDAY, 20), lambda store, occasion: [row.id for row in find(store, occasion, actor, words).rows]
        )

    assert (hits("渠道损毁"), hits("退回之后才写的话")) == ([case_id], [])


def test_an_item_that_ends_before_it_was_handed_over_is_never_seen_by_those_it_is_about(county: County) -> None:
    before, after = (county.open_item(at(MONDAY), title=title, feedback_on=MONDAY.isoformat()) for title in ("误登", "作废"))
    county.hand_over(after, at(MONDAY))
    for case_id in (before, after):
        county.engine.void(case_id, actor=county.actor("zhao"), now=at(MONDAY, 16), reason="重复登记", approver="高建国")
    for login in ("zhou", "chen"):
        assert doors(county, login, before, MONDAY) == set(), login
        assert doors(county, login, after, MONDAY) == DOORS, login
    assert doors(county, "lin", before, MONDAY) == DOORS


def test_the_closed_items_of_an_old_ledger_are_seen_though_they_never_were_handed_over_here(county: County) -> None:
    organs = county.organs
    lin, now = county.actor("lin"), at(MONDAY)
    run = {"digest": "旧", "name": "旧台账.xlsx", "mapping": ""}
    import_id = county.database.write(lambda store: begin_run(store, actor=lin, now=now, **run))
    ids = {}
    for row, state in enumerate(("received", "supervised", "closed"), start=1):
        adoption = Adoption(
            kind="rectification",
            title=f"旧账{state}",
            subject_id=organs["donggou_branch"],
            supervisor_id=organs["office"],
            state=state,
            import_id=import_id,
            row=row,
            digest=str(row) * 64,
            holder_id=organs["donggou_branch"] if state == "supervised" else None,
            closed_on=MONDAY if state == "closed" else None,
            ground="completed" if state == "closed" else None,
            past=(("registered_on", MONDAY - timedelta(30)),),
        )
        ids[state] = county.engine.adopt(adoption, actor=lin, now=now).case_id
    seen = {state for state, case_id in ids.items() if doors(county, "chen", case_id, MONDAY) == DOORS}
    assert seen == {"supervised", "closed"}
    chen = county.actor("chen")
    then = county.engine.read(at(TUESDAY, 20), lambda *read: past(*read, chen, MONDAY))
    assert (then["list"], then["count"], then["export"]) == (2, 2, 2)


def test_a_clue_that_is_registered_is_nothing_to_those_it_is_about_nor_to_those_who_may_get_it(county: County) -> None:
    clue = Walk.open(county, "clue", MONDAY, summary="虚报补贴人数")
    for login in ("zhou", "chen", "he", "han"):
        assert doors(county, login, clue.id, MONDAY) == set(), login
    assert doors(county, "lin", clue.id, MONDAY) >= {"page", "list", "count"}


# ---- what was done with an item before it was handed over ------------------------------------------------------------------


def an_item_asked_for(county: County) -> int:
    """An item that the county asked its leader about and remarked on before it came to 东沟村, which handed it back once."""
    now = at(MONDAY)
    case_id = county.open_item(now, feedback_on=MONDAY.isoformat())
    ask: dict[str, Any] = {"consent_for": "transfer", "opinion": "该村书记软弱，拟交村里先自己改"}
    ask |= {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}
    county.fire(case_id, "ask_approval", "lin", now + timedelta(minutes=1), **ask)
    county.engine.comment(case_id, actor=county.actor("lin"), now=now + timedelta(minutes=2), text="内部商量的话")
    county.fire(case_id, "agree", "zhao", now + timedelta(minutes=3), agree_note="同意，盯紧一点")
    county.hand_over(case_id, now + timedelta(minutes=4))
    return case_id


INNER = ("该村书记软弱", "内部商量的话", "盯紧一点", "ask_approval", "agree")


@pytest.mark.parametrize(("login", "is_told"), [("lin", True), ("zhao", True), ("zhou", False), ("chen", False), ("he", False)])
def test_what_the_county_asked_and_answered_before_the_hand_over_stays_with_the_county(
    county: County, login: str, is_told: bool
) -> None:
    case_id = an_item_asked_for(county)
    actor, number = county.actor(login), str(rows_of(county, Case, id=case_id)[0]["number"])
    page = county.engine.read(at(TUESDAY), lambda store, occasion: case_page(store, occasion, actor, case_id))
    lines = county.engine.read(at(TUESDAY), lambda store, occasion: show_case(store, occasion, actor, number))
    assert [word in str(page.timeline) for word in INNER] == [is_told] * len(INNER)
    assert [f"'{trigger}'" in str(lines) for trigger in INNER[3:]] == [is_told] * 2
    triggers = [event.trigger for event in page.timeline]
    assert "transfer" in triggers and page.timeline[-1].seq == 1
    assert [step.state for step in page.path] == ["received", "transferred"]


def test_what_the_county_registered_and_put_right_before_the_hand_over_is_told_to_nobody_who_came_later(county: County) -> None:
    now, named = at(MONDAY), "金丝雀：据李四反映"
    case_id = county.open_item(now, feedback_on=MONDAY.isoformat(), problem=named)
    change: dict[str, Any] = {"actor": county.actor("lin"), "now": now + timedelta(minutes=1), "reason": "去掉姓名"}
    county.engine.amend(case_id, data={"problem": "集体资产未登记"}, **change)
    county.hand_over(case_id, now + timedelta(minutes=2))
    for login, is_told in (("lin", True), ("zhou", False), ("chen", False)):
        page = page_of(county, login, case_id, TUESDAY)
        assert (named in str(page)) is is_told, login
        told = [fact.key for fact in page.timeline[-1].answers]
        assert ("problem" in told, "source" in told) == (is_told, True), "the rest of what was registered is told"


def test_a_day_on_which_an_item_was_kept_from_somebody_is_no_past_day_of_his(county: County) -> None:
    case_id, days = county.open_item(at(MONDAY), feedback_on=MONDAY.isoformat()), [MONDAY + timedelta(n) for n in range(4)]
    county.hand_over(case_id, at(days[1]))
    back = {"hand_back_reason": "not_ours", "hand_back_note": "应由农业农村局办"}
    county.fire(case_id, "hand_back", "zhou", at(days[2]), **back)
    county.hand_over(case_id, at(days[3]))
    for login, seen in (("lin", days[:3]), ("zhou", days[1:2]), ("chen", days[1:2])):
        actor = county.actor(login, days[3])
        for on in days[:3]:
            found = county.engine.read(at(days[3] + timedelta(1), 20), lambda *read, who=actor, day=on: past(*read, who, day))
            assert set(found.values()) == {int(on in seen)}, (login, on, found)


def test_days_on_which_an_item_had_ended_out_of_a_kept_state_are_no_past_days_of_who_it_was_kept_from(county: County) -> None:
    days = [MONDAY + timedelta(n) for n in range(6)]
    item = Walk.open(county, "rectification", MONDAY, feedback_on=MONDAY.isoformat(), immediate="ordinary")
    item.press("transfer", "song", days[0], recipient="donggou_branch")
    item.press("hand_back", "zhou", days[1])
    item.press("conclude", "zhao", days[2], ground="not_accepted")
    item.press("reopen", "zhao", days[4], new_due_on=(days[4] + timedelta(30)).isoformat())
    assert item.row["state"] == "supervised"
    for login, seen in (("lin", days), ("zhou", [days[0], *days[4:]]), ("chen", [days[0], *days[4:]])):
        actor = county.actor(login, days[5])
        for on in days:
            found = county.engine.read(at(days[5] + timedelta(1), 20), lambda *read, who=actor, day=on: past(*read, who, day))
            assert {found[way] for way in ("list", "by number", "export", "count")} == {int(on in seen)}, (login, on, found)


def test_the_days_before_its_notice_are_no_past_days_of_a_talk_for_those_it_is_about(county: County) -> None:
    talk, days = the_talk(county, a_late_item(county)), [d("07-10"), d("07-14"), d("07-20")]
    talk.press("order", "zhao", days[1])
    talk.press("notify", "chen", days[2], held_on="2026-07-29")
    for login, seen in (("chen", days), ("zhou", days[2:])):
        actor = county.actor(login, days[2])
        for on in days:
            found = county.engine.read(at(d("07-21"), 20), lambda *read, who=actor, day=on: past(*read, who, day, "interview"))
            assert set(found.values()) == {int(on in seen)}, (login, on, found)


def test_a_measure_that_was_kept_from_somebody_on_a_past_day_is_not_in_his_export_of_it(county: County) -> None:
    document = shipped("measure")
    next(rule for rule in document["access"] if rule["relation"] == "above_subject")["in"] = ["staged", "done"]
    serve(county, document)
    item = Walk(county, county.supervised_item(at(MONDAY)))
    line = {"text": "追缴租金", "unit": county.organs["liuhe_finance"], "person": "丁凯", "due_words": "5月底前"}
    item.press("submit_plan", "zhou", MONDAY, measures=[{**line, "due_on": "2026-05-29", "label": "dated"}])
    Walk(county, int(rows_of(county, Case, kind="measure")[0]["id"])).press("stage", "ding", TUESDAY)
    for login, told in (("lin", [1, 1]), ("chen", [0, 1])):
        actor, queries = county.actor(login), [Query(("rectification",), band="all", as_of=on) for on in (MONDAY, TUESDAY)]
        exported = [
            county.engine.read(at(TUESDAY, 20), lambda *read, q=q, a=actor: list(whole_rows(*read, a, q))) for q in queries
        ]
        assert [len(row.measures) for (row,) in exported] == told, login


def past(store: Store, occasion: Occasion, actor: Actor, on: date, kind: str = "rectification") -> dict[str, int]:
    """How many cases of the kind somebody finds on a past day, by every way that leads there."""
    query = Query(kinds=(kind,), band="all", as_of=on)
    asked = (store, occasion, actor, query)
    return {
        "list": len(list(every_row(*asked))),
        "by number": len(list(every_row(store, occasion, actor, replace(query, sort="number")))),
        "export": len(list(whole_rows(*asked))),
        "count": count_of(*asked).n,
        "strip": counts(*asked).open.n,
        "groups": sum(group.rows.n for group in group_by(*asked, "holder")),
        "townships": township_lines(*asked)[1].figures["open"],
    }


def test_a_village_that_handed_an_item_back_is_not_told_what_the_county_does_with_it_meanwhile(county: County) -> None:
    case_id, now = an_item_asked_for(county), at(MONDAY)
    note = {"hand_back_reason": "not_ours", "hand_back_note": "应由农业农村局办"}
    county.fire(case_id, "hand_back", "zhou", now + timedelta(hours=1), **note)
    county.engine.comment(case_id, actor=county.actor("lin"), now=now + timedelta(hours=2), text="村里在推")
    county.hand_over(case_id, now + timedelta(hours=3))
    zhou = county.actor("zhou")
    page = county.engine.read(at(TUESDAY), lambda store, occasion: case_page(store, occasion, zhou, case_id))
    told = str(page.timeline)
    assert "应由农业农村局办" in told and "村里在推" not in told and not any(word in told for word in INNER)


def test_whose_approval_was_recorded_with_the_hand_over_is_not_told_to_the_village(county: County) -> None:
    case_id, now = county.open_item(at(MONDAY), feedback_on=MONDAY.isoformat()), at(MONDAY, 11)
    paper = {"approver": "zhao", "on": MONDAY.isoformat(), "paper_number": "签报7号", "scan": 0}
    paper["scan"] = county.keep_file("签报", "song")
    to = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign", "approval": paper}
    county.fire(case_id, "transfer", "song", now, **to)
    told = {}
    for login in ("lin", "zhou"):
        actor = county.actor(login)
        page = county.engine.read(at(TUESDAY), lambda store, occasion, a=actor: case_page(store, occasion, a, case_id))
        told[login] = str([event.answers for event in page.timeline if event.trigger == "transfer"])
    assert "签报7号" in told["lin"] and "签报7号" not in told["zhou"] and "recipient" in told["zhou"]
