"""What the clock does: everything that is due at an hour is climbed, and the night looks at the organisations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from workflow import organisation_rules
from workflow.desk import Desk
from workflow.transaction import Transactions
from workflow.types import MACHINE
from workflow.verbs import passed
from workflow.verbs import tick as steps

T = TypeVar("T")


class Sweeping(Transactions):
    """Each batch is one transaction; an hour that is swept twice does nothing more."""

    def tick(self, now: datetime, *, hour_given: bool = False, report: Callable[[int], None] = lambda _n: None) -> steps.Swept:
        """Climbs everything that is due at `now`. Any number of these may run at once.

        `hour_given`: somebody said the hour, and the events of this sweep say that he did. After each batch `report` hears
        how many steps it climbed.
        """

        def write(body: Callable[[Desk], T]) -> T:
            done = self._write(MACHINE, now, body, hour_given=hour_given)
            if isinstance(done, steps.Swept):
                report(len(done.fired))
            return done

        return steps.sweep_all(self.database, write, now)

    def let_pass(self, now: datetime) -> int:
        """After a restore: of the steps that became due since the backup only the last is still to act; how many pass."""
        let = 0
        after: int | None = 0
        while after is not None:
            done, after = self._write(MACHINE, now, partial(passed.let_pass, after=after))
            let += done
        return let

    def look_at_rules(self, now: datetime) -> int:
        """Looks at every organisation rule, as the night does; how many acted."""
        return self._write(MACHINE, now, organisation_rules.look_nightly)

    def count_due(self, now: datetime) -> int:
        """How many steps are due and not yet climbed."""
        return self.database.read(lambda store: steps.count_due(store, now))
