"""Two people also end a kind, begin it again and put a migration back; the steps of a draft stand in the database."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PENDING = sa.text("granted IS NULL")


def upgrade() -> None:
    """Up. What was kept in files of one machine is not brought over: it was a convenience of whoever wrote there."""
    op.create_table(
        "motion",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("run_id", BIG, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", BIG, nullable=False),
        sa.Column("proposed_at", UtcTime(timezone=True), nullable=False),
        sa.Column("decided_by", BIG, nullable=True),
        sa.Column("decided_at", UtcTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("made_run_id", BIG, nullable=True),
        sa.CheckConstraint("what IN ('reverse', 'retire', 'reopen')", name=op.f("ck_motion_what")),
        sa.CheckConstraint("(what = 'reverse') = (run_id IS NOT NULL)", name=op.f("ck_motion_run")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_motion_reason")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_motion_two_people")),
        sa.CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_motion_decided")),
        sa.CheckConstraint("granted IS NULL OR NOT granted OR decided_by IS NOT NULL", name=op.f("ck_motion_granted")),
        sa.ForeignKeyConstraint(["run_id"], ["bulk_run.id"], name=op.f("fk_motion_run_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_motion_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_motion_decided_by")),
        sa.ForeignKeyConstraint(["made_run_id"], ["bulk_run.id"], name=op.f("fk_motion_made_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_motion")),
    )
    op.create_index("uq_motion_pending", "motion", ["kind"], unique=True, sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index(op.f("ix_motion_run_id"), "motion", ["run_id"])
    op.create_table(
        "definition_draft_step",
        sa.Column("draft_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_definition_draft_step_number")),
        sa.ForeignKeyConstraint(["draft_id"], ["definition_draft.id"], name=op.f("fk_definition_draft_step_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "number", name=op.f("pk_definition_draft_step")),
    )
    with op.batch_alter_table("definition_draft") as draft:
        draft.add_column(sa.Column("step", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("definition_draft") as draft:
        draft.alter_column("step", server_default=None)


def downgrade() -> None:
    """Down: what was decided stays decided, and nobody reads any more by whom."""
    with op.batch_alter_table("definition_draft") as draft:
        draft.drop_column("step")
    op.drop_table("definition_draft_step")
    op.drop_table("motion")
