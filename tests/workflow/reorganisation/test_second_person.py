"""A change of organisations by which somebody comes to see more takes two people, whoever asks for it and whenever it is done."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from states.errors import BadInput, Conflict, NotFound, NotPermitted, OutcomeUnknown
from tests.factories import MONDAY, County, at, merge_of
from tests.workflow.looking import case_row, rows_of
from workflow import database
from workflow.models import Event, Outbox, Person, Reorganisation, Trail
from workflow.people import grants
from workflow.reorganisation import second
from workflow.reorganisation.plan import Plan, Wish
from workflow.store import Store

DAY = MONDAY + timedelta(7)
DUTIES = {"wang": "system_admin", "qin": "security_admin", "bao": "audit_admin"}


@pytest.fixture
def county(county: County) -> County:
    """The county whose three administrators are set."""
    for login, role in DUTIES.items():
        hire(county, login, role)
    return county


def hire(county: County, login: str, role: str) -> None:
    def work(store: Store) -> None:
        person_id = int(store.new_ids(Person, 1)[0])
        row = {"id": person_id, "login": login, "name": login, "email": "", "phone": "", "language": "zh-Hans"}
        store.insert(Person, [{**row, "must_change": False, "created_at": at(MONDAY)}])
        grants.give(store, person_id=person_id, role=role, organ_id=county.organs["office"], today=MONDAY)
        county.people[login] = person_id

    county.database.write(work)


def ask(county: County, plan: Plan, by: str = "wang", on: date = DAY, today: date = DAY) -> dict[str, Any]:
    wish = Wish(plan, on, "撤村并居")
    change_id = county.engine.reorganise(wish, actor=county.actor(by, today), now=at(today))
    return row_of(county, change_id)


def row_of(county: County, change_id: int) -> dict[str, Any]:
    return rows_of(county, Reorganisation, id=change_id)[0]


def decide(county: County, by: str, change_id: int, granted: bool = True, words: str = "", on: date = DAY) -> None:
    told: Any = {"granted": granted, "words": words}
    county.engine.administer(lambda desk: second.decide(desk, change_id, **told), actor=county.actor(by, on), now=at(on, 12))


def villages(county: County) -> Plan:
    return Plan("merge", "area", (county.areas["donggou"],), into_id=county.areas["xitou"])


def test_a_merge_that_lets_somebody_see_more_is_done_only_once_another_person_said_yes(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    before, events = case_row(county, case_id), len(rows_of(county, Event))
    change = ask(county, villages(county))
    assert (change["status"], change["settled_at"]) == ("proposed", None)
    assert json.loads(change["told"])["gains"] == [{"organ": "西头村党支部", "people": 1, "cases": 1}]
    assert (case_row(county, case_id), len(rows_of(county, Event))) == (before, events)
    told = rows_of(county, Outbox, message="reorganisation_proposed")
    assert {row["person_id"] for row in told} == {county.people["qin"]}
    decide(county, "qin", change["id"])
    after = row_of(county, change["id"])
    assert (after["status"], after["second_by"]) == ("done", county.people["qin"])
    assert case_row(county, case_id)["holder_id"] == county.organs["xitou_branch"]


def test_neither_whoever_asked_nor_a_stranger_is_the_second(county: County) -> None:
    county.supervised_item(at(MONDAY))
    change = ask(county, villages(county))
    hire(county, "yuan", "system_admin")
    for login in ("wang", "yuan"):
        with pytest.raises(NotPermitted, match="separation_asked"):
            decide(county, login, change["id"])
    with pytest.raises(NotFound):
        decide(county, "lin", change["id"])
    assert row_of(county, change["id"])["status"] == "proposed"


def test_another_system_administrator_is_the_second_where_nobody_answers_for_rights_any_more(county: County) -> None:
    county.supervised_item(at(MONDAY))
    change = ask(county, villages(county))
    hire(county, "yuan", "system_admin")
    (post,) = county.actor("qin", DAY).grants
    county.database.write(lambda store: grants.end(store, grant_id=post.id, today=DAY))
    decide(county, "yuan", change["id"])
    assert row_of(county, change["id"])["status"] == "done"


def test_what_is_refused_keeps_its_words_and_is_asked_for_anew(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    change = ask(county, villages(county))
    with pytest.raises(Conflict, match="change_waits"):
        ask(county, villages(county))
    with pytest.raises(BadInput, match="reason_empty"):
        decide(county, "qin", change["id"], granted=False, words=" ")
    decide(county, "qin", change["id"], granted=False, words="先清点")
    assert (row_of(county, change["id"])["status"], row_of(county, change["id"])["words"]) == ("refused", "先清点")
    with pytest.raises(Conflict, match="already_decided"):
        decide(county, "qin", change["id"])
    assert case_row(county, case_id)["holder_id"] == county.organs["donggou_branch"]
    assert ask(county, villages(county))["status"] == "proposed"


def test_what_shows_nobody_more_takes_one_person(county: County) -> None:
    county.supervised_item(at(MONDAY))
    plan = Plan("rename", "organ", (county.organs["donggou_branch"],), name="东桥村党支部")
    assert ask(county, plan)["status"] == "done"
    assert ask(county, merge_of(county, "xitou_branch", "shimen_branch", DAY).plan)["status"] == "done", "they hold nothing"


def test_a_closed_case_that_somebody_newly_reads_counts_too(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY), subject="shimen_branch", signer="shi")
    county.engine.void(case_id, actor=county.actor("zhao"), now=at(MONDAY, 12), reason="重复登记", approver="高建国")
    assert case_row(county, case_id)["final"]
    change = ask(county, merge_of(county, "donggou_branch", "shimen_branch", DAY).plan)
    assert change["status"] == "proposed"
    assert json.loads(change["told"])["gains"] == [{"organ": "石门村党支部", "people": 2, "cases": 1}]


def test_one_that_widens_only_on_its_day_waits_then_and_is_caught_up_with_the_yes(county: County) -> None:
    change = ask(county, villages(county), today=MONDAY)
    assert change["status"] == "waiting"
    case_id = county.supervised_item(at(MONDAY, 12))
    assert county.engine.take_reorganisations(at(DAY)) == 0
    assert row_of(county, change["id"])["status"] == "proposed"
    assert rows_of(county, Outbox, message="reorganisation_set_aside") == []
    assert case_row(county, case_id)["holder_id"] == county.organs["donggou_branch"]
    decide(county, "qin", change["id"], on=DAY + timedelta(1))
    assert row_of(county, change["id"])["status"] == "done"
    assert case_row(county, case_id)["holder_id"] == county.organs["xitou_branch"]


def test_a_yes_before_its_day_waits_for_the_day(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    change = ask(county, villages(county), today=MONDAY)
    assert change["status"] == "proposed"
    decide(county, "qin", change["id"], on=MONDAY)
    assert row_of(county, change["id"])["status"] == "waiting"
    assert county.engine.take_reorganisations(at(DAY)) == 1
    assert case_row(county, case_id)["holder_id"] == county.organs["xitou_branch"]


def test_a_yes_whose_commit_got_no_answer_is_taken_up_again_and_not_set_aside(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = county.supervised_item(at(MONDAY))
    change = ask(county, villages(county), today=MONDAY)
    decide(county, "qin", change["id"], on=MONDAY)

    def lost(_connection: Any, transaction: Any) -> None:
        transaction.rollback()
        raise OutcomeUnknown()

    with monkeypatch.context() as broken:
        broken.setattr(database, "_commit", lost)
        assert county.engine.take_reorganisations(at(DAY)) == 0
    assert row_of(county, change["id"])["status"] == "waiting"
    assert county.engine.take_reorganisations(at(DAY)) == 1
    assert case_row(county, case_id)["holder_id"] == county.organs["xitou_branch"]


def test_every_step_of_a_change_is_on_the_trail_with_who_took_it(county: County) -> None:
    county.supervised_item(at(MONDAY))
    change = ask(county, villages(county))
    decide(county, "qin", change["id"])
    facts = [json.loads(row["facts"]) for row in rows_of(county, Trail, action="organisation")]
    asked = f"merge area {county.areas['donggou']}, change {change['id']}"
    assert [(one["actor"], one["what"]) for one in facts] == [
        (county.people["wang"], asked),
        (county.people["qin"], f"change {change['id']} granted"),
        (county.people["qin"], f"change {change['id']} done"),
    ]
