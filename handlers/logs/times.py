"""The hour that a log's row names, as programs and spreadsheets write it. Without a zone it is a local one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from handlers.ledgers.values import read_day
from handlers.ledgers.words import fold
from workflow.dates import ZONE

_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
# Folded, a text has no blank between its day and its hour; so the hour is looked for at the end of the text as typed.
_HOUR = re.compile(r"[\sT]*(上午|下午)?\s*(\d{1,2})(?:[:：时点])(?:(\d{1,2})分?(?:[:：]?(\d{1,2})(?:\.\d+)?秒?)?)?$")
_NOON = 12


def read_moment(text: str) -> datetime | None:
    """The moment of an ISO time, a spreadsheet's serial number, or a day in figures with or without an hour; else None."""
    said = text.strip()
    told = _of_iso(said) or (_of_serial(said) if _SERIAL.fullmatch(said) else _of_words(said))
    return told.replace(tzinfo=ZONE) if told and not told.tzinfo else told


def _of_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _of_serial(text: str) -> datetime | None:
    number = float(text)
    day = read_day(number)
    # A spreadsheet keeps its hours as parts of a day, exact to the second.
    seconds = round((number - int(number)) * 24 * 60 * 60)
    return None if day is None else datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)


def _of_words(text: str) -> datetime | None:
    hour = _HOUR.search(text)
    day = read_day(fold(text[: hour.start()] if hour else text))
    if day is None:
        return None
    half, *figures = hour.groups() if hour else ("", "0", "0", "0")
    hours, minutes, seconds = (int(figure or 0) for figure in figures)
    if half == "下午" and hours < _NOON:
        hours += _NOON
    try:
        return datetime(day.year, day.month, day.day, hours, minutes, seconds)
    except ValueError:
        return None
