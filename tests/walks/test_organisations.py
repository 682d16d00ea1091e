"""Random merges, splits, renames, moves and endings over a ledger that goes on: nothing is stranded, nobody sees too much."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.errors import DomainError
from tests.copies import Copies
from tests.factories import County, at, make_county
from tests.walks import FARTHER
from tests.walks.test_walks import START, STEPS, open_cases, press
from tests.workflow.looking import rows_of
from workflow.audit import verify
from workflow.models import Barred, Case, Clock
from workflow.occasions import read_tree
from workflow.people.actors import actor_of
from workflow.reads.agreement import sample_agreement
from workflow.reconcile import reconcile
from workflow.reorganisation.plan import Part, Plan, Wish, likes_of
from workflow.reorganisation.shifting import open_cases as concerned
from workflow.spells import compare_spells
from workflow.tree import Tree
from workflow.types import MACHINE, Actor

# Those that the cases of the walk are about, or that handle them; and whatever was made last.
UNITS = (
    *(("area", key) for key in ("donggou", "xitou", "liuhe", "qingshi", "newest")),
    *(("organ", key) for key in ("donggou_branch", "xitou_branch", "liuhe_party", "liuhe_discipline", "office", "newest")),
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(("merge", "merge", "split", "move", "rename", "end")), st.sampled_from(UNITS), st.integers(0, 11)
    ),
    min_size=2,
    max_size=6,
)
Told = tuple[str, tuple[str, str], int]


def change(county: County, told: Told, number: int, today: date) -> None:
    """One change of some unit; what its rules do not allow is refused and leaves no trace."""
    what, (unit, key), other = told
    tree = county.database.read(read_tree)
    known = county.areas if unit == "area" else county.organs
    unit_id = known[key] if key != "newest" else max(tree.areas if unit == "area" else tree.organs)
    what = what if what != "move" or unit == "area" else "rename"
    plan = plan_of(county, tree, what, unit, unit_id, other, number)
    wish = Wish(plan, today, "区划调整")
    try:
        would = county.engine.preview_reorganisation(wish, actor=MACHINE, now=at(today, 14))
        if would.against:
            with pytest.raises(DomainError):
                county.engine.reorganise(wish, actor=MACHINE, now=at(today, 14))
            return
        county.engine.reorganise(wish, actor=MACHINE, now=at(today, 14))
    except DomainError:
        return
    moved = [row for row in rows_of(county, Case) if row["changed_at"] == at(today, 14)]
    assert len(moved) >= would.cases, "what was shown is what was done"


def plan_of(county: County, tree: Tree, what: str, unit: str, unit_id: int, other: int, number: int) -> Plan:
    likes = [one.id for one in likes_of(tree, unit, unit_id)]
    into_id = likes[other % len(likes)] if likes else None
    if what == "merge" and other % 3 == 0 and into_id is not None:
        return Plan("merge", unit, (unit_id, into_id), name=f"新设{number}")
    if what == "split":
        organs = [unit_id] if unit == "organ" else [organ.id for organ in tree.organs.values() if organ.area_id == unit_id]
        cases = county.database.read(lambda store: concerned(store, organs))
        return Plan("split", unit, (unit_id,), parts=(Part(f"分设{number}", cases=tuple(cases[::2])),))
    if what == "move":
        townships = sorted(area.id for area in tree.areas.values() if area.level == "township")
        return Plan("move", unit, (unit_id,), into_id=townships[other % len(townships)])
    return Plan(what, unit, (unit_id,), into_id=into_id if what == "merge" else None, name=f"新名{number}")


def actors_of(county: County, today: date) -> list[Actor]:
    found = (
        county.database.read(lambda store, one=person_id: actor_of(store, one, today=today))
        for person_id in county.people.values()
    )
    return [actor for actor in found if actor is not None]


def require_whole(county: County, today: date) -> None:
    """The invariants of this module."""
    tree = county.database.read(read_tree)
    is_open = {row["id"]: row for row in rows_of(county, Case) if not row["final"] and not row["withdrawn"]}
    for row in is_open.values():
        for name in ("holder_id", "supervisor_id", "interviewer_id", "interviewee_id"):
            assert row[name] is None or tree.organ(row[name]).valid_to is None, (row["number"], name)
        lineage = tree.lineage(tree.organ(row["subject_id"]).area_id)
        assert (row["subject_township_id"], row["subject_village_id"]) == (lineage.get("township"), lineage.get("village"))
    for clock in rows_of(county, Clock, status="armed"):
        assert clock["case_id"] not in is_open or tree.organ(clock["organ_id"]).valid_to is None
    pairs = [(row["interviewer_id"], row["interviewee_id"]) for row in is_open.values() if row["joinable"]]
    assert len(pairs) == len(set(pairs)), "one joinable talk a pair"
    barred = {(row["case_id"], row["organ_id"]) for row in rows_of(county, Barred)}
    for case_id, organ_id in barred:
        last = tree.last_successor(organ_id) if organ_id is not None else None
        assert last is None or (case_id, last) in barred, "who was taken off stays off"
    assert county.database.read(verify).ok

    def read(store: Any, occasion: Any) -> None:
        assert compare_spells(store) == []
        assert reconcile(store, occasion) == ()
        assert sample_agreement(store, occasion, [*actors_of(county, today), MACHINE]) == ()

    county.engine.read(at(today, 15), read)


@pytest.mark.usefixtures("database_engine")
@settings(max_examples=6 * FARTHER)
@given(steps=STEPS, changes=CHANGES)
def test_no_change_of_organisations_strands_a_case_or_shows_one_to_whoever_may_not_see_it(
    copies: Copies, steps: list[tuple[int, int, int, int, bool]], changes: list[Told]
) -> None:
    county = copies.of(make_county)
    try:
        open_cases(county)
        lin, bureau = county.actor("lin"), county.organs["bureau"]
        county.engine.bar(rows_of(county, Case)[0]["id"], actor=lin, now=at(START, 17), reason="回避", organ_id=bureau)
        today = START
        for number, step in enumerate(steps):
            today += timedelta(step[3])
            press(county, step, today)
            if number < len(changes):
                change(county, changes[number], number, today)
        county.engine.tick(at(today, 12))
        for number, told in enumerate(changes[len(steps) :]):
            change(county, told, 100 + number, today)
        require_whole(county, today)
    finally:
        county.close()
