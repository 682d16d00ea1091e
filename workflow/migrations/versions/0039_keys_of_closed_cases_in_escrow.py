"""The key of a closed case lies in the archive's escrow, and two people bring it back."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import UtcTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

AWAY = sa.text("SELECT count(*) FROM case_key WHERE escrowed_at IS NOT NULL")
BEFORE = "what IN ('level', 'file', 'confinement', 'recusal')"
AFTER = "what IN ('level', 'file', 'confinement', 'recusal', 'archive')"


def upgrade() -> None:
    """Up."""
    with op.batch_alter_table("case_key") as key:
        key.add_column(sa.Column("escrowed_at", UtcTime(timezone=True), nullable=True))
    _what(AFTER)


def downgrade() -> None:
    """Down. Refused while a key lies in escrow: a program that knows of none could never open that case again."""
    if op.get_bind().execute(AWAY).scalar():
        raise RuntimeError("keys lie in the archive's escrow: there is no way back to a version that knows none")
    op.execute("DELETE FROM loosening WHERE what = 'archive'")
    _what(BEFORE)
    with op.batch_alter_table("case_key") as key:
        key.drop_column("escrowed_at")


def _what(rule: str) -> None:
    with op.batch_alter_table("loosening") as loosening:
        loosening.drop_constraint(op.f("ck_loosening_what"), type_="check")
        loosening.create_check_constraint(op.f("ck_loosening_what"), rule)
