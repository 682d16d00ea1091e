"""The last year once more: what the present rules say agrees with what fired, and other rules give other counts."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from states.schema import load
from tests.factories import at
from tests.workflow.looking import clock_row, day
from tests.workflow.versions.conftest import ORDERS, Document, Office, part
from web.wiring import shipped_workflows
from workflow.models import Case, Clock
from workflow.store import table_of
from workflow.versions.rehearse import Counted, Rules, Tally, extent, rehearse

BEGAN = at(date(2026, 3, 2))
LATER = date(2026, 7, 20)


def edited(edit: Any) -> Any:
    document = copy.deepcopy(shipped_workflows()["rectification"].data)
    edit(document)
    return load(document)


def one_month(document: Document) -> None:
    part(document, "clocks", "rectify")["limits"] = [{"limit": "1 month"}]


def two_years(document: Document) -> None:
    part(document, "clocks", "rectify")["limits"] = [{"limit": "24 month"}]


def swept(office: Office) -> int:
    """An item that nobody worked on, swept every day until after its talk was proposed."""
    case_id = office.county.supervised_item(BEGAN)
    on = BEGAN.date()
    while on < LATER:
        on += timedelta(3)
        office.county.engine.tick(at(on, 18))
    return case_id


def told(office: Office, new: Any) -> Tally:
    read = office.county.engine.read
    return read(at(LATER, 18), lambda store, occasion: rehearse(store, occasion, new, ORDERS))


def test_the_present_rules_give_the_talks_and_orders_that_really_were(office: Office) -> None:
    swept(office)
    found = told(office, edited(lambda document: None)).total
    assert found.talks == (2, 2, 2)  # no progress note for a month, and the limit missed
    assert found.orders == (2, 2, 2)


def test_a_longer_limit_gives_fewer_and_the_township_of_each_is_known(office: Office) -> None:
    swept(office)
    tally = told(office, edited(two_years))
    assert tally.total.talks == (1, 2, 2)
    assert tally.of(office.county.areas["liuhe"]).talks == (1, 2, 2)
    assert tally.of(office.county.areas["qingshi"]) == Counted()


def test_a_run_settled_before_the_rung_gives_nothing(office: Office) -> None:
    case_id = office.county.supervised_item(BEGAN)
    run = clock_row(office.county, case_id, "rectify")
    calendar = office.county.engine.read(BEGAN, lambda _store, occasion: occasion.calendar)
    facts = {"period": "three_months"}
    rules = Rules(edited(one_month), calendar, ORDERS)

    def counts(settled: str | None) -> Counter[str]:
        settled_on = day(settled) if settled else None
        return Counter(rules.given({**run, "settled_on": settled_on}, facts, LATER))

    assert counts("2026-04-01") == Counter()
    assert counts(None)["talk"] == 1
    assert counts("2026-04-08") == Counter(order=counts(None)["order"])


def test_what_is_kept_of_one_run_is_never_given_for_another(office: Office) -> None:
    run = clock_row(office.county, office.county.supervised_item(BEGAN), "rectify")
    calendar = office.county.engine.read(BEGAN, lambda _store, occasion: occasion.calendar)
    definition = edited(lambda document: None)
    kept = Rules(definition, calendar, ORDERS)
    found = set()
    for facts in (
        {},
        {"period": "two_months"},
        {"period": "own_date"},
        *({"period": "own_date", "due_on": on} for on in ("2026-04-01", "2027-01-04")),
    ):
        for changed in (
            {},
            {"started_on": day("2025-01-06")},
            {"pauses": '[["2026-03-10", "2026-06-20", "paused"]]'},
            {"settled_on": day("2026-06-05")},
            {"basis": '{"kind": "interview"}', "due_on": day("2026-05-06")},
        ):
            one = {**run, **changed}
            given = tuple(kept.given(one, facts, LATER))
            assert given == tuple(Rules(definition, calendar, ORDERS).given(one, facts, LATER))
            found.add(given)
    assert found == {(), ("order",), ("order", "talk")}


def test_a_clock_that_goes_on_under_another_name_gives_what_it_gave(office: Office) -> None:
    run = clock_row(office.county, office.county.supervised_item(BEGAN), "rectify")
    calendar = office.county.engine.read(BEGAN, lambda _store, occasion: occasion.calendar)
    definition, facts = edited(lambda document: None), {"period": "two_months"}
    clocks = tuple(replace(clock, key="work") if clock.key == "rectify" else clock for clock in definition.clocks)
    renamed = replace(definition, clocks=clocks)
    given = [
        tuple(rules.given(run, facts, LATER))
        for rules in (
            Rules(definition, calendar, ORDERS),
            Rules(renamed, calendar, ORDERS, {"rectify": "work"}),
            Rules(renamed, calendar, ORDERS),
        )
    ]
    assert given == [("order", "talk"), ("order", "talk"), ()]


def test_how_far_it_is_is_told_batch_by_batch(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.versions.rehearse.BATCH", 2)
    for _ in range(3):
        office.county.supervised_item(BEGAN)
    seen: list[int] = []
    new = edited(lambda document: None)
    read = office.county.engine.read
    tally = read(at(LATER, 18), lambda store, occasion: rehearse(store, occasion, new, ORDERS, seen.append))
    assert seen == [2, 1] and sum(seen) == office.county.database.read(lambda store: extent(store, new.key)[0])
    assert tally.runs == told(office, new).runs > 3


def test_a_date_that_somebody_said_stands_under_other_rules(office: Office) -> None:
    case_id = office.county.supervised_item(BEGAN)
    run = {**clock_row(office.county, case_id, "rectify"), "basis": '{"kind": "interview", "on": "2027-01-01", "pauses": 0}'}
    run["due_on"] = day("2027-01-01")
    calendar = office.county.engine.read(BEGAN, lambda _store, occasion: occasion.calendar)
    assert list(Rules(edited(one_month), calendar, ORDERS).given(run, {}, LATER)) == []


def test_another_ladder_is_another_rule_for_every_clock_that_climbs_it(office: Office) -> None:
    swept(office)

    def without_talks(document: Document) -> None:
        for ladder in document["ladders"]:
            for tier in ladder["tiers"]:
                tier[:] = [rung for rung in tier if not rung.get("holds")]

    found = told(office, edited(without_talks)).total
    assert found.talks == (0, 2, 2) and found.orders == (2, 2, 2)


def test_a_case_that_was_damaged_is_left_out_whole_and_counted(office: Office) -> None:
    swept(office)
    first = told(office, edited(one_month))
    damaged = office.county.supervised_item(BEGAN)
    clock, case = table_of(Clock), table_of(Case)

    def damage(text: str) -> None:
        where = update(clock).where(clock.c.case_id == damaged, clock.c.key == "rectify")
        office.county.database.write(lambda store: store.execute(where.values(pauses=text)))

    damage("{")
    second = told(office, edited(one_month))
    assert (second.runs, second.damaged, second.total) == (first.runs, 1, first.total)
    damage("[]")
    where = update(case).where(case.c.id == damaged)
    office.county.database.write(lambda store: store.execute(where.values(data="{")))
    third = told(office, edited(one_month))
    assert (third.runs, third.damaged) == (first.runs, 1)
