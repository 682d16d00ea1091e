"""Stamped cases stand in the tables as lived ones do: whole histories, own numbers, found by search, seen by whom they concern."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlmodel import SQLModel

from tests.copies import Copies
from tests.workflow.looking import case_row, rows_of
from tests.workflow.reads.scenes import Scene, make_busy
from workflow.audit import verify
from workflow.former import compare_former
from workflow.models import (
    Clock,
    Content,
    Event,
    Evidence,
    Facet,
    FiredRung,
    FormerFacet,
    FormerText,
    Outbox,
    Party,
    SearchText,
    Spell,
    metadata,
)
from workflow.reads.agreement import agreement_of_the_night
from workflow.reads.ledger import every_row
from workflow.reads.query import SORTS, Query
from workflow.reads.search import find
from workflow.reconcile import reconcile
from workflow.spells import compare_spells
from workflow.stamping import read_die, stamp

OF_A_CASE: tuple[type[SQLModel], ...] = (
    *(Clock, Event, Content, Spell, FiredRung, Party, Evidence, Facet, FormerFacet, Outbox, SearchText, FormerText),
)
LIVED = ("received", "to_sign", "doing", "elsewhere", "reported", "handed_back")


@pytest.fixture
def scene(copies: Copies) -> Scene:
    """A busy ledger."""
    return copies.of(make_busy)


def stamped(scene: Scene, *names: str) -> list[int]:
    dies = scene.read(lambda store, occasion: [read_die(store, occasion.catalogue, scene.ids[name]) for name in names])
    return scene.county.database.write(lambda store: stamp(store, dies))


def test_impressions_are_as_whole_as_what_they_are_stamped_from(scene: Scene) -> None:
    stamped(scene, *LIVED, *LIVED)
    assert scene.county.database.read(verify).faults == ()
    assert scene.county.database.read(compare_spells) == []
    assert scene.read(lambda store, occasion: compare_former(store, occasion.catalogue)) == []
    assert scene.read(reconcile) == ()
    assert scene.read(agreement_of_the_night) == ()


@pytest.mark.parametrize("name", LIVED)
def test_an_impression_has_every_row_of_its_die(scene: Scene, name: str) -> None:
    (copy,) = stamped(scene, name)
    for model in OF_A_CASE:
        ours = [_without(row) for row in rows_of(scene.county, model, case_id=copy)]
        assert len(ours) == len(rows_of(scene.county, model, case_id=scene.ids[name])), model
    for model in (Clock, Spell, Party, Evidence, Facet, FormerFacet):
        told = [{**row, "case_id": copy} for row in rows_of(scene.county, model, case_id=scene.ids[name])]
        assert told == rows_of(scene.county, model, case_id=copy)
    assert str(scene.ids[name]) not in _case_ids(scene, copy)


def _without(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "id"}


def _case_ids(scene: Scene, case_id: int) -> set[str]:
    told = [json.loads(row["body"]) for row in rows_of(scene.county, Content, case_id=case_id)]
    return {str(clock["case_id"]) for body in told for clock in body["before"].get("clocks", [])}


def test_no_table_of_a_case_is_forgotten() -> None:
    by_case = {table.name for table in metadata.tables.values() if "case_id" in table.c}
    never_in_a_plain_life = {
        "link",
        "request",
        "case_request",
        "bulk_item",
        "impact_line",
        "barred",
        "case_key",
        "former_place",
        "secret",
        "import_row",
        "note",
        "agenda_item",
        "knower",
        "loosening",
        "recusal_hint",
        "retention_hold",
        "disposal_item",
        "tombstone",
        "resolution",
    }
    never_stamped = {"receipt"}  # nobody was handed an impression
    assert by_case - {str(model.__tablename__) for model in OF_A_CASE} <= never_in_a_plain_life | never_stamped


def test_numbers_go_on_without_a_gap_and_without_a_double(scene: Scene) -> None:
    copies = stamped(scene, *LIVED)
    numbers = [case_row(scene.county, case_id)["number"] for case_id in copies]
    last = int(case_row(scene.county, scene.ids["handed_back"])["number"].split("〕")[1].rstrip("号"))
    assert numbers == [f"整改〔2026〕{n}号" for n in range(last + 1, last + 1 + len(copies))]
    assert case_row(scene.county, scene.county.open_item(scene.now))["number"] == f"整改〔2026〕{last + 1 + len(copies)}号"


def test_an_impression_is_found_by_its_number_and_lives_on(scene: Scene) -> None:
    (copy,) = stamped(scene, "to_sign")
    number = case_row(scene.county, copy)["number"]
    assert scene.look("zhou", find, number).rows[0].id == copy
    assert scene.look("shi", find, number).rows == ()
    scene.county.fire(copy, "sign_for", "zhou", scene.now, pieces=1)
    scene.tick(date(2026, 9, 1))
    assert scene.county.database.read(verify).faults == ()
    assert rows_of(scene.county, FiredRung, case_id=copy)


@pytest.mark.parametrize("sort", SORTS)
def test_a_ledger_longer_than_any_page_is_read_to_its_end_in_every_order(scene: Scene, sort: str) -> None:
    copies = stamped(scene, *LIVED * 100)
    asked = Query(band="all", kinds=("rectification",), sort=sort)
    rows = scene.look("lin", lambda store, occasion, actor: list(every_row(store, occasion, actor, asked)))
    assert {row.id for row in rows} >= set(copies)
    assert len({row.id for row in rows}) == len(rows)
