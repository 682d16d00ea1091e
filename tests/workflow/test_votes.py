"""A body decides together: who is recused does not count, below the quorum nothing passes, and what passes is just what was asked."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from states.errors import CaseNotFound, Conflict, InvalidForm, KeyReused, NotFound, NotPermitted, TransitionRefused
from states.schema import canonical_text
from tests.factories import County, at, vault_of
from tests.workflow.looking import case_row, dump, rows_of
from web.wiring import shipped_workflows
from workflow import definitions, occasions
from workflow.audit import verify
from workflow.files import receive
from workflow.models import Ballot, DefinitionText, Event, Evidence, Grant, Outbox, Resolution
from workflow.permissions import CASES
from workflow.reads.case_page import case_page
from workflow.reads.decisions import votes_waiting
from workflow.store import Store
from workflow.text import digest
from workflow.verbs.votes import Word

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)
STEP = "settle_together"
TITLE = {"zh-Hans": "集体研究定案", "zh-Hant": "集體研究定案", "en": "Settle together"}
DATA = {"settled": "按第二种意见办"}


def document(*, states: Sequence[str] = ("supervised",), **rule: Any) -> dict[str, Any]:
    """The shipped item with one more step, which the people of the supervising body decide on together in these states."""
    made: dict[str, Any] = deepcopy(shipped_workflows()["rectification"].data)
    decision = {"roles": ["handler", "deputy", "head"], "relation": "supervisor", **rule}
    question = {"key": "settled", "title": TITLE, "type": "long_text", "required": True, "stores": False}
    who = [{"roles": ["handler", "deputy", "head"], "relations": ["supervisor", "holder"]}]
    step = {"trigger": STEP, "title": TITLE, "from": list(states), "to": "=", "who": who, "separate": ["work"]}
    made["transitions"].append({**step, "decision": decision, "form": [question]})
    return made


def publish(county: County, *, states: Sequence[str] = ("supervised",), **rule: Any) -> None:
    def work(store: Store) -> None:
        definitions.publish(store, document(states=states, **rule), source="", now=at(date(2026, 1, 2)))
        occasions.moved(store, "definitions")

    county.database.write(work)


@pytest.fixture
def case_id(county: County) -> int:
    """An item under work, of a kind on which 林静, 宋伟, 方磊 and 赵国华 decide."""
    publish(county)
    return county.supervised_item(NOON, immediate="rectify_now")


def ask(county: County, case_id: int, by: str = "lin", **data: Any) -> Any:
    return county.engine.ask_decision(case_id, STEP, actor=county.actor(by), now=NOON, data=data or DATA)


def vote(county: County, case_id: int, by: str, choice: str = "agree", reason: str = "") -> Any:
    reason = reason or ("" if choice == "agree" else f"{by}的理由")
    return county.engine.vote(case_id, STEP, actor=county.actor(by), now=NOON, choice=choice, reason=reason)


def fire(county: County, case_id: int, by: str = "lin", **data: Any) -> Any:
    return county.fire(case_id, STEP, by, NOON, **(data or DATA))


def why(refused: Any) -> list[str]:
    return [one["name"] for one in refused.value.params["why"]]


def refused(county: County, case_id: int, by: str = "lin", **data: Any) -> None:
    with pytest.raises(TransitionRefused) as told:
        fire(county, case_id, by, **data)
    assert why(told) == ["decision_stands"]


def fired(county: County, case_id: int) -> list[dict[str, Any]]:
    return [row for row in rows_of(county, Event, case_id=case_id) if row["trigger"] == STEP]


def test_the_step_is_taken_only_once_more_than_half_of_all_entitled_agree(county: County, case_id: int) -> None:
    refused(county, case_id)
    ask(county, case_id)
    vote(county, case_id, "song")
    refused(county, case_id)
    vote(county, case_id, "fang", "disagree")
    refused(county, case_id)  # one of three
    vote(county, case_id, "zhao")
    fire(county, case_id)
    (event,) = fired(county, case_id)
    (resolution,) = rows_of(county, Resolution)
    assert f'"decided":{resolution["id"]}' in event["facts"]
    assert resolution["outcome"] == "used"
    refused(county, case_id)  # once and no more
    assert county.database.read(verify).ok


def test_who_asked_does_not_vote_and_outsiders_have_no_word(county: County, case_id: int) -> None:
    with pytest.raises(NotFound):
        vote(county, case_id, "song")
    ask(county, case_id)
    with pytest.raises(NotPermitted, match="separation_asked"):
        vote(county, case_id, "lin")
    with pytest.raises(NotPermitted, match="not_member"):
        vote(county, case_id, "sun")
    with pytest.raises(CaseNotFound):
        vote(county, case_id, "xie")
    vote(county, case_id, "song")
    with pytest.raises(Conflict, match="voted"):
        vote(county, case_id, "song", "disagree")
    assert [row["person_id"] for row in rows_of(county, Ballot)] == [county.people["song"]]


def test_below_the_quorum_nothing_passes(county: County) -> None:
    publish(county, quorum="all", favour="half", least=1)
    case_id = county.supervised_item(NOON)
    ask(county, case_id)
    vote(county, case_id, "song")
    vote(county, case_id, "fang")
    refused(county, case_id)  # two of three agree, and one has said nothing
    vote(county, case_id, "zhao", "abstain")
    fire(county, case_id)


@pytest.mark.parametrize(("favour", "agreeing", "passes"), [("half", 2, True), ("two_thirds", 2, True), ("all", 2, False)])
def test_the_majority_is_counted_of_all_who_are_entitled(county: County, favour: str, agreeing: int, passes: bool) -> None:
    publish(county, favour=favour)
    case_id = county.supervised_item(NOON)
    ask(county, case_id)
    for login in ("song", "fang", "zhao"):
        vote(county, case_id, login, "agree" if agreeing > 0 else "disagree")
        agreeing -= 1
    if passes:
        fire(county, case_id)
    else:
        refused(county, case_id)


def test_whoever_recuses_himself_leaves_the_number_and_the_case(county: County, case_id: int) -> None:
    ask(county, case_id)
    vote(county, case_id, "zhao", "recuse")
    with pytest.raises(CaseNotFound):
        case_page_of(county, case_id, "zhao")
    vote(county, case_id, "song")
    refused(county, case_id)  # one of two
    vote(county, case_id, "fang")
    fire(county, case_id)


def test_too_few_are_left_to_decide_anything(county: County, case_id: int) -> None:
    ask(county, case_id)
    vote(county, case_id, "zhao", "recuse")
    vote(county, case_id, "fang", "recuse")
    vote(county, case_id, "song")
    refused(county, case_id)  # he alone, where at least two must agree
    ask(county, case_id)  # what came to nothing is put to the vote anew
    assert [row["outcome"] for row in rows_of(county, Resolution)] == ["void", ""]


def test_a_member_who_is_taken_off_the_case_afterwards_does_not_carry_it(county: County, case_id: int) -> None:
    ask(county, case_id)
    vote(county, case_id, "song")
    vote(county, case_id, "zhao", "disagree")
    vote(county, case_id, "fang")
    county.engine.bar(case_id, actor=county.actor("lin"), now=NOON, person_id=county.people["fang"], reason="亲属")
    refused(county, case_id)  # one of two


def test_who_did_the_work_is_recused_over_the_whole_history(county: County, case_id: int) -> None:
    post = {
        "person_id": county.people["sun"],
        "role": "handler",
        "organ_id": county.organs["office"],
        "title": "",
        "ceiling": 3,
    }
    _reported_and_sent_back(county, case_id)
    county.database.write(lambda store: (store.insert(Grant, [post]), occasions.moved(store, "people")))
    ask(county, case_id)
    with pytest.raises(NotPermitted, match="separation_worked"):
        vote(county, case_id, "sun")
    vote(county, case_id, "song")
    vote(county, case_id, "fang")
    fire(county, case_id)  # two of three: he who did the work is not counted


def report(county: County, case_id: int) -> None:
    file_id = county.keep_file("照片", "sun")
    county.engine.add_evidence(case_id, actor=county.actor("sun"), now=NOON, file_id=file_id)
    county.fire(case_id, "report_rectified", "sun", NOON, result="已更新", progress_label="done")


def _reported_and_sent_back(county: County, case_id: int) -> None:
    report(county, case_id)
    county.fire(case_id, "send_back", "chen", NOON, send_back_reason="evidence_missing", send_back_note="缺少佐证")


@pytest.mark.parametrize("how", ["facts", "answers", "version"])
def test_what_passes_is_just_what_was_put_to_the_vote(county: County, case_id: int, how: str) -> None:
    ask(county, case_id)
    vote(county, case_id, "song")
    vote(county, case_id, "fang")
    if how == "answers":
        refused(county, case_id, settled="按第三种意见办")
        fire(county, case_id)
        return
    if how == "facts":
        county.engine.amend(case_id, actor=county.actor("lin"), now=NOON, data={"requirement": "另一种要求"}, reason="更正")
    else:
        _move_to_another_version(county, case_id)
    refused(county, case_id)
    with pytest.raises(Conflict, match="decision_stale"):
        vote(county, case_id, "zhao")
    ask(county, case_id)


def _move_to_another_version(county: County, case_id: int) -> None:
    county.database.write(_second_version)
    newest = county.engine.read(NOON, lambda _store, occasion: occasion.catalogue.of_kind("rectification").version_id)
    assert newest != case_row(county, case_id)["definition_version_id"]
    county.database.write(lambda store: store.execute(_version(case_id, newest)))


def _second_version(store: Store) -> None:
    canonical = canonical_text(document(least=1))
    store.insert(DefinitionText, [{"digest": digest(canonical), "canonical": canonical, "source": ""}])
    definitions.add_version(store, "rectification", digest(canonical), now=NOON)
    occasions.moved(store, "definitions")


def _version(case_id: int, version_id: int) -> Any:
    return CASES.update().where(CASES.c.id == case_id).values(definition_version_id=version_id)


def test_dissent_says_why_and_is_kept(county: County, case_id: int) -> None:
    ask(county, case_id)
    for choice in ("disagree", "abstain", "recuse"):
        with pytest.raises(InvalidForm) as told:
            county.engine.vote(case_id, STEP, actor=county.actor("song"), now=NOON, choice=choice, reason=" ")
        assert told.value.params["fields"] == {"reason": ["required"]}
    vote(county, case_id, "song", "disagree", "证据不足")
    vote(county, case_id, "fang")
    vote(county, case_id, "zhao")
    fire(county, case_id)
    (view,) = case_page_of(county, case_id, "lin").decisions
    assert [(one.name, one.choice, one.reason) for one in view.ballots] == [
        *[("宋伟", "disagree", "证据不足"), ("方磊", "agree", ""), ("赵国华", "agree", "")]
    ]
    assert (view.outcome, view.agreed, view.entitled) == ("used", 2, 3)


def case_page_of(county: County, case_id: int, login: str) -> Any:
    actor = county.actor(login)
    return county.engine.read(NOON, lambda store, occasion: case_page(store, occasion, actor, case_id))


def test_who_voted_what_is_for_the_body_and_the_others_hear_how_it_stands(county: County, case_id: int) -> None:
    ask(county, case_id)
    vote(county, case_id, "song", "disagree", "证据不足")
    ours, theirs = (case_page_of(county, case_id, login) for login in ("fang", "sun"))
    assert [one.name for one in ours.decisions[0].ballots] == ["宋伟"]
    assert ours.decisions[0].may_vote and not theirs.decisions[0].may_vote
    assert (theirs.decisions[0].ballots, theirs.decisions[0].voted) == ((), 1)
    assert "证据不足" not in str(theirs) and "证据不足" in str(ours)
    assert any(event.verb == "vote" for event in ours.timeline)
    assert not any(event.verb == "vote" for event in theirs.timeline)


def test_a_vote_to_cast_waits_in_the_inbox_of_each_who_may(county: County, case_id: int) -> None:
    def waits(login: str) -> list[int]:
        actor = county.actor(login)
        return county.engine.read(NOON, lambda store, occasion: [one.row.id for one in votes_waiting(store, occasion, actor)])

    assert not any(waits(login) for login in county.people)
    ask(county, case_id)
    assert [login for login in county.people if waits(login)] == ["song", "fang", "zhao"]
    told = {row["person_id"] for row in rows_of(county, Outbox, message="decision_waiting")}
    assert told >= {county.people[login] for login in ("song", "fang", "zhao")}
    vote(county, case_id, "song")
    assert [login for login in county.people if waits(login)] == ["fang", "zhao"]
    county.engine.withdraw_decision(case_id, STEP, actor=county.actor("lin"), now=NOON, reason="再议")
    assert not any(waits(login) for login in county.people)


def told(county: County) -> list[tuple[str, str]]:
    logins = {person_id: login for login, person_id in county.people.items()}
    rows = [row for row in rows_of(county, Outbox) if row["message"] in ("decision_carried", "decision_failed")]
    return [(row["message"], logins[row["person_id"]]) for row in rows]


@pytest.mark.parametrize(("choice", "message"), [("agree", "decision_carried"), ("disagree", "decision_failed")])
def test_whoever_asked_hears_the_result_once_when_it_is_certain(
    county: County, case_id: int, choice: str, message: str
) -> None:
    ask(county, case_id)
    vote(county, case_id, "song", choice)
    assert told(county) == []
    vote(county, case_id, "fang", choice)
    assert told(county) == [(message, "lin")]
    vote(county, case_id, "zhao", choice)
    assert told(county) == [(message, "lin")]


def test_whoever_writes_the_result_down_himself_is_not_told_of_it(county: County, case_id: int, home: Path) -> None:
    ask(county, case_id)
    record(county, case_id, home, [("song", "agree", ""), ("fang", "agree", "")])
    assert told(county) == []


def scan(county: County, home: Path) -> Any:
    return receive(vault_of(home), name="会议纪要.png", stream=io.BytesIO(b"\x89PNG\r\n\x1a\n"), limit=1000)


def record(county: County, case_id: int, home: Path, words: list[tuple[str, str, str]], by: str = "lin", **more: Any) -> Any:
    said = [Word(county.people[login], choice, reason) for login, choice, reason in words]
    told: dict[str, Any] = {"met_on": DAY, "minutes": "第3次会议", "scan": scan(county, home), **more}
    return county.engine.record_votes(case_id, STEP, actor=county.actor(by), now=NOON, words=said, **told)


MEETING = [("song", "agree", ""), ("fang", "disagree", "证据不足"), ("zhao", "agree", "")]


def test_a_meeting_is_recorded_from_its_minutes_with_the_scan(county: County, case_id: int, tmp_path: Path) -> None:
    ask(county, case_id)
    record(county, case_id, tmp_path, MEETING)
    fire(county, case_id)
    assert {row["recorded_by"] for row in rows_of(county, Ballot)} == {county.people["lin"]}
    assert [row["label"] for row in rows_of(county, Evidence, case_id=case_id)] == ["approval_scan"]
    (view,) = case_page_of(county, case_id, "zhao").decisions
    assert (view.met_on, view.minutes, view.ballots[1].recorder) == (DAY, "第3次会议", "林静")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda county: {"words": [], "by": "lin"}, "votes"),
        (lambda county: {"words": [("song", "agree", ""), ("fang", "agree", "")], "by": "song"}, "votes"),
        (lambda county: {"met_on": DAY + timedelta(days=1)}, "met_on"),
        (lambda county: {"met_on": date(2026, 1, 1)}, "met_on"),
        (lambda county: {"words": [("song", "disagree", "")]}, "reason"),
    ],
)
def test_minutes_that_cannot_be_are_refused(
    county: County, case_id: int, tmp_path: Path, change: Callable[[County], dict[str, Any]], field: str
) -> None:
    ask(county, case_id)
    told = {"words": MEETING, **change(county)}
    with pytest.raises(InvalidForm) as refusal:
        record(county, case_id, tmp_path, **told)
    assert list(refusal.value.params["fields"]) == [field]
    assert rows_of(county, Ballot) == [] and rows_of(county, Evidence, case_id=case_id) == []


def test_only_who_may_take_the_step_asks_and_records_and_only_the_asker_withdraws(
    county: County, case_id: int, tmp_path: Path
) -> None:
    with pytest.raises(NotPermitted):
        ask(county, case_id, by="chen")
    ask(county, case_id)
    with pytest.raises(Conflict, match="decision_asked"):
        ask(county, case_id, by="song")
    with pytest.raises(NotPermitted):
        record(county, case_id, tmp_path, MEETING, by="chen")
    with pytest.raises(NotPermitted, match="not_your_proposal"):
        county.engine.withdraw_decision(case_id, STEP, actor=county.actor("song"), now=NOON, reason="不要")


def test_a_vote_ends_when_the_case_moves_on(county: County, case_id: int) -> None:
    ask(county, case_id)
    report(county, case_id)
    assert [row["outcome"] for row in rows_of(county, Resolution)] == ["void"]


def test_each_verb_of_a_vote_under_a_key_is_done_once_and_its_answer_told_again(
    county: County, case_id: int, home: Path
) -> None:
    engine, scanned = county.engine, scan(county, home)

    def twice(call: Any, by: str, **told: Any) -> None:
        keyed = {"actor": county.actor(by), "now": NOON, "key": f"k-{call.__name__}", **told}
        first = call(case_id, STEP, **keyed)
        before = dump(county)
        assert call(case_id, STEP, **keyed) == first
        with pytest.raises(KeyReused):
            engine.comment(case_id, actor=keyed["actor"], now=NOON, key=keyed["key"], text="换了一个动作")
        assert dump(county) == before

    twice(engine.ask_decision, "lin", data=DATA)
    twice(engine.vote, "song", choice="agree")
    twice(engine.withdraw_decision, "lin", reason="另行研究")
    ask(county, case_id)
    words = [Word(county.people[login], choice, reason) for login, choice, reason in MEETING]
    twice(engine.record_votes, "lin", words=words, met_on=DAY, minutes="第3次会议", scan=scanned)
