"""A setting is prepared and agreed to before the day from which it holds; until then nothing changes, and it can be taken back."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from handlers.settings import messages
from handlers.settings.registry import SETTINGS
from states.errors import BadInput, Conflict, NotPermitted
from tests.tampering import tamper
from tests.workflow.configuration.conftest import SOON, Desk
from tests.workflow.configuration.test_changes import KEY, said, words
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import NOW, TODAY
from workflow.configuration import changes
from workflow.configuration.settings import setting_at
from workflow.configuration.years import KIND as CALENDAR
from workflow.models import Grant, Outbox, Person, SettingVersion
from workflow.people import grants
from workflow.reads.configuration import get_version

LATER = timedelta(days=10)
DAY = TODAY + LATER
NEW = words()["zh-Hans"]


def status(desk: Desk, version_id: int) -> str:
    return desk.county.database.read(partial(get_version, version_id=version_id)).status


def take(desk: Desk, days: timedelta) -> int:
    return desk.county.engine.take_settings(NOW + days, SETTINGS)


def withdraw(desk: Desk, version_id: int, by: str, text: str = "不改了") -> None:
    body = partial(changes.withdraw, kind=messages.KIND, version_id=version_id, words=text)
    desk.county.engine.administer(lambda at: body(at), actor=desk.admin(by), now=NOW + SOON)


def test_a_text_that_both_agreed_to_holds_from_its_day_and_not_before(desk: Desk) -> None:
    before = said(desk.county.engine)
    version_id = desk.propose(messages.KIND, KEY, words(), from_on=DAY)
    assert take(desk, LATER) == 0, "one person's word is none"
    assert desk.decide(messages.KIND, version_id) is None
    assert (status(desk, version_id), said(desk.county.engine)) == ("dated", before)
    assert [row["message"] for row in rows_of(desk.county, Outbox, person_id=desk.county.people["jiang"])] == ["setting_dated"]
    assert (take(desk, LATER - timedelta(days=1)), said(desk.county.engine)) == (0, before)
    assert (take(desk, LATER), said(desk.county.engine)) == (1, NEW)
    assert (status(desk, version_id), take(desk, LATER)) == ("current", 0)
    one = desk.county.database.read(partial(get_version, version_id=version_id))
    assert (one.number, one.decider, one.decided_at) == (1, "kong", NOW + LATER)
    at = {days: partial(setting_at, kind="message", key=KEY, at=NOW + timedelta(days=days)) for days in (5, 11)}
    assert desk.county.database.read(at[11])["zh-Hans"] == NEW
    assert (desk.county.database.read(at[5]) or {}).get("zh-Hans") != NEW, "what stood in between is what was in force then"


def test_a_day_that_was_missed_is_caught_up_and_one_that_has_come_holds_at_once(desk: Desk) -> None:
    version_id = desk.propose(messages.KIND, KEY, words(), from_on=DAY)
    desk.decide(messages.KIND, version_id)
    assert (take(desk, LATER + timedelta(days=3)), status(desk, version_id)) == (1, "current")
    today = desk.propose(messages.KIND, KEY, words("另一种{number}{closed_on}"), from_on=TODAY)
    assert desk.decide(messages.KIND, today) == 2


@pytest.mark.parametrize(("days", "why"), [(-1, "day_past"), (366, "day_too_far")])
def test_no_day_that_is_gone_and_none_that_nobody_plans_for(desk: Desk, days: int, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        desk.propose(messages.KIND, KEY, words(), from_on=TODAY + timedelta(days))
    assert [row for row in rows_of(desk.county, SettingVersion) if row["number"] != 0] == []


def test_what_waits_for_its_day_stands_in_the_way_and_anybody_with_the_duty_takes_it_back(desk: Desk) -> None:
    version_id = desk.propose(messages.KIND, KEY, words(), from_on=DAY)
    with pytest.raises(NotPermitted, match="not_your_proposal"):
        withdraw(desk, version_id, "kong")
    desk.decide(messages.KIND, version_id)
    with pytest.raises(Conflict, match="setting_waits"):
        desk.propose(messages.KIND, KEY, words("另一种{number}{closed_on}"))
    with pytest.raises(Conflict, match="setting_decided"):
        desk.decide(messages.KIND, version_id)
    with pytest.raises(BadInput, match="reason_empty"):
        withdraw(desk, version_id, "kong", " ")
    withdraw(desk, version_id, "kong")
    assert (status(desk, version_id), take(desk, LATER)) == ("withdrawn", 0)
    assert desk.propose(messages.KIND, KEY, words("另一种{number}{closed_on}"))


def test_what_breaks_its_rules_on_the_day_is_set_aside_and_told(desk: Desk) -> None:
    version_id = desk.propose(messages.KIND, KEY, words(), from_on=DAY)
    desk.decide(messages.KIND, version_id)
    faulty = "zh-Hans: '{nobody}'\nzh-Hant: a\nen: b\n"
    source = faulty.replace("'", "''")
    tamper(desk.county.database.url, f"UPDATE setting_version SET source = '{source}' WHERE id = {version_id}")
    before = said(desk.county.engine)
    assert (take(desk, LATER), status(desk, version_id), said(desk.county.engine)) == (0, "set_aside", before)
    told = rows_of(desk.county, Outbox, message="setting_set_aside")
    assert {row["person_id"] for row in told} == {desk.county.people[login] for login in ("jiang", "kong")}
    assert take(desk, LATER) == 0


@pytest.mark.parametrize("who", ["jiang", "kong"])
@pytest.mark.parametrize("how", ["post", "account"])
def test_on_its_day_both_must_still_have_the_duty_and_what_is_refused_is_told(desk: Desk, who: str, how: str) -> None:
    version_id = desk.propose(messages.KIND, KEY, words(), from_on=DAY)
    desk.decide(messages.KIND, version_id)
    person_id, before = desk.county.people[who], said(desk.county.engine)
    if how == "account":
        desk.county.database.write(lambda store: store.update(Person, {"disabled_at": NOW}, id=person_id))
    else:
        posts = [row["id"] for row in rows_of(desk.county, Grant) if row["person_id"] == person_id]
        for post in posts:
            desk.county.database.write(lambda store, post=post: grants.end(store, grant_id=post, today=TODAY))
    assert (take(desk, LATER), status(desk, version_id), said(desk.county.engine)) == (0, "set_aside", before)
    assert desk.county.database.read(partial(get_version, version_id=version_id)).why == "duty_ended"
    told = {row["person_id"] for row in rows_of(desk.county, Outbox, message="setting_set_aside")}
    assert told == {desk.county.people[login] for login in ("jiang", "kong")} - {person_id}
    assert take(desk, LATER) == 0


def test_a_year_of_the_calendar_dated_ahead_moves_deadlines_on_its_day(desk: Desk) -> None:
    year = TODAY.year + 1
    document = {"year": year, "published": True, "holidays": {"元旦": [f"{year}-01-04"]}, "makeups": {}}
    version_id = desk.propose(CALENDAR, str(year), document, from_on=DAY)
    desk.decide(CALENDAR, version_id)
    known = desk.county.engine.read(NOW, lambda _store, occasion: occasion.calendar)
    assert take(desk, LATER) == 1
    after = desk.county.engine.read(NOW + LATER, lambda _store, occasion: occasion.calendar)
    assert after.version != known.version
    assert status(desk, version_id) == "current"
