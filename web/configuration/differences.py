"""What one text of a setting changes against another, in plain sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from flask_babel import gettext

from handlers.ledgers.facts import heading_of
from handlers.ledgers.headings import field_keys
from web.configuration.words import STATES, VALUE_WORDS, with_words
from web.formatting import full_day
from web.language import current_language
from web.setting_words import part_words

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One change; `kind` is added, removed or changed."""

    kind: str
    text: str


def differences(old: Any, new: Any) -> list[Sentence]:
    """Every change from the old data to the new, in the order of the text; the old is None where nothing was before."""
    return list(_walk(old, new, ""))


def _walk(old: Any, new: Any, where: str) -> Iterator[Sentence]:
    if isinstance(new, Mapping) and (old is None or isinstance(old, Mapping)):
        before = old or {}
        for key in [*new, *(key for key in before if key not in new)]:
            yield from _walk(before.get(key), new.get(key), f"{where}/{key}" if where else str(key))
    elif isinstance(old, Mapping) and new is None:
        for key in old:
            yield from _walk(old[key], None, f"{where}/{key}")
    elif isinstance(old, list) or isinstance(new, list):
        yield from _lists(old or [], new or [], where)
    elif old != new:
        told = _column if where.startswith("columns/") else _shown
        yield _sentence(told(old), told(new), where)


def _lists(old: list[Any], new: list[Any], where: str) -> Iterator[Sentence]:
    before, after = [_shown(one) for one in old], [_shown(one) for one in new]
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        gone, came = before[a:b], after[c:d]
        for at in range(max(len(gone), len(came))):
            yield _sentence(gone[at] if at < len(gone) else None, came[at] if at < len(came) else None, where)


def _sentence(old: str | None, new: str | None, where: str) -> Sentence:
    place = part_words(where, current_language())
    if not old:
        return Sentence("added", gettext("%(where)s：新增“%(new)s”", where=place, new=new))
    if not new:
        return Sentence("removed", gettext("%(where)s：去掉“%(old)s”", where=place, old=old))
    return Sentence("changed", gettext("%(where)s：由“%(old)s”改为“%(new)s”", where=place, old=old, new=new))


def _column(field: Any) -> str | None:
    """The field of a ledger that a heading fills, by the heading that means it."""
    return heading_of(str(field)) if field in field_keys() else _shown(field)


def _shown_line(line: Mapping[str, Any]) -> str:
    """A line of a letter, or an entry of status words, by what it says."""
    if "text" in line:
        name = str(line.get("when", line.get("unless", "")))
        said = gettext("有“%(value)s”时：%(text)s") if "when" in line else gettext("没有“%(value)s”时：%(text)s")
        return str(said) % {"value": gettext(VALUE_WORDS.get(name, name)), "text": _shown(line["text"])}
    if "agenda" in line:
        return str(gettext("列出议程"))
    if "words" in line:
        state = str(line.get("state", ""))
        return f"{_shown(line['words'])} → {gettext(STATES[state]) if state in STATES else state}"
    return str(gettext("，")).join(str(_shown(one)) for one in line.values())


def _shown(value: Any) -> str | None:
    """A part on one line, as a reader knows it."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return _shown_line(value)
    if isinstance(value, list):
        return "、".join(str(_shown(one)) for one in value)
    if isinstance(value, str) and DAY.fullmatch(value):
        return full_day(date.fromisoformat(value), language=current_language())
    return with_words(str(value))
