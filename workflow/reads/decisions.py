"""What a body decides on a case together: how each vote stands, who said what, and which votes wait for the reader."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, not_, select

from states.definition import Definition, Text, Transition
from states.forms import transition_fields
from workflow import deciding
from workflow.casefile import CaseFile
from workflow.desk import Desk
from workflow.minutes import hears_votes
from workflow.models import Resolution
from workflow.occasion import Occasion
from workflow.permissions import CASES, visible
from workflow.reads.facts import Fact, answers_of
from workflow.reads.names import names_of
from workflow.reads.rows import LedgerRow, rows_of
from workflow.reads.seen import SeenCase, see
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

_resolution = table_of(Resolution)
OF_CASE = Prepared(select(_resolution).where(_resolution.c.case_id == bindparam("case_id")).order_by(_resolution.c.id.desc()))
MOST = 500


@dataclass(frozen=True, slots=True)
class BallotView:
    """A member's word; `recorder` is who wrote it down from the minutes, "" where he said it himself."""

    name: str
    choice: str
    reason: str
    cast_at: datetime
    recorder: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A step that was put to the vote, with its answers, by whom and when; and how the vote stands or ended.

    `outcome` is open, carried, failed or stale while it goes on, and used, withdrawn or void afterwards. `ballots` are for the
    bodies that vote and the one that supervises; others are told the numbers. `waiting` are the names of who has not voted and
    `members` who may still be recorded, by id.
    """

    trigger: str
    title: Text
    outcome: str
    asked_by: str
    asked_at: datetime
    answers: tuple[Fact, ...]
    given: Mapping[str, object]
    entitled: int | None
    quorum: int | None
    favour: int | None
    voted: int
    agreed: int
    ballots: tuple[BallotView, ...]
    recused: tuple[str, ...]
    members: tuple[tuple[int, str], ...]
    met_on: date | None
    minutes: str
    may_vote: bool
    may_withdraw: bool


def decisions_of(seen: SeenCase) -> tuple[DecisionView, ...]:
    """Every vote on the case, the newest first; nothing for a past holder, and no statement for kinds that know none."""
    if not seen.served.definition.deciding or not seen.is_whole:
        return ()
    desk, file = seen.desk(), seen.file()
    return tuple(_view(seen, desk, file, row) for row in seen.store.rows(OF_CASE, case_id=seen.id))


def tell_decisions(seen: SeenCase) -> list[dict[str, Any]]:
    """The same as plain members, for a program: the answers under `data`, members by id and name."""
    return [_told(one) for one in decisions_of(seen)]


def _told(one: DecisionView) -> dict[str, Any]:
    left_out = ("title", "answers", "given", "ballots", "members")
    plain = {item.name: getattr(one, item.name) for item in fields(one) if item.name not in left_out}
    members = [{"person_id": person_id, "name": name} for person_id, name in one.members]
    return {**plain, "data": one.given, "ballots": [asdict(ballot) for ballot in one.ballots], "members": members}


def _view(seen: SeenCase, desk: Desk, file: CaseFile, row: Row) -> DecisionView:
    ballots = seen.store.rows(deciding.BALLOTS, resolution_id=row["id"])
    transition, answers = _transition(seen.served.definition, file, row), json.loads(row["answers"])
    standing = deciding.tally(desk, file, transition, row) if row["ended_at"] is None and transition else None
    here = seen.actor.sees_all or hears_votes(seen.served.definition, seen.sight.relations)
    to_vote = standing.entitled - standing.cast.keys() if standing else frozenset[int]()
    recused = standing.recused if standing and here else {}
    people = {row["asked_by"], *to_vote, *recused, *(one[who] for one in ballots for who in ("person_id", "recorded_by"))}
    names = names_of(seen.store, people - {None})
    outcome = _outcome(file, transition, row, standing)
    questions = transition_fields(transition) if transition else ()
    return DecisionView(
        trigger=row["trigger"],
        title=transition.title if transition else Text(row["trigger"]),
        outcome=outcome,
        asked_by=names.get(row["asked_by"], ""),
        asked_at=row["asked_at"],
        answers=answers_of(questions, {k: v for k, v in answers.items() if k != "ground"}, seen.occasion.tree, frozenset()),
        given=answers,
        entitled=len(standing.entitled) if standing else row["entitled"],
        quorum=standing.quorum if standing else None,
        favour=standing.favour if standing else None,
        voted=sum(one["choice"] != deciding.RECUSE for one in ballots),
        agreed=sum(one["choice"] == deciding.AGREE for one in ballots),
        ballots=tuple(_ballot(one, names) for one in ballots) if here else (),
        recused=tuple(names[person] for person in sorted(recused) if person in names),
        members=tuple((person, names[person]) for person in sorted(to_vote)) if here else (),
        met_on=row["met_on"],
        minutes=row["minutes"] if here else "",
        may_vote=outcome in ("open", "carried") and seen.actor.person_id in to_vote,
        may_withdraw=row["ended_at"] is None and row["asked_by"] == seen.actor.person_id,
    )


def _transition(definition: Definition, file: CaseFile, row: Row) -> Transition | None:
    """The step from where the case stands; of a vote that has ended, as the version now says it."""
    here = definition.transition_by_edge.get((file.state, row["trigger"]))
    found = here or next((one for one in definition.transitions if one.trigger == row["trigger"]), None)
    return found if found and found.decision else None


def _outcome(file: CaseFile, transition: Transition | None, row: Row, standing: deciding.Tally | None) -> str:
    if standing is None or transition is None:
        return str(row["outcome"]) or "stale"
    if not deciding.is_current(file, transition, row):
        return "stale"
    return "carried" if standing.carried else "failed" if standing.failed else "open"


def _ballot(row: Row, names: Mapping[int, str]) -> BallotView:
    told = {name: row[name] for name in ("choice", "reason", "cast_at")}
    recorder = names.get(row["recorded_by"], "") if row["recorded_by"] is not None else ""
    return BallotView(name=names.get(row["person_id"], ""), recorder=recorder, **told)


# ---- what waits -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """A vote that waits for the reader's word."""

    row: LedgerRow
    decision: DecisionView


def votes_waiting(store: Store, occasion: Occasion, actor: Actor) -> tuple[Waiting, ...]:
    """The votes that the actor has to cast, the oldest first; no statement where no kind knows any."""
    if not any(served.definition.deciding for served in occasion.catalogue.by_id.values()):
        return ()
    where = (visible(actor, occasion.catalogue), not_(CASES.c.final), _resolution.c.ended_at.is_(None))
    asked = select(CASES).join(_resolution, _resolution.c.case_id == CASES.c.id).where(*where)
    stored = store.select(asked.order_by(_resolution.c.asked_at, _resolution.c.id).limit(MOST))
    return tuple(_waiting(store, occasion, actor, {row["id"]: row for row in stored}.values()))


def _waiting(store: Store, occasion: Occasion, actor: Actor, stored: Iterable[Row]) -> Iterable[Waiting]:
    for row in stored:
        mine = [one for one in decisions_of(see(store, occasion, actor, row["id"])) if one.may_vote and one.outcome == "open"]
        if mine:
            (shown,) = rows_of(store, occasion, actor, [row])
            yield from (Waiting(shown, one) for one in mine)
