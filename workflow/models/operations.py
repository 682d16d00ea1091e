"""What the machine room keeps: stored answers, refusals, sweeps and calendar versions."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime


class Answer(SQLModel, table=True):
    """The stored answer of a verb that was given an idempotency key: ids and version only, never content."""

    actor_id: int = Field(foreign_key="person.id", primary_key=True, sa_type=BigId)
    key: str = Field(primary_key=True, sa_type=Text)
    digest: str = Field(sa_type=Text)
    answer: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcTime)


class Note(SQLModel, table=True):
    """Something to remember about a verb that did not happen: a refusal, a postponed rung, a failed sign-in."""

    __table_args__ = (Index("ix_note_at", "at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime = Field(sa_type=UtcTime)
    kind: str = Field(sa_type=Text)
    case_id: int | None = Field(default=None, foreign_key="cases.id", sa_type=BigId)
    actor_id: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    body: str = Field(sa_type=Text)
    cleared_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Sweep(SQLModel, table=True):
    """The last finished run of a job (tick, deliver, nightly …): what the dead-man switch judges."""

    job: str = Field(primary_key=True, sa_type=Text)
    finished_at: datetime = Field(sa_type=UtcTime)
    result: str = Field(default="{}", sa_type=Text)


class CalendarVersion(SQLModel, table=True):
    """One version of the working calendar as JSON; the highest id is in force, deadlines name theirs."""

    __tablename__ = "calendar_version"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    version: str = Field(sa_type=Text, unique=True)
    body: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcTime)
    created_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    note: str = Field(default="", sa_type=Text)
