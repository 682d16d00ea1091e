"""People, what they may do where, and how they come in. A grant is (person, role, organ, ceiling, until)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime


class Person(SQLModel, table=True):
    """Somebody with a login. A person without `password_hash` cannot sign in; one without `toured_at` is shown round.

    `mail_hours` are the spans of the day in which his mail goes (08:30-12:00,14:30-17:30), "" for those of the office.
    """

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    login: str = Field(sa_type=Text, unique=True)
    name: str = Field(sa_type=Text)
    password_hash: str | None = Field(default=None, sa_type=Text)
    email: str = Field(default="", sa_type=Text)
    phone: str = Field(default="", sa_type=Text)
    language: str = Field(default="zh-Hans", sa_type=Text)
    must_change: bool = False
    disabled_at: datetime | None = Field(default=None, sa_type=UtcTime)
    created_at: datetime = Field(sa_type=UtcTime)
    toured_at: datetime | None = Field(default=None, sa_type=UtcTime)
    mail_hours: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})


class Grant(SQLModel, table=True):
    """A post: `person` holds `role` in `organ`, for cases up to confidentiality `ceiling`, until the end of `until`."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "organ_id"),
        CheckConstraint("ceiling BETWEEN 0 AND 3", name="ceiling"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId)
    role: str = Field(sa_type=Text)
    organ_id: int = Field(foreign_key="organ.id", sa_type=BigId, index=True)
    title: str = Field(default="", sa_type=Text)
    ceiling: int = 1
    since: date | None = None
    until: date | None = None


class SignIn(SQLModel, table=True):
    """A session that lives on the server; the cookie carries only a random token, stored here as its SHA-256."""

    __tablename__ = "sign_in"

    token_digest: str = Field(primary_key=True, sa_type=Text)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId, index=True)
    created_at: datetime = Field(sa_type=UtcTime)
    seen_at: datetime = Field(sa_type=UtcTime)
    acting_grant_id: int | None = Field(default=None, foreign_key="role_grant.id", sa_type=BigId)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Token(SQLModel, table=True):
    """A token for the API, stored as its SHA-256; it acts as its person."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    token_digest: str = Field(sa_type=Text, unique=True)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId, index=True)
    label: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Throttle(SQLModel, table=True):
    """Failed sign-ins per key (login or address): the next try waits, nobody is locked out."""

    key: str = Field(primary_key=True, sa_type=Text)
    failures: int = 0
    last_at: datetime = Field(sa_type=UtcTime)


class SetupLink(SQLModel, table=True):
    """The one-time link of the first run; it dies with the first administrator."""

    __tablename__ = "setup_link"

    token_digest: str = Field(primary_key=True, sa_type=Text)
    created_at: datetime = Field(sa_type=UtcTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcTime)
