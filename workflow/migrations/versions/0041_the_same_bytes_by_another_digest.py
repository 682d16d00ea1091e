"""A file whose digest is of another suite is known again by its SHA-256."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

MADE = tuple(
    f"SELECT 1 FROM {table} WHERE {column} LIKE 'sm3:%' LIMIT 1"  # noqa: S608  # both are named here
    for table, column in (("event", "hash"), ("trail", "hash"), ("checkpoint", "digest"), ("stored_file", "digest"))
)


def upgrade() -> None:
    """Up."""
    op.add_column("stored_file", sa.Column("sha256", sa.Text(), nullable=True))
    op.create_index(op.f("ix_stored_file_sha256"), "stored_file", ["sha256"])


def downgrade() -> None:
    """Down. Refused where a digest is SM3: to a program that knows none, all that it proves would be false."""
    if any(op.get_bind().execute(sa.text(made)).first() for made in MADE):
        raise RuntimeError("digests here are SM3: there is no way back to a version that knows none")
    op.drop_index(op.f("ix_stored_file_sha256"), table_name="stored_file")
    op.drop_column("stored_file", "sha256")
