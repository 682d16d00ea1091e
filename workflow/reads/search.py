"""One box for everything: a number (also that of the old ledger), words in either script, an organisation, a person.

The index finds candidates by their bigrams, LIKE looks at the text itself, and the reader's selectable has the last word. Words
are the same with blanks or without, in simplified or traditional characters. Of a case that the reader only sees as it was when
he handed it on, the words must stand in what it said then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, column, func, literal_column, or_, select, table

from workflow import search
from workflow.cases import CLOCKS
from workflow.definitions import Catalogue
from workflow.models import Person, SearchText
from workflow.occasion import Occasion
from workflow.permissions import CASES, visible
from workflow.reads.moments import moment_of
from workflow.reads.names import Seat, seats_of
from workflow.reads.numbers import written_out
from workflow.reads.query import words_of
from workflow.reads.rows import LedgerRow, rows_of
from workflow.reads.sight import present, sights_of
from workflow.statements import Kept, Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

LIMIT, ORGANS_SHOWN, PEOPLE_SHOWN, LONGEST = 50, 10, 10, 200
# PostgreSQL gathers every hit of a word before it gives the newest: a word that stands everywhere is looked for among the
# newest cases first, where it fills its page.
NEWEST = 2_000

_text, _person = table_of(SearchText), table_of(Person)
NAMES = Prepared(select(_person.c.id, _person.c.name).order_by(_person.c.id))
# FTS5 is asked through the hidden column that is called like the table itself.
_index = table("search_index", column("rowid", _text.c.case_id.type), column("search_index", _text.c.grams.type))
LAST = Prepared(select(func.max(CASES.c.id).label("last")))
_KEPT = Kept()


@dataclass(frozen=True, slots=True)
class OrganHit:
    """An organisation whose name contains the words."""

    id: int
    name: str
    short_name: str
    kind: str


@dataclass(frozen=True, slots=True)
class PersonHit:
    """Somebody who handles cases that the reader sees, and how many of each kind; nobody else is found by name.

    `seat` is his unit and post today.
    """

    id: int
    name: str
    by_kind: Mapping[str, int]
    seat: Seat | None = None

    @property
    def cases(self) -> int:
        """All of them."""
        return sum(self.by_kind.values())


@dataclass(frozen=True, slots=True)
class Found:
    """Cases, best first (its very number, the words, the organisation, the person; newest first), organisations and people."""

    rows: tuple[LedgerRow, ...] = ()
    organs: tuple[OrganHit, ...] = ()
    people: tuple[PersonHit, ...] = ()
    has_more: bool = False


def find(store: Store, occasion: Occasion, actor: Actor, text: str, *, limit: int = LIMIT) -> Found:
    """What the words find, at most `limit` cases; nothing for an empty box. Words beyond 200 characters are cut."""
    text = written_out(text.strip()[:LONGEST], occasion.catalogue, occasion.today.year)
    needles = _needles(text)
    if not needles:
        return Found()
    organs, people = _organs(occasion, needles[0]), _people(store, occasion, actor, needles[0])
    stored: dict[int, Row] = {}
    for rows in _ways(store, occasion, actor, text, needles, organs, people, limit + 1):
        for row in rows:
            stored.setdefault(row["id"], row)
    chosen = list(stored.values())[:limit]
    return Found(tuple(rows_of(store, occasion, actor, chosen)), organs, people, len(stored) > limit)


def _needles(text: str) -> list[str]:
    """All words together first; then, where there are several, each by itself."""
    words = [search.normalise(word) for word in text.split()]
    together = search.normalise(text)
    return [together, *([word for word in words if word] if len(words) > 1 else [])] if together else []


def _ways(
    store: Store,
    occasion: Occasion,
    actor: Actor,
    text: str,
    needles: list[str],
    organs: tuple[OrganHit, ...],
    people: tuple[PersonHit, ...],
    limit: int,
) -> Iterable[list[Row]]:
    yield store.rows(_statement(store, actor, occasion.catalogue, "number", 0), number=text, limit=limit)
    found = _by_words(store, occasion, actor, needles[:1], limit)
    yield found
    if not found and len(needles) > 1:
        yield _by_words(store, occasion, actor, needles[1:], limit)
    if organs:
        where = or_(*[CASES.c[name].in_([organ.id for organ in organs]) for name in ("subject_id", "holder_id")])
        yield _newest(store, occasion, actor, where, limit)
    if people:
        yield _newest(store, occasion, actor, CASES.c.assignee_id.in_([person.id for person in people]), limit)


def _newest(store: Store, occasion: Occasion, actor: Actor, where: ColumnElement[bool], limit: int) -> list[Row]:
    shown = and_(present(actor, occasion.catalogue), where)
    return store.select(select(CASES).where(shown).order_by(CASES.c.id.desc()).limit(limit))


def _organs(occasion: Occasion, needle: str) -> tuple[OrganHit, ...]:
    if len(needle) < 2:
        return ()
    tree = occasion.tree
    hits = [o for o in tree.organs.values() if needle in search.normalise(o.name) or needle in search.normalise(o.short_name)]
    hits.sort(key=lambda organ: (tree.area_rank[organ.area_id], organ.official_order, organ.id))
    return tuple(OrganHit(o.id, o.name, o.short_name or o.name, o.kind) for o in hits[:ORGANS_SHOWN])


def _people(store: Store, occasion: Occasion, actor: Actor, needle: str) -> tuple[PersonHit, ...]:
    """Who handles cases as they stand now: a name that the reader would also find on their pages."""
    if len(needle) < 2:
        return ()
    named = {row["id"]: row["name"] for row in store.rows(NAMES) if needle in search.normalise(row["name"])}
    if not named:
        return ()
    handled = and_(present(actor, occasion.catalogue), CASES.c.assignee_id.in_(named))
    whose = (CASES.c.assignee_id, CASES.c.kind)
    counted: dict[int, dict[str, int]] = {}
    for row in store.select(select(*whose, func.count().label("n")).where(handled).group_by(*whose).order_by(*whose)):
        counted.setdefault(row["assignee_id"], {})[row["kind"]] = row["n"]
    hits = [PersonHit(person_id, named[person_id], by_kind) for person_id, by_kind in counted.items()]
    shown = sorted(hits, key=lambda hit: (-hit.cases, hit.id))[:PEOPLE_SHOWN]
    seats = seats_of(store, occasion, (hit.id for hit in shown))
    return tuple(replace(hit, seat=seats.get(hit.id)) for hit in shown)


# ---- words ----------------------------------------------------------------------------------------------------------------


def _by_words(store: Store, occasion: Occasion, actor: Actor, needles: list[str], limit: int) -> list[Row]:
    rows = _hits(store, actor, occasion.catalogue, needles, limit)
    sights = sights_of(store, actor, occasion.catalogue, rows)
    return [row for row in rows if _said_then(store, row, sights[row["id"]].upto_seq, needles)]


def _hits(store: Store, actor: Actor, catalogue: Catalogue, needles: list[str], limit: int) -> list[Row]:
    grams = [gram for needle in needles if len(needle) > 1 for gram in search.grams(needle) if gram.isalnum()]
    values = {f"words{n}": words_of(needle)["words"] for n, needle in enumerate(needles)} | {"limit": limit}

    def ask(name: str, **more: Any) -> list[Row]:
        return store.rows(_statement(store, actor, catalogue, name, len(needles)), **values, **more)

    if not grams:
        return ask("scan")
    if store.dialect == "postgresql":
        newest = ask("newest", since=(store.rows(LAST)[0]["last"] or 0) - NEWEST)
        if len(newest) == limit:
            return newest
    return ask("grams", grams=_probe(store, grams))


def _probe(store: Store, grams: list[str]) -> str:
    """All grams at once, as each database's index is asked."""
    if store.dialect != "sqlite":
        return " ".join(grams)
    return " AND ".join(f'"{gram}"' for gram in grams)


def _said_then(store: Store, row: Row, upto_seq: int | None, needles: list[str]) -> bool:
    """Did the text already contain the words, where the reader only sees the case as it was?"""
    if upto_seq is None:
        return True
    clocks = store.rows(CLOCKS, case_id=row["id"])
    then = moment_of(store, row, clocks, upto_seq).row
    texts = [value for value in json.loads(then["data"]).values() if isinstance(value, str)]
    said = [search.normalise(text) for text in (then["number"], then["old_number"], then["title"], *texts)]
    return all(any(needle in text for text in said) for needle in needles)


# ---- statements -----------------------------------------------------------------------------------------------------------


def _statement(store: Store, actor: Actor, catalogue: Catalogue, name: str, words: int) -> Prepared:
    def write() -> Any:
        shown = select(CASES).where(visible(actor, catalogue))
        found = shown.where(CASES.c.number == bindparam("number")) if name == "number" else _worded(shown, name, words, store)
        # FTS5 gives its rows newest first by itself, so that a word that stands everywhere ends after the first page of hits.
        newest = _index.c.rowid if name == "grams" and store.dialect == "sqlite" else CASES.c.id
        return found.order_by(newest.desc()).limit(bindparam("limit"))

    return _KEPT.get((actor.person_id, actor.sees_all, actor.grants, catalogue.stamp, name, words), store.dialect, write)


def _worded(shown: Select[Any], name: str, words: int, store: Store) -> Select[Any]:
    likes = [_text.c.body.like(bindparam(f"words{n}"), escape="\\") for n in range(words)]
    found = shown.join(_text, _text.c.case_id == CASES.c.id).where(*likes)
    if name == "scan":
        return found
    if name == "newest":
        return found.where(_text.c.case_id > bindparam("since", type_=CASES.c.id.type))
    if store.dialect == "sqlite":
        hits = found.join(_index, _index.c.rowid == CASES.c.id)
        return hits.where(_index.c.search_index.op("MATCH")(bindparam("grams")))
    wanted = func.string_to_array(bindparam("grams"), literal_column("' '"))
    return found.where(func.string_to_array(_text.c.grams, literal_column("' '")).op("@>")(wanted))
