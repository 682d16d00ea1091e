"""三员分立 in the tables themselves (R9): no writer, ours or another, makes two posts that stand against each other meet."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from itertools import combinations
from threading import Thread
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, select, text

from states.errors import Conflict
from tests.tampering import tamper, unguard_posts
from tests.workflow.people.conftest import TODAY, Offices
from workflow import migrations
from workflow.database import Database
from workflow.models import Grant
from workflow.people import grants
from workflow.people.grants import ADMINISTRATORS, ROLES
from workflow.store import Store, table_of

DAY = timedelta(days=1)
REFUSED = (sqlite3.IntegrityError, psycopg.IntegrityError)
Span = tuple[date | None, date | None]
# A span of days beside one from ten days ago to yesterday, and whether the two meet.
BESIDE: tuple[tuple[Span, bool], ...] = (
    ((None, None), True),
    ((TODAY, None), False),
    ((TODAY - DAY, None), True),
    ((None, TODAY - 11 * DAY), False),
    ((None, TODAY - 10 * DAY), True),
    ((TODAY - 5 * DAY, TODAY - 4 * DAY), True),
    ((TODAY - 4 * DAY, TODAY - 5 * DAY), False),
)


def put(offices: Offices, person_id: int, role: str, since: date | None = None, until: date | None = None) -> None:
    """A row, by whoever writes to the table himself."""
    row = {"person_id": person_id, "role": role, "organ_id": offices.office_id, "title": "", "ceiling": 1}
    offices.database.write(lambda store: store.insert(Grant, [{**row, "since": since, "until": until}]))


def test_the_database_takes_no_two_posts_at_once_of_which_one_is_an_administrators(offices: Offices) -> None:
    for number, (first, second) in enumerate(combinations(ROLES, 2)):
        person_id = offices.person(f"p{number}")
        put(offices, person_id, first)
        if {first, second} & set(ADMINISTRATORS):
            with pytest.raises(REFUSED, match="stand against each other"):
                put(offices, person_id, second)
        else:
            put(offices, person_id, second)


@pytest.mark.parametrize(("span", "meets"), BESIDE)
def test_what_has_ended_stands_against_nothing_that_came_before_or_after(offices: Offices, span: Span, meets: bool) -> None:
    person_id = offices.person("wang")
    put(offices, person_id, "audit_admin", TODAY - 10 * DAY, TODAY - DAY)
    if meets:
        with pytest.raises(REFUSED, match="stand against each other"):
            put(offices, person_id, "handler", *span)
    else:
        put(offices, person_id, "handler", *span)


def test_no_change_of_a_post_makes_it_meet_another(offices: Offices) -> None:
    person_id = offices.person("wang")
    put(offices, person_id, "audit_admin", None, TODAY - DAY)
    put(offices, person_id, "handler", TODAY)
    changes: tuple[dict[str, Any], ...] = ({"since": None}, {"since": TODAY - DAY})
    for change in changes:
        with pytest.raises(REFUSED, match="stand against each other"):
            offices.database.write(lambda store, new=change: store.update(Grant, new, person_id=person_id, role="handler"))
    offices.database.write(lambda store: store.update(Grant, {"ceiling": 3}, person_id=person_id, role="handler"))


def test_two_that_are_written_at_once_do_not_slip_past_each_other(offices: Offices) -> None:
    person_id, refused = offices.person("wang"), []

    def put_the_other() -> None:
        try:
            put(offices, person_id, "handler")
        except REFUSED as error:
            refused.append(str(error))

    other = Thread(target=put_the_other)

    def work(store: Store) -> None:
        row = {"person_id": person_id, "role": "audit_admin", "organ_id": offices.office_id, "title": "", "ceiling": 1}
        store.insert(Grant, [row])
        other.start()
        other.join(1)  # It waits for this transaction; were there nothing to wait for, it would be through by then.

    offices.database.write(work)
    other.join()
    assert len(refused) == 1 and "stand against each other" in refused[0]


def test_a_post_after_one_that_it_stood_against_begins_the_day_after(offices: Offices) -> None:
    person_id = offices.person("wang")
    put(offices, person_id, "audit_admin", None, TODAY - 3 * DAY)
    told = {"person_id": person_id, "role": "handler", "organ_id": offices.office_id, "today": TODAY}
    with pytest.raises(Conflict, match="separation_of_administrators"):
        offices.database.write(lambda store: grants.give(store, **told, since=TODAY - 3 * DAY))
    offices.database.write(lambda store: grants.give(store, **told))
    assert posts_in(offices.database)["handler"] == (TODAY - 2 * DAY, None)


def posts_in(database: Database) -> dict[str, Span]:
    """Role → the days of the post."""
    rows = database.read(lambda store: store.select(select(table_of(Grant))))
    return {row["role"]: (row["since"], row["until"]) for row in rows}


def test_an_upgrade_parts_posts_that_followed_each_other_and_is_refused_while_two_count_at_once(offices: Offices) -> None:
    person_id, url = offices.person("wang"), offices.database.url
    unguard_posts(url)
    put(offices, person_id, "audit_admin", None, TODAY - 3 * DAY)
    put(offices, person_id, "handler")
    put(offices, person_id, "system_admin")
    offices.database.close()
    for statement in GUARDED[url.startswith("postgresql")]:
        tamper(url, statement)
    migrations.downgrade(url, "0047")
    with pytest.raises(RuntimeError, match="end one of them first"):
        migrations.upgrade(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM role_grant WHERE role = 'system_admin'"))
    engine.dispose()
    migrations.upgrade(url)
    again = Database(url)
    assert posts_in(again) == {"audit_admin": (None, TODAY - 3 * DAY), "handler": (TODAY - 2 * DAY, None)}
    again.close()


# What a downgrade takes away has to stand there.
GUARDED = (
    tuple(f"CREATE TRIGGER role_grant_{name} AFTER DELETE ON role_grant BEGIN SELECT 1; END" for name in ("given", "changed")),
    ("CREATE TRIGGER role_grant_separate AFTER DELETE ON role_grant FOR EACH ROW EXECUTE FUNCTION role_grant_separate()",),
)
