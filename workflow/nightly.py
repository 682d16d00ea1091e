"""The night's checks: organisation rules; whether history and what is derived of it, clocks and visibility add up; what may be
swept away.

What is found stands on the health page and mends nothing by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from workflow import audit, files, parts, previews, trail
from workflow.dates import local_day
from workflow.engine import Engine
from workflow.files import Vault
from workflow.former import compare_former
from workflow.heartbeat import last_runs
from workflow.models import Note
from workflow.people import throttle, trips
from workflow.reads.agreement import CASES_A_NIGHT, PEOPLE_A_NIGHT, Disagreement, agreement_of_the_night
from workflow.reads.openings import find_openings, nights_since, tell_openings
from workflow.reads.register import series_of
from workflow.reconcile import reconcile
from workflow.sealing.masters import SEALING
from workflow.sealing.sealer import Sealer
from workflow.spells import compare_spells
from workflow.store import Store
from workflow.text import canonical
from workflow.verbs.undo import forget_old_secrets


def check_night(engine: Engine, home: Path, now: datetime, *, archive_days: int) -> Mapping[str, Any]:
    """Runs every check; the counts of what acted, what was found and what was swept away."""
    acted = engine.look_at_rules(now)
    hinted = engine.look_for_relatives(now)
    faults = engine.database.read(audit.verify).faults
    spells = engine.database.read(compare_spells)
    former = engine.read(now, lambda store, occasion: compare_former(store, occasion.catalogue))
    clocks = engine.read(now, reconcile)
    seen = compare_ways(engine, now)
    gaps = [one for one in engine.read(now, series_of) if one.missing]
    found = [
        *({"check": "audit", **fault._asdict()} for fault in faults),
        *({"check": "spells", "case": case_id} for case_id in spells),
        *({"check": "former", "case": case_id} for case_id in former),
        *({"check": "clocks", **asdict(mismatch)} for mismatch in clocks),
        *({"check": "register", "kind": one.kind, "year": one.year, "missing": len(one.missing)} for one in gaps),
    ]
    if found:
        engine.database.write(lambda store: _remember(store, found, now))
    opened = look_at_openings(engine, now)
    swept = engine.database.read(lambda store: files.sweep(store, home, now=now, held=parts.held(home, now=now)))
    broken_off = parts.sweep(home, now=now)
    previews.sweep(home, now=now)
    engine.database.write(lambda store: throttle.forget(store, now=now))
    engine.database.write(lambda store: trips.forget(store, now=now))
    engine.database.write(lambda store: forget_old_secrets(store, now))
    keep_sealed(engine, home, now)
    away = engine.put_keys_away(now, days=archive_days)
    counts = {
        "audit": len(faults),
        "spells": len(spells),
        "former": len(former),
        "clocks": len(clocks),
        "visibility": len(seen),
        "register": len(gaps),
        "opened": opened,
    }
    return {"rules": acted, "hints": hinted, **counts, "files": swept, "uploads": broken_off, "archived": away}


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
    """Whether list, count, search, export, page and the rule of a row say the same to some people about some cases.

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
