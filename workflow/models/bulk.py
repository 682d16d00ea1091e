"""Bulk runs: one step on many cases, and what became of each of them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime


class BulkRun(SQLModel, table=True):
    """What is to be done with many cases: a step of somebody (`trigger`), taking back what the run `undoes` has done, or
    bringing them under the version that `publication_id` has made current.

    `condition` is what a case must be in beside the step's own rules, `kind` the one kind whose form `data` answers ("" for
    any), `unseen` how many of those that were asked for are none that this person sees, `origin` the page that it began on.
    """

    __tablename__ = "bulk_run"
    __table_args__ = (
        CheckConstraint("condition IN ('', 'to_sign')", name="condition"),
        CheckConstraint(
            "(CASE WHEN trigger <> '' THEN 1 ELSE 0 END) + (CASE WHEN undoes IS NOT NULL THEN 1 ELSE 0 END)"
            " + (CASE WHEN publication_id IS NOT NULL THEN 1 ELSE 0 END) = 1",
            name="does",
        ),
        CheckConstraint("total >= 0 AND unseen >= 0", name="counts"),
        Index("ix_bulk_run_person", "person_id", "id"),
        Index(
            "ix_bulk_run_unfinished",
            "id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId)
    acting_grant_id: int | None = Field(default=None, foreign_key="role_grant.id", sa_type=BigId)
    trigger: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    condition: str = Field(sa_type=Text)
    data: str = Field(sa_type=Text)
    undoes: int | None = Field(default=None, foreign_key="bulk_run.id", sa_type=BigId, index=True)
    publication_id: int | None = Field(default=None, foreign_key="publication.id", sa_type=BigId, index=True)
    total: int
    unseen: int
    origin: str = Field(sa_type=Text)
    started_at: datetime = Field(sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)


class BulkItem(SQLModel, table=True):
    """One case of a bulk run: waiting, done by the event `seq` (0: there was nothing to do), or refused with the refusal's code
    and parameters.
    """

    __tablename__ = "bulk_item"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'done', 'refused')", name="status"),
        CheckConstraint("(status = 'done') = (seq IS NOT NULL)", name="done"),
        CheckConstraint("(status = 'refused') = (code <> '')", name="refused"),
        CheckConstraint("(status = 'waiting') = (settled_at IS NULL)", name="settled"),
        Index(
            "ix_bulk_item_waiting",
            "run_id",
            "case_id",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
    )

    run_id: int = Field(foreign_key="bulk_run.id", primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    status: str = Field(sa_type=Text)
    seq: int | None = None
    code: str = Field(default="", sa_type=Text)
    params: str = Field(default="{}", sa_type=Text)
    settled_at: datetime | None = Field(default=None, sa_type=UtcTime)
