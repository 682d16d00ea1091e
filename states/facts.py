"""What a guard may look at: a case as it stands, and what was handed in. Nothing here can be changed or asked further."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Child:
    """A case opened from this one, with its own facts."""

    kind: str
    state: str
    final: bool
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """A case on the agenda of this interview."""

    case_id: int
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """The case before the transition.

    `tally` counts the firings of each trigger in this cycle, `evidence` has one label a file (empty where it has none), `fresh`
    the same of what was added after the work was last sent back (None where it was not), `unfit` the labels under which lie
    files that are not what the label takes, and that count for nothing,
    `waiting` the kinds of undecided requests (extension, pause, approval), `approvals` the triggers whose approval is given,
    `decided` those that a vote has carried for the case as it stands and, where there are answers, for these.
    `clocks` are the clocks that are not settled; `workdays` has, for each date answered, the working days until then,
    and `workday_ahead` tells the first day that is so many ahead.
    `closed_on` is the day on which the case was closed, `today` the day of the transition.
    `answers` is None while nothing was handed in yet: then a guard over answers is not known rather than unmet.
    """

    kind: str
    state: str
    cycle: int = 1
    data: Mapping[str, Any] = field(default_factory=dict)
    tally: Mapping[str, int] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    fresh: tuple[str, ...] | None = None
    unfit: frozenset[str] = frozenset()
    children: tuple[Child, ...] = ()
    waiting: frozenset[str] = frozenset()
    paused: bool = False
    approvals: frozenset[str] = frozenset()
    decided: frozenset[str] = frozenset()
    clocks: frozenset[str] = frozenset()
    workdays: Mapping[str, int] = field(default_factory=dict)
    workday_ahead: Callable[[int], date] | None = None
    recipient_kind: str | None = None
    recipient_level: str | None = None
    answers: Mapping[str, Any] | None = None
    agenda: tuple[AgendaItem, ...] = ()
    closed_on: date | None = None
    today: date | None = None
