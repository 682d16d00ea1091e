"""Bands of the ledger and of the inbox, and the badge of a clock. They follow from the definition, never from a kind's name.

*To sign*: a state whose one next step is signing. *Waiting for check*: a state in which a main clock stands, because the work
is reported and somebody else must look at it. *Late* is the mark that the sweep sets, so that lists and counts agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, not_, or_, true

from states.definition import Definition
from workflow.definitions import Catalogue
from workflow.permissions import CASES

BANDS = ("open", "to_sign", "doing", "soon", "late", "waiting_check", "closed", "all")
SOON_DAYS = 10
SIGNING = "sign_for"  # the office's word for accepting what was handed over (签收)
# Calendar days of lateness: the first and the last day of each bucket.
LATE_BUCKETS: Mapping[str, tuple[int, int | None]] = {"1-10": (1, 10), "11-30": (11, 30), "30+": (31, None)}
DAY = CASES.c.due_on.type

is_open = not_(CASES.c.final)
is_late = and_(is_open, CASES.c.overdue_since.is_not(None))


def signing_states(definition: Definition) -> frozenset[str]:
    """The states in which the next step is to sign for the case."""
    return frozenset(s for t in definition.transitions if t.main and t.trigger == SIGNING for s in t.sources)


def checking_states(definition: Definition) -> frozenset[str]:
    """The states in which the work is reported and waits for somebody else's check."""
    return frozenset(state for clock in definition.clocks if clock.main for state in clock.stands_in)


# ---- as conditions; the days are bound as `today`, `soon` and `late_*` (see `days`) ---------------------------------------


def in_band(band: str, catalogue: Catalogue) -> ColumnElement[bool]:
    """The WHERE of a band."""
    if band == "all":
        return true()
    if band in ("open", "closed"):
        return is_open if band == "open" else CASES.c.final
    if band == "late":
        return is_late
    if band == "soon":
        return and_(is_open, CASES.c.overdue_since.is_(None), CASES.c.due_on <= bindparam("soon", type_=DAY))
    signing, checking = _in_states(catalogue, signing_states), _in_states(catalogue, checking_states)
    if band == "doing":
        return and_(is_open, not_(signing), not_(checking))
    return and_(is_open, signing if band == "to_sign" else checking)


def _in_states(catalogue: Catalogue, states: Callable[[Definition], frozenset[str]]) -> ColumnElement[bool]:
    """The cases whose own version puts their state among `states`; versions that agree share one condition."""
    versions: dict[tuple[str, ...], list[int]] = {}
    for version_id, served in catalogue.by_id.items():
        found = tuple(sorted(states(served.definition)))
        if found:
            versions.setdefault(found, []).append(version_id)
    return or_(false(), *[_versions_in(ids, found) for found, ids in sorted(versions.items())])


def _versions_in(ids: list[int], states: tuple[str, ...]) -> ColumnElement[bool]:
    return and_(CASES.c.definition_version_id.in_(sorted(ids)), CASES.c.state.in_(states))


def late_by(bucket: str) -> ColumnElement[bool]:
    """The WHERE of a bucket of lateness (a key of LATE_BUCKETS)."""
    first, last = LATE_BUCKETS[bucket]
    since = [CASES.c.overdue_since <= bindparam(f"late_{first}", type_=DAY)]
    if last is not None:
        since.append(CASES.c.overdue_since > bindparam(f"late_{last + 1}", type_=DAY))
    return and_(is_late, *since)


def days(today: date) -> dict[str, date]:
    """What the conditions of this module bind: a case late for n days was late first on `late_n`."""
    found = {f"late_{n}": today - timedelta(n - 1) for n in (1, 11, 31)}
    return {"soon": today + timedelta(SOON_DAYS), **found}


# ---- for a row at hand ----------------------------------------------------------------------------------------------------


def badge(row: Mapping[str, Any], today: date) -> str:
    """closed, paused, late, soon, ok, or open (no date): the shape and the words beside the days."""
    if row["final"]:
        return "closed"
    if row["paused_since"] is not None:
        return "paused"
    if row["overdue_since"] is not None:
        return "late"
    if row["due_on"] is None:
        return "open"
    return "soon" if (row["due_on"] - today).days <= SOON_DAYS else "ok"


def days_left(row: Mapping[str, Any], today: date) -> int | None:
    """Calendar days until the limit ends; negative where it has ended and the sweep has not said so yet."""
    return (row["due_on"] - today).days if row["due_on"] is not None else None


def days_late(row: Mapping[str, Any], today: date) -> int:
    """Calendar days of lateness, counted from the oldest late clock; 0 where nothing is late."""
    return (today - row["overdue_since"]).days + 1 if row["overdue_since"] is not None else 0
