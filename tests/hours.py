"""The hours that tests of pages live in: those of today, moved so that they begin when an office's morning is under way.

A test says "half an hour ago" or "since this morning" and means the same day of the county. Near midnight it would not be,
so the site's clock and the tests' go ahead or back together; processes of their own keep the machine's time.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from workflow.dates import ZONE, local_day

_BEGAN = datetime.now(UTC)
_AHEAD = datetime.combine(local_day(_BEGAN), time(10), ZONE) - _BEGAN


def now() -> datetime:
    """The moment by the clock of the tests, in UTC."""
    return datetime.now(UTC) + _AHEAD


def machine_at(moment: datetime) -> datetime:
    """What the machine's clock says when that of the tests says `moment`."""
    return moment - _AHEAD
