"""The trail: who read what is protected, signed in, was refused, was given rights or took something away, and from where.

A row is written in the transaction of what it describes, so one cannot be without the other. It gets its place in the chain
when the next checkpoint is taken: against whoever can rewrite the database, a link counts for nothing before that, and readers
do not queue behind each other for it. No word that a client chose enters a row, so that nobody can forge a line.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from workflow.models import Trail
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.text import digest

_trail = table_of(Trail)
UNSEALED = Prepared(select(_trail.c.id, _trail.c.facts).where(_trail.c.seq.is_(None)).order_by(_trail.c.id))
LAST = Prepared(select(_trail.c.seq, _trail.c.hash).where(_trail.c.seq.is_not(None)).order_by(_trail.c.seq.desc()).limit(1))


def seal(store: Store) -> tuple[int, str]:
    """Gives the rows that have none yet their place in the chain; its length and its head."""
    last = store.row(LAST)
    seq, head = (last["seq"], last["hash"]) if last else (0, "")
    for row in store.rows(UNSEALED):
        link: dict[str, Any] = {"seq": seq + 1, "prev": head, "hash": digest(head, row["facts"])}
        store.update(Trail, link, id=row["id"])
        seq, head = link["seq"], link["hash"]
    return seq, head
