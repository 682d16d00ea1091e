"""The working calendar: years come in, provisional deadlines move, and a published year asks first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config.calendars import shipped_calendars
from states.errors import BadInput, Conflict
from tests.copies import Copies
from tests.factories import MONDAY, County, at, make_county
from workflow import calendars
from workflow.context import Context
from workflow.desk import Desk
from workflow.models import Clock, Event, Outbox
from workflow.permissions import CASES
from workflow.store import Store, table_of
from workflow.verbs import recalendar
from workflow.verbs.recalendar import Moved, import_calendar, preview, recompute_provisional

NEXT_YEAR = {
    "year": 2027,
    "published": True,
    "holidays": {"元旦": ["2027-01-01", "2027-01-02", "2027-01-03"], "春节": [f"2027-02-{day:02}" for day in range(6, 13)]},
    "makeups": {"春节": ["2027-02-14"]},
}
LATE = date(2026, 11, 9)


@pytest.fixture
def county(copies: Copies) -> County:
    return copies.of(make_county)


def change(county: County, document: Any, *, on: date = MONDAY, confirm: bool = False) -> list[Moved]:
    def work(store: Store) -> list[Moved]:
        desk = desk_of(county, store, on)
        moved = import_calendar(desk, document=document, note="国办通知", confirm=confirm)
        desk.context.flush(store)
        return moved

    return county.database.write(work)


def desk_of(county: County, store: Store, on: date) -> Desk:
    occasion = county.engine.occasion(store, at(on))
    return Desk(store, Context(), occasion, county.actor("lin"), county.engine.effects, county.engine.rungs)


def rows(county: County, model: Any, **where: Any) -> list[dict[str, Any]]:
    table = table_of(model)
    statement = select(table).where(*[table.c[key] == value for key, value in where.items()])
    return county.database.read(lambda store: store.select(statement))


def main_clock(county: County, case_id: int) -> dict[str, Any]:
    clocks = [clock for clock in rows(county, Clock, case_id=case_id) if clock["unit"] == "month"]
    assert len(clocks) == 1
    return clocks[0]


def test_what_ships_is_in_force_until_something_is_stored(county: County) -> None:
    calendar = county.database.read(calendars.current_calendar)
    assert set(calendar.years) == {document["year"] for document in shipped_calendars()}
    assert calendar.version.startswith("shipped-")
    change(county, NEXT_YEAR)
    stored = county.database.read(calendars.current_calendar)
    assert not stored.is_provisional(2027)
    assert stored.holiday_name(date(2027, 2, 6)) == "春节"
    assert stored.makeup_name(date(2027, 2, 14)) == "春节"
    assert calendars.calendar_of_text(stored.version, calendars.text_of(stored.years)) == stored
    assert [row["note"] for row in county.database.read(calendars.list_versions)] == ["国办通知"]


@pytest.mark.parametrize(
    ("wrong", "part"),
    [
        ({"year": "2027"}, "year"),
        ({"year": 1900}, "year"),
        ({"holidays": {"元旦": ["2026-01-01"]}}, "holidays"),
        ({"holidays": {"元旦": ["2027-13-01"]}}, "holidays"),
        ({"holidays": {"元旦": ["2027-01-01"], "其他": ["2027-01-01"]}}, "holidays"),
        ({"holidays": ["2027-01-01"]}, "holidays"),
        ({"holidays": {"": ["2027-01-01"]}}, "holidays"),
        ({"makeups": {"春节": ["2027-02-15"]}}, "makeups"),
        ({"makeups": {"春节": ["2027-02-07"]}}, "makeups"),
        ({"script": "x"}, "script"),
    ],
)
def test_a_year_that_cannot_be_one_is_refused_with_the_part_that_is_wrong(wrong: dict[str, Any], part: str) -> None:
    with pytest.raises(BadInput) as refusal:
        calendars.rule_of({**NEXT_YEAR, **wrong})
    assert refusal.value.params["part"] == part


def test_a_new_year_moves_provisional_deadlines_with_an_event_each_and_a_line_to_the_holder(county: County) -> None:
    case_id = county.supervised_item(at(LATE))
    before = main_clock(county, case_id)
    assert before["provisional"]
    assert before["due_on"] == date(2027, 2, 9), "a Tuesday, as far as anybody knows yet"
    foreseen = county.engine.read(at(LATE), lambda store, occasion: preview(store, occasion, document=NEXT_YEAR))
    moved = change(county, NEXT_YEAR, on=LATE)
    assert moved == foreseen
    main = next(each for each in moved if each.clock == before["key"])
    assert (main.before, main.after) == (date(2027, 2, 9), date(2027, 2, 13 + 1)), "Sunday 14th is worked"
    after = main_clock(county, case_id)
    assert (after["due_on"], after["original_due_on"], after["provisional"]) == (main.after, main.after, False)
    case = rows(county, type("C", (), {"__table__": CASES}), id=case_id)[0]
    assert case["due_on"] >= LATE
    assert len(rows(county, Event, case_id=case_id, verb="recalendar")) == 1
    told = rows(county, Outbox, case_id=case_id, message=recalendar.MESSAGE)
    assert [line["person_id"] for line in told] == [county.people["sun"]]
    assert after["next_at"] is None or after["next_at"] > at(LATE)


def test_the_same_year_again_moves_nothing_and_stores_nothing(county: County) -> None:
    county.supervised_item(at(LATE))
    change(county, NEXT_YEAR, on=LATE)
    events = len(rows(county, Event))
    assert change(county, NEXT_YEAR, on=LATE) == []
    assert len(rows(county, Event)) == events
    assert len(county.database.read(calendars.list_versions)) == 1


def test_changing_a_published_year_asks_first_and_says_what_moves(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    due = main_clock(county, case_id)["due_on"]
    document = next(dict(d) for d in shipped_calendars() if d["year"] == 2026)
    document["holidays"] = {**document["holidays"], "临时": [due]}
    with pytest.raises(Conflict) as refusal:
        change(county, document)
    assert refusal.value.params["why"] == "calendar_published_year"
    assert [(m.case_id, m.before, m.after) for m in refusal.value.params["moves"]] == [(case_id, due, due + timedelta(1))]
    assert main_clock(county, case_id)["due_on"] == due
    assert county.database.read(calendars.list_versions) == []
    assert [m.after for m in change(county, document, confirm=True)] == [due + timedelta(1)]
    assert main_clock(county, case_id)["due_on"] == due + timedelta(1)
    shipped = next(d for d in shipped_calendars() if d["year"] == 2026)
    assert [m.after for m in change(county, shipped, confirm=True)] == [due]
    assert [m.after for m in change(county, document, confirm=True)] == [due + timedelta(1)]
    versions = [row["version"] for row in county.database.read(calendars.list_versions)]
    assert len(set(versions)) == 3, "a correction taken back and made again is a version of its own"


def test_a_paused_clock_still_resumes_by_itself_after_the_calendar_changed(county: County) -> None:
    case_id = county.supervised_item(at(LATE))
    county.engine.pause(
        case_id, actor=county.actor("zhao"), now=at(LATE, 11), reason="等待鉴定", approver="高建国", max_days=30
    )
    paused = main_clock(county, case_id)
    change(county, NEXT_YEAR, on=LATE)
    after = main_clock(county, case_id)
    assert (after["status"], after["next_rung"], after["next_at"]) == ("paused", "resume", paused["next_at"])


def test_recomputing_without_a_new_year_changes_no_date(county: County) -> None:
    case_id = county.supervised_item(at(LATE))
    before = main_clock(county, case_id)

    def work(store: Store) -> list[Moved]:
        desk = desk_of(county, store, LATE)
        moved = recompute_provisional(desk)
        desk.context.flush(store)
        return moved

    assert county.database.write(work) == []
    assert main_clock(county, case_id) == before
