"""History: events chained per case, their content apart, the spells they add up to, and checkpoints that leave the machine."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime

RAISED = "verb = 'raise_level'"
UNSIGNED = "key_id = ''"


class Event(SQLModel, table=True):
    """One thing that happened. `facts` is the canonical JSON that the chain covers; the columns beside it repeat it.

    `hash` = the digest of prev ‖ facts (`digests`); `facts` contains the salted digest of the content, never the content.
    """

    __table_args__ = (
        CheckConstraint("(seq = 1) = (prev = '')", name="first"),
        Index("ix_event_recorded_at", "recorded_at"),
        Index("ix_event_actor", "actor_id", "recorded_at"),
        # Which cases were raised is asked every minute, for the list of what stands beside the backups.
        Index("ix_event_raised", "case_id", sqlite_where=text(RAISED), postgresql_where=text(RAISED)),
    )

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    seq: int = Field(primary_key=True)
    verb: str = Field(sa_type=Text)
    trigger: str = Field(default="", sa_type=Text)
    from_state: str = Field(default="", sa_type=Text)
    to_state: str = Field(sa_type=Text)
    actor_id: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    organ_id: int | None = Field(default=None, foreign_key="organ.id", sa_type=BigId)
    happened_at: datetime = Field(sa_type=UtcTime)
    recorded_at: datetime = Field(sa_type=UtcTime)
    facts: str = Field(sa_type=Text)
    prev: str = Field(sa_type=Text)
    hash: str = Field(sa_type=Text)


class Content(SQLModel, table=True):
    """What an event said (form data, reason, comment) as canonical JSON; it can be disposed of without breaking the chain."""

    __table_args__ = (ForeignKeyConstraint(["case_id", "seq"], ["event.case_id", "event.seq"]),)

    case_id: int = Field(primary_key=True, sa_type=BigId)
    seq: int = Field(primary_key=True)
    salt: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)


class Receipt(SQLModel, table=True):
    """The signed note of an event for both sides, as it was made; `body` is what the signature covers.

    `key_id` names its signer; "" is unsigned, for want of a key. What is signed later is a row beside it.
    """

    __table_args__ = (
        ForeignKeyConstraint(["case_id", "seq"], ["event.case_id", "event.seq"]),
        Index("ix_receipt_unsigned", "case_id", "seq", sqlite_where=text(UNSIGNED), postgresql_where=text(UNSIGNED)),
    )

    case_id: int = Field(primary_key=True, sa_type=BigId)
    seq: int = Field(primary_key=True)
    key_id: str = Field(default="", primary_key=True, sa_type=Text)
    algorithm: str = Field(default="", sa_type=Text)
    signature: str = Field(default="", sa_type=Text)
    body: str = Field(sa_type=Text)


class Spell(SQLModel, table=True):
    """A stretch of time in one state with one holder and one limit: as-of, attribution and dwell read it; compared with history
    nightly.

    `late_from` is the first day on which the case is late unless something changes before, whether or not the sweep ran then.
    """

    __table_args__ = (
        Index("ix_spell_from", "from_at"),
        Index("ix_spell_holder", "holder_id", "from_at"),
    )

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    seq: int = Field(primary_key=True)
    from_at: datetime = Field(sa_type=UtcTime)
    to_at: datetime | None = Field(default=None, sa_type=UtcTime)
    state: str = Field(sa_type=Text)
    holder_id: int | None = Field(default=None, foreign_key="organ.id", sa_type=BigId)
    subject_id: int = Field(foreign_key="organ.id", sa_type=BigId)
    overdue_since: date | None = None
    due_on: date | None = None
    late_from: date | None = None
    colour: str = Field(default="", sa_type=Text)


class Checkpoint(SQLModel, table=True):
    """The heads that changed since the checkpoint before, chained; `body` is what left the machine.

    `key_id` names its signer; "" is unsigned. No two follow the same one.
    """

    __table_args__ = (UniqueConstraint("prev"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    taken_at: datetime = Field(sa_type=UtcTime)
    cases: int
    digest: str = Field(sa_type=Text)
    prev: str = Field(sa_type=Text)
    key_id: str = Field(default="", sa_type=Text)
    algorithm: str = Field(default="", sa_type=Text)
    signature: str = Field(default="", sa_type=Text)
    body: str = Field(sa_type=Text)


class Delivery(SQLModel, table=True):
    """A checkpoint that stands at a place outside the database; `answer` is what the place gave for it, "" for nothing."""

    __tablename__ = "checkpoint_delivery"

    checkpoint_id: int = Field(foreign_key="checkpoint.id", primary_key=True, sa_type=BigId)
    place: str = Field(primary_key=True, sa_type=Text)
    delivered_at: datetime = Field(sa_type=UtcTime)
    answer: str = Field(default="", sa_type=Text)


class Shipment(SQLModel, table=True):
    """Rows of histories and of the trail that leave together: `parts` says which, and they are read again for each place.

    `digest` covers the digest before and the text of the rows; `key_id` names its signer, "" is unsigned.
    """

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    made_at: datetime = Field(sa_type=UtcTime)
    origin: str = Field(sa_type=Text)
    prev: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    key_id: str = Field(default="", sa_type=Text)
    algorithm: str = Field(default="", sa_type=Text)
    signature: str = Field(default="", sa_type=Text)
    parts: str = Field(sa_type=Text)


class Shipped(SQLModel, table=True):
    """How far something is in shipments: the history of case `id` ("event"), the trail (id 0), a version of a workflow."""

    kind: str = Field(primary_key=True, sa_type=Text)
    id: int = Field(primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(sa_type=BigId)


class ShipmentPlace(SQLModel, table=True):
    """The last shipment that a place outside the database has; it has all before it."""

    __tablename__ = "shipment_place"

    place: str = Field(primary_key=True, sa_type=Text)
    number: int
    delivered_at: datetime = Field(sa_type=UtcTime)


class Trail(SQLModel, table=True):
    """Who read what is protected, signed in, was refused or took something away. `facts` is what the chain covers.

    `seq`, `prev` and `hash` are given when the next checkpoint is taken; until then a row has none. `cases` is ",17,22,".
    """

    __table_args__ = (
        CheckConstraint("(seq IS NULL) = (hash = '')", name="sealed"),
        Index("ix_trail_at", "at"),
        Index("ix_trail_unsealed", "id", sqlite_where=text("seq IS NULL"), postgresql_where=text("seq IS NULL")),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    seq: int | None = Field(default=None, unique=True, sa_type=BigId)
    at: datetime = Field(sa_type=UtcTime)
    actor_id: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    action: str = Field(sa_type=Text)
    cases: str = Field(default="", sa_type=Text)
    facts: str = Field(sa_type=Text)
    prev: str = Field(default="", sa_type=Text)
    hash: str = Field(default="", sa_type=Text)
