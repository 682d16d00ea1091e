"""A limit cell → words, and a day where a listed rule reads one (practice.md 8.3, item 23).

The rules for words are the workflow's own (`workflow.date_words`); this file knows only what a cell may be.
"""

from __future__ import annotations

import datetime as dt

from handlers.ledgers.rows import Due
from handlers.ledgers.sheets import Cell
from handlers.ledgers.values import as_text, is_blank, read_day
from handlers.ledgers.words import bare, fold, without_brackets
from workflow.calendars import shipped
from workflow.date_words import read_date_words

_NO_LIMIT = frozenset({"已完成", "完成", "已整改", "已销号", "无", "不涉及"})


def read_due(cell: Cell, *, start: dt.date, is_start_known: bool) -> Due:
    """The limit in a cell; a day reckoned from a start that is not known is marked as presumed."""
    text = as_text(cell)
    if is_blank(cell) or bare(without_brackets(fold(text))) in _NO_LIMIT:
        return Due(words=text, nothing=True)
    day = read_day(cell)
    if day is not None:
        return Due(words=text, on=day)
    read = read_date_words(text, start=start, calendar=shipped())
    presumed = read.on is not None and (read.presumed or not is_start_known)
    return Due(text, read.on, presumed=presumed, long_term=read.long_term, immediate=read.immediate)
