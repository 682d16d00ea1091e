"""What the operator takes away on the command line stands among the exports, and he is no person."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import BigId

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    with op.batch_alter_table("export") as export:
        export.alter_column("person_id", existing_type=BigId, nullable=True)


def downgrade() -> None:
    """Down; what nobody named took away has no place there."""
    op.execute(sa.text("DELETE FROM export WHERE person_id IS NULL"))
    with op.batch_alter_table("export") as export:
        export.alter_column("person_id", existing_type=BigId, nullable=False)
