"""Clocks and rungs. One row per armed clock carries its next rung and when it is due; a fired rung is a row of its own."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime

LIVE = "status IN ('armed', 'standing', 'paused')"


class Clock(SQLModel, table=True):
    """One run of one clock of a case. `pauses` is JSON [[from, to or null, why], …], `basis` JSON: which rule gave the date.

    `next_rung`/`next_at` are what the sweep looks for; `held_by` is the interview that holds the ladder. `tier` counts from 1,
    `revision` counts the dates this run has had, `spent` is JSON ["tier:rung:revision", …] of its rungs, and `ladder_from` is
    the day its ladder counts from where that is not `due_on` (an interview that was not held in time).
    """

    __table_args__ = (
        CheckConstraint("status IN ('armed', 'standing', 'paused', 'settled', 'cancelled')", name="status"),
        CheckConstraint("tier >= 1 AND run >= 1 AND cycle >= 1", name="counters"),
        CheckConstraint("next_at IS NULL OR status IN ('armed', 'paused')", name="only_live_fires"),
        CheckConstraint("(next_at IS NULL) = (next_rung IS NULL)", name="next"),
        Index(
            "uq_clock_live",
            "case_id",
            "key",
            unique=True,
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        Index(
            "ix_clock_next",
            "next_at",
            "case_id",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(
            "ix_clock_provisional",
            "provisional",
            sqlite_where=text("provisional"),
            postgresql_where=text("provisional"),
        ),
    )

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    key: str = Field(primary_key=True, sa_type=Text)
    cycle: int = Field(primary_key=True)
    run: int = Field(primary_key=True)
    organ_id: int = Field(foreign_key="organ.id", sa_type=BigId, index=True)
    status: str = Field(sa_type=Text)
    started_on: date
    amount: int | None = None
    unit: str = Field(default="", sa_type=Text)
    due_on: date | None = None
    original_due_on: date | None = None
    provisional: bool = False
    calendar_version: str = Field(default="", sa_type=Text)
    basis: str = Field(default="{}", sa_type=Text)
    pauses: str = Field(default="[]", sa_type=Text)
    ladder: str = Field(default="", sa_type=Text)
    tier: int = 1
    next_rung: str | None = Field(default=None, sa_type=Text)
    next_at: datetime | None = Field(default=None, sa_type=UtcTime)
    revision: int = 1
    spent: str = Field(default="[]", sa_type=Text)
    ladder_from: date | None = None
    held_by: int | None = Field(default=None, foreign_key="cases.id", sa_type=BigId, index=True)
    extended: int = 0
    waits_until: datetime | None = Field(default=None, sa_type=UtcTime)
    ladder_on: bool = True
    overdue_since: date | None = None
    settled_on: date | None = None


class FiredRung(SQLModel, table=True):
    """The fence: a rung of a run fires once per occurrence. `outcome` says what became of it."""

    __tablename__ = "fired_rung"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "clock", "cycle", "run"], ["clock.case_id", "clock.key", "clock.cycle", "clock.run"]),
        CheckConstraint(
            "outcome IN ('fired', 'too_short', 'skipped', 'cancelled', 'on_agenda', 'before_import')",
            name="outcome",
        ),
        Index("ix_fired_rung_at", "fired_at"),
        # What turned overdue on a day: the sweep asks for it when it has finished the day.
        Index(
            "ix_fired_rung_overdue",
            "due_at",
            sqlite_where=text("rung = 'overdue'"),
            postgresql_where=text("rung = 'overdue'"),
        ),
    )

    case_id: int = Field(primary_key=True, sa_type=BigId)
    clock: str = Field(primary_key=True, sa_type=Text)
    cycle: int = Field(primary_key=True)
    run: int = Field(primary_key=True)
    tier: int = Field(primary_key=True)
    rung: str = Field(primary_key=True, sa_type=Text)
    occurrence: int = Field(primary_key=True)
    due_at: datetime = Field(sa_type=UtcTime)
    fired_at: datetime = Field(sa_type=UtcTime)
    outcome: str = Field(sa_type=Text)


class RuleFiring(SQLModel, table=True):
    """An organisation rule that acted: (organ, rule, occurrence), with the count and the threshold that fired."""

    __tablename__ = "rule_firing"

    organ_id: int = Field(foreign_key="organ.id", primary_key=True, sa_type=BigId)
    rule: str = Field(primary_key=True, sa_type=Text)
    occurrence: int = Field(primary_key=True)
    fired_at: datetime = Field(sa_type=UtcTime)
    count: int
    threshold: int
    cases: str = Field(default="[]", sa_type=Text)
    rearmed_at: datetime | None = Field(default=None, sa_type=UtcTime)
