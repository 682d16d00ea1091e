"""A ledger's address as a query and back: every filter is a parameter of the address, so that a view is a bookmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from states.errors import BadInput
from workflow.reads.query import Query

# Parameter of the address → field of the query.
PLAIN = {"band": "band", "q": "text", "sort": "sort", "late": "late_for"}
LISTS = {"kind": "kinds", "state": "states"}
NUMBERS = {"area": "area_id", "holder": "holder_id"}
FACET = "f."


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of an address that mean something, in a stable order."""

    params: Mapping[str, str]

    def link(self, base: str, **changes: str | int | None) -> str:
        """The same address with some parameters changed; None takes one away. Another filter begins at the first page."""
        told = {key: value for key, value in self.params.items() if key != "after"}
        told |= {key: str(value) for key, value in changes.items() if value is not None}
        kept = {key: value for key, value in told.items() if key not in changes or changes[key] is not None}
        return f"{base}?{urlencode(sorted(kept.items()))}" if kept else base

    @property
    def text(self) -> str:
        """The filters as they are kept in a saved view."""
        return urlencode(sorted((key, value) for key, value in self.params.items() if key != "after"))


def asked_of(arguments: Mapping[str, str]) -> Asked:
    """What an address asks; parameters that nobody knows are dropped, empty ones as well."""
    known = {*PLAIN, *LISTS, *NUMBERS, "after", "down"}
    return Asked({k: v for k, v in arguments.items() if v and (k in known or k.startswith(FACET))})


def query_of(asked: Asked, kinds: tuple[str, ...] = ()) -> Query:
    """The query; BadInput for a value that no filter has. `kinds` are the page's own where none is asked for."""
    told: dict[str, object] = {field: asked.params[name] for name, field in PLAIN.items() if name in asked.params}
    told |= {field: tuple(asked.params[name].split(",")) for name, field in LISTS.items() if name in asked.params}
    for name, field in NUMBERS.items():
        if name in asked.params:
            told[field] = _number(asked.params[name])
    told["facets"] = tuple((key[len(FACET) :], (value,)) for key, value in asked.params.items() if key.startswith(FACET))
    if kinds and "kinds" not in told:
        told["kinds"] = kinds
    told["descending"] = asked.params.get("down") == "1"
    return Query(**told)  # type: ignore[arg-type]  # names and types are those of the tables above


def _number(text: str) -> int:
    if not text.isdecimal():
        raise BadInput(why="unknown_filter", value=text)
    return int(text)
