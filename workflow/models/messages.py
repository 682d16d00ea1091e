"""Messages: the outbox that channels deliver from, and the in-app notices. They carry number, count and date, never content."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime


class Outbox(SQLModel, table=True):
    """One line to one person about one case, delivered at least once under `key`.

    Lines that wait for the same person, channel and message are delivered as one message, so a sweep floods nobody.
    """

    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(
            "ix_outbox_due",
            "due_at",
            sqlite_where=text("sent_at IS NULL AND gave_up_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND gave_up_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str = Field(sa_type=Text, unique=True)
    channel: str = Field(sa_type=Text)
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId, index=True)
    message: str = Field(sa_type=Text)
    params: str = Field(sa_type=Text)
    case_id: int | None = Field(default=None, foreign_key="cases.id", sa_type=BigId, index=True)
    created_at: datetime = Field(sa_type=UtcTime)
    due_at: datetime = Field(sa_type=UtcTime)
    leased_until: datetime | None = Field(default=None, sa_type=UtcTime)
    attempts: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcTime)
    gave_up_at: datetime | None = Field(default=None, sa_type=UtcTime)
    reason: str = Field(default="", sa_type=Text)


class Notice(SQLModel, table=True):
    """A line in somebody's bell, written by the in-app channel from an outbox row."""

    __table_args__ = (Index("ix_notice_person", "person_id", "created_at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str = Field(sa_type=Text, unique=True)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId)
    message: str = Field(sa_type=Text)
    params: str = Field(sa_type=Text)
    cases: str = Field(default="[]", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcTime)


class MailChoice(SQLModel, table=True):
    """How somebody wants a topic of messages by mail; where there is no row, the topic's own way holds."""

    __tablename__ = "mail_choice"
    __table_args__ = (CheckConstraint("way IN ('soon', 'daily', 'none')", name="way"),)

    person_id: int = Field(foreign_key="person.id", primary_key=True, sa_type=BigId)
    topic: str = Field(primary_key=True, sa_type=Text)
    way: str = Field(sa_type=Text)
