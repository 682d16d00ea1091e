"""The last twelve months under a draft are counted batch by batch and kept with its preview."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up. A preview that was made before has none, and one that is under way is finished without it."""
    op.add_column("impact", sa.Column("replay", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Down; what was counted is gone, and a preview is what its lines say."""
    with op.batch_alter_table("impact") as impact:
        impact.drop_column("replay")
