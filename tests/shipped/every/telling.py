"""Stories: one case walked day by day, with the refusals that its people meet on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Self

import pytest

from states.definition import Definition, Transition
from states.errors import DomainError, InvalidForm
from tests.factories import at
from tests.shipped.every.counting import (
    ToldCounty,
    extension_name,
    missing_answers,
    reasons_of,
    refusal_name,
    wrong_answers,
    wrong_form,
)
from tests.shipped.walking import Walk
from tests.walks.filling import fill
from tests.workflow.looking import fired, rows_of
from workflow.definitions import catalogue
from workflow.imports import begin_run
from workflow.models import Case
from workflow.verbs.adopt import Adoption

OUTSIDER = "han"  # the head of another township's Party committee, who must see nothing
GUEST = "mei"  # sits in the inspection office and holds none of the working posts


def d(text: str) -> date:
    """A day of 2026."""
    return date.fromisoformat(f"2026-{text}")


def _but_items(found: set[str]) -> set[str]:
    """The refusals of a form without those of the items of an agenda that are to be dated."""
    return {one for one in found if not re.fullmatch(r"new_dates/\d+: required", one)}


def morning(text: str) -> datetime:
    """Nine o'clock of a day of 2026."""
    return at(d(text), 9)


def old_row(county: ToldCounty, *, kind: str, state: str, holder: str = "office", **facts: Any) -> Adoption:
    """A row of an old ledger about 东沟村."""
    organs = county.organs
    return Adoption(
        kind=kind,
        title="旧账事项",
        subject_id=organs["donggou_branch"],
        supervisor_id=organs["office"],
        holder_id=organs[holder],
        state=state,
        import_id=0,
        row=1,
        digest="旧",
        data=facts,
    )


class Story(Walk):
    """One case of the county and what its people are refused; every refusal is remembered by name."""

    county: ToldCounty

    @classmethod
    def adopted(cls, county: ToldCounty, *, on: date, parts: tuple[Adoption, ...] = (), **told: Any) -> Self:
        """A case as an old ledger had it, on the office's desk."""
        actor = county.actor("lin", on)
        run = {"digest": "旧", "name": "旧台账.xlsx", "mapping": ""}
        import_id = county.database.write(lambda store: begin_run(store, actor=actor, now=at(on), **run))
        parts = tuple(replace(part, import_id=import_id) for part in parts)
        adoption = replace(old_row(county, **told), import_id=import_id, parent_of=parts)
        return cls(county, county.engine.adopt(adoption, actor=actor, now=at(on)).case_id)

    @property
    def definition(self) -> Definition:
        """The definition that the case follows."""
        return self.county.database.read(catalogue).of_version(self.row["definition_version_id"]).definition

    def _transition(self, trigger: str) -> Transition:
        return self.definition.transition_by_edge[self.row["state"], trigger]

    # ---- refusals -------------------------------------------------------------------------------------------------------

    def refused(self, trigger: str, login: str, on: date, **told: Any) -> set[str]:
        """Presses with a plausible form and what the story says, and gives the reasons why it was refused."""
        return self._refusal(trigger, login, on, lambda: self.press(trigger, login, on, **told))

    def _refusal(self, trigger: str, login: str, on: date, press: Any) -> set[str]:
        before, transition = self.row, self._transition(trigger)
        try:
            press()
        except DomainError as refusal:
            actor = self.county.actor(login, on)
            found = reasons_of(refusal, self.county, self.id, actor, transition.who)
        else:
            pytest.fail(f"{login} may {trigger}")
        assert self.row == before
        names = {refusal_name(self.definition, transition, reason) for reason in found}
        self.county.refused |= {(self.definition.key, name) for name in names}
        return found

    def refused_form(self, trigger: str, login: str, on: date, form: Mapping[str, Any]) -> set[str]:
        """Hands in exactly this form, and gives what is wrong with it."""
        return self._refusal(trigger, login, on, lambda: self.county.fire(self.id, trigger, login, at(on, 11), **form))

    def asks(self, trigger: str, login: str, on: date) -> None:
        """An empty form is told every question it leaves open, a wrong one every limit that it breaks.

        Of an agenda each item without its new date is told as well, in the same breath.
        """
        transition = self._transition(trigger)
        missing = {f"{key}: required" for key in missing_answers(transition)}
        if missing:
            empty: dict[str, Any] = {"approval": {}} if transition.approval is not None else {}
            assert _but_items(self.refused_form(trigger, login, on, empty)) == missing
        wrong = {f"{key}: {code}" for key, (_answer, code) in wrong_answers(transition).items()}
        if wrong:
            found = self.refused_form(trigger, login, on, wrong_form(transition, self.county.organs))
            # The bounds that are named count from the day of the story.
            plain = {re.sub(r":[0-9-]+$", "", one) for one in found}
            assert wrong <= plain and _but_items(plain) <= wrong | missing
        if transition.approval is not None:
            own = {"approver": self.county.actor(login, on).name, "on": on.isoformat(), "scan": 1}
            assert self.refused(trigger, login, on, approval=own) == {"approval/approver: is_recorder"}
            nobody = {**own, "approver": "没有这个人"}
            assert self.refused(trigger, login, on, approval=nobody) == {"approval/approver: not_approver"}

    def is_only_for(self, on: date, people: Mapping[str, tuple[str, str]]) -> None:
        """At this stage each button that `people` names is for those named and nobody else.

        It maps a trigger to who may press it and who, of the same rank elsewhere, may not.
        """
        state = self.row["state"]
        for transition in self.definition.triggers_from[state]:
            if transition.trigger not in people:
                continue
            may, elsewhere = people[transition.trigger]
            assert self.refused(transition.trigger, OUTSIDER, on) == {"not_found"}, transition.trigger
            assert self.refused(transition.trigger, GUEST, on) == {"role"}, transition.trigger
            assert self.refused(transition.trigger, elsewhere, on) == {"relation"}, transition.trigger
            self.asks(transition.trigger, may, on)

    def takes_paper(self, trigger: str, login: str, on: date, signed_on: date) -> None:
        """What was signed on paper is entered later, with the scan, for a day since the case came, and not otherwise."""
        county, actor = self.county, self.county.actor(login, on)

        def enter(day: date) -> None:
            county.engine.fire(self.id, trigger, actor=actor, now=at(on, 11), data={}, happened_on=day)

        assert self._refusal(trigger, login, on, lambda: enter(signed_on)) == {"happened_on: needs_scan"}
        self.prove(login, on, "receipt_scan")
        before = date.fromordinal(self.row["state_since"].toordinal() - 1)
        assert self._refusal(trigger, login, on, lambda: enter(before)) == {"happened_on: out_of_stay"}
        enter(signed_on)

    def consents(self, step: str, on: date, *, asker: str, head: str, both: str, to: str = "") -> None:
        """The approval of a step (to a unit) is asked for, taken back, refused, given, taken back again and given here.

        `both` holds the posts of either side.
        """
        asked, unasked = 'not field_is field="consent" value="asked"', 'field_is field="consent" value="asked"'
        for trigger, login in (("agree", head), ("disagree", head), ("withdraw_ask", asker)):
            assert self.refused(trigger, login, on) == {unasked}
        terms = {"consent_for": step} | ({"recipient": to} if to else {})
        terms |= {"hand_over_mode": "transfer"} if step == "transfer" else {}
        self.press("ask_approval", both, on, **terms)
        assert self.refused("ask_approval", asker, on, **terms) == {asked}
        assert self.refused("agree", both, on) == self.refused("disagree", both, on) == {"separation_asked"}
        self.press("withdraw_ask", both, on)
        assert not {"consent", "consent_for"} & set(self._facts())
        self.press("ask_approval", asker, on, **terms)
        self.press("disagree", head, on)
        self.press("ask_approval", asker, on, **terms)
        assert self.refused("take_agreement_back", head, on) == {'field_is field="consent" value="given"'}
        self.press("agree", head, on)
        assert self.refused("take_agreement_back", asker, on) in ({"role"}, {"relation"})
        self.press("take_agreement_back", head, on)
        assert not {"consent", "consent_for"} & set(self._facts())
        self.press("ask_approval", asker, on, **terms)
        self.press("agree", head, on)
        assert (self._facts()["consent"], self._facts()["consent_for"]) == ("given", step)

    def _facts(self) -> dict[str, Any]:
        return dict(json.loads(self.row["data"]))

    # ---- extensions -----------------------------------------------------------------------------------------------------

    def moves_once(self, clock: str, asker: str, decider: str, on: date, wanted_on: date, *, adviser: str = "") -> None:
        """A date is moved once, within its cap, and not after it has passed; where the rule asks for it, after an opinion."""
        far = date(2100, 1, 1)
        rule = self.definition.clock_by_key[clock].extension
        assert rule is not None
        unanswered = {"wanted_on", *(question.key for question in rule.form if question.required)}
        assert self._refused_extension(clock, asker, on, far, data={}) == unanswered
        if rule.proof:
            assert self._refused_extension(clock, asker, on, wanted_on) == {"proof"}
            self.prove(asker, on, rule.proof.label)
        self._ask(clock, asker, on, wanted_on)
        if adviser:
            self.press("advise_extension", adviser, on, extension_opinion="agreed")
        county = self.county
        county.engine.decide_extension(
            self.id, actor=county.actor(decider, on), now=at(on, 12), clock=clock, granted=True, reason="同意"
        )
        assert self.clock(clock)["due_on"] == wanted_on
        assert self._refused_extension(clock, asker, on, far) == {"extended_before"}
        assert self._refused_extension(clock, asker, date.fromordinal(wanted_on.toordinal() + 1), far) == {"asked_too_late"}

    def _ask(self, clock: str, login: str, on: date, wanted_on: date, data: dict[str, Any] | None = None) -> None:
        actor = self.county.actor(login, on)
        rule = self.definition.clock_by_key[clock].extension
        answers = fill(rule.form if rule else (), on, self.county.organs, self.county.people) if data is None else data
        told = {"clock": clock, "wanted_on": wanted_on, "reason": "汛期", "data": answers}
        self.county.engine.ask_extension(self.id, actor=actor, now=at(on), **told)

    def _refused_extension(
        self, clock: str, login: str, on: date, wanted_on: date, data: dict[str, Any] | None = None
    ) -> set[str]:
        with pytest.raises(DomainError) as raised:
            self._ask(clock, login, on, wanted_on, data)
        params = raised.value.params
        fields = params["fields"] if isinstance(raised.value, InvalidForm) else {}
        reasons = set(fields) or {params["why"][0]["name"]}
        for reason in reasons - {"wanted_on"} | {code.partition(":")[0] for code in fields.get("wanted_on", ())}:
            self.county.refused.add((self.definition.key, extension_name(clock, reason)))
        return reasons

    # ---- what came of it ------------------------------------------------------------------------------------------------

    def climbed(self, clock: str) -> list[str]:
        """The rungs of a clock that have fired, in order, without the engine's own mark of lateness."""
        return [rung for rung, outcome in fired(self.county, self.id, clock) if outcome == "fired" and rung != "overdue"]

    def children(self, kind: str) -> list[Story]:
        """The cases of a kind that were opened under this one, the oldest first."""
        return [Story(self.county, row["id"]) for row in rows_of(self.county, Case, kind=kind, parent_id=self.id)]


def of_kind(county: ToldCounty, kind: str) -> list[Story]:
    """Every case of a kind, the oldest first."""
    return [Story(county, row["id"]) for row in rows_of(county, Case, kind=kind)]


def refused_opening(county: ToldCounty, kind: str, login: str, on: date) -> None:
    """Somebody of an office that does not register cases of this kind may not open one."""
    with pytest.raises(DomainError) as raised:
        Story.open(county, kind, on, login)
    assert raised.value.params["why"] == "role"
    county.refused.add((kind, "opening refused: role"))
