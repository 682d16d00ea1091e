"""Calendar and tokens: read by many, changed by the administrator whose duty it is."""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import BadInput, DomainError, NotFound
from web.access import Access, Route
from web.admin import links, organisations, people, reorganising
from web.current import actor, now, office, today
from web.errors import problem_of
from web.language import current_language
from web.storable import whole
from web.trailing import origin
from web.weeks import holiday_name
from workflow import trail
from workflow.calendars import document_of
from workflow.configuration.changes import propose
from workflow.configuration.kinds import written
from workflow.configuration.years import KEEPERS, KIND
from workflow.dates import Calendar
from workflow.people import tokens
from workflow.store import Store
from workflow.verbs.recalendar import preview

# The years that a calendar shows.
FIRST_YEAR, LAST_YEAR = 2000, 2100
MONTH_AND_DAY = re.compile(r"(\d{1,2})月(\d{1,2})日")


# ---- the calendar ---------------------------------------------------------------------------------------------------------


def calendar_page() -> Any:
    """The working calendar: one month of a year, today's unless another is asked for, and below it the whole year."""
    year = request.args.get("year", type=whole) or today().year
    calendar = office().engine.read(now(), lambda _store, occasion: occasion.calendar)
    return _calendar(calendar, year, None, None)


def days_off() -> Any:
    """The days of three years on which the county's calendar is no plain week, for the boxes that days are chosen in."""
    calendar = office().engine.read(now(), lambda _store, occasion: occasion.calendar)
    rules = [rule for year, rule in calendar.years.items() if abs(year - today().year) <= 1]

    def named(days: Mapping[date, str]) -> dict[str, str]:
        return {day.isoformat(): holiday_name(name, current_language()) for day, name in days.items()}

    return {
        "holidays": {day: name for rule in rules for day, name in named(rule.holidays).items()},
        "makeups": {day: name for rule in rules for day, name in named(rule.makeups).items()},
    }


def _calendar(calendar: Calendar, year: int, problem: Any, moves: Any) -> Any:
    # A year or a month that was typed, not chosen, may be none that a calendar can show.
    year = min(max(year, FIRST_YEAR), LAST_YEAR)
    month = min(max(request.args.get("month", today().month if year == today().year else 1, type=whole) or 1, 1), 12)
    rule = calendar.years.get(year)
    written = _lines(document_of(year, rule)) if rule else ("", "")
    page = render_template(
        "admin/calendar.html",
        year=year,
        shown=_month(calendar, year, month),
        before=_neighbour(year, month, -1),
        after=_neighbour(year, month, 1),
        grid=[_month(calendar, year, each) for each in range(1, 13)],
        version=calendar.version,
        provisional=calendar.is_provisional(year),
        may=actor().has_role(*KEEPERS),
        written=written,
        problem=problem,
        moves=moves,
    )
    return page, problem.status if problem else 200


def _month(calendar: Calendar, year: int, month: int) -> dict[str, Any]:
    weeks = []
    for week in months.Calendar().monthdatescalendar(year, month):
        weeks.append([_day(calendar, day) if day.month == month else None for day in week])
    days = [day for week in weeks for day in week if day]
    named: dict[tuple[str, str], list[date]] = {}
    for day in days:
        if day["name"]:
            named.setdefault((day["kind"], day["name"]), []).append(day["on"])
    workdays = sum(day["kind"] in ("counted", "makeup") for day in days)
    return {"month": month, "weeks": weeks, "workdays": workdays, "named": [(*key, on) for key, on in named.items()]}


def _neighbour(year: int, month: int, by: int) -> tuple[int, int] | None:
    """The month before or after as (year, month); None beyond the years that a calendar shows."""
    turned, index = divmod(year * 12 + month - 1 + by, 12)
    return (turned, index + 1) if FIRST_YEAR <= turned <= LAST_YEAR else None


def _day(calendar: Calendar, day: date) -> dict[str, Any]:
    kind = "holiday" if calendar.holiday_name(day) else "makeup" if calendar.makeup_name(day) else ""
    kind = kind or ("counted" if calendar.is_workday(day) else "off")
    return {
        "on": day,
        "day": day.day,
        "kind": kind,
        "is_today": day == today(),
        "name": holiday_name(calendar.holiday_name(day) or calendar.makeup_name(day) or "", current_language()),
    }


def _lines(document: Any) -> tuple[str, str]:
    """The year as lines “name: days”, the way the form takes it."""
    told = [
        "\n".join(f"{name}：{'、'.join(_said(day) for day in days)}" for name, days in document[part].items())
        for part in ("holidays", "makeups")
    ]
    return told[0], told[1]


def _said(day: str) -> str:
    told = date.fromisoformat(day)
    return f"{told.month}月{told.day}日"


def correct_calendar() -> Any:
    """Shows what a corrected year would move; proposes it once that was confirmed, for another keeper to decide."""
    if not actor().has_role(*KEEPERS):
        raise NotFound(what="page")
    calendar = office().engine.read(now(), lambda _store, occasion: occasion.calendar)
    year = request.form.get("year", type=whole) or today().year
    try:
        document = {"year": year, "published": True} | {
            part: _named(request.form.get(part, ""), year) for part in ("holidays", "makeups")
        }
        if request.form.get("confirmed") != "1":
            moves = office().engine.read(now(), lambda store, occasion: preview(store, occasion, document=document))
            return _calendar(calendar, year, None, {"moves": moves, "form": request.form})
        told: Any = {"key": str(year), "source": written(document), "reason": request.form.get("note", "")}
        body: Any = partial(propose, kind=KIND, **told)
        made = office().engine.administer(lambda desk: body(desk), actor=actor(), now=now(), origin=origin())
    except DomainError as refusal:
        return _calendar(calendar, year, problem_of(refusal), None)
    flash(gettext("已提出，等另一位管理员决定"), "toast")
    return redirect(url_for("configuration.change_page", version_id=made), 303)


def _named(text: str, year: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, sign, days = line.replace("：", ":").partition(":")
        if line.strip() and not sign:
            raise BadInput(why="calendar", text=line[:40])
        if line.strip():
            found[name.strip()] = [_day_of(day.strip(), year) for day in days.replace("、", ",").split(",") if day.strip()]
    return found


def _day_of(text: str, year: int) -> str:
    """A day as a document has it; what is no day stays the text it was, which the calendar refuses."""
    found = MONTH_AND_DAY.fullmatch(text)
    return f"{year:04}-{int(found[1]):02}-{int(found[2]):02}" if found else text


# ---- tokens ----------------------------------------------------------------------------------------------------


def tokens_page() -> Any:
    """One's own tokens for programs."""
    return _tokens("")


def _tokens(shown: str) -> Any:
    mine = office().database.read(lambda store: tokens.list_tokens(store, actor().person_id or 0))
    return render_template("admin/tokens.html", tokens=mine, shown=shown)


def make_token() -> Any:
    """A new token, shown once."""

    def work(store: Store) -> str:
        trail.account_changed(store, "token made", now=now(), origin=origin())
        label = request.form.get("label", "")
        return tokens.create(store, person_id=actor().person_id or 0, label=label, now=now(), is_own=True)

    return _tokens(office().database.write(work))


def end_token(token_id: int) -> Any:
    """Ends one of one's own tokens."""

    def work(store: Store) -> None:
        tokens.end(store, person_id=actor().person_id or 0, token_id=token_id, now=now())
        trail.account_changed(store, f"token {token_id} ended", now=now(), origin=origin())

    office().database.write(work)
    return redirect(url_for("admin.tokens_page"), 303)


ROUTES = (
    *organisations.ROUTES,
    *reorganising.ROUTES,
    *people.ROUTES,
    *links.ROUTES,
    Route("/calendar", calendar_page, Access.SIGNED_IN),
    Route("/calendar/days", days_off, Access.SIGNED_IN),
    Route("/calendar", correct_calendar, Access.SIGNED_IN, ("POST",)),
    Route("/tokens", tokens_page, Access.SIGNED_IN),
    Route("/tokens", make_token, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/tokens/<int:token_id>/end", end_token, Access.SIGNED_IN, ("POST",)),
)
