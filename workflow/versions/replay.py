"""The last twelve months under a draft, in batches that are kept: how far a preview is with them, and what has been counted.

A batch and what it has counted are one row's change in one transaction, so whoever goes on after a worker was killed counts
each case once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from states.definition import Definition
from workflow.occasion import Occasion
from workflow.store import Store
from workflow.text import canonical
from workflow.versions.rehearse import Tally, Year, extent


@dataclass(frozen=True, slots=True)
class Replay:
    """`done` of `total` cases were lived through again, those with an id up to `upto` of those up to `last`.

    `present` is the id of the version that is held against the draft: the one that was in force when the preview was begun.
    """

    present: int
    orders: tuple[str, ...]
    total: int
    last: int
    done: int = 0
    upto: int = 0
    tally: Tally = field(default_factory=Tally)

    @classmethod
    def read(cls, text: str) -> Replay | None:
        """What was kept; None where there was nothing to replay."""
        if not text:
            return None
        told = json.loads(text)
        return cls(**{**told, "orders": tuple(told["orders"]), "tally": Tally.read(told["tally"])})

    @property
    def text(self) -> str:
        """As it is kept."""
        names = ("present", "orders", "total", "last", "done", "upto")
        return canonical({**{name: getattr(self, name) for name in names}, "tally": self.tally.plain()})

    @property
    def is_over(self) -> bool:
        """Was every case looked at?"""
        return self.upto >= self.last


def begin(store: Store, occasion: Occasion, kind: str, orders: Collection[str]) -> str:
    """A replay of a kind of which nothing is counted yet, as it is kept; "" for a kind that has no version."""
    served = occasion.catalogue.current.get(kind)
    if served is None:
        return ""
    total, last = extent(store, kind)
    return Replay(served.version_id, tuple(sorted(orders)), total, last).text


def go_on(
    store: Store, occasion: Occasion, replay: Replay, new: Definition, until: datetime, renames: Mapping[str, str]
) -> Replay:
    """The same one batch later; the year is the one up to `until`, whenever its batches are counted. `renames` as a plan's."""
    present = occasion.catalogue.of_version(replay.present).definition
    tally = Tally.read(replay.tally.plain())
    n, upto = Year(occasion.calendar, new, present, replay.orders, until, renames).count(store, tally, replay.upto, replay.last)
    return replace(replay, done=replay.done + n, upto=upto, tally=tally)
