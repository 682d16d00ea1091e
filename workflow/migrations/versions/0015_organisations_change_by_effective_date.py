"""Areas and organs change by effective date, and what they were before is kept."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import UtcTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("status = 'waiting'")


def upgrade() -> None:
    """Up."""
    _former()
    _reorganisations()
    if op.get_bind().dialect.name == "sqlite":
        # A batch would copy the whole ledger for one column that is null everywhere.
        op.execute("ALTER TABLE cases ADD COLUMN found_in_id INTEGER CONSTRAINT fk_cases_found_in_id REFERENCES organ (id)")
    else:
        op.add_column("cases", sa.Column("found_in_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f("fk_cases_found_in_id"), "cases", "organ", ["found_in_id"], ["id"])


def _former() -> None:
    op.create_table(
        "former_unit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("area_id", BIG, nullable=True),
        sa.Column("organ_id", BIG, nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("above_id", BIG, nullable=True),
        sa.CheckConstraint("(area_id IS NULL) <> (organ_id IS NULL)", name=op.f("ck_former_unit_unit")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_former_unit_area_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_former_unit_organ_id")),
        sa.ForeignKeyConstraint(["above_id"], ["area.id"], name=op.f("fk_former_unit_above_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_unit")),
    )
    op.create_index("ix_former_unit_area", "former_unit", ["area_id", "until"])
    op.create_index("ix_former_unit_organ", "former_unit", ["organ_id", "until"])
    op.create_table(
        "former_place",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("until_at", UtcTime(timezone=True), nullable=False),
        sa.Column("township_id", BIG, nullable=True),
        sa.Column("village_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_former_place_case_id")),
        sa.ForeignKeyConstraint(["township_id"], ["area.id"], name=op.f("fk_former_place_township_id")),
        sa.ForeignKeyConstraint(["village_id"], ["area.id"], name=op.f("fk_former_place_village_id")),
        sa.PrimaryKeyConstraint("case_id", "until_at", name=op.f("pk_former_place")),
    )


def _reorganisations() -> None:
    op.create_table(
        "reorganisation",
        sa.Column("id", BIG, nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("what", "unit", "units", "plan")],
        sa.Column("from_on", sa.Date(), nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("reason", "paper")],
        sa.Column("asked_by", BIG, nullable=True),
        sa.Column("asked_at", UtcTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("settled_at", UtcTime(timezone=True), nullable=True),
        sa.Column("settled_by", BIG, nullable=True),
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("told", "why")],
        sa.CheckConstraint("what IN ('rename', 'merge', 'split', 'move', 'end')", name=op.f("ck_reorganisation_what")),
        sa.CheckConstraint("unit IN ('area', 'organ')", name=op.f("ck_reorganisation_unit")),
        sa.CheckConstraint(
            "status IN ('waiting', 'done', 'withdrawn', 'set_aside', 'undone')", name=op.f("ck_reorganisation_status")
        ),
        sa.CheckConstraint("(status = 'waiting') = (settled_at IS NULL)", name=op.f("ck_reorganisation_settled")),
        sa.CheckConstraint("(status = 'set_aside') = (why <> '')", name=op.f("ck_reorganisation_why")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_reorganisation_asked_by")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_reorganisation_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reorganisation")),
    )
    op.create_index("ix_reorganisation_waiting", "reorganisation", ["from_on"], sqlite_where=WAITING, postgresql_where=WAITING)


def downgrade() -> None:
    """Down."""
    with op.batch_alter_table("cases") as cases:
        cases.drop_column("found_in_id")
    op.drop_table("reorganisation")
    op.drop_table("former_place")
    op.drop_table("former_unit")
