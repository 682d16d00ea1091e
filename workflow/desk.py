"""What a verb's body works with: the open transaction, collected rows, the occasion, the actor, the office's behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.casefile import CaseFile
from workflow.context import Context
from workflow.history import Happening, record
from workflow.models import Content, Event, Receipt
from workflow.occasion import Occasion
from workflow.receipts import MARK, is_due, receipt_row
from workflow.store import Store
from workflow.talks import is_about_talk
from workflow.trail import Origin, configured
from workflow.types import Actor, Effect, GrantFact, RungFunction


@dataclass(frozen=True, slots=True)
class Desk:
    """One verb's working place; it is gone when the transaction ends."""

    store: Store
    context: Context
    occasion: Occasion
    actor: Actor
    effects: Mapping[str, Effect]
    rungs: Mapping[str, RungFunction]
    origin: Origin | None = None  # where the request came from, for what is set

    def configured(self, what: str) -> None:
        """What was set is on the trail."""
        configured(self.store, self.actor.person_id, what, now=self.occasion.now, origin=self.origin)

    def happened(
        self,
        file: CaseFile,
        verb: str,
        *,
        trigger: str = "",
        content: Mapping[str, Any] | None = None,
        post: GrantFact | None = None,
        extra: Mapping[str, Any] | None = None,
        by_person: bool = True,
        happened_at: Any = None,
    ) -> int:
        """Writes the event down, chained, and its receipt; its `seq`. `by_person` False leaves out who: the machine did it."""
        now = self.occasion.now
        file.write_back()
        file.row["changed_at"] = now
        if not is_about_talk(self.store, self.context, file, verb, extra or {}):
            file.row["told_at"] = now
        acting = post or self.actor.acting or (self.actor.grants[0] if self.actor.grants else None)
        signer = self.context.signer if is_due(file, verb, trigger) else None
        happening = Happening(
            verb=verb,
            trigger=trigger,
            actor_id=self.actor.person_id if by_person else None,
            organ_id=acting.organ_id if acting and by_person else None,
            happened_at=happened_at or now,
            recorded_at=now,
            content=content or {},
            extra={**(extra or {}), **self._given(), **(MARK if signer else {})},
        )
        self.context.seal(self.store, file)
        before = file.before.get("holder_id")
        event, said = record(self.store.digest_suite, file, happening)
        self.context.add(Event, event)
        self.context.add(Content, said)
        if signer:
            self.context.add(Receipt, receipt_row(event, file, before, self.occasion.tree, signer))
        return int(event["seq"])

    def _given(self) -> Mapping[str, Any]:
        """The mark, under the chain, of an hour that somebody said."""
        return {"hour_given": True} if self.occasion.hour_given else {}


def bump(file: CaseFile) -> None:
    """A person's verb changed state, holder, fields or a clock: readers of the old version must look again."""
    file.row["version"] += 1
