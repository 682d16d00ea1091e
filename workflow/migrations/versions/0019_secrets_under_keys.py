"""Each case has a key for its secrets, wrapped by a master key that lies in a file; the nightly checks seal what was there."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import UtcTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SEALED = sa.text("SELECT count(*) FROM secret WHERE value LIKE 'sealed:%' OR was LIKE 'sealed:%'")


def upgrade() -> None:
    """Up."""
    op.create_table(
        "case_key",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("master_id", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.Column("made_at", UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_key_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_key")),
    )
    op.create_index(op.f("ix_case_key_master_id"), "case_key", ["master_id"])


def downgrade() -> None:
    """Down. Refused while there are sealed secrets: without their keys nobody could ever read them again."""
    if op.get_bind().execute(SEALED).scalar():
        raise RuntimeError("sealed secrets would be lost: there is no way back to a version that cannot open them")
    op.drop_table("case_key")
