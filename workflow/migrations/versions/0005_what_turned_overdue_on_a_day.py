"""What turned overdue on a day is found by the day."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ONLY = sa.text("rung = 'overdue'")


def upgrade() -> None:
    """Up."""
    op.create_index("ix_fired_rung_overdue", "fired_rung", ["due_at"], sqlite_where=ONLY, postgresql_where=ONLY)


def downgrade() -> None:
    """Down."""
    op.drop_index("ix_fired_rung_overdue", table_name="fired_rung")
