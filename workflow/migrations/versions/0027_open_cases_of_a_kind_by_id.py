"""The open cases of a kind are walked by their ids: a preview of a new version goes from one thousand to the next."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0024"
branch_labels = None
depends_on = None

ON_SQLITE = sa.text("final = 0 AND withdrawn = 0")
ON_POSTGRESQL = sa.text("NOT final AND NOT withdrawn")


def upgrade() -> None:
    """Up."""
    op.create_index("ix_cases_open", "cases", ["kind", "id"], sqlite_where=ON_SQLITE, postgresql_where=ON_POSTGRESQL)


def downgrade() -> None:
    """Down."""
    op.drop_index("ix_cases_open", table_name="cases")
