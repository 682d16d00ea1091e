"""Whoever proposes, decides or takes back a setting is on the trail, in the transaction of the act itself."""

from __future__ import annotations

import json
from functools import partial

from handlers.settings import messages
from handlers.settings.mappings import KIND as MAPPINGS
from tests.workflow.configuration.conftest import SOON, Desk
from tests.workflow.configuration.test_dated_ahead import DAY, KEY, LATER, take, words
from tests.workflow.configuration.test_mappings import PLAIN
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import NOW
from workflow.configuration import changes, years
from workflow.models import CalendarVersion, SettingVersion, Trail
from workflow.text import digest


def told(desk: Desk) -> list[tuple[str | None, str]]:
    """(login, what) of every row of what was set, in order."""
    logins = {person: login for login, person in desk.county.people.items()}
    facts = [json.loads(row["facts"]) for row in rows_of(desk.county, Trail, action="configure")]
    return [(logins.get(one["actor"]), one["what"]) for one in facts]


def of(desk: Desk, version_id: int, act: str) -> str:
    (row,) = rows_of(desk.county, SettingVersion, id=version_id)
    return f"setting {version_id} {act}, {row['kind']}, digest {row['digest']}"


def test_every_step_of_a_setting_is_on_the_trail_with_who_took_it(desk: Desk) -> None:
    first = desk.propose(messages.KIND, KEY, words())
    back = partial(changes.withdraw, kind=messages.KIND, version_id=first, words="写错了")
    desk.county.engine.administer(lambda one: back(one), actor=desk.admin("jiang"), now=NOW)
    second = desk.propose(messages.KIND, KEY, words())
    desk.decide(messages.KIND, second, granted=False, words="不合适")
    third = desk.propose(messages.KIND, KEY, words())
    desk.decide(messages.KIND, third)
    assert told(desk) == [
        ("jiang", of(desk, first, "proposed")),
        ("jiang", of(desk, first, "withdrawn")),
        ("jiang", of(desk, second, "proposed")),
        ("kong", of(desk, second, "refused")),
        ("jiang", of(desk, third, "proposed")),
        ("kong", of(desk, third, "granted")),
    ]


def test_what_holds_from_a_later_day_is_on_the_trail_again_when_the_day_comes(desk: Desk) -> None:
    version_id = desk.propose(messages.KIND, KEY, words(), from_on=DAY)
    desk.decide(messages.KIND, version_id)
    assert take(desk, LATER) == 1
    assert told(desk)[-2:] == [("kong", of(desk, version_id, "granted")), (None, of(desk, version_id, "current"))]


def test_a_mapping_that_takes_one_person_is_on_the_trail_as_proposed_and_in_force(desk: Desk) -> None:
    version_id = desk.propose(MAPPINGS, "mine", PLAIN, by="lin")
    assert told(desk) == [("lin", of(desk, version_id, "proposed")), ("lin", of(desk, version_id, "current"))]
    assert "mine" not in repr(told(desk)), "no word of a client's"


def test_a_year_of_the_calendar_is_on_the_trail_with_the_setting_that_brought_it(desk: Desk) -> None:
    document = years.shipped()["2026"]
    document["holidays"].popitem()
    version_id = desk.propose(years.KIND, "2026", document)
    desk.decide(years.KIND, version_id, now=NOW + SOON)
    row = rows_of(desk.county, CalendarVersion)[-1]
    year = f"calendar 2026 current, version {row['version']}, digest {digest(row['body'])}"
    assert told(desk)[1:] == [("kong", year), ("kong", of(desk, version_id, "granted"))]
