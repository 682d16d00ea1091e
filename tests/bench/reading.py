"""Reading a long ledger beside the same index walk by the bare driver: pages, depths, counts, words, the site, the chain."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.bench.places import Place, timed
from tests.bench.verbs import DAY
from tests.factories import County
from tests.web.site import signed_in, site
from workflow.audit import verify
from workflow.models import Event
from workflow.reads import ledger
from workflow.reads.counts import counts
from workflow.reads.query import Query
from workflow.reads.search import find
from workflow.stamping import read_die, stamp
from workflow.store import table_of

LONG = int(os.environ.get("DUBAN_BENCH_CASES", "20000"))
ROUNDS = 30
FACTS = select(table_of(Event).c.facts)
# The walk that the reader's widest scope is, over its own index.
OPEN = (
    "SELECT * FROM cases WHERE supervisor_id = 1 AND kind = 'rectification' AND final = FALSE AND NOT withdrawn"
    " AND due_on IS NOT NULL ORDER BY due_on, id LIMIT 51"
)
WORDS = {"sqlite": "SELECT rowid FROM search_index WHERE search_index MATCH '\"公开\"' LIMIT 50"}
WORDS["postgresql"] = "SELECT case_id FROM search_text WHERE string_to_array(grams, ' ') @> '{公开}' LIMIT 50"


def lengthen(place: Place, county: County) -> None:
    """Stamps the ledger up to its length, so that there is something to walk through."""
    ids = [row["id"] for row in county.database.read(lambda store: store.select(select(ledger_ids()).limit(400)))]
    dies = county.engine.read(DAY, lambda store, occasion: [read_die(store, occasion.catalogue, one) for one in ids])
    batch = (dies * (1000 // len(dies) + 1))[:1000]
    for _ in range(LONG // len(batch)):
        county.database.write(lambda store: stamp(store, batch))
    if not place.is_sqlite:
        # What autovacuum does by itself a minute later.
        place.connect(place.url).execute("ANALYZE")


def ledger_ids() -> Any:
    """The ids of the items that belong to no other case."""
    from workflow.permissions import CASES

    return select(CASES.c.id).where(CASES.c.kind == "rectification", CASES.c.parent_id.is_(None)).subquery()


def measure(place: Place, county: County) -> None:
    """Every reading, by 林静, who sees the whole county."""
    lengthen(place, county)
    connection = place.connect(place.url)
    cursor = connection.cursor()
    lin = county.actor("lin", DAY.date())

    def reads(work: Callable[..., Any], *told: Any, **named: Any) -> float:
        return timed(lambda: county.engine.read(DAY, lambda s, o: work(s, o, lin, *told, **named)), ROUNDS)

    def bare(sql: str) -> float:
        return timed(lambda: cursor.execute(sql).fetchall(), ROUNDS)

    query = Query(band="open")
    first = county.engine.read(DAY, lambda s, o: ledger.page(s, o, lin, query, limit=50))
    walk = bare(OPEN)
    page = reads(ledger.page, query, limit=50)
    place.show(f"ledger page of {LONG}, to the same index walk", 3.0, page, walk)
    deep = first
    for _ in range(min(LONG // 500 - 1, 20)):
        if deep.next_cursor is not None:
            deep = county.engine.read(DAY, lambda s, o, at=deep.next_cursor: ledger.page(s, o, lin, query, after=at, limit=500))
    if deep.next_cursor is not None:
        place.show("deep page, to the first", 1.3, reads(ledger.page, query, after=deep.next_cursor, limit=50), page)
    place.show("counts of the strip, to one indexed row", 3.0, reads(counts, Query()), bare("SELECT * FROM cases WHERE id = 1"))
    place.show("two characters found, to the index alone", 3.0, reads(find, "公开"), bare(WORDS[place.name]))
    _site(place, county)
    _chain(place, county)
    connection.close()


def _site(place: Place, county: County) -> None:
    """The page through the site, to a view that returns the same bytes and asks nothing."""
    with tempfile.TemporaryDirectory() as home:
        app = site(county, Path(home))
        reader = signed_in(app, county, "lin", DAY)
        told = reader.get("/ledger").data
        bare = Flask("bare")
        bare.add_url_rule("/ledger", view_func=lambda: told)
        plain = bare.test_client()
        county_page = timed(lambda: reader.get("/ledger"), ROUNDS)
        place.show(
            "ledger through the site, to reading + bytes",
            1.4,
            county_page,
            _reading(county) + timed(lambda: plain.get("/ledger"), ROUNDS),
        )


def _reading(county: County) -> float:
    """What the page's own questions take."""
    lin = county.actor("lin", DAY.date())
    asked = Query(band="open")
    page = timed(lambda: county.engine.read(DAY, lambda s, o: ledger.page(s, o, lin, asked, limit=50)), ROUNDS)
    return page + timed(lambda: county.engine.read(DAY, lambda s, o: counts(s, o, lin, replace(asked, band="all"))), ROUNDS)


def _chain(place: Place, county: County) -> None:
    verdict = county.database.read(lambda store: verify(store, chain_only=True))
    facts = county.database.read(lambda store: store.select(FACTS))

    def control() -> None:
        for row in facts:
            hashlib.sha256(json.dumps(json.loads(row["facts"]), ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    ours = timed(lambda: county.database.read(lambda store: verify(store, chain_only=True)), 3)
    place.show(f"chain check, {verdict.events} events, to JSON + SHA-256", 2.0, ours, timed(control, 3), verdict.events)
