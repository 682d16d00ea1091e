"""duban tick: one sweep at an hour; the answer says what fired, opened, joined, was cancelled, was postponed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from web.cli import PARTLY, stop
from web.commands.office import at_hour, common, confirmed, opened, say, writing


@click.command("tick")
@click.option("--now", "hour", help="The hour to sweep at, local (2026-11-25 or 2026-11-25T09:00).")
@common
def command(hour: str | None, yes: bool, as_json: bool) -> None:
    """Climb every ladder that is due now, once."""
    now = at_hour(hour)
    if now > datetime.now(UTC):
        confirmed(yes, f"{hour} 还没有到，仍按这个时间催办？")
    with opened() as office:
        swept = writing(office, lambda: office.engine.tick(now, hour_given=hour is not None))
        remaining = office.engine.count_due(now)
    told = {"now": now.isoformat(), **vars(swept), "remaining": remaining}
    say(told, as_json, _words)
    if swept.postponed:
        stop(PARTLY)


def _words(told: dict[str, Any]) -> str:
    return (
        f"到点{len(told['fired'])}步，新开{len(told['opened'])}件，并入约谈{len(told['joined'])}件，"
        f"取消{len(told['cancelled'])}步，推迟{len(told['postponed'])}步，还剩{told['remaining']}步"
    )
