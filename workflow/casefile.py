"""A case under work inside one transaction: its row, its facts, its clocks, and what they were before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from states.definition import Clock as ClockRule
from workflow.definitions import Served
from workflow.facets import FoundBy
from workflow.statements import Row
from workflow.text import canonical
from workflow.types import CaseFacts

SPELL_COLUMNS = ("state", "holder_id", "subject_id", "overdue_since", "due_on", "colour")
LIVE = ("armed", "standing", "paused")
# Columns of a case and of a clock that hold a day or an hour: an event's content tells them as text.
DAYS = frozenset(
    {"opened_on", "state_since", "holder_since", "closed_on", "due_on", "overdue_since", "paused_since"}
    | {"promised_on", "reported_on"}
)
CLOCK_DAYS = ("started_on", "due_on", "original_due_on", "ladder_from", "overdue_since", "settled_on")
CLOCK_TIMES = ("next_at", "waits_until")


class CaseFile:
    """The locked case. `row` and `clocks` are changed freely; the context writes what differs from `stored` at the end.

    `before` is what they were at the last event, which is what the next event tells.
    """

    def __init__(
        self, row: Row, clocks: list[Row], served: Served, *, is_new: bool = False, parties: list[Row] | None = None
    ) -> None:
        self.row = row
        self.served = served
        self.clocks = clocks
        self.is_new = is_new
        self.parties = parties  # None: not asked yet
        self.stored: Mapping[str, Any] = {} if is_new else dict(row)
        self.stored_clocks = {} if is_new else {clock_key(c): dict(c) for c in clocks}
        self.before = self.stored
        self.clocks_before = self.stored_clocks
        self.data: dict[str, Any] = json.loads(row["data"])
        self.tally: dict[str, int] = json.loads(row["tally"])
        self.found_by = FoundBy(served, row, is_new=is_new)
        self.secrets: dict[str, str] = {}
        self.secret_seqs: dict[str, int] = {}  # the event that each of them is told by, without its value
        self.sealed: dict[str, tuple[str, str]] = {}  # those that are sealed already: in plain words, and as they will lie
        self.untold: dict[str, str] = {}  # of those that the coming event tells, the digest of what lies there; "" for nothing
        self.joined: list[Row] = []  # organs that joined since the last event, with what they were before
        self.papers: list[int] = []  # events of the evidence that the coming event brings with it
        self.undone: int | None = None  # the event that this transaction takes back
        self.spells: list[Row] = []
        self.past_holder_id: int | None = None  # who held it until this transaction, for notices

    @property
    def id(self) -> int:
        """The case's id."""
        return int(self.row["id"])

    @property
    def state(self) -> str:
        """The state; only `states/machine.py` writes it."""
        return str(self.row["state"])

    @state.setter
    def state(self, value: str) -> None:
        self.row["state"] = value

    @property
    def is_final(self) -> bool:
        """Is the case in a final state?"""
        return self.served.definition.state_by_key[self.state].final

    def facts(self) -> CaseFacts:
        """The case as handlers see it."""
        return CaseFacts(dict(self.row), dict(self.data), self.served.definition)

    def live_clocks(self) -> list[Row]:
        """The clocks that are armed, standing or paused."""
        return [clock for clock in self.clocks if clock["status"] in LIVE]

    def find_live(self, key: str) -> Row | None:
        """The live run of the clock, if there is one."""
        return next((clock for clock in self.live_clocks() if clock["key"] == key), None)

    def rule_of(self, clock: Row) -> ClockRule:
        """The definition's clock behind a row."""
        return self.served.definition.clock_by_key[clock["key"]]

    def come_under(self, served: Served) -> None:
        """From here on the case runs under another version of its kind."""
        self.served = served
        self.row["definition_version_id"] = served.version_id

    def write_back(self) -> None:
        """Brings the stored texts in step with the facts."""
        self.row["data"] = canonical(self.data)
        self.row["tally"] = canonical(self.tally)

    def begin_spell(self, seq: int, at: datetime) -> None:
        """Begins a new stretch when state, holder, subject, limit, colour or lateness differ from what they were at the last
        event.
        """
        now = spell_of(self.row)
        if self.before and now == spell_of(self.before):
            return
        if self.undone is not None:
            return  # The stretch before the undone event goes on.
        if self.spells:
            self.spells[-1]["to_at"] = at
        self.spells.append({**now, "case_id": self.id, "seq": seq, "from_at": at, "to_at": None})

    def tell_found_by(self, at: datetime) -> None:
        """What the case is found by from the event of this hour on."""
        self.found_by.tell(self.served, self.row, at)

    def settle_event(self) -> None:
        """An event was recorded: from here on, changes belong to the next one."""
        self.before = dict(self.row)
        self.clocks_before = {clock_key(clock): dict(clock) for clock in self.clocks}
        self.joined, self.papers, self.untold = [], [], {}

    def changed_columns(self) -> dict[str, Any]:
        """The case columns that differ from before, with their new values."""
        return {name: value for name, value in self.row.items() if self.before.get(name, _ABSENT) != value}

    def changed_clocks(self) -> list[Row]:
        """The clock rows that differ from before or are new."""
        return [clock for clock in self.clocks if self.clocks_before.get(clock_key(clock)) != clock]

    def mirror(self) -> None:
        """Shows on the case the live clock that falls due next, and the oldest lateness.

        A clock that every progress note restarts is a watch, not a promise: it makes no case late.
        """
        dated = [clock for clock in self.live_clocks() if clock["due_on"] is not None]
        running = [clock for clock in dated if clock["status"] != "standing"] if not self.is_final else []
        running = [clock for clock in running if not self.rule_of(clock).restarted_by]
        first = min(running, key=_next_due, default=None)
        self.row["due_on"] = first["due_on"] if first else None
        self.row["due_clock"] = first["key"] if first else None
        late = [clock["overdue_since"] for clock in running if clock["overdue_since"]]
        self.row["overdue_since"] = min(late, default=None)
        # A pause is over with the last clock that it stopped: nothing else would ever end it.
        if all(clock["status"] != "paused" for clock in self.clocks):
            self.row["paused_since"] = None
        self._mirror_promise()

    def _mirror_promise(self) -> None:
        """Shows the date that was first promised, and since when the work has been reported as done (practice.md §9.1 G7)."""
        main = next((rule for rule in self.served.definition.clocks if rule.main), None)
        if main is None:
            return
        runs = [clock for clock in self.clocks if clock["key"] == main.key and clock["original_due_on"] is not None]
        last = max(runs, key=lambda clock: (clock["cycle"], clock["run"]), default=None)
        self.row["promised_on"] = last["original_due_on"] if last else None
        reported_on = self.row["reported_on"]
        if self.is_final:
            self.row["reported_on"] = reported_on or self.row["closed_on"]
        else:
            self.row["reported_on"] = (reported_on or self.row["state_since"]) if self.state in main.stands_in else None


_ABSENT = object()


def spell_of(row: Mapping[str, Any]) -> Row:
    """What a stretch of time keeps of a case: a day is late from the one after the limit on, whenever the sweep says so."""
    is_running = row["due_on"] is not None and row["paused_since"] is None
    late_from = row["overdue_since"] or (row["due_on"] + timedelta(1) if is_running else None)
    return {**{name: row[name] for name in SPELL_COLUMNS}, "late_from": late_from}


def clock_key(clock: Row) -> tuple[str, int, int]:
    """What tells a clock row from the others of its case."""
    return (clock["key"], clock["cycle"], clock["run"])


def _next_due(clock: Row) -> tuple[date, str]:
    return (clock["due_on"], clock["key"])
