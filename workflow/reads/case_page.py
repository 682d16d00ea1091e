"""The page of a case: facts, who holds it, the clocks and why, the way it has come, what belongs to it, and what may be done.

A past holder gets the page as it was when he handed the case on: the facts, clocks and history of then, and nothing to press.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from states.definition import Definition, Text
from workflow.barring import Barring, barring_of
from workflow.interviews import latest_on
from workflow.models import AgendaItem, Content, Evidence, Link, Request, StoredFile
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.aside import aside_of
from workflow.reads.asked import Asking, askings
from workflow.reads.buttons import Button, VerbButton, buttons_of, verbs_of
from workflow.reads.clearance import rows_above
from workflow.reads.clocks import ClockView, clocks_of
from workflow.reads.decisions import DecisionView, decisions_of
from workflow.reads.discretion import Discretion, discretion_of
from workflow.reads.facts import Fact, facts_of_case
from workflow.reads.later import Later, later_dates
from workflow.reads.measure_steps import MeasureStep, measure_steps
from workflow.reads.names import names_of
from workflow.reads.rows import LedgerRow, organ_name, rows_of
from workflow.reads.seen import CaseRef, SeenCase, refs_of, see
from workflow.reads.sight import present
from workflow.reads.talks import Promise, promises_before
from workflow.reads.timeline import PathStep, TimelineEvent, events_of, path_of, timeline_of, undone_of
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

_link, _agenda = table_of(Link), table_of(AgendaItem)
_evidence, _file, _request, _content = table_of(Evidence), table_of(StoredFile), table_of(Request), table_of(Content)
LINKS = Prepared(select(_link).where(or_(_link.c.case_id == bindparam("id"), _link.c.other_id == bindparam("id"))))
AGENDA = Prepared(
    select(_agenda).where(_agenda.c.interview_id == bindparam("id"), _agenda.c.left_at.is_(None)).order_by(_agenda.c.case_id)
)
INTERVIEWS = Prepared(select(_agenda.c.interview_id).where(_agenda.c.case_id == bindparam("id")))
EVIDENCE = Prepared(
    select(
        _evidence,
        *(_file.c[name] for name in ("name", "media_type", "size", "digest", "uploaded_at", "level")),
        _content.c.body,
    )
    .join(_file, _file.c.id == _evidence.c.file_id)
    .outerjoin(_content, and_(_content.c.case_id == _evidence.c.case_id, _content.c.seq == _evidence.c.seq))
    .where(_evidence.c.case_id == bindparam("id"), _evidence.c.seq <= bindparam("upto"), _evidence.c.undone_seq.is_(None))
    .order_by(_evidence.c.seq.desc())
)
REQUESTS = Prepared(select(_request).where(_request.c.case_id == bindparam("id")).order_by(_request.c.id.desc()))


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """A case at the other end of a link; `is_outgoing`: the link begins here."""

    relation: str
    is_outgoing: bool
    case: CaseRef


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """An item of this interview with its lateness and dates, and the last day it may be given. Days are calendar days."""

    row: LedgerRow
    clock: Text
    tier: int
    due_on: date | None
    new_due_on: date | None
    latest_on: date | None


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A file that proves something, with its digest for the check of its bytes; `caption` is what was said of it.

    `level` is its own, which may stand above that of the case.
    """

    file_id: int
    name: str
    media_type: str
    size: int
    digest: str
    label: str
    cycle: int
    seq: int
    added_by: str
    uploaded_at: datetime
    caption: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter that event `seq` issued; one that lies ready since the opening is a draft."""

    letter: str
    seq: int
    issued_at: datetime
    is_draft: bool
    number: str = ""


@dataclass(frozen=True, slots=True)
class RequestView:
    """Something asked for: an extension, with who asked, the answers of its form and, where decided, by whom and how."""

    id: int
    kind: str
    clock: str
    asked_by: str
    asked_organ: str
    asked_at: datetime
    wanted_on: date | None
    reason: str
    answers: tuple[Fact, ...]
    decided_by: str
    decided_at: datetime | None
    granted: bool | None
    decision: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything of a case that its page shows to this reader. `row` is the same row that lists show.

    `agenda` are the items of an interview that the reader may see and `agenda_hidden` how many more there are; `promises`
    are what was promised in earlier ones; `interviews` are the interviews that this case is on. `definition` is the version
    that the case runs by. `seen_upto` is the event at which a past holder's sight ends. `barring` is for pick lists, which
    leave out whoever was taken off the case; it is never shown. `asking` is the request for an approval that the case
    carries, `later` are the later dates that are asked for. `discretion` is who may know of it, for whoever may be told;
    `decisions` are the votes of bodies on its steps; `measures` are those of its `children` that stand on no ledger;
    `measure_steps` are what moved those; `aside` are triggers of steps that this person may take but that are not what is to
    be done now.
    """

    row: LedgerRow
    definition: Definition
    level: int
    registrar: str
    interviewer_id: int | None
    interviewer: str
    interviewee_id: int | None
    interviewee: str
    assignee: str
    parent: CaseRef | None
    paused_since: date | None
    facts: tuple[Fact, ...]
    clocks: tuple[ClockView, ...]
    timeline: tuple[TimelineEvent, ...]
    path: tuple[PathStep, ...]
    children: tuple[LedgerRow, ...]
    measures: tuple[LedgerRow, ...]
    measure_steps: tuple[MeasureStep, ...]
    links: tuple[LinkedCase, ...]
    agenda: tuple[AgendaRow, ...]
    agenda_hidden: int
    promises: tuple[Promise, ...]
    interviews: tuple[CaseRef, ...]
    evidence: tuple[EvidenceView, ...]
    letters: tuple[LetterView, ...]
    requests: tuple[RequestView, ...]
    buttons: tuple[Button, ...]
    verbs: tuple[VerbButton, ...]
    seen_upto: int | None
    barring: Barring
    discretion: Discretion | None
    asking: Asking | None
    later: tuple[Later, ...]
    decisions: tuple[DecisionView, ...]
    aside: frozenset[str]


def case_page(store: Store, occasion: Occasion, actor: Actor, case_id: int) -> CasePage:
    """The page, or CaseNotFound, which is also the answer to whoever may not see the case."""
    seen = see(store, occasion, actor, case_id)
    events, row, (agenda, hidden) = events_of(seen), seen.row, _agenda_of(seen)
    timeline, refs = timeline_of(seen, events), refs_of(store, occasion, actor, _ids_beside(seen))
    tree, shown = occasion.tree, rows_of(store, occasion, actor, [row])
    children, later = _children(seen), later_dates(store, occasion, actor, shown).get(case_id, ())
    return CasePage(
        row=shown[0],
        definition=seen.served.definition,
        level=row["level"],
        registrar=organ_name(tree, row["registrar_id"]),
        interviewer_id=row["interviewer_id"],
        interviewer=organ_name(tree, row["interviewer_id"]),
        interviewee_id=row["interviewee_id"],
        interviewee=organ_name(tree, row["interviewee_id"]),
        assignee=names_of(store, [row["assignee_id"]]).get(row["assignee_id"] or -1, ""),
        parent=refs.get(row["parent_id"] or -1),
        paused_since=row["paused_since"],
        facts=facts_of_case(seen.served.definition, seen.file().data, tree, seen.sight.relations if seen.is_whole else ()),
        clocks=clocks_of(seen, events),
        timeline=timeline,
        path=path_of(seen, events),
        children=children,
        **_measures(seen, children),
        links=_links(seen, refs),
        agenda=agenda,
        agenda_hidden=hidden,
        promises=promises_before(seen) if seen.served.definition.interview else (),
        interviews=_interviews(seen, refs),
        evidence=_evidence_of(seen),
        letters=_letters(events),
        requests=_requests(seen, timeline),
        **_acts(seen, later, timeline),
        seen_upto=seen.sight.upto_seq,
        barring=barring_of(store, row, occasion),
        discretion=discretion_of(seen),
        asking=askings(store, occasion, shown).get(case_id),
        later=later,
        decisions=decisions_of(seen),
    )


def _acts(seen: SeenCase, later: tuple[Later, ...], timeline: tuple[TimelineEvent, ...]) -> dict[str, Any]:
    buttons = buttons_of(seen)
    return {"buttons": buttons, "verbs": verbs_of(seen), "aside": aside_of(seen, buttons, later, timeline)}


# ---- what belongs to it ---------------------------------------------------------------------------------------------------


def _links_rows(seen: SeenCase) -> list[Row]:
    return seen.store.rows(LINKS, id=seen.id) if seen.is_whole else []


def _ids_beside(seen: SeenCase) -> set[int]:
    found = {row[end] for row in _links_rows(seen) for end in ("case_id", "other_id")} - {seen.id}
    found |= {row["interview_id"] for row in seen.store.rows(INTERVIEWS, id=seen.id)} if seen.is_whole else set()
    return found | ({seen.row["parent_id"]} if seen.row["parent_id"] is not None else set())


def _links(seen: SeenCase, refs: dict[int, CaseRef]) -> tuple[LinkedCase, ...]:
    found = []
    for row in _links_rows(seen):
        is_outgoing = row["case_id"] == seen.id
        other = row["other_id"] if is_outgoing else row["case_id"]
        if other in refs:
            found.append(LinkedCase(row["relation"], is_outgoing, refs[other]))
    return tuple(sorted(found, key=lambda link: (link.relation, link.case.id)))


def _interviews(seen: SeenCase, refs: dict[int, CaseRef]) -> tuple[CaseRef, ...]:
    if not seen.is_whole:
        return ()
    ids = sorted({row["interview_id"] for row in seen.store.rows(INTERVIEWS, id=seen.id)})
    return tuple(refs[case_id] for case_id in ids if case_id in refs)


def _children(seen: SeenCase) -> tuple[LedgerRow, ...]:
    if not seen.is_whole:
        return ()
    shown = present(seen.actor, seen.occasion.catalogue)
    rows = seen.store.select(select(CASES).where(CASES.c.parent_id == seen.id, shown).order_by(CASES.c.id))
    return tuple(rows_of(seen.store, seen.occasion, seen.actor, rows))


def _measures(seen: SeenCase, children: tuple[LedgerRow, ...]) -> dict[str, Any]:
    found = tuple(child for child in children if child.kind in seen.occasion.catalogue.off_ledger)
    return {"measures": found, "measure_steps": measure_steps(seen, found)}


def _agenda_of(seen: SeenCase) -> tuple[tuple[AgendaRow, ...], int]:
    """The items the reader may see; of the others only how many (semantics.md §5: number and count, never the village)."""
    if seen.served.definition.interview is None or not seen.is_whole:
        return (), 0
    items = {row["case_id"]: row for row in seen.store.rows(AGENDA, id=seen.id)}
    shown = present(seen.actor, seen.occasion.catalogue)
    stored = seen.store.select(select(CASES).where(CASES.c.id.in_(sorted(items)), shown).order_by(CASES.c.id))
    rows = rows_of(seen.store, seen.occasion, seen.actor, stored)
    return tuple(_agenda_row(seen, row, items[row.id]) for row in rows), len(items) - len(rows)


def _agenda_row(seen: SeenCase, row: LedgerRow, item: Row) -> AgendaRow:
    clock = seen.occasion.catalogue.of_kind(row.kind).definition.clock_by_key.get(item["clock"])
    title = clock.title if clock else Text(item["clock"])
    return AgendaRow(row, title, item["tier"], item["due_on"], item["new_due_on"], latest_on(seen.file(), item["tier"]))


def _evidence_of(seen: SeenCase) -> tuple[EvidenceView, ...]:
    above = {row["id"] for row in rows_above(seen)}
    stored = seen.store.rows(EVIDENCE, id=seen.id, upto=seen.row["seq"])
    rows = [row for row in stored if row["file_id"] not in above]
    names = names_of(seen.store, (row["added_by"] for row in rows))
    plain = ("file_id", "name", "media_type", "size", "digest", "label", "cycle", "seq", "uploaded_at", "level")
    return tuple(
        EvidenceView(
            **{name: row[name] for name in plain},
            added_by=names.get(row["added_by"] or -1, ""),
            caption=str(json.loads(row["body"] or "{}").get("caption") or ""),
        )
        for row in rows
    )


def _letters(events: list[Row]) -> tuple[LetterView, ...]:
    undone = undone_of(events)
    return tuple(
        LetterView(letter, row["seq"], row["recorded_at"], row["verb"] == "open", _number_of(row, letter))
        for row in events
        if row["seq"] not in undone
        for letter in (row["content"] or {}).get("letters") or ()
    )


def _number_of(row: Row, letter: str) -> str:
    numbers = (row["content"] or {}).get("letter_numbers") or {}
    return str(numbers.get(letter, ""))


def _requests(seen: SeenCase, timeline: tuple[TimelineEvent, ...]) -> tuple[RequestView, ...]:
    if not seen.is_whole:
        return ()
    rows = seen.store.rows(REQUESTS, id=seen.id)
    names = names_of(seen.store, [row[who] for row in rows for who in ("asked_by", "decided_by")])
    plain = ("id", "kind", "clock", "asked_at", "wanted_on", "reason", "decided_at", "granted", "decision")
    answers = {(e.params["clock"], e.recorded_at): e.answers for e in timeline if e.verb == "ask_extension"}
    return tuple(
        RequestView(
            **{name: row[name] for name in plain},
            asked_by=names.get(row["asked_by"], ""),
            asked_organ=organ_name(seen.occasion.tree, row["asked_organ_id"]),
            answers=answers.get((row["clock"], row["asked_at"]), ()),
            decided_by=names.get(row["decided_by"] or -1, ""),
        )
        for row in rows
    )
