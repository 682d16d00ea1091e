"""The table of contents of the reports: each by its key, with the rhythm that it is made in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workflow.occasion import Occasion
from workflow.reports.dispatch import Sheet, dispatch
from workflow.reports.periods import Rhythm, half_month_of, month_of, quarter_of, ten_days_of, week_of
from workflow.reports.shape import Report
from workflow.store import Store
from workflow.types import Actor


@dataclass(frozen=True, slots=True)
class Made:
    """How a report is made, and the stretch of days that it is of."""

    make: Callable[[Store, Occasion, Actor, Sheet], Report]
    rhythm: Rhythm


REPORTS: Mapping[str, Made] = {
    "week": Made(dispatch, week_of),
    "ten_days": Made(dispatch, ten_days_of),
    "half_month": Made(dispatch, half_month_of),
    "month": Made(dispatch, month_of),
    "quarter": Made(dispatch, quarter_of),
}
