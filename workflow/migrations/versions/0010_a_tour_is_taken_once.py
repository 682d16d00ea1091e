"""When somebody has been shown round: nobody is twice."""

import sqlalchemy as sa
from alembic import op

import workflow.models.columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.add_column("person", sa.Column("toured_at", workflow.models.columns.UtcTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Down."""
    op.drop_column("person", "toured_at")
