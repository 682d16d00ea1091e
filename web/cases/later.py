"""A later date that is asked for, as its forms and the lists say it: from which day to which, why and what is thought of it."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext
from markupsafe import Markup

from web import formatting
from web.cases import page as shown
from web.current import today
from web.language import current_language
from workflow.reads.later import Later


def later_words(asked: tuple[Later, ...]) -> str:
    """延期待批, from which day to which; "" where nothing is asked for."""
    return "；".join(_waits(one) for one in asked)


def _waits(one: Later) -> str:
    if one.due_on is None or one.wanted_on is None:
        return str(gettext("延期待批"))
    days = {name: formatting.plain_day(on, today=today(), language=current_language()) for name, on in _span(one).items()}
    return str(gettext("延期待批：由%(old)s延到%(new)s", **days))


def _span(one: Later) -> dict[str, date]:
    return {"old": one.due_on, "new": one.wanted_on} if one.due_on and one.wanted_on else {}


def later_pairs(one: Later) -> list[tuple[str, str | Markup]]:
    """Everything that whoever gives an opinion or decides must know."""
    on = formatting.day(one.on, today=today(), language=current_language())
    told: list[tuple[str, str | Markup]] = [
        (gettext("申请人"), gettext("%(who)s，%(day)s提出", who=f"{one.organ}{one.name}", day=on)),
        *((gettext("现在的期限"), _full(day)) for day in (one.due_on,) if day),
        *((gettext("申请延到"), _full(day)) for day in (one.wanted_on,) if day),
        *shown.pairs(one.said),
        (gettext("具体说明"), one.reason),
    ]
    if one.opinion:
        said = Markup("；").join(shown.fact_words(fact) for fact in one.opinion.said)
        told.append((gettext("%(organ)s意见", organ=one.opinion.organ), said))
    return told


def _full(on: date) -> str:
    return formatting.full_day(on, language=current_language())
