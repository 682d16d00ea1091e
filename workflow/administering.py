"""The verbs by which administrators change calendars, organisations, settings and kinds, at once or on a day ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from states.errors import DomainError, OutcomeUnknown
from workflow.configuration import changes
from workflow.configuration.kinds import Kind
from workflow.dates import local_day
from workflow.desk import Desk
from workflow.reorganisation import log
from workflow.reorganisation.plan import Wish
from workflow.reorganisation.preview import Preview, preview
from workflow.store import Store
from workflow.sweeping import Sweeping
from workflow.trail import Origin
from workflow.types import MACHINE, Actor
from workflow.verbs import recalendar
from workflow.versions import publishing

T = TypeVar("T")


class Administering(Sweeping):
    """Whoever changes what many rely on does it here; what waits for its day is done by the ring of that day."""

    def administer(self, body: Callable[[Desk], T], *, actor: Actor, now: datetime, origin: Origin | None = None) -> T:
        """A change of what administrators set (`workflow.versions` and the like), in one transaction; the body asks who may.

        What was set is on the trail with where it came from (`origin`), in the same transaction.
        """
        return self._write(actor, now, body, origin=origin)

    # ---- calendars and organisations ----------------------------------------------------------------------------------

    def import_calendar(
        self, document: Mapping[str, Any], *, actor: Actor, now: datetime, note: str = "", confirm: bool = False
    ) -> list[recalendar.Moved]:
        """Puts a year of the calendar in force and moves what counted on it."""
        return self._write(
            actor, now, lambda desk: recalendar.import_calendar(desk, document=document, note=note, confirm=confirm)
        )

    def reorganise(self, wish: Wish, *, actor: Actor, now: datetime, origin: Origin | None = None) -> int:
        """A change of areas or organs, done at once where its day has come, else put down or proposed; its id."""
        would = self.preview_reorganisation(wish, actor=actor, now=now)
        if would.gains and would.against and wish.on <= local_day(now):
            raise would.against[0]
        return self._write(actor, now, lambda desk: log.ask(desk, wish, origin=origin, gains=would.gains))

    def preview_reorganisation(self, wish: Wish, *, actor: Actor, now: datetime) -> Preview:
        """What the change would do: it is done, looked at and undone."""

        def look(store: Store) -> Preview:
            return preview(self._desk(store, actor, self._occasions.at(store, now)), wish)

        return self.database.rehearse(look)

    def take_reorganisations(self, now: datetime) -> int:
        """Does the changes of areas and organs whose day has come; how many."""
        waiting = self.database.read(lambda store: log.due(store, local_day(now)))
        return sum(self._take(now, log.take_effect, log.set_aside, change_id=one) for one in waiting)

    # ---- settings and versions ----------------------------------------------------------------------------------------

    def take_settings(self, now: datetime, kinds: Mapping[str, Kind]) -> int:
        """Puts in force the settings that were agreed to for a day that has come; how many."""
        waiting = self.database.read(lambda store: changes.due(store, local_day(now)))
        return sum(
            self._take(now, changes.take_effect, changes.set_aside, kind=kinds[kind], version_id=version_id)
            for version_id, kind in waiting
            if kind in kinds
        )

    def decide_publication(
        self,
        publication_id: int,
        *,
        actor: Actor,
        now: datetime,
        granted: bool,
        seal: str,
        words: str = "",
        origin: Origin | None = None,
    ) -> int | None:
        """The second person's word on a new version; the run over its open cases, where it is current at once."""
        self.tick(now)  # What is due under the old version is climbed before it goes.
        told = partial(publishing.decide, publication_id=publication_id, granted=granted, seal=seal, words=words)
        return self._write(actor, now, lambda desk: told(desk), origin=origin)

    def take_effect(self, now: datetime) -> int:
        """Makes current what two people have dated ahead and whose day has come; how many versions."""
        waiting = self.database.read(lambda store: publishing.due(store, local_day(now)))
        if waiting:
            self.tick(now)
        return sum(self._take(now, publishing.take_effect, publishing.give_up, publication_id=one) for one in waiting)

    # ---- a day that has come ------------------------------------------------------------------------------------------

    def _take(self, now: datetime, do: Callable[..., object], set_aside: Callable[..., None], **which: Any) -> bool:
        """Does one thing whose day has come, or sets it aside with its reason; whether it is done.

        What cannot be done must not stop what is behind it, nor be tried again at every ring.
        """
        try:
            return self._write(MACHINE, now, partial(do, **which)) is not False
        except OutcomeUnknown:
            return False  # The next ring looks whether it was done.
        except DomainError as refusal:
            self._write(MACHINE, now, partial(set_aside, **which, why=refusal))
            return False
