"""A bulk run says who asked for what, in which post and for which cases; an item, what became of it."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNFINISHED, WAITING = sa.text("finished_at IS NULL"), sa.text("status = 'waiting'")


def upgrade() -> None:
    """Up. No release has written a row of the two tables as they were."""
    op.drop_table("bulk_item")
    op.drop_table("bulk_run")
    op.create_table(
        "bulk_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("acting_grant_id", BIG, nullable=True),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("undoes", BIG, nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("unseen", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("started_at", UtcTime(timezone=True), nullable=False),
        sa.Column("finished_at", UtcTime(timezone=True), nullable=True),
        sa.CheckConstraint("condition IN ('', 'to_sign')", name=op.f("ck_bulk_run_condition")),
        sa.CheckConstraint("(trigger = '') = (undoes IS NOT NULL)", name=op.f("ck_bulk_run_undoes")),
        sa.CheckConstraint("total >= 0 AND unseen >= 0", name=op.f("ck_bulk_run_counts")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bulk_run_person_id")),
        sa.ForeignKeyConstraint(["acting_grant_id"], ["role_grant.id"], name=op.f("fk_bulk_run_acting_grant_id")),
        sa.ForeignKeyConstraint(["undoes"], ["bulk_run.id"], name=op.f("fk_bulk_run_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run")),
    )
    op.create_index("ix_bulk_run_person", "bulk_run", ["person_id", "id"])
    op.create_index("ix_bulk_run_undoes", "bulk_run", ["undoes"])
    op.create_index("ix_bulk_run_unfinished", "bulk_run", ["id"], sqlite_where=UNFINISHED, postgresql_where=UNFINISHED)
    op.create_table(
        "bulk_item",
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("settled_at", UtcTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'done', 'refused')", name=op.f("ck_bulk_item_status")),
        sa.CheckConstraint("(status = 'done') = (seq IS NOT NULL)", name=op.f("ck_bulk_item_done")),
        sa.CheckConstraint("(status = 'refused') = (code <> '')", name=op.f("ck_bulk_item_refused")),
        sa.CheckConstraint("(status = 'waiting') = (settled_at IS NULL)", name=op.f("ck_bulk_item_settled")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_bulk_item_case_id")),
        sa.ForeignKeyConstraint(["run_id"], ["bulk_run.id"], name=op.f("fk_bulk_item_run_id")),
        sa.PrimaryKeyConstraint("run_id", "case_id", name=op.f("pk_bulk_item")),
    )
    op.create_index("ix_bulk_item_waiting", "bulk_item", ["run_id", "case_id"], sqlite_where=WAITING, postgresql_where=WAITING)


def downgrade() -> None:
    """Down."""
    op.drop_table("bulk_item")
    op.drop_table("bulk_run")
    op.create_table(
        "bulk_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("started_at", UtcTime(timezone=True), nullable=False),
        sa.Column("finished_at", UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bulk_run_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run")),
    )
    op.create_table(
        "bulk_item",
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('waiting', 'done', 'refused')", name=op.f("ck_bulk_item_status")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_bulk_item_case_id")),
        sa.ForeignKeyConstraint(["run_id"], ["bulk_run.id"], name=op.f("fk_bulk_item_run_id")),
        sa.PrimaryKeyConstraint("run_id", "case_id", name=op.f("pk_bulk_item")),
    )
