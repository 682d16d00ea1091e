"""What reading needs: saved views, and the search index made of normalised text and its bigrams."""

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime


class SavedView(SQLModel, table=True):
    """A named set of filters of one person; `shared` shows it to everybody, with their own visibility."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId)
    name: str = Field(sa_type=Text)
    query: str = Field(sa_type=Text)
    shared: bool = False


class SearchText(SQLModel, table=True):
    """The normalised text of a case, without any secret, which LIKE rechecks; and its overlapping bigrams, blank between them.

    `grams` is indexed by the database's own means: FTS5 over this table on SQLite, GIN over the split text on PostgreSQL.
    """

    __tablename__ = "search_text"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    body: str = Field(sa_type=Text)
    grams: str = Field(sa_type=Text)


class NewlyListed(SQLModel, table=True):
    """A fact that a version of `kind` has begun to list by: cases of the kind up to `after_id` are found by it already.

    The row stays until all of them are.
    """

    __tablename__ = "newly_listed"

    kind: str = Field(primary_key=True, sa_type=Text)
    field: str = Field(primary_key=True, sa_type=Text)
    after_id: int = Field(default=0, sa_type=BigId)


class FormerText(SQLModel, table=True):
    """The normalised text of a case until `until_at`: in what past days are searched."""

    __tablename__ = "former_text"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    until_at: datetime = Field(primary_key=True, sa_type=UtcTime)
    body: str = Field(sa_type=Text)
