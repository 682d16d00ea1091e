"""How the talks stand: at which stage, how many past their date, and whose they are. One answer for all pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from states.definition import Text
from workflow.models.columns import BigId
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.query import Query
from workflow.reads.stood import source_of, standing_of
from workflow.reads.townships import rows_over
from workflow.store import Store
from workflow.types import Actor


@dataclass(frozen=True, slots=True)
class Stage:
    """A state that open talks stand in, and how many do."""

    state: str
    phrase: Text
    n: int


@dataclass(frozen=True, slots=True)
class TalkFigures:
    """The open talks that somebody sees: their stages in the order of the definition, and how many are past their date."""

    stages: tuple[Stage, ...] = ()
    late: int = 0

    @property
    def open(self) -> int:
        """All of them."""
        return sum(stage.n for stage in self.stages)


def talk_kinds(occasion: Occasion) -> tuple[str, ...]:
    """The kinds that are talks."""
    return tuple(kind for kind, served in occasion.catalogue.current.items() if served.definition.interview)


def talk_figures(store: Store, occasion: Occasion, actor: Actor, query: Query | None = None) -> TalkFigures:
    """The figures of a query's filters, whatever its band; of all talks without one. One statement."""
    kinds = talk_kinds(occasion)
    if not kinds:
        return TalkFigures()
    wide = replace(query or Query(kinds=kinds), band="all", states=(), late_for="", ids=None)
    at, source = standing_of(wide.as_of, occasion.catalogue), source_of(wide.as_of)
    n, late = func.count().cast(BigId).label("n"), func.count().filter(at.late).cast(BigId).label("late")

    def of_part(part: ColumnElement[bool]) -> Select[Any]:
        return select(at.state.label("state"), n, late).select_from(source).where(part, at.open).group_by(at.state)

    standing: Counter[str] = Counter()
    overdue = 0
    for row in rows_over(store, occasion, actor, wide, of_part):
        standing[row["state"]] += row["n"]
        overdue += row["late"]
    return TalkFigures(tuple(_stages(occasion, standing)), overdue)


def uncounted(occasion: Occasion) -> TalkFigures:
    """The stages alone."""
    return TalkFigures(tuple(_stages(occasion, Counter())))


def _stages(occasion: Occasion, standing: Counter[str]) -> Iterable[Stage]:
    """Every stage on the way, empty or not, and those of earlier versions that talks still stand in."""
    seen: set[str] = set()
    versions = [occasion.catalogue.current[kind] for kind in talk_kinds(occasion)]
    earlier = [served for served in occasion.catalogue.by_id.values() if served.definition.interview]
    for served in (*versions, *earlier):
        for state in served.definition.states:
            is_served = served in versions
            if state.key not in seen and not state.final and (is_served or standing[state.key]):
                seen.add(state.key)
                yield Stage(state.key, state.phrase, standing[state.key])


def talks_of(occasion: Occasion, organs: Iterable[int]) -> ColumnElement[bool]:
    """The WHERE of the talks that these organs hold, are called to, or have on their desk to order or to accept."""
    ours = list(organs)
    places = (CASES.c.interviewer_id, CASES.c.interviewee_id, CASES.c.holder_id)
    return and_(CASES.c.kind.in_(talk_kinds(occasion)), or_(*(place.in_(ours) for place in places)))
