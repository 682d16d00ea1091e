"""Renames, endings and moves by their effective date: done once on their day, told by the name of then, set aside in the open."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest

from states.errors import BadInput, Conflict, NotPermitted
from tests.factories import MONDAY, County, at, merge_of
from tests.workflow.looking import case_row, rows_of
from web.cases.letters import letter_facts
from workflow.models import Grant, Note, Outbox, Reorganisation
from workflow.occasion import Occasion
from workflow.occasions import read_tree
from workflow.people import accounts, grants
from workflow.reads import ledger
from workflow.reads.case_page import CasePage, case_page
from workflow.reads.groups import group_by
from workflow.reads.health import health
from workflow.reads.inbox import inbox
from workflow.reads.issued import issued_of
from workflow.reads.query import Query
from workflow.reads.townships import township_lines
from workflow.reorganisation import log
from workflow.reorganisation.plan import Part, Plan, Wish
from workflow.store import Store
from workflow.tree import Tree
from workflow.types import MACHINE, Actor

NEXT = MONDAY + timedelta(30)
PAPER = "安政发〔2026〕9号"


def tree_of(county: County) -> Tree:
    return county.database.read(read_tree)


def ask(county: County, plan: Plan, on: date, now: date = MONDAY, actor: Actor = MACHINE) -> int:
    return county.engine.reorganise(Wish(plan, on, "撤村并居", PAPER), actor=actor, now=at(now))


def renaming(county: County, key: str = "donggou_branch", name: str = "东桥村党支部", unit: str = "organ") -> Plan:
    return Plan("rename", unit, ((county.organs if unit == "organ" else county.areas)[key],), name=name)


def page(county: County, as_of: date | None, on: date, login: str = "lin", **more: Any) -> list[Any]:
    actor, query = county.actor(login, on), Query(kinds=("rectification",), band="all", as_of=as_of, **more)
    return list(county.engine.read(at(on), lambda store, occasion: ledger.page(store, occasion, actor, query)).rows)


def test_a_rename_dated_ahead_waits_and_happens_by_itself_on_its_day(county: County) -> None:
    organ_id = county.organs["donggou_branch"]
    change_id = ask(county, renaming(county), NEXT)
    assert county.engine.take_reorganisations(at(NEXT - timedelta(1), 23)) == 0
    assert tree_of(county).organ(organ_id).name == "东沟村党支部"
    assert county.engine.take_reorganisations(at(NEXT, 0)) == 1
    assert tree_of(county).organ(organ_id).name == "东桥村党支部"
    (change,) = county.database.read(log.list_changes)
    assert (change.id, change.status, change.before, change.into) == (change_id, "done", ("东沟村党支部",), "东桥村党支部")
    assert (change.reason, change.paper, change.on) == ("撤村并居", PAPER, NEXT)


def on_desk(county: County, login: str, on: date) -> set[int]:
    """What lies on somebody's desk: every band of the inbox."""
    actor = county.actor(login, on)
    found = county.engine.read(at(on, 12), lambda store, occasion: inbox(store, occasion, actor))
    return {row.id for row in (*found.to_sign, *found.late, *found.soon, *found.to_do)}


def test_from_its_day_on_the_open_cases_of_a_merged_village_lie_in_the_inbox_of_the_new_body(county: County) -> None:
    signed = county.supervised_item(at(MONDAY))
    unsigned = county.open_item(at(MONDAY), feedback_on=MONDAY.isoformat())
    county.hand_over(unsigned, at(MONDAY))
    ids = (county.areas["donggou"], county.areas["xitou"])
    ask(county, Plan("merge", "area", ids, name="东桥村"), NEXT)
    eve = NEXT - timedelta(1)
    assert (on_desk(county, "zhou", eve), on_desk(county, "feng", eve)) == ({signed, unsigned}, set())
    assert county.engine.take_reorganisations(at(NEXT)) == 1
    assert (on_desk(county, "zhou", NEXT), on_desk(county, "feng", NEXT)) == ({signed, unsigned}, {signed, unsigned})


def test_from_its_day_on_what_a_split_hands_on_lies_in_the_inbox_of_the_new_body_and_no_more_in_the_old(county: County) -> None:
    stays, goes = county.supervised_item(at(MONDAY)), county.supervised_item(at(MONDAY), title="低保名单未公示")
    (sun,) = rows_of(county, Grant, person_id=county.people["sun"])
    part = Part("新沟村", cases=(goes,), grants=(sun["id"],))
    ask(county, Plan("split", "area", (county.areas["donggou"],), parts=(part,)), NEXT)
    eve = NEXT - timedelta(1)
    assert (on_desk(county, "zhou", eve), on_desk(county, "sun", eve)) == ({stays, goes}, {stays, goes})
    assert county.engine.take_reorganisations(at(NEXT)) == 1
    assert (on_desk(county, "zhou", NEXT), on_desk(county, "sun", NEXT)) == ({stays}, {goes})


def test_a_day_that_was_missed_is_caught_up_and_dated_as_the_paper_says(county: County) -> None:
    ask(county, renaming(county), NEXT)
    assert county.engine.take_reorganisations(at(NEXT + timedelta(9))) == 1
    tree = tree_of(county)
    assert tree.on(NEXT - timedelta(1)).organ(county.organs["donggou_branch"]).name == "东沟村党支部"
    assert tree.on(NEXT).organ(county.organs["donggou_branch"]).name == "东桥村党支部"


def test_four_schedulers_do_a_change_once(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    county.engine.reorganise(merge_of(county, "donggou_branch", "xitou_branch", NEXT), actor=MACHINE, now=at(MONDAY))
    done: list[int] = []
    workers = [threading.Thread(target=lambda: done.append(county.engine.take_reorganisations(at(NEXT)))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == [0, 0, 0, 1]
    assert case_row(county, case_id)["holder_id"] == county.organs["xitou_branch"]


def test_the_ledger_of_last_month_prints_the_old_name_and_counts_under_it(county: County) -> None:
    county.supervised_item(at(MONDAY))
    ask(county, renaming(county), NEXT, NEXT)
    ask(county, renaming(county, "donggou", "东桥村", "area"), NEXT, NEXT)
    ask(county, renaming(county, "liuhe", "新柳河镇", "area"), NEXT, NEXT)
    later = NEXT + timedelta(5)
    (now,), (then,) = page(county, None, later), page(county, NEXT - timedelta(1), later)
    assert (now.township, now.village, now.holder) == ("新柳河镇", "东桥村", "东桥村党支部")
    assert (then.township, then.village, then.holder) == ("柳河镇", "东沟村", "东沟村党支部")
    lin, query = county.actor("lin", later), Query(kinds=("rectification",), band="all", as_of=NEXT - timedelta(1))

    def names(store: Any, occasion: Any) -> tuple[str, ...]:
        lines, _total = township_lines(store, occasion, lin, query)
        groups = [group_by(store, occasion, lin, query, dimension)[0].label.zh_hans for dimension in ("village", "holder")]
        return (lines[0].name, *groups)

    assert county.engine.read(at(later), names) == ("柳河镇", "东沟村", "东沟村党支部")


def test_bodies_called_after_their_area_are_renamed_with_it(county: County) -> None:
    ask(county, renaming(county, "donggou", "东桥村", "area"), MONDAY)
    assert tree_of(county).organ(county.organs["donggou_branch"]).name == "东桥村党支部"


def test_what_cannot_be_done_on_its_day_is_set_aside_and_told_and_stops_none_behind_it(county: County) -> None:
    admin = administrator(county)
    ending = Plan("end", "organ", (county.organs["donggou_branch"],))
    ask(county, ending, NEXT, actor=admin)
    ask(county, renaming(county, "xitou_branch", "新西头村党支部"), NEXT)
    county.supervised_item(at(MONDAY))
    assert county.engine.take_reorganisations(at(NEXT)) == 1
    assert county.engine.take_reorganisations(at(NEXT, 12)) == 0
    told = {change.plan.what: (change.status, change.why) for change in county.database.read(log.list_changes)}
    assert told == {"end": ("set_aside", "organ_has_cases"), "rename": ("done", "")}
    assert len(rows_of(county, Note, kind="reorganisation_set_aside")) == 1
    assert [row["person_id"] for row in rows_of(county, Outbox, message="reorganisation_set_aside")] == [admin.person_id]
    assert len(county.database.read(health).set_aside) == 1


def administrator(county: County) -> Actor:
    def work(store: Any) -> int:
        person_id = accounts.create_person(store, login="guan", name="管理", now=at(MONDAY))
        grants.give(store, person_id=person_id, role="system_admin", organ_id=county.organs["office"], today=MONDAY)
        return person_id

    county.people["guan"] = county.database.write(work)
    return county.actor("guan")


def test_a_change_is_withdrawn_before_its_day_and_not_after(county: County) -> None:
    change_id = ask(county, renaming(county), NEXT)
    with pytest.raises(Conflict, match="change_waits"):
        ask(county, renaming(county, name="别名党支部"), NEXT)
    county.engine.administer(lambda desk: log.withdraw(desk, change_id), actor=MACHINE, now=at(MONDAY, 12))
    assert county.engine.take_reorganisations(at(NEXT)) == 0
    assert tree_of(county).organ(county.organs["donggou_branch"]).name == "东沟村党支部"
    with pytest.raises(Conflict, match="already_decided"):
        county.engine.administer(lambda desk: log.withdraw(desk, change_id), actor=MACHINE, now=at(NEXT))


@pytest.mark.parametrize(
    ("days", "why"), [(366, "day_too_far"), (-91, "day_too_far_back")], ids=["too far ahead", "too far back"]
)
def test_a_day_out_of_bounds_is_refused(county: County, days: int, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        ask(county, renaming(county), MONDAY + timedelta(days))


def test_a_change_without_a_reason_or_by_whoever_may_not_leaves_no_trace(county: County) -> None:
    with pytest.raises(BadInput, match="reason_empty"):
        county.engine.reorganise(Wish(renaming(county), MONDAY, "  "), actor=MACHINE, now=at(MONDAY))
    with pytest.raises(NotPermitted):
        ask(county, renaming(county), MONDAY, actor=county.actor("lin"))
    assert rows_of(county, Reorganisation) == []


def test_dated_back_the_name_is_that_of_the_paper_and_no_change_slips_in_before_another(county: County) -> None:
    ask(county, renaming(county), MONDAY - timedelta(20))
    tree, organ_id = tree_of(county), county.organs["donggou_branch"]
    assert tree.on(MONDAY - timedelta(20)).organ(organ_id).name == "东桥村党支部"
    assert tree.on(MONDAY - timedelta(21)).organ(organ_id).name == "东沟村党支部"
    with pytest.raises(Conflict, match="changed_later"):
        ask(county, renaming(county, name="又一村党支部"), MONDAY - timedelta(30))


def test_a_body_that_has_ended_opens_no_post_any_more(county: County) -> None:
    assert county.actor("feng").grants
    ask(county, Plan("end", "organ", (county.organs["xitou_branch"],)), MONDAY)
    assert county.actor("feng").grants == ()


def test_history_and_letters_keep_the_names_of_their_days(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    county.fire(case_id, "report_progress", "zhou", at(MONDAY, 11), progress_note="已经开工", progress_label="ongoing")
    ask(county, renaming(county), NEXT)
    assert county.engine.take_reorganisations(at(NEXT, 0)) == 1
    county.fire(case_id, "report_progress", "zhou", at(NEXT, 11), progress_note="还在办", progress_label="ongoing")
    actor = county.actor("lin", NEXT)

    def work(store: Store, occasion: Occasion) -> tuple[CasePage, list[str]]:
        page = case_page(store, occasion, actor, case_id)
        sheet = next(letter for letter in page.letters if letter.letter == "assignment_sheet")
        return page, [letter_facts(page, occasion, issued_of(store, occasion, case_id, sheet)).recipient]

    page, recipients = county.engine.read(at(NEXT, 12), work)
    told = [event.organ for event in page.timeline if event.trigger == "report_progress"]
    assert ["东桥村" in name for name in told] == [True, False], "the newest first"
    assert recipients and "东桥村" not in recipients[0]
    assert "东桥村" not in page.path[-1].holder
