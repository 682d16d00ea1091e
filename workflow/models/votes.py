"""What a body votes on (集体研究): a step of a case with its answers, and the word of each member."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime

OPEN = "ended_at IS NULL"


class Resolution(SQLModel, table=True):
    """A step put to the vote. `answers` is canonical JSON of its form, `digest` names the case and version that it is about.

    It ends as used, withdrawn or void; of one that was used, `entitled` says how many were. `scan_id` is the minutes of a
    meeting whose votes were recorded from paper.
    """

    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (outcome = '')", name="ended"),
        CheckConstraint("outcome IN ('', 'used', 'withdrawn', 'void')", name="outcome"),
        Index("ix_resolution_case", "case_id"),
        Index(
            "uq_resolution_open",
            *("case_id", "trigger"),
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId)
    trigger: str = Field(sa_type=Text)
    answers: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    asked_by: int = Field(foreign_key="person.id", sa_type=BigId)
    asked_at: datetime = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
    outcome: str = Field(default="", sa_type=Text)
    entitled: int | None = None
    scan_id: int | None = Field(default=None, foreign_key="stored_file.id", sa_type=BigId)
    met_on: date | None = None
    minutes: str = Field(default="", sa_type=Text)


class Ballot(SQLModel, table=True):
    """One member's word, said once. `recorded_by` is who wrote it down from the minutes, never himself."""

    __table_args__ = (
        CheckConstraint("choice IN ('agree', 'disagree', 'abstain', 'recuse')", name="choice"),
        CheckConstraint("choice = 'agree' OR reason <> ''", name="dissent_has_a_reason"),
        CheckConstraint("recorded_by IS NULL OR recorded_by <> person_id", name="two_people"),
    )

    resolution_id: int = Field(foreign_key="resolution.id", primary_key=True, sa_type=BigId)
    person_id: int = Field(foreign_key="person.id", primary_key=True, sa_type=BigId)
    choice: str = Field(sa_type=Text)
    reason: str = Field(default="", sa_type=Text)
    cast_at: datetime = Field(sa_type=UtcTime)
    recorded_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
