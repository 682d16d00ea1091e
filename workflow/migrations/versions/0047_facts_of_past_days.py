"""Grounds of closing stand among the facets; facets and texts that an event has replaced are kept with the hour until which they held, told from the events of each case."""

import json
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby, pairwise
from typing import Any

import opencc
import sqlalchemy as sa
from alembic import op

from workflow.models.columns import BigId, UtcTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

Row = dict[str, Any]
BATCH = 500  # cases
# How reading a row ends that was damaged behind the engine's back. Nothing is told of its case; the night names it.
DAMAGED = (LookupError, ValueError, TypeError, AttributeError)
SAID = ("number", "old_number", "title", "data", "ground")
GROUND = "=ground"  # the ground on which a case was closed, among its facets from here on
TEXTS, SEPARATOR = ("text", "long_text"), "\x1f"
FACET = sa.table(
    "facet",
    *(sa.column("case_id", BigId), sa.column("field", sa.Text), sa.column("value", sa.Text), sa.column("from_at", UtcTime)),
)
FORMER = sa.table(
    "former_facet",
    *(sa.column("case_id", BigId), sa.column("field", sa.Text), sa.column("value", sa.Text)),
    *(sa.column("from_at", UtcTime), sa.column("until_at", UtcTime)),
)
TEXT = sa.table("former_text", sa.column("case_id", BigId), sa.column("until_at", UtcTime), sa.column("body", sa.Text))
EVENT = sa.table(
    "event",
    *(
        sa.column("case_id", BigId),
        sa.column("seq", sa.Integer),
        sa.column("happened_at", UtcTime),
        sa.column("facts", sa.Text),
    ),
)
CONTENT = sa.table("content", sa.column("case_id", BigId), sa.column("seq", sa.Integer), sa.column("body", sa.Text))
CASES = sa.table("cases", sa.column("id", BigId), *(sa.column(name, sa.Text) for name in SAID))
VERSION = sa.table("definition_version", sa.column("id", BigId), sa.column("digest", sa.Text))
DEFINITION = sa.table("definition", sa.column("digest", sa.Text), sa.column("canonical", sa.Text))
SAYING = sa.select(CASES).where(CASES.c.id > sa.bindparam("after")).order_by(CASES.c.id).limit(BATCH)
EVENTS = (
    sa.select(EVENT, CONTENT.c.body)
    .select_from(EVENT.outerjoin(CONTENT, sa.and_(CONTENT.c.case_id == EVENT.c.case_id, CONTENT.c.seq == EVENT.c.seq)))
    .where(EVENT.c.case_id.between(sa.bindparam("first"), sa.bindparam("last")))
    .order_by(EVENT.c.case_id, EVENT.c.seq)
)
VERSIONS = sa.select(VERSION.c.id, DEFINITION.c.canonical).join(DEFINITION, DEFINITION.c.digest == VERSION.c.digest)
SINCE = (
    sa.update(FACET)
    .where(*(FACET.c[name] == sa.bindparam(f"its_{name}") for name in ("case_id", "field", "value")))
    .values(from_at=sa.bindparam("its_from_at", type_=UtcTime))
)


def upgrade() -> None:
    """Up."""
    op.add_column("facet", sa.Column("from_at", UtcTime(timezone=True), nullable=True))
    op.create_table(
        "former_facet",
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("until_at", UtcTime(timezone=True), nullable=False),
        sa.Column("from_at", UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_former_facet_case_id")),
        sa.PrimaryKeyConstraint("case_id", "field", "value", "until_at", name=op.f("pk_former_facet")),
    )
    op.create_table(
        "former_text",
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("until_at", UtcTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_former_text_case_id")),
        sa.PrimaryKeyConstraint("case_id", "until_at", name=op.f("pk_former_text")),
    )
    _fill(op.get_bind())


def downgrade() -> None:
    """Down."""
    op.drop_table("former_text")
    op.drop_table("former_facet")
    op.execute(sa.delete(FACET).where(FACET.c.field == GROUND))
    op.drop_column("facet", "from_at")


def _fill(database: sa.Connection) -> None:
    fields = dict(_fields_by_version(database))
    convert, after = opencc.OpenCC("t2s").convert, 0
    while cases := {row["id"]: dict(row) for row in database.execute(SAYING, {"after": after}).mappings()}:
        after = max(cases)
        events = [dict(row) for row in database.execute(EVENTS, {"first": min(cases), "last": after}).mappings()]
        since: list[Row] = []
        kept: dict[sa.TableClause, list[Row]] = {FACET: [], FORMER: [], TEXT: []}
        for case_id, own in groupby(events, key=lambda event: event["case_id"]):
            with suppress(*DAMAGED):
                _tell(case_id, _afters(list(own), cases[case_id], fields), convert, since, kept)
        if since:
            database.execute(SINCE, since)
        for table, rows in kept.items():
            if rows:
                database.execute(sa.insert(table), rows)


def _tell(case_id: int, afters: list[Row], convert: Any, since: list[Row], kept: dict[sa.TableClause, list[Row]]) -> None:
    kept[TEXT] += list(_texts(case_id, afters, convert))
    for row in _stretches(case_id, afters):
        if "until_at" in row:
            kept[FORMER].append(row)
        elif row["field"] == GROUND:
            kept[FACET].append(row)
        elif row["from_at"] is not None:
            since.append({f"its_{name}": value for name, value in row.items()})


def _fields_by_version(database: sa.Connection) -> Iterator[tuple[int, tuple[frozenset[str], tuple[str, ...]]]]:
    for row in database.execute(VERSIONS):
        with suppress(*DAMAGED):
            yield row.id, _fields(json.loads(row.canonical))


def _fields(definition: Row) -> tuple[frozenset[str], tuple[str, ...]]:
    """The facts that lists are filtered by, and those that are searched, in this order."""
    told = definition.get("fields") or []
    listed = frozenset(one["key"] for one in told if one.get("filter") and not one.get("secret"))
    return listed, tuple(one["key"] for one in told if one.get("type", "text") in TEXTS)


def _afters(events: list[Row], case: Row, fields: dict[int, tuple[frozenset[str], tuple[str, ...]]]) -> list[Row]:
    """The case after each event, from the present back: since when that counts, what it is listed by and searched in.

    What `workflow/former.py` tells of it in this release; nothing where contents were disposed of.
    """
    if any(event["body"] is None for event in events):
        return []
    said, keys, at = {name: case[name] for name in SAID}, frozenset[str](), None
    found: list[Row] = []
    for event in reversed(events):
        listed, searched = fields[json.loads(event["facts"])["definition"]]
        keys |= listed
        at = min(at or event["happened_at"], event["happened_at"])
        data = json.loads(said["data"])
        texts = [said["number"], said["old_number"], said["title"], *(data[key] for key in searched if data.get(key))]
        ended = {(GROUND, said["ground"]): None} if said["ground"] else {}
        found.append({"at": at, "facets": _facets(keys, data) | ended, "texts": texts})
        before = (json.loads(event["body"]).get("before") or {}).get("case") or {}
        said = {**said, **{name: before[name] for name in SAID if name in before}}
    return found[::-1]


def _facets(keys: frozenset[str], data: Row) -> dict[tuple[str, str], None]:
    filled = {key: data[key] for key in sorted(keys) if data.get(key) not in (None, "", [])}
    values = {key: value if isinstance(value, list) else [value] for key, value in filled.items()}
    return {(key, str(one)): None for key, told in values.items() for one in told}


def _stretches(case_id: int, afters: list[Row]) -> Iterator[Row]:
    since: dict[tuple[str, str], Any] = {}
    for n, after in enumerate(afters):
        for named in [one for one in since if one not in after["facets"]]:
            from_at = since.pop(named)
            if from_at is None or from_at < after["at"]:
                yield {**_row(case_id, named, from_at), "until_at": after["at"]}
        for named in after["facets"]:
            since.setdefault(named, after["at"] if n else None)
    yield from (_row(case_id, named, from_at) for named, from_at in since.items())


def _texts(case_id: int, afters: list[Row], convert: Any) -> Iterator[Row]:
    last = None
    for before, after in pairwise(afters):
        if before["texts"] != after["texts"] and after["at"] != last:
            last = after["at"]
            plain = (unicodedata.normalize("NFKC", text).casefold() for text in before["texts"])
            body = SEPARATOR.join("".join(convert(text).split()) for text in plain)
            yield {"case_id": case_id, "until_at": last, "body": body}


def _row(case_id: int, named: tuple[str, str], from_at: Any) -> Row:
    return {"case_id": case_id, "field": named[0], "value": named[1], "from_at": from_at}
