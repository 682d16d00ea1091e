"""Areas (county → townships → villages) and the organs in them. Both have validity dates, a successor and an official order."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId


class Area(SQLModel, table=True):
    """A county, township or village. `official_order` is the county's own order and rules every list and print."""

    __table_args__ = (
        CheckConstraint("level IN ('county', 'township', 'village')", name="level"),
        CheckConstraint("(level = 'county') = (parent_id IS NULL)", name="parent"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    parent_id: int | None = Field(default=None, foreign_key="area.id", sa_type=BigId, index=True)
    level: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    short_name: str = Field(default="", sa_type=Text)
    division_code: str = Field(default="", sa_type=Text)
    official_order: int = 0
    valid_from: date | None = None
    valid_to: date | None = None
    successor_id: int | None = Field(default=None, foreign_key="area.id", sa_type=BigId)


class Organ(SQLModel, table=True):
    """A body that may hold a case: an inspection office, a Party committee, a discipline committee …"""

    __table_args__ = (
        CheckConstraint("level IN ('county', 'township', 'village')", name="level"),
        Index("ix_organ_kind_area", "kind", "area_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    area_id: int = Field(foreign_key="area.id", sa_type=BigId, index=True)
    kind: str = Field(sa_type=Text)
    level: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text, unique=True)
    short_name: str = Field(default="", sa_type=Text)
    official_order: int = 0
    valid_from: date | None = None
    valid_to: date | None = None
    successor_id: int | None = Field(default=None, foreign_key="organ.id", sa_type=BigId)
