"""The preview: what a draft would do to every open case of its kind, computed with the code that does it, and written nowhere.

Its lines hold numbers, states, dates and counts, and never a title, a fact or a person. Before them the last twelve months are
replayed. It is worked off in batches by whoever looks at it, so that a page can show how far it is, and sealed at the end: two
people publish exactly what the seal stands for.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, func, not_, select

from states.definition import Definition
from states.errors import Conflict, NotFound
from states.evidence import counted
from workflow.casefile import CaseFile
from workflow.definitions import Served, built
from workflow.models import Clock, Evidence, Impact, ImpactLine, Request, StoredFile
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.statements import DAMAGED, Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.types import Actor
from workflow.versions import replay
from workflow.versions.drafts import get_draft, is_proven, require_administrator
from workflow.versions.moving import Move, move
from workflow.versions.permitted import Right, changed
from workflow.versions.plan import NEXT, STAY, Plan, obstacles
from workflow.versions.replay import Replay

BATCH = 1_000
MOVES, FOLLOWS, STAYS, POISONED = "moves", "follows", "stays", "poisoned"
# What is counted of the lines, for the whole and for each township.
COUNTED = (
    *(MOVES, FOLLOWS, STAYS, POISONED, "dated", "turned_late", "no_longer_late", "owned", "pressed"),
    *("talks", "rungs", "skipped", "missing", "rights"),
)
# What stands against one case: a rule that says so, or a row that was damaged behind the engine's back.
BROKEN = (Conflict, *DAMAGED, AssertionError)

_impact, _line, _clock = table_of(Impact), table_of(ImpactLine), table_of(Clock)
_request, _evidence, _file = table_of(Request), table_of(Evidence), table_of(StoredFile)
BY_ID = Prepared(select(_impact).where(_impact.c.id == bindparam("id")))
LOCKED = Prepared(select(_impact).where(_impact.c.id == bindparam("id")).with_for_update())
NEWEST = Prepared(select(_impact).where(_impact.c.draft_id == bindparam("draft_id")).order_by(_impact.c.id.desc()).limit(1))
_open = and_(CASES.c.kind == bindparam("kind"), not_(CASES.c.final), not_(CASES.c.withdrawn))
HOW_MANY = Prepared(select(func.count().label("n")).where(_open))
NEXT_CASES = Prepared(
    select(CASES).where(_open, CASES.c.id > bindparam("after")).order_by(CASES.c.id).limit(bindparam("limit"))
)
CHANGED = Prepared(
    select(CASES)
    .where(CASES.c.kind == bindparam("kind"), CASES.c.changed_at > bindparam("since", type_=CASES.c.changed_at.type))
    .order_by(CASES.c.id)
)
# Every open case lies between the first and the last of its batch, so each companion is one range of its own index.
CLOCKS = Prepared(
    select(_clock)
    .join(CASES, and_(CASES.c.id == _clock.c.case_id, CASES.c.cycle == _clock.c.cycle))
    .where(_clock.c.case_id >= bindparam("first"), _clock.c.case_id <= bindparam("last"))
    .where(CASES.c.id >= bindparam("first"), CASES.c.id <= bindparam("last"), _open)
)
ASKED = Prepared(
    select(_request.c.case_id, _request.c.clock).where(
        _request.c.case_id >= bindparam("first"),
        _request.c.case_id <= bindparam("last"),
        _request.c.kind == "extension",
        _request.c.decided_at.is_(None),
    )
)
LABELS = Prepared(
    select(_evidence.c.case_id, _evidence.c.label, _evidence.c.cycle, _file.c.media_type)
    .join(_file, _file.c.id == _evidence.c.file_id)
    .where(
        _evidence.c.case_id >= bindparam("first"),
        _evidence.c.case_id <= bindparam("last"),
        _evidence.c.undone_seq.is_(None),
    )
)
LAST_LINE = Prepared(select(func.max(_line.c.case_id).label("id")).where(_line.c.impact_id == bindparam("impact_id")))
LINES = Prepared(select(_line).where(_line.c.impact_id == bindparam("impact_id")).order_by(_line.c.case_id))
TOWNSHIPS = Prepared(
    select(_line.c.fate, _line.c.said, CASES.c.subject_township_id)
    .join(CASES, CASES.c.id == _line.c.case_id)
    .where(_line.c.impact_id == bindparam("impact_id"))
)


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one case: its fate, by what it is poisoned, and what changes (`said`)."""

    case_id: int
    fate: str
    why: str
    said: Mapping[str, Any]


# ---- beginning ------------------------------------------------------------------------------------------------------------


def begin(store: Store, occasion: Occasion, draft_id: int, plan: Plan, actor: Actor, *, orders: Collection[str]) -> int:
    """The id of a new preview of the draft as it stands; rungs that do one of `orders` are orders.

    Conflict draft_not_proven before its proofs are through.
    """
    require_administrator(actor)
    draft = get_draft(store, draft_id)
    if not is_proven(draft):
        raise Conflict(why="draft_not_proven")
    counted = store.row(HOW_MANY, kind=draft["kind"])
    impact_id = store.new_ids(Impact, 1)[0]
    row: Row = {"id": impact_id, "draft_id": draft_id, "kind": draft["kind"], "digest": draft["digest"]}
    row |= {"plan": canonical(plan.told()), "made_by": actor.person_id, "made_at": occasion.now}
    row |= {"total": counted["n"] if counted else 0, "done": 0, "seal": ""}
    row["counts"] = canonical(_held_against(occasion, draft["kind"]))
    store.insert(Impact, [{**row, "replay": replay.begin(store, occasion, draft["kind"], orders)}])
    return impact_id


def get_impact(store: Store, impact_id: int, asked: Prepared = BY_ID) -> Row:
    """The preview, or NotFound."""
    row = store.row(asked, id=impact_id)
    if row is None:
        raise NotFound(what="impact", id=impact_id)
    return row


def stands_for(impact: Row, draft: Row) -> bool:
    """Is the draft open, and its text still the one that the preview was made of?"""
    return bool(draft["status"] == "open" and draft["digest"] == impact["digest"])


def newest_of(store: Store, draft_id: int) -> Row | None:
    """The last preview of a draft, if there is one."""
    return store.row(NEWEST, draft_id=draft_id)


def drafted(store: Store, digest: str) -> Served:
    """The drafted definition, ready to run, under no version's id."""
    definition, machine = built(store, digest)
    return Served(0, 0, digest, definition, machine)


# ---- working --------------------------------------------------------------------------------------------------------------


def work(store: Store, occasion: Occasion, impact_id: int) -> int:
    """The next batch, inside `database.write`, of the replay or, once that is over, of the lines; how many. 0: it is sealed.

    Of two who work at it, one waits for the other's batch and does the next.
    """
    impact = get_impact(store, impact_id, LOCKED)
    if impact["seal"]:
        return 0
    looked, is_over = _replay(store, occasion, impact)
    return looked + _add_lines(store, occasion, impact) if is_over else looked


def _replay(store: Store, occasion: Occasion, impact: Row) -> tuple[int, bool]:
    """The next batch of the last year, if there is one: how many cases, and whether it was the last."""
    before = Replay.read(impact["replay"])
    if before is None or before.is_over:
        return 0, True
    new = drafted(store, impact["digest"]).definition
    renames = Plan.of(json.loads(impact["plan"])).renames
    after = replay.go_on(store, occasion, before, new, impact["made_at"], renames)
    impact["replay"] = after.text
    store.update(Impact, {"replay": after.text}, id=impact["id"])
    return after.done - before.done, after.is_over


def _add_lines(store: Store, occasion: Occasion, impact: Row) -> int:
    """The next batch of lines; how many cases. The last one seals the preview."""
    last = store.row(LAST_LINE, impact_id=impact["id"])
    after = (last["id"] if last else None) or 0
    rows = store.rows(NEXT_CASES, kind=impact["kind"], after=after, limit=BATCH)
    lines = list(lines_of(store, occasion, impact, rows))
    store.insert(ImpactLine, [_stored(impact["id"], line) for line in lines])
    if len(rows) < BATCH:
        _seal(store, occasion, impact)
    else:
        store.update(Impact, {"done": min(impact["done"] + len(rows), impact["total"])}, id=impact["id"])
    return len(rows)


def _stored(impact_id: int, line: Line) -> Row:
    row: Row = {"impact_id": impact_id, "case_id": line.case_id, "fate": line.fate, "why": line.why}
    return row | {"said": canonical(line.said)}


def lines_of(store: Store, occasion: Occasion, impact: Row, rows: list[Row]) -> Iterator[Line]:
    """What would become of each of these cases."""
    if not rows:
        return
    plan, new = Plan.of(json.loads(impact["plan"])), drafted(store, impact["digest"])
    beside = _Beside(store, impact["kind"], rows)
    known: dict[tuple[int, str], tuple[tuple[str, ...], list[Right]]] = {}
    for row in rows:
        old = occasion.catalogue.of_version(row["definition_version_id"])
        if old.digest == new.digest:
            continue
        key = (old.version_id, row["state"])
        if key not in known:
            ways = (old.definition, row["state"], new.definition, plan.state_for(row["state"]))
            known[key] = (_newly_needed(*ways), list(changed(*ways)))
        yield _line_of(row, old, new, plan, occasion, beside, *known[key])


class _Beside:
    """What lies beside a batch of cases: their clocks of this cycle, open requests, labels of evidence."""

    def __init__(self, store: Store, kind: str, rows: list[Row]) -> None:
        span = {"first": rows[0]["id"], "last": rows[-1]["id"]}
        clocks, asked, labels = store.ask((CLOCKS, {**span, "kind": kind}), (ASKED, span), (LABELS, span))
        self.clocks = _by_case(clocks)
        self.asked = _by_case(asked)
        self.labels = _by_case(labels)


def _by_case(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["case_id"], []).append(row)
    return found


def _line_of(
    row: Row,
    old: Served,
    new: Served,
    plan: Plan,
    occasion: Occasion,
    beside: _Beside,
    needed: tuple[str, ...],
    rights: list[Right],
) -> Line:
    when, case_id = plan.when_in(row["state"]), row["id"]
    if when == STAY:
        return Line(case_id, STAYS, "", {"state": row["state"]})
    asked = {one["clock"] for one in beside.asked.get(case_id, ())}
    try:
        file = CaseFile(dict(row), beside.clocks.get(case_id, []), old)
        told = move(file, new, plan, occasion, asked)
    except BROKEN as broken:
        return Line(case_id, POISONED, _why(broken), {"state": row["state"]})
    lying = [(one["label"], one["media_type"]) for one in beside.labels.get(case_id, ()) if one["cycle"] == row["cycle"]]
    has = set(counted(new.definition, lying))
    said = _said(row, file, told, {"missing": [label for label in needed if label not in has], "rights": rights})
    return Line(case_id, FOLLOWS if when == NEXT else MOVES, "", said)


def _why(broken: Exception) -> str:
    return str(broken.params["why"]) if isinstance(broken, Conflict) else "broken"


def _said(row: Row, file: CaseFile, told: Move, beside: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"state": row["state"]}
    said |= {"to": file.state} if file.state != row["state"] else {}
    said |= {"due": [row["due_on"], file.row["due_on"]]} if file.row["due_on"] != row["due_on"] else {}
    said |= {"late": [row["overdue_since"], file.row["overdue_since"]]} if _turns(row, file) else {}
    listed = {"ended": told.ended, "begun": told.begun, "renamed": told.renamed, "coming": told.coming}
    listed |= {"dated": [one for one in told.dated if one[1] != one[2]]}
    listed |= {"owned": told.owned, "pressed": told.pressed, "facts": _changed_facts(row, file), **beside}
    said |= {name: value for name, value in listed.items() if value}
    said |= {"skipped": len(told.passed)} if told.passed else {}
    talks = sum(_is_talk(file, clock, rung) for clock, rung in told.coming)
    return said | ({"talks": talks} if talks else {})


def _changed_facts(row: Row, file: CaseFile) -> list[str]:
    was = json.loads(row["data"]) if file.row["data"] != row["data"] else {}
    return sorted(key for key in was if file.data.get(key) != was[key])


def _turns(row: Row, file: CaseFile) -> bool:
    return bool((row["overdue_since"] is None) != (file.row["overdue_since"] is None))


def _is_talk(file: CaseFile, clock_key: str, rung_key: str) -> bool:
    """Is the rung one that holds its ladder: a talk?"""
    clock = file.find_live(clock_key)
    ladder = file.served.definition.ladder_by_key.get(clock["ladder"]) if clock else None
    tier = ladder.tiers[clock["tier"] - 1] if ladder and clock else ()
    return any(rung.key == rung_key and rung.holds for rung in tier)


def _newly_needed(old: Definition, state: str, new: Definition, target: str) -> tuple[str, ...]:
    """Labels of evidence that a step from here needs under the new version and did not need, or not of such files, before."""
    had = {t.trigger: set(t.evidence.labels) for t in old.triggers_from.get(state, ()) if t.evidence}
    wanted: dict[str, None] = {}
    for step in new.triggers_from.get(target, ()):
        for label in step.evidence.labels if step.evidence else ():
            stricter = new.taken_under.get(label) not in (None, old.taken_under.get(label))
            if stricter or label not in had.get(step.trigger, set()):
                wanted[label] = None
    return tuple(wanted)


# ---- the end --------------------------------------------------------------------------------------------------------------


def _seal(store: Store, occasion: Occasion, impact: Row) -> None:
    """Counts and the digest over everything: the text, the plan, the calendar, the replay, line by line."""
    told, alike, poisons = hashlib.sha256(), Counter[tuple[str, str]](), Counter[str]()
    begun = _held_against(occasion, impact["kind"]) | json.loads(impact["counts"])
    told.update(canonical([impact["digest"], json.loads(impact["plan"]), begun["calendar"]]).encode())
    told.update(f"\n{impact['replay']}".encode())
    for row in store.rows(LINES, impact_id=impact["id"]):
        told.update(f"\n{row['case_id']}\x1f{row['fate']}\x1f{row['why']}\x1f{row['said']}".encode())
        alike[row["fate"], row["said"]] += 1
        poisons.update([row["why"]] if row["why"] else [])
    counts = _counted(alike)
    plan, new = Plan.of(json.loads(impact["plan"])), drafted(store, impact["digest"])
    standing = [
        {"name": one.name, "params": dict(one.params)} for one in obstacles(plan, _olds(occasion, impact), new.definition)
    ]
    summed = {**counts, "poisons": dict(poisons), "obstacles": standing, **begun}
    done = {"counts": canonical(summed), "seal": told.hexdigest(), "done": impact["total"]}
    store.update(Impact, done, id=impact["id"])


def _counted(alike: Mapping[tuple[str, str], int]) -> Counter[str]:
    """How many lines have each fate, and of those that move at once how many say what; many say the same."""
    counts = Counter[str]()
    for (fate, text), times in alike.items():
        said = json.loads(text)
        late = said.get("late")
        counts[fate] += times
        if fate != MOVES:
            continue  # What follows is counted when it does: by then another day, another step may have come.
        counts["renamed"] += times * ("to" in said)
        counts["dated"] += times * ("due" in said or "dated" in said)
        counts["rungs"] += times * len(said.get("coming", ()))
        counts["talks"] += times * said.get("talks", 0)
        counts["skipped"] += times * said.get("skipped", 0)
        for name in ("missing", "owned", "pressed", "rights"):
            counts[name] += times * bool(said.get(name))
        counts["turned_late"] += times * bool(late and late[0] is None)
        counts["no_longer_late"] += times * bool(late and late[1] is None)
    return counts


def _olds(occasion: Occasion, impact: Row) -> list[Definition]:
    return [occasion.catalogue.of_version(version_id).definition for version_id in _version_ids(occasion, impact["kind"])]


def _version_ids(occasion: Occasion, kind: str) -> list[int]:
    """Every version of the kind under which a case may still be open."""
    return [version_id for version_id, served in occasion.catalogue.by_id.items() if served.kind == kind]


def _held_against(occasion: Occasion, kind: str) -> dict[str, Any]:
    """The calendar and the versions that a preview is computed by: with others than when it was begun, it is old."""
    return {"calendar": occasion.calendar.version, "versions": sorted(_version_ids(occasion, kind))}


def by_township(store: Store, impact_id: int) -> dict[int | None, Counter[str]]:
    """The same counts for each township (by area id; None: the county's own), of a sealed preview."""
    found: dict[int | None, Counter[tuple[str, str]]] = {}
    for row in store.rows(TOWNSHIPS, impact_id=impact_id):
        found.setdefault(row["subject_township_id"], Counter())[row["fate"], row["said"]] += 1
    return {township: _counted(alike) for township, alike in found.items()}


# ---- has the ledger moved? ------------------------------------------------------------------------------------------------


def moved_since(store: Store, occasion: Occasion, impact: Row) -> tuple[int, int]:
    """How many cases would fare otherwise now than the preview says, and how many of them are newly poisoned."""
    rows = store.rows(CHANGED, kind=impact["kind"], since=impact["made_at"])
    live = [row for row in rows if not row["final"] and not row["withdrawn"]]
    told = {row["case_id"]: row for row in store.rows(LINES, impact_id=impact["id"])} if rows else {}
    now = {line.case_id: line for line in lines_of(store, occasion, impact, live)}
    gone = {row["id"] for row in rows} - {row["id"] for row in live}
    others = [line for case_id, line in now.items() if _differs(told.get(case_id), line)]
    poisoned = sum(line.fate == POISONED for line in others)
    return len(others) + len(gone & told.keys()), poisoned


def _differs(told: Row | None, line: Line) -> bool:
    if told is None:
        return True
    return (told["fate"], told["why"], told["said"]) != (line.fate, line.why, canonical(line.said))
