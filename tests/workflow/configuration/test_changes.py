"""A setting is changed by two people with its duty, is in force at once in every process, and loses nothing of what was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from handlers.settings import messages, titles
from handlers.settings.overlay import vocabulary_of
from states.errors import BadInput, Conflict, NotFound, NotPermitted
from tests.workflow.configuration.conftest import SOON, Desk
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import NOW
from workflow.configuration import changes
from workflow.configuration.kinds import Kind, SettingFaulty
from workflow.configuration.settings import setting_at
from workflow.database import Database
from workflow.engine import Engine
from workflow.models import Outbox, SettingVersion
from workflow.reads.configuration import get_version, history_of
from workflow.store import table_of

KEY = "closed"


def words(text: str = "编号{number}事项已办结，于{closed_on}销号。") -> dict[str, str]:
    """The message about a closing in a county's own words."""
    return {"zh-Hans": text, "zh-Hant": "編號{number}事項於{closed_on}銷號。", "en": "{number} closed on {closed_on}."}


def said(engine: Engine) -> str:
    """What the message says in Chinese."""
    settings = engine.read(NOW, lambda _store, occasion: occasion.settings)
    return str(vocabulary_of(settings)["messages"][KEY]["zh-Hans"])


def test_two_people_put_a_text_in_force_for_every_process_and_a_single_one_does_not(desk: Desk) -> None:
    other = Database(desk.county.database.url)
    elsewhere = Engine(other, effects={}, rungs={})
    before = said(elsewhere)
    version_id = desk.propose(messages.KIND, KEY, words())
    with pytest.raises(NotPermitted) as alone:
        desk.decide(messages.KIND, version_id, by="jiang")
    assert alone.value.params["why"] == "separation_asked"
    assert said(elsewhere) == before
    assert desk.decide(messages.KIND, version_id) == 1
    assert said(elsewhere) == said(desk.county.engine) == words()["zh-Hans"]
    other.close()


def test_whoever_has_not_the_duty_neither_proposes_nor_decides(desk: Desk) -> None:
    for who in ("an", "lin"):
        with pytest.raises(NotPermitted):
            desk.propose(messages.KIND, KEY, words(), by=who)
    with pytest.raises(NotPermitted):
        desk.propose(titles.ROLES, "instructor", {"title": words("督导员")}, by="jiang")
    version_id = desk.propose(messages.KIND, KEY, words())
    for who in ("an", "lin"):
        with pytest.raises(NotPermitted):
            desk.decide(messages.KIND, version_id, by=who)
    assert rows_of(desk.county, SettingVersion)[0]["granted"] is None


def test_a_faulty_text_a_missing_reason_and_an_unknown_setting_write_nothing(desk: Desk) -> None:
    with pytest.raises(SettingFaulty) as faulty:
        desk.propose(messages.KIND, KEY, words("{no}{amount}"))
    assert {one["rule"] for one in faulty.value.params["faults"]} == {"value_unknown", "values_differ"}
    with pytest.raises(BadInput) as unread:
        desk.propose(messages.KIND, KEY, "zh-Hans: &a x\nen: *a\n")
    assert unread.value.params["why"] == "setting_unreadable"
    with pytest.raises(BadInput):
        desk.propose(messages.KIND, KEY, words(), reason="  ")
    with pytest.raises(NotFound):
        desk.propose(messages.KIND, "no_such_message", words())
    assert rows_of(desk.county, SettingVersion) == []
    assert rows_of(desk.county, Outbox) == []


def test_one_proposal_waits_at_a_time_and_what_is_in_force_already_is_no_proposal(desk: Desk) -> None:
    with pytest.raises(Conflict) as same:
        desk.propose(messages.KIND, KEY, messages.shipped()[KEY])
    assert same.value.params["why"] == "setting_is_so"
    desk.propose(messages.KIND, KEY, words())
    with pytest.raises(Conflict) as waits:
        desk.propose(messages.KIND, KEY, words("编号{number}于{closed_on}销号。"), by="kong")
    assert waits.value.params["why"] == "setting_waits"


def test_who_wrote_on_an_older_text_is_told_so(desk: Desk) -> None:
    desk.change("message", KEY, lambda _data: words())
    with pytest.raises(Conflict) as moved:
        desk.propose(messages.KIND, KEY, words("编号{number}于{closed_on}销号。"), based_on=0)
    assert moved.value.params["why"] == "setting_moved"
    assert desk.propose(messages.KIND, KEY, words("编号{number}于{closed_on}销号。"), based_on=1)


def test_a_refusal_has_a_reason_and_stays_to_be_read_and_so_does_what_was_taken_back(desk: Desk) -> None:
    version_id = desk.propose(messages.KIND, KEY, words())
    with pytest.raises(BadInput):
        desk.decide(messages.KIND, version_id, granted=False)
    assert desk.decide(messages.KIND, version_id, granted=False, words="还是原来的好") is None
    with pytest.raises(Conflict):
        desk.decide(messages.KIND, version_id)
    second = desk.propose(messages.KIND, KEY, words())

    def take_back(who: str) -> None:
        def body(one: Any) -> None:
            changes.withdraw(one, messages.KIND, second, words="写错了")

        desk.county.engine.administer(body, actor=desk.admin(who), now=NOW)

    with pytest.raises(NotPermitted):
        take_back("kong")
    take_back("jiang")
    history = desk.county.database.read(lambda store: history_of(store, "message", KEY))
    assert [(one.status, one.proposer, one.decider, one.decision) for one in history] == [
        ("withdrawn", "jiang", "", "写错了"),
        ("refused", "jiang", "kong", "还是原来的好"),
    ]


def test_the_history_says_who_what_why_and_with_whose_consent_and_an_older_text_comes_back_as_a_new_version(desk: Desk) -> None:
    desk.change("message", KEY, lambda _data: words())
    desk.change("message", KEY, lambda _data: words("编号{number}于{closed_on}销号。"), now=NOW + timedelta(days=1))
    desk.change("message", KEY, lambda _data: words(), now=NOW + timedelta(days=2))
    history = desk.county.database.read(lambda store: history_of(store, "message", KEY))
    assert [(one.number, one.status, one.based_on) for one in history] == [(3, "current", 2), (2, "past", 1), (1, "past", 0)]
    assert {(one.proposer, one.decider, one.reason) for one in history} == {("jiang", "kong", "县里改了说法")}
    assert history[0].digest == history[2].digest


def test_the_other_administrators_and_the_proposer_hear_of_it(desk: Desk) -> None:
    desk.change("message", KEY, lambda _data: words())
    desk.change("role", "handler", lambda data: data["title"].update({"zh-Hans": "经办人"}))
    people = desk.county.people
    assert sorted((row["message"], row["person_id"]) for row in rows_of(desk.county, Outbox)) == sorted(
        [
            ("setting_proposed", people["kong"]),
            ("setting_granted", people["jiang"]),
            ("setting_proposed", people["bao"]),
            ("setting_granted", people["an"]),
        ]
    )


def test_an_upgrade_with_other_words_does_not_touch_what_a_county_has_set_and_its_letters_of_before(desk: Desk) -> None:
    ship = {"old": {"title": "甲"}, "new": {"title": "乙"}}

    def kind(version: str) -> Kind:
        return Kind("thing", ("workflow_admin",), lambda: {"one": ship[version]}, lambda *_told: iter(()))

    def upgrade(version: str, now: Any) -> int:
        return desk.county.database.write(lambda store: changes.ship(store, [kind(version)], now=now))

    assert upgrade("old", NOW) == 1
    assert upgrade("old", NOW) == 0
    desk.decide(kind("old"), desk.propose(kind("old"), "one", {"title": "丙"}))
    later = NOW + timedelta(days=9)
    assert upgrade("new", later) == 1

    def at(now: Any) -> Any:
        return desk.county.database.read(lambda store: setting_at(store, "thing", "one", now))

    assert [at(NOW - SOON), at(NOW), at(NOW + SOON), at(later)] == [{"title": text} for text in "甲甲丙丙"]
    current = next(one for one in desk.county.database.read(lambda store: history_of(store, "thing", "one")) if one.number)
    assert desk.county.database.read(lambda store: get_version(store, current.id)).status == "current"
    assert desk.county.engine.read(later, lambda _store, occasion: occasion.settings.data("thing")) == {"one": {"title": "丙"}}


def test_the_database_itself_refuses_a_second_person_who_is_the_first(desk: Desk) -> None:
    version_id = desk.propose(messages.KIND, KEY, words())
    told = {"granted": True, "number": 1, "decided_by": desk.county.people["jiang"], "decided_at": NOW}
    with pytest.raises(IntegrityError):
        desk.county.database.write(lambda store: store.execute(table_of(SettingVersion).update().values(**told)))
    assert desk.decide(messages.KIND, version_id) == 1
