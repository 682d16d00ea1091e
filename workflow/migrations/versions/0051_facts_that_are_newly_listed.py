"""Cases under older versions come to be found by the facts that later ones list by: which facts, and how far."""

import json
from contextlib import suppress
from itertools import groupby, pairwise

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import BigId

revision = "0051"
down_revision = "0049"
branch_labels = None
depends_on = None

# How reading a row ends that was damaged behind the engine's back.
DAMAGED = (LookupError, ValueError, TypeError, AttributeError)
VERSION = sa.table("definition_version", *(sa.column(name) for name in ("kind", "number", "digest")))
DEFINITION = sa.table("definition", sa.column("digest"), sa.column("canonical"))
VERSIONS = (
    sa.select(VERSION.c.kind, DEFINITION.c.canonical)
    .join(DEFINITION, DEFINITION.c.digest == VERSION.c.digest)
    .order_by(VERSION.c.kind, VERSION.c.number)
)


def upgrade() -> None:
    """Up. What any version has begun to list by waits for the scheduler to tell the cases of its kind by it."""
    newly = op.create_table(
        "newly_listed",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("after_id", BigId, nullable=False),
        sa.PrimaryKeyConstraint("kind", "field", name=op.f("pk_newly_listed")),
    )
    for kind, versions in groupby(op.get_bind().execute(VERSIONS).all(), key=lambda row: row.kind):
        told = [_listed(row.canonical) for row in versions]
        begun = {field for before, after in pairwise(told) for field in after - before}
        op.bulk_insert(newly, [{"kind": kind, "field": field, "after_id": 0} for field in sorted(begun)])


def downgrade() -> None:
    """Down; by what cases have come to be found they stay found."""
    op.drop_table("newly_listed")


def _listed(canonical: str) -> frozenset[str]:
    """The facts that lists are filtered by; none where the text is damaged."""
    with suppress(*DAMAGED):
        fields = json.loads(canonical).get("fields") or []
        return frozenset(one["key"] for one in fields if one.get("filter") and not one.get("secret"))
    return frozenset()
