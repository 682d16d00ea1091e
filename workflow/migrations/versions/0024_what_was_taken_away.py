"""Every export stands in a row: who took how much away, when, what for, and the request that it belongs to; and what a scanner said of a file."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import BigId, UtcTime

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table(
        "export",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("organ_id", BigId, nullable=True),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("line_count", BigId, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.CheckConstraint("line_count >= 0", name=op.f("ck_export_line_count")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_export_person_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_export_organ_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        sa.UniqueConstraint("request", name=op.f("uq_export_request")),
    )
    op.create_index("ix_export_person", "export", ["person_id", "at"])
    op.create_index("ix_export_organ", "export", ["organ_id", "at"])
    op.create_table(
        "scan",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_scan")),
    )


def downgrade() -> None:
    """Down."""
    op.drop_table("scan")
    op.drop_table("export")
