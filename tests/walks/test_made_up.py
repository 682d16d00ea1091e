"""Random walks over definitions made up for them: what the proofs let through, the engine keeps true.

Each example publishes one definition, opens a case of it, and lets random people press random buttons while days pass, sweeps
come, and clocks are stopped and moved. Invariants: history, spells and clocks agree; no clock is armed outside the states it
runs in, and in every open state one runs; a rung puts a case on one interview; an effect that raises leaves no trace; one of
two with the same version wins; an undone step is undone whole; the outsider sees and hears nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.definition import Definition, Transition
from states.errors import CaseNotFound, DomainError, NotPermitted, StaleCase, TransitionRefused
from tests.copies import Copies
from tests.factories import County, at, make_county
from tests.walks import FARTHER
from tests.walks.filling import answers_for, fill
from tests.walks.made_up import KIND, documents
from tests.walks.test_walks import require_true
from tests.workflow.looking import case_row, dump, rows_of
from workflow import definitions, occasions
from workflow.casefile import LIVE
from workflow.cases import agenda_of
from workflow.dates import local_day
from workflow.definitions import catalogue
from workflow.engine import Engine
from workflow.former import compare_former
from workflow.models import AgendaItem, Case, Clock, FiredRung, Outbox, Request
from workflow.reads.ledger import every_row
from workflow.reads.query import Query
from workflow.reconcile import reconcile
from workflow.spells import compare_spells
from workflow.types import Actor, Effect, Outcome, Wish

START = date(2026, 3, 2)
OUTSIDER = "han"
# The office, the village, and the bodies that a case may be handed to: none of them is the outsider's.
LOGINS = ("lin", "song", "fang", "zhao", "zhou", "sun", "chen", "xu", "he", "luo", "qian", "ma", "gao")
RECIPIENTS = ("donggou_branch", "liuhe_discipline", "liuhe_party", "bureau")
# What moves with every event, undone or not.
MOVING = ("seq", "head", "version", "changed_at", "told_at")

ACTIONS = (
    *["press"] * 12,
    *["undo"] * 3,
    *["twice"] * 2,
    *["break", "pause", "resume", "ask", "decide"] * 2,
    *["comment", "prove", "amend", "void"],
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS),
        st.integers(0, 40),  # which of the cases, of its buttons, of the recipients
        st.integers(0, len(LOGINS) - 1),
        st.sampled_from([0, 0, 0, 0, 1, 6, 30]),
        st.booleans(),  # does the sweep run first
    ),
    min_size=8,
    max_size=30,
)


class Broken(Exception):
    """What an effect of these walks raises."""


def broken(effect: Effect) -> Effect:
    """The effect with everything it wishes for, and then its failure."""

    def fail(change: Any, **params: Any) -> Iterator[Wish]:
        yield from effect(change, **params)
        raise Broken

    return fail


class MadeUp:
    """A county that serves one made-up kind, and the hour of the walk."""

    def __init__(self, county: County, document: Mapping[str, Any]) -> None:
        self.county, self.now = county, at(START)
        effects = {name: broken(effect) for name, effect in county.engine.effects.items()}
        self.breaking = Engine(county.database, effects=effects, rungs=county.engine.rungs)
        county.database.write(lambda store: definitions.publish(store, document, source="", now=self.now))
        county.database.write(lambda store: occasions.moved(store, "definitions"))
        self.people: dict[str, Actor] = {login: county.actor(login) for login in (*LOGINS, OUTSIDER)}
        self.definition = self.definition_of(county.database.read(catalogue).of_kind(KIND).version_id)

    def definition_of(self, version_id: int) -> Definition:
        """The definition behind a version."""
        return self.county.database.read(catalogue).of_version(version_id).definition

    def open(self, subject: str) -> int:
        """A case, with the facts that may be written at once on half of them."""
        organs, people = self.county.organs, self.county.people
        facts = fill(self.definition.fields, START, organs, people) if subject == "donggou_branch" else {}
        facts.pop("agreed_on", None)
        return self.county.engine.open(
            KIND, actor=self.people["lin"], now=self.now, title="生成的一件", subject_id=organs[subject], data=facts
        ).case_id

    def sweep(self) -> None:
        """The sweep of this hour; nothing is left behind, and history tells what the clock table says."""
        swept = self.county.engine.tick(self.now)
        assert swept.postponed == []
        assert self.county.engine.count_due(self.now) == 0
        assert self.county.engine.read(self.now, reconcile) == ()

    # ---- what somebody does ---------------------------------------------------------------------------------------------

    def step(self, action: str, number: int, who: int, days: int, is_swept: bool) -> None:
        """One step of the walk; a refusal is as good an answer as any."""
        self.now = at(local_day(self.now) + timedelta(days)) if days else self.now + timedelta(minutes=1)
        if is_swept:
            self.sweep()
        row = self.row(number)
        logins = (*LOGINS[who:], *LOGINS[:who])
        if action in ("press", "twice", "break"):
            self.press(action, row, number, logins)
        else:
            self.by_anybody(logins, lambda actor: getattr(self, action)(row, actor))

    def row(self, number: int) -> dict[str, Any]:
        """One of the cases; those that were made up come up oftener than those that they opened."""
        rows = rows_of(self.county, Case)
        ours = [row for row in rows if row["kind"] == KIND]
        return (ours if number % 3 else rows)[number % len(ours if number % 3 else rows)]

    def press(self, action: str, row: dict[str, Any], number: int, logins: tuple[str, ...]) -> None:
        """One of the buttons of the case."""
        transitions = self.definition_of(row["definition_version_id"]).triggers_from[row["state"]]
        if transitions:
            transition = transitions[number % len(transitions)]
            data = self.answers(row, transition, number)
            act = {"press": self.fire, "twice": self.fire_twice, "break": self.fire_and_break}[action]
            self.by_anybody(logins, lambda actor: act(row, transition, data, actor))

    def answers(self, row: dict[str, Any], transition: Transition, number: int) -> dict[str, Any]:
        """The whole form; the recipient is another one each time."""
        agenda = [i.case_id for i in self.county.database.read(lambda store: agenda_of(store, row["id"])) if not i.is_closed]
        organs, definition = self.county.organs, self.definition_of(row["definition_version_id"])
        data = answers_for(definition, transition, local_day(self.now), organs, self.county.people, agenda)
        if row["kind"] == KIND and "recipient" in data:
            data["recipient"] = organs[RECIPIENTS[number % len(RECIPIENTS)]]
        return data

    def by_anybody(self, logins: tuple[str, ...], act: Callable[[Actor], object]) -> None:
        """The first who may does it."""
        for login in logins:
            try:
                act(self.people[login])
            except (NotPermitted, CaseNotFound):
                continue
            except DomainError:
                return
            return

    def fire(self, row: dict[str, Any], transition: Transition, data: dict[str, Any], actor: Actor) -> Outcome:
        """The transition, with the version that was read."""
        told = {"actor": actor, "now": self.now, "data": data, "expected_version": row["version"]}
        return self.county.engine.fire(row["id"], transition.trigger, **told)

    def fire_twice(self, row: dict[str, Any], transition: Transition, data: dict[str, Any], actor: Actor) -> None:
        """Two with the same version: the second never gets through, and leaves the case as the first made it."""
        self.fire(row, transition, data, actor)
        after = case_row(self.county, row["id"])
        with pytest.raises((StaleCase, TransitionRefused, NotPermitted, CaseNotFound)):
            self.fire(row, transition, data, actor)
        assert case_row(self.county, row["id"]) == after

    def fire_and_break(self, row: dict[str, Any], transition: Transition, data: dict[str, Any], actor: Actor) -> None:
        """An effect raises: the database is the same as before. Without effects the step simply happens."""
        before = dump(self.county)
        try:
            self.breaking.fire(row["id"], transition.trigger, actor=actor, now=self.now, data=data)
        except Broken:
            assert dump(self.county) == before

    def undo(self, row: dict[str, Any], actor: Actor) -> None:
        """A step that can be undone is: the case and its clocks are what they were."""
        transitions = self.definition_of(row["definition_version_id"]).triggers_from[row["state"]]
        if not transitions:
            return
        transition = transitions[row["seq"] % len(transitions)]
        before, clocks = case_row(self.county, row["id"]), self.live_clocks(row["id"])
        self.fire(row, transition, self.answers(row, transition, row["seq"]), actor)
        self.county.engine.undo(row["id"], actor=actor, now=self.now)
        after = case_row(self.county, row["id"])
        assert {k: v for k, v in after.items() if k not in MOVING} == {k: v for k, v in before.items() if k not in MOVING}
        assert self.live_clocks(row["id"]) == clocks

    def live_clocks(self, case_id: int) -> list[dict[str, Any]]:
        """The clocks of a case that are not over."""
        return [clock for clock in rows_of(self.county, Clock, case_id=case_id) if clock["status"] in LIVE]

    def pause(self, row: dict[str, Any], actor: Actor) -> None:
        """Stops the clocks for a week."""
        told = {"reason": "汛期", "approver": "赵国华", "max_days": 5}
        self.county.engine.pause(row["id"], actor=actor, now=self.now, **told)

    def resume(self, row: dict[str, Any], actor: Actor) -> None:
        """Lets them go on."""
        self.county.engine.resume(row["id"], actor=actor, now=self.now, reason="汛期已过")

    def comment(self, row: dict[str, Any], actor: Actor) -> None:
        """A remark."""
        self.county.engine.comment(row["id"], actor=actor, now=self.now, text="电话催过", mentions=[self.county.people["zhou"]])

    def prove(self, row: dict[str, Any], actor: Actor) -> None:
        """A piece of evidence."""
        file_id = self.county.keep_file(f"佐证{row['id']}-{row['seq']}", actor.login)
        self.county.engine.add_evidence(row["id"], actor=actor, now=self.now, file_id=file_id)

    def ask(self, row: dict[str, Any], actor: Actor) -> None:
        """A later date for the first clock that may have one."""
        rules = self.definition_of(row["definition_version_id"]).clock_by_key
        clocks = [c for c in self.live_clocks(row["id"]) if c["due_on"] is not None and rules[c["key"]].extension]
        for clock in clocks[:1]:
            told = {"clock": clock["key"], "wanted_on": clock["due_on"] + timedelta(1), "reason": "雨季"}
            self.county.engine.ask_extension(row["id"], actor=actor, now=self.now, **told)

    def decide(self, row: dict[str, Any], actor: Actor) -> None:
        """The answer to whatever was asked."""
        for asked in rows_of(self.county, Request, case_id=row["id"], decided_at=None)[:1]:
            told = {"clock": asked["clock"], "granted": row["seq"] % 3 > 0, "reason": "同意"}
            self.county.engine.decide_extension(row["id"], actor=actor, now=self.now, **told)

    def amend(self, row: dict[str, Any], actor: Actor) -> None:
        """Another fact."""
        data = {"flagged": row["seq"] % 2 == 0} if row["kind"] == KIND else {}
        self.county.engine.amend(row["id"], actor=actor, now=self.now, data=data, reason="补充", version=row["version"])

    def void(self, row: dict[str, Any], actor: Actor) -> None:
        """A wrongly registered case; seldom, because it ends the walk of this case."""
        if row["kind"] == KIND and row["seq"] % 5 == 0:
            self.county.engine.void(row["id"], actor=actor, now=self.now, reason="重复登记", approver="高建国")


# ---- what stays true ----------------------------------------------------------------------------------------------------


def require_clocks(walk: MadeUp) -> None:
    """What the proof promises of a definition holds of its cases: in every open state a clock runs, or is paused."""
    for case in rows_of(walk.county, Case, kind=KIND):
        assert (case["paused_since"] is not None) == any(c["status"] == "paused" for c in walk.live_clocks(case["id"]))
        if not case["final"]:
            running = [c for c in walk.live_clocks(case["id"]) if c["status"] != "standing"]
            runs_in = {c["key"]: walk.definition.clock_by_key[c["key"]].runs_in for c in running}
            assert any(case["state"] in states for states in runs_in.values()), (case["state"], list(runs_in))
            outside = [c["key"] for c in running if c["status"] == "armed" and case["state"] not in runs_in[c["key"]]]
            assert outside == [], case["state"]


def require_one_interview(walk: MadeUp) -> None:
    """A rung that asks for a talk acts once, and puts its case on one agenda."""
    key = ("case_id", "clock", "cycle", "run", "tier", "rung")
    talks = [tuple(row[name] for name in key) for row in rows_of(walk.county, FiredRung, rung="talk")]
    agenda = [tuple(row[name] for name in key) for row in rows_of(walk.county, AgendaItem)]
    assert len(talks) == len(set(talks))
    assert len(agenda) == len(set(agenda))


def require_outsider_blind(walk: MadeUp) -> None:
    """Another township's head finds no case, and no message was ever written to him."""
    outsider = walk.people[OUTSIDER]
    everything = Query(band="all")
    assert walk.county.engine.read(walk.now, lambda s, o: list(every_row(s, o, outsider, everything))) == []
    for case in rows_of(walk.county, Case):
        with pytest.raises(CaseNotFound):
            walk.county.engine.comment(case["id"], actor=outsider, now=walk.now, text="看看")
    assert rows_of(walk.county, Outbox, person_id=outsider.person_id) == []


@pytest.mark.usefixtures("database_engine")
@settings(max_examples=30 * FARTHER)
@given(document=documents(), steps=STEPS)
def test_whatever_definition_the_proofs_let_through_the_ledger_stays_true(
    copies: Copies, document: dict[str, Any], steps: list[tuple[str, int, int, int, bool]]
) -> None:
    walk = MadeUp(copies.of(make_county), document)
    try:
        walk.open("donggou_branch")
        walk.open("liuhe_party")
        for step in steps:
            walk.step(*step)
            require_clocks(walk)
        walk.now += timedelta(1)
        walk.sweep()
        require_true(walk.county)
        require_clocks(walk)
        assert walk.county.database.read(compare_spells) == []
        told = walk.county.engine.read(walk.now, lambda store, occasion: compare_former(store, occasion.catalogue))
        assert told == []
        require_one_interview(walk)
        require_outsider_blind(walk)
    finally:
        walk.county.database.close()
