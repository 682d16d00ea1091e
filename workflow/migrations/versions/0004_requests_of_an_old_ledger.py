"""A request that an old ledger tells of has nobody who asked."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    with op.batch_alter_table("case_request") as batch_op:
        batch_op.alter_column("asked_by", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)


def downgrade() -> None:
    """Down."""
    op.execute("DELETE FROM case_request WHERE asked_by IS NULL")
    with op.batch_alter_table("case_request") as batch_op:
        batch_op.alter_column("asked_by", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)
