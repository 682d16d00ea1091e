"""By what a ledger page is grouped: for each dimension its title, how one of its groups is asked for, and its words.

`DIMENSIONS` has a line for each that reads/dimensions.py has; the facts of the page's kinds are dimensions too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext

from states.definition import Definition, Field, Language
from states.errors import BadInput
from web import formatting
from web.language import current_language, mark
from web.ledger.listing import Listing
from web.ledger.questions import GROUP, NONE, SPANS, names_in, spelled
from web.wiring import shipped_titles
from workflow.reads.counts import Figure
from workflow.reads.dimensions import FACT, SEVERAL, field_of, groups
from workflow.reads.groups import Group
from workflow.reads.query import NO_TOWNSHIP

Changes = dict[str, str | None]
NOT_FILLED = mark("未填写")
DUE = "due"
LATENESS = {"1-10": mark("1—10天"), "11-30": mark("11—30天"), "30+": mark("30天以上")}


def _month(key: Any) -> str:
    return formatting.month(date(key // 100, key % 100, 1), language=current_language())


def colour_words(key: Any) -> str:
    told = shipped_titles()["colours"].get(key)
    return str(told["title"][current_language()]) if told else str(key)


def _flag(key: Any) -> str:
    return str(gettext("是") if key == "True" else gettext("否"))


@dataclass(frozen=True, slots=True)
class Dimension:
    """`name` is the parameter that asks for one group, `missing` the title of the rows that have no value.

    `words` are those of values that neither the county's tree nor a definition names; `is_of_today`: no past day is told it.
    """

    title: str
    name: str
    missing: str = NOT_FILLED
    words: Callable[[Any], str] | None = None
    is_of_today: bool = False


DIMENSIONS: dict[str, Dimension] = {
    DUE: Dimension(mark("期限"), "due"),
    "late": Dimension(mark("逾期多久"), "late", mark("没有逾期"), lambda key: gettext(LATENESS[key])),
    "township": Dimension(mark("乡镇"), "area", mark("县直")),
    "village": Dimension(mark("村"), "area", mark("不在村里")),
    "holder": Dimension(mark("由谁办"), "holder", mark("没有承办单位")),
    "assignee": Dimension(mark("承办人"), "assignee", mark("没有分派承办人"), is_of_today=True),
    "supervisor": Dimension(mark("交办机关"), "supervisor"),
    "subject": Dimension(mark("涉及单位"), "subject"),
    "kind": Dimension(mark("类型"), "kind"),
    "state": Dimension(mark("状态"), "state"),
    "colour": Dimension(mark("预警颜色"), "colour", mark("没有预警"), colour_words),
    "opened": Dimension(mark("登记月份"), "opened", words=_month),
    "closed": Dimension(mark("办结月份"), "closed", mark("没有办结"), _month, is_of_today=True),
}


def alike_together(told: Iterable[Group], language: Language) -> Iterator[Group]:
    """States that are called alike as one group, whose key asks for all of them; an official knows no others."""
    same: dict[str, list[Group]] = {}
    for group in told:
        same.setdefault(group.label.in_(language), []).append(group)
    for found in same.values():
        rows = Figure(sum(one.rows.n for one in found), any(one.rows.is_capped for one in found))
        key = spelled(str(one.key) for one in found)
        yield replace(found[0], key=key, rows=rows, late=sum(one.late for one in found))


def find_dimension(listing: Listing, key: str) -> Dimension | None:
    """The dimension of this name that the page may be grouped by."""
    if key in DIMENSIONS:
        return DIMENSIONS[key]
    field = next((found for one in listing.definitions if (found := field_of(one, key))), None)
    return _of_fact(field) if field else None


def _of_fact(field: Field) -> Dimension:
    words = _flag if field.type == "flag" else None
    return Dimension(field.title.in_(current_language()), f"{FACT}{field.key}", NOT_FILLED, words)


def grouping_of(listing: Listing) -> str:
    """By what the rows are grouped, "" by nothing; BadInput for what no page is grouped by."""
    told = listing.asked.params.get(GROUP, "")
    found = find_dimension(listing, told)
    if told and found is None:
        raise BadInput(why="unknown_dimension", dimension=told)
    return "" if found is None or (found.is_of_today and listing.query.as_of is not None) else told


def overlaps(listing: Listing, key: str) -> bool:
    """May a row stand in several groups of this dimension?"""
    return any((field := field_of(one, key)) is not None and field.type == SEVERAL for one in listing.definitions)


def titles_of(listing: Listing) -> Iterator[tuple[str, str]]:
    """What the rows may be grouped by: its name and its title."""
    for key, one in DIMENSIONS.items():
        is_known = listing.query.as_of is None or not one.is_of_today
        if is_known and (key != "kind" or listing.is_mixed):
            yield key, gettext(one.title)
    yield from facts_of(listing.definitions)


def facts_of(definitions: tuple[Definition, ...]) -> Iterator[tuple[str, str]]:
    """The facts that rows may be grouped by, each once."""
    seen = set()
    for field in (field for definition in definitions for field in definition.fields if groups(field)):
        if field.key not in seen:
            seen.add(field.key)
            yield f"{FACT}{field.key}", field.title.in_(current_language())


def asks_for(listing: Listing, dimension: str, name: str, key: Any) -> Changes:
    """How the address changes to ask for one group: beside the page's filters, never wider than them."""
    if key is None:
        return _without(listing, dimension)
    if dimension in SPANS:
        return _within(listing, dimension, key)
    if dimension == "township" and is_narrow(listing):
        return {}
    return {name: str(key)}


def _without(listing: Listing, dimension: str) -> Changes:
    if dimension == "township" and not listing.query.area_id:
        return {"area": str(NO_TOWNSHIP)}
    return {NONE: spelled(dict.fromkeys((*names_in(listing.asked.params.get(NONE, "")), dimension)))}


def _within(listing: Listing, dimension: str, key: int) -> Changes:
    """The days of a month that the page asks for."""
    query, month = listing.query, date(key // 100, key % 100, 1)
    last = (month + timedelta(31)).replace(day=1) - timedelta(1)
    first_name, last_name = SPANS[dimension]
    first_asked, last_asked = getattr(query, first_name), getattr(query, last_name)
    first, last = max(first_asked or month, month), min(last_asked or last, last)
    return {first_name: first.isoformat(), last_name: last.isoformat()}


def is_narrow(listing: Listing) -> bool:
    """Is one township, or less of it, asked for already? Then its group is no wider than that."""
    area = listing.occasion.tree.areas.get(listing.query.area_id or NO_TOWNSHIP)
    return area is not None and area.level != "county"
