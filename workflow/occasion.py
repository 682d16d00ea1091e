"""When and in which county a verb happens: everything a decision may look at beside the case, read once a transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from states.definition import PROTECTED
from workflow.configuration.settings import Settings
from workflow.dates import Calendar
from workflow.definitions import Catalogue
from workflow.roster import Roster
from workflow.tree import Tree

# By what of its row a case is protected.
PROTECTING = ("definition_version_id", "level", "confined")


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

    def say_shown(self, rows: Iterable[Mapping[str, Any]], *, every: bool = False) -> None:
        """Every read that hands out cases says so here, and in no other place is decided which of them are protected.

        A row has at least the columns of PROTECTING; `every`: what is handed out of it goes on record whatever the case is.
        """
        new = {row["id"] for row in rows if every or self._is_protected(row)} - self.shown
        if new:
            self.tell_shown(new)
            self.shown.update(new)

    def _is_protected(self, row: Mapping[str, Any]) -> bool:
        # A single case may be raised above its kind, and confined to those who are named.
        is_raised = row["level"] >= PROTECTED or row["confined"]
        return is_raised or self.catalogue.of_version(row["definition_version_id"]).definition.is_protected
