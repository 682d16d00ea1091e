"""Areas and organs: in official order, never deleted, found by name in either script, and replaced by a successor."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

import config
from config.documents import parse
from states.errors import BadInput, Conflict, NotFound
from tests.copies import Copies
from tests.factories import MONDAY, County, at, make_county
from workflow import organisations
from workflow.county_document import load_people, load_tree
from workflow.database import Database
from workflow.occasions import read_tree
from workflow.organisation_names import UNPLACED, Place, create, find_by_name, find_place, propose
from workflow.store import Store
from workflow.tree import Tree

DEMO = Path(config.__file__).parent / "demo"


def read(database: Database) -> Tree:
    return database.read(read_tree)


@pytest.fixture
def demo(database_url: str) -> Any:
    database = Database(database_url)
    document = parse((DEMO / "county.yaml").read_text(encoding="utf-8"), name="county.yaml").data
    loaded = database.write(lambda store: load_tree(store, document))
    yield database, loaded
    database.close()


def test_the_demo_county_loads_in_its_official_order_with_its_people(demo: Any) -> None:
    database, loaded = demo
    tree = read(database)
    townships = sorted((a for a in tree.areas.values() if a.level == "township"), key=lambda a: a.official_order)
    assert [a.name for a in townships] == ["白云街道", "柳河镇", "青石镇", "石桥镇", "大湾乡", "双塘乡"]
    party = tree.find_above(loaded.organs["donggou"], "township_party_committee")
    assert party is not None
    assert party.id == loaded.organs["liuhe_party"]
    document = parse((DEMO / "people.yaml").read_text(encoding="utf-8"), name="people.yaml").data
    people = database.write(lambda store: load_people(store, document, organs=loaded.organs, now=at(MONDAY), today=MONDAY))
    assert len(people) == len(document["people"])


def test_a_document_that_names_what_is_not_there_is_refused(database_url: str) -> None:
    database = Database(database_url)
    wrong = {
        "areas": [{"key": "a", "name": "安澜县", "level": "county"}],
        "organs": [{"key": "b", "kind": "x", "area": "c", "full": "d"}],
    }
    with pytest.raises(BadInput, match="unknown_key"):
        database.write(lambda store: load_tree(store, wrong))
    database.close()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("中共安澜县柳河镇委员会", "liuhe_party"),
        ("柳河镇党委", "liuhe_party"),
        ("柳河鎮黨委", "liuhe_party"),
        (" 柳河镇 纪委 ", "liuhe_discipline"),
        ("柳河镇", "liuhe_party"),
        ("東溝村", "donggou"),
        ("县委巡察办", "inspection_office"),
    ],
)
def test_an_organ_is_found_by_full_and_short_name_in_either_script(demo: Any, name: str, key: str) -> None:
    database, loaded = demo
    found = find_by_name(read(database), name)
    assert found is not None
    assert found.id == loaded.organs[key]


def test_a_name_that_stands_twice_or_nowhere_is_not_guessed(demo: Any) -> None:
    database, loaded = demo
    with_twin = database.write(lambda store: _twin(store, loaded.areas["qingshi"]))
    assert with_twin
    assert find_by_name(read(database), "东沟村") is None
    assert find_by_name(read(database), "无名村") is None
    place = Place(township="柳河镇", village="东沟村")
    found = find_place(read(database), place)
    assert found is not None
    assert found.id == loaded.organs["donggou"]


def _twin(store: Store, township_id: int) -> int:
    area_id = organisations.add_area(store, name="东沟村", level="village", parent_id=township_id)
    return organisations.add_organ(store, area_id=area_id, kind="village_party_organisation", name="青石镇东沟村党支部")


def test_levels_must_fit_names_are_free_once_and_new_ones_come_last(demo: Any) -> None:
    database, loaded = demo
    wrong: list[tuple[str, int | None]] = [
        ("village", loaded.areas["anlan"]),
        ("township", None),
        ("township", loaded.areas["donggou"]),
    ]
    for level, parent_id in wrong:
        with pytest.raises(BadInput, match="area_level"):
            database.write(partial(organisations.add_area, name="新", level=level, parent_id=parent_id))
    with pytest.raises(Conflict, match="name_taken"):
        database.write(
            lambda store: organisations.add_organ(
                store, area_id=loaded.areas["liuhe"], kind="township_unit", name="中共安澜县柳河镇委员会"
            )
        )
    new = database.write(
        lambda store: organisations.add_area(store, name="新村", level="village", parent_id=loaded.areas["liuhe"])
    )
    orders = {a.id: a.official_order for a in read(database).areas.values() if a.parent_id == loaded.areas["liuhe"]}
    assert max(orders, key=lambda key: orders[key]) == new


def test_renaming_and_reordering_are_seen_by_the_tree(demo: Any) -> None:
    database, loaded = demo
    database.write(
        lambda store: organisations.rename_organ(
            store, organ_id=loaded.organs["liuhe_party"], name="中共安澜县新柳河镇委员会", short_name="新柳河镇党委"
        )
    )
    database.write(lambda store: organisations.rename_area(store, area_id=loaded.areas["liuhe"], name="新柳河镇"))
    children = [a.id for a in sorted(read(database).areas.values(), key=lambda a: a.id) if a.parent_id == loaded.areas["anlan"]]
    turned = children[::-1]
    database.write(lambda store: organisations.reorder_areas(store, parent_id=loaded.areas["anlan"], order=turned))
    tree = read(database)
    assert [tree.areas[area_id].official_order for area_id in turned] == list(range(1, len(turned) + 1))
    found = find_by_name(tree, "新柳河镇党委")
    assert found is not None
    assert found.id == loaded.organs["liuhe_party"]
    with pytest.raises(BadInput, match="order"):
        database.write(lambda store: organisations.reorder_areas(store, parent_id=loaded.areas["anlan"], order=turned[1:]))
    with pytest.raises(NotFound):
        database.write(lambda store: organisations.rename_area(store, area_id=99_999, name="x"))


def test_what_stands_after_all_others_stays_there(demo: Any) -> None:
    database, loaded = demo
    parent = loaded.areas["anlan"]
    last = database.write(
        lambda store: organisations.add_area(store, name=UNPLACED, level="township", parent_id=parent, last_place=True)
    )
    children = [area.id for area in read(database).areas.values() if area.parent_id == parent]
    order = [last, *(area_id for area_id in children if area_id != last)]
    database.write(lambda store: organisations.reorder_areas(store, parent_id=parent, order=order))
    new = database.write(lambda store: organisations.add_area(store, name="新镇", level="township", parent_id=parent))
    orders = {area.id: area.official_order for area in read(database).areas.values() if area.parent_id == parent}
    assert sorted(orders, key=lambda area_id: orders[area_id]) == [*order[1:], new, last]


PLACES = (
    Place(township="柳河镇", village="东沟村"),
    Place(township="柳河鎮", village="新建村"),
    Place(township="桃源街道", village="花园社区"),
    Place(township="桃源街道"),
    Place(village="孤村"),
    Place(name="某单位党支部"),
    Place(),
)


def test_a_proposal_lists_what_is_lacking_and_writes_nothing(demo: Any) -> None:
    database, loaded = demo
    before = read(database)
    proposal = propose(before, PLACES)
    assert read(database) == before
    assert proposal.known == {PLACES[0]: loaded.organs["donggou"]}
    assert [new.path[1:] for new in proposal.new_areas] == [
        ("柳河鎮", "新建村"),
        ("桃源街道",),
        ("桃源街道", "花园社区"),
        (UNPLACED,),
        (UNPLACED, "孤村"),
        (UNPLACED,),
    ]


def test_what_was_proposed_is_created_once_and_found_afterwards(demo: Any) -> None:
    database, loaded = demo
    tree = read(database)
    found = database.write(lambda store: create(store, proposal=propose(tree, PLACES), tree=tree))
    grown = read(database)
    assert set(found) == set(PLACES[:-1]), "a place that says nothing is nobody"
    assert grown.areas[grown.organ(found[PLACES[1]]).area_id].parent_id == loaded.areas["liuhe"]
    assert {o.kind for o in grown.organs.values() if grown.areas[o.area_id].name == "桃源街道"} == {
        "township_party_committee",
        "township_discipline_committee",
    }
    assert grown.organ(found[PLACES[3]]).short_name == "桃源街道党工委"
    lineage = [grown.areas[a].name for a in grown.lineage(grown.organ(found[PLACES[4]]).area_id).values()]
    assert lineage == ["孤村", UNPLACED, "安澜县"]
    assert grown.areas[grown.organ(found[PLACES[5]]).area_id].name == UNPLACED
    again = propose(grown, PLACES)
    assert again.new_areas == ()
    assert dict(again.known) == found


def test_places_of_an_empty_database_make_their_county_with_its_office(database_url: str) -> None:
    database = Database(database_url)
    places = [
        Place(county="景宁县", township="红星镇", village="上村"),
        Place(county="青田县", township="红星镇", village="上村"),
        Place(county="青田县"),
    ]
    tree = read(database)
    found = database.write(lambda store: create(store, proposal=propose(tree, places), tree=tree))
    grown = read(database)
    assert len(set(found.values())) == 3
    counties = [a.name for a in sorted(grown.areas.values(), key=lambda a: a.official_order) if a.parent_id is None]
    assert counties == ["景宁县", "青田县"]
    assert [o.short_name for o in grown.organs.values() if o.kind == "inspection_office"] == ["县委巡察办"]
    database.close()


# ---- endings --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def county(copies: Copies) -> Any:
    return copies.of(make_county)


def test_an_organ_that_has_something_to_do_does_not_end(county: County) -> None:
    county.supervised_item(at(MONDAY))
    with pytest.raises(Conflict, match="organ_has_cases"):
        county.database.write(lambda store: organisations.end_organ(store, organ_id=county.organs["donggou_branch"], on=MONDAY))
    county.database.write(lambda store: organisations.end_organ(store, organ_id=county.organs["xitou_branch"], on=MONDAY))
    county.database.write(
        lambda store: organisations.end_area(
            store, area_id=county.areas["xitou"], on=MONDAY, successor_id=county.areas["donggou"]
        )
    )
    with pytest.raises(Conflict, match="area_not_empty"):
        county.database.write(lambda store: organisations.end_area(store, area_id=county.areas["liuhe"], on=MONDAY))
    assert read(county.database).areas[county.areas["xitou"]].successor_id == county.areas["donggou"]
