"""An import says by which version of a kept mapping its columns were read."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.add_column("import_run", sa.Column("mapping_key", sa.Text(), nullable=True))
    op.add_column("import_run", sa.Column("mapping_number", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Down."""
    with op.batch_alter_table("import_run") as table:
        table.drop_column("mapping_number")
        table.drop_column("mapping_key")
