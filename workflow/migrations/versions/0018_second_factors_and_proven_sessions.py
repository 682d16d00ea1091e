"""Second factors, recovery codes, former passwords, what a session has proved, and rights that two people give."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import BigId, UtcTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OF_SESSION = ("factor_at", "proved_at")


def upgrade() -> None:
    """Up."""
    op.add_column("person", sa.Column("password_set_at", UtcTime(timezone=True), nullable=True))
    for name in OF_SESSION:
        op.add_column("sign_in", sa.Column(name, UtcTime(timezone=True), nullable=True))
    for name in ("device", "address"):
        op.add_column("sign_in", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("sign_in", sa.Column("challenge", sa.Text(), nullable=True))
    _make_factors()
    _make_codes_and_passwords()
    _make_proposals()
    # The defaults were for the rows that stood there; the program always says both.
    with op.batch_alter_table("sign_in") as sign_in:
        for name in ("device", "address"):
            sign_in.alter_column(name, server_default=None)


def _make_factors() -> None:
    op.create_table(
        "second_factor",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("counter", BigId, nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", UtcTime(timezone=True), nullable=True),
        sa.Column("used_at", UtcTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('totp', 'key')", name=op.f("ck_second_factor_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_second_factor_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
        sa.UniqueConstraint("credential", name=op.f("uq_second_factor_credential")),
    )
    op.create_index(op.f("ix_second_factor_person_id"), "second_factor", ["person_id"])


def _make_codes_and_passwords() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("code_digest", sa.Text(), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("used_at", UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("code_digest", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_person_id"), "recovery_code", ["person_id"])
    op.create_table(
        "former_password",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("left_at", UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_former_password_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_password")),
    )
    op.create_index(op.f("ix_former_password_person_id"), "former_password", ["person_id"])


def _make_proposals() -> None:
    op.create_table(
        "grant_proposal",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("organ_id", BigId, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("ceiling", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", BigId, nullable=True),
        sa.Column("proposed_at", UtcTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decided_at", UtcTime(timezone=True), nullable=True),
        sa.CheckConstraint("ceiling BETWEEN 0 AND 3", name=op.f("ck_grant_proposal_ceiling")),
        sa.CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_grant_proposal_decided")),
        sa.CheckConstraint(
            "granted IS NULL OR NOT granted OR decided_by <> proposed_by", name=op.f("ck_grant_proposal_two_people")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_grant_proposal_person_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_grant_proposal_organ_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_grant_proposal_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_grant_proposal_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_proposal")),
    )
    op.create_index(op.f("ix_grant_proposal_person_id"), "grant_proposal", ["person_id"])


def downgrade() -> None:
    """Down."""
    for table in ("grant_proposal", "former_password", "recovery_code", "second_factor"):
        op.drop_table(table)
    with op.batch_alter_table("sign_in") as sign_in:
        for name in (*OF_SESSION, "device", "address", "challenge"):
            sign_in.drop_column(name)
    op.drop_column("person", "password_set_at")
