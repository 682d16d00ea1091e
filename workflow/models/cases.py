"""The case, its narrow companions, and who stands in which relation to it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from workflow.models.columns import BigId, UtcTime

OPEN = "NOT final AND NOT withdrawn"


class Case(SQLModel, table=True):
    """One clue, item, interview …: engine columns first, the kind's own facts as canonical JSON text in `data`.

    `tally` counts fired triggers as JSON text {"<trigger>": n}; `due_on`/`due_clock` mirror the next live clock that falls due;
    `overdue_since` is the first late day of the oldest overdue clock and is flipped by the sweep, so that it can be counted.
    `promised_on` is the original date of the main clock's last run, which no extension moves, and `reported_on` the day from
    which the work has been reported as done (null while it is being done): together they say whether it was done on time.
    `found_in_id` is the organ in which the finding was made, where another has taken its place as the subject since.
    `told_at` is the last change that everybody who reads the case is told (talks.is_about_talk); `changed_at` is that of any.
    `confined`: only who is named in `knower` sees it, and who leads the bodies that supervise and hold it.
    """

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint("version >= 1 AND seq >= 1 AND cycle >= 1", name="counters"),
        CheckConstraint("level BETWEEN 0 AND 3", name="level"),
        CheckConstraint("final OR holder_id IS NOT NULL", name="holder"),
        CheckConstraint("NOT final OR due_on IS NULL", name="final_has_no_due"),
        CheckConstraint("final OR ground IS NULL", name="ground_only_when_final"),
        CheckConstraint("(due_on IS NULL) = (due_clock IS NULL)", name="due"),
        CheckConstraint("NOT joinable OR (interviewer_id IS NOT NULL AND interviewee_id IS NOT NULL)", name="joinable"),
        Index(
            "uq_cases_joinable",
            "interviewer_id",
            "interviewee_id",
            unique=True,
            sqlite_where=text("joinable"),
            postgresql_where=text("joinable"),
        ),
        Index("ix_cases_ledger", "kind", "final", "due_on", "id"),
        # SQLite takes an index of some rows where its condition is written as the statement's own.
        Index(
            "ix_cases_open",
            *("kind", "id"),
            sqlite_where=text("final = 0 AND withdrawn = 0"),
            postgresql_where=text("NOT final AND NOT withdrawn"),
        ),
        Index("ix_cases_confined", "id", sqlite_where=text("confined = 1"), postgresql_where=text("confined")),
        Index("ix_cases_township", "subject_township_id", "kind", "final", "due_on", "id"),
        Index("ix_cases_village", "subject_village_id", "kind", "final", "due_on", "id"),
        Index("ix_cases_holder", "holder_id", "kind", "final", "due_on", "id"),
        Index("ix_cases_supervisor", "supervisor_id", "kind", "final", "due_on", "id"),
        Index("ix_cases_registrar", "registrar_id", "kind", "final", "due_on", "id"),
        Index("ix_cases_subject", "subject_id", "kind", "final", "due_on", "id"),
        Index(
            "ix_cases_interviewer",
            *("interviewer_id", "kind", "final", "due_on", "id"),
            sqlite_where=text("interviewer_id IS NOT NULL"),
            postgresql_where=text("interviewer_id IS NOT NULL"),
        ),
        Index(
            "ix_cases_interviewee",
            *("interviewee_id", "kind", "final", "due_on", "id"),
            sqlite_where=text("interviewee_id IS NOT NULL"),
            postgresql_where=text("interviewee_id IS NOT NULL"),
        ),
        Index(
            "ix_cases_import",
            "import_id",
            sqlite_where=text("import_id IS NOT NULL"),
            postgresql_where=text("import_id IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    number: str = Field(sa_type=Text, unique=True)
    old_number: str = Field(default="", sa_type=Text)
    kind: str = Field(sa_type=Text)
    definition_version_id: int = Field(foreign_key="definition_version.id", sa_type=BigId, index=True)
    state: str = Field(sa_type=Text)
    final: bool = False
    withdrawn: bool = False
    title: str = Field(sa_type=Text)
    level: int = 0
    confined: bool = False
    subject_id: int = Field(foreign_key="organ.id", sa_type=BigId)
    found_in_id: int | None = Field(default=None, foreign_key="organ.id", sa_type=BigId)
    subject_county_id: int = Field(foreign_key="area.id", sa_type=BigId)
    subject_township_id: int | None = Field(default=None, foreign_key="area.id", sa_type=BigId)
    subject_village_id: int | None = Field(default=None, foreign_key="area.id", sa_type=BigId)
    holder_id: int | None = Field(default=None, foreign_key="organ.id", sa_type=BigId)
    supervisor_id: int = Field(foreign_key="organ.id", sa_type=BigId)
    registrar_id: int = Field(foreign_key="organ.id", sa_type=BigId)
    registrar_person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    assignee_id: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId, index=True)
    interviewer_id: int | None = Field(default=None, foreign_key="organ.id", sa_type=BigId)
    interviewee_id: int | None = Field(default=None, foreign_key="organ.id", sa_type=BigId)
    joinable: bool = False
    parent_id: int | None = Field(default=None, foreign_key="cases.id", sa_type=BigId, index=True)
    cycle: int = 1
    version: int = 1
    seq: int = 1
    head: str = Field(sa_type=Text)
    checkpointed_seq: int = 0
    data: str = Field(default="{}", sa_type=Text)
    tally: str = Field(default="{}", sa_type=Text)
    ground: str | None = Field(default=None, sa_type=Text)
    opened_on: date
    state_since: date
    holder_since: date
    closed_on: date | None = None
    due_on: date | None = None
    due_clock: str | None = Field(default=None, sa_type=Text)
    overdue_since: date | None = None
    promised_on: date | None = None
    reported_on: date | None = None
    rung: str | None = Field(default=None, sa_type=Text)
    colour: str = Field(default="", sa_type=Text)
    paused_since: date | None = None
    import_id: int | None = Field(default=None, foreign_key="import_run.id", sa_type=BigId)
    changed_at: datetime = Field(sa_type=UtcTime)
    told_at: datetime = Field(sa_type=UtcTime)


class Facet(SQLModel, table=True):
    """A fact with `filter: true`, kept as a narrow row so that lists can be filtered and grouped by it.

    It has held since `from_at`; None: since the case began.
    """

    __table_args__ = (Index("ix_facet_field_value", "field", "value", "case_id"),)

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    field: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(primary_key=True, sa_type=Text)
    from_at: datetime | None = Field(default=None, sa_type=UtcTime)


class FormerFacet(SQLModel, table=True):
    """A facet that held until `until_at`: what past days are filtered and grouped by. None for `from_at` as there."""

    __tablename__ = "former_facet"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    field: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(primary_key=True, sa_type=Text)
    until_at: datetime = Field(primary_key=True, sa_type=UtcTime)
    from_at: datetime | None = Field(default=None, sa_type=UtcTime)


class CaseKey(SQLModel, table=True):
    """The key of a case's secrets, wrapped by master key `master_id`; `algorithm` is the suite that it seals in.

    From `escrowed_at` on it is wrapped by the archive's key of that id instead, and by nothing else.
    """

    __tablename__ = "case_key"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    master_id: str = Field(sa_type=Text, index=True)
    algorithm: str = Field(sa_type=Text)
    wrapped: str = Field(sa_type=Text)
    made_at: datetime = Field(sa_type=UtcTime)
    escrowed_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Secret(SQLModel, table=True):
    """A secret fact, sealed. It never enters content, outbox, stored answers, search, export, notices or logs.

    `was` is its value before event `seq`, kept here and only for as long as that event may be undone.
    """

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    field: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(sa_type=Text)
    was: str | None = Field(default=None, sa_type=Text)
    seq: int | None = None


class Party(SQLModel, table=True):
    """An organ in a relation that has no column: past_holder (reads up to `upto_seq`) or measure_unit."""

    __table_args__ = (
        CheckConstraint("relation IN ('past_holder', 'measure_unit')", name="relation"),
        Index("ix_party_organ", "organ_id", "relation", "case_id"),
    )

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    organ_id: int = Field(foreign_key="organ.id", primary_key=True, sa_type=BigId)
    relation: str = Field(primary_key=True, sa_type=Text)
    upto_seq: int | None = None


class Barred(SQLModel, table=True):
    """A person (or, with `organ_id`, everybody of an organ) who must never see this case again: recusal."""

    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (organ_id IS NULL)", name="who"),
        UniqueConstraint("case_id", "person_id"),
        UniqueConstraint("case_id", "organ_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId)
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    organ_id: int | None = Field(default=None, foreign_key="organ.id", sa_type=BigId)
    reason: str = Field(default="", sa_type=Text)


class Knower(SQLModel, table=True):
    """Somebody who may know of a confined case, for a reason, since `added_by` named him."""

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    person_id: int = Field(foreign_key="person.id", primary_key=True, sa_type=BigId, index=True)
    reason: str = Field(sa_type=Text)
    added_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    added_at: datetime = Field(sa_type=UtcTime)


class RecusalHint(SQLModel, table=True):
    """Somebody on the case should perhaps stand back: `why` is same_name, or what the relative whom he declared is to him.

    It is settled by his recusal, or by somebody who says why he may stay.
    """

    __tablename__ = "recusal_hint"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    person_id: int = Field(foreign_key="person.id", primary_key=True, sa_type=BigId)
    why: str = Field(sa_type=Text)
    found_at: datetime = Field(sa_type=UtcTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcTime)


class Loosening(SQLModel, table=True):
    """What somebody asks to loosen and somebody else must decide on. Undecided while `decided_at` is null.

    `what` is level (of the case, down to `level`), file (of the file `file_id`), confinement, recusal (row `barred_id`,
    which is gone once it is granted), or archive (the case's key comes out of escrow).
    """

    __table_args__ = (
        CheckConstraint("what IN ('level', 'file', 'confinement', 'recusal', 'archive')", name="what"),
        CheckConstraint("(what IN ('level', 'file')) = (level IS NOT NULL)", name="level"),
        CheckConstraint("(what = 'file') = (file_id IS NOT NULL)", name="file"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="two_people"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId, index=True)
    what: str = Field(sa_type=Text)
    level: int | None = None
    file_id: int | None = Field(default=None, foreign_key="stored_file.id", sa_type=BigId)
    barred_id: int | None = Field(default=None, sa_type=BigId)
    asked_by: int = Field(foreign_key="person.id", sa_type=BigId)
    asked_at: datetime = Field(sa_type=UtcTime)
    reason: str = Field(sa_type=Text)
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    granted: bool | None = None
    decision: str = Field(default="", sa_type=Text)


class Link(SQLModel, table=True):
    """Two cases that belong together; shown only where both ends may be seen."""

    __table_args__ = (
        CheckConstraint("relation IN ('related', 'merged_into', 'split_from', 'caused', 'previous')", name="relation"),
        CheckConstraint("case_id <> other_id", name="ends"),
    )

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    other_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId, index=True)
    relation: str = Field(primary_key=True, sa_type=Text)


class Numbering(SQLModel, table=True):
    """The last number given, per series (kind and year, or parent case). Numbers are never used again."""

    series: str = Field(primary_key=True, sa_type=Text)
    last: int = 0


class Request(SQLModel, table=True):
    """Something asked for that somebody else must decide: an extension or a pause. Undecided while `decided_at` is null.

    `asked_by` is null where an old ledger says that it was asked for, and not by whom.
    """

    __tablename__ = "case_request"
    __table_args__ = (
        CheckConstraint("kind IN ('extension', 'pause')", name="kind"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="separation"),
        Index(
            "uq_case_request_open",
            "case_id",
            "kind",
            "clock",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId, index=True)
    kind: str = Field(sa_type=Text)
    clock: str = Field(sa_type=Text)
    asked_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    asked_organ_id: int = Field(foreign_key="organ.id", sa_type=BigId)
    asked_at: datetime = Field(sa_type=UtcTime)
    wanted_on: date | None = None
    reason: str = Field(sa_type=Text)
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigId)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    granted: bool | None = None
    decision: str = Field(default="", sa_type=Text)
