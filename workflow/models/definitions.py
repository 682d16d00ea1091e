"""Definitions by digest of their canonical text, and the versions of each kind. A published text never changes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime


class DefinitionText(SQLModel, table=True):
    """The canonical JSON text of a definition and, beside it, the YAML it was written in."""

    __tablename__ = "definition"

    digest: str = Field(primary_key=True, sa_type=Text)
    canonical: str = Field(sa_type=Text)
    source: str = Field(default="", sa_type=Text)


class DefinitionVersion(SQLModel, table=True):
    """Version `number` of `kind`. At most one version of a kind is current (published and not retired)."""

    __tablename__ = "definition_version"
    __table_args__ = (
        UniqueConstraint("kind", "number"),
        CheckConstraint("status IN ('draft', 'published', 'retired')", name="status"),
        CheckConstraint("(status = 'draft') = (published_at IS NULL)", name="published"),
        Index(
            "uq_definition_version_current",
            "kind",
            unique=True,
            sqlite_where=text("status = 'published'"),
            postgresql_where=text("status = 'published'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    kind: str = Field(sa_type=Text)
    number: int
    digest: str = Field(foreign_key="definition.digest", sa_type=Text)
    status: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcTime)
