"""Cases that are met half-way, from an old ledger or under a new version: which clocks would be alive in their state."""

from __future__ import annotations

from datetime import date

from states.definition import Clock as ClockRule
from states.definition import Definition
from workflow import deadlines
from workflow.casefile import CaseFile


def may_run(rule: ClockRule, file: CaseFile) -> bool:
    """Would this clock have begun on the way to the case's present state, as far as anybody can tell?"""
    definition = file.served.definition
    # What lies before does not tell that an approval is still to follow.
    if file.state not in rule.covers or rule.key in {t.approval.later for t in definition.transitions if t.approval}:
        return False
    return any(_leads_on(definition, start.on) and deadlines.fits(start.when, file.data) for start in rule.starts)


def _leads_on(definition: Definition, trigger: str) -> bool:
    """Nobody tells whether a case was ever sent back, so clocks that only going back begins stay asleep."""
    places = {state.key: place for place, state in enumerate(definition.states)}
    ways = [(source, t.target_from(source)) for t in definition.transitions if t.trigger == trigger for source in t.sources]
    return trigger == "open" or any(places[target] >= places[source] for source, target in ways)


def told_start(rule: ClockRule, file: CaseFile) -> date | None:
    """The day that a date fact gives the clock, if one is filled."""
    told = (file.data.get(start.date_field) for start in rule.starts if start.date_field)
    return next((date.fromisoformat(day) for day in told if day), None)
