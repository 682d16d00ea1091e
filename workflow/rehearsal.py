"""Does an import and the sweep after it as they would be done, and undoes all of it: what is shown is what the engine does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from states.errors import DomainError
from workflow.context import Context
from workflow.database import Database
from workflow.desk import Desk
from workflow.occasion import Occasion
from workflow.occasions import Occasions
from workflow.sealing.sealer import Sealer
from workflow.store import Store
from workflow.types import MACHINE, Actor, Effect, RungFunction
from workflow.verbs.adopt import Adoption, adopt
from workflow.verbs.switch_on import cases_of, count_late, switch_on
from workflow.verbs.tick import Swept, sweep_all

T = TypeVar("T")
# What is to be adopted, made once the organs and the run it names are there.
Prepare = Callable[[Store], tuple[int, Iterable[Adoption]]]
TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What this office does: the effects and the rungs by name; and how it keeps secrets."""

    effects: Mapping[str, Effect]
    rungs: Mapping[str, RungFunction]
    sealer: Sealer | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the next sweep does once the ladders of an import run in `mode`.

    `interviews` are talks that it opens, `opened` other cases by kind, `rungs` fired rungs by key, `late` clocks past their
    limit.
    """

    mode: str
    interviews: int
    opened: Mapping[str, int]
    rungs: Mapping[str, int]
    late: int


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How many would be adopted, (row, code, parameters) of those refused, and what the next sweep would do."""

    adopted: int
    refused: tuple[tuple[int, str, dict[str, Any]], ...]
    forecast: Forecast


def rehearse(
    database: Database, prepare: Prepare, *, behaviour: Behaviour, actor: Actor, now: datetime, mode: str
) -> Rehearsed:
    """The result of adopting everything that `prepare` gives, and of the sweep after its ladders were switched on."""

    def work(store: Store) -> Rehearsed:
        import_id, adoptions = prepare(store)
        # Organs were added in this transaction only: what an engine keeps between verbs must not learn of them.
        occasion = Occasions(()).at(store, now)
        adopted, refused = 0, []
        for adoption in adoptions:
            desk = Desk(store, Context(behaviour.sealer), occasion, actor, behaviour.effects, behaviour.rungs)
            try:
                adopt(desk, adoption)
            except DomainError as refusal:
                refused.append((adoption.row, refusal.code, refusal.params))
                continue
            desk.context.flush(store)
            adopted += 1
        return Rehearsed(adopted, tuple(refused), _sweep(store, occasion, behaviour, import_id, mode))

    return database.rehearse(work)


def forecast(database: Database, import_id: int, *, behaviour: Behaviour, now: datetime, mode: str) -> Forecast:
    """What the next sweep would do once the ladders of this import run: they are switched on, swept, and all is undone."""

    def work(store: Store) -> Forecast:
        return _sweep(store, Occasions(()).at(store, now), behaviour, import_id, mode)

    return database.rehearse(work)


def _sweep(store: Store, occasion: Occasion, behaviour: Behaviour, import_id: int, mode: str) -> Forecast:
    late, after = count_late(store, occasion, import_id), 0

    def write(body: Callable[[Desk], T]) -> T:
        with store.connection.begin_nested():
            desk = Desk(store, Context(behaviour.sealer), occasion, MACHINE, behaviour.effects, behaviour.rungs)
            result = body(desk)
            desk.context.flush(store)
        return result

    # What is due anyway comes first, so that all that follows comes of this import.
    sweep_all(_Within(store), write, occasion.now)
    while batch := cases_of(store, import_id, after=after, limit=TOGETHER):
        write(partial(switch_on, case_ids=batch, mode=mode))
        after = batch[-1]
    return _told(sweep_all(_Within(store), write, occasion.now), occasion, mode, late)


class _Within(Database):
    """The one open transaction, where a sweep expects a database: each of its writes is a part that may be undone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, work: Callable[[Store], T]) -> T:
        """The result of `work`, or no trace of it."""
        with self._store.connection.begin_nested():
            return work(self._store)

    def read(self, work: Callable[[Store], T]) -> T:
        """The result of `work`."""
        return work(self._store)


def _told(swept: Swept, occasion: Occasion, mode: str, late: int) -> Forecast:
    opened = Counter(one["kind"] for one in swept.opened)
    talks = [kind for kind in opened if occasion.catalogue.of_kind(kind).definition.interview is not None]
    interviews = sum(opened.pop(kind) for kind in talks)
    return Forecast(mode, interviews, dict(opened), dict(Counter(one["rung"] for one in swept.fired)), late)
