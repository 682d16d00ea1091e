"""The hours in which somebody wants his mail; "" for those of the county's office."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.add_column("person", sa.Column("mail_hours", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Down."""
    op.drop_column("person", "mail_hours")
