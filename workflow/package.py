"""The audit package: what the outside verifier reads of a ledger, a row a line, in plain JSON that any database can write.

Without content it holds what happened, when, by whom and to which case, and nothing of what was said: an auditor proves the
history with it and reads no case. With content it also proves that what was said is what was written then. Of a secret it holds
the digest of what lies sealed, and never that itself: a key that is destroyed makes it unreadable in every copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, text

from workflow.digests import MARKS, SHA_256, SM3, digest
from workflow.keyring import PublicKey
from workflow.models import Case, Checkpoint, Content, DefinitionText, DefinitionVersion, Event, Secret, Trail
from workflow.sealing.ciphers import is_sealed
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical

BATCH = 5_000
_case, _event, _content, _trail = table_of(Case), table_of(Event), table_of(Content), table_of(Trail)
_secret = table_of(Secret)
_checkpoint, _version, _definition = table_of(Checkpoint), table_of(DefinitionVersion), table_of(DefinitionText)
HEADS = (_case.c.id, _case.c.seq, _case.c.head, _case.c.state, _case.c.holder_id, _case.c.version, _case.c.cycle)
SECRETS = (_secret.c.case_id, _secret.c.field, _secret.c.value)
# In the place of a digest where nothing is sealed.
UNSEALED = "unsealed"
# Where a secret's digests stand, by suite; that of SM3 only where a history may tell it.
DIGESTS = {SHA_256: "digest", SM3: "sm3"}
BY_SM3 = Prepared(select(_event.c.case_id).where(_event.c.hash.like(f"{MARKS[SM3]}%")).limit(1))
SAID = (_case.c.number, _case.c.old_number, _case.c.title, _case.c.data)


def lines(store: Store, *, keys: Iterable[PublicKey], with_content: bool) -> Iterator[str]:
    """Each line of the package. Call it as the first thing of a read, so that all of it is one snapshot.

    NotReady no_sm3 where the ledger has secrets and histories by that, and OpenSSL does not offer it.
    """
    if store.dialect == "postgresql":
        store.connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    yield from (canonical({"table": "key", "key": key.document()}) for key in keys)
    yield from _told("definition", store.rows(Prepared(select(_definition.c.digest, _definition.c.canonical))))
    yield from _told("definition_version", store.rows(Prepared(select(_version.c.id, _version.c.digest))))
    yield from _told("checkpoint", store.rows(Prepared(select(_checkpoint).order_by(_checkpoint.c.id))))
    yield from _told("cases", _walk(store, [*HEADS, *(SAID if with_content else ())], (_case.c.id,)))
    yield from _told("event", _walk(store, list(_event.c), (_event.c.case_id, _event.c.seq)))
    if with_content:
        yield from _told("content", _walk(store, list(_content.c), (_content.c.case_id, _content.c.seq)))
    suites = tuple(DIGESTS) if store.row(BY_SM3) else (SHA_256,)
    secrets = _walk(store, list(SECRETS), (_secret.c.case_id, _secret.c.field))
    yield from _told("secret", (_digested(row, suites) for row in secrets))
    yield from _told("trail", _walk(store, list(_trail.c), (_trail.c.id,)))


def _told(table: str, rows: Iterable[Row]) -> Iterator[str]:
    return (canonical({"table": table, **row}) for row in rows)


def _digested(row: Row, suites: Iterable[str]) -> Row:
    """A secret by the digests of what lies there, one of which its history tells.

    What was kept before there were keys could be found by trying words out.
    """
    value = row.pop("value")
    return row | {DIGESTS[suite]: digest(suite, value) if is_sealed(value) else UNSEALED for suite in suites}


def _walk(store: Store, columns: list[Any], order: tuple[Any, ...]) -> Iterator[Row]:
    """A long table, so many rows at a time, by its key."""
    beyond: Any = order[-1] > bindparam(order[-1].name)
    if len(order) == 2:
        first: Any = bindparam(order[0].name)
        beyond = or_(order[0] > first, and_(order[0] == first, beyond))
    prepared = Prepared(select(*columns).where(beyond).order_by(*order).limit(BATCH))
    after: Row = {column.name: column.type.python_type() for column in order}
    while rows := store.rows(prepared, **after):
        yield from rows
        after = {column.name: rows[-1][column.name] for column in order}
