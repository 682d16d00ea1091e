"""What a case was when it issued a letter: the day, the unit that had it, its facts, its limit and how late it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from states.definition import Definition, Text
from workflow.cases import BY_ID
from workflow.configuration.settings import LETTER, setting_at
from workflow.dates import local_day, workdays_between
from workflow.models import Event
from workflow.occasion import Occasion
from workflow.reads.case_page import LetterView
from workflow.reads.moments import Moment, moment_of
from workflow.reads.next_step import PRODDING
from workflow.reads.seen import ALL_CLOCKS
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

_event = table_of(Event)
# Looked through for the unit that had the case before its sponsor took it back.
HOLDERS = Prepared(
    select(_event.c.facts)
    .where(_event.c.case_id == bindparam("case_id"), _event.c.seq <= bindparam("seq"))
    .order_by(_event.c.seq.desc())
    .limit(200)
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A case after the event that issued a letter.

    `holder_id` has it then; `handler_id` is the unit that had it last, where its sponsor has it to check or to close. The limit
    is that of its main clock, whatever falls due before. While its sponsor has it and another body owes something all the
    same (the township its check), that body and its limit take their place: to it goes a reminder. `wording` is that of the
    hour it was issued; a draft has that of now.
    `seq` is the event that issued the letter.
    """

    on: date
    holder_id: int | None
    handler_id: int | None
    data: Mapping[str, Any]
    due_on: date | None
    original_due_on: date | None
    workdays_late: int
    reminded: int
    ground: Text | None
    wording: Mapping[str, Any] | None
    number: str
    seq: int
    reported_on: date | None


def issued_of(store: Store, occasion: Occasion, case_id: int, letter: LetterView) -> Issued:
    """The case as it was then; the letter is one of a page that the reader may see."""
    row = store.row(BY_ID, id=case_id)
    assert row is not None, "the letter of a page belongs to a case"
    then = moment_of(store, row, store.rows(ALL_CLOCKS, case_id=case_id), letter.seq)
    definition = occasion.catalogue.of_version(row["definition_version_id"]).definition
    owed = _owed_by_another(then)
    on, main = local_day(letter.issued_at), owed or _main_clock(definition, then)
    due_on = main["due_on"] if main else then.row["due_on"]
    return Issued(
        on=on,
        holder_id=then.row["holder_id"],
        handler_id=owed["organ_id"] if owed else _handler(store, then.row, letter.seq),
        data=json.loads(then.row["data"]),
        due_on=due_on,
        original_due_on=main["original_due_on"] if main else None,
        workdays_late=workdays_between(occasion.calendar, due_on, on) if due_on and due_on < on else 0,
        reminded=json.loads(then.row["tally"]).get(PRODDING, 0),
        ground=_ground(definition, then.row["ground"]),
        wording=setting_at(store, LETTER, letter.letter, occasion.now if letter.is_draft else letter.issued_at),
        number=letter.number,
        seq=letter.seq,
        reported_on=then.row["reported_on"],
    )


def _main_clock(definition: Definition, then: Moment) -> Row | None:
    runs = [clock for clock in then.clocks if (rule := definition.clock_by_key.get(clock["key"])) and rule.main]
    return max(runs, key=lambda clock: (clock["cycle"], clock["run"]), default=None)


def _owed_by_another(then: Moment) -> Row | None:
    """The clock of another body that runs while the sponsor has the case."""
    sponsor = then.row["supervisor_id"]
    if then.row["holder_id"] != sponsor:
        return None
    return next((clock for clock in then.clocks if clock["status"] == "armed" and clock["organ_id"] != sponsor), None)


def _handler(store: Store, row: Row, seq: int) -> int | None:
    holders = (json.loads(event["facts"])["holder"] for event in store.rows(HOLDERS, case_id=row["id"], seq=seq))
    found: int | None = next((one for one in holders if one not in (None, row["supervisor_id"])), row["holder_id"])
    return found


def _ground(definition: Definition, key: str | None) -> Text | None:
    grounds = (ground for transition in definition.transitions for ground in transition.grounds)
    return next((ground.title for ground in grounds if ground.key == key), None)
