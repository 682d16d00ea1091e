"""One case, as one person may see it, with what its page, its buttons and its history are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, select

from states.errors import CaseNotFound
from workflow.casefile import CaseFile
from workflow.context import Context
from workflow.definitions import Served
from workflow.desk import Desk
from workflow.models import Clock
from workflow.occasion import PROTECTING, Occasion
from workflow.permissions import CASES, visible
from workflow.reads.moments import moment_of
from workflow.reads.sight import Sight, sights_of
from workflow.statements import Kept, Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

_clock = table_of(Clock)
# Of every cycle: the page shows how earlier ones ended.
ALL_CLOCKS = Prepared(
    select(_clock).where(_clock.c.case_id == bindparam("case_id")).order_by(_clock.c.cycle, _clock.c.key, _clock.c.run)
)
_KEPT = Kept()


@dataclass(frozen=True)
class SeenCase:
    """The case as the reader sees it: `row` and `clocks` are those of the past where `sight` ends at an event."""

    store: Store
    occasion: Occasion
    actor: Actor
    row: Row
    clocks: tuple[Row, ...]
    served: Served
    sight: Sight

    @property
    def id(self) -> int:
        """The case's id."""
        return int(self.row["id"])

    @property
    def is_whole(self) -> bool:
        """Does the reader see the case as it is now?"""
        return self.sight.upto_seq is None

    def file(self) -> CaseFile:
        """The case as the verbs take it, for asking their own rules; nothing of it is ever written."""
        live = [dict(clock) for clock in self.clocks if clock["cycle"] == self.row["cycle"]]
        return CaseFile(dict(self.row), live, self.served)

    def desk(self) -> Desk:
        """A desk without behaviour, at which the verbs' own rules can be asked."""
        return Desk(self.store, Context(), self.occasion, self.actor, {}, {})


def see(store: Store, occasion: Occasion, actor: Actor, case_id: int) -> SeenCase:
    """The case, or CaseNotFound, which is also the answer to whoever may not see it."""
    row = store.row(_statement(occasion, actor, store.dialect), id=case_id)
    if row is None:
        raise CaseNotFound(id=case_id)
    occasion.say_shown([row])
    sight = sights_of(store, actor, occasion.catalogue, [row])[case_id]
    clocks = tuple(store.rows(ALL_CLOCKS, case_id=case_id))
    if sight.upto_seq is not None:
        then = moment_of(store, row, clocks, sight.upto_seq)
        row, clocks = then.row, then.clocks
    served = occasion.catalogue.of_version(row["definition_version_id"])
    return SeenCase(store, occasion, actor, row, clocks, served, sight)


def find_number(store: Store, occasion: Occasion, actor: Actor, number: str) -> int | None:
    """The id of the case with this number, if the actor may see it."""
    shown = and_(CASES.c.number == number, visible(actor, occasion.catalogue))
    found = store.select(select(CASES.c.id).where(shown))
    return int(found[0]["id"]) if found else None


def _statement(occasion: Occasion, actor: Actor, dialect: str) -> Prepared:
    def write() -> Any:
        return select(CASES).where(CASES.c.id == bindparam("id"), visible(actor, occasion.catalogue))

    return _KEPT.get((actor.person_id, actor.sees_all, actor.grants, occasion.catalogue.stamp), dialect, write)


@dataclass(frozen=True, slots=True)
class CaseRef:
    """Another case that the reader may see, as a link."""

    id: int
    number: str
    title: str
    kind: str
    state: str
    is_closed: bool


def refs_of(store: Store, occasion: Occasion, actor: Actor, ids: set[int]) -> dict[int, CaseRef]:
    """Of these cases, those that the actor sees as they are now, by id."""
    from workflow.reads.sight import present

    if not ids:
        return {}
    columns = [CASES.c[name] for name in ("id", "number", "title", "kind", "state", "final", *PROTECTING)]
    where = and_(CASES.c.id.in_(sorted(ids)), present(actor, occasion.catalogue))
    rows = store.select(select(*columns).where(where))
    occasion.say_shown(rows)
    return {row["id"]: CaseRef(*[row[name] for name in ("id", "number", "title", "kind", "state", "final")]) for row in rows}
