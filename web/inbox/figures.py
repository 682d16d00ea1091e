"""The inbox as it stands, and the days ahead: read for its page, and again where a row of it was answered in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import request

from states.definition import Text
from web.current import actor, today
from workflow.occasion import Occasion
from workflow.reads.inbox import Inbox, inbox
from workflow.reads.rows import LedgerRow
from workflow.store import Store

BANDS = ("to_sign", "late", "soon", "to_do")
DAYS_AHEAD = 7
# What stands first of a talk: the facts by these keys, in this order, where its kind has them.
PLACED = ("held_on", "held_time", "place")


@dataclass(frozen=True, slots=True)
class Day:
    """One of the next days with what falls due on it."""

    on: date
    due: Inbox
    is_workday: bool

    @property
    def n(self) -> int:
        """How many rows of the bands, and talks, that is."""
        return sum(len(getattr(self.due, band)) for band in (*BANDS, "asked", "moving", "votes", "interviews"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What lies with one other organ at one stage; `longest` is how many days the first of them has lain there."""

    holder: str
    phrase: Text
    rows: tuple[LedgerRow, ...]

    @property
    def longest(self) -> int:
        """Days."""
        return max((row.days_stayed or 0 for row in self.rows), default=0)


def read_figures(store: Store, occasion: Occasion, on: date | None) -> Mapping[str, Any]:
    """`inbox`, with only what falls due on a day where one is given, the `week` ahead, that day, and what stands beside."""
    found = inbox(store, occasion, actor())
    ahead = [today() + timedelta(n) for n in range(DAYS_AHEAD)]
    week = [Day(day, _due(found, day), occasion.calendar.is_workday(day)) for day in ahead]
    shown = _due(found, on)
    beside = {"waiting": _waiting(shown), "placed": PLACED, "own": actor().organ_ids}
    return {"inbox": shown, "week": week, "on": on, **beside}


def _waiting(found: Inbox) -> list[Waiting]:
    """What others hold, by whom and at which stage, the most first."""
    groups: dict[tuple[str, Text], list[LedgerRow]] = {}
    for row in found.waiting:
        groups.setdefault((row.holder, row.phrase), []).append(row)
    told = [Waiting(holder, phrase, tuple(rows)) for (holder, phrase), rows in groups.items()]
    return sorted(told, key=lambda group: -len(group.rows))


def shown_day() -> date | None:
    """The day to which the page that asks for a part of itself is narrowed."""
    asked = parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query).get("on", [""])
    try:
        return date.fromisoformat(asked[0])
    except ValueError:
        return None


def _due(found: Inbox, on: date | None) -> Inbox:
    """The bands and the talks with only what falls due on a day."""
    if on is None:
        return found
    kept: dict[str, Any] = {band: tuple(row for row in getattr(found, band) if row.due_on == on) for band in BANDS}
    kept["asked"] = tuple(asking for asking in found.asked if asking.row.due_on == on)
    kept["moving"] = tuple(one for one in found.moving if one.decide_by == on)
    kept["votes"] = tuple(one for one in found.votes if one.row.due_on == on)
    kept["interviews"] = tuple(row for row in found.interviews if row.due_on == on)
    return replace(found, **kept)
