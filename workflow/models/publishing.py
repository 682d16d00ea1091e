"""What a new version would do to the open cases of its kind, and the two people who say that it, or its end, shall be."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime

PENDING = "activated_at IS NULL AND (granted IS NULL OR granted)"


class Impact(SQLModel, table=True):
    """A preview: definition `digest` under `plan`, held against every open case of the kind at `made_at`.

    `replay` is JSON of the last twelve months under it, as far as they are counted, "" for a kind that had no version.
    `counts` is JSON of what it comes to, `seal` the digest over all of it, line by line: what two people say yes to. `done`
    of `total` cases have been looked at; it is finished when `seal` is there.
    """

    __table_args__ = (
        CheckConstraint("done BETWEEN 0 AND total", name="done"),
        Index("ix_impact_draft", "draft_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    draft_id: int = Field(foreign_key="definition_draft.id", sa_type=BigId)
    kind: str = Field(sa_type=Text)
    digest: str = Field(foreign_key="definition.digest", sa_type=Text)
    plan: str = Field(sa_type=Text)
    made_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    made_at: datetime = Field(sa_type=UtcTime)
    total: int
    done: int = 0
    replay: str = Field(default="", sa_type=Text)
    counts: str = Field(default="{}", sa_type=Text)
    seal: str = Field(default="", sa_type=Text)


class ImpactLine(SQLModel, table=True):
    """What would become of one open case: numbers, states, dates and counts, never a title, a fact or a person.

    `fate` is moves (now), follows (with its next step), stays (finishes on its version) or poisoned (`why` says by what).
    `said` is canonical JSON of what changes.
    """

    __tablename__ = "impact_line"
    __table_args__ = (
        CheckConstraint("fate IN ('moves', 'follows', 'stays', 'poisoned')", name="fate"),
        CheckConstraint("(fate = 'poisoned') = (why <> '')", name="why"),
    )

    impact_id: int = Field(foreign_key="impact.id", primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    fate: str = Field(sa_type=Text)
    why: str = Field(default="", sa_type=Text)
    said: str = Field(default="{}", sa_type=Text)


class Publication(SQLModel, table=True):
    """A version that somebody proposes, somebody else decides on, and that is current from `from_on`.

    `seal` is that of the preview which both have seen. `version_id` is the version that came of it.
    """

    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
        CheckConstraint("activated_at IS NULL OR granted", name="activated"),
        Index(
            "uq_publication_pending",
            "kind",
            unique=True,
            sqlite_where=text(PENDING),
            postgresql_where=text(PENDING),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    kind: str = Field(sa_type=Text)
    impact_id: int = Field(foreign_key="impact.id", sa_type=BigId, index=True)
    seal: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    from_on: date
    proposed_by: int = Field(foreign_key="person.id", sa_type=BigId)
    proposed_at: datetime = Field(sa_type=UtcTime)
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    granted: bool | None = None
    decision: str = Field(default="", sa_type=Text)
    version_id: int | None = Field(default=None, foreign_key="definition_version.id", sa_type=BigId)
    activated_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Motion(SQLModel, table=True):
    """What else two people decide about the versions of a kind: `what` is reverse, retire or reopen.

    `run_id` is the run over open cases that is to be put back, `made_run_id` the run that does it.
    """

    __table_args__ = (
        CheckConstraint("what IN ('reverse', 'retire', 'reopen')", name="what"),
        CheckConstraint("(what = 'reverse') = (run_id IS NOT NULL)", name="run"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
        CheckConstraint("granted IS NULL OR NOT granted OR decided_by IS NOT NULL", name="granted"),
        Index(
            "uq_motion_pending",
            "kind",
            unique=True,
            sqlite_where=text("granted IS NULL"),
            postgresql_where=text("granted IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    kind: str = Field(sa_type=Text)
    what: str = Field(sa_type=Text)
    run_id: int | None = Field(default=None, foreign_key="bulk_run.id", sa_type=BigId, index=True)
    reason: str = Field(sa_type=Text)
    proposed_by: int = Field(foreign_key="person.id", sa_type=BigId)
    proposed_at: datetime = Field(sa_type=UtcTime)
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    granted: bool | None = None
    decision: str = Field(default="", sa_type=Text)
    made_run_id: int | None = Field(default=None, foreign_key="bulk_run.id", sa_type=BigId)
