"""Nothing of a clue goes on to the body that it is about, nor to anybody taken off it, by whatever way papers and people go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from states.errors import BadInput, InvalidForm, TransitionRefused
from tests.factories import County, at
from tests.workflow.looking import case_row, rows_of
from workflow.models import Barred, Event, Evidence, Grant
from workflow.occasions import moved
from workflow.permissions import CASES, visible

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)


@pytest.fixture
def clue(county: County) -> int:
    """A clue about 东沟村党支部 with the letter of accusation, which 林静 has put on it."""
    case_id = open_clue(county)
    put(county, case_id, county.keep_file("检举材料", "lin"))
    return case_id


def open_clue(county: County, subject: str = "donggou_branch") -> int:
    facts = {"summary": "虚报补助", "managed_by": "village", "class": "priority"}
    told = {"title": "虚报补助", "subject_id": county.organs[subject], "data": facts}
    return county.engine.open("clue", actor=county.actor("lin"), now=NOON, **told).case_id


def put(county: County, case_id: int, file_id: int, login: str = "lin") -> None:
    county.engine.add_evidence(case_id, actor=county.actor(login), now=NOON, file_id=file_id)


def why_of(refused: Any) -> Any:
    return refused.value.params["fields"]


def reads(county: County, login: str, case_id: int) -> bool:
    actor, wanted = county.actor(login), select(CASES.c.id).where(CASES.c.id == case_id)
    return county.engine.read(NOON, lambda store, it: bool(store.select(wanted.where(visible(actor, it.catalogue)))))


def off(county: County, case_id: int) -> set[int | None]:
    return {row["organ_id"] or row["person_id"] for row in rows_of(county, Barred, case_id=case_id)}


def two_posts(county: County) -> None:
    """周明远, who leads the village, works in the office as well."""
    post = {"person_id": county.people["zhou"], "role": "handler", "organ_id": county.organs["office"], "title": ""}

    def hire(store: Any) -> None:
        store.insert(Grant, [{**post, "ceiling": 3}])
        moved(store, "people")

    county.database.write(hire)


# ---- papers ---------------------------------------------------------------------------------------------------------------


def test_a_paper_of_a_clue_goes_on_no_case_that_its_subject_reads(county: County, clue: int) -> None:
    own, waiting = county.supervised_item(NOON), county.open_item(NOON)
    (evidence,) = rows_of(county, Evidence, case_id=clue)
    again = county.keep_file("检举材料", "lin")  # the same bytes, brought in once more
    for case_id in (own, waiting):
        for file_id in (evidence["file_id"], again):
            with pytest.raises(InvalidForm) as refused:
                put(county, case_id, file_id)
            assert why_of(refused) == {"file": [{"file": "检举材料.png", "why": "of_a_case_that_is_shut"}]}
        assert not rows_of(county, Evidence, case_id=case_id)


def test_nor_does_another_reader_of_the_clue_hand_it_on(county: County, clue: int) -> None:
    own = county.supervised_item(NOON)
    with pytest.raises(InvalidForm) as refused:
        put(county, own, county.keep_file("检举材料", "song"), "song")
    assert why_of(refused)["file"][0]["why"] == "of_a_case_that_is_shut"


def test_nor_on_one_that_somebody_reads_who_was_taken_off_the_clue(county: County, clue: int) -> None:
    other = county.open_item(NOON, subject="shimen_branch")
    county.engine.bar(clue, actor=county.actor("lin"), now=NOON, person_id=county.people["song"], reason="亲属")
    with pytest.raises(InvalidForm) as refused:
        put(county, other, county.keep_file("检举材料", "lin"))
    assert why_of(refused)["file"][0]["why"] == "of_a_case_that_is_shut"


def test_where_nobody_who_is_off_reads_it_they_never_will(county: County, clue: int) -> None:
    other = county.open_item(NOON, subject="shimen_branch")
    (evidence,) = rows_of(county, Evidence, case_id=clue)
    before = len(rows_of(county, Event, case_id=other))
    put(county, other, evidence["file_id"])
    assert off(county, other) == {county.organs["donggou_branch"]}
    # Who reads this case learns of no clue: one event, of the paper, and a reason that is that of any rule (decision 42).
    assert [row["verb"] for row in rows_of(county, Event, case_id=other)][before:] == ["add_evidence"]
    assert [row["reason"] for row in rows_of(county, Barred, case_id=other)] == ["按规定回避"]
    with pytest.raises(InvalidForm) as refused:
        county.hand_over(other, NOON, to="donggou_branch")
    assert why_of(refused) == {"recipient": ["barred"]}


def test_whoever_holds_a_copy_of_an_accusation_learns_nothing_from_handing_it_in(county: County, clue: int) -> None:
    own = county.supervised_item(NOON)
    put(county, own, county.keep_file("检举材料", "zhou"), "zhou")
    assert len(rows_of(county, Evidence, case_id=own)) == 1


def test_papers_of_a_case_that_its_subject_reads_go_on_as_ever(county: County) -> None:
    one, other = county.supervised_item(NOON), county.supervised_item(NOON)
    for case_id in (one, other):
        put(county, case_id, county.keep_file("现场照片", "lin"))
    assert len(rows_of(county, Evidence)) == 2 and not rows_of(county, Barred)


# ---- cases ----------------------------------------------------------------------------------------------------------------


def test_no_part_of_a_clue_goes_to_whom_the_clue_is_about(county: County) -> None:
    township, clue = county.organs["liuhe_discipline"], open_clue(county, "liuhe_discipline")
    parts = [{"title": "分出一件", "subject_id": county.organs["donggou_branch"]}, {"title": "又一件"}]
    told = {"actor": county.actor("lin"), "now": NOON, "reason": "分办", "parts": parts}
    elsewhere, same = county.engine.split(clue, **told).opened
    assert off(county, elsewhere) == {township}
    assert not off(county, same), "a clue about it is shut to it by itself"
    for part, why in ((elsewhere, "barred"), (same, "is_subject")):
        with pytest.raises(InvalidForm) as refused:
            county.fire(part, "transfer", "zhao", NOON, recipient=township, hand_over_mode="transfer")
        assert why_of(refused) == {"recipient": [why]}


def test_an_order_under_a_clue_is_written_to_nobody_whom_the_clue_is_about(county: County, clue: int) -> None:
    def under(subject: str, kind: str = "supervision_order", **data: Any) -> int:
        told = {"title": "督办", "subject_id": county.organs[subject], "parent_id": clue, "data": data}
        return county.engine.open(kind, actor=county.actor("zhao"), now=NOON, **told).case_id

    requirement = {"requirement": "限期核查"}
    with pytest.raises(InvalidForm) as refused:
        under("donggou_branch", **requirement)
    assert why_of(refused) == {"subject": ["barred"]}
    order = under("liuhe_discipline", **requirement)
    assert off(county, order) == {county.organs["donggou_branch"]} and reads(county, "he", order)
    two_posts(county)
    assert not reads(county, "zhou", order), "nor does he read it by a post in the office"


def test_a_clue_is_not_merged_into_one_that_its_subject_handles(county: County) -> None:
    about, main = open_clue(county, "liuhe_discipline"), open_clue(county)
    county.fire(main, "transfer", "zhao", NOON, recipient=county.organs["liuhe_discipline"], hand_over_mode="transfer")
    told = {"actor": county.actor("song"), "now": NOON, "into_id": main, "reason": "同一问题"}
    with pytest.raises(TransitionRefused) as refused:
        county.engine.merge(about, **told)
    assert refused.value.params["why"] == [{"name": "holder_barred"}]
    assert not case_row(county, about)["final"]


def test_the_item_that_a_clue_is_turned_into_is_for_its_village_and_says_nothing_of_the_clue(county: County, clue: int) -> None:
    county.fire(clue, "transfer", "zhao", NOON, recipient=county.organs["liuhe_discipline"], hand_over_mode="transfer")
    county.fire(clue, "sign_for", "luo", NOON, pieces=1)
    (item,) = county.fire(clue, "open_item", "song", NOON, item_title="村务公开栏未更新").opened
    assert not off(county, item)
    assert "虚报补助" not in f"{case_row(county, item)}"
    (evidence,) = rows_of(county, Evidence, case_id=clue)
    with pytest.raises(InvalidForm):
        put(county, item, evidence["file_id"])


# ---- people ---------------------------------------------------------------------------------------------------------------


def by_mention(county: County, clue: int) -> None:
    county.engine.comment(clue, actor=county.actor("lin"), now=NOON, text="请看", mentions=(county.people["zhou"],))


def by_assignment(county: County, clue: int) -> None:
    county.engine.assign(clue, actor=county.actor("zhao"), now=NOON, person_id=county.people["zhou"])


def by_the_circle(county: County, clue: int) -> None:
    told = {"actor": county.actor("lin"), "now": NOON, "reason": "办理需要"}
    county.engine.confine(clue, people=(county.people["zhou"],), **told)


def by_letting_in(county: County, clue: int) -> None:
    told = {"now": NOON, "reason": "办理需要"}
    county.engine.confine(clue, actor=county.actor("lin"), **told)
    county.engine.let_in(clue, actor=county.actor("zhao"), person_id=county.people["zhou"], **told)


WAYS = (by_mention, by_assignment, by_the_circle, by_letting_in)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_way_leads_a_clue_to_people_of_the_body_that_it_is_about(
    county: County, clue: int, way: Callable[[County, int], None]
) -> None:
    two_posts(county)
    with pytest.raises((InvalidForm, BadInput)):
        way(county, clue)
    assert not reads(county, "zhou", clue)
