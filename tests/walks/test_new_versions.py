"""Random edits of the shipped kinds, published on random ledgers: nobody is stranded, and the preview says what happens.

After publication and migration no case is in an unknown state, without an owner, without the clock it should have, or without a
way to its end; what the preview counts is what happened; the history replays under each version; a second run changes nothing;
and people go on pressing buttons. `make drills` makes a thousand of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, assume, given, note, settings
from hypothesis import strategies as st

from states.checks import prove
from states.machine import StateMachine
from tests.conftest import ENGINES
from tests.copies import Copies
from tests.drills.scale import Stopwatch, size, tell
from tests.factories import County, at, make_county
from tests.walks.crowd import ask_later, gather
from tests.walks.edits import CHOSEN, EDITS, KINDS, Document, Edit, drafted, plan_of
from tests.walks.test_walks import STEPS, open_cases, press, require_true
from tests.workflow.looking import dump, rows_of
from tests.workflow.versions.conftest import Office, hire
from web.wiring import shipped_titles, vocabulary
from workflow.casefile import LIVE
from workflow.definitions import Served, catalogue
from workflow.former import compare_former
from workflow.models import BulkItem, Case, Clock, Event
from workflow.reconcile import reconcile
from workflow.spells import compare_spells
from workflow.versions import preview

START = date(2026, 3, 2)
WORDS = vocabulary(shipped_titles())
Live = dict[int, dict[str, str | None]]
# What the edits call the clocks that they add.
NEW_CLOCKS = ("watch_", "begun_")
MANY = 100
# A ledger costs a second: what fails is told as it was found, and a hand makes it smaller.
FOUND = (Phase.explicit, Phase.generate)


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """What happened to all cases of all examples of one test; told at its end, and of a drill written down."""
    watch, counted = Stopwatch(), Counter[str]()
    yield counted
    many = counted["edits"] >= MANY
    assert counted[preview.MOVES] >= (counted["edits"] if many else min(counted["edits"], 1)), "these examples prove little"
    assert counted[preview.POISONED] > 0 or not many
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
    """The live clocks of every case, with their dates."""
    found: Live = {}
    for row in rows_of(county, Clock):
        if row["status"] in LIVE:
            found.setdefault(row["case_id"], {})[row["key"]] = _text(row["due_on"])
    return found


def require_as_previewed(county: County, office: Office, impact: Document, run: int | None, before: Live) -> None:
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
            require_its_clocks_as_previewed(said, clocks[case_id], before.get(case_id, {}))
        elif line["fate"] == preview.POISONED:
            assert case_id not in items or items[case_id]["status"] == "refused"
            assert row["state"] == said["state"]
        else:
            assert case_id not in items
            assert row["state"] == said["state"]
    counts = json.loads(impact["counts"])
    assert {fate: counts.get(fate, 0) for fate in happened} == happened
    require_counted(counts, [line["said"] for line in office.lines(impact).values() if line["fate"] == preview.MOVES])
    assert sum(row["status"] == "done" for row in items.values()) == counts.get(preview.MOVES, 0)


def require_its_clocks_as_previewed(said: Document, clocks: list[Document], before: dict[str, str | None]) -> None:
    """Which clocks live and until when, who is late for them, and what comes next on their ladders."""
    live = {row["key"]: row for row in clocks if row["status"] in LIVE}
    renamed = dict(said.get("renamed", ()))
    kept = {renamed.get(key, key): due for key, due in before.items() if key not in said.get("ended", ())}
    begun = dict.fromkeys(said.get("begun", ()))
    dated = {key: due for key, _was, due in said.get("dated", ())}
    assert {key: _text(row["due_on"]) for key, row in live.items()} == kept | begun | dated
    first: dict[str, str] = {}
    for key, rung in said.get("coming", ()):
        first.setdefault(key, rung)
    for key, rung in [*((key, rung) for key, _was, rung in said.get("pressed", ())), *first.items()]:
        assert live[key]["next_rung"] == rung
    assert {key for key, *_ in said.get("owned", ())} <= live.keys()


def require_to_come(county: County, office: Office, impact: Document, now: datetime) -> None:
    """The next sweep climbs on the cases that have moved what the preview said, and holds the talks that it counted."""
    said = {case_id: line["said"] for case_id, line in office.lines(impact).items() if line["fate"] == preview.MOVES}
    coming = {case_id: [tuple(one) for one in told["coming"]] for case_id, told in said.items() if "coming" in told}
    climbed: dict[int, list[tuple[str, str]]] = {}
    for one in county.engine.tick(now).fired:
        if one["case"] in said:
            climbed.setdefault(one["case"], []).append((one["clock"], one["rung"]))
    assert {case_id: sorted(told) for case_id, told in climbed.items()} == {
        case_id: sorted(told) for case_id, told in coming.items()
    }
    held = sum(row["case_id"] in said and row["held_by"] is not None for row in rows_of(county, Clock))
    assert held >= json.loads(impact["counts"]).get("talks", 0)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def require_counted(counts: Document, said: list[Document]) -> None:
    """Each count is the sum over the lines that move, whether they say the same or not."""
    late = [line["late"] for line in said if "late" in line]
    found = {
        "renamed": sum("to" in line for line in said),
        "dated": sum("due" in line or "dated" in line for line in said),
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
        machine = served.of_version(row["definition_version_id"]).machine
        assert row["state"] in machine.definition.state_by_key
        if row["final"]:
            continue
        assert row["holder_id"] is not None
        assert live.get(row["id"]) or row["kind"] == "measure", (row["kind"], row["state"])
        assert has_a_way_out(machine, row["state"]), (row["kind"], row["state"])


def has_a_way_out(machine: StateMachine, state: str) -> bool:
    """Do the steps that the machine permits lead from here to an end?"""
    seen, ahead = {state}, [state]
    while ahead:
        here = ahead.pop()
        if machine.definition.state_by_key[here].final:
            return True
        targets = {step.target_from(here) for step in machine.permitted(here)} - seen
        seen |= targets
        ahead += targets
    return False


def require_its_clocks(county: County, before: Live, old: Served, run: int | None) -> None:
    """A case that has moved keeps every clock that lives in its state, and has begun those that its history would have begun."""
    live, served = live_clocks(county), county.database.read(catalogue)
    for item in rows_of(county, BulkItem, run_id=run, status="done") if run is not None else ():
        row = rows_of(county, Case, id=item["case_id"])[0]
        new = served.of_version(row["definition_version_id"]).definition
        begun = begun_in_history(county, row, old)
        for clock in new.clocks:
            kept = clock.key in before.get(row["id"], ())
            is_new = clock.key.startswith(NEW_CLOCKS)
            has_begun = is_new and any(start.on in begun and not start.when for start in clock.starts)
            if row["state"] in clock.covers and (kept or has_begun):
                assert clock.key in live.get(row["id"], ()), (clock.key, row["state"])


def begun_in_history(county: County, row: Document, old: Served) -> set[str]:
    """What has happened to the case in this cycle that leads on and may begin a clock, "open" for its opening.

    Whether it was ever sent back is not asked (workflow/halfway.py): what only leads back begins nothing.
    """
    place = {state.key: index for index, state in enumerate(old.definition.states)}
    found = {"open"} if row["cycle"] == 1 else set()
    for event in rows_of(county, Event, case_id=row["id"], verb="fire"):
        leads_on = place[event["to_state"]] >= place[event["from_state"]]
        if leads_on and json.loads(event["facts"])["cycle"] == row["cycle"]:
            found.add(event["trigger"])
    return found


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
    gather(county, kind, today)
    ask_later(county, kind, today)
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
    require_as_previewed(county, office, impact, run, before)
    require_nobody_stranded(county)
    require_its_clocks(county, before, old, run)
    done = dump(county)
    if run is not None:
        office.work(run, now)
    assert dump(county) == done
    require_to_come(county, office, impact, now + timedelta(minutes=1))
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
