"""The night's checks: organisation rules; whether history and what is derived of it, clocks and visibility add up; what may be
swept away.

What is found stands on the health page and mends nothing by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog

from workflow import audit, files, parts, previews, receipts, trail
from workflow.dates import local_day
from workflow.engine import Engine
from workflow.files import Vault
from workflow.former import compare_former
from workflow.heartbeat import last_runs
from workflow.models import Note
from workflow.people import throttle, trips
from workflow.reads.agreement import CASES_A_NIGHT, PEOPLE_A_NIGHT, Disagreement, agreement_of_the_night
from workflow.reads.openings import find_openings, nights_since, tell_openings
from workflow.reads.register import Series, series_of
from workflow.reconcile import reconcile
from workflow.sealing.masters import SEALING
from workflow.sealing.sealer import Sealer
from workflow.spells import compare_spells
from workflow.store import Store
from workflow.text import canonical
from workflow.verbs.undo import forget_old_secrets

T = TypeVar("T")
# So many batches of cases come to be found by facts that are newly listed; what is left is for the next night.
LISTED_A_NIGHT = 5_000
log = structlog.get_logger()


@dataclass(slots=True)
class Night:
    """One night over a ledger; each step by itself, so that one that is broken stops no other. `failed` counts those."""

    engine: Engine
    now: datetime
    failed: int = 0

    def told(self, name: str, work: Callable[[], T]) -> T:
        """What the step gives; whatever it raises is logged, remembered, and raised again."""
        try:
            return work()
        except Exception as fault:  # Whatever it is, the health page says that this step was not done.
            log.exception("night_failed", check=name)
            self.remember([{"check": name, "error": type(fault).__name__}])
            raise

    def step(self, name: str, work: Callable[[], T], otherwise: T) -> T:
        """What the step gives, or `otherwise` where it raises."""
        try:
            return self.told(name, work)
        except Exception:  # The frame of a step of a scheduled job: one that is broken stops no other.
            self.failed += 1
            return otherwise

    def check(self, name: str, find: Callable[[], Iterable[Mapping[str, Any]]]) -> int:
        """Remembers what is found before anything else is looked at; how much it was."""

        def look() -> int:
            found = [{"check": name, **one} for one in find()]
            self.remember(found)
            return len(found)

        return self.step(name, look, 0)

    def remember(self, found: list[dict[str, Any]]) -> None:
        """For the health page."""
        if found:
            self.engine.database.write(lambda store: _remember(store, found, self.now))


def check_night(engine: Engine, home: Path, now: datetime, *, archive_days: int) -> Mapping[str, Any]:
    """Runs every step; the counts of what acted, what was found, what was swept away, and of the steps that failed.

    Who opened what is looked for last: a night in which that raises is not over, and the next one makes up for it.
    """
    night = Night(engine, now)
    read = partial(engine.read, now)
    acted = {
        "rules": night.step("rules", lambda: engine.look_at_rules(now), 0),
        "hints": night.step("hints", lambda: engine.look_for_relatives(now), 0),
        "listed": night.step("listed", lambda: engine.list_newly(now, batches=LISTED_A_NIGHT), 0),
    }
    found = {
        "audit": night.check("audit", lambda: (one._asdict() for one in engine.database.read(audit.verify).faults)),
        "receipts": night.check("receipts", lambda: engine.database.read(partial(_faults_of_receipts, engine))),
        "spells": night.check("spells", lambda: _named(engine.database.read(compare_spells))),
        "former": night.check(
            "former", lambda: _named(read(lambda store, occasion: compare_former(store, occasion.catalogue)))
        ),
        "clocks": night.check("clocks", lambda: map(asdict, read(reconcile))),
        "visibility": night.step("visibility", lambda: len(compare_ways(engine, now)), 0),
        "register": night.check("register", lambda: _with_gaps(read(series_of))),
    }
    swept = _sweep(night, home, archive_days)
    opened = night.told("opened", lambda: look_at_openings(engine, now))
    return {**acted, **found, "opened": opened, **swept, "failed": night.failed}


def _faults_of_receipts(engine: Engine, store: Store) -> list[dict[str, Any]]:
    return list(receipts.find_faults(store, engine.signer.publics())) if engine.signer else []


def _named(ids: Iterable[int]) -> Iterable[Mapping[str, Any]]:
    return ({"case": case_id} for case_id in ids)


def _with_gaps(series: Iterable[Series]) -> Iterable[Mapping[str, Any]]:
    return ({"kind": one.kind, "year": one.year, "missing": len(one.missing)} for one in series if one.missing)


def _sweep(night: Night, home: Path, archive_days: int) -> Mapping[str, int]:
    """Takes away what nobody needs any more, seals what lies open, and puts old keys away."""
    engine, now = night.engine, night.now
    read, write = engine.database.read, engine.database.write
    swept = {
        "files": night.step(
            "files", lambda: read(lambda store: files.sweep(store, home, now=now, held=parts.held(home, now=now))), 0
        ),
        "uploads": night.step("uploads", lambda: parts.sweep(home, now=now), 0),
    }
    night.step("previews", lambda: previews.sweep(home, now=now), None)
    night.step("throttle", lambda: write(lambda store: throttle.forget(store, now=now)), None)
    night.step("trips", lambda: write(lambda store: trips.forget(store, now=now)), None)
    night.step("secrets", lambda: write(lambda store: forget_old_secrets(store, now)), None)
    night.step("sealing", lambda: sum(keep_sealed(engine, home, now).values()), 0)
    return {**swept, "archived": night.step("archived", lambda: engine.put_keys_away(now, days=archive_days), 0)}


def look_at_openings(engine: Engine, now: datetime) -> int:
    """Keeps who opened protected cases that he does not handle, since the night that looked last; how many are new."""
    last = engine.database.read(last_runs).get("nightly")
    days = nights_since(last, local_day(now))
    found = engine.read(now, lambda store, occasion: find_openings(store, occasion, days))
    if found:
        engine.database.write(lambda store: tell_openings(store, found, now))
    return len(found)


def compare_ways(
    engine: Engine, now: datetime, *, people: int = PEOPLE_A_NIGHT, cases: int = CASES_A_NIGHT
) -> tuple[Disagreement, ...]:
    """Whether list, count, groups, charts, search, export, page and a row's rule say the same to some people about some cases.

    What differs shows somebody too much or too little: it is an alarm on the trail, and stands on the health page and in
    `duban doctor` until a later night finds nothing.
    """
    found = engine.read(now, partial(agreement_of_the_night, people=people, cases=cases))
    if found:

        def tell(store: Store) -> None:
            _remember(store, [{"check": "visibility", **asdict(one)} for one in found], now)
            trail.record(store, trail.MACHINE, "alarm", now=now, what="visibility", result=str(len(found)))

        engine.database.write(tell)
    return found


def keep_sealed(engine: Engine, home: Path, now: datetime, *, is_operator: bool = False) -> Mapping[str, int]:
    """Seals what still lies in plain words and wraps by the present master key what an older one wrapped; how many of each.

    Wrapping is on the trail as the night's own, or as the operator's.
    """
    counts, sealer = {"sealed": 0, "rewrapped": 0}, engine.sealer
    if sealer is None:
        return counts
    after: int | None = 0
    while after is not None:
        done, after = engine.database.write(partial(sealer.seal_plain, after=after, now=now))
        counts["sealed"] += done
    tell = partial(_tell_of_rewrapping, sealer=sealer, now=now, is_operator=is_operator)
    after = 0
    while after is not None:
        done, after = engine.database.write(partial(_rewrap, sealer, after=after, tell=tell))
        counts["rewrapped"] += done
    done, again = files.keep_sealed(Vault(home, sealer))
    if again:  # Heads of files lie beside the database; they are told of once they are written.
        engine.database.write(partial(tell, how=f"{again} files"))
    return {"sealed": counts["sealed"] + done, "rewrapped": counts["rewrapped"] + again}


def _rewrap(sealer: Sealer, store: Store, after: int, tell: Callable[..., None]) -> tuple[int, int | None]:
    """The next keys of cases wrapped by the present master key, on the trail with it."""
    done, after_next = sealer.rewrap(store, after)
    if done:
        tell(store, how=f"{done} cases")
    return done, after_next


def _tell_of_rewrapping(store: Store, *, sealer: Sealer, how: str, now: datetime, is_operator: bool) -> None:
    key_id = sealer.masters.current.id
    trail.key_used(store, key_id, "rewrapped", now=now, purpose=SEALING, how=how, is_operator=is_operator)


def _remember(store: Store, found: Iterable[Mapping[str, Any]], now: datetime) -> None:
    store.insert(Note, [{"at": now, "kind": "self_check", "body": canonical(one)} for one in found])
