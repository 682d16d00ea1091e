"""The overview: figures, townships, weeks, ages and talks; every number leads to the very rows of the ledger behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from states.definition import Definition
from web.access import Access, Route
from web.current import actor, now, office, today
from web.formatting import narrow_day
from web.language import current_language
from web.ledger.kinds import LEDGER, kinds_on
from web.ledger.listing import narrowed
from web.ledger.questions import Asked, days_read, standing_filters
from web.overview.course import course_page
from workflow.reads.bands import PROMISES
from workflow.reads.counts import BUCKETS
from workflow.reads.overview import AGES, Overview, Week, overview
from workflow.reads.townships import Line

# Figure of a line → what the address of its rows says.
BANDS: dict[str, dict[str, str]] = {
    "open": {"band": "open"},
    "late": {"band": "late"},
    **{name: {"band": "late", "late": days} for name, days in BUCKETS.items()},
    "soon": {"band": "soon"},
    "to_sign": {"band": "to_sign"},
    "waiting_check": {"band": "waiting_check"},
    "closed": {"band": "closed"},
    "closed_counted": {"band": "closed", "counted": "1"},
    "closed_otherwise": {"band": "closed", "counted": "0"},
    **{whether: {"band": "all", "promise": whether} for whether in PROMISES},
}


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of the ledger behind each number; `asked` are the filters that the overview keeps to, `on` is its day."""

    asked: Asked
    base: str
    on: date

    def figure(self, name: str, line: Line | None = None) -> str:
        """The rows of one figure, of one township or of all."""
        area: dict[str, int | None] = {"area": line.area_id} if line is not None and line.area_id is not None else {}
        return self.asked.link(self.base, **BANDS[name], **area)

    def age(self, place: int) -> str:
        """What has been open for so long."""
        first, last = AGES[place]
        days = {"opened_from": self._ago(last) if last else None, "opened_to": self._ago(first)}
        return self.asked.link(self.base, band="open", **days)

    def _ago(self, days: int) -> str:
        return (self.on - timedelta(days)).isoformat()

    def opened(self, week: Week) -> str:
        """What was registered in a week."""
        days = {"opened_from": week.monday.isoformat(), "opened_to": week.sunday.isoformat()}
        return self.asked.link(self.base, band="all", **days)

    def closed(self, week: Week) -> str:
        """What was closed in a week."""
        days = {"closed_from": week.monday.isoformat(), "closed_to": week.sunday.isoformat()}
        return self.asked.link(self.base, band="closed", **days)

    def state(self, kind: str, state: str) -> str:
        """What stands in a state of a kind."""
        return self.asked.link(self.base, band="all", kind=kind, state=state)

    def held(self, held: str) -> str:
        """What a holder has handed on or closed in the last weeks."""
        return self.asked.link(self.base, band="all", held=held)

    def as_of(self, name: str, on: date) -> str:
        """The rows of a figure as it stood on a day."""
        return self.asked.link(self.base, **BANDS[name], asof=on.isoformat())


def overview_page() -> Any:
    """What got worse and where, for what this reader may see."""
    asked, unread = days_read(standing_filters(request.args), today())

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        current, listed = occasion.catalogue.current, kinds_on(LEDGER, occasion.catalogue)
        query = narrowed(store, occasion, actor(), asked, listed)
        return {
            "then": query.as_of,
            "seen": overview(store, occasion, actor(), query),
            "kinds": [current[kind].definition for kind in listed if kind in current],
            "chosen": [current[kind].definition for kind in query.kinds if kind in current],
        }

    told = office().engine.read(now(), read)
    links = Links(asked, url_for("ledger.ledger_page"), told["then"] or today())
    page = render_template(
        "overview/overview.html",
        links=links,
        scopes=_scopes(asked, told["kinds"]),
        ages=_ages(told["seen"]),
        flow=_flow(told["seen"], links),
        buckets=tuple(BUCKETS),
        base=url_for("overview.overview_page"),
        asked=asked,
        unread=unread,
        today=today(),
        **told,
    )
    return page, 400 if unread else 200


def _scopes(asked: Asked, kinds: list[Definition]) -> list[tuple[str, str, bool]]:
    """All kinds, or one of them."""
    base, chosen = url_for("overview.overview_page"), asked.params.get("kind", "")
    rest = [(kind.title.in_(current_language()), kind.key) for kind in kinds]
    return [(title, asked.link(base, kind=key or None), key == chosen) for title, key in [(gettext("全部"), ""), *rest]]


def _ages(seen: Overview) -> list[tuple[str, int, float]]:
    """Words, number and share of the longest bar."""
    most = max(seen.ages) or 1
    return [(_age_words(*stretch), n, n / most) for stretch, n in zip(AGES, seen.ages, strict=True)]


def _age_words(first: int, last: int | None) -> str:
    if last is None:
        return str(gettext("%(n)s天以上", n=first - 1))
    return str(gettext("%(n)s天以内", n=last) if first == 0 else gettext("%(first)s—%(last)s天", first=first, last=last))


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the flow: where it stands in the drawing, its number, what it says aloud, and its rows."""

    x: float
    height: float
    n: int
    words: str
    href: str
    is_closed: bool


WIDTH, HEIGHT, FOOT, LEFT = 640, 150, 24, 34
BAR = 15


def _flow(seen: Overview, links: Links) -> dict[str, Any]:
    """The bars of the weeks and the three lines behind them, in the units of the drawing."""
    most = _round_up(max((max(week.opened, week.closed) for week in seen.weeks), default=0))
    step, bars, ticks = (WIDTH - LEFT) / len(seen.weeks), [], []
    for place, week in enumerate(seen.weeks):
        x = LEFT + place * step + (step - 2 * BAR - 2) / 2
        for is_closed, n in ((False, week.opened), (True, week.closed)):
            words = gettext("%(day)s起一周办结%(n)s项", day=_narrow(week.monday), n=n)
            if not is_closed:
                words = gettext("%(day)s起一周新增%(n)s项", day=_narrow(week.monday), n=n)
            href = links.closed(week) if is_closed else links.opened(week)
            bars.append(Bar(round(x + is_closed * (BAR + 2), 1), round(n / most * HEIGHT, 1), n, str(words), href, is_closed))
        if place % 2 != len(seen.weeks) % 2:  # every second, the present one among them
            ticks.append((round(x + BAR, 1), week.monday))
    lines = [(round(HEIGHT - share * HEIGHT, 1), int(most * share)) for share in (0, 0.5, 1)]
    box = {"width": WIDTH, "height": HEIGHT + FOOT + 10, "left": LEFT, "bar": BAR, "floor": HEIGHT}
    return {"bars": bars, "lines": lines, "ticks": ticks, "box": box}


def _narrow(on: date) -> str:
    return narrow_day(on, today=today(), language=current_language())


def _round_up(n: int) -> int:
    """The next number that halves well: 2, 4, 10, 20, 40, 100 …"""
    steps = (round(10**power * step) for power in range(9) for step in (0.2, 0.4, 1))
    return next((step for step in steps if step >= max(n, 2) and step % 2 == 0), n)


ROUTES = (
    Route("/overview", overview_page, Access.SIGNED_IN),
    Route("/overview/<kind>", course_page, Access.SIGNED_IN),
)
