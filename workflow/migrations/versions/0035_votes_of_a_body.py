"""A body votes on a step of a case: what is put to the vote, and each member's word."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import UtcTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Up."""
    op.create_table(
        "resolution",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("asked_by", BIG, nullable=False),
        sa.Column("asked_at", UtcTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("entitled", sa.Integer(), nullable=True),
        sa.Column("scan_id", BIG, nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome = '')", name=op.f("ck_resolution_ended")),
        sa.CheckConstraint("outcome IN ('', 'used', 'withdrawn', 'void')", name=op.f("ck_resolution_outcome")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_resolution_case_id_cases")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_resolution_asked_by_person")),
        sa.ForeignKeyConstraint(["scan_id"], ["stored_file.id"], name=op.f("fk_resolution_scan_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolution")),
    )
    op.create_index("ix_resolution_case", "resolution", ["case_id"])
    op.create_index(
        "uq_resolution_open", "resolution", ["case_id", "trigger"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "ballot",
        sa.Column("resolution_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cast_at", UtcTime(timezone=True), nullable=False),
        sa.Column("recorded_by", BIG, nullable=True),
        sa.CheckConstraint("choice IN ('agree', 'disagree', 'abstain', 'recuse')", name=op.f("ck_ballot_choice")),
        sa.CheckConstraint("choice = 'agree' OR reason <> ''", name=op.f("ck_ballot_dissent_has_a_reason")),
        sa.CheckConstraint("recorded_by IS NULL OR recorded_by <> person_id", name=op.f("ck_ballot_two_people")),
        sa.ForeignKeyConstraint(["resolution_id"], ["resolution.id"], name=op.f("fk_ballot_resolution_id_resolution")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ballot_person_id_person")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_ballot_recorded_by_person")),
        sa.PrimaryKeyConstraint("resolution_id", "person_id", name=op.f("pk_ballot")),
    )


def downgrade() -> None:
    """Down."""
    op.drop_table("ballot")
    op.drop_index("uq_resolution_open", table_name="resolution")
    op.drop_index("ix_resolution_case", table_name="resolution")
    op.drop_table("resolution")
