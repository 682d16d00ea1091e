"""The verbs that say who may know of a case: recusal, its circle, its level and that of its files, and what is sealed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from states.errors import Conflict, NotPermitted, NotReady
from workflow.cases import lock_any
from workflow.dates import local_day
from workflow.desk import Desk
from workflow.relatives import look_for_relatives, open_cases_with_secrets
from workflow.sealing.escrow import ESCROW
from workflow.trail import key_used
from workflow.transaction import Transactions
from workflow.types import MACHINE, Actor, Outcome
from workflow.verbs import archiving, circle, levels, loosening
from workflow.verbs.bar import bar, keep_on
from workflow.verbs.unseal import unseal


class Discretion(Transactions):
    """Each is one transaction under its key, as every verb of the engine; whoever loses a case loses it with that."""

    def bar(
        self,
        case_id: int,
        *,
        actor: Actor,
        now: datetime,
        reason: str,
        person_id: int | None = None,
        organ_id: int | None = None,
        key: str | None = None,
    ) -> Outcome:
        """Takes a person or an organ off the case at once: recusal."""
        return self._on(case_id, bar, actor, now, key, reason=reason, person_id=person_id, organ_id=organ_id)

    def keep_on(
        self, case_id: int, *, actor: Actor, now: datetime, person_id: int, reason: str, key: str | None = None
    ) -> Outcome:
        """Keeps somebody on the case whom a hint says to take off."""
        return self._on(case_id, keep_on, actor, now, key, person_id=person_id, reason=reason)

    def look_for_relatives(self, now: datetime) -> int:
        """Looks at every open case that keeps something secret, a hundred at a time; how many hints are new."""
        found, ids = 0, self.database.read(lambda store: open_cases_with_secrets(store, 0))
        while ids:
            found += self._write(MACHINE, now, partial(_look_at, ids))
            ids = self.database.read(partial(open_cases_with_secrets, after=ids[-1]))
        return found

    def confine(
        self, case_id: int, *, actor: Actor, now: datetime, reason: str, people: Iterable[int] = (), key: str | None = None
    ) -> Outcome:
        """Only people who are named know of the case from now on."""
        return self._on(case_id, circle.confine, actor, now, key, reason=reason, people=tuple(people))

    def let_in(
        self, case_id: int, *, actor: Actor, now: datetime, person_id: int, reason: str, key: str | None = None
    ) -> Outcome:
        """Names one more for a confined case."""
        return self._on(case_id, circle.let_in, actor, now, key, person_id=person_id, reason=reason)

    def leave_out(
        self, case_id: int, *, actor: Actor, now: datetime, person_id: int, reason: str, key: str | None = None
    ) -> Outcome:
        """Strikes a name of a confined case."""
        return self._on(case_id, circle.leave_out, actor, now, key, person_id=person_id, reason=reason)

    def raise_level(
        self, case_id: int, *, actor: Actor, now: datetime, level: int, reason: str, key: str | None = None
    ) -> Outcome:
        """Raises the level of the case."""
        return self._on(case_id, levels.raise_level, actor, now, key, level=level, reason=reason)

    def raise_file(
        self, case_id: int, *, actor: Actor, now: datetime, file_id: int, level: int, reason: str, key: str | None = None
    ) -> Outcome:
        """Raises the level of one of its files."""
        return self._on(case_id, levels.raise_file, actor, now, key, file_id=file_id, level=level, reason=reason)

    def ask_loosening(
        self,
        case_id: int,
        *,
        actor: Actor,
        now: datetime,
        what: str,
        reason: str,
        level: int | None = None,
        file_id: int | None = None,
        barred_id: int | None = None,
        key: str | None = None,
    ) -> Outcome:
        """Asks that a protection be lowered or lifted."""
        told = {"what": what, "level": level, "file_id": file_id, "barred_id": barred_id, "reason": reason}
        return self._on(case_id, loosening.ask_loosening, actor, now, key, **told)

    def decide_loosening(
        self, case_id: int, *, actor: Actor, now: datetime, asked_id: int, granted: bool, reason: str, key: str | None = None
    ) -> Outcome:
        """Decides on it; never the person who asked."""
        told = {"asked_id": asked_id, "granted": granted, "reason": reason}
        return self._on(case_id, loosening.decide_loosening, actor, now, key, **told)

    def put_keys_away(self, now: datetime, *, days: int, is_operator: bool = False) -> int:
        """Moves the keys of cases that ended more than `days` days ago into the archive's escrow; how many.

        Of how many is first told on the trail, as the night's own or as the operator's. Without the archive's key nothing
        moves, which `duban doctor` says.
        """
        if self.sealer is None or (escrow := self.sealer.masters.escrow) is None:
            return 0
        on, moved = local_day(now), 0
        used = partial(key_used, key_id=escrow.id, act="archived", now=now, purpose=ESCROW, is_operator=is_operator)
        while ids := self.database.read(lambda store: archiving.due(store, on, days=days)):
            self.database.write(partial(used, how=f"{len(ids)} cases"))
            moved += sum(self._write(MACHINE, now, partial(archiving.put_away, case_id=case_id, days=days)) for case_id in ids)
        return moved

    def unseal(self, case_id: int, *, actor: Actor, now: datetime, fields: Iterable[str], reason: str) -> dict[str, str]:
        """Shows secret facts to whoever is named for the case; each time is an event. Without a key: no answer is kept."""
        asked = tuple(fields)
        request = {"verb": "unseal", "case": case_id}
        try:
            return self._write(actor, now, lambda desk: unseal(desk, case_id, fields=asked, reason=reason))
        except (Conflict, NotPermitted, NotReady) as refusal:
            self._remember(actor, now, request, refusal)
            raise


def _look_at(ids: Iterable[int], desk: Desk) -> int:
    files = [lock_any(desk.store, desk.context, case_id, desk.occasion) for case_id in ids]
    return sum(look_for_relatives(desk, file) for file in files)
