"""Everything that administrators set beside workflows: each change is a version that one proposes and another decides on."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime

PENDING = "decided_at IS NULL"
COUNTED = "number > 0"


class SettingVersion(SQLModel, table=True):
    """One text of one setting, as it was written; `digest` names what it says.

    What ships is kept as number 0, once for each text that ever shipped, and by nobody. A proposal has no number; one that was
    agreed to gets the next. `based_on` is the number that its author had before him, `shipped` the digest of what shipped then.
    `report` is canonical JSON of what putting it in force has moved. One that is dated ahead (`from_on`) is `agreed_by`
    somebody first, and decided in his name on its day.
    """

    __tablename__ = "setting_version"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
        CheckConstraint("agreed_by IS NULL OR agreed_by <> proposed_by", name="agreed_by_another"),
        CheckConstraint("(agreed_by IS NULL) = (agreed_at IS NULL)", name="agreed"),
        CheckConstraint("(number IS NOT NULL) = (granted IS NOT NULL AND granted)", name="numbered"),
        CheckConstraint("(number IS NOT NULL AND number = 0) = (proposed_by IS NULL)", name="shipped_by_nobody"),
        Index(
            "uq_setting_version_pending",
            "kind",
            "key",
            unique=True,
            sqlite_where=text(PENDING),
            postgresql_where=text(PENDING),
        ),
        Index(
            "uq_setting_version_number",
            "kind",
            "key",
            "number",
            unique=True,
            sqlite_where=text(COUNTED),
            postgresql_where=text(COUNTED),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    kind: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    number: int | None = None
    source: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    shipped: str = Field(default="", sa_type=Text)
    based_on: int = 0
    reason: str = Field(default="", sa_type=Text)
    proposed_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    proposed_at: datetime = Field(sa_type=UtcTime)
    from_on: date | None = None
    agreed_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    agreed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    granted: bool | None = None
    decision: str = Field(default="", sa_type=Text)
    report: str = Field(default="", sa_type=Text)
