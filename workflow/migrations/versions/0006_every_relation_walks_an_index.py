"""Every relation that has a column has an index in the order of the ledger, so that no scope of a reader walks them all."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ORDER = ("kind", "final", "due_on", "id")
TALKS = ("interviewer", "interviewee")


def upgrade() -> None:
    """Up."""
    op.drop_index("ix_cases_subject_id", table_name="cases")
    for relation in ("registrar", "subject"):
        op.create_index(f"ix_cases_{relation}", "cases", [f"{relation}_id", *ORDER])
    for relation in TALKS:
        op.drop_index(f"ix_cases_{relation}", table_name="cases")
        _of_talks(relation, *ORDER)


def downgrade() -> None:
    """Down."""
    for relation in TALKS:
        op.drop_index(f"ix_cases_{relation}", table_name="cases")
        _of_talks(relation)
    for relation in ("registrar", "subject"):
        op.drop_index(f"ix_cases_{relation}", table_name="cases")
    op.create_index("ix_cases_subject_id", "cases", ["subject_id"])


def _of_talks(relation: str, *order: str) -> None:
    only = sa.text(f"{relation}_id IS NOT NULL")
    columns = [f"{relation}_id", *order]
    op.create_index(f"ix_cases_{relation}", "cases", columns, sqlite_where=only, postgresql_where=only)
