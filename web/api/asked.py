"""What a request of the API asks, read strictly: what nobody knows, or no database could hold, is refused by its name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import BadRequest

from states.errors import InvalidForm
from web.api.schemas import LARGEST
from web.ledger.questions import FACET, asked_of, cursor_of, query_of
from workflow.reads.bands import BANDS, LATE_BUCKETS
from workflow.reads.query import SORTS, Cursor, Query

LIMIT, MOST = 50, 200
WORDS: Mapping[str, Any] = {"type": "string"}
ID: Mapping[str, Any] = {"type": "integer", "minimum": 0, "maximum": LARGEST}
DAY: Mapping[str, Any] = {"type": "string", "format": "date"}
# What an address may ask, as the document tells it. An empty value asks nothing.
FILTERS: Mapping[str, Mapping[str, Any]] = {
    "kind": WORDS,
    "state": WORDS,
    "band": {"enum": ["", *BANDS]},
    "area": ID,
    "holder": ID,
    "from": DAY,
    "to": DAY,
    "late": {"enum": ["", *LATE_BUCKETS]},
    "overdue": {"type": "boolean"},
    "q": WORDS,
}
PLACES: Mapping[str, Mapping[str, Any]] = {
    "sort": {"enum": ["", *SORTS]},
    "down": WORDS,
    "after": WORDS,
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST},
}
FLAGS = {"true": True, "false": False}


def body_of(schema: type[Schema]) -> dict[str, Any]:
    """The request's body through its schema. InvalidForm names the members at fault; BadRequest where it is no object."""
    told = request.get_json(silent=True) if request.data else {}
    if not isinstance(told, dict):
        raise BadRequest()
    faults = {key: ["bad_value"] for key, value in told.items() if not _is_storable(value)}
    if faults:
        raise InvalidForm(fields=faults)
    try:
        loaded: dict[str, Any] = schema().load(told)
    except ValidationError as fault:
        raise InvalidForm(fields={str(key): [_code(schema, key, told)] for key in fault.messages}) from None
    return loaded


def _code(schema: type[Schema], key: Any, told: dict[str, Any]) -> str:
    if key not in schema().fields:
        return "unknown"
    return "bad_value" if key in told else "required"


def _is_storable(value: Any) -> bool:
    """JSON can say more than either database holds: null signs, halves of a surrogate pair, huge and endless numbers."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) <= LARGEST
    if isinstance(value, dict):
        return all(_is_storable(part) for pair in value.items() for part in pair)
    return all(map(_is_storable, value)) if isinstance(value, list) else True


def require_known(names: Iterable[str], *, facets: bool = False) -> None:
    """InvalidForm for a parameter of the address that this operation does not have, or that is no plain text."""
    known = frozenset(names)
    strange = [name for name in request.args if name not in known and not (facets and name.startswith(FACET))]
    unplain = [name for name, value in request.args.items(multi=True) if not _is_storable(value)]
    faults = {name: ["bad_value"] for name in unplain} | {name: ["unknown"] for name in strange}
    if faults:
        raise InvalidForm(fields=faults)


def filters_of() -> Query:
    """The query of the address; besides the ledger's own filters `overdue`, which is true or false."""
    require_known(FILTERS, facets=True)
    return _query()


def page_of() -> tuple[Query, Cursor | None, int]:
    """The query, the place to go on from, and how many rows."""
    require_known((*FILTERS, *PLACES), facets=True)
    return _query(), cursor_of(asked_of(request.args)), _limit()


def _query() -> Query:
    query = query_of(asked_of(request.args))
    told = request.args.get("overdue")
    if told is None:
        return query
    if told not in FLAGS:
        raise InvalidForm(fields={"overdue": ["bad_value"]})
    return replace(query, overdue=FLAGS[told])


def _limit() -> int:
    told = request.args.get("limit", str(LIMIT))
    if not (told.isascii() and told.isdecimal() and len(told) <= len(str(MOST)) and 1 <= int(told) <= MOST):
        raise InvalidForm(fields={"limit": ["bad_value"]})
    return int(told)


def key_of() -> str | None:
    """The idempotency key, if the request came with one."""
    return request.headers.get("Idempotency-Key") or None
