"""Versions of kinds as administrators of workflows see them: who proposed and decided each, and how many cases it has.

Counts alone: an administrator sees no case. What a preview says of one case is its number, states, dates and township.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, not_, or_, select

from states.definition import Text
from states.errors import BadInput, NotFound
from states.schema import load
from workflow.definitions import TEXT
from workflow.models import BulkItem, BulkRun, DefinitionVersion, Impact, ImpactLine, Note, Publication
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.names import names_of
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.versions.drafts import list_open

PAGE = 50

_version, _publication, _impact = table_of(DefinitionVersion), table_of(Publication), table_of(Impact)
_line, _run, _item, _note = table_of(ImpactLine), table_of(BulkRun), table_of(BulkItem), table_of(Note)
EVERY = Prepared(select(_version).order_by(_version.c.kind, _version.c.number.desc()))
PUBLICATIONS = Prepared(
    select(_publication, _impact.c.draft_id, _impact.c.digest, _impact.c.total)
    .join(_impact, _impact.c.id == _publication.c.impact_id)
    .order_by(_publication.c.id.desc())
)
OPEN = Prepared(
    select(CASES.c.definition_version_id, CASES.c.state, func.count().label("n"))
    .where(not_(CASES.c.final), not_(CASES.c.withdrawn))
    .group_by(CASES.c.definition_version_id, CASES.c.state)
)
_rank: ColumnElement[int] = case({"poisoned": 0, "moves": 1, "follows": 2}, value=_line.c.fate, else_=3)
RUNS = Prepared(
    select(_run.c.id, _run.c.undoes, _run.c.publication_id)
    .where(_run.c.publication_id == bindparam("publication_id"))
    .order_by(_run.c.id)
)
REVERSALS = Prepared(select(_run.c.id).where(_run.c.undoes == bindparam("run_id")).order_by(_run.c.id))
RUN = Prepared(select(_run).where(_run.c.id == bindparam("id")))
COUNTS = Prepared(
    select(_item.c.status, func.count().label("n")).where(_item.c.run_id == bindparam("run_id")).group_by(_item.c.status)
)
_item_rank: ColumnElement[int] = case({"refused": 0, "waiting": 1}, value=_item.c.status, else_=2)
SET_ASIDE = Prepared(
    select(_note.c.id, _note.c.at, _note.c.body, CASES.c.id.label("case_id"), CASES.c.number, CASES.c.subject_township_id)
    .join(CASES, CASES.c.id == _note.c.case_id)
    .join(_version, _version.c.id == CASES.c.definition_version_id)
    .where(
        _note.c.kind == "set_aside",
        _note.c.cleared_at.is_(None),
        CASES.c.kind == bindparam("kind"),
        not_(CASES.c.final),
        _version.c.status == "retired",
    )
    .order_by(_note.c.id.desc())
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class PublicationView:
    """A proposal with its two people; `status` is waiting, dated (granted, not yet current), current, refused or withdrawn."""

    id: int
    kind: str
    impact_id: int
    draft_id: int
    digest: str
    seal: str
    reason: str
    from_on: date
    proposed_by: int
    proposer: str
    proposed_at: datetime
    decider: str
    decided_at: datetime | None
    decision: str
    status: str
    version_id: int | None
    activated_at: datetime | None
    total: int


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version; `open_by_state` counts its open cases by (state, its title), in the order of its own definition."""

    id: int
    kind: str
    number: int
    digest: str
    status: str
    published_at: datetime | None
    from_on: date | None
    opens: bool
    publication: PublicationView | None
    open_by_state: tuple[tuple[str, Text, int], ...]

    @property
    def open(self) -> int:
        """How many open cases run under it."""
        return sum(n for _state, _title, n in self.open_by_state)


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind: its versions, newest first, what is proposed of it, and the drafts under work."""

    key: str
    title: Text
    current: VersionView | None
    versions: tuple[VersionView, ...]
    proposals: tuple[PublicationView, ...]
    drafts: tuple[Row, ...]

    @property
    def waiting(self) -> tuple[PublicationView, ...]:
        """What waits for its second person or for its day."""
        return tuple(one for one in self.proposals if one.status in ("waiting", "dated"))

    @property
    def declined(self) -> tuple[PublicationView, ...]:
        """What nothing came of."""
        return tuple(one for one in self.proposals if one.status in ("refused", "withdrawn"))


def list_kinds(store: Store, occasion: Occasion) -> tuple[KindView, ...]:
    """Every kind that is served or drafted."""
    published = publications(store)
    counts: dict[int, dict[str, int]] = {}
    for row in store.rows(OPEN):
        counts.setdefault(row["definition_version_id"], {})[row["state"]] = row["n"]
    by_version = {one.version_id: one for one in published if one.version_id is not None}
    versions = [_version_view(occasion, row, by_version.get(row["id"]), counts) for row in store.rows(EVERY)]
    drafts = [{**row, "changer": ""} for row in list_open(store)]
    names = names_of(store, [draft["changed_by"] for draft in drafts])
    for draft in drafts:
        draft["changer"] = names.get(draft["changed_by"], "")
    keys = dict.fromkeys([*occasion.catalogue.current, *(draft["kind"] for draft in drafts)])
    return tuple(_kind_view(store, occasion, key, versions, published, drafts) for key in keys)


def open_by_state(store: Store, kind: str) -> dict[str, int]:
    """How many cases of a kind are open in each state, under whichever version: numbers, and nothing else."""
    own = {row["id"] for row in store.rows(EVERY) if row["kind"] == kind}
    found: Counter[str] = Counter()
    for row in store.rows(OPEN):
        found[row["state"]] += row["n"] if row["definition_version_id"] in own else 0
    return dict(found)


def _version_view(
    occasion: Occasion, row: Row, publication: PublicationView | None, counts: Mapping[int, Mapping[str, int]]
) -> VersionView:
    found = counts.get(row["id"], {})
    states = occasion.catalogue.of_version(row["id"]).definition.states
    listed = tuple((state.key, state.title, found[state.key]) for state in states if state.key in found)
    plain = {name: row[name] for name in ("id", "kind", "number", "digest", "status", "published_at", "from_on", "opens")}
    return VersionView(**plain, publication=publication, open_by_state=listed)


def _kind_view(
    store: Store,
    occasion: Occasion,
    key: str,
    versions: list[VersionView],
    published: list[PublicationView],
    drafts: list[Row],
) -> KindView:
    own = tuple(one for one in versions if one.kind == key)
    served = occasion.catalogue.current.get(key)
    mine = tuple(draft for draft in drafts if draft["kind"] == key)
    title = served.definition.title if served else _title_of(store, mine)
    current = next((one for one in own if one.status == "published"), None)
    return KindView(key, title, current, own, tuple(one for one in published if one.kind == key), mine)


def _title_of(store: Store, drafts: tuple[Row, ...]) -> Text:
    """What a kind that is not served yet is called by its drafts."""
    for draft in drafts:
        row = store.row(TEXT, digest=draft["digest"]) if draft["digest"] else None
        if row is not None:
            return load(json.loads(row["canonical"])).title
    return Text(drafts[0]["name"] or drafts[0]["kind"]) if drafts else Text("")


def publications(store: Store) -> list[PublicationView]:
    """Every proposal, newest first."""
    rows = store.rows(PUBLICATIONS)
    names = names_of(store, {person for row in rows for person in (row["proposed_by"], row["decided_by"])})
    return [_publication_view(row, names) for row in rows]


def _publication_view(row: Row, names: Mapping[int, str]) -> PublicationView:
    plain = ("id", "kind", "impact_id", "draft_id", "digest", "seal", "reason", "from_on", "proposed_by", "proposed_at")
    more = ("decided_at", "decision", "version_id", "activated_at", "total")
    return PublicationView(
        **{name: row[name] for name in (*plain, *more)},
        proposer=names.get(row["proposed_by"], ""),
        decider=names.get(row["decided_by"], "") if row["decided_by"] is not None else "",
        status=_status(row),
    )


def _status(row: Row) -> str:
    if row["activated_at"] is not None:
        return "current"
    if row["granted"] is None:
        return "waiting"
    if row["granted"]:
        return "dated"
    return "withdrawn" if row["decided_by"] is None else "refused"


def get_publication(store: Store, publication_id: int) -> PublicationView:
    """One proposal, or NotFound."""
    found = next((one for one in publications(store) if one.id == publication_id), None)
    if found is None:
        raise NotFound(what="publication", id=publication_id)
    return found


def waits_for(store: Store, person_id: int | None) -> list[PublicationView]:
    """What somebody else has proposed and this administrator may decide."""
    return [one for one in publications(store) if one.status == "waiting" and one.proposed_by != person_id]


def version_of(store: Store, kind: str, number: int) -> tuple[Row, Row]:
    """The row of a version and its text (canonical, source); NotFound where there is none."""
    for row in store.rows(EVERY):
        if (row["kind"], row["number"]) == (kind, number):
            text = store.row(TEXT, digest=row["digest"])
            if text is not None:
                return row, text
    raise NotFound(what="kind", id=kind)


# ---- the lines of a preview -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one case, without anything of its content."""

    case_id: int
    number: str
    township_id: int | None
    fate: str
    why: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lines:
    """One page of them: poisoned first; `after` is where the next begins, "" after the last."""

    lines: tuple[Line, ...]
    after: str


def impact_lines(
    store: Store, impact_id: int, *, fate: str = "", township: int | None = None, after: str = "", limit: int = PAGE
) -> Lines:
    """The lines of a preview after a place; `township` 0 is what stands under none. BadInput for a place that is none."""
    rank, case_id = place_of(after, 3)
    statement = (
        select(_line, _rank.label("rank"), CASES.c.number, CASES.c.subject_township_id)
        .join(CASES, CASES.c.id == _line.c.case_id)
        .where(_line.c.impact_id == impact_id, or_(_rank > rank, and_(_rank == rank, _line.c.case_id > case_id)))
        .order_by(_rank, _line.c.case_id)
        .limit(limit + 1)
    )
    if fate:
        statement = statement.where(_line.c.fate == fate)
    if township is not None:
        area = CASES.c.subject_township_id
        statement = statement.where(area == township if township else area.is_(None))
    rows = store.select(statement)
    shown = rows[:limit]
    lines = tuple(
        Line(row["case_id"], row["number"], row["subject_township_id"], row["fate"], row["why"], json.loads(row["said"]))
        for row in shown
    )
    return Lines(lines, f"{shown[-1]['rank']}.{shown[-1]['case_id']}" if len(rows) > limit else "")


def place_of(after: str, most: int) -> tuple[int, int]:
    """Rank and case of a place in a list, (-1, 0) for its beginning; BadInput for what is none."""
    rank, _, case_id = after.partition(".")
    if not after:
        return -1, 0
    if not (rank.isascii() and rank.isdecimal() and int(rank) <= most and case_id.isascii() and case_id.isdecimal()):
        raise BadInput(why="cursor")
    if len(case_id) > 18:
        raise BadInput(why="cursor")
    return int(rank), int(case_id)


# ---- the run over the open cases ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunView:
    """A run that brings cases under a version, or (`undoes`) back from it."""

    id: int
    kind: str
    publication_id: int | None
    undoes: int | None
    total: int
    done: int
    refused: int
    started_at: datetime
    finished_at: datetime | None

    @property
    def settled(self) -> int:
        """How many are over, one way or the other."""
        return self.done + self.refused


@dataclass(frozen=True, slots=True)
class RunLine:
    """What became of one case in a run; `seq` 0 of one that was there already, or over."""

    case_id: int
    number: str
    township_id: int | None
    status: str
    seq: int | None
    code: str
    params: Mapping[str, Any]


def get_run(store: Store, run_id: int) -> RunView:
    """A run of a change of version, or its reversal; NotFound for any other run."""
    row = store.row(RUN, id=run_id)
    undone = store.row(RUN, id=row["undoes"]) if row and row["undoes"] else None
    if row is None or not (row["publication_id"] or (undone and undone["publication_id"])):
        raise NotFound(what="bulk_run", id=run_id)
    counts = Counter({one["status"]: one["n"] for one in store.rows(COUNTS, run_id=run_id)})
    plain = {name: row[name] for name in ("id", "kind", "publication_id", "undoes", "total", "started_at", "finished_at")}
    return RunView(**plain, done=counts["done"], refused=counts["refused"])


def runs_of(store: Store, publication_id: int) -> list[int]:
    """The runs of a publication and their reversals, in order."""
    own = [row["id"] for row in store.rows(RUNS, publication_id=publication_id)]
    return sorted([*own, *(row["id"] for run in own for row in store.rows(REVERSALS, run_id=run))])


def reversals_of(store: Store, run_id: int) -> list[int]:
    """The runs that put back what a run has done."""
    return [row["id"] for row in store.rows(REVERSALS, run_id=run_id)]


def run_lines(store: Store, run_id: int, after: str = "", limit: int = PAGE) -> tuple[tuple[RunLine, ...], str]:
    """The next cases of a run, refused ones first, and where the page after begins."""
    rank, case_id = place_of(after, 2)
    rows = store.select(
        select(_item, _item_rank.label("rank"), CASES.c.number, CASES.c.subject_township_id)
        .join(CASES, CASES.c.id == _item.c.case_id)
        .where(_item.c.run_id == run_id, or_(_item_rank > rank, and_(_item_rank == rank, _item.c.case_id > case_id)))
        .order_by(_item_rank, _item.c.case_id)
        .limit(limit + 1)
    )
    shown = rows[:limit]
    lines = tuple(
        RunLine(
            **{name: row[name] for name in ("case_id", "number", "status", "seq", "code")},
            township_id=row["subject_township_id"],
            params=json.loads(row["params"]),
        )
        for row in shown
    )
    return lines, f"{shown[-1]['rank']}.{shown[-1]['case_id']}" if len(rows) > limit else ""


def set_aside(store: Store, kind: str) -> list[Row]:
    """Open cases of a kind that could not come along with a step, newest first, each once."""
    found: dict[int, Row] = {}
    for row in store.rows(SET_ASIDE, kind=kind, limit=PAGE):
        found.setdefault(row["case_id"], {**row, "params": json.loads(row["body"])})
    return list(found.values())
