"""What administrators set beside workflows has versions: letters, numbers, messages, roles, labels, words of ledgers, years."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PENDING = sa.text("decided_at IS NULL")
COUNTED = sa.text("number > 0")


def upgrade() -> None:
    """Up."""
    op.create_table(
        "setting_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("shipped", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", BIG, nullable=True),
        sa.Column("proposed_at", UtcTime(timezone=True), nullable=False),
        sa.Column("decided_by", BIG, nullable=True),
        sa.Column("decided_at", UtcTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_setting_version_two_people")),
        sa.CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_setting_version_decided")),
        sa.CheckConstraint(
            "(number IS NOT NULL) = (granted IS NOT NULL AND granted)", name=op.f("ck_setting_version_numbered")
        ),
        sa.CheckConstraint(
            "(number IS NOT NULL AND number = 0) = (proposed_by IS NULL)", name=op.f("ck_setting_version_shipped_by_nobody")
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_setting_version_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_setting_version_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_version")),
    )
    for name, columns, where in (
        ("uq_setting_version_pending", ["kind", "key"], PENDING),
        ("uq_setting_version_number", ["kind", "key", "number"], COUNTED),
    ):
        op.create_index(name, "setting_version", columns, unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Down."""
    op.drop_table("setting_version")
