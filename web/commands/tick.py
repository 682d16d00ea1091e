"""duban tick: one sweep at an hour; the answer says what fired, opened, joined, was cancelled, was postponed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from handlers.settings.registry import SETTINGS
from web.cli import PARTLY, stop
from web.commands.office import at_hour, common, confirmed, opened, progress, say, writing
from web.wiring import Office
from workflow.heartbeat import say_run
from workflow.verbs.tick import Swept

# From so many due clocks on, the sweep takes long enough to be watched.
MANY = 500


@click.command("tick")
@click.option("--now", "hour", help="The hour to sweep at, local (2026-11-25 or 2026-11-25T09:00).")
@common
def command(hour: str | None, yes: bool, as_json: bool) -> None:
    """Climb every ladder that is due now, once."""
    started = datetime.now(UTC)
    now = at_hour(hour) if hour else started
    if now > started:
        confirmed(yes, f"{hour} 还没有到，仍按这个时间催办？")
    with opened() as office:
        swept = writing(office, lambda: _sweep(office, now, is_given=hour is not None))
        remaining = office.engine.count_due(now)
        if now >= started:
            # A sweep by hand is a sweep; one at an earlier hour leaves what has come due since.
            counts = {name: len(found) for name, found in vars(swept).items()}
            writing(office, lambda: say_run(office.database, "tick", counts, datetime.now(UTC)))
    told = {"now": now.isoformat(), **vars(swept), "remaining": remaining}
    say(told, as_json, _words)
    if swept.postponed:
        stop(PARTLY)


def _sweep(office: Office, now: datetime, *, is_given: bool) -> Swept:
    if not is_given:
        office.engine.take_settings(now, SETTINGS)
        office.engine.take_reorganisations(now)
    due = office.engine.count_due(now)
    if due < MANY:
        return office.engine.tick(now, hour_given=is_given)
    come = 0

    def report(_steps: int) -> None:
        # A clock may climb several steps, so how far the sweep has come is told by what is left.
        nonlocal come
        come, before = max(come, due - office.engine.count_due(now)), come
        bar.update(come - before)

    with progress(due, "催办") as bar:
        return office.engine.tick(now, hour_given=is_given, report=report)


def _words(told: dict[str, Any]) -> str:
    return (
        f"到点{len(told['fired'])}步，新开{len(told['opened'])}件，并入约谈{len(told['joined'])}件，"
        f"取消{len(told['cancelled'])}步，推迟{len(told['postponed'])}步，还剩{told['remaining']}步"
    )
