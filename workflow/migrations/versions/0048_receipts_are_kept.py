"""Receipts are made with their event and kept as they were signed."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import BigId

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

UNSIGNED = sa.text("key_id = ''")


def upgrade() -> None:
    """Up; what happened before gets its receipt on demand, as it did."""
    op.create_table(
        "receipt",
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id", "seq"], ["event.case_id", "event.seq"], name=op.f("fk_receipt_case_id_seq")),
        sa.PrimaryKeyConstraint("case_id", "seq", "key_id", name=op.f("pk_receipt")),
    )
    op.create_index("ix_receipt_unsigned", "receipt", ["case_id", "seq"], sqlite_where=UNSIGNED, postgresql_where=UNSIGNED)


def downgrade() -> None:
    """Down; whoever has taken a receipt away keeps it."""
    op.drop_index("ix_receipt_unsigned", "receipt")
    op.drop_table("receipt")
