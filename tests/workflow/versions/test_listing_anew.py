"""A new version lists by other facts: every case of the kind is asked by what it has said of them all along, also one that stays
under its own version, and also of a past day.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.copies import Copies
from tests.factories import County, at, make_county
from tests.tampering import tamper
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import NOW, TODAY, Document, Office, hire, part
from workflow import former, migrations, newly_listed
from workflow.definitions import catalogue
from workflow.former import compare_former, rebuild_former
from workflow.models import Case, Facet, FormerFacet, NewlyListed
from workflow.nightly import check_night
from workflow.reads.counts import count_of
from workflow.reads.query import Query

OPENED = date(2026, 3, 2)
STAY = {"received": "stay"}


def found(office: Office, day: date | None, key: str, value: str) -> int:
    """How many cases have that value on the day; None: as they are."""
    return asked(office, as_of=day, facets=((key, (value,)),))


def asked(office: Office, **filters: Any) -> int:
    """How many cases of the kind 林静 finds by these filters."""
    actor, query = office.county.actor("lin"), Query(("rectification",), band="all", **filters)
    return office.county.engine.read(at(TODAY, 15), lambda store, occasion: count_of(store, occasion, actor, query)).n


def listing(*fields: str) -> Any:
    """An edit: of 反馈序号 and 轮次 lists are filtered by these alone."""

    def edit(document: Document) -> None:
        for key in ("feedback_no", "round"):
            part(document, "fields", key).pop("filter", None)
        for key in fields:
            part(document, "fields", key)["filter"] = True

    return edit


def publish(office: Office, *fields: str, stays: bool = True) -> None:
    """A version that lists by these; open cases stay under their own, or come under it."""
    office.change(listing(*fields), when=STAY if stays else {})


def require_told(office: Office) -> None:
    """History tells what is kept."""
    told = office.county.engine.read(NOW, lambda store, occasion: compare_former(store, occasion.catalogue))
    assert told == []


def test_a_fact_that_is_listed_by_from_now_on_is_found_on_days_before_it_was(office: Office) -> None:
    county, later = office.county, OPENED + timedelta(7)
    case_id = county.supervised_item(at(OPENED), feedback_no="一", urgency="light")
    county.engine.amend(case_id, actor=county.actor("lin"), now=at(later), data={"feedback_no": "二"}, reason="更正")

    def list_by_another(document: Document) -> None:
        part(document, "fields", "feedback_no")["filter"] = True
        part(document, "fields", "urgency").pop("filter")

    office.change(list_by_another)
    assert [found(office, day, "feedback_no", "一") for day in (OPENED, later, TODAY)] == [1, 0, 0]
    assert [found(office, day, "feedback_no", "二") for day in (OPENED, later, TODAY)] == [0, 1, 1]
    assert [found(office, day, "urgency", "light") for day in (OPENED, later, TODAY)] == [1, 1, 0]
    assert not rows_of(county, Facet, case_id=case_id, field="urgency")
    assert [row["from_at"] for row in rows_of(county, FormerFacet, case_id=case_id, field="urgency")] == [None]
    require_told(office)


# ---- cases that stay under their own version ------------------------------------------------------------------------------


def amend(office: Office, case_id: int, now: Any, **data: Any) -> None:
    office.county.engine.amend(case_id, actor=office.county.actor("lin"), now=now, data=data, reason="更正")


def three_older(office: Office) -> list[int]:
    """One that is closed, one that stays under its version, and one whose fact was another a week later."""
    county = office.county
    ids = [county.open_item(at(OPENED, 10 + n), feedback_no="一") for n in range(3)]
    county.engine.void(ids[0], actor=county.actor("zhao"), now=at(OPENED, 15), reason="重复登记", approver="高建国")
    amend(office, ids[2], at(OPENED + timedelta(7)), feedback_no="二")
    return ids


def test_cases_that_stay_are_found_by_what_the_current_version_lists(office: Office) -> None:
    three_older(office)
    publish(office, "feedback_no")
    office.county.open_item(NOW, feedback_no="一")
    assert found(office, None, "feedback_no", "一") == 1, "the one that was opened under it"
    assert asked(office, untold=("feedback_no",)) == 3
    assert asked(office, untold=("urgency",)) == 0
    require_told(office)
    assert office.county.engine.list_newly(NOW, batches=2) == 3
    days = (OPENED, OPENED + timedelta(7), None)
    assert [found(office, day, "feedback_no", "一") for day in days] == [3, 2, 3]
    assert [found(office, day, "feedback_no", "二") for day in days] == [0, 1, 1]
    assert asked(office, untold=("feedback_no",)) == 0
    assert rows_of(office.county, NewlyListed) == []
    require_told(office)


def test_they_are_told_in_batches_that_go_on_from_where_they_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ids, engine = three_older(office), office.county.engine
    publish(office, "feedback_no")
    monkeypatch.setattr(former, "AT_ONCE", 1)
    for n in range(3):
        assert asked(office, untold=("feedback_no",)) == 3 - n
        assert engine.list_newly(NOW, batches=1) == 1
        assert [row["case_id"] for row in rows_of(office.county, Facet, field="feedback_no")] == ids[: n + 1]
        require_told(office)
    assert engine.list_newly(NOW, batches=5) == 0
    assert rows_of(office.county, NewlyListed) == []


def test_what_is_said_meanwhile_is_told_with_the_rest(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    _closed, early, late = three_older(office)
    monkeypatch.setattr(former, "AT_ONCE", 2)
    publish(office, "feedback_no")
    office.county.engine.list_newly(NOW, batches=1)
    for case_id in (early, late):
        amend(office, case_id, NOW + timedelta(minutes=1), feedback_no="三")
        require_told(office)
    assert found(office, None, "feedback_no", "三") == 2
    office.county.engine.list_newly(NOW, batches=5)
    assert [found(office, day, "feedback_no", "二") for day in (OPENED + timedelta(7), None)] == [1, 0]
    assert found(office, None, "feedback_no", "三") == 2
    require_told(office)


def test_the_night_finishes_them_and_a_damaged_one_stops_neither(office: Office, tmp_path: Path) -> None:
    ids = three_older(office)
    publish(office, "feedback_no")
    tamper(office.county.database.url, f"UPDATE content SET body = 'not JSON' WHERE case_id = {ids[1]} AND seq = 1")
    told = check_night(office.county.engine, tmp_path, at(TODAY, 23), archive_days=90)
    assert (told["listed"], told["former"], told["failed"]) == (3, 1, 0)
    assert [row["case_id"] for row in rows_of(office.county, Facet, field="feedback_no")] == [ids[0], ids[2]]
    assert office.county.engine.read(NOW, lambda store, occasion: compare_former(store, occasion.catalogue)) == [ids[1]]


def test_what_is_wrong_in_another_fact_is_named_while_one_is_not_told_yet(office: Office) -> None:
    closed, *_others = three_older(office)
    publish(office, "feedback_no")
    told = {"case_id": closed, "field": "urgency", "value": "heavy", "from_at": None}
    office.county.database.write(lambda store: store.insert(Facet, [told]))
    assert office.county.engine.read(NOW, lambda store, occasion: compare_former(store, occasion.catalogue)) == [closed]


def test_writing_everything_anew_tells_them_too(office: Office) -> None:
    three_older(office)
    publish(office, "feedback_no")
    office.county.database.write(lambda store: rebuild_former(store, catalogue(store)))
    assert found(office, None, "feedback_no", "一") == 2
    assert rows_of(office.county, NewlyListed) == []
    require_told(office)


def test_an_upgrade_lists_what_older_versions_did_not(copies: Copies) -> None:
    office = staffed(copies)
    three_older(office)
    publish(office, "feedback_no")
    publish(office)
    publish(office, "round")
    url = office.county.database.url
    office.county.close()
    migrations.downgrade(url, "0047")
    migrations.upgrade(url)
    again = Office(office.county.reopened(url))
    assert again.county.database.read(newly_listed.waiting) == {"rectification": {"feedback_no": 0, "round": 0}}
    again.county.engine.list_newly(NOW, batches=5)
    require_told(again)
    again.county.close()


def staffed(copies: Copies) -> Office:
    """A county of its own with its administrators."""
    county: County = copies.of(make_county)
    hire(county)
    return Office(county)


TURN = st.tuples(
    st.sampled_from(["open", "amend", "publish", "tell"]),
    st.integers(0, 5),
    st.sampled_from([(), ("feedback_no",), ("round",), ("feedback_no", "round")]),
    st.booleans(),
)


@pytest.mark.usefixtures("database_engine")
@settings(max_examples=4)
@given(turns=st.lists(TURN, min_size=5, max_size=9))
def test_whatever_versions_follow_lists_find_what_the_cases_say(copies: Copies, turns: list[Any]) -> None:
    office = staffed(copies)
    try:
        now, ids, listed = NOW, [office.county.open_item(at(OPENED), feedback_no="一", round="1")], ()
        for action, number, fields, is_set in turns:
            now += timedelta(minutes=1)
            told = {"feedback_no": str(number % 3), "round": str(number % 2)}
            if action == "open":
                ids.append(office.county.open_item(now, **told))
            elif action == "amend":
                amend(office, ids[number % len(ids)], now, **told)
            elif action == "publish" and fields != listed:
                publish_at(office, now, fields, stays=is_set)
                listed = fields
            else:
                office.county.engine.list_newly(now, batches=number)
            require_told(office)
        office.county.engine.list_newly(now, batches=20)
        require_told(office)
        require_found(office, listed)
    finally:
        office.county.close()


def publish_at(office: Office, now: Any, fields: tuple[str, ...], *, stays: bool) -> None:
    office.change(listing(*fields), now, when=STAY if stays else {})


def require_found(office: Office, listed: tuple[str, ...]) -> None:
    """Each value of each fact that the current version lists finds the cases that have it."""
    said = [json.loads(row["data"]) for row in rows_of(office.county, Case)]
    for key in listed:
        for value, n in Counter(one[key] for one in said if one.get(key)).items():
            assert found(office, None, key, value) == n, (key, value)
