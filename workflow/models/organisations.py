"""Areas (county → townships → villages) and the organs in them, and every change of them by its effective date.

Both have validity dates, a successor and an official order.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime

WAITING = "status = 'waiting'"


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


class FormerUnit(SQLModel, table=True):
    """What an area or an organ was until the end of a day: its names, and the area above it (of an organ: the one it is in)."""

    __tablename__ = "former_unit"
    __table_args__ = (
        CheckConstraint("(area_id IS NULL) <> (organ_id IS NULL)", name="unit"),
        Index("ix_former_unit_area", "area_id", "until"),
        Index("ix_former_unit_organ", "organ_id", "until"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    area_id: int | None = Field(default=None, foreign_key="area.id", sa_type=BigId)
    organ_id: int | None = Field(default=None, foreign_key="organ.id", sa_type=BigId)
    until: date
    name: str = Field(sa_type=Text)
    short_name: str = Field(sa_type=Text)
    above_id: int | None = Field(default=None, foreign_key="area.id", sa_type=BigId)


class FormerPlace(SQLModel, table=True):
    """Where the subject of a case lay until its organisations were changed: what past days are counted under."""

    __tablename__ = "former_place"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    until_at: datetime = Field(primary_key=True, sa_type=UtcTime)
    township_id: int | None = Field(default=None, foreign_key="area.id", sa_type=BigId)
    village_id: int | None = Field(default=None, foreign_key="area.id", sa_type=BigId)


class Reorganisation(SQLModel, table=True):
    """A change of areas or organs: what, from which day, why, by which paper, and what became of it.

    `plan` is canonical JSON of what is asked for, `told` of how the units were called then and what was done; `units` are the
    ids it speaks of, between commas. `why` is the code of what stood against it on its day. One that lets somebody see more is
    proposed first; `second_by` said yes to it, or no with `words`.
    """

    __table_args__ = (
        CheckConstraint("what IN ('rename', 'merge', 'split', 'move', 'end')", name="what"),
        CheckConstraint("unit IN ('area', 'organ')", name="unit"),
        CheckConstraint(
            "status IN ('proposed', 'waiting', 'done', 'withdrawn', 'set_aside', 'undone', 'refused')", name="status"
        ),
        CheckConstraint("(status IN ('proposed', 'waiting')) = (settled_at IS NULL)", name="settled"),
        CheckConstraint("(status = 'set_aside') = (why <> '')", name="why"),
        CheckConstraint("(second_by IS NULL) = (second_at IS NULL)", name="second"),
        CheckConstraint("second_by IS NULL OR asked_by IS NULL OR second_by <> asked_by", name="two_people"),
        Index("ix_reorganisation_waiting", "from_on", sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    what: str = Field(sa_type=Text)
    unit: str = Field(sa_type=Text)
    units: str = Field(sa_type=Text)
    plan: str = Field(sa_type=Text)
    from_on: date
    reason: str = Field(sa_type=Text)
    paper: str = Field(default="", sa_type=Text)
    asked_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    asked_at: datetime = Field(sa_type=UtcTime)
    status: str = Field(sa_type=Text)
    settled_at: datetime | None = Field(default=None, sa_type=UtcTime)
    settled_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    told: str = Field(default="{}", sa_type=Text)
    why: str = Field(default="", sa_type=Text)
    second_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    second_at: datetime | None = Field(default=None, sa_type=UtcTime)
    words: str = Field(default="", sa_type=Text)
