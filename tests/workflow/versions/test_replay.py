"""The last twelve months are counted with a preview in batches that are kept: killed, shared out, or in one go, it is the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from states.errors import Conflict
from tests.factories import at
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import ORDERS, Document, Office, part
from workflow.desk import Desk
from workflow.models import Case, Draft, Impact
from workflow.store import Store, table_of
from workflow.versions import preview
from workflow.versions.plan import Plan
from workflow.versions.rehearse import Tally, rehearse
from workflow.versions.replay import Replay

BEGAN = at(date(2026, 3, 2))
NOW = at(date(2026, 7, 20), 18)
CASES = 5


class Killed(Exception):
    """The worker is gone before its batch was kept."""


def shorter(document: Document) -> None:
    part(document, "clocks", "rectify")["limits"] = [{"limit": "1 month"}]


def a_ledger(office: Office) -> None:
    """Items of two townships begun on several days, swept until today: talks and orders have fired. One was damaged."""
    county = office.county
    for n in range(CASES - 1):
        county.supervised_item(BEGAN + timedelta(days=7 * n))
    damaged = county.supervised_item(BEGAN, subject="shimen_branch", signer="shi")
    for days in range(14, 140, 7):
        county.engine.tick(BEGAN + timedelta(days=days))
    case = table_of(Case)
    county.database.write(lambda store: store.execute(update(case).where(case.c.id == damaged).values(data="{")))


def begun(office: Office, draft_id: int, orders: tuple[str, ...] = ORDERS) -> int:
    """A preview of which nothing is computed yet."""
    admin = office.admin()

    def begin(desk: Desk) -> int:
        return preview.begin(desk.store, desk.occasion, draft_id, Plan(), admin, orders=orders)

    return office.county.engine.administer(begin, actor=admin, now=NOW)


def batch(office: Office, impact_id: int, now: datetime = NOW, is_killed: bool = False) -> int:
    """The next batch of it, kept unless its worker is killed."""

    def work(desk: Desk) -> int:
        done = preview.work(desk.store, desk.occasion, impact_id)
        if is_killed:
            raise Killed
        return done

    return office.county.engine.administer(work, actor=office.admin(), now=now)


def impact_of(office: Office, impact_id: int) -> dict[str, Any]:
    return office.county.database.read(partial(preview.get_impact, impact_id=impact_id))


def kept(office: Office, impact_id: int) -> Tally:
    """What was counted."""
    replay = Replay.read(impact_of(office, impact_id)["replay"])
    assert replay is not None and replay.is_over and replay.done == replay.total
    return replay.tally


def in_one_go(office: Office, draft_id: int) -> Tally:
    """The same counted at once."""
    digest = rows_of(office.county, Draft, id=draft_id)[0]["digest"]

    def count(store: Store, occasion: Any) -> Tally:
        return rehearse(store, occasion, preview.drafted(store, digest).definition, ORDERS)

    return office.county.engine.read(NOW, count)


@pytest.fixture
def draft_id(office: Office) -> int:
    """A shorter limit on a ledger of several townships."""
    a_ledger(office)
    return office.draft(shorter, now=NOW)


@pytest.fixture
def smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two cases."""
    monkeypatch.setattr("workflow.versions.rehearse.BATCH", 2)
    monkeypatch.setattr("workflow.versions.preview.BATCH", 2)


def test_batches_killed_anywhere_and_gone_on_with_count_what_one_go_counts(
    office: Office, draft_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, before = in_one_go(office, draft_id), rows_of(office.county, Case)
    assert whole.total.talks[0] > 0 < whole.total.talks[2] and whole.damaged == 1

    @settings(max_examples=12, deadline=None)
    @given(size=st.integers(1, CASES + 1), killed=st.sets(st.integers(0, 8)))
    def same(size: int, killed: set[int]) -> None:
        monkeypatch.setattr("workflow.versions.rehearse.BATCH", size)
        impact_id = begun(office, draft_id)
        for turn in range(40):
            try:
                if not batch(office, impact_id, is_killed=turn in killed):
                    break
            except Killed:
                continue
        assert kept(office, impact_id) == whole
        assert impact_of(office, impact_id)["seal"]

    same()
    assert len({row["seal"] for row in rows_of(office.county, Impact)}) == 1
    assert rows_of(office.county, Case) == before, "no case was touched"


def test_two_who_work_at_one_preview_count_each_case_once(office: Office, draft_id: int, smaller: None) -> None:
    impact_id = begun(office, draft_id)

    def until_whole(_worker: int) -> None:
        while batch(office, impact_id):
            pass

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(until_whole, range(2)))
    assert kept(office, impact_id) == in_one_go(office, draft_id)
    assert len(office.lines({"id": impact_id})) == CASES


def test_the_year_ends_when_the_preview_was_begun_whenever_its_batches_are_counted(
    office: Office, draft_id: int, smaller: None
) -> None:
    whole = in_one_go(office, draft_id)
    impact_id = begun(office, draft_id)
    batch(office, impact_id)
    later = NOW + timedelta(days=50)
    office.county.engine.tick(later)
    office.county.supervised_item(later)
    while batch(office, impact_id, later):
        pass
    assert kept(office, impact_id) == whole


def test_what_two_people_say_yes_to_is_the_replay_too(office: Office, draft_id: int) -> None:
    with_orders, without = begun(office, draft_id), begun(office, draft_id, orders=())
    for impact_id in (with_orders, without):
        while batch(office, impact_id):
            pass
    assert kept(office, with_orders) != kept(office, without)
    assert impact_of(office, with_orders)["seal"] != impact_of(office, without)["seal"]


def test_a_version_that_came_meanwhile_makes_the_preview_old(office: Office, draft_id: int, smaller: None) -> None:
    impact_id = begun(office, draft_id)
    batch(office, impact_id)
    present = Replay.read(impact_of(office, impact_id)["replay"])
    office.change(lambda document: part(document, "states", "closed").update(phrase="已了结"), NOW)
    while batch(office, impact_id):
        pass
    after = Replay.read(impact_of(office, impact_id)["replay"])
    assert present is not None and after is not None and after.present == present.present
    with pytest.raises(Conflict) as refused:
        office.propose(impact_of(office, impact_id), NOW)
    assert refused.value.params["why"] == "preview_old"


def test_a_kind_that_has_no_version_has_nothing_to_replay(office: Office) -> None:
    def another_kind(document: Document) -> None:
        document["key"] = "well"

    impact_id = begun(office, office.draft(another_kind, now=NOW))
    while batch(office, impact_id):
        pass
    impact = impact_of(office, impact_id)
    assert impact["replay"] == "" and impact["seal"] and office.lines(impact) == {}
