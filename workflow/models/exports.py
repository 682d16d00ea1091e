"""What was taken away: every file and print of many cases, by whom and when."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime


class Export(SQLModel, table=True):
    """`person` took `line_count` lines of `what` away as a `form`; `request` is the trail's, its beginning the file's number.

    `line_count` is empty while the file is made, and stays so where that came to nothing. `organ_id` is the post's, if any;
    `person_id` is empty where the operator took it on the command line.
    """

    __table_args__ = (
        CheckConstraint("line_count >= 0", name="line_count"),
        Index("ix_export_person", "person_id", "at"),
        Index("ix_export_organ", "organ_id", "at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    organ_id: int | None = Field(default=None, foreign_key="organ.id", sa_type=BigId)
    at: datetime = Field(sa_type=UtcTime)
    what: str = Field(sa_type=Text)
    form: str = Field(sa_type=Text)
    line_count: int | None = Field(default=None, sa_type=BigId)
    reason: str = Field(default="", sa_type=Text)
    request: str = Field(sa_type=Text, unique=True)
