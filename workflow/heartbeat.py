"""The bell: APScheduler rings, the engine decides. One job each: sweep, delivery, bulk runs, checkpoints, backups, night.

The library's default grace of one second silently loses runs, so none is set; a run that is still going is not doubled, and
missed rings become one. Nothing about cases is kept in a job: what is due stands in the database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from workflow.database import Database
from workflow.models import Sweep
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.text import canonical

TICK_SECONDS = 30
DELIVER_SECONDS = 15
SCAN_SECONDS = 15
# Somebody sits before a run and waits; with nothing to do, a ring is one look without a lock.
BULK_SECONDS = 3
CHECKPOINT_SECONDS = 60  # looks whether one is due, and whether a place lacks one
BACKUP_SECONDS = 60  # looks whether one is due, and says what stands (workflow/backups/standing.py)
DRILL_SECONDS = 3600
NIGHTLY_HOUR = 2  # Asia/Shanghai
# The web process judges the scheduler dead when no sweep has finished for this long.
DEAD_AFTER_SECONDS = 300
# A sweep that had nothing to do says so at most this often, so that an idle night writes little.
BEAT_SECONDS = 60
# So often a web process looks whether the scheduler lives.
LOOK_SECONDS = 60

log = structlog.get_logger()

_sweep = table_of(Sweep)
Job = Callable[[datetime], Mapping[str, Any]]


def say_finished(store: Store, job: str, now: datetime, result: Mapping[str, Any]) -> None:
    """Writes the job's last finished run, which the dead-man switch judges."""
    row = {"finished_at": now, "result": canonical(result)}
    if not store.update(Sweep, row, job=job):
        store.insert(Sweep, [{"job": job, **row}], ignore_conflict=True)


def say_run(database: Database, job: str, result: Mapping[str, Any], now: datetime) -> None:
    """The same for a run by hand; one that had nothing to do writes only where the last word is a while old."""
    last = database.read(last_runs).get(job)
    if any(result.values()) or last is None or (now - last).total_seconds() >= BEAT_SECONDS:
        database.write(lambda store: say_finished(store, job, now, result))


LAST = Prepared(_sweep.select())


def last_runs(store: Store) -> dict[str, datetime]:
    """When each job last finished."""
    return {row["job"]: row["finished_at"] for row in store.rows(LAST)}


def last_result(store: Store, job: str) -> Mapping[str, Any]:
    """What the job's last finished run found; empty before the first."""
    told = next((row["result"] for row in store.rows(LAST) if row["job"] == job), "{}")
    found: Mapping[str, Any] = json.loads(told)
    return found


def is_alive(store: Store, now: datetime) -> bool:
    """Has a sweep finished lately? False before the first one."""
    last = last_runs(store).get("tick")
    return last is not None and (now - last).total_seconds() < DEAD_AFTER_SECONDS


class Heartbeat:
    """Runs the jobs until stopped. `jobs` maps their names, as `start` has them, to functions of the hour."""

    def __init__(self, database: Database, jobs: Mapping[str, Job]) -> None:
        self._database = database
        self._jobs = jobs
        self._last_beat: dict[str, datetime] = {}
        self._scheduler = _make_scheduler()

    def start(self) -> None:
        """Begins to ring: a first sweep at once."""
        self._add("tick", "interval", seconds=TICK_SECONDS, next_run_time=datetime.now(UTC))
        self._add("deliver", "interval", seconds=DELIVER_SECONDS)
        self._add("scan", "interval", seconds=SCAN_SECONDS, next_run_time=datetime.now(UTC))
        self._add("bulk", "interval", seconds=BULK_SECONDS)
        self._add("checkpoint", "interval", seconds=CHECKPOINT_SECONDS, next_run_time=datetime.now(UTC))
        self._add("backup", "interval", seconds=BACKUP_SECONDS)
        self._add("drill", "interval", seconds=DRILL_SECONDS)
        self._add("nightly", "cron", hour=NIGHTLY_HOUR)
        self._scheduler.start()

    def stop(self) -> None:
        """Waits for the running jobs and stops."""
        self._scheduler.shutdown(wait=True)

    def _add(self, job: str, kind: str, **when: Any) -> None:
        if job in self._jobs:
            self._scheduler.add_job(self.ring, kind, args=[job], id=job, **when)

    def ring(self, job: str) -> None:
        """Runs the job once and says that it finished."""
        result = self._jobs[job](datetime.now(UTC))
        now = datetime.now(UTC)
        last = self._last_beat.get(job)
        if any(result.values()) or last is None or (now - last).total_seconds() >= BEAT_SECONDS:
            self._database.write(lambda store: say_finished(store, job, now, result))
            self._last_beat[job] = now


class Watch:
    """Calls `look` every minute, in a process that answers requests: a scheduler cannot say itself that it is dead.

    The first look waits: after a stop, the first sweep has much to climb, and this process has not seen it dead for so long.
    """

    def __init__(self, look: Callable[[datetime], Any]) -> None:
        self._look = look
        self._scheduler = _make_scheduler()

    def start(self) -> None:
        """Begins to look."""
        first = datetime.now(UTC) + timedelta(seconds=DEAD_AFTER_SECONDS)
        self._scheduler.add_job(self.look, "interval", seconds=LOOK_SECONDS, id="watch", next_run_time=first)
        self._scheduler.start()

    def stop(self) -> None:
        """Waits for a look under way and stops."""
        self._scheduler.shutdown(wait=True)

    def look(self) -> None:
        """Looks once."""
        self._look(datetime.now(UTC))


def _make_scheduler() -> BackgroundScheduler:
    scheduler = BackgroundScheduler(
        timezone="Asia/Shanghai",
        job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
    )
    scheduler.add_listener(_log_error, EVENT_JOB_ERROR)
    return scheduler


def _log_error(event: JobExecutionEvent) -> None:
    log.error("job_failed", job=event.job_id, error=repr(event.exception))
