"""One step on many ticked cases: each its own result, told with the number and title of what the reader may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from states.errors import DomainError, TransitionRefused
from web.current import actor, now, office
from web.errors import Problem, problem_of
from web.ledger.questions import DIGITS_AT_MOST
from workflow.reads.rows import LedgerRow
from workflow.reads.several import rows_by_id

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one case. `words` are its number and title, "" where the reader sees no such case."""

    words: str
    href: str
    done: bool
    said: str


@dataclass(frozen=True, slots=True)
class Bulk:
    """The results in the order of the ticks."""

    lines: tuple[Line, ...]

    @property
    def done(self) -> int:
        """How many went through."""
        return sum(line.done for line in self.lines)

    @property
    def refused(self) -> tuple[Line, ...]:
        """Those that did not."""
        return tuple(line for line in self.lines if not line.done)


def ticked(name: str = "case") -> list[int]:
    """The ids of the ticked cases, each once, as far as a database can count and one request may go."""
    told = [text for text in request.form.getlist(name) if text.isdecimal() and len(text) <= DIGITS_AT_MOST]
    return list(dict.fromkeys(map(int, told)))[:MOST_AT_ONCE]


def run_bulk(
    trigger: str,
    data: Mapping[str, Any],
    *,
    fits: Callable[[LedgerRow], bool] | None = None,
    unfit: str = "",
    name: str = "case",
) -> Bulk:
    """Fires on each case posted under `name` that `fits`; of the others it is said that they are `unfit`, a name of WHY."""
    ids, key = ticked(name), request.form.get("key") or None
    before = _rows(ids)
    wanted = [case_id for case_id in ids if not (fits and case_id in before) or fits(before[case_id])]
    results: dict[int, Any] = dict(office().engine.fire_many(wanted, trigger, actor=actor(), now=now(), data=data, key=key))
    refusal = TransitionRefused(trigger=trigger, why=[{"name": unfit}])
    # Afterwards the reader may see less; what he has ticked is answered by the number that he saw.
    return Bulk(tuple(_line(before.get(case_id), results.get(case_id, refusal)) for case_id in ids))


def _rows(ids: list[int]) -> dict[int, LedgerRow]:
    return office().engine.read(now(), lambda store, occasion: rows_by_id(store, occasion, actor(), ids))


def _line(row: LedgerRow | None, told: Any) -> Line:
    refusal = problem_of(told) if isinstance(told, DomainError) else None
    said = why_of(refusal) if refusal else str(gettext("办理成功"))
    if row is None:
        return Line("", "", refusal is None, said)
    return Line(f"{row.number} {row.title}", url_for("cases.case_page", case_id=row.id), refusal is None, said)


def why_of(problem: Problem) -> str:
    """A refusal on one line."""
    faults = [sentence for said in (problem.fields or {}).values() for sentence in said]
    told = str(gettext("；")).join([*problem.reasons, *faults])
    return str(gettext("：")).join([problem.title, told] if told else [problem.title])
