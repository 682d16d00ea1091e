"""How the columns of a township's old ledgers are read, as importers keep it under a name, in versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.ledgers.facts import SECRET
from handlers.ledgers.headings import field_keys, find_field
from handlers.ledgers.mapping import Mapping as Columns
from handlers.settings.texts import faults_of_line, faults_of_parts
from states.errors import NotFound
from workflow.configuration.kinds import Fault, Kind, Known, fault, may_keep_mappings
from workflow.configuration.settings import Settings

NAME = "ledger_mapping"
LONGEST_NAME, LONGEST_HEADING, MOST = 60, 200, 200
# Fields that only who handles a clue reads, and the column that says which rows are clues.
KEPT_SECRET, CLUES = ("subject_person", "subject_post", "subject_rank"), "kind"


@dataclass(frozen=True, slots=True)
class KeptMapping:
    """A mapping in force: the key and number of its version, what it is called, and what it says."""

    key: str
    number: int
    name: str
    columns: Columns

    def reads(self, used: Columns, headings: tuple[str, ...]) -> bool:
        """Is this how a file with these headings was read?"""
        mine = {heading: field for heading, field in self.columns.columns if heading in headings}
        return mine == dict(used.columns)


def kept(settings: Settings) -> tuple[KeptMapping, ...]:
    """Every mapping in force, by name."""
    found = [
        KeptMapping(key, one.number, str(one.data["name"]), Columns(tuple(one.data["columns"].items())))
        for key, one in settings.of(NAME).items()
    ]
    return tuple(sorted(found, key=lambda one: one.name))


def get_kept(settings: Settings, name: str) -> KeptMapping:
    """The mapping of this name, or NotFound."""
    found = next((one for one in kept(settings) if one.name == name), None)
    if found is None:
        raise NotFound(what="mapping", id=name)
    return found


def key_of(settings: Settings, name: str) -> str:
    """The key of the mapping of this name; of a new one it is made from the name."""
    known = next((one.key for one in kept(settings) if one.name == name), "")
    return known or f"m{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def text_of(name: str, columns: Columns) -> str:
    """The mapping as the text of a setting."""
    return json.dumps({"name": name, "columns": dict(columns.columns)}, ensure_ascii=False, indent=1)


def check(key: str, data: Any, known: Known) -> Iterator[Fault]:
    """A name that no other has, and headings that fill fields of a ledger."""
    shape = list(faults_of_parts(data, "", needs=("name", "columns")))
    yield from shape
    if shape:
        return
    yield from faults_of_line(data["name"], "name", most=LONGEST_NAME)
    if any(told["name"] == data["name"] for other, told in known.others if other != key):
        yield fault("name_taken", name=data["name"])
    columns = data["columns"]
    if not isinstance(columns, Mapping) or not 0 < len(columns) <= MOST:
        yield fault("lines", where="columns", most=MOST)
        return
    for heading, field in columns.items():
        if not str(heading).strip() or len(str(heading)) > LONGEST_HEADING:
            yield fault("too_long", where=f"columns/{str(heading)[:LONGEST_HEADING]}", most=LONGEST_HEADING)
        if field not in field_keys():
            yield fault("field_unknown", where=f"columns/{heading}", field=str(field))


def widens(old: Any, new: Any) -> bool:
    """Would more people read what stands in a column? Who complains or is complained of would go into a plain field, or rows
    that were clues would no longer be known as such.
    """
    before = old["columns"] if old is not None else {}
    shown = {heading for heading, field in new["columns"].items() if _is_secret(heading) and field not in KEPT_SECRET}
    was_shown = {heading for heading, field in before.items() if _is_secret(heading) and field not in KEPT_SECRET}
    clues = {heading for heading, field in before.items() if field == CLUES}
    return bool(shown - was_shown) or any(new["columns"].get(heading) != CLUES for heading in clues)


def _is_secret(heading: str) -> bool:
    known = find_field(heading)
    return any(pattern.search(heading) for _fact, pattern in SECRET) or (known is not None and known[0] in KEPT_SECRET)


KIND = Kind(NAME, ("workflow_admin",), lambda: {}, check, grows=True, may=may_keep_mappings, widens=widens)
