"""Who opened a clue that he does not handle is told to those who supervise it, once a person, case and day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import County, at
from tests.tampering import tamper
from tests.workflow.looking import rows_of
from workflow import trail
from workflow.dates import local_day
from workflow.models import Grant, Knower, Note, Person
from workflow.nightly import check_night
from workflow.reads.openings import Told, nights_since
from workflow.reads.register import register
from workflow.store import Store

NOON = at(date(2026, 3, 26), 12)
NIGHT = at(date(2026, 3, 27), 2)
DAY = local_day(NOON)


@pytest.fixture
def clue(county: County) -> int:
    """A clue that the discipline committee of a township holds and has given to one of its people."""
    facts = {"summary": "虚报补助", "managed_by": "village"}
    subject, lin = county.organs["donggou_branch"], county.actor("lin")
    case_id = county.engine.open("clue", actor=lin, now=NOON, title="虚报补助", subject_id=subject, data=facts).case_id
    recipient = county.organs["liuhe_discipline"]
    county.fire(case_id, "transfer", "zhao", NOON, recipient=recipient, hand_over_mode="transfer")
    county.fire(case_id, "sign_for", "luo", NOON, pieces=1)
    county.engine.assign(case_id, actor=county.actor("he"), now=NOON, person_id=county.people["luo"])
    hire(county, "tan", "liuhe_discipline")
    hire(county, "pan", "bureau")
    return case_id


def hire(county: County, login: str, organ: str, role: str = "handler") -> None:
    """Another one in an organ."""

    def work(store: Store) -> int:
        person_id = store.new_ids(Person, 1)[0]
        row = {"id": person_id, "login": login, "name": login, "email": "", "phone": "", "language": "zh-Hans"}
        store.insert(Person, [{**row, "must_change": False, "created_at": NOON, "toured_at": NOON}])
        grant = {"person_id": person_id, "role": role, "organ_id": county.organs[organ], "title": "", "ceiling": 3}
        store.insert(Grant, [grant])
        return person_id

    county.people[login] = county.database.write(work)


def read(county: County, login: str, case_id: int, when: datetime = NOON, opened: int | None = None) -> None:
    """Somebody opens a case; a list (`opened` 0) only names it."""
    origin = trail.Origin(county.people[login])
    asked = None if opened == 0 else case_id

    def work(store: Store) -> None:
        trail.record(store, origin, "read", now=when, cases=[case_id], opened=asked)

    county.database.write(work)


def told_to(county: County, login: str, now: datetime = NIGHT) -> list[tuple[str, date, int]]:
    """What somebody is told on the page of the register."""
    actor = county.actor(login)
    found: tuple[Told, ...] = county.engine.read(now, lambda store, occasion: register(store, occasion, actor).opened)
    return [(one.name, one.day, one.times) for one in found]


@pytest.mark.parametrize("damage", ["{", "[]"])
def test_a_line_of_the_trail_that_cannot_be_read_hides_no_other(county: County, clue: int, tmp_path: Path, damage: str) -> None:
    read(county, "pan", clue)
    read(county, "tan", clue)
    pan = county.people["pan"]
    tamper(county.database.url, f"UPDATE trail SET facts = '{damage}' WHERE actor_id = {pan} AND action = 'read'")
    assert check_night(county.engine, tmp_path, NIGHT, archive_days=90)["opened"] == 1
    assert [name for name, _day, _times in told_to(county, "lin")] == ["tan"]


def test_whoever_is_not_its_handler_is_told_once_a_day_however_often_he_looked(
    county: County, clue: int, tmp_path: Path
) -> None:
    for login in ("tan", "tan", "tan", "pan"):
        read(county, login, clue)
    assert check_night(county.engine, tmp_path, NIGHT, archive_days=90)["opened"] == 2
    assert sorted(told_to(county, "lin")) == [("pan", DAY, 1), ("tan", DAY, 3)]
    assert check_night(county.engine, tmp_path, NIGHT, archive_days=90)["opened"] == 0


def test_whoever_handles_supervises_leads_has_acted_or_was_named_is_no_alarm(county: County, clue: int, tmp_path: Path) -> None:
    told = {"case_id": clue, "person_id": county.people["pan"], "reason": "协查", "added_at": NOON}
    county.database.write(lambda store: store.insert(Knower, [told | {"added_by": county.people["zhao"]}]))
    for login in ("luo", "he", "lin", "song", "fang", "zhao", "pan"):
        read(county, login, clue)
    assert check_night(county.engine, tmp_path, NIGHT, archive_days=90)["opened"] == 0


def test_a_list_that_names_a_clue_opens_none(county: County, clue: int, tmp_path: Path) -> None:
    read(county, "tan", clue, opened=0)
    assert check_night(county.engine, tmp_path, NIGHT, archive_days=90)["opened"] == 0


def test_it_is_told_to_those_who_see_the_clue_and_to_the_auditor_without_its_title(
    county: County, clue: int, tmp_path: Path
) -> None:
    read(county, "tan", clue)
    check_night(county.engine, tmp_path, NIGHT, archive_days=90)
    assert told_to(county, "song") == [("tan", DAY, 1)]
    hire(county, "auditor", "office", "audit_admin")
    auditor = county.actor("auditor")
    (told,) = county.engine.read(NIGHT, lambda store, occasion: register(store, occasion, auditor).opened)
    assert (told.title, told.name) == ("", "tan")
    assert told_to(county, "ma") == []
    (row,) = rows_of(county, Note, kind="opened")
    assert (row["case_id"], row["actor_id"]) == (clue, county.people["tan"])


def test_nights_that_were_missed_are_made_up_for() -> None:
    today = date(2026, 3, 27)
    assert nights_since(None, today) == [date(2026, 3, 26)]
    assert nights_since(at(date(2026, 3, 24), 2), today) == [date(2026, 3, n) for n in (24, 25, 26)]
    assert nights_since(at(today, 2), today) == []
    assert nights_since(at(today - timedelta(60), 2), today)[0] == today - timedelta(7)
