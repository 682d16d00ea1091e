"""The columns of a ledger: those that every row has, and the facts of its kinds, titled by their definitions.

Which are shown stands in the address (`cols`), else in the reader's browser, else the page's own. The tick stands first and
the next step last, always; the title is a column that nobody can do without, because it opens the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from states.definition import Field, Language
from states.errors import BadInput
from web import formatting
from web.language import current_language, mark
from web.ledger.dimensions import colour_words
from web.ledger.listing import Listing
from web.ledger.questions import COLUMNS, FACET, names_in
from workflow.reads.rows import LedgerRow, is_told

TITLE = "title"
# Columns that kept views may still ask for, and which say the same.
RENAMED = {"phrase": "state"}
FACTS_AT_MOST = 2
# What a page shows whatever comes before it in the definition: one looks for a talk by its day.
WANTED = (f"{FACET}held_on",)
# What the page draws by itself (templates/ledger/cells.html).
DRAWN = ("left", "due", "number", TITLE, "holder", "state")
MIXED = ("left", "due", "number", TITLE, "place", "holder", "state", "rung", "measures", "changed")
BEFORE, AFTER = ("left", "due", "number", TITLE), ("place", "holder", "state", "changed")
# Columns that the width of a desk holds, and by how many a table grows at a time.
FITTING, STEP, STEPS_AT_MOST = 12, 3, 12
NARROW = ("date", "time", "flag", "money", "integer")


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is that of a class `col-…` ("" takes what is left); `words` is what a cell says where the page draws no sign.

    `sort` is the order that its head turns round.
    """

    key: str
    title: str
    width: str
    words: Callable[[LedgerRow], Any]
    sort: str = ""


# Key → title, class, order of its head.
ALWAYS: dict[str, tuple[str, str, str]] = {
    "left": (mark("剩余"), "left", "due"),
    "due": (mark("期限"), "due", ""),
    "late": (mark("逾期天数"), "changed", ""),
    "number": (mark("编号"), "number", "number"),
    "old_number": (mark("原编号"), "due", ""),
    TITLE: (mark("问题"), "", ""),
    "kind": (mark("类型"), "category", ""),
    "place": (mark("乡镇·村"), "place", "official"),
    "township": (mark("乡镇"), "changed", "official"),
    "village": (mark("村"), "changed", ""),
    "subject": (mark("涉及单位"), "place", ""),
    "holder": (mark("由谁办·已停留"), "holder", ""),
    "assignee": (mark("承办人"), "category", ""),
    "supervisor": (mark("交办机关"), "place", ""),
    "state": (mark("状态"), "state", ""),
    "stage": (mark("阶段"), "category", ""),
    "rung": (mark("督促到"), "rung", ""),
    "colour": (mark("预警颜色"), "rung", ""),
    "reminded": (mark("催办次数"), "category", ""),
    "measures": (mark("措施"), "measures", ""),
    "opened": (mark("登记日期"), "due", ""),
    "closed": (mark("办结日期"), "due", ""),
    "changed": (mark("变动"), "changed", "changed"),
}


def _words(today: date, language: Language) -> dict[str, Callable[[LedgerRow], Any]]:
    """What the cells say that the page does not draw by itself."""

    def day(on: date | None) -> str:
        return formatting.plain_day(on, today=today, language=language) if on else ""

    return {
        "late": lambda row: (
            formatting.days(row.days_late, language=language) if row.days_late and row.badge != "closed" else ""
        ),
        "old_number": lambda row: row.old_number or row.facts.get("old_number", ""),
        "kind": lambda row: row.kind_title.in_(language),
        "place": lambda row: "·".join(filter(None, (row.township, row.village))),
        "township": lambda row: row.township,
        "village": lambda row: row.village,
        "subject": lambda row: row.subject,
        "assignee": lambda row: row.assignee,
        "supervisor": lambda row: row.supervisor,
        "stage": lambda row: row.state_title.in_(language),
        "rung": lambda row: row.rung.in_(language) if row.rung else "",
        "colour": lambda row: colour_words(row.colour) if row.colour else "",
        "reminded": times,
        "measures": lambda row: f"{row.measures_done}/{row.measures}" if row.measures else "",
        "opened": lambda row: day(row.opened_on),
        "closed": lambda row: day(row.closed_on),
        "changed": lambda row: last_change(row, today, language),
    }


def times(row: LedgerRow) -> str:
    """How often the holder was reminded."""
    return str(gettext("%(n)s次", n=row.reminded)) if row.reminded else ""


def last_change(row: LedgerRow, today: date, language: Language) -> str:
    """When something was last done with it."""
    return formatting.lately(row.changed_at, today=today, language=language)


def _no_words(_row: LedgerRow) -> str:
    return ""


def words_of_fact(field: Field, value: Any, *, today: date, language: Language) -> str:
    """What a cell says of a fact; "" where it says nothing."""
    if value is None or value in ("", []):
        return ""
    if field.type == "date":
        return formatting.plain_day(date.fromisoformat(value), today=today, language=language)
    if field.type == "flag":
        return str(gettext("是") if value else gettext("否"))
    if field.type == "money":
        return formatting.money(int(value), language=language)
    titles = {choice.key: choice.title.in_(language) for choice in field.choices}
    return "、".join(titles.get(each, str(each)) for each in (value if isinstance(value, list) else [value]))


def _of_fact(fields: dict[str, Field], *, today: date, language: Language) -> Column:
    """A fact as each kind has it: what its choices are called may differ."""

    def words(row: LedgerRow) -> str:
        own = fields.get(row.kind)
        return words_of_fact(own, row.facts.get(own.key), today=today, language=language) if own else ""

    field = next(iter(fields.values()))
    width = "due" if field.type in NARROW else "fact"
    return Column(f"{FACET}{field.key}", field.title.in_(language), width, words)


def known_columns(listing: Listing) -> dict[str, Column]:
    """Every column that the page may have, by its key, in the order in which they are offered."""
    language, today = current_language(), listing.today
    words = _words(today, language)
    found = {
        key: Column(key, gettext(title), width, _no_words if key in DRAWN else words[key], sort)
        for key, (title, width, sort) in ALWAYS.items()
    }
    fields: dict[str, dict[str, Field]] = {}
    for one in listing.definitions:
        for field in (field for field in one.fields if is_told(field) and field.key not in ALWAYS):
            fields.setdefault(field.key, {})[one.key] = field
    facts = (_of_fact(same, today=today, language=language) for same in fields.values())
    return found | {column.key: column for column in facts}


def other_columns(listing: Listing, shown: Iterable[Column]) -> list[Column]:
    """Those that are not shown."""
    keys = {column.key for column in shown}
    return [column for key, column in known_columns(listing).items() if key not in keys]


def require_columns(names: Iterable[str]) -> tuple[str, ...]:
    """The names as they were asked for; BadInput for one that no column has. Facts come and go with their definitions."""
    told = tuple(dict.fromkeys(RENAMED.get(name, name) for name in names))
    for name in told:
        if name not in ALWAYS and not name.startswith(FACET):
            raise BadInput(why="unknown_filter", field=COLUMNS, value=name)
    return told if TITLE in told else (TITLE, *told)


def moved(names: list[str], move: str) -> list[str]:
    """The names with one of them a place earlier or later: `up <name>` or `down <name>`; as they are for anything else."""
    way, _blank, name = move.partition(" ")
    if name not in names or way not in ("up", "down"):
        return names
    at, told = names.index(name), [other for other in names if other != name]
    told.insert(max(0, at - 1) if way == "up" else at + 1, name)
    return told


def chosen_columns(listing: Listing, kept: str) -> tuple[tuple[Column, ...], bool]:
    """The columns of the page in their order, and whether somebody has chosen them. `kept` is what his browser has kept."""
    known = known_columns(listing)
    asked = require_columns(names_in(told)) if (told := listing.asked.params.get(COLUMNS)) else ()
    mine = asked or tuple(name for name in names_in(kept) if name in known)
    names = mine if TITLE in mine else _default(listing)
    return tuple(known[name] for name in names if name in known), names is mine


def _default(listing: Listing) -> tuple[str, ...]:
    """A page of one kind shows the first facts that its definition lets one filter by; a mixed one says the kind instead."""
    if listing.is_mixed:
        return MIXED
    fields = [field for one in listing.definitions for field in one.fields if field.filter and is_told(field)]
    keys = [f"{FACET}{field.key}" for field in fields]
    return (*BEFORE, *sorted(keys, key=lambda key: key not in WANTED)[:FACTS_AT_MOST], *AFTER)


def breadth(columns: tuple[Column, ...]) -> int:
    """By how many steps the table is broader than a desk."""
    return min(-(-max(0, len(columns) - FITTING) // STEP), STEPS_AT_MOST)
