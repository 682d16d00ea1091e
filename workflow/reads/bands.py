"""Bands of the ledger and of the inbox, and the badge of a clock. They follow from the definition, never from a kind's name.

*To sign*: a state whose one next step is signing. *Waiting for check*: a state in which a main clock stands, because the work
is reported and somebody else must look at it. *Late* is the mark that the sweep sets, so that lists and counts agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
PROMISES = ("kept", "missed")
DAY = CASES.c.due_on.type


@dataclass(frozen=True, slots=True)
class Standing:
    """The columns that say how a case stands: its own, which is NOW, or those of a past day (reads/stood.py)."""

    state: ColumnElement[Any]
    holder_id: ColumnElement[Any]
    subject_id: ColumnElement[Any]
    overdue_since: ColumnElement[Any]
    final: ColumnElement[bool]
    township_id: ColumnElement[Any]
    village_id: ColumnElement[Any]
    due_on: ColumnElement[Any]
    colour: ColumnElement[Any]
    ended_on: Callable[[Sequence[str]], ColumnElement[bool]]  # was it closed on one of these grounds?

    @property
    def open(self) -> ColumnElement[bool]:
        """It is not closed."""
        return not_(self.final)

    @property
    def late(self) -> ColumnElement[bool]:
        """It is open and the sweep has marked it."""
        return and_(self.open, self.overdue_since.is_not(None))


NOW = Standing(
    *(CASES.c.state, CASES.c.holder_id, CASES.c.subject_id, CASES.c.overdue_since, CASES.c.final),
    *(CASES.c.subject_township_id, CASES.c.subject_village_id, CASES.c.due_on, CASES.c.colour),
    CASES.c.ground.in_,
)


def signing_states(definition: Definition) -> frozenset[str]:
    """The states in which the next step is to sign for the case."""
    return frozenset(s for t in definition.transitions if t.main and t.trigger == SIGNING for s in t.sources)


def checking_states(definition: Definition) -> frozenset[str]:
    """The states in which the work is reported and waits for somebody else's check."""
    return frozenset(state for clock in definition.clocks if clock.main for state in clock.stands_in)


# ---- as conditions; the days are bound as `today`, `soon` and `late_*` (see `days`) ---------------------------------------


def in_band(band: str, catalogue: Catalogue, at: Standing = NOW) -> ColumnElement[bool]:
    """The WHERE of a band."""
    if band == "all":
        return true()
    if band in ("open", "closed"):
        return at.open if band == "open" else at.final
    if band == "late":
        return at.late
    if band == "soon":
        return _soon(at)
    signing, checking = (in_states(catalogue, states, at.state) for states in (signing_states, checking_states))
    if band == "doing":
        return and_(at.open, not_(signing), not_(checking))
    return and_(at.open, signing if band == "to_sign" else checking)


def _soon(at: Standing) -> ColumnElement[bool]:
    """Open, not late, and due within the next days."""
    return and_(at.open, at.overdue_since.is_(None), at.due_on <= bindparam("soon", type_=DAY))


def in_states(
    catalogue: Catalogue, states: Callable[[Definition], frozenset[str]], state: ColumnElement[Any] = CASES.c.state
) -> ColumnElement[bool]:
    """The cases whose own version puts their state among `states`; versions that agree share one condition."""
    versions: dict[tuple[str, ...], list[int]] = {}
    for version_id, served in catalogue.by_id.items():
        found = tuple(sorted(states(served.definition)))
        if found:
            versions.setdefault(found, []).append(version_id)
    version = CASES.c.definition_version_id
    kept = [and_(version.in_(sorted(ids)), state.in_(found)) for found, ids in sorted(versions.items())]
    return or_(false(), *kept)


def late_by(bucket: str, at: Standing = NOW) -> ColumnElement[bool]:
    """The WHERE of a bucket of lateness (a key of LATE_BUCKETS)."""
    first, last = LATE_BUCKETS[bucket]
    since = [at.overdue_since <= bindparam(f"late_{first}", type_=DAY)]
    if last is not None:
        since.append(at.overdue_since > bindparam(f"late_{last + 1}", type_=DAY))
    return and_(at.late, *since)


def promised(whether: str, catalogue: Catalogue, at: Standing = NOW) -> ColumnElement[bool]:
    """The WHERE of a promise (one of PROMISES): was the work reported by the date that was first set, whatever came since?

    practice.md §9.1 G7. Kept or missed is what was closed on a ground that counts; missed is also what is open past its date
    and not reported by it. What waits for its check says nothing yet, nor does what never had a date.
    """
    is_counted = closed_out(catalogue, at)
    in_time = CASES.c.reported_on <= CASES.c.promised_on
    if whether == "kept":
        return and_(is_counted, in_time)
    is_past = and_(at.open, CASES.c.promised_on < bindparam("today", type_=DAY))
    after = or_(CASES.c.reported_on > CASES.c.promised_on, and_(is_past, CASES.c.reported_on.is_(None)))
    return and_(CASES.c.promised_on.is_not(None), after, or_(is_counted, is_past))


def closed_out(catalogue: Catalogue, at: Standing = NOW) -> ColumnElement[bool]:
    """The WHERE of what was closed on a ground that counts."""
    return and_(at.final, at.ended_on(counted_grounds(catalogue)))


def counted_grounds(catalogue: Catalogue) -> list[str]:
    """The grounds of closing that count in the rates, of every version."""
    return sorted({ground for served in catalogue.by_id.values() for ground in served.definition.counted_grounds})


def days(today: date) -> dict[str, date]:
    """What the conditions of this module bind: a case late for n days was late first on `late_n`."""
    found = {f"late_{n}": today - timedelta(n - 1) for n in (1, 11, 31)}
    return {"today": today, "soon": today + timedelta(SOON_DAYS), **found}


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
