"""Signed checkpoints and where they stand outside; the trail of who read, signed in, was refused or took something away."""

import sqlalchemy as sa
from alembic import op

import workflow.models.columns

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Up."""
    with op.batch_alter_table("checkpoint") as table:
        table.add_column(sa.Column("algorithm", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("signature", sa.Text(), nullable=False, server_default=""))
        table.create_unique_constraint(op.f("uq_checkpoint_prev"), ["prev"])
    with op.batch_alter_table("checkpoint") as table:
        table.alter_column("algorithm", server_default=None)
        table.alter_column("signature", server_default=None)
    op.create_table(
        "checkpoint_delivery",
        sa.Column("checkpoint_id", BIG, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("delivered_at", workflow.models.columns.UtcTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_checkpoint_delivery_checkpoint_id")),
        sa.PrimaryKeyConstraint("checkpoint_id", "place", name=op.f("pk_checkpoint_delivery")),
    )
    op.create_table(
        "trail",
        sa.Column("id", BIG, nullable=False),
        sa.Column("seq", BIG, nullable=True),
        sa.Column("at", workflow.models.columns.UtcTime(timezone=True), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("cases", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("prev", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("(seq IS NULL) = (hash = '')", name=op.f("ck_trail_sealed")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_trail_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail")),
        sa.UniqueConstraint("seq", name=op.f("uq_trail_seq")),
    )
    op.create_index("ix_trail_at", "trail", ["at"])
    unsealed = sa.text("seq IS NULL")
    op.create_index("ix_trail_unsealed", "trail", ["id"], sqlite_where=unsealed, postgresql_where=unsealed)


def downgrade() -> None:
    """Down."""
    op.drop_index("ix_trail_unsealed", table_name="trail")
    op.drop_index("ix_trail_at", table_name="trail")
    op.drop_table("trail")
    op.drop_table("checkpoint_delivery")
    with op.batch_alter_table("checkpoint") as table:
        table.drop_constraint(op.f("uq_checkpoint_prev"), type_="unique")
        table.drop_column("signature")
        table.drop_column("algorithm")
