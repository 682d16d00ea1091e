"""Turns what a page posted into the plain types that the forms of definitions take: the reverse of the macro `field`.

A browser sends only text. A box left empty is no answer, an amount in 元 becomes cents, a ticked box is true, and a value
that cannot be turned stays the text it was, so that the form names the fault and the page shows what was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from states.definition import Field
from web.days import plain_text, side_of
from web.hours import plain_time

# Rows that a page offers beside those already filled; nobody needs a script to add one.
BLANK_ROWS = 3
# An amount in 元: digits, with or without thousands, at most two decimals.
_AMOUNT = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?")
_WHOLE = re.compile(r"-?[0-9]{1,15}")

Posted = MultiDict[str, str]


def read_posted(form: Posted, fields: Iterable[Field], *, today: date, partial: bool = False) -> dict[str, Any]:
    """The posted answers by key; a day without its year is Unsure (web/days.py) until the page has shown it in full.

    `partial` keeps an emptied box as None, for amending; a box not on the page stays away.
    """
    answers: dict[str, Any] = {}
    for field in fields:
        value = _read(form, field, field.key, today)
        if value is not None or (partial and _is_on_page(form, field)):
            answers[field.key] = value
    return answers


def _is_on_page(form: Posted, field: Field) -> bool:
    # A box that is not ticked is not posted at all; the macro sends a hidden `key/asked` beside it.
    return field.key in form or f"{field.key}/asked" in form


def _read(form: Posted, field: Field, name: str, today: date) -> Any:
    if field.type == "rows":
        return _read_rows(form, field, name, today)
    if field.type == "agenda_dates":
        return _read_dates(form, name, today)
    if field.type == "choices":
        return [key for key in form.getlist(name) if key] or None
    if field.type == "flag":
        return _read_flag(form, name)
    text = form.get(name, "").strip()
    if field.type == "date" and text:
        return plain_text(text, today=today, side=side_of(field))
    return READERS.get(field.type, str)(text) if text else None


def _read_flag(form: Posted, name: str) -> bool | None:
    # A box that is ticked says 1; where a yes or a no is asked for it is chosen, and what is not chosen is no answer.
    if form.get(name) is not None:
        return {"": None, "no": False}.get(form[name], True)
    return False if f"{name}/asked" in form else None


def _read_rows(form: Posted, field: Field, name: str, today: date) -> list[dict[str, Any]] | None:
    numbers = sorted({int(part) for part in _parts(form, name) if part.isdecimal()})
    rows = [_read_row(form, field, f"{name}/{number}", today) for number in numbers]
    return [row for row in rows if row] or None


def _read_row(form: Posted, field: Field, name: str, today: date) -> dict[str, Any]:
    values = {column.key: _read(form, column, f"{name}/{column.key}", today) for column in field.columns}
    written = any(value not in (None, False) and not _stood_there(form, f"{name}/{key}") for key, value in values.items())
    return {key: value for key, value in values.items() if value is not None} if written else {}


def _stood_there(form: Posted, name: str) -> bool:
    # A new row begins with what is suggested; the macro sends it once more, so that a row in which nobody wrote is none.
    return form.get(name) == form.get(f"{name}/begun")


def _read_dates(form: Posted, name: str, today: date) -> dict[str, str] | None:
    dates = {part: form[f"{name}/{part}"].strip() for part in _parts(form, name) if f"{name}/{part}" in form}
    return {part: plain_text(day, today=today, side="ahead") for part, day in dates.items() if day} or None


def _parts(form: Mapping[str, str], name: str) -> list[str]:
    prefix = f"{name}/"
    return list(dict.fromkeys(key.removeprefix(prefix).split("/")[0] for key in form if key.startswith(prefix)))


def read_amount(text: str) -> int | str:
    """Cents from an amount in 元 ("30,000", "９.５", "3万" is none); what is no amount stays text."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").removesuffix("元")
    return int(Decimal(plain) * 100) if _AMOUNT.fullmatch(plain) else text


def read_whole(text: str) -> int | str:
    """A whole number from its digits, full-width ones too; what is none stays text."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "")
    return int(plain) if _WHOLE.fullmatch(plain) else text


READERS: Mapping[str, Callable[[str], Any]] = {
    "money": read_amount,
    "time": plain_time,
    "integer": read_whole,
    "organ": read_whole,
    "person": read_whole,
}
