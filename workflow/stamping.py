"""Stamped cases: impressions of cases that were really lived, row for row what the verbs would have left.

Only for synthetic ledgers, where living each case would take a day. An impression has an id, a number, salts and a chain of
its own; everything else, dates and people included, is its die's, but for receipts, of which it has none.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlmodel import SQLModel

from workflow import search
from workflow.cases import BY_ID
from workflow.definitions import Catalogue
from workflow.digests import digest
from workflow.history import GENESIS, chain_hash, content_digest, told_of
from workflow.models import (
    Case,
    Clock,
    Content,
    Event,
    Evidence,
    Facet,
    FiredRung,
    FormerFacet,
    FormerText,
    Numbering,
    Outbox,
    Party,
    SearchText,
    Spell,
)
from workflow.receipts import MARK
from workflow.statements import Prepared, Row, encoded
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.text import digest as handle

# Rows that say nothing of their case but whose they are.
PLAIN: tuple[type[SQLModel], ...] = (Clock, Spell, FiredRung, Party, Evidence, Facet, FormerFacet)
WITH_TEXTS: tuple[type[SQLModel], ...] = (Event, Content, Outbox, SearchText, FormerText)
_numbering = table_of(Numbering)
TAKE = Prepared(
    update(_numbering)
    .where(_numbering.c.series == bindparam("of"))
    .values(last=_numbering.c.last + bindparam("many", type_=_numbering.c.last.type))
    .returning(_numbering.c.last)
)
# What stands for an impression's own values in the texts of its die; no text of a case holds control characters.
ID, CONTENT, LEFT, NUMBER = "\x01id\x01", "\x01content\x01", "\x01left\x01", "\x01number\x01"


def _rows_of(model: type[SQLModel]) -> Prepared:
    table = table_of(model)
    columns = [column for column in table.c if column.name != "id"]
    order = table.c.seq if "seq" in table.c else table.c.case_id
    return Prepared(select(*columns).where(table.c.case_id == bindparam("case_id")).order_by(order))


ROWS: Mapping[type[SQLModel], Prepared] = {model: _rows_of(model) for model in (*PLAIN, *WITH_TEXTS)}


@dataclass(frozen=True, slots=True)
class Die:
    """A case with all its rows, its texts cut where an impression differs."""

    case: Row
    pattern: str
    rows: Mapping[type[SQLModel], Sequence[Row]]
    events: Sequence[tuple[Row, str, str, str]]  # event, its facts, its content, what the case said of itself then
    found: str  # what is searched of it, but for its number
    grams: Sequence[str]

    @property
    def series(self) -> str:
        """The series its number is of."""
        return f"{self.case['kind']}:{self.year}"

    @property
    def year(self) -> int:
        """The year of its number."""
        return int(self.case["opened_on"].year)


def read_die(store: Store, catalogue: Catalogue, case_id: int) -> Die:
    """The case as a die; it must belong to no other case."""
    case = store.row(BY_ID, id=case_id)
    assert case is not None and case["parent_id"] is None, "only a case of its own can be stamped"
    found = {
        model: [encoded(row, store.dialect) for row in store.rows(prepared, case_id=case_id)]
        for model, prepared in ROWS.items()
    }
    definition = catalogue.of_version(case["definition_version_id"]).definition
    texts = search.texts_of(definition, case, json.loads(case["data"]))
    told = list(zip(found[Event], found[Content], strict=True))
    events = [
        (event, _facts_template(event), _content_template(content), data)
        for (event, content), data in zip(told, _data_at(case, [content for _, content in told]), strict=True)
    ]
    for line in found[Outbox]:
        line["params"] = canonical({**json.loads(line["params"]), "number": NUMBER})
    body = search.SEPARATOR + search.body_of(texts[1:])
    return Die(case, definition.number, found, events, body, search.grams(body))


def _data_at(case: Row, contents: Sequence[Row]) -> list[str]:
    """The facts of the case after each of its events, from the newest back by what each event changed."""
    data, found = case["data"], []
    for content in reversed(contents):
        found.append(data)
        data = json.loads(content["body"])["before"].get("case", {}).get("data", data)
    return found[::-1]


def _facts_template(event: Row) -> str:
    """Without the mark of a receipt: nobody has handed an impression over, so nobody is given one."""
    told = {name: value for name, value in json.loads(event["facts"]).items() if name not in MARK}
    return canonical({**told, "case": ID, "content": CONTENT})


def _content_template(content: Row) -> str:
    body = json.loads(content["body"])
    clocks = [{**clock, "case_id": ID} for clock in body["before"].get("clocks", [])]
    before = {**body["before"], **({"clocks": clocks} if "clocks" in body["before"] else {})}
    return canonical({**body, "before": before, "left": LEFT})


_ID, _CONTENT, _LEFT, _NUMBER = (json.dumps(mark) for mark in (ID, CONTENT, LEFT, NUMBER))


def stamp(store: Store, dies: Sequence[Die]) -> list[int]:
    """One impression of each die (a die may come again and again), in one statement a table; the new ids."""
    ids, numbers = store.new_ids(Case, len(dies)), _numbers(store, dies)
    pressed: dict[type[SQLModel], list[Row]] = {}
    for case_id, number, die in zip(ids, numbers, dies, strict=True):
        for model, row in _impression(die, case_id, number, store.digest_suite):
            pressed.setdefault(model, []).append(row)
    store.insert(Case, pressed.get(Case, []))
    for model in (*PLAIN, *WITH_TEXTS):
        store.insert(model, pressed.get(model, []))
    return ids


def _numbers(store: Store, dies: Iterable[Die]) -> list[str]:
    wanted = Counter(die.series for die in dies)
    last = {series: store.rows(TAKE, of=series, many=many)[0]["last"] for series, many in wanted.items()}
    following = {series: iter(range(last[series] - many + 1, last[series] + 1)) for series, many in wanted.items()}
    return [die.pattern.format(year=die.year, n=next(following[die.series]), parent="") for die in dies]


def _impression(die: Die, case_id: int, number: str, suite: str) -> Iterator[tuple[type[SQLModel], Row]]:
    head = GENESIS
    for event, facts, content, data in die.events:
        left = digest(suite, *told_of({**die.case, "number": number}, data))
        salt, body = secrets.token_hex(16), content.replace(_LEFT, f'"{left}"').replace(_ID, str(case_id))
        said = facts.replace(_CONTENT, f'"{content_digest(suite, salt, body)}"').replace(_ID, str(case_id))
        prev, head = head, chain_hash(suite, head, said)
        yield Event, {**event, "case_id": case_id, "facts": said, "prev": prev, "hash": head}
        yield Content, {"case_id": case_id, "seq": event["seq"], "salt": salt, "body": body}
    yield Case, {**die.case, "id": case_id, "number": number, "head": head}
    for model in PLAIN:
        for row in die.rows[model]:
            yield model, {**row, "case_id": case_id}
    own = canonical(number)
    for line in die.rows[Outbox]:
        params = line["params"].replace(_NUMBER, own)
        yield Outbox, {**line, "case_id": case_id, "key": handle(line["key"], str(case_id)), "params": params}
    found = search.normalise(number)
    grams = dict.fromkeys([*search.grams(found + die.found[0]), *die.grams])
    yield SearchText, {"case_id": case_id, "body": found + die.found, "grams": " ".join(grams)}
    for row in die.rows[FormerText]:
        _number, separator, rest = row["body"].partition(search.SEPARATOR)
        yield FormerText, {**row, "case_id": case_id, "body": found + separator + rest}
