"""What was registered is on a past day what it was then, wherever the ledger shows, finds, filters, groups or exports it.

The oracle keeps nothing of ours: it looks at the cases themselves when each day ends, and knows later what stood on it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.errors import DomainError
from tests.copies import Copies
from tests.factories import MONDAY, County, at, make_county
from tests.shipped.walking import Walk
from tests.workflow.looking import rows_of
from tests.workflow.reads.scenes import TUESDAY, make_busy
from tests.workflow.test_audit import tamper
from workflow import migrations
from workflow.former import compare_former, rebuild_former
from workflow.models import Case, Facet, FormerFacet, FormerText, Spell
from workflow.reads.counts import count_of
from workflow.reads.groups import group_by
from workflow.reads.ledger import every_row
from workflow.reads.query import Query
from workflow.reads.whole_rows import whole_rows
from workflow.search import listed_by

LATER = MONDAY + timedelta(60)
KIND = ("rectification",)
VALUES: dict[str, list[Any]] = {
    "urgency": ["urgent", "light", None],
    "round": ["第一轮", "第二轮", None],
    "recurring": [True, False, None],
    "problem": ["公示栏破损", "账目不清", "机井失修"],
}
ASKED = ("urgency", "round", "recurring", "feedback_on")
CANARY = "举报人甲某"


@dataclass
class Ledger:
    """A county, and its cases as they were at the end of each day."""

    county: County
    now: datetime = field(default_factory=lambda: at(MONDAY))
    days: dict[date, list[dict[str, Any]]] = field(default_factory=dict)

    def step(self, action: str, number: int, key: str, value: int, rest: int) -> None:
        """One step, or none where it is refused; then so many days end."""
        ids = [row["id"] for row in rows_of(self.county, Case)]
        told = {key: VALUES[key][value % len(VALUES[key])]}
        self.now += timedelta(minutes=1)
        try:
            if action == "open" or not ids:
                self.county.open_item(self.now, feedback_on=MONDAY.isoformat(), **told)
            elif action == "move":
                self._move(ids[number % len(ids)])
            else:
                self._amend(ids[number % len(ids)], told, is_undone=action == "undo")
        except DomainError:
            pass
        for _ in range(rest):
            self.end_day()

    def _amend(self, case_id: int, told: dict[str, Any], *, is_undone: bool) -> None:
        lin = self.county.actor("lin", self.now.date())
        if is_undone:
            self.now = at(self.today, 23) + timedelta(minutes=59 if self.now.minute % 2 else 20)
        self.county.engine.amend(case_id, actor=lin, now=self.now, data=told, reason="更正")
        if is_undone:
            after = self.now + timedelta(minutes=5)
            if after >= at(self.today + timedelta(1), 0):
                self.end_day()
            self.now = after
            self.county.engine.undo(case_id, actor=lin, now=self.now)

    def _move(self, case_id: int) -> None:
        (row,) = rows_of(self.county, Case, id=case_id)
        if row["state"] == "received":
            self.county.hand_over(case_id, self.now)
        else:
            self.county.fire(case_id, "sign_for", "zhou", self.now, pieces=1)

    @property
    def today(self) -> date:
        """The day that has not ended."""
        return MONDAY + timedelta(len(self.days))

    def end_day(self) -> None:
        """Midnight."""
        self.days[self.today] = rows_of(self.county, Case)
        self.now = max(self.now, at(self.today, 10))

    def look(self, read: Any, query: Query, *told: Any) -> Any:
        """What 林静 reads much later."""
        actor = self.county.actor("lin", MONDAY)
        return self.county.engine.read(at(LATER), lambda store, occasion: read(store, occasion, actor, query, *told))

    def ids(self, **asked: Any) -> set[int]:
        """The rows of a question."""
        return {row.id for row in self.look(lambda *told: list(every_row(*told)), Query(KIND, band="all", **asked))}


def values_in(row: dict[str, Any], key: str) -> list[str]:
    """The values of a fact that a case has, as lists know them."""
    value = json.loads(row["data"]).get(key)
    return [] if value in (None, "") else [str(value)]


def require_the_day(ledger: Ledger, day: date) -> None:
    """Every way of asking for facts of the day says what the cases themselves said when it ended."""
    stood, wide = ledger.days[day], Query(KIND, band="all", as_of=day)
    for key in ASKED:
        told = Counter(value for row in stood for value in values_in(row, key))
        for value in {*told, *(str(one) for one in VALUES.get(key, ()) if one is not None)}:
            expected = {row["id"] for row in stood if value in values_in(row, key)}
            assert ledger.ids(as_of=day, facets=((key, (value,)),)) == expected, (day, key, value)
            assert ledger.ids(as_of=day, without_facets=((key, (value,)),)) == {row["id"] for row in stood} - expected
            assert ledger.look(count_of, Query(KIND, band="all", as_of=day, facets=((key, (value,)),))).n == len(expected)
        if key != "feedback_on":
            empty = {row["id"] for row in stood if not values_in(row, key)}
            assert ledger.ids(as_of=day, without=(f"f.{key}",)) == empty, (day, key)
            groups = {group.key: group.rows.n for group in ledger.look(group_by, wide, f"f.{key}")}
            assert groups == {**told, **({None: len(empty)} if empty else {})}, (day, key)
    for words in VALUES["problem"]:
        expected = {row["id"] for row in stood if words in json.loads(row["data"])["problem"] + row["title"]}
        assert ledger.ids(as_of=day, text=words) == expected, (day, words)
    exported = {whole.row.id: whole.data for whole in ledger.look(lambda *told: list(whole_rows(*told)), wide)}
    assert exported == {row["id"]: json.loads(row["data"]) for row in stood}


STEP = st.tuples(
    st.sampled_from(["open", "amend", "amend", "amend", "undo", "move"]),
    st.integers(0, 5),
    st.sampled_from(list(VALUES)),
    st.integers(0, 2),
    st.sampled_from([0, 0, 1, 2]),
)


@pytest.mark.usefixtures("database_engine")
@settings(max_examples=5)
@given(steps=st.lists(STEP, min_size=6, max_size=14), picked=st.integers(0, 1000))
def test_a_past_day_is_asked_as_it_stood(copies: Copies, steps: list[tuple[str, int, str, int, int]], picked: int) -> None:
    ledger = Ledger(copies.of(make_county))
    try:
        for step in steps:
            ledger.step(*step)
        ledger.end_day()
        for day in {MONDAY + timedelta(picked % len(ledger.days)), ledger.today - timedelta(1)}:
            require_the_day(ledger, day)
        require_derived(ledger.county)
    finally:
        ledger.county.database.close()


def require_derived(county: County) -> None:
    """History tells the rows as they are, and writes the same anew."""

    def compare(store: Any, occasion: Any) -> list[int]:
        return compare_former(store, occasion.catalogue)

    assert county.engine.read(at(LATER), compare) == []
    stored = {model: list(_sorted(county, model)) for model in (Facet, FormerFacet, FormerText)}
    catalogue = county.engine.read(at(LATER), lambda _store, occasion: occasion.catalogue)
    county.database.write(lambda store: rebuild_former(store, catalogue))
    assert {model: list(_sorted(county, model)) for model in stored} == stored


def _sorted(county: County, model: Any) -> Iterator[str]:
    yield from sorted(str(sorted(row.items(), key=str)) for row in rows_of(county, model))


# ---- one by one -----------------------------------------------------------------------------------------------------------


def then(county: County, day: date, kind: str = "rectification", **asked: Any) -> int:
    """How many cases of the kind the question finds on the day."""
    actor, query = county.actor("lin", MONDAY), Query((kind,), band="all", as_of=day, **asked)
    return county.engine.read(at(LATER), lambda store, occasion: count_of(store, occasion, actor, query)).n


def amend(county: County, case_id: int, day: date, hour: int = 10, **data: Any) -> None:
    county.engine.amend(case_id, actor=county.actor("lin", MONDAY), now=at(day, hour), data=data, reason="更正")


def test_a_fact_with_several_values_has_on_a_past_day_those_of_then(county: County) -> None:
    case_id = Walk.open(county, "clue", MONDAY, summary="虚报补贴人数", manifestation=["illegal_fees", "demands"]).id
    amend(county, case_id, MONDAY + timedelta(3), manifestation=["demands", "skimming"])
    for day, told in ((MONDAY, {"illegal_fees", "demands"}), (MONDAY + timedelta(3), {"demands", "skimming"})):
        asked = {one: (("manifestation", (one,)),) for one in ("illegal_fees", "demands", "skimming")}
        assert {one for one, facets in asked.items() if then(county, day, "clue", facets=facets)} == told
    assert {row["value"] for row in rows_of(county, FormerFacet)} == {"illegal_fees"}, "what stays is not written again"
    require_derived(county)


def test_a_day_that_ends_before_an_undo_keeps_what_stood_when_it_ended(county: County) -> None:
    case_id = county.open_item(at(MONDAY), urgency="light")
    night, lin = at(MONDAY, 23) + timedelta(minutes=58), county.actor("lin", MONDAY)
    county.engine.amend(case_id, actor=lin, now=night, data={"urgency": "urgent"}, reason="误")
    county.engine.undo(case_id, actor=lin, now=night + timedelta(minutes=5))
    urgent = (("urgency", ("urgent",)),)
    assert [then(county, MONDAY + timedelta(days), facets=urgent) for days in (0, 1)] == [1, 0]
    require_derived(county)


def test_what_paper_tells_of_an_earlier_day_brings_with_it_what_was_told_before_it(county: County) -> None:
    case_id = county.open_item(at(MONDAY), urgency="light", feedback_on=MONDAY.isoformat(), problem="公示栏破损")
    county.hand_over(case_id, at(MONDAY, 11))
    wednesday, thursday = MONDAY + timedelta(2), MONDAY + timedelta(3)
    amend(county, case_id, wednesday, urgency="urgent", problem="账目不清")
    amend(county, case_id, wednesday, 11, urgency="slow", problem="机井失修")
    zhou = county.actor("zhou", MONDAY)
    scan = county.keep_file("签收单", "zhou")
    county.engine.add_evidence(case_id, actor=zhou, now=at(thursday), file_id=scan, label="receipt_scan")
    tuesday = MONDAY + timedelta(1)
    county.engine.fire(case_id, "sign_for", actor=zhou, now=at(thursday, 11), data={"pieces": 1}, happened_on=tuesday)
    for day, urgency, words in ((MONDAY, "light", "公示栏"), (tuesday, "slow", "机井"), (wednesday, "slow", "机井")):
        query = Query(KIND, band="all", as_of=day, facets=(("urgency", (urgency,)),))
        (row,) = Ledger(county).look(lambda *told: list(every_row(*told)), query)
        assert row.facts["urgency"] == urgency, "the row says what it was found by"
        assert then(county, day, text=words) == 1, day
    require_derived(county)


def test_nothing_protected_is_kept_of_a_past_day(county: County) -> None:
    case_id = Walk.open(county, "clue", MONDAY, summary="虚报补贴人数", reporter_name=CANARY).id
    amend(county, case_id, MONDAY + timedelta(1), reporter_name=CANARY + "二", summary="虚报危房改造", urgency="urgent")
    amend(county, case_id, MONDAY + timedelta(2), reporter_name="改正", urgency="light")
    kept = rows_of(county, FormerFacet) + rows_of(county, FormerText)
    assert {row.get("field", "text") for row in kept} >= {"urgency", "text"} and "举报人" not in str(kept)
    definition = county.engine.read(at(LATER), lambda _store, occasion: occasion.catalogue.of_kind("clue").definition)
    secret = replace(definition.field_by_key["reporter_name"], filter=True)
    assert listed_by(replace(definition, fields=(secret,))) == []


def test_what_the_migration_tells_of_older_histories_is_what_was_kept(copies: Copies) -> None:
    scene = copies.of(make_busy)
    county, case_id = scene.county, scene.ids["doing"]
    amend(county, case_id, TUESDAY + timedelta(1), urgency="light", problem="帳目不清")
    amend(county, case_id, TUESDAY + timedelta(2), urgency="urgent", round="第一轮")
    stored = {model: list(_sorted(county, model)) for model in (Facet, FormerFacet, FormerText)}
    assert all(stored.values())
    url = county.database.url
    county.close()
    migrations.downgrade(url, "0045")
    migrations.upgrade(url)
    again = county.reopened(url)
    assert {model: list(_sorted(again, model)) for model in stored} == stored
    again.close()


BROKEN = {
    "fact": "UPDATE cases SET data = '{{' WHERE id = {id}",
    "no facts": "UPDATE cases SET data = '[]' WHERE id = {id}",
    "content": "UPDATE content SET body = 'not JSON' WHERE case_id = {id} AND seq = 2",
    "event": "UPDATE event SET facts = '{{' WHERE case_id = {id} AND seq = 2",
}


@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN)
def test_a_damaged_case_is_named_and_stops_neither_comparison_nor_upgrade(copies: Copies, damage: str) -> None:
    scene = copies.of(make_busy)
    county, broken, whole = scene.county, scene.ids["doing"], scene.ids["elsewhere"]
    for case_id in (broken, whole):
        amend(county, case_id, TUESDAY + timedelta(1), urgency="light", problem="帳目不清")
        amend(county, case_id, TUESDAY + timedelta(2), urgency="urgent")
    kept = {model: rows_of(county, model, case_id=whole) for model in (FormerFacet, FormerText, Spell)}
    assert all(kept.values())
    tamper(scene, damage.format(id=broken))
    assert county.engine.read(at(LATER), lambda store, occasion: compare_former(store, occasion.catalogue)) == [broken]
    url, spells = county.database.url, len(rows_of(county, Spell, case_id=broken))
    county.close()
    migrations.downgrade(url, "0041")
    migrations.upgrade(url)
    again = county.reopened(url)
    assert {model: rows_of(again, model, case_id=whole) for model in kept} == kept
    assert rows_of(again, FormerFacet, case_id=broken) == rows_of(again, FormerText, case_id=broken) == []
    assert len(rows_of(again, Spell, case_id=broken)) == spells
    again.close()


def test_a_workflow_whose_text_was_damaged_leaves_out_its_own_cases(copies: Copies) -> None:
    scene = copies.of(make_busy)
    county, case_id = scene.county, scene.ids["doing"]
    amend(county, case_id, TUESDAY + timedelta(1), urgency="light")
    kept = rows_of(county, FormerFacet, case_id=case_id)
    tamper(
        scene,
        "UPDATE definition SET canonical = '{' WHERE digest IN (SELECT digest FROM definition_version WHERE kind = 'clue')",
    )
    url = county.database.url
    county.close()
    migrations.downgrade(url, "0045")
    migrations.upgrade(url)
    again = county.reopened(url)
    assert rows_of(again, FormerFacet, case_id=case_id) == kept != []
    again.close()
