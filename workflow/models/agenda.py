"""What an interview is about: the overdue items on its agenda, each with the rung that brought it and the new date fixed."""

from datetime import date, datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime


class AgendaItem(SQLModel, table=True):
    """One item on one interview; unique by the rung's key, so that a rung puts an item on an agenda once."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        UniqueConstraint("case_id", "clock", "cycle", "run", "tier", "rung"),
        Index("ix_agenda_item_case", "case_id"),
    )

    interview_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    clock: str = Field(sa_type=Text)
    cycle: int
    run: int
    tier: int
    rung: str = Field(sa_type=Text)
    due_on: date | None = None
    new_due_on: date | None = None
    joined_at: datetime = Field(sa_type=UtcTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcTime)
