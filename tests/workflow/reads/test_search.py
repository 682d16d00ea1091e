"""The one box: numbers, words in either script, organisations; the same answers on both databases."""

from __future__ import annotations

import re

import pytest

from tests.workflow.reads.scenes import LATER_WORD, LOGINS, REPORTER, Scene
from workflow.migrations import downgrade, upgrade
from workflow.models import metadata
from workflow.reads.case_page import case_page
from workflow.reads.ledger import page
from workflow.reads.names import names_of
from workflow.reads.query import Query
from workflow.reads.search import Found, find


def names_found(scene: Scene, login: str, text: str) -> set[str]:
    by_id = {case_id: name for name, case_id in scene.ids.items()}
    return {by_id[row.id] for row in scene.look(login, find, text).rows}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("集体资产", {"to_sign"}),
        ("集體資產", {"to_sign"}),
        ("集体 资产", {"to_sign"}),
        ("资产", {"to_sign"}),
        ("渠", {"handed_back"}),
        ("人", {"handed_back", "clue"}),
        ("登记 资产", {"to_sign"}),
        # The end of the title and the beginning of the next fact are not one word.
        ("登记集体", set()),
        ("虚报补贴", {"clue"}),
        ("没有这样的话", set()),
        ("", set()),
        ("  ", set()),
        ("%", set()),
        ("_", set()),
        ('"', set()),
        ("a' OR 1=1 --", set()),
        ("资产 AND NOT 登记", set()),
        ("*", set()),
    ],
)
def test_words_find_what_contains_them(scene: Scene, text: str, names: set[str]) -> None:
    assert names_found(scene, "lin", text) == names


@pytest.mark.parametrize(
    "way", ["{head}〔{year}〕{n}号", "{head}{n}号", "{head}{n}", "{head}[{year}]{n}号", " {head} （{year}） {n} 号"]
)
def test_a_number_is_found_as_lists_show_it_and_as_people_type_it(scene: Scene, way: str) -> None:
    number = scene.look("lin", case_page, scene.ids["doing"]).row.number
    head, year, n = re.fullmatch(r"(\D+)〔(\d+)〕(\d+)号", number).groups()  # type: ignore[union-attr]  # as the kind says
    text = way.format(head=head, year=year, n=n)
    assert names_found(scene, "lin", text) == {"doing"}
    assert [row.number for row in scene.look("lin", page, Query(text=text, band="all")).rows] == [number]
    assert names_found(scene, "lin", f"{head}{n}99号") == set()


@pytest.mark.parametrize("login", LOGINS)
def test_a_short_page_holds_the_newest_of_a_longer_one(scene: Scene, login: str) -> None:
    whole = scene.look(login, find, "东沟").rows
    for limit in range(1, len(whole) + 1):
        short = scene.look(login, lambda store, occasion, actor, n=limit: find(store, occasion, actor, "东沟", limit=n))
        assert ([row.id for row in short.rows], short.has_more) == ([row.id for row in whole[:limit]], limit < len(whole))


def test_a_number_finds_its_case_first(scene: Scene) -> None:
    found = scene.look("lin", find, "整改〔2026〕2号")
    assert found.rows[0].id == scene.ids["to_sign"]


def test_the_number_of_the_old_ledger_finds_its_case(scene: Scene) -> None:
    lin = scene.actor("lin")
    data = {"problem": "旧账", "source": "feedback", "immediate": "ordinary", "first_check": "county", "period": "three_months"}
    donggou = scene.county.organs["donggou_branch"]
    case_id = scene.county.engine.open(
        "rectification", actor=lin, now=scene.now, title="旧账一件", subject_id=donggou, data=data, old_number="2019-城关-017"
    ).case_id
    assert [row.id for row in scene.look("lin", find, "2019-城关-017").rows] == [case_id]


def test_the_name_of_an_organisation_finds_it_and_the_cases_it_has(scene: Scene) -> None:
    found = scene.look("lin", find, "石门村党支部")
    assert [organ.short_name for organ in found.organs] == ["石门村党支部"]
    assert {row.id for row in found.rows} == {scene.ids["elsewhere"]}
    assert scene.look("zhou", find, "石门村党支部").rows == ()


def test_the_name_of_who_handles_a_case_finds_him_and_it_for_those_who_see_it(scene: Scene) -> None:
    """孙 and 周 work in the village that holds the item; the outsider sees neither the item nor its handler."""
    people, item = scene.county.people, scene.ids["doing"]
    scene.county.engine.assign(item, actor=scene.actor("zhou"), now=scene.now, person_id=people["sun"])
    name = scene.look("zhou", lambda store, _occasion, _actor: names_of(store, [people["sun"]]))[people["sun"]]
    for login in LOGINS:
        found, sees = scene.look(login, find, name), item in {row.id for row in scene.look(login, find, "村务公开").rows}
        assert [(hit.name, hit.cases) for hit in found.people] == ([(name, 1)] if sees else []), login
        assert (item in {row.id for row in found.rows}) == sees, login
    assert scene.look("zhou", find, name).people and not scene.look("han", find, name).people
    assert scene.look("zhou", find, name[:1]).people == ()


def test_somebody_who_handles_nothing_is_not_found_by_name(scene: Scene) -> None:
    name = scene.actor("zhao").name
    assert scene.look("lin", find, name).people == ()


def test_the_person_first_responsible_finds_the_item(scene: Scene) -> None:
    scene.county.engine.amend(
        scene.ids["doing"], actor=scene.actor("lin"), now=scene.now, data={"first_responsible": "欧阳志远"}, reason="补充"
    )
    assert names_found(scene, "lin", "歐陽志遠") == {"doing"}
    assert names_found(scene, "han", "欧阳志远") == set()


def test_changed_and_removed_words_are_forgotten_by_the_index(scene: Scene) -> None:
    scene.county.engine.amend(
        scene.ids["to_sign"], actor=scene.actor("lin"), now=scene.now, data={"problem": "林权证未发放"}, reason="更正"
    )
    assert names_found(scene, "lin", "林权证") == {"to_sign"}
    scene.county.engine.amend(
        scene.ids["to_sign"], actor=scene.actor("lin"), now=scene.now, data={"problem": "另有其事"}, reason="更正"
    )
    assert names_found(scene, "lin", "林权证") == set()


def test_a_secret_word_finds_nothing_for_anybody(scene: Scene) -> None:
    for login in (*LOGINS, "machine"):
        assert scene.look(login, find, REPORTER) == Found()


def test_a_past_holder_finds_only_what_was_said_before_he_handed_it_on(scene: Scene) -> None:
    assert names_found(scene, "ma", "渠道损毁") == {"handed_back"}
    assert names_found(scene, "lin", LATER_WORD) == {"handed_back"}
    assert names_found(scene, "ma", LATER_WORD) == set()


def test_more_than_the_limit_says_so(scene: Scene) -> None:
    found = scene.look("lin", find, "整改", limit=2)
    assert (len(found.rows), found.has_more) == (2, True)


def test_the_index_goes_and_comes_back_with_what_it_knew(scene: Scene) -> None:
    url = scene.county.database.url
    # Below the version that can open them nothing goes while there is something sealed.
    scene.county.database.write(lambda store: store.execute(metadata.tables["secret"].delete()))
    downgrade(url, "0001")
    upgrade(url)
    assert names_found(scene, "lin", "集体资产") == {"to_sign"}
    scene.county.open_item(scene.now, title="新立的集体资产")
    assert len(scene.look("lin", find, "集体资产").rows) == 2
