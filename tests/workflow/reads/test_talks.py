"""Earlier promises on the page of a talk: whose they are, and whether they were kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event

from tests.factories import County, at
from tests.shipped.walking import Walk
from tests.tampering import tamper
from tests.workflow.looking import case_row, rows_of
from workflow import migrations
from workflow.models import Case
from workflow.models.columns import time_to_text
from workflow.occasion import Occasion
from workflow.reads.case_page import CasePage, case_page
from workflow.reads.ledger import page
from workflow.reads.query import Cursor, Query
from workflow.reads.walk import DATED
from workflow.store import Store


def d(day: str) -> date:
    return date.fromisoformat(f"2026-{day}")


def page_of(county: County, login: str, case_id: int, on: date) -> CasePage:
    actor = county.actor(login)
    return county.engine.read(at(on), lambda store, occasion: case_page(store, occasion, actor, case_id))


def an_item(county: County) -> Walk:
    """An item of 东沟村 until 26 June, with progress written down until August."""
    facts = {"immediate": "ordinary", "period": "three_months", "first_check": "township", "feedback_on": "2026-03-26"}
    walk = Walk.open(county, "rectification", d("03-26"), **facts)
    walk.press("transfer", "song", d("03-26"), recipient="donggou_branch")
    walk.press("sign_for", "zhou", d("03-26"))
    walk.press("submit_plan", "zhou", d("03-27"))
    day = d("03-30")
    while day < d("08-28"):
        walk.press("report_progress", "zhou", day)
        day += timedelta(10)
    return walk


def report_done(county: County, item: Walk, on: date) -> None:
    """Every measure of the item is completed with its proof, and the item reported."""
    for row in rows_of(county, Case, kind="measure", parent_id=item.id):
        measure = Walk(county, int(row["id"]))
        measure.prove("zhou", on, "site_photo")
        measure.press("complete", "zhou", on)
    item.prove("zhou", on, "site_photo")
    item.press("report_rectified", "zhou", on)


def talked_to(county: County, *items: Walk) -> Walk:
    """The talk about the items, held on 29 July, with 28 August as their new date."""
    county.engine.tick(at(d("07-10")))
    talk = Walk(county, int(str(rows_of(county, Case, kind="interview")[0]["id"])))
    talk.press("order", "zhao", d("07-14"))
    talk.press("notify", "chen", d("07-20"), held_on="2026-07-29")
    talk.press("hold_talk", "chen", d("07-29"), held_on="2026-07-29")
    talk.prove("chen", d("07-29"), "signed_record")
    talk.press("record", "chen", d("07-29"), new_dates={str(item.id): "2026-08-28" for item in items})
    talk.press("hand_in", "chen", d("07-29"))
    return talk


def test_a_talk_that_somebody_does_not_see_moves_neither_the_hour_nor_the_place_of_its_row(county: County) -> None:
    """R19: in the order by the last change a place that was made up finds no hour that its reader is not told."""
    case_id, other = county.supervised_item(at(d("03-02"))), county.supervised_item(at(d("03-02"), 11))
    order = Query(band="all", sort="changed")

    def look(store: Store, occasion: Occasion) -> tuple[datetime, list[int]]:
        zhou = county.actor("zhou")
        rows = page(store, occasion, zhou, order).rows
        told = next(row.changed_at for row in rows if row.id == case_id)
        between = Cursor(DATED, (time_to_text(told),), case_id)
        return told, [row.id for row in page(store, occasion, zhou, order, after=between).rows]

    day = d("03-03")
    while not rows_of(county, Case, kind="interview"):
        before = county.engine.read(at(day, 12), look)
        day += timedelta(1)
        county.engine.tick(at(day, 12))
    stored = case_row(county, case_id)
    assert (stored["changed_at"], stored["told_at"]) == (at(day, 12), before[0])
    assert county.engine.read(at(day, 12), look) == before
    county.engine.comment(other, actor=county.actor("zhou"), now=at(day, 13), text="已看")
    assert county.engine.read(at(day, 14), look)[1][-1] == other


def test_the_county_sees_which_promises_were_broken_when_it_talks_to_the_township(county: County) -> None:
    late, done = an_item(county), an_item(county)
    first = talked_to(county, late, done)
    report_done(county, done, d("08-28"))
    late.press("report_progress", "zhou", d("08-28"))
    late.tick(d("08-31"))
    second = rows_of(county, Case, kind="interview")[-1]
    assert second["interviewee_id"] == county.organs["liuhe_party"]
    told = page_of(county, "zhao", int(second["id"]), d("09-01")).promises
    assert [(one.talk.id, one.item.id, one.new_due_on, one.kept) for one in told] == [(first.id, late.id, d("08-28"), False)]
    assert page_of(county, "zhao", first.id, d("09-01")).promises == (), "a talk's own dates are its agenda, no earlier promise"


def test_a_promise_is_open_until_its_day_has_ended_and_kept_once_the_work_is_reported(county: County) -> None:
    late, done = an_item(county), an_item(county)
    talked_to(county, late, done)
    report_done(county, done, d("08-20"))
    actor = county.actor("zhao")
    again = county.engine.open(
        "interview",
        actor=actor,
        now=at(d("08-21")),
        title="再次约谈",
        subject_id=county.organs["donggou_branch"],
        data={},
        supervisor_id=county.organs["office"],
    )

    def kept(on: date) -> dict[int, bool | None]:
        return {one.item.id: one.kept for one in page_of(county, "zhao", again.case_id, on).promises}

    assert kept(d("08-21")) == {late.id: None, done.id: True}
    assert kept(d("08-28")) == {late.id: None, done.id: True}
    assert kept(d("08-29")) == {late.id: False, done.id: True}


def test_promises_are_shown_only_of_talks_and_items_that_the_reader_sees(county: County) -> None:
    item = an_item(county)
    talked_to(county, item)
    again = county.engine.open(
        "interview",
        actor=county.actor("zhao"),
        now=at(d("08-21")),
        title="再次约谈",
        subject_id=county.organs["donggou_branch"],
        data={},
        supervisor_id=county.organs["office"],
    )
    talk = Walk(county, again.case_id)
    talk.press("order", "zhao", d("08-21"))
    talk.press("notify", "chen", d("08-24"), held_on="2026-08-28")
    assert len(page_of(county, "zhou", again.case_id, d("08-24")).promises) == 1, "the village sees its own"
    county.engine.bar(item.id, actor=county.actor("zhao"), now=at(d("08-25")), person_id=county.people["zhou"], reason="亲属")
    assert page_of(county, "zhou", again.case_id, d("08-26")).promises == ()


def test_an_upgrade_tells_the_last_change_that_everybody_is_told_as_the_engine_has(county: County) -> None:
    an_item(county)
    day = d("06-25")
    while not rows_of(county, Case, kind="interview"):
        county.engine.tick(at(day, 12))
        day += timedelta(1)
    stored = {row["id"]: row["told_at"] for row in rows_of(county, Case)}
    assert any(row["told_at"] != row["changed_at"] for row in rows_of(county, Case))
    url = county.database.url
    county.close()
    migrations.downgrade(url, "0047")
    migrations.upgrade(url)
    again = county.reopened(url)
    assert {row["id"]: row["told_at"] for row in rows_of(again, Case)} == stored
    again.close()


def test_an_upgrade_reads_on_past_damaged_rows_and_writes_no_hour_that_stands_there(county: County) -> None:
    item, other = an_item(county), an_item(county)
    day = d("06-25")
    while not rows_of(county, Case, kind="interview"):
        county.engine.tick(at(day, 12))
        day += timedelta(1)
    before = {row["id"]: row for row in rows_of(county, Case)}
    moved = [case_id for case_id, row in before.items() if row["told_at"] != row["changed_at"]]
    assert {item.id, other.id} <= set(moved)
    url = county.database.url
    county.close()
    migrations.downgrade(url, "0047")
    tamper(url, f"UPDATE event SET facts = '{{' WHERE case_id = {item.id}")
    written: list[str] = []

    def look(*told: Any) -> None:
        # Executed many times or once: each set of parameters is one case.
        if "UPDATE cases SET told_at=(SELECT" in told[2]:
            written.extend(str(one) for one in (told[3] if told[5] else [told[3]]))

    event.listen(Engine, "before_cursor_execute", look)
    try:
        migrations.upgrade(url)
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    again = county.reopened(url)
    after = {row["id"]: row["told_at"] for row in rows_of(again, Case)}
    assert after.pop(item.id) == before[item.id]["changed_at"], "nothing is told of it"
    assert after == {case_id: row["told_at"] for case_id, row in before.items() if case_id != item.id}
    assert len(written) == len(moved) - 1
    again.close()
