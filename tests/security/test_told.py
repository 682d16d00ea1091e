"""What somebody may be told of (R13): his bell, its count and the mail that waits, against the oracle and after a post has ended."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlmodel import SQLModel

from tests.factories import County
from tests.security.oracle import NOTHING, Tables
from tests.security.world import World
from tests.workflow.looking import rows_of
from tests.workflow.test_outbox import Post
from workflow.dates import local_day
from workflow.models import Barred, Case, Grant, Notice, Outbox
from workflow.occasion import Occasion
from workflow.outbox import deliver
from workflow.people.grants import end, give_back
from workflow.reads.notices import COUNTED_AT_MOST, NoticeView, list_notices, unread_count
from workflow.store import Store

NOW = datetime.now(UTC)
TODAY = local_day(NOW)
OVERDUE: dict[str, Any] = {"message": "overdue", "created_at": NOW}


def put(county: County, model: type[SQLModel], **row: Any) -> None:
    """Inserts a row."""
    county.database.write(lambda store: store.insert(model, [row]))


def end_all(county: County, login: str) -> list[int]:
    """Every post of somebody ends; which they were."""
    mine = [row["id"] for row in rows_of(county, Grant, person_id=county.people[login])]

    def work(store: Store) -> None:
        for grant_id in mine:
            end(store, grant_id=grant_id, today=TODAY)

    county.database.write(work)
    return mine


def bell_of(world: World, login: str) -> tuple[list[NoticeView], int]:
    """What stands in somebody's bell, read seven messages at a time, and how much of it is counted as unread."""
    who = world.county.actor(login, TODAY)

    def read(store: Store, occasion: Occasion) -> tuple[list[NoticeView], int]:
        listed = list_notices(store, occasion, who, limit=7)
        found = list(listed.notices)
        while listed.after is not None:
            listed = list_notices(store, occasion, who, after=listed.after, limit=7)
            found += listed.notices
        return found, unread_count(store, occasion, who)

    return world.county.engine.read(NOW, read)


def may_hear(world: World, tables: Tables, login: str, case_id: int) -> bool:
    """He reads it; or he leads the leading group, which is told of late clues and talks and reads none."""
    person_id, kind = world.county.people[login], tables.cases[case_id]["kind"]
    leads = {("head", world.county.organs["leading_group"]), ("deputy", world.county.organs["leading_group"])}
    posts = {(post["role"], post["organ_id"]) for post in tables.grants if post["person_id"] == person_id}
    return tables.sees(person_id, case_id) != NOTHING or (kind in ("clue", "interview") and bool(posts & leads))


def test_a_bell_tells_of_no_case_that_its_reader_may_not_hear_of_and_of_all_others(world: World, tables: Tables) -> None:
    for login, person_id in world.county.people.items():
        if tables.persons[person_id]["disabled_at"] is not None:
            continue
        shown, unread = bell_of(world, login)
        stored = [json.loads(row["cases"]) for row in rows_of(world.county, Notice, person_id=person_id)]
        told = {case_id for view in shown for case_id in view.cases}
        assert told == {case_id for ids in stored for case_id in ids if may_hear(world, tables, login, case_id)}, login
        numbers = {line["number"] for view in shown for line in view.lines if "number" in line}
        assert numbers <= {tables.cases[case_id]["number"] for case_id in told}, login
        assert unread == min(len(shown), COUNTED_AT_MOST)


def test_what_was_told_in_a_post_that_has_ended_stands_in_no_bell_and_is_not_counted(world: World) -> None:
    county, he = world.county, world.county.people["he"]
    assert bell_of(world, "he")[1] > 0
    mine = end_all(county, "he")
    own = {"message": "setting_dated", "params": '[{"name": "级别"}]', "cases": "[]"}
    put(county, Notice, key="own", person_id=he, created_at=NOW, **own)
    shown, unread = bell_of(world, "he")
    assert [view.message for view in shown] == ["setting_dated"] and unread == 1
    for grant_id in mine:
        county.database.write(lambda store, one=grant_id: give_back(store, grant_id=one, until=None, today=TODAY))
    assert len(bell_of(world, "he")[0]) > 1


def test_a_message_of_several_cases_keeps_those_that_its_reader_still_hears_of(world: World) -> None:
    county, ids = world.county, (world.ids["clue transferred"], world.ids["item supervised"])
    numbers = [rows_of(county, Case, id=one)[0]["number"] for one in ids]
    lines = json.dumps([{"number": number} for number in numbers])
    both = {"key": "both", "person_id": county.people["lin"], "params": lines, "cases": json.dumps(ids)}
    put(county, Notice, **both, **OVERDUE)
    put(county, Barred, case_id=ids[0], person_id=county.people["lin"], reason="亲属")
    kept = next(view for view in bell_of(world, "lin")[0] if view.created_at == NOW)
    assert kept.cases == ids[1:] and [line["number"] for line in kept.lines] == numbers[1:]


def test_a_mail_that_waits_does_not_go_to_whoever_may_not_hear_of_its_case_any_more(world: World) -> None:
    county, he = world.county, world.county.people["he"]
    waits = {"channel": "mail", "params": '{"number": "甲"}', "due_at": NOW, **OVERDUE}
    put(county, Outbox, key="of a case", person_id=he, case_id=world.ids["clue transferred"], **waits)
    put(county, Outbox, key="of none", person_id=he, case_id=None, **waits)
    sent = Post()
    end_all(county, "he")
    deliver(county.database, {"mail": sent}, now=NOW)
    assert [len(message.lines) for message in sent.sent if message.person_id == he] == [1]
    left = {row["key"]: row["reason"] for row in rows_of(county, Outbox, person_id=he) if row["key"].startswith("of ")}
    assert left == {"of a case": "untold", "of none": ""}


def test_a_mail_of_a_late_clue_goes_to_the_leading_group_which_reads_none(world: World) -> None:
    county, sent = world.county, Post()
    waits = {"channel": "mail", "params": '{"number": "甲"}', "due_at": NOW, **OVERDUE}
    gao = county.people["gao"]
    put(county, Outbox, key="late", person_id=gao, case_id=world.ids["clue transferred"], **waits)
    deliver(county.database, {"mail": sent}, now=NOW)
    assert gao in {message.person_id for message in sent.sent}


def test_a_case_that_nobody_holds_any_more_stops_neither_a_bell_nor_the_relay(world: World) -> None:
    county, case_id, sent = world.county, world.ids["item closed"], Post()
    county.database.write(lambda store: store.update(Case, {"holder_id": None}, id=case_id))
    about = {"person_id": county.people["wu"], "params": '[{"number": "甲"}]'}
    put(county, Notice, key="nobody's", cases=json.dumps([case_id]), **about, **OVERDUE)
    assert case_id not in {one for view in bell_of(world, "wu")[0] for one in view.cases}
    put(county, Outbox, key="nobody's", channel="mail", case_id=case_id, due_at=NOW, **about, **OVERDUE)
    deliver(county.database, {"mail": sent}, now=NOW)
    assert [row["reason"] for row in rows_of(county, Outbox, key="nobody's")] == ["untold"]
