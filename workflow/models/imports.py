"""Imports: known by the digest of file and mapping, row by row, so that a second run reports what is present."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime


class ImportRun(SQLModel, table=True):
    """One import. `ladder` says when its ladders run: from-now, catch-up or off; nothing fires before `switched_on_at`.

    `mapping` is how it was read; `mapping_key` and `mapping_number` name the version that was kept of it, if one was.
    """

    __tablename__ = "import_run"
    __table_args__ = (CheckConstraint("ladder IN ('from-now', 'catch-up', 'off')", name="ladder"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    digest: str = Field(sa_type=Text, unique=True)
    name: str = Field(sa_type=Text)
    mapping: str = Field(sa_type=Text)
    mapping_key: str | None = Field(default=None, sa_type=Text)
    mapping_number: int | None = None
    ladder: str = Field(sa_type=Text)
    started_at: datetime = Field(sa_type=UtcTime)
    started_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    switched_on_at: datetime | None = Field(default=None, sa_type=UtcTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcTime)


class ImportRow(SQLModel, table=True):
    """One source row of an import and the case it became."""

    __tablename__ = "import_row"

    import_id: int = Field(foreign_key="import_run.id", primary_key=True, sa_type=BigId)
    row: int = Field(primary_key=True)
    digest: str = Field(sa_type=Text, index=True)
    case_id: int | None = Field(default=None, foreign_key="cases.id", sa_type=BigId, index=True)
