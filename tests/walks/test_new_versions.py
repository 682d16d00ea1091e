"""Random edits of the shipped kinds, published on random ledgers: nobody is stranded, and the preview says what happens.

After publication and migration no case is in an unknown state, without an owner, without the clock it should have, or without a
way to its end; what the preview counts is what happened; the history replays under each version; a second run changes nothing;
and people go on pressing buttons. `make drills` makes a thousand of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import Phase, assume, given, note, settings
from hypothesis import strategies as st

from states.checks import prove
from states.checks.graph import reachable
from tests.conftest import ENGINES
from tests.copies import Copies
from tests.drills.scale import Stopwatch, size, tell
from tests.factories import County, at, make_county
from tests.walks.edits import CHOSEN, EDITS, KINDS, Document, Edit, drafted, plan_of
from tests.walks.test_walks import STEPS, open_cases, press, require_true
from tests.workflow.looking import dump, rows_of
from tests.workflow.versions.conftest import Office, hire
from web.wiring import shipped_titles, vocabulary
from workflow.casefile import LIVE
from workflow.definitions import Served, catalogue
from workflow.former import compare_former
from workflow.models import BulkItem, Case, Clock
from workflow.reconcile import reconcile
from workflow.spells import compare_spells
from workflow.versions import preview

START = date(2026, 3, 2)
WORDS = vocabulary(shipped_titles())
Live = dict[int, set[str]]
# A ledger costs a second: what fails is told as it was found, and a hand makes it smaller.
FOUND = (Phase.explicit, Phase.generate)


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """What happened to all cases of all examples of one test; told at its end, and of a drill written down."""
    watch, counted = Stopwatch(), Counter[str]()
    yield counted
    result = (
        f"{counted['edits']:,} edits that stood their proofs, each on a ledger of its own: {counted[preview.MOVES]:,} cases moved, "
        f"{counted[preview.POISONED]:,} set aside, nobody stranded, every count as previewed; {watch.said()}"
    )
    tell(f"random edits on random ledgers ({'postgresql' if 'database_engine' in request.fixturenames else 'sqlite'})", result)


def staffed(url: str) -> County:
    """The county with its administrators and one case of each kind."""
    county = make_county(url)
    hire(county)
    open_cases(county)
    return county


def live_clocks(county: County) -> Live:
    """The keys of the live clocks of every case."""
    found: Live = {}
    for row in rows_of(county, Clock):
        if row["status"] in LIVE:
            found.setdefault(row["case_id"], set()).add(row["key"])
    return found


def require_as_previewed(county: County, office: Office, impact: Document, run: int | None) -> None:
    """Every line that moves has moved so, and nothing else has; the counts are those of the lines."""
    items = {row["case_id"]: row for row in rows_of(county, BulkItem, run_id=run)} if run is not None else {}
    cases = {row["id"]: row for row in rows_of(county, Case)}
    clocks: dict[int, list[Document]] = {case_id: [] for case_id in cases}
    for row in rows_of(county, Clock):
        clocks[row["case_id"]].append(row)
    happened: Counter[str] = Counter()
    for case_id, line in office.lines(impact).items():
        said, row = line["said"], cases[case_id]
        happened[line["fate"]] += 1
        if line["fate"] == preview.MOVES:
            assert items[case_id]["status"] == "done"
            assert row["state"] == said.get("to", said["state"])
            assert "due" not in said or _text(row["due_on"]) == said["due"][1]
            assert "late" not in said or _text(row["overdue_since"]) == said["late"][1]
            require_its_clocks_as_previewed(said, clocks[case_id])
        elif line["fate"] == preview.POISONED:
            assert case_id not in items or items[case_id]["status"] == "refused"
            assert row["state"] == said["state"]
        else:
            assert case_id not in items
            assert row["state"] == said["state"]
    counts = json.loads(impact["counts"])
    assert {fate: counts.get(fate, 0) for fate in happened} == happened
    require_counted(counts, [line["said"] for line in office.lines(impact).values()])
    assert sum(row["status"] == "done" for row in items.values()) == counts.get(preview.MOVES, 0)


def require_its_clocks_as_previewed(said: Document, clocks: list[Document]) -> None:
    """Which clocks live, who is late for them, and what comes next on their ladders."""
    live = {row["key"]: row for row in clocks if row["status"] in LIVE}
    assert not live.keys() & set(said.get("ended", ()))
    assert live.keys() >= {*said.get("begun", ()), *(now for _, now in said.get("renamed", ()))}
    for key, _was, rung in [*said.get("pressed", ()), *((key, None, rung) for key, rung in said.get("coming", ()))]:
        assert live[key]["next_rung"] == rung
    assert {key for key, *_ in said.get("owned", ())} <= live.keys()


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def require_counted(counts: Document, said: list[Document]) -> None:
    """Each count is the sum over the lines, whether they say the same or not."""
    late = [line["late"] for line in said if "late" in line]
    found = {
        "renamed": sum("to" in line for line in said),
        "dated": sum("due" in line for line in said),
        "missing": sum("missing" in line for line in said),
        "rungs": sum(len(line.get("coming", ())) for line in said),
        "talks": sum(line.get("talks", 0) for line in said),
        "skipped": sum(line.get("skipped", 0) for line in said),
        **{name: sum(name in line for line in said) for name in ("owned", "pressed", "rights")},
        "turned_late": sum(was is None for was, _ in late),
        "no_longer_late": sum(now is None for _, now in late),
    }
    assert {name: counts.get(name, 0) for name in found} == found


def require_nobody_stranded(county: County) -> None:
    """A known state, an owner, a clock and a way to the end for every open case."""
    live, served = live_clocks(county), county.database.read(catalogue)
    for row in rows_of(county, Case):
        definition = served.of_version(row["definition_version_id"]).definition
        assert row["state"] in definition.state_by_key
        if row["final"]:
            continue
        assert row["holder_id"] is not None
        assert live.get(row["id"]) or row["kind"] == "measure", (row["kind"], row["state"])
        assert any(definition.state_by_key[key].final for key in reachable(definition, {row["state"]}))


def require_its_clocks(county: County, before: Live, old: Served, run: int | None) -> None:
    """A case that has moved keeps every clock that lives in its state, and has begun those that every case has from its opening."""
    live, served = live_clocks(county), county.database.read(catalogue)
    for item in rows_of(county, BulkItem, run_id=run, status="done") if run is not None else ():
        row = rows_of(county, Case, id=item["case_id"])[0]
        new = served.of_version(row["definition_version_id"]).definition
        for clock in new.clocks:
            kept = clock.key in before.get(row["id"], ())
            opened = clock.key not in old.definition.clock_by_key and any(s.on == "open" and not s.when for s in clock.starts)
            if row["state"] in clock.covers and (kept or opened):
                assert clock.key in live.get(row["id"], ()), (clock.key, row["state"])


def go_on(county: County, steps: list[Any], today: date, hour: int) -> date:
    """Step by step, with a sweep before each; the last day."""
    for step in steps:
        today += timedelta(step[3])
        county.engine.tick(at(today, hour))
        press(county, step, today)
    return today


def change(county: County, kind: str, document: Document, chosen: list[int], steps: list[Any]) -> Counter[str]:
    """Everything of this module on one ledger; how many cases had which fate, beside `edits: 1`."""
    note(f"{kind} {chosen} {steps}")
    today = go_on(county, steps, START, 9)
    now = at(today, 12)
    county.engine.tick(now)
    office = Office(county, today)

    def whole(draft: Document) -> None:
        draft.clear()
        draft.update(document)

    before, old = live_clocks(county), county.database.read(catalogue).of_kind(kind)
    impact = office.preview(office.draft(whole, kind, now), now, **plan_of(document, kind, chosen))
    assume(not json.loads(impact["counts"])["obstacles"])
    run = office.publish(impact, now)
    if run is not None:
        office.work(run, now)
    require_true(county)
    require_as_previewed(county, office, impact, run)
    require_nobody_stranded(county)
    require_its_clocks(county, before, old, run)
    done = dump(county)
    if run is not None:
        office.work(run, now)
    assert dump(county) == done
    county.engine.tick(now + timedelta(minutes=1))
    assert county.engine.read(now + timedelta(minutes=2), reconcile) == ()
    assert county.database.read(compare_spells) == []
    assert county.engine.read(now, lambda store, occasion: compare_former(store, occasion.catalogue)) == []
    go_on(county, steps[:8], today + timedelta(1), 13)
    require_true(county)
    require_nobody_stranded(county)
    return Counter(line["fate"] for line in office.lines(impact).values()) + Counter(edits=1)


@settings(max_examples=size(test=6, drill=1_000), phases=FOUND)
@given(kind=st.sampled_from(KINDS), edits=EDITS, chosen=CHOSEN, steps=STEPS)
def test_after_any_edit_on_any_ledger_nobody_is_stranded_and_the_preview_was_true(
    sqlite_copies: Copies, told: Counter[str], kind: str, edits: list[Edit], chosen: list[int], steps: list[Any]
) -> None:
    note(f"{edits}")
    document = drafted(kind, edits)
    assume(prove(document, WORDS) == ())
    with sqlite_copies.lent(staffed) as county:
        told.update(change(county, kind, document, chosen, steps))


@pytest.mark.parametrize("database_engine", [name for name in ENGINES if name == "postgresql"], indirect=True)
@settings(max_examples=size(test=2, drill=200), phases=FOUND)
@given(kind=st.sampled_from(KINDS), edits=EDITS, chosen=CHOSEN, steps=STEPS)
def test_nobody_is_stranded_on_postgresql_either(
    database_engine: str, copies: Copies, told: Counter[str], kind: str, edits: list[Edit], chosen: list[int], steps: list[Any]
) -> None:
    note(f"{edits}")
    document = drafted(kind, edits)
    assume(prove(document, WORDS) == ())
    with copies.lent(staffed) as county:
        told.update(change(county, kind, document, chosen, steps))
