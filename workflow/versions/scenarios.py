"""Scenarios of a definition, lived through day by day by the real engine in a county made for it.

A scenario says what is done when, in choices and dates; who does it and all other answers are found: the first person who may,
and the first plausible answer. What comes out is compared with what is expected, and told whole, so that it can be put right.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

from sqlalchemy import func, select

from states.definition import Definition, Field, Scenario, ScenarioStep, Text, Transition
from states.errors import DomainError
from states.formats import FORMATS
from states.forms import opening_fields, transition_fields
from states.schema import load
from workflow.casefile import CaseFile
from workflow.cases import BY_ID, agenda_of, parties_of, worked_on
from workflow.dates import local_day, local_time
from workflow.models import Clock, FiredRung, StoredFile
from workflow.people.actors import actor_of
from workflow.permissions import require_may_fire, standings
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor
from workflow.verbs.open import opening_post
from workflow.versions.made_county import MadeCounty, Office, made_county
from workflow.versions.voting import voted

ACTED = ("fired", "on_agenda")
STEP_HOUR = 10  # of the day, after the rungs of the morning
MOST_SWEEPS = 20_000
# All scenarios of a definition together live no longer than this: a page waits for them.
MOST_SECONDS = 120.0
MOST_KEPT = 1_000

_clock, _fired = table_of(Clock), table_of(FiredRung)
NEXT_AT = Prepared(select(func.min(_clock.c.next_at, type_=_clock.c.next_at.type).label("at")))


@dataclass(frozen=True, slots=True)
class Difference:
    """What came out otherwise: `what` is opening, step, step_allowed, state, due, rung, too_long; `params` say where, how."""

    what: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a scenario. Without differences it came out as it says."""

    title: Text
    differences: tuple[Difference, ...]
    state: str = ""
    due: Mapping[str, date | None] = field(default_factory=dict)
    rungs: tuple[tuple[str, str, date], ...] = ()


def run(document: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]], office: Office) -> tuple[Told, ...]:
    """Every scenario of a proven document, in a county each; `others` are the definitions of the other kinds."""
    definition = load(document)
    every = {**{kind: told for kind, told in others.items() if kind != definition.key}, definition.key: document}
    found, end = [], monotonic() + MOST_SECONDS
    for key, scenario in zip(_keys(document, others, office), definition.scenarios, strict=True):
        told = KEPT.get(key)
        if told is None or _is_too_long(told):
            told = _lived(every, definition, scenario, office, end)
            _keep(key, told)
        found.append(replace(told, title=scenario.title))
    return tuple(found)


def known(document: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]], office: Office) -> tuple[Told | None, ...]:
    """The same without living through any: what became of each that this process has lived through before, else None."""
    titles = [scenario.title for scenario in load(document).scenarios]
    kept = [KEPT.get(key) for key in _keys(document, others, office)]
    return tuple(told and replace(told, title=title) for title, told in zip(titles, kept, strict=True))


def _lived(every: Mapping[str, Any], definition: Definition, scenario: Scenario, office: Office, end: float) -> Told:
    if monotonic() > end:
        return _too_long(scenario)
    with made_county(office, every) as county:
        try:
            return _Life(county, definition, scenario, end).told()
        except _TooLongError:
            return _too_long(scenario)


# A scenario knows neither the day nor the ledger: with the same rules it comes out the same, so that of a draft under work
# only those are lived through again whose rules or words have changed.
KEPT: OrderedDict[str, Told] = OrderedDict()


def _is_too_long(told: Told) -> bool:
    """One that found no time is tried again."""
    return any(one.what == "too_long" for one in told.differences)


def _keep(key: str, told: Told) -> None:
    KEPT[key] = told
    while len(KEPT) > MOST_KEPT:
        KEPT.popitem(last=False)


def _keys(document: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]], office: Office) -> list[str]:
    """What the outcome of each scenario hangs on, as a digest."""
    rules = {name: part for name, part in document.items() if name != "scenarios"}
    names = [sorted(office.effects), sorted(office.rungs), dict(office.organ_kinds), office.roles, office.calendar.version]
    beside = {kind: told for kind, told in others.items() if kind != document["key"]}
    around = hashlib.sha256(json.dumps([rules, beside, names], sort_keys=True).encode())
    found = []
    for scenario in document.get("scenarios") or ():
        one = around.copy()
        one.update(json.dumps({name: part for name, part in scenario.items() if name != "title"}, sort_keys=True).encode())
        found.append(one.hexdigest())
    return found


def _too_long(scenario: Scenario) -> Told:
    return Told(scenario.title, (Difference("too_long", {"seconds": round(MOST_SECONDS)}),))


class _TooLongError(Exception):
    """The time of all scenarios together is over."""


class _Refused(Exception):
    """Nobody may, or the engine says no."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Life:
    """One scenario in its county."""

    def __init__(self, county: MadeCounty, definition: Definition, scenario: Scenario, end: float) -> None:
        self.county, self.definition, self.scenario, self.end = county, definition, scenario, end
        self.case_id = 0

    def told(self) -> Told:
        """The whole of it."""
        try:
            self._open()
        except _Refused as refusal:
            return Told(self.scenario.title, (Difference("opening", {"why": refusal.why}),))
        different = [difference for index, step in enumerate(self.scenario.steps) for difference in self._step(index, step)]
        self._climb(local_time(self.scenario.until + timedelta(1), 0) - timedelta(seconds=1))
        return self._compared(different)

    # ---- days --------------------------------------------------------------------------------------------------------

    def _climb(self, until: datetime) -> None:
        """Every sweep that finds something to do, at its own hour."""
        for _ in range(MOST_SWEEPS):
            row = self.county.database.read(lambda store: store.row(NEXT_AT))
            if row is None or row["at"] is None or row["at"] > until:
                return
            self._require_time()
            self.county.engine.tick(row["at"])

    def _require_time(self) -> None:
        if monotonic() > self.end:
            raise _TooLongError()

    def _open(self) -> None:
        now = local_time(self.scenario.on, STEP_HOUR)
        kind = self._subject()
        served = self.county.engine.read(now, lambda _store, occasion: occasion.catalogue.of_kind(self.definition.key))
        actor = next((one for one in self._actors(self.scenario.on) if opening_post(one, served)), None)
        if actor is None:
            raise _Refused("nobody_opens")
        facts = self._filled(opening_fields(self.definition), self.scenario.on) | dict(self.scenario.facts)
        try:
            self.case_id = self.county.engine.open(
                self.definition.key, actor=actor, now=now, title="情景", subject_id=self.county.organs[kind], data=facts
            ).case_id
        except DomainError as refusal:
            raise _Refused(_said(refusal)) from refusal

    def _subject(self) -> str:
        """The kind of the unit concerned: where none is named, the lowest that there is."""
        return self.scenario.subject or list(self.county.organs)[-1]

    def _step(self, index: int, step: ScenarioStep) -> Iterator[Difference]:
        self._require_time()
        now = local_time(step.on, STEP_HOUR) + timedelta(minutes=index + 1)
        self._climb(now)
        try:
            self._fire(step, now)
        except _Refused as refusal:
            if not step.refused:
                yield Difference("step", {"index": index, "on": step.on, "do": step.do, "why": refusal.why})
            return
        if step.refused:
            yield Difference("step_allowed", {"index": index, "on": step.on, "do": step.do})

    def _fire(self, step: ScenarioStep, now: datetime) -> None:
        row = self._row()
        transition = self.definition.transition_by_edge.get((row["state"], step.do))
        if transition is None:
            raise _Refused("wrong_state")
        actor = self._who_may(transition, step.on)
        data = self._answers(transition, step, actor, now)
        try:
            for label in transition.evidence.labels if transition.evidence else ():
                self._prove(actor, label, now)
            for _ in range(transition.evidence.at_least if transition.evidence else 0):
                self._prove(actor, "", now)
            with self._decided(transition, step, actor, now, data):
                self.county.engine.fire(self.case_id, step.do, actor=actor, now=now, data=data)
        except DomainError as refusal:
            raise _Refused(_said(refusal)) from refusal

    def _decided(
        self, transition: Transition, step: ScenarioStep, actor: Actor, now: datetime, data: Mapping[str, Any]
    ) -> AbstractContextManager[None]:
        """The time in which the body has said its word, where the step needs one."""
        if transition.decision is None:
            return nullcontext()
        return voted(self.county, self.case_id, transition, step.vote, actor=actor, now=now, data=data)

    # ---- who and what ------------------------------------------------------------------------------------------------

    def _actors(self, on: date) -> Iterator[Actor]:
        for person_id in self.county.people:
            actor = self.county.database.read(partial(actor_of, person_id=person_id, today=on))
            if actor is not None:
                yield actor

    def _row(self) -> Row:
        row = self.county.database.read(lambda store: store.row(BY_ID, id=self.case_id))
        assert row is not None, "it was opened here"
        return row

    def _who_may(self, transition: Transition, on: date) -> Actor:
        """The first who may; of several, one whose own word is the approval."""
        may = [actor for actor in self._actors(on) if self._permits(transition, actor)]
        if not may:
            raise _Refused("nobody_may")
        return next((actor for actor in may if self._approves(transition, actor)), may[0])

    def _permits(self, transition: Transition, actor: Actor) -> bool:
        def asked(store: Store, occasion: Any) -> bool:
            row = store.row(BY_ID, id=self.case_id)
            assert row is not None
            file = CaseFile(row, [], occasion.catalogue.of_version(row["definition_version_id"]))
            found = standings(actor, row, parties_of(store, file))
            require_may_fire(transition, actor, row, found, worked_on(store, file, occasion.catalogue))
            return True

        try:
            return self.county.engine.read(local_time(self.scenario.on, STEP_HOUR), asked)
        except DomainError:
            return False

    def _approves(self, transition: Transition, actor: Actor) -> bool:
        rule = transition.approval
        if rule is None:
            return True
        row = self._row()
        return any(post.role in rule.roles and row.get(f"{rule.relation}_id") == post.organ_id for post in actor.posts)

    def _answers(self, transition: Transition, step: ScenarioStep, actor: Actor, now: datetime) -> dict[str, Any]:
        told = self._filled([q for q in transition_fields(transition) if q.required], step.on)
        for question in transition.form:
            if question.type == "organ" and (step.to or question.required):
                told[question.key] = self.county.organs[step.to or self._organ_kind(question)]
            if question.type == "agenda_dates":
                told[question.key] = self._agenda(step.on)
        if transition.approval is not None and not self._approves(transition, actor):
            paper = {"approver": "情景", "on": step.on.isoformat(), "scan": self._file(actor, now)}
            told["approval"] = {**paper, "paper_number": ""}
        return told | dict(step.answers)

    def _agenda(self, on: date) -> dict[str, str]:
        items = self.county.database.read(lambda store: agenda_of(store, self.case_id))
        return {str(item.case_id): (on + timedelta(14)).isoformat() for item in items if not item.is_closed}

    def _filled(self, fields: Iterable[Field], on: date) -> dict[str, Any]:
        return {one.key: self._plausible(one, on) for one in fields if one.required}

    def _plausible(self, question: Field, on: date) -> Any:
        if question.type == "choice":
            return question.choices[0].key
        if question.type == "choices":
            return [question.choices[0].key]
        if question.type == "organ":
            return self.county.organs[self._organ_kind(question)]
        if question.type == "person":
            return self.county.people[0]
        if question.type == "rows":
            return [self._filled(question.columns, on)]
        if question.type == "date":
            return (on + timedelta(min(question.max_days or 0, 14))).isoformat()
        if question.format:
            return FORMATS[question.format].example
        return {"flag": True, "integer": 1, "money": 1, "time": "9:00"}.get(question.type, "情景")

    def _organ_kind(self, question: Field) -> str:
        kinds = question.kinds or tuple(self.county.organs)
        own = self._subject()
        return own if own in kinds and not question.not_subject else next(kind for kind in kinds if kind != own)

    def _file(self, actor: Actor, now: datetime) -> int:
        def work(store: Store) -> int:
            file_id = store.new_ids(StoredFile, 1)[0]
            row = {"id": file_id, "digest": f"scenario-{file_id}", "name": "情景", "media_type": "image/png", "size": 1}
            store.insert(StoredFile, [{**row, "uploaded_by": actor.person_id, "uploaded_at": now}])
            return file_id

        return self.county.database.write(work)

    def _prove(self, actor: Actor, label: str, now: datetime) -> None:
        file_id = self._file(actor, now)
        self.county.engine.add_evidence(self.case_id, actor=actor, now=now, file_id=file_id, label=label)

    # ---- what came out -----------------------------------------------------------------------------------------------

    def _compared(self, different: list[Difference]) -> Told:
        row = self._row()
        clocks, fired = self.county.database.read(lambda store: _ended(store, self.case_id))
        due = {clock["key"]: clock["due_on"] for clock in clocks}
        rungs = tuple((one["clock"], one["rung"], local_day(one["due_at"])) for one in fired)
        expect = self.scenario.expect
        if row["state"] != expect.state:
            different.append(Difference("state", {"expected": expect.state, "found": row["state"]}))
        for key, on in expect.due.items():
            if due.get(key) != on:
                different.append(Difference("due", {"clock": key, "expected": on, "found": due.get(key)}))
        for rung in expect.rungs:
            if (rung.clock, rung.rung, rung.on) not in rungs:
                days = [on for clock, key, on in rungs if (clock, key) == (rung.clock, rung.rung)]
                told = {"clock": rung.clock, "rung": rung.rung, "expected": rung.on, "found": days[-1] if days else None}
                different.append(Difference("rung", told))
        return Told(self.scenario.title, tuple(different), row["state"], due, rungs)


def _ended(store: Store, case_id: int) -> tuple[list[Row], list[Row]]:
    """The newest run of each clock, and the rungs that acted, in order of time."""
    clocks = store.select(select(_clock).where(_clock.c.case_id == case_id).order_by(_clock.c.cycle, _clock.c.run))
    acted = select(_fired).where(_fired.c.case_id == case_id, _fired.c.outcome.in_(ACTED)).order_by(_fired.c.due_at)
    return list({clock["key"]: clock for clock in clocks}.values()), store.select(acted)


def _said(refusal: DomainError) -> str:
    """The rule that said no, as briefly as it can be named."""
    why = refusal.params.get("fields") or refusal.params.get("why")
    if isinstance(why, list):
        return "、".join(str(one.get("name")) for one in why)
    return "、".join(why) if isinstance(why, Mapping) else str(why or refusal.code)
