"""How long a closed case is kept: the class that its kind names today for its facts and its outcome, as the county has set it.

Whole years count from the close-out as months do (semantics.md §3): the day itself is not counted, the last one counts whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from config.vocabulary import load_vocabulary
from states.definition import Weight
from workflow.configuration.settings import FOR_EVER, RETENTION
from workflow.dates import add_months, is_late
from workflow.deadlines import fits
from workflow.occasion import Occasion


@dataclass(frozen=True, slots=True)
class Retention:
    """A class: its key, its title by language, the basis that the county wrote, and for how many years; None is for ever."""

    key: str
    title: Mapping[str, str]
    basis: str
    years: int | None

    def due_on(self, closed_on: date) -> date | None:
        """The last day on which the case is kept; None for ever."""
        return None if self.years is None else add_months(closed_on, 12 * self.years)

    def is_over(self, closed_on: date, today: date) -> bool:
        """Has its time run out?"""
        due_on = self.due_on(closed_on)
        return due_on is not None and is_late(due_on, today)

    def closed_until(self, today: date) -> date | None:
        """No case that was closed after this day has run out; None where none ever does."""
        return None if self.years is None else add_months(today, -12 * self.years)


def retentions(occasion: Occasion) -> dict[str, Retention]:
    """Every class by its key, as it is in force."""
    told: Mapping[str, Any] = {**load_vocabulary()["retentions"], **occasion.settings.data(RETENTION)}
    return {key: _read(key, one) for key, one in told.items()}


def _read(key: str, told: Mapping[str, Any]) -> Retention:
    return Retention(key, told["title"], told["basis"], None if told["years"] == FOR_EVER else told["years"])


def retention_of(occasion: Occasion, kind: str, data: Mapping[str, Any], ground: str | None) -> Retention | None:
    """The class of a case with these facts that ended on this ground, as the current version of its kind names it.

    None where it names none: the case is kept for ever. Closed cases stay under the version that they ended in, and the rule
    that the county has today holds for all of them.
    """
    definition = occasion.catalogue.of_kind(kind).definition
    found = (weight.retention for weight in definition.weights if _has_weight(weight, data, ground))
    return retentions(occasion).get(next(found, definition.retention))


def _has_weight(weight: Weight, data: Mapping[str, Any], ground: str | None) -> bool:
    return fits(weight.when, data) and (not weight.grounds or ground in weight.grounds)


def shortest_of(occasion: Occasion, kind: str) -> Retention | None:
    """The class of a kind that runs out first; None where none ever does."""
    definition, known = occasion.catalogue.of_kind(kind).definition, retentions(occasion)
    named = (known.get(key) for key in (definition.retention, *(weight.retention for weight in definition.weights)))
    ending = [one for one in named if one is not None and one.years is not None]
    return min(ending, key=lambda one: one.years or 0, default=None)
