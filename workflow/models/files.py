"""Files: bytes lie under DUBAN_HOME by their digest, rows say what they are and which case they prove."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime

ABOVE = "level > 0"


class StoredFile(SQLModel, table=True):
    """Bytes by their digest; `size` in bytes, `media_type` as sniffed, never as claimed.

    `level`: whoever opens it needs this ceiling, also where the case asks for less. By `sha256` the same bytes are known again
    where `digest` is of another suite; NULL where it is that one.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size"),
        CheckConstraint("level BETWEEN 0 AND 3", name="level"),
        Index("ix_stored_file_level", "id", sqlite_where=text(ABOVE), postgresql_where=text(ABOVE)),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    digest: str = Field(sa_type=Text, index=True)
    name: str = Field(sa_type=Text)
    media_type: str = Field(sa_type=Text)
    size: int = Field(sa_type=BigId)
    level: int = 0
    sha256: str | None = Field(default=None, sa_type=Text, index=True)
    uploaded_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    uploaded_at: datetime = Field(sa_type=UtcTime)


class Scan(SQLModel, table=True):
    """What a scanner for malware said of bytes: `found` is its name for it, "" for a clean file."""

    digest: str = Field(sa_type=Text, primary_key=True)
    found: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcTime)


class Evidence(SQLModel, table=True):
    """A file that proves something on a case, since event `seq`; `label` is of the definition's evidence labels or empty.

    `undone_seq` is the undo that took it back: it proves nothing any more and nobody is shown it.
    """

    __table_args__ = (Index("ix_evidence_case", "case_id"),)

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    file_id: int = Field(foreign_key="stored_file.id", primary_key=True, sa_type=BigId)
    seq: int
    cycle: int
    label: str = Field(default="", sa_type=Text)
    added_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    undone_seq: int | None = None
