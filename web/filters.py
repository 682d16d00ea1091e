"""Gives the templates the office's way of saying things, in the reader's language and on the reader's day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from flask import Flask
from markupsafe import Markup

from web import badges, formatting
from web.language import current_language

Today = Callable[[], date]


def install_filters(app: Flask, today: Today) -> None:
    """Registers the filters below; `today` gives the office's day of this request (or the day looked back to)."""
    filters = app.jinja_env.filters
    filters.update(_of_the_day(today))
    filters.update(_of_the_language())
    filters.update(number=formatting.number, percent=formatting.percent)
    filters["days_until"] = lambda on: (on - today()).days
    filters["date_tag"] = lambda on: _tag(on, today())
    app.jinja_env.globals["clock_badge"] = lambda due_on, **state: badges.clock_badge(
        due_on, today=today(), language=current_language(), **state
    )


def _of_the_day(today: Today) -> dict[str, Callable[..., str]]:
    def day(on: date) -> str:
        return formatting.day(on, today=today(), language=current_language())

    def plain_day(on: date) -> str:
        return formatting.plain_day(on, today=today(), language=current_language())

    def narrow_day(on: date) -> str:
        return formatting.narrow_day(on, today=today(), language=current_language())

    def moment(at: datetime) -> str:
        return formatting.moment(at, today=today(), language=current_language())

    def case_number(full: str) -> str:
        return formatting.case_number(full, today=today())

    return {f.__name__: f for f in (day, plain_day, narrow_day, moment, case_number)}


def _of_the_language() -> dict[str, Callable[..., str]]:
    def full_day(on: date) -> str:
        return formatting.full_day(on, language=current_language())

    def weekday(on: date) -> str:
        return formatting.weekday(on, language=current_language())

    def clock_time(at: datetime | time) -> str:
        return formatting.clock_time(at, language=current_language())

    def money(cents: int) -> str:
        return formatting.money(cents, language=current_language())

    def size(octets: int) -> str:
        return formatting.size(octets, language=current_language())

    def span(length: timedelta) -> str:
        return formatting.span(length, language=current_language())

    def days(count: int) -> str:
        return formatting.days(count, language=current_language())

    def workdays(count: int) -> str:
        return formatting.workdays(count, language=current_language())

    def days_left(count: int) -> str:
        return formatting.days_left(count, language=current_language())

    def workdays_left(count: int) -> str:
        return formatting.workdays_left(count, language=current_language())

    said = (full_day, weekday, clock_time, money, size, span, days, workdays, days_left, workdays_left)
    return {f.__name__: f for f in said}


def _tag(on: date, today: date) -> Markup:
    """A day as a `time` element, so that machines read the date and people the words."""
    words = formatting.day(on, today=today, language=current_language())
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), words)
