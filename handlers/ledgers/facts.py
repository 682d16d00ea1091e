"""What a ledger row says, as the facts of a case; what has no fact of its own goes along as an extra, so that nothing is lost.

A column that no mapping knows, but that is called like a fact of the kind, fills that fact.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from typing import Any

from config.imports import load_ledger_words
from handlers.ledgers.rows import ItemRow
from handlers.ledgers.values import CENTS_PER_WAN, CENTS_PER_YUAN, read_cents, read_day
from handlers.ledgers.words import fold
from states.definition import Definition, Field

# Mapped column → fact, by kind; what a kind does not have is an extra.
COLUMNS: Dictionary[str, Dictionary[str, str]] = {
    "rectification": {
        "problem": "problem",
        "problem_detail": "particulars",
        "goal": "goal",
        "cause": "cause",
        "progress": "result",
        "first_responsible": "first_responsible",
        "leader": "leader",
        "county_leader": "county_leader",
        "round_no": "round",
        "money_found": "money_involved",
        "money_recovered": "money_recovered",
        "feedback_on": "feedback_on",
        "old_number": "old_number",
    },
    "clue": {
        "problem": "summary",
        "progress": "result",
        "county_leader": "county_leader",
        "round_no": "round",
        "money_found": "money_involved",
        "money_recovered": "money_recovered",
        "clue_source": "source",
        "disposal": "disposal",
        "old_number": "old_number",
    },
}
# The words of this column may be a choice of any of these facts.
CATEGORY = ("domain", "area", "class", "discipline_main")
# These columns say where and by whom, and are kept as typed beside what was made of them.
TYPED = ("organisation", "persons_handled", "number", "status_word")
# Who is complained of, and who complains: secret facts of a clue, in whatever column they stand.
SECRET = (("subject_persons", re.compile("被反映人|被举报人")), ("reporter_name", re.compile("举报人|信访人|来信人|反映人")))
# Columns that say who somebody is, beside the name.
_OF_PERSON = ("单位及职务", "职级")
# How an exported ledger begins what was reported on a day: that is no result.
REPORTED = "填报"
_REPORTED = re.compile(rf"\d{{4}}年\d{{1,2}}月\d{{1,2}}日{REPORTED}[：:]")
PLAIN = ("text", "long_text", "choice", "date", "time", "money", "integer", "flag")
_YES = frozenset(("是", "有", "√", "✓", "true", "yes", "y", "1"))
_NO = frozenset(("否", "无", "×", "false", "no", "n", "0", ""))


@dataclass(slots=True)
class Facts:
    """The facts found, the secret ones by themselves, and what is left."""

    data: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)


def gather(row: ItemRow, definition: Definition) -> Facts:
    """Every column of the row, each in one place; what a county's rules need beside them is not added here."""
    facts = Facts()
    by_title = {fold(one.title.zh_hans): one for one in definition.fields if one.type in PLAIN}
    has_measures = definition.key == "rectification" and any(measure.text.strip() for measure in row.measures)
    for name, text in _columns(row).items():
        if name == "progress" and has_measures:
            continue  # Each measure keeps its own.
        if name == "progress" and _REPORTED.match(text):
            facts.extras[heading_of(name)] = text
            continue
        target = definition.field_by_key.get(COLUMNS.get(definition.key, {}).get(name, ""))
        _put(facts, target, _mapped(row, name, text, target), heading_of(name), text)
    for heading, text in row.extras.items():
        target = by_title.get(fold(heading))
        _put(facts, target, read_fact(target, text) if target else None, heading, text)
    _put_category(facts, row, definition)
    _hide_persons(facts, definition)
    return facts


def _columns(row: ItemRow) -> dict[str, str]:
    own = {"problem": row.problem, "problem_detail": row.problem_detail, "old_number": row.old_number}
    typed = {{"status_word": "status"}.get(name, name): str(getattr(row, name)) for name in TYPED}
    return {name: text for name, text in {**own, **row.fields, **typed}.items() if text}


def heading_of(name: str) -> str:
    """The usual heading of a mapped column."""
    return str(load_ledger_words()["fields"][name]["headings"][0])


def _mapped(row: ItemRow, name: str, text: str, target: Field | None) -> Any:
    if target is None:
        return None
    if name in row.dates or name in row.amounts:
        return row.dates.get(name) or row.amounts.get(name)
    return None if target.type in ("date", "money") else read_fact(target, text)


def _put(facts: Facts, target: Field | None, value: Any, name: str, text: str) -> None:
    if target is None or value is None or target.key in facts.data:
        facts.extras[name] = text
    elif target.secret:
        facts.secrets[target.key] = text
    else:
        facts.data[target.key] = day_text(value) if isinstance(value, dt.date) else value


def read_fact(target: Field, text: str) -> Any:
    """A cell as a fact of the field's type; None where it says none."""
    word = fold(text)
    if target.type == "choice":
        found = (choice.key for choice in target.choices if fold(choice.title.zh_hans) == word)
        return next(found, None)
    if target.type == "flag":
        return True if word in _YES else False if word in _NO else None
    if target.type == "integer":
        return int(word) if word.isdecimal() and len(word) < 10 else None
    if target.type == "money":
        return read_cents(text, unit_cents=CENTS_PER_YUAN if "元" in word and "万" not in word else CENTS_PER_WAN)
    return read_day(text) if target.type == "date" else text


def _put_category(facts: Facts, row: ItemRow, definition: Definition) -> None:
    if not row.category:
        return
    for key in CATEGORY:
        target = definition.field_by_key.get(key)
        value = read_fact(target, row.category) if target else None
        if value is not None and key not in facts.data:
            facts.data[key] = value
            return
    facts.extras[heading_of("category")] = row.category


def _hide_persons(facts: Facts, definition: Definition) -> None:
    """No name of a person concerned, and none of who complains, stays among the extras of a kind that keeps secrets."""
    for key, headings in SECRET:
        target = definition.field_by_key.get(key)
        if target is None or not target.secret:
            continue
        said = [name for name in facts.extras if headings.search(name) or (key == "subject_persons" and name in _OF_PERSON)]
        texts = [str(facts.extras.pop(name)) for name in said]
        if texts:
            facts.secrets[key] = "，".join([*filter(None, [facts.secrets.get(key)]), *texts])


def day_text(day: dt.date | None) -> str | None:
    """A day as facts keep it."""
    return day.isoformat() if day else None
