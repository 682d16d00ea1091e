"""Disposal by two people, what holds a case back, tombstones; and a content goes only where a tombstone stands."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import BigId, UtcTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

STANDS = sa.text("SELECT count(*) FROM tombstone")
ON_SQLITE = (
    """
    CREATE TRIGGER content_stays BEFORE DELETE ON content
    WHEN NOT EXISTS (SELECT 1 FROM tombstone WHERE case_id = old.case_id)
    BEGIN SELECT RAISE(ABORT, 'a content goes only with its case'); END
    """,
)
OFF_SQLITE = ("DROP TRIGGER content_stays",)
ON_POSTGRESQL = (
    """
    CREATE FUNCTION content_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM tombstone WHERE case_id = old.case_id) THEN
            RAISE EXCEPTION 'a content goes only with its case';
        END IF;
        RETURN old;
    END $$
    """,
    "CREATE TRIGGER content_stays BEFORE DELETE ON content FOR EACH ROW EXECUTE FUNCTION content_stays()",
)
OFF_POSTGRESQL = ("DROP TRIGGER content_stays ON content", "DROP FUNCTION content_stays()")


def upgrade() -> None:
    """Up."""
    op.create_table(
        "retention_hold",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", BigId, nullable=False),
        sa.Column("placed_at", UtcTime(timezone=True), nullable=False),
        sa.Column("lifted_by", BigId, nullable=True),
        sa.Column("lifted_at", UtcTime(timezone=True), nullable=True),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_retention_hold_lifted")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_retention_hold_case_id_cases")),
        sa.ForeignKeyConstraint(["placed_by"], ["person.id"], name=op.f("fk_retention_hold_placed_by_person")),
        sa.ForeignKeyConstraint(["lifted_by"], ["person.id"], name=op.f("fk_retention_hold_lifted_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_hold")),
    )
    op.create_index(
        "uq_retention_hold_open",
        "retention_hold",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "disposal",
        sa.Column("id", BigId, nullable=False),
        sa.Column("proposed_by", BigId, nullable=False),
        sa.Column("proposed_at", UtcTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decided_at", UtcTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("finished_at", UtcTime(timezone=True), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_disposal_reason")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_disposal_two_people")),
        sa.CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_disposal_decided")),
        sa.CheckConstraint("decided_at IS NULL OR decision <> ''", name=op.f("ck_disposal_decision")),
        sa.CheckConstraint("granted IS NULL OR NOT granted OR approval <> ''", name=op.f("ck_disposal_approval")),
        sa.CheckConstraint("finished_at IS NULL OR granted IS NOT NULL", name=op.f("ck_disposal_finished")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_disposal_proposed_by_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_disposal_decided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposal")),
    )
    op.create_table(
        "disposal_item",
        sa.Column("disposal_id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("settled_at", UtcTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'done', 'kept')", name=op.f("ck_disposal_item_status")),
        sa.CheckConstraint("(status = 'kept') = (why <> '')", name=op.f("ck_disposal_item_why")),
        sa.CheckConstraint("(status = 'waiting') = (settled_at IS NULL)", name=op.f("ck_disposal_item_settled")),
        sa.ForeignKeyConstraint(["disposal_id"], ["disposal.id"], name=op.f("fk_disposal_item_disposal_id_disposal")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_disposal_item_case_id_cases")),
        sa.PrimaryKeyConstraint("disposal_id", "case_id", name=op.f("pk_disposal_item")),
    )
    op.create_index(
        "uq_disposal_item_waiting",
        "disposal_item",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "tombstone",
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("retention", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("proposed_by", BigId, nullable=True),
        sa.Column("proposed_at", UtcTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decided_at", UtcTime(timezone=True), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("disposed_at", UtcTime(timezone=True), nullable=False),
        sa.Column("restored", sa.Boolean(), nullable=False),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_tombstone_two_people")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_tombstone_case_id_cases")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_tombstone_proposed_by_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_tombstone_decided_by_person")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_tombstone")),
    )
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Down. Refused while a tombstone stands: a program that knows none would say that those histories were tampered with."""
    if op.get_bind().execute(STANDS).scalar():
        raise RuntimeError("tombstones would be lost: there is no way back to a version that knows none")
    for statement in OFF_SQLITE if op.get_bind().dialect.name == "sqlite" else OFF_POSTGRESQL:
        op.execute(statement)
    for table in ("tombstone", "disposal_item", "disposal", "retention_hold"):
        op.drop_table(table)
