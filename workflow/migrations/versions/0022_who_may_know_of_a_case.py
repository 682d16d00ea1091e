"""Cases confined to people by name, files with a level of their own, and what two people decide about either."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import UtcTime

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Up."""
    op.add_column("cases", sa.Column("confined", sa.Boolean(), nullable=False, server_default=sa.false()))
    # In one statement with its column, which both databases take, and which rewrites no table.
    check = "CONSTRAINT ck_stored_file_level CHECK (level BETWEEN 0 AND 3)"
    op.execute(f"ALTER TABLE stored_file ADD COLUMN level INTEGER DEFAULT 0 NOT NULL {check}")
    op.create_table(
        "knower",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("added_by", BIG, nullable=True),
        sa.Column("added_at", UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_knower_case_id_cases")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_knower_person_id_person")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_knower_added_by_person")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_knower")),
    )
    op.create_index(op.f("ix_knower_person_id"), "knower", ["person_id"])
    op.create_table(
        "loosening",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("barred_id", BIG, nullable=True),
        sa.Column("asked_by", BIG, nullable=False),
        sa.Column("asked_at", UtcTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", BIG, nullable=True),
        sa.Column("decided_at", UtcTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.CheckConstraint("what IN ('level', 'file', 'confinement', 'recusal')", name=op.f("ck_loosening_what")),
        sa.CheckConstraint("(what IN ('level', 'file')) = (level IS NOT NULL)", name=op.f("ck_loosening_level")),
        sa.CheckConstraint("(what = 'file') = (file_id IS NOT NULL)", name=op.f("ck_loosening_file")),
        sa.CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_loosening_decided")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name=op.f("ck_loosening_two_people")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_loosening_case_id_cases")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_loosening_file_id_stored_file")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_loosening_asked_by_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_loosening_decided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loosening")),
    )
    op.create_index(op.f("ix_loosening_case_id"), "loosening", ["case_id"])
    op.create_table(
        "relative",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kin", sa.Text(), nullable=False),
        sa.Column("declared_at", UtcTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kin IN ('spouse', 'parent', 'child', 'sibling', 'in_law', 'other_kin', 'interest')", name=op.f("ck_relative_kin")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_relative_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relative")),
    )
    op.create_index(op.f("ix_relative_person_id"), "relative", ["person_id"])
    op.create_table(
        "recusal_hint",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("found_at", UtcTime(timezone=True), nullable=False),
        sa.Column("settled_at", UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_recusal_hint_case_id_cases")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recusal_hint_person_id_person")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_recusal_hint")),
    )


def downgrade() -> None:
    """Down. Refused while a case is confined or a file stands above its case: the version before would show them to everybody."""
    open_to_all = "SELECT (SELECT count(*) FROM cases WHERE confined) + (SELECT count(*) FROM stored_file WHERE level > 0)"
    if op.get_bind().execute(sa.text(open_to_all)).scalar():
        raise RuntimeError("confined cases and protected files would be shown to everybody: lift that first")
    op.drop_table("recusal_hint")
    op.drop_table("relative")
    op.drop_table("loosening")
    op.drop_table("knower")
    op.drop_column("stored_file", "level")
    op.drop_column("cases", "confined")
