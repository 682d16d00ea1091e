"""People, what they may do where, and how they come in. A grant is (person, role, organ, ceiling, until)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime

# The links of people to a provider's subjects that count.
_COUNTS = text("granted AND ended_at IS NULL")


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
    password_set_at: datetime | None = Field(default=None, sa_type=UtcTime)
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


class Relative(SQLModel, table=True):
    """Somebody near whom a person has declared: `kin` says what he is to him."""

    __table_args__ = (
        CheckConstraint(
            "kin IN ('spouse', 'parent', 'child', 'sibling', 'in_law', 'other_kin', 'interest')",
            name="kin",
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId, index=True)
    name: str = Field(sa_type=Text)
    kin: str = Field(sa_type=Text)
    declared_at: datetime = Field(sa_type=UtcTime)


class GrantProposal(SQLModel, table=True):
    """A post that one administrator proposes and another gives: nobody widens rights alone. It stays on record.

    `proposed_by` is empty for whoever sat at the machine.
    """

    __tablename__ = "grant_proposal"
    __table_args__ = (
        CheckConstraint("ceiling BETWEEN 0 AND 3", name="ceiling"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
        CheckConstraint("granted IS NULL OR NOT granted OR decided_by <> proposed_by", name="two_people"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId, index=True)
    role: str = Field(sa_type=Text)
    organ_id: int = Field(foreign_key="organ.id", sa_type=BigId)
    title: str = Field(default="", sa_type=Text)
    ceiling: int = 1
    since: date | None = None
    until: date | None = None
    reason: str = Field(default="", sa_type=Text)
    proposed_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    proposed_at: datetime = Field(sa_type=UtcTime)
    granted: bool | None = None
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)


class SignIn(SQLModel, table=True):
    """A session that lives on the server; the cookie carries only a random token, stored here as its SHA-256.

    `factor_at` is when a second factor was shown, `proved_at` when its person last proved to be himself by the strongest
    means that he has. `challenge` is what a security key is to sign now. `by_provider` says that a provider of identities
    vouched for him and no password was typed.
    """

    __tablename__ = "sign_in"

    token_digest: str = Field(primary_key=True, sa_type=Text)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId, index=True)
    created_at: datetime = Field(sa_type=UtcTime)
    seen_at: datetime = Field(sa_type=UtcTime)
    acting_grant_id: int | None = Field(default=None, foreign_key="role_grant.id", sa_type=BigId)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
    factor_at: datetime | None = Field(default=None, sa_type=UtcTime)
    proved_at: datetime | None = Field(default=None, sa_type=UtcTime)
    device: str = Field(default="", sa_type=Text)
    address: str = Field(default="", sa_type=Text)
    challenge: str | None = Field(default=None, sa_type=Text)
    by_provider: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class ProviderLink(SQLModel, table=True):
    """That a provider's `subject` is this person here: one administrator proposes it, another one says yes. It stays on record.

    It counts once it is `granted` and until `ended_at`; then nobody else is that subject, nor this person another.
    """

    __tablename__ = "provider_link"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
        CheckConstraint("granted IS NULL OR NOT granted OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("ended_at IS NULL OR granted", name="ended"),
        Index("uq_provider_link_subject", "issuer", "subject", unique=True, sqlite_where=_COUNTS, postgresql_where=_COUNTS),
        Index("uq_provider_link_person", "issuer", "person_id", unique=True, sqlite_where=_COUNTS, postgresql_where=_COUNTS),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId, index=True)
    issuer: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    proposed_by: int = Field(foreign_key="person.id", sa_type=BigId)
    proposed_at: datetime = Field(sa_type=UtcTime)
    granted: bool | None = None
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)


class ProviderTrip(SQLModel, table=True):
    """That somebody set out for the provider, by the SHA-256 of what he must come back with; it is used once."""

    __tablename__ = "provider_trip"

    state_digest: str = Field(primary_key=True, sa_type=Text)
    begun_at: datetime = Field(sa_type=UtcTime, index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Token(SQLModel, table=True):
    """A token for the API, stored as its SHA-256; it acts as its person, and proves who he is where it `is_own`."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    token_digest: str = Field(sa_type=Text, unique=True)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId, index=True)
    label: str = Field(sa_type=Text)
    is_own: bool = Field(default=False)
    created_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)


class SecondFactor(SQLModel, table=True):
    """What a person has besides the password: a code generator (`totp`, its secret sealed) or a security key (`key`).

    It counts from `confirmed_at` until `ended_at`. `counter` is the last time step of a code, or the key's own count.
    """

    __tablename__ = "second_factor"
    __table_args__ = (CheckConstraint("kind IN ('totp', 'key')", name="kind"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId, index=True)
    kind: str = Field(sa_type=Text)
    label: str = Field(default="", sa_type=Text)
    secret: str = Field(sa_type=Text)
    credential: str | None = Field(default=None, sa_type=Text, unique=True)
    host: str = Field(default="", sa_type=Text)
    counter: int = Field(default=0, sa_type=BigId)
    created_at: datetime = Field(sa_type=UtcTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)


class RecoveryCode(SQLModel, table=True):
    """A code that stands once for a lost second factor, stored as its SHA-256."""

    __tablename__ = "recovery_code"

    code_digest: str = Field(primary_key=True, sa_type=Text)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId, index=True)
    created_at: datetime = Field(sa_type=UtcTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcTime)


class FormerPassword(SQLModel, table=True):
    """A password that somebody had: where the profile says so, he does not take it again."""

    __tablename__ = "former_password"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    person_id: int = Field(foreign_key="person.id", sa_type=BigId, index=True)
    password_hash: str = Field(sa_type=Text)
    left_at: datetime = Field(sa_type=UtcTime)


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
