"""The transaction around a verb: its desk, its key, what is remembered of a verb that did not happen; and reads beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

from states.errors import DomainError, NotPermitted, OutcomeUnknown, TransitionRefused
from states.forms import require_short
from workflow.configuration.settings import Settings
from workflow.context import Context
from workflow.database import Database
from workflow.desk import Desk
from workflow.keys import Keyed, find_answer, keyed, once
from workflow.models import Note
from workflow.occasion import Occasion
from workflow.occasions import Occasions
from workflow.sealing.sealer import Sealer
from workflow.signing import Signer
from workflow.store import Store
from workflow.text import canonical, digest
from workflow.trail import Origin
from workflow.types import Actor, Effect, Outcome, RungFunction

T = TypeVar("T")
Data = Mapping[str, Any]


class Transactions:
    """What every verb runs in. `effects` and `rungs` are the office's behaviour by name; nobody here knows any of them.

    Without a `sealer` it neither keeps nor opens a secret fact; without a `signer` it makes no receipts. Whoever opens the door
    to people sets `on_shown`, which hears the ids of protected cases that a read is about to hand out.
    """

    def __init__(
        self,
        database: Database,
        *,
        effects: Mapping[str, Effect],
        rungs: Mapping[str, RungFunction],
        channels: tuple[str, ...] = ("inbox",),
        sealer: Sealer | None = None,
        signer: Signer | None = None,
    ) -> None:
        self.database = database
        self.effects = effects
        self.rungs = rungs
        self.sealer = sealer
        self.signer = signer
        self.on_shown: Callable[[Collection[int]], None] = lambda _ids: None
        self._occasions = Occasions(channels)

    def occasion(self, store: Store, now: datetime) -> Occasion:
        """The county as every verb sees it at `now`; for reads and for the command line."""
        return self._occasions.at(store, now)

    @property
    def settings(self) -> Settings:
        """What the county has set, as the last verb, read or `look` saw it; each request begins with one."""
        known = self._occasions.last_settings
        return self.database.read(self.look) if known is None else known

    def look(self, store: Store) -> Settings:
        """What the county has set, as of this transaction."""
        return self._occasions.settings(store)

    def read(self, now: datetime, work: Callable[[Store, Occasion], T]) -> T:
        """The result of `work` in one read-only snapshot, with the occasion at `now`.

        `on_shown` hears what it hands out before it does: who prints line by line prints nothing that is not on the trail.
        """

        def asked(store: Store) -> T:
            return work(store, replace(self._occasions.at(store, now), tell_shown=self.on_shown))

        return self.database.read(asked)

    def _on(
        self, case_id: int, body: Callable[..., Outcome], actor: Actor, now: datetime, key: str | None, **told: Any
    ) -> Outcome:
        """A verb on one case whose request is just what its body is told."""
        require_short(told)
        request = {"verb": body.__name__, "case": case_id, **told}
        return self._verb(actor, now, request, lambda desk: body(desk, case_id, **told), key)

    def _verb(
        self,
        actor: Actor,
        now: datetime,
        request: Data,
        body: Callable[[Desk], Outcome],
        key: str | None = None,
        happened_on: date | None = None,
    ) -> Outcome:
        """Every verb with its key: a request that was answered is answered again, and nothing is done twice."""
        asked = self._keyed(actor, key, request)
        try:
            return self._write(actor, now, lambda desk: once(desk.store, asked, lambda: body(desk), now), happened_on)
        except OutcomeUnknown:
            raise  # What stands here may not stand at the standby: neither yes nor no is the answer.
        except DomainError as refusal:
            # The same request at the same moment may have been first: then this one is answered, not refused.
            known = self.database.read(lambda store: find_answer(store, asked)) if asked else None
            if isinstance(known, Outcome):
                return known
            if isinstance(refusal, NotPermitted | TransitionRefused):
                self._remember(actor, now, request, refusal)
            raise

    def _keyed(self, actor: Actor, key: str | None, request: Data) -> Keyed | None:
        return keyed(actor.person_id, key, request, self.sealer.blind if self.sealer else digest)

    def _write(
        self,
        actor: Actor,
        now: datetime,
        body: Callable[[Desk], T],
        happened_on: date | None = None,
        *,
        hour_given: bool = False,
        origin: Origin | None = None,
    ) -> T:
        def work(store: Store) -> T:
            occasion = self._occasions.at(store, now, happened_on, hour_given=hour_given)
            desk = self._desk(store, actor, occasion, origin)
            result = body(desk)
            desk.context.flush(store)
            return result

        return self.database.write(work)

    def _desk(self, store: Store, actor: Actor, occasion: Occasion, origin: Origin | None = None) -> Desk:
        return Desk(store, Context(self.sealer, self.signer), occasion, actor, self.effects, self.rungs, origin)

    def _remember(self, actor: Actor, now: datetime, request: Data, refusal: DomainError) -> None:
        """A refusal left no trace in its own transaction; it is noted in one of its own."""
        body = canonical({"code": refusal.code, "verb": request.get("verb", ""), "trigger": request.get("trigger", "")})
        row = {"at": now, "kind": "refused", "case_id": None, "actor_id": actor.person_id, "body": body}
        self.database.write(lambda store: store.insert(Note, [row]))
