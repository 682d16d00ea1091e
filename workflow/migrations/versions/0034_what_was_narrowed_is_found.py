"""Which cases are confined, which were raised and which files ask for more is found by indices of those few rows."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0032"
branch_labels = None
depends_on = None

RAISED, ABOVE = sa.text("verb = 'raise_level'"), sa.text("level > 0")
INDICES = (
    ("ix_event_raised", "event", "case_id", RAISED, RAISED),
    ("ix_stored_file_level", "stored_file", "id", ABOVE, ABOVE),
    ("ix_cases_confined", "cases", "id", sa.text("confined = 1"), sa.text("confined")),
)


def upgrade() -> None:
    """Up."""
    for name, table, column, on_sqlite, on_postgresql in INDICES:
        op.create_index(name, table, [column], sqlite_where=on_sqlite, postgresql_where=on_postgresql)


def downgrade() -> None:
    """Down."""
    for name, table, *_rest in reversed(INDICES):
        op.drop_index(name, table_name=table)
