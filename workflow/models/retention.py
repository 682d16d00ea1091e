"""What happens to a case after its time: what holds it back, who proposes and decides on its disposal, and what is left."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime


class Hold(SQLModel, table=True):
    """A closed case that somebody holds back, for a complaint or a check that is open: nobody disposes of it meanwhile."""

    __tablename__ = "retention_hold"
    __table_args__ = (
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted"),
        Index(
            "uq_retention_hold_open",
            "case_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId)
    reason: str = Field(sa_type=Text)
    placed_by: int = Field(foreign_key="person.id", sa_type=BigId)
    placed_at: datetime = Field(sa_type=UtcTime)
    lifted_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Disposal(SQLModel, table=True):
    """What one proposes to dispose of, for a reason, and another decides, under the number of the paper that approves it."""

    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
        CheckConstraint("decided_at IS NULL OR decision <> ''", name="decision"),
        CheckConstraint("granted IS NULL OR NOT granted OR approval <> ''", name="approval"),
        CheckConstraint("finished_at IS NULL OR granted IS NOT NULL", name="finished"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    proposed_by: int = Field(foreign_key="person.id", sa_type=BigId)
    proposed_at: datetime = Field(sa_type=UtcTime)
    reason: str = Field(sa_type=Text)
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    granted: bool | None = None
    decision: str = Field(default="", sa_type=Text)
    approval: str = Field(default="", sa_type=Text)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)


class DisposalItem(SQLModel, table=True):
    """One case of a disposal: waiting, done, or kept for the reason `why`."""

    __tablename__ = "disposal_item"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'done', 'kept')", name="status"),
        CheckConstraint("(status = 'kept') = (why <> '')", name="why"),
        CheckConstraint("(status = 'waiting') = (settled_at IS NULL)", name="settled"),
        Index(
            "uq_disposal_item_waiting",
            "case_id",
            unique=True,
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
    )

    disposal_id: int = Field(foreign_key="disposal.id", primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    status: str = Field(sa_type=Text)
    why: str = Field(default="", sa_type=Text)
    settled_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Tombstone(SQLModel, table=True):
    """What is left of a case that was disposed of: number, kind, class, days, who and under which paper. It never changes.

    `seq` and `head` are those of the last event before the one that says so. `restored`: done again after a restore,
    which may be to before somebody of the two had an account.
    """

    __table_args__ = (CheckConstraint("decided_by <> proposed_by", name="two_people"),)

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    number: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    retention: str = Field(sa_type=Text)
    opened_on: date
    closed_on: date
    due_on: date
    seq: int
    head: str = Field(sa_type=Text)
    proposed_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    proposed_at: datetime = Field(sa_type=UtcTime)
    reason: str = Field(sa_type=Text)
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    decided_at: datetime = Field(sa_type=UtcTime)
    approval: str = Field(sa_type=Text)
    disposed_at: datetime = Field(sa_type=UtcTime)
    restored: bool = False
