"""The verbs of retention, one transaction each: holding back, proposing, deciding, and the run of what was granted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from workflow.disposal import again, deciding, running
from workflow.transaction import Transactions
from workflow.types import MACHINE, Actor, Outcome

# So many cases at one ring.
AT_A_RING = 200


class Disposing(Transactions):
    """What ends cases for good. Nothing of it is done by one person, and the machine does only what two have decided."""

    def hold_back(self, case_id: int, *, actor: Actor, now: datetime, reason: str, key: str | None = None) -> Outcome:
        """Holds a closed case back: nobody disposes of it."""
        return self._on(case_id, deciding.hold_back, actor, now, key, reason=reason)

    def let_go(self, case_id: int, *, actor: Actor, now: datetime, reason: str, key: str | None = None) -> Outcome:
        """Lets it go again."""
        return self._on(case_id, deciding.let_go, actor, now, key, reason=reason)

    def propose_disposal(self, case_ids: Iterable[int], *, actor: Actor, now: datetime, reason: str) -> int:
        """Proposes to dispose of these cases; the id of the proposal."""
        wanted = tuple(case_ids)
        return self._write(actor, now, lambda desk: deciding.propose(desk, wanted, reason=reason))

    def decide_disposal(
        self, disposal_id: int, *, actor: Actor, now: datetime, granted: bool, decision: str, approval: str = ""
    ) -> None:
        """The second person's word on it."""
        told = partial(deciding.decide, disposal_id=disposal_id, granted=granted, decision=decision, approval=approval)
        self._write(actor, now, told)

    def work_disposals(self, now: datetime, *, wipe: Callable[[str], object], limit: int = AT_A_RING) -> int:
        """Settles what was granted, so far as one ring goes; how many cases. `wipe` destroys the bytes of a digest."""
        count, digests = running.settle_all(self.database.read, lambda body: self._write(MACHINE, now, body), limit)
        for digest in sorted(digests):
            wipe(digest)
        return count

    def dispose_again(self, listed: Mapping[str, Any], now: datetime, *, wipe: Callable[[str], object]) -> int:
        """After a restore: disposes of every case of the list that came back; how many."""
        left = self.database.read(partial(again.left_to_do, listed=listed))
        for case_id in left:
            done = partial(again.dispose_again, case_id=case_id, told=listed[str(case_id)])
            for digest in sorted(self._write(MACHINE, now, done)):
                wipe(digest)
        return len(left)
