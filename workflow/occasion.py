"""When and in which county a verb happens: everything a decision may look at beside the case, read once a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from workflow.configuration.settings import Settings
from workflow.dates import Calendar
from workflow.definitions import Catalogue
from workflow.roster import Roster
from workflow.tree import Tree


@dataclass(frozen=True, slots=True)
class Occasion:
    """`now` is the hour of recording, `today` the local day of what happened (earlier only for facts from paper).

    `hour_given`: `now` was said by somebody and not read from the clock, and every event of the verb says so.
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
