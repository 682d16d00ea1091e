"""When and in which county a verb happens: everything a decision may look at beside the case, read once a transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflow.configuration.settings import Settings
from workflow.dates import Calendar
from workflow.definitions import Catalogue
from workflow.roster import Roster
from workflow.tree import Tree


@dataclass(frozen=True, slots=True)
class Occasion:
    """`now` is the hour of recording, `today` the local day of what happened (earlier only for facts from paper).

    `hour_given`: `now` was said by somebody and not read from the clock, and every event of the verb says so. `shown` are the
    protected cases that were read, and `tell_shown` hears of each once, before it is handed out.
    """

    now: datetime
    today: date
    calendar: Calendar
    tree: Tree
    roster: Roster
    catalogue: Catalogue
    settings: Settings
    channels: tuple[str, ...] = ("inbox",)
    hour_given: bool = False
    shown: set[int] = field(default_factory=set, compare=False)
    tell_shown: Callable[[Collection[int]], None] = field(default=lambda _ids: None, compare=False)

    def say_shown(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Every read that hands out cases says so here, and in no other place is decided which of them are protected."""
        of_version = self.catalogue.of_version
        found = {row["id"] for row in rows if of_version(row["definition_version_id"]).definition.is_protected}
        new = found - self.shown
        if new:
            self.tell_shown(new)
            self.shown.update(new)
