"""The inbox of somebody's organs: to sign for, late, soon late, to do. An item stands in exactly one band."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, not_, select

from states.definition import Field
from workflow.definitions import Catalogue
from workflow.models import Clock
from workflow.occasion import Occasion
from workflow.permissions import CASES, visible
from workflow.reads.asked import Asking, askings, may_be_asked
from workflow.reads.bands import SIGNING, in_band
from workflow.reads.decisions import Waiting, votes_waiting
from workflow.reads.facts import Fact, facts_of_case
from workflow.reads.later import Later, later_dates, waiting_cases
from workflow.reads.returned import Return, returned
from workflow.reads.rows import LedgerRow, rows_of
from workflow.reads.sight import present
from workflow.reads.talk_figures import TalkFigures, talk_figures, talks_of
from workflow.reads.talks import agenda_rows, agenda_sizes
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.types import Actor

SOON_DAYS = 10
MOST = 500
_clock = table_of(Clock)
# The most urgent first: by the limit, what has none last; of one day in the order of registering, which is that of the numbers.
# A database of its own would put what has no limit first or last as it likes.
URGENT = (CASES.c.due_on.is_(None), CASES.c.due_on, CASES.c.id)


@dataclass(frozen=True, slots=True)
class Inbox:
    """What lies with the actor's organs, and what others hold that he waits for.

    In each band what a leader has written an instruction on comes first (practice.md §8.1), then the most urgent: by the limit,
    and of one day in the order of the numbers.

    `interviews` are those that his organs order, hold or are called to; they stand in no band. `agenda` says how many items
    each is about, `items` are those of them that he may see, `facts` what is fixed of each talk, and `talks` how all the talks
    stand that he sees. `waiting` are cases about his organs that lie with somebody else, `returned` what has gone back lately.
    `has_more`: only the 500 most urgent are shown. `asked` are the approvals that the actor is asked for, which stand in no
    band either, and `askings` all requests that rows carry, by case. Likewise `moving` are the later dates that wait for his
    word, and `later` all that are asked for. `votes` wait for his word as a member of a body.
    """

    to_sign: tuple[LedgerRow, ...]
    late: tuple[LedgerRow, ...]
    soon: tuple[LedgerRow, ...]
    to_do: tuple[LedgerRow, ...]
    interviews: tuple[LedgerRow, ...]
    agenda: Mapping[int, int]
    items: Mapping[int, tuple[LedgerRow, ...]]
    facts: Mapping[int, tuple[Fact, ...]]
    talks: TalkFigures
    returned: tuple[Return, ...]
    has_more: bool
    waiting: tuple[LedgerRow, ...]
    asked: tuple[Asking, ...]
    askings: Mapping[int, Asking]
    moving: tuple[Later, ...]
    votes: tuple[Waiting, ...]
    later: Mapping[int, tuple[Later, ...]]

    @property
    def all_to_do(self) -> tuple[tuple[str, InBand], ...]:
        """What stands in the band of what is to be done, each with what it is: asked, moving, vote or row."""
        found: list[tuple[str, LedgerRow, date | None, InBand]] = [("row", row, row.due_on, row) for row in self.to_do]
        found += [("asked", one.row, one.row.due_on, one) for one in self.asked]
        found += [("moving", one.row, one.decide_by, one) for one in self.moving]
        found += [("vote", one.row, one.row.due_on, one) for one in self.votes]
        return tuple((what, one) for what, _row, _on, one in sorted(found, key=lambda told: urgency(told[1], told[2])))


InBand = LedgerRow | Asking | Later | Waiting


def urgency(row: LedgerRow, on: date | None) -> tuple[bool, bool, date, int]:
    """What rows of a band are ordered by; `on` is the day by which something is to be done about it."""
    return (not row.is_instructed, on is None, on or date.max, row.id)


def inbox(store: Store, occasion: Occasion, actor: Actor) -> Inbox:
    """The bands of this moment."""
    organs = actor.organ_ids or (-1,)
    mine = and_(visible(actor, occasion.catalogue), not_(CASES.c.final), CASES.c.holder_id.in_(organs))
    stored = store.select(select(CASES).where(mine).order_by(*URGENT).limit(MOST + 1))
    rows = rows_of(store, occasion, actor, stored[:MOST])
    rows += _to_check(store, occasion, actor, organs)
    later = _later(store, occasion, actor, rows)
    moving = [one for requests in later.values() for one in requests if one.is_mine]
    talks, facts = _interviews(store, occasion, actor, organs)
    requests = askings(store, occasion, rows)
    asked = [request for request in requests.values() if request.row.next and request.row.next.no]
    answering = {request.row.id for request in asked}
    talks = tuple(talk for talk in talks if talk.id not in answering)
    beside = {talk.id for talk in talks} | answering | {one.row.id for one in moving}
    plain = sorted((row for row in rows if row.id not in beside), key=lambda row: urgency(row, row.due_on))
    shown = {row.id for row in (*rows, *talks)}
    return Inbox(
        to_sign=tuple(row for row in plain if row.is_signing),
        late=tuple(row for row in plain if band_of(row) == "late"),
        soon=tuple(row for row in plain if band_of(row) == "soon"),
        to_do=tuple(row for row in plain if band_of(row) == "to_do"),
        interviews=talks,
        agenda=agenda_sizes(store, (talk.id for talk in talks)),
        items=agenda_rows(store, occasion, actor, (talk.id for talk in talks)),
        facts=facts,
        talks=talk_figures(store, occasion, actor),
        returned=returned(store, occasion, actor, organs),
        has_more=len(stored) > MOST,
        waiting=tuple(row for row in _about(store, occasion, actor, organs) if row.id not in shown),
        asked=tuple(sorted(asked, key=lambda request: urgency(request.row, request.row.due_on))),
        askings=requests,
        moving=tuple(sorted(moving, key=lambda one: urgency(one.row, one.decide_by))),
        votes=votes_waiting(store, occasion, actor),
        later=later,
    )


def _later(store: Store, occasion: Occasion, actor: Actor, rows: list[LedgerRow]) -> dict[int, tuple[Later, ...]]:
    """The requests for a later date on those rows, and on what lies with others and waits for the actor's word."""
    shown = {row.id for row in rows}
    others = [row for row in waiting_cases(store, occasion, actor, MOST) if row["id"] not in shown]
    return later_dates(store, occasion, actor, [*rows, *(rows_of(store, occasion, actor, others) if others else ())])


def _to_check(store: Store, occasion: Occasion, actor: Actor, organs: Iterable[int]) -> list[LedgerRow]:
    """What others hold and what waits for the actor's own check or word: reported work, approvals asked for."""
    where = and_(
        visible(actor, occasion.catalogue),
        not_(CASES.c.holder_id.in_(list(organs))),
        not_(CASES.c.final),
        in_band("waiting_check", occasion.catalogue) | may_be_asked(actor, occasion.catalogue) | _to_answer(organs),
    )
    stored = store.select(select(CASES).where(where).order_by(*URGENT).limit(MOST))
    found = (row for row in rows_of(store, occasion, actor, stored) if row.next is not None and row.next.is_mine)
    return [row for row in found if row.is_checking or (row.next and (row.next.no or row.next.answers))]


def _to_answer(organs: Iterable[int]) -> ColumnElement[bool]:
    """The WHERE of cases with a clock without a date that those organs own: what was handed in waits for their word."""
    runs = and_(_clock.c.organ_id.in_(list(organs)), _clock.c.status == "armed", _clock.c.due_on.is_(None))
    return CASES.c.id.in_(select(_clock.c.case_id).where(runs))


def _about(store: Store, occasion: Occasion, actor: Actor, organs: Iterable[int]) -> list[LedgerRow]:
    """Open cases on the ledger about the actor's organs that others hold."""
    kinds = [kind for kind, served in occasion.catalogue.current.items() if served.definition.ledger]
    elsewhere = and_(CASES.c.subject_id.in_(list(organs)), not_(CASES.c.holder_id.in_(list(organs))), CASES.c.kind.in_(kinds))
    where = and_(present(actor, occasion.catalogue), not_(CASES.c.final), elsewhere)
    stored = store.select(select(CASES).where(where).order_by(*URGENT).limit(MOST))
    return rows_of(store, occasion, actor, stored)


def band_of(row: LedgerRow) -> str:
    """The band that the row stands in: to_sign, late, soon or to_do."""
    # The dates of the row are the holder's then.
    if row.next and row.next.answers:
        return "to_do"
    if row.is_signing:
        return "to_sign"
    if row.badge == "late":
        return "late"
    is_soon = row.days_left is not None and row.days_left <= SOON_DAYS
    return "soon" if is_soon and row.badge != "paused" else "to_do"


def _interviews(
    store: Store, occasion: Occasion, actor: Actor, organs: Iterable[int]
) -> tuple[tuple[LedgerRow, ...], dict[int, tuple[Fact, ...]]]:
    """Talks to order, to hold, to attend or to accept, the most urgent first, and their facts."""
    where = and_(visible(actor, occasion.catalogue), not_(CASES.c.final), talks_of(occasion, organs))
    stored = store.select(select(CASES).where(where).order_by(*URGENT).limit(MOST))
    rows = tuple(rows_of(store, occasion, actor, stored))
    whole = {row.id for row in rows if row.seen_upto is None}
    return rows, {row["id"]: _facts(occasion, row) for row in stored if row["id"] in whole}


def _facts(occasion: Occasion, row: Row) -> tuple[Fact, ...]:
    definition = occasion.catalogue.of_version(row["definition_version_id"]).definition
    return facts_of_case(definition, json.loads(row["data"]), occasion.tree, ())


def signing_form(catalogue: Catalogue) -> tuple[Field, ...]:
    """The questions that signing for a case of every kind asks alike: what one sheet can answer for many.

    Which organs and people may be named depends on the case: its own form asks for them, and where they are required the
    sheet's run leaves the case out and says so.
    """
    served = [one.definition for one in catalogue.current.values()]
    forms = [t.form for definition in served for t in definition.transitions if t.main and t.trigger == SIGNING]
    shared = [field for field in forms[0] if all(field in form for form in forms)] if forms else []
    return tuple(field for field in shared if not _names_somebody(field))


def _names_somebody(field: Field) -> bool:
    return field.type in ("organ", "person") or any(_names_somebody(column) for column in field.columns)
