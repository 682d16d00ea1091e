"""duban scheduler: the bell in a process of its own, beside any number of web processes (PostgreSQL)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from handlers.settings.registry import SETTINGS
from states.errors import BadInput
from web.backups import keep_backups, keep_drills, sweep
from web.checkpointing import keep_outside
from web.commands.office import common, opened, say
from web.delivery import deliver_now
from web.logs import begin_log
from web.scanning import scan_now
from web.wiring import Office
from workflow.heartbeat import Heartbeat, Job
from workflow.keyring import require_keys
from workflow.nightly import check_night
from workflow.sealing.masters import read_masters

# So many batches of cases come to be found by facts that are newly listed; between two of them others write.
LISTED_AT_A_RING = 5


@click.command("scheduler")
@common
def command(yes: bool, as_json: bool) -> None:
    """Run the scheduler: sweep, delivery, bulk runs, nightly checks."""
    del yes
    stopped = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stopped.set())
    with opened() as office:
        if office.database.is_sqlite:
            raise BadInput(why="scheduler_in_serve")
        require_keys(office.settings.key_folder)
        read_masters(office.settings.key_folder)
        begin_log(office.settings.log_level)
        sweep(office.settings)
        heartbeat = Heartbeat(office.database, jobs_of(office))
        heartbeat.start()
        say({"jobs": list(jobs_of(office))}, as_json, lambda _told: "督促程序正在运行（按 Ctrl+C 停止）")
        stopped.wait()
        heartbeat.stop()


def jobs_of(office: Office) -> Mapping[str, Job]:
    """The heartbeat's jobs over an office."""
    jobs: dict[str, Job] = {
        "tick": lambda now: _swept(office, now),
        "deliver": lambda now: {"delivered": deliver_now(office, now)},
        "bulk": lambda now: {
            "current": office.engine.take_effect(now),
            "settled": office.engine.work_runs(now, ceiling=office.settings.ceiling),
            "disposed": office.engine.work_disposals(now, wipe=office.wipe),
            "listed": office.engine.list_newly(now, batches=LISTED_AT_A_RING),
        },
        "checkpoint": lambda now: keep_outside(office, now),
        "backup": lambda now: keep_backups(office, now),
        "drill": lambda now: keep_drills(office.settings, now),
        "nightly": lambda now: check_night(office.engine, office.settings.home, now, archive_days=office.settings.archive_days),
    }
    return jobs | ({"scan": lambda now: scan_now(office, now)} if office.settings.scanner else {})


def _swept(office: Office, now: datetime) -> Mapping[str, Any]:
    office.engine.take_settings(now, SETTINGS)
    changed = office.engine.take_reorganisations(now)  # Before what is due: it goes to whoever stands there today.
    swept = office.engine.tick(now)
    return {"changed": changed, **{name: len(found) for name, found in vars(swept).items()}}
