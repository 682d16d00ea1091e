"""What undo gives back: the value a secret fact had before, and evidence that was taken back with its step."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.add_column("secret", sa.Column("was", sa.Text(), nullable=True))
    op.add_column("secret", sa.Column("seq", sa.Integer(), nullable=True))
    op.add_column("evidence", sa.Column("undone_seq", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Down."""
    op.drop_column("evidence", "undone_seq")
    op.drop_column("secret", "seq")
    op.drop_column("secret", "was")
