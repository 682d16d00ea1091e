"""Gives the templates the office's way of saying things, in the reader's language and on the reader's day."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date

from flask import Flask
from markupsafe import Markup, escape

from web import badges, formatting, small
from web.answers import answer_title
from web.cases.corrections import corrector_words
from web.cases.gist import gist_of
from web.cases.later import later_pairs, later_words
from web.cases.page import approver_words, seat_words
from web.cases.story import story
from web.days import example_day, side_of, typed_day
from web.language import current_language
from web.row_steps import lacking_words, reminder_words, step_words, upload_words

Today = Callable[[], date]
Say = Callable[..., str]

OF_THE_DAY: tuple[Say, ...] = (
    formatting.day,
    formatting.plain_day,
    formatting.narrow_day,
    formatting.moment,
    formatting.lately,
)
OF_THE_LANGUAGE: tuple[Say, ...] = (
    formatting.full_day,
    formatting.weekday,
    formatting.clock_time,
    formatting.money,
    formatting.size,
    formatting.span,
    formatting.days,
    formatting.workdays,
    formatting.days_left,
    formatting.workdays_left,
)


# What no end of a line may cut in two.
WHOLE = Markup('<span class="number-whole">{}</span>')
# The attributes that name a box of a form, a link to one too, and where such a name begins.
ID = re.compile(r' (?:id|for|list|aria-describedby|aria-labelledby)="[^"]*"|<a href="#[^"]*"')
BEGINS = re.compile(r'(?<=[" #])f-')
# A number with its unit, as titles write it: 17.89万元, 9000斤, 30%, 〔2026〕3号.
NUMBER = re.compile(r"([0-9][0-9.,/%-]*(?:[万亿千百]?[元亩斤吨米]|[年月日号个项条人次户天件处笔])?)")


def install_filters(app: Flask, today: Today) -> None:
    """Registers each function of `web.formatting` under its own name, `few`, `typed_day`, `numbers_whole`, `apart`, and the
    globals `clock_badge`, `row_badge`, `form_key`, the words of a row's next step (row_steps.py) and of a later date
    (cases/later.py), `gist_of` (cases/gist.py), `story` (cases/story.py), `example_day`, `side_of` and `answer_title`.

    `today` gives the office's day of this request, or the day looked back to.
    """
    filters = app.jinja_env.filters
    filters.update({say.__name__: _dated(say, today) for say in OF_THE_DAY})
    filters.update({say.__name__: _spoken(say) for say in OF_THE_LANGUAGE})
    filters.update(number=formatting.number, percent=formatting.percent, few=small.few, few_of=small.few_of)
    filters["case_number"] = lambda full: formatting.case_number(full, today=today())
    filters["typed_day"] = lambda value, side="": typed_day(value, side, today=today())
    filters["numbers_whole"], filters["apart"] = _numbers_whole, _apart
    filters["size"] = lambda octets: WHOLE.format(formatting.size(octets, language=current_language()))
    filters["date_tag"] = lambda on: _tag(on, today())
    app.jinja_env.globals["form_key"] = lambda: uuid.uuid4().hex
    app.jinja_env.globals["clock_badge"] = lambda due_on, **state: badges.clock_badge(
        due_on, today=today(), language=current_language(), **state
    )
    app.jinja_env.globals["side_of"] = side_of
    app.jinja_env.globals["example_day"] = lambda latest, ahead: example_day(latest, ahead, today=today())
    app.jinja_env.globals["answer_title"], app.jinja_env.globals["gist_of"] = answer_title, gist_of
    app.jinja_env.globals["story"] = story
    app.jinja_env.globals["later_words"], app.jinja_env.globals["later_pairs"] = later_words, later_pairs
    app.jinja_env.globals["corrector_words"] = corrector_words
    app.jinja_env.globals |= {"lacking_words": lacking_words, "reminder_words": reminder_words}
    app.jinja_env.globals["seat_words"], app.jinja_env.globals["approver_words"] = seat_words, approver_words
    app.jinja_env.globals |= {"step_words": step_words, "upload_words": upload_words}
    app.jinja_env.globals["row_badge"] = lambda row, on=None: badges.row_badge(
        row, today=on or today(), language=current_language()
    )


def _dated(say: Say, today: Today) -> Say:
    return lambda value: say(value, today=today(), language=current_language())


def _spoken(say: Say) -> Say:
    return lambda value: say(value, language=current_language())


def _numbers_whole(text: str) -> Markup:
    """The text with each number and what it counts in one piece, so that the end of a line cuts none in two."""
    parts = NUMBER.split(text)
    return Markup("").join(WHOLE.format(part) if at % 2 else escape(part) for at, part in enumerate(parts))


def _apart(form: Markup, prefix: str) -> Markup:
    """Boxes with ids of their own, where the page may show the same ones a second time."""
    text = ID.sub(lambda told: BEGINS.sub(f"{prefix}-f-", told[0]), str(form))
    return Markup(text)  # noqa: S704  # it was markup before, and the prefix is a word of a template


def _tag(on: date, today: date) -> Markup:
    """A day as a `time` element, so that machines read the date and people the words."""
    words = formatting.day(on, today=today, language=current_language())
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), words)
