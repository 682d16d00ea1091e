"""Does an import as it would be done, and undoes all of it: what a dry run shows is what the engine itself would say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from states.errors import DomainError
from workflow.context import Context
from workflow.database import Database
from workflow.desk import Desk
from workflow.occasions import Occasions
from workflow.store import Store
from workflow.types import Actor
from workflow.verbs.adopt import Adoption, adopt
from workflow.verbs.switch_on import Forecast, forecast

# What is to be adopted, made once the organs and the run it names are there.
Prepare = Callable[[Store], tuple[int, Iterable[Adoption]]]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How many would be adopted, (row, code, parameters) of those refused, and what the next sweep would do."""

    adopted: int
    refused: tuple[tuple[int, str, dict[str, Any]], ...]
    forecast: Forecast


class _Undone(Exception):
    """Carries the result out of the transaction that is rolled back."""

    def __init__(self, result: Rehearsed) -> None:
        super().__init__()
        self.result = result


def rehearse(database: Database, prepare: Prepare, *, actor: Actor, now: datetime) -> Rehearsed:
    """The result of adopting everything that `prepare` gives, with no trace left. It holds the writers' turn meanwhile."""

    def work(store: Store) -> NoReturn:
        import_id, adoptions = prepare(store)
        # Organs were added in this transaction only: what an engine keeps between verbs must not learn of them.
        occasion = Occasions(()).at(store, now)
        adopted, refused = 0, []
        for adoption in adoptions:
            desk = Desk(store, Context(), occasion, actor, {}, {})
            try:
                adopt(desk, adoption)
            except DomainError as refusal:
                refused.append((adoption.row, refusal.code, refusal.params))
                continue
            desk.context.flush(store)
            adopted += 1
        raise _Undone(Rehearsed(adopted, tuple(refused), forecast(store, occasion, import_id)))

    try:
        database.write(work)
    except _Undone as undone:
        return undone.result
    raise AssertionError("unreachable: a rehearsal never commits")
