"""One box for everything: a number (also that of the old ledger), words in either script, the name of an organisation.

The index finds candidates by their bigrams, LIKE looks at the text itself, and the reader's selectable has the last word. Words
are the same with blanks or without, in simplified or traditional characters. Of a case that the reader only sees as it was when
he handed it on, the words must stand in what it said then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, column, func, literal_column, or_, select, table

from workflow import search
from workflow.cases import CLOCKS
from workflow.definitions import Catalogue
from workflow.models import SearchText
from workflow.occasion import Occasion
from workflow.permissions import CASES, visible
from workflow.reads.moments import moment_of
from workflow.reads.query import words_of
from workflow.reads.rows import LedgerRow, rows_of
from workflow.reads.sight import parties_of_all, present, sight_of
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

LIMIT, ORGANS_SHOWN, LONGEST = 50, 10, 200

_text = table_of(SearchText)
# FTS5 is asked through the hidden column that is called like the table itself.
_index = table("search_index", column("rowid", _text.c.case_id.type), column("search_index", _text.c.grams.type))
_KEPT: dict[tuple[Any, ...], Prepared] = {}


@dataclass(frozen=True, slots=True)
class OrganHit:
    """An organisation whose name contains the words."""

    id: int
    name: str
    short_name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Found:
    """Cases, best first (its very number, then the words, then the organisation; newest first), and organisations."""

    rows: tuple[LedgerRow, ...] = ()
    organs: tuple[OrganHit, ...] = ()
    has_more: bool = False


def find(store: Store, occasion: Occasion, actor: Actor, text: str, *, limit: int = LIMIT) -> Found:
    """What the words find, at most `limit` cases; nothing for an empty box. Words beyond 200 characters are cut."""
    text = text.strip()[:LONGEST]
    needles = _needles(text)
    if not needles:
        return Found()
    organs = _organs(occasion, needles[0])
    stored: dict[int, Row] = {}
    for rows in _ways(store, occasion, actor, text, needles, organs, limit + 1):
        for row in rows:
            stored.setdefault(row["id"], row)
    chosen = list(stored.values())[:limit]
    return Found(tuple(rows_of(store, occasion, actor, chosen)), organs, len(stored) > limit)


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
    limit: int,
) -> Iterable[list[Row]]:
    yield store.rows(_statement(store, actor, occasion.catalogue, "number", 0), number=text, limit=limit)
    found = _by_words(store, occasion, actor, needles[:1], limit)
    yield found
    if not found and len(needles) > 1:
        yield _by_words(store, occasion, actor, needles[1:], limit)
    if organs:
        where = or_(*[CASES.c[name].in_([organ.id for organ in organs]) for name in ("subject_id", "holder_id")])
        shown = and_(present(actor, occasion.catalogue), where)
        yield store.select(select(CASES).where(shown).order_by(CASES.c.id.desc()).limit(limit))


def _organs(occasion: Occasion, needle: str) -> tuple[OrganHit, ...]:
    if len(needle) < 2:
        return ()
    tree = occasion.tree
    hits = [o for o in tree.organs.values() if needle in search.normalise(o.name) or needle in search.normalise(o.short_name)]
    hits.sort(key=lambda organ: (tree.area_rank[organ.area_id], organ.official_order, organ.id))
    return tuple(OrganHit(o.id, o.name, o.short_name or o.name, o.kind) for o in hits[:ORGANS_SHOWN])


# ---- words ----------------------------------------------------------------------------------------------------------------


def _by_words(store: Store, occasion: Occasion, actor: Actor, needles: list[str], limit: int) -> list[Row]:
    grams = [gram for needle in needles if len(needle) > 1 for gram in search.grams(needle) if gram.isalnum()]
    name = "grams" if grams else "scan"
    prepared = _statement(store, actor, occasion.catalogue, name, len(needles))
    likes = {f"words{n}": words_of(needle)["words"] for n, needle in enumerate(needles)}
    probe = {"grams": _probe(store, grams)} if grams else {}
    rows = store.rows(prepared, limit=limit, **likes, **probe)
    return [row for row in rows if _said_then(store, occasion, actor, row, needles)]


def _probe(store: Store, grams: list[str]) -> str:
    """All grams at once, as each database's index is asked."""
    if store.dialect != "sqlite":
        return " ".join(grams)
    return " AND ".join(f'"{gram}"' for gram in grams)


def _said_then(store: Store, occasion: Occasion, actor: Actor, row: Row, needles: list[str]) -> bool:
    """Did the text already contain the words, where the reader only sees the case as it was?"""
    sight = (
        sight_of(actor, occasion.catalogue, row, parties_of_all(store, [row["id"]])[row["id"]])
        if _may_be_past(actor, row)
        else None
    )
    if sight is None or sight.upto_seq is None:
        return True
    clocks = store.rows(CLOCKS, case_id=row["id"])
    then = moment_of(store, row, clocks, sight.upto_seq).row
    texts = [value for value in json.loads(then["data"]).values() if isinstance(value, str)]
    said = [search.normalise(text) for text in (then["number"], then["old_number"], then["title"], *texts)]
    return all(any(needle in text for text in said) for needle in needles)


def _may_be_past(actor: Actor, row: Row) -> bool:
    # Whoever is one of the case's own organs needs no further look.
    own = {row[name] for name in ("holder_id", "supervisor_id", "subject_id")}
    return not actor.sees_all and not own.intersection(actor.organ_ids)


# ---- statements -----------------------------------------------------------------------------------------------------------


def _statement(store: Store, actor: Actor, catalogue: Catalogue, name: str, words: int) -> Prepared:
    versions = catalogue.stamp
    key = (actor.person_id, actor.sees_all, actor.grants, versions, name, words, store.dialect)
    known = _KEPT.get(key)
    if known is None:
        if len(_KEPT) > 1_000:
            _KEPT.clear()
        shown = select(CASES).where(visible(actor, catalogue))
        found = shown.where(CASES.c.number == bindparam("number")) if name == "number" else _worded(shown, name, words, store)
        known = _KEPT[key] = Prepared(found.order_by(CASES.c.id.desc()).limit(bindparam("limit")))
    return known


def _worded(shown: Select[Any], name: str, words: int, store: Store) -> Select[Any]:
    likes = [_text.c.body.like(bindparam(f"words{n}"), escape="\\") for n in range(words)]
    found = shown.join(_text, _text.c.case_id == CASES.c.id).where(*likes)
    if name == "scan":
        return found
    if store.dialect == "sqlite":
        hits = select(_index.c.rowid).where(_index.c.search_index.op("MATCH")(bindparam("grams")))
        return found.where(_text.c.case_id.in_(hits))
    wanted = func.string_to_array(bindparam("grams"), literal_column("' '"))
    return found.where(func.string_to_array(_text.c.grams, literal_column("' '")).op("@>")(wanted))
