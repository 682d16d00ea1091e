"""Rows of histories and of the trail leave as they are written: shipments, how far each thing is in them, what a place has."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import BigId, UtcTime

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table(
        "shipment",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", UtcTime(timezone=True), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("prev", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shipment")),
    )
    op.create_table(
        "shipped",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", BigId, autoincrement=False, nullable=False),
        sa.Column("seq", BigId, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_shipped")),
    )
    op.create_table(
        "shipment_place",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("delivered_at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_shipment_place")),
    )


def downgrade() -> None:
    """Down; the places keep what they have got."""
    for table in ("shipment_place", "shipped", "shipment"):
        op.drop_table(table)
