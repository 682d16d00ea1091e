"""A ledger's address as a query and back: every filter is a parameter of the address, so that a view is a bookmark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from states.errors import BadInput
from web.days import read_day
from workflow.reads.query import Cursor, Query

# Between several values of one parameter, which the address repeats; no value has this sign in it.
AND = "\x1f"
HOLDER = "holder"
# Parameter of the address → field of the query.
PLAIN = {"band": "band", "q": "text", "sort": "sort", "late": "late_for", "promise": "promise", "held": "held", "step": "step"}
LISTS = {"kind": "kinds", "state": "states", "colour": "colours", "none": "without"}
NUMBERS = {
    "area": "area_id",
    "assignee": "assignee_id",
    "supervisor": "supervisor_id",
    "subject": "subject_id",
}
DAYS = {"from": "due_from", "to": "due_to"}
# Stretches of days that figures of the overview lead to.
SPANS = {
    "opened": {"opened_from": "opened_from", "opened_to": "opened_to"},
    "closed": {"closed_from": "closed_from", "closed_to": "closed_to"},
}
ALL_DAYS = {**DAYS, **SPANS["opened"], **SPANS["closed"]}
FLAGS = {"past": "overdue", "dated": "dated", "counted": "counted"}
# First and last day of a window from today, so that a kept view moves on with the day.
WINDOWS = {"today": (0, 0), "week": (0, 7), "month": (0, 30)}
FACET, WITHOUT, WINDOW, DOWN = "f.", "not.", "due", "down"
# The place in the pages: behind a row, or before one. Another filter begins at the first page.
AFTER, BEFORE = "after", "before"
NOWHERE = {AFTER: None, BEFORE: None}
# Only what the reader may check himself; the day that figures are asked of; in which dimensions a row says nothing.
MINE, AS_OF, NONE = "mine", "asof", "none"
# How the rows are grouped, and which columns they have.
GROUP, COLUMNS = "group", "cols"
KNOWN = frozenset({*PLAIN, *LISTS, *NUMBERS, *ALL_DAYS, *FLAGS, HOLDER, WINDOW, MINE, AS_OF})
KNOWN |= {AFTER, BEFORE, DOWN, GROUP, COLUMNS}
DIGITS_AT_MOST = 18  # what both databases hold as a whole number


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of an address that mean something."""

    params: Mapping[str, str]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every parameter with each of its values, as an address and a form have them."""
        return [(key, one) for key, value in sorted(self.params.items()) for one in value.split(AND)]

    def link(self, base: str, **changes: str | int | None) -> str:
        """The same address with some parameters changed; None takes one away. Another filter begins at the first page."""
        told = {**self.params, **NOWHERE, **changes}
        kept = Asked({key: str(value) for key, value in told.items() if value is not None}).pairs
        return f"{base}?{urlencode(kept)}" if kept else base

    def without(self, *names: str) -> Asked:
        """The same without these parameters and without the place in the pages."""
        return Asked({key: value for key, value in self.params.items() if key not in (*names, *NOWHERE)})

    def with_(self, **changes: str | None) -> Asked:
        """The same with some parameters changed, without the place in the pages; None takes one away."""
        told = {**self.params, **NOWHERE, **changes}
        return Asked({key: value for key, value in told.items() if value is not None})

    @property
    def text(self) -> str:
        """The filters as they are kept in a saved view."""
        return urlencode(self.without().pairs)


def spelled(names: Iterable[str]) -> str | None:
    """Several values of one parameter; None for no value at all."""
    return ",".join(names) or None


def names_in(text: str) -> tuple[str, ...]:
    """The values of a parameter that may have several, written apart or together."""
    return tuple(dict.fromkeys(name for name in text.replace(AND, ",").split(",") if name))


def has_several(name: str) -> bool:
    """May the parameter be repeated, each of its values being as good as another?"""
    return name in LISTS or name == HOLDER or name.startswith((FACET, WITHOUT))


def asked_of(arguments: Mapping[str, str]) -> Asked:
    """What an address asks; parameters that nobody knows are dropped, empty ones and those with a null sign as well.

    Of a parameter that may not be repeated the first value holds.
    """
    every = arguments.items(multi=True) if isinstance(arguments, MultiDict) else arguments.items()
    found: dict[str, list[str]] = {}
    for key, value in every:
        if "\0" not in key + value and (key in KNOWN or key.startswith((FACET, WITHOUT))):
            found.setdefault(key, []).extend(one for one in value.split(AND) if one)
    several = {key: AND.join(dict.fromkeys(values)) for key, values in found.items() if has_several(key)}
    return Asked({key: several.get(key, values[0]) for key, values in found.items() if values})


def standing_filters(arguments: Mapping[str, str]) -> Asked:
    """What an address asks of pages that count: its filters without band, order, groups and the figures that lead to rows."""
    return asked_of(arguments).without(GROUP, MINE, "band", "late", "sort", DOWN, "held", "step")


def days_read(asked: Asked, today: date) -> tuple[Asked, dict[str, str]]:
    """The address with every day in figures, and what was typed where no day can be read or the day is not over yet."""
    typed = {name: asked.params[name] for name in (*ALL_DAYS, AS_OF) if name in asked.params}
    days = {name: read_day(text, today=today, side="past" if name == AS_OF else "") for name, text in typed.items()}
    found = {name: on for name, on in days.items() if on and (name != AS_OF or on <= today)}
    kept = {name: value for name, value in asked.params.items() if name not in typed}
    return Asked(kept | {name: on.isoformat() for name, on in found.items()}), {
        name: text for name, text in typed.items() if name not in found
    }


def asked_of_view(query: str) -> Asked:
    """What a saved view asks."""
    return asked_of(MultiDict(parse_qsl(query)))


def query_of(asked: Asked, kinds: tuple[str, ...] = (), today: date | None = None) -> Query:
    """The query; BadInput for a value that no filter has. `kinds` are the page's own: it shows these, or some of them.

    Without `kinds` every kind may be asked for; without `today` there are no windows of the limit, only days.
    """
    params = asked.params
    told: dict[str, Any] = {field: params[name] for name, field in PLAIN.items() if name in params}
    told |= {field: names_in(params[name]) for name, field in LISTS.items() if name in params}
    told |= {field: number_of(params[name]) for name, field in NUMBERS.items() if name in params}
    told["holder_ids"] = tuple(number_of(one) for one in params[HOLDER].split(AND)) if HOLDER in params else ()
    told |= _window(params.get(WINDOW), as_of_day(asked, today) or today)
    told |= {field: day_of(name, params[name]) for name, field in ALL_DAYS.items() if name in params}
    told |= {field: _flag(name, params[name]) for name, field in FLAGS.items() if name in params}
    for prefix, field in ((FACET, "facets"), (WITHOUT, "without_facets")):
        named = ((key[len(prefix) :], value) for key, value in params.items() if key.startswith(prefix))
        told[field] = tuple((key, tuple(value.split(AND))) for key, value in named)
    told["descending"] = params.get(DOWN) == "1"
    told["as_of"] = as_of_day(asked, today)
    query = Query(**{**told, "kinds": told.get("kinds") or kinds})
    if kinds and not set(query.kinds) <= set(kinds):
        raise BadInput(why="unknown_filter", field="kind", value=params["kind"])
    return query


def asked_for(query: Query) -> Asked:
    """The address that asks this very query: `query_of` turned round."""
    plain = {**PLAIN, **NUMBERS, **ALL_DAYS, **FLAGS, AS_OF: "as_of"}
    told = {name: getattr(query, field) for name, field in plain.items()}
    told |= {name: ",".join(getattr(query, field)) for name, field in LISTS.items()}
    told |= {DOWN: query.descending or None}
    for prefix, pairs in ((FACET, query.facets), (WITHOUT, query.without_facets)):
        told |= {f"{prefix}{field}": AND.join(values) for field, values in pairs}
    told[HOLDER] = AND.join(map(str, query.holder_ids))
    return Asked({name: _in_address(value) for name, value in told.items() if value not in (None, "")})


def _in_address(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


def cursor_of(asked: Asked, name: str = AFTER) -> Cursor | None:
    """The place that the address turns to, behind it or BEFORE it; BadInput for what no database could hold."""
    if name not in asked.params:
        return None
    cursor = Cursor.read(asked.params[name])
    if not all(_is_storable(value) for value in (cursor.id, *cursor.key)):
        raise BadInput(why="cursor")
    return cursor


def _is_storable(value: object) -> bool:
    if isinstance(value, int):
        return len(str(abs(value))) <= DIGITS_AT_MOST
    return not (isinstance(value, str) and "\0" in value)


def number_of(text: str) -> int:
    """A whole number of an address; BadInput for anything else."""
    if not text.isdecimal() or len(text) > DIGITS_AT_MOST:
        raise BadInput(why="unknown_filter", value=text)
    return int(text)


def _window(name: str | None, today: date | None) -> dict[str, date]:
    if name is None:
        return {}
    if name not in WINDOWS or today is None:
        raise BadInput(why="unknown_filter", field=WINDOW, value=name)
    first, last = WINDOWS[name]
    return {"due_from": today + timedelta(first), "due_to": today + timedelta(last)}


def _flag(name: str, text: str) -> bool:
    if text not in ("0", "1"):
        raise BadInput(why="unknown_filter", field=name, value=text)
    return text == "1"


def as_of_day(asked: Asked, today: date | None) -> date | None:
    """The past day that is looked at, None for today; BadInput for one that is not over yet."""
    if AS_OF not in asked.params:
        return None
    on = day_of(AS_OF, asked.params[AS_OF])
    if on == today:
        return None
    if today is None or on > today:
        raise BadInput(why="unknown_filter", field=AS_OF, value=asked.params[AS_OF])
    return on


def day_of(name: str, text: str) -> date:
    """A day of an address; BadInput for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(why="unknown_filter", field=name, value=text) from error
