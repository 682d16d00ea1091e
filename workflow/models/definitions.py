"""Definitions by digest of their canonical text, the versions of each kind, and the drafts of the next ones.

A published text never changes. How open cases come under a new one, and who said yes to it, is in `publishing.py`.
"""

from datetime import date, datetime

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
    """Version `number` of `kind`. At most one version of a kind is current (published and not retired).

    `from_on` is the day from which a version that two people have published is current; until then it is "scheduled".
    Of a kind that is not `opens` no new case is registered; those that are open go on to their end. `layout` is JSON
    {state: [x, y]} of the states that somebody has moved in its drawing.
    """

    __tablename__ = "definition_version"
    __table_args__ = (
        UniqueConstraint("kind", "number"),
        CheckConstraint("status IN ('scheduled', 'published', 'retired')", name="status"),
        CheckConstraint("(status = 'scheduled') = (published_at IS NULL)", name="published"),
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
    from_on: date | None = None
    opens: bool = True
    layout: str = Field(default="{}", sa_type=Text)


class Draft(SQLModel, table=True):
    """A definition under work: `source` is the text as it stands, `digest` of what it says, "" where it cannot be read.

    `proven` is the digest that had no fault and whose scenarios came out as they say. Several drafts of a kind may stand at
    once; `based_on` is the version each was begun from. `revision` grows with every change. `step` is the number of the
    step (`DraftStep`) that it stands at, 0 while there is none.
    """

    __tablename__ = "definition_draft"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'published', 'dropped')", name="status"),
        CheckConstraint("revision >= 1", name="revision"),
        Index("ix_definition_draft_kind", "kind", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    layout: str = Field(default="{}", sa_type=Text)
    digest: str = Field(default="", sa_type=Text)
    proven: str = Field(default="", sa_type=Text)
    revision: int = 1
    status: str = Field(default="open", sa_type=Text)
    based_on: int | None = Field(default=None, foreign_key="definition_version.id", sa_type=BigId)
    created_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    created_at: datetime = Field(sa_type=UtcTime)
    changed_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    changed_at: datetime = Field(sa_type=UtcTime)
    step: int = 0


class DraftStep(SQLModel, table=True):
    """A text that a draft has had, with the places of its states: what undo and redo go through, in the order of `number`."""

    __tablename__ = "definition_draft_step"
    __table_args__ = (CheckConstraint("number >= 1", name="number"),)

    draft_id: int = Field(foreign_key="definition_draft.id", primary_key=True, sa_type=BigId)
    number: int = Field(primary_key=True)
    source: str = Field(sa_type=Text)
    layout: str = Field(default="{}", sa_type=Text)
