"""Whether the register adds up: numbers without a gap, every hand-over signed for (逐件编号、全程登记、定期核对).

Rule: 执纪规则 arts. 23 and 71, security.md R25. Numbers are given in the transaction that makes the case, and nothing deletes
one; a gap therefore means that somebody has been at the database itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from states.definition import Definition, Text
from workflow.models import Numbering, Tombstone
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads import ledger
from workflow.reads.counts import Figure, count_of
from workflow.reads.openings import Told, list_openings
from workflow.reads.query import Query
from workflow.reads.rows import LedgerRow
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

ROLES, OFFICE = ("handler", "deputy", "head"), "inspection_office"
SHOWN = 50
STANDS = ("open", "closed", "withdrawn", "disposed")
YEAR, ORDINAL = "{year}", "{n}"
_numbering = table_of(Numbering)
GIVEN = Prepared(select(_numbering.c.series, _numbering.c.last))
_stone = table_of(Tombstone)
_is_disposed = _stone.c.case_id.is_not(None).label("disposed")
NUMBERS = Prepared(
    select(CASES.c.kind, CASES.c.number, CASES.c.final, CASES.c.withdrawn, _is_disposed)
    .outerjoin(_stone, _stone.c.case_id == CASES.c.id)
    .order_by(CASES.c.id)
)


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of a kind and a year: the last that was given, and what bears them. `missing` are borne by no case.

    What is registered is open, closed, withdrawn (an import taken back, whose numbers stay) or disposed of: they are its sum.
    """

    kind: str
    title: Text
    year: int
    last: int
    open: int
    closed: int
    withdrawn: int
    disposed: int
    missing: tuple[str, ...]

    @property
    def registered(self) -> int:
        """How many cases bear a number of the series."""
        return self.open + self.closed + self.withdrawn + self.disposed


@dataclass(frozen=True, slots=True)
class Register:
    """Every series, what the reader sees of the cases that nobody has signed for yet, by kind and number, and who opened what
    he does not handle."""

    series: tuple[Series, ...]
    unsigned: tuple[LedgerRow, ...]
    all_unsigned: Figure
    opened: tuple[Told, ...]


def may_reconcile(actor: Actor) -> bool:
    """Whoever works in an inspection office, and who audits: he sees numbers only."""
    works = any(grant.role in ROLES and grant.organ_kind == OFFICE for grant in actor.posts)
    return actor.sees_all or works or actor.has_role("audit_admin")


def register(store: Store, occasion: Occasion, actor: Actor) -> Register:
    """The whole of it, for whoever may."""
    query = Query(band="to_sign", sort="number")
    rows = ledger.page(store, occasion, actor, query, limit=SHOWN).rows
    opened = list_openings(store, occasion, actor)
    return Register(series_of(store, occasion), rows, count_of(store, occasion, actor, query), opened)


def series_of(store: Store, occasion: Occasion) -> tuple[Series, ...]:
    """Every series that counts by year, the newest first, in the order of the kinds. Two statements, over every case."""
    given = {row["series"]: row["last"] for row in store.rows(GIVEN)}
    bearing = _bearing(store.rows(NUMBERS), occasion)
    found = []
    for kind, served in occasion.catalogue.current.items():
        if _pattern(served.definition) is None:
            continue
        years = (int(series.partition(":")[2]) for series in given if re.fullmatch(rf"{re.escape(kind)}:\d{{4}}", series))
        for year in sorted(years, reverse=True):
            found.append(_series(served.definition, year, given[f"{kind}:{year}"], bearing))
    return tuple(found)


def _series(definition: Definition, year: int, last: int, bearing: dict[tuple[str, int, int], Row]) -> Series:
    own = {n: row for (kind, of, n), row in bearing.items() if (kind, of) == (definition.key, year)}
    stands = [_stand(row) for row in own.values()]
    missing = [definition.number.format(year=year, n=n) for n in range(1, last + 1) if n not in own]
    counted = {name: stands.count(name) for name in STANDS}
    return Series(definition.key, definition.title, year, last, **counted, missing=tuple(missing))


def _stand(row: Row) -> str:
    if row["withdrawn"]:
        return "disposed" if row["disposed"] else "withdrawn"
    return "closed" if row["final"] else "open"


def _bearing(rows: Iterable[Row], occasion: Occasion) -> dict[tuple[str, int, int], Row]:
    """The cases by kind, year and ordinal, read out of their numbers by the pattern of any version of the kind."""
    kinds = occasion.catalogue.current
    patterns = {kind: [p for one in occasion.catalogue.versions_of(kind) if (p := _pattern(one))] for kind in kinds}
    found: dict[tuple[str, int, int], Row] = {}
    for row in rows:
        matches = (pattern.fullmatch(row["number"]) for pattern in patterns.get(row["kind"], ()))
        match = next(filter(None, matches), None)
        if match is not None:
            found[row["kind"], int(match["year"]), int(match["n"])] = row
    return found


def _pattern(definition: Definition) -> re.Pattern[str] | None:
    """What a number of the kind looks like; None for kinds that do not count by year."""
    if YEAR not in definition.number or ORDINAL not in definition.number:
        return None
    plain = re.escape(definition.number)
    plain = plain.replace(re.escape(YEAR), r"(?P<year>\d{4})", 1).replace(re.escape(ORDINAL), r"(?P<n>\d+)", 1)
    return re.compile(plain)
