"""Random edits of the shipped kinds, published on random ledgers: nobody is stranded, and the preview says what happens.

After publication and migration no case is in an unknown state, without an owner or without a clock; what the preview counts is
what happened; the history replays under each version; a second run changes nothing; and people go on pressing buttons.
"""

from __future__ import annotations

import copy
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from states.checks import prove
from tests.copies import Copies
from tests.factories import County, at, make_county
from tests.walks import FARTHER
from tests.walks.test_walks import STEPS, open_cases, press, require_true
from tests.workflow.looking import dump, rows_of
from tests.workflow.versions.conftest import Office, hire
from web.wiring import shipped_titles, shipped_workflows, vocabulary
from workflow.casefile import LIVE
from workflow.models import BulkItem, Case, Clock
from workflow.reconcile import reconcile
from workflow.spells import compare_spells
from workflow.versions import editing, preview

Document = dict[str, Any]
START = date(2026, 3, 2)
WORDS = vocabulary(shipped_titles())
KINDS = ("rectification", "clue", "interview", "supervision_order")
TITLE = {"zh-Hans": "新增", "zh-Hant": "新增", "en": "New"}
LIMITS = ("3 workday", "10 day", "1 month", "2 month", "6 month")
# An edit is (what, which, how): each finds its own place, so that every triple means something.
EDITS = st.lists(
    st.tuples(
        st.sampled_from(("state", "clock", "limit", "drop", "rung", "new", "owner", "gone")),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    min_size=1,
    max_size=4,
)
CHOSEN = st.lists(st.integers(0, 99), min_size=12, max_size=12)


def _renamed(document: Document, old: str, new: str) -> None:
    text = json.dumps(document, ensure_ascii=False).replace(f'"{old}"', f'"{new}"')
    document.clear()
    document.update(json.loads(text))


def edit(document: Document, what: str, which: int, how: int) -> dict[str, str]:
    """Makes one edit; the states that have other names now."""
    opens = [state["key"] for state in document["states"] if not state.get("final")]
    clocks, ladders = document["clocks"], document["ladders"]
    clock = clocks[which % len(clocks)]
    if what == "state":
        old = opens[which % len(opens)]
        _renamed(document, old, f"{old}_x")
        return {old: f"{old}_x"}
    if what == "clock":
        changed = editing.rename(document, "clock", clock["key"], f"{clock['key']}_x")
        document.clear()
        document.update(changed)
    elif what == "limit":
        clock["limits"][-1] = {"limit": LIMITS[how % len(LIMITS)]}
    elif what == "owner":
        clock["owner"] = ("holder", "supervisor", "subject")[how % 3]
    elif what == "gone" and len(clocks) > 1:
        clocks.remove(clock)
        document["ladders"] = [one for one in ladders if one["key"] != clock.get("ladder")]
    elif what == "new":
        covered = opens[: 1 + which % len(opens)]
        made = {"key": f"watch_{how % 3}", "title": TITLE, "starts": [{"on": "open"}], "runs_in": covered}
        clocks.append({**made, "limits": [{"limit": LIMITS[how % len(LIMITS)]}], "ladder": "none"})
    elif ladders:
        tier = ladders[which % len(ladders)]["tiers"][0]
        rung = tier[how % len(tier)]
        if what == "drop" and len(tier) > 1 and not rung.get("holds"):
            tier.remove(rung)
        elif what == "rung":
            told = {"key": f"more_{how % 3}", "title": TITLE, "at": rung["at"], "do": "remind", "to": ["handler@holder"]}
            tier.insert(tier.index(rung), {**told, "params": {"message": "first_reminder"}})
    return {}


def drafted(kind: str, edits: list[tuple[str, int, int]]) -> tuple[Document, dict[str, str]]:
    """The shipped kind with these edits, without its scenarios (they tell the old rules), and the map of renamed states."""
    document = copy.deepcopy(shipped_workflows()[kind].data)
    document.pop("scenarios", None)
    states: dict[str, str] = {}
    for what, which, how in edits:
        for old, new in edit(document, what, which, how).items():
            states = {key: new if value == old else value for key, value in states.items()}
            states.setdefault(old if old not in states.values() else "", new)
    states.pop("", None)
    return document, {
        old: new for old, new in states.items() if old in {s["key"] for s in shipped_workflows()[kind].data["states"]}
    }


def plan_of(document: Document, kind: str, states: dict[str, str], chosen: list[int]) -> Document:
    """A random plan for it."""
    shipped = shipped_workflows()[kind].data
    opens = [state["key"] for state in shipped["states"] if not state.get("final")]
    when = {state: ("now", "now", "next", "stay")[chosen[index % 6] % 4] for index, state in enumerate(opens)}
    known = [clock["key"] for clock in document["clocks"]]
    clocks = {key: ("keep", "carry", "restart")[chosen[6 + index % 5] % 3] for index, key in enumerate(known)}
    gone = [clock["key"] for clock in shipped["clocks"] if clock["key"] not in known and f"{clock['key']}_x" in known]
    renames = {key: f"{key}_x" for index, key in enumerate(gone) if chosen[index % 12] % 2}
    return {
        "when": when,
        "states": states,
        "clocks": clocks,
        "renames": renames,
        "rungs": ("from-now", "catch-up", "off")[chosen[11] % 3],
    }


def require_as_previewed(county: County, office: Office, impact: Document, run: int | None) -> None:
    """Every line that moves has moved so, and nothing else has."""
    items = {row["case_id"]: row for row in rows_of(county, BulkItem, run_id=run)} if run is not None else {}
    cases = {row["id"]: row for row in rows_of(county, Case)}
    for case_id, line in office.lines(impact).items():
        said, row = line["said"], cases[case_id]
        if line["fate"] == preview.MOVES:
            assert items[case_id]["status"] == "done"
            assert row["state"] == said.get("to", said["state"])
            assert "due" not in said or (row["due_on"].isoformat() if row["due_on"] else None) == said["due"][1]
        elif line["fate"] != preview.POISONED:
            assert case_id not in items
            assert row["state"] == said["state"]


def require_nobody_stranded(county: County) -> None:
    """An owner and a clock for every open case."""
    live = {row["case_id"] for row in rows_of(county, Clock) if row["status"] in LIVE}
    for row in rows_of(county, Case):
        assert row["final"] or row["holder_id"] is not None
        assert row["final"] or row["id"] in live or row["kind"] == "measure", (row["kind"], row["state"])


@pytest.mark.usefixtures("database_engine")
@settings(max_examples=6 * FARTHER)
@given(kind=st.sampled_from(KINDS), edits=EDITS, chosen=CHOSEN, steps=STEPS)
def test_after_any_edit_on_any_ledger_nobody_is_stranded_and_the_preview_was_true(
    copies: Copies, kind: str, edits: list[tuple[str, int, int]], chosen: list[int], steps: list[Any]
) -> None:
    document, states = drafted(kind, edits)
    assume(prove(document, WORDS) == ())
    county = copies.of(make_county)
    try:
        hire(county)
        open_cases(county)
        today = START
        for step in steps:
            today += timedelta(step[3])
            county.engine.tick(at(today, 9))
            press(county, step, today)
        now = at(today, 12)
        county.engine.tick(now)
        office = Office(county, today)

        def whole(draft: Document) -> None:
            draft.clear()
            draft.update(document)

        impact = office.preview(office.draft(whole, kind, now), now, **plan_of(document, kind, states, chosen))
        run = office.publish(impact, now)
        if run is not None:
            office.work(run, now)
        require_true(county)
        require_as_previewed(county, office, impact, run)
        require_nobody_stranded(county)
        before = dump(county)
        if run is not None:
            office.work(run, now)
        assert dump(county) == before
        county.engine.tick(now + timedelta(minutes=1))
        assert county.engine.read(now + timedelta(minutes=2), reconcile) == ()
        assert county.database.read(compare_spells) == []
        for step in steps[:8]:
            today += timedelta(step[3])
            county.engine.tick(at(today, 13))
            press(county, step, today + timedelta(1))
            today += timedelta(1)
        require_true(county)
        require_nobody_stranded(county)
    finally:
        county.database.close()
