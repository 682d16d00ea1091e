"""What an answer is called where something is wrong with it: by the label of its box, so that who reads of it finds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext

from states.definition import Field
from states.forms import APPROVAL
from web.answer_words import ANSWER_TITLES
from web.language import current_language, said, translate

Titles = Mapping[str, str]
_PAPER = {f"approval/{question.key}": question for question in APPROVAL}


def answer_title(
    name: str,
    questions: Iterable[Field] = (),
    *,
    agenda: Iterable[Mapping[str, Any]] = (),
    titles: Titles | None = None,
) -> str:
    """What an answer is called, by the name under which it is posted ("key", "key/row/column", "key/case"); "" if unknown.

    Of a row its number and the column, of an agenda its item. `titles` are the labels of a form that calls it otherwise than
    other forms do.
    """
    if titles and name in titles:
        return titles[name]
    key, _, inner = name.partition("/")
    question = _PAPER.get(name) or next((question for question in questions if question.key == key), None)
    if question is None:
        message = ANSWER_TITLES.get(name)
        return translate(message, current_language()) if message else ""
    return " ".join(filter(None, (said(question.title), _inner(question, inner, agenda))))


def _inner(question: Field, inner: str, agenda: Iterable[Mapping[str, Any]]) -> str:
    place, _, key = inner.partition("/")
    column = next((column for column in question.columns if column.key == key), None)
    if column is not None:
        return f"{gettext('第%(number)s行', number=int(place) + 1)} {said(column.title)}"
    item = next((one for one in agenda if question.type == "agenda_dates" and str(one["id"]) == place), None)
    return f"{item['title']}（{item['number']}）" if item else ""


def named_faults(fields: Mapping[str, Iterable[str]], questions: Iterable[Field] = ()) -> list[str]:
    """What is wrong with each answer, each said with what it is called."""
    asked, between = tuple(questions), gettext("：")
    titled = ((answer_title(name, asked), gettext("；").join(told)) for name, told in fields.items())
    return [between.join(filter(None, one)) for one in titled]
