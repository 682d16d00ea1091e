"""Who comes from a provider of identities: links that two people made, trips there and back, and sessions of such people."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import BigId, UtcTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

COUNTS = sa.text("granted AND ended_at IS NULL")
OF_A_PERSON = ("person_id", "proposed_by", "decided_by")


def upgrade() -> None:
    """Up."""
    op.add_column("sign_in", sa.Column("by_provider", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "provider_link",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", BigId, nullable=False),
        sa.Column("proposed_at", UtcTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decided_at", UtcTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcTime(timezone=True), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_provider_link_decided")),
        sa.CheckConstraint(
            "granted IS NULL OR NOT granted OR decided_by <> proposed_by", name=op.f("ck_provider_link_two_people")
        ),
        sa.CheckConstraint("ended_at IS NULL OR granted", name=op.f("ck_provider_link_ended")),
        *(sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_provider_link_{name}_person")) for name in OF_A_PERSON),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_link")),
    )
    op.create_index(op.f("ix_provider_link_person_id"), "provider_link", ["person_id"])
    for name, column in (("subject", "subject"), ("person", "person_id")):
        op.create_index(
            f"uq_provider_link_{name}",
            "provider_link",
            ["issuer", column],
            unique=True,
            sqlite_where=COUNTS,
            postgresql_where=COUNTS,
        )
    op.create_table(
        "provider_trip",
        sa.Column("state_digest", sa.Text(), nullable=False),
        sa.Column("begun_at", UtcTime(timezone=True), nullable=False),
        sa.Column("used_at", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("state_digest", name=op.f("pk_provider_trip")),
    )
    op.create_index(op.f("ix_provider_trip_begun_at"), "provider_trip", ["begun_at"])


def downgrade() -> None:
    """Down; sessions of people who came from a provider end, for nothing else would say that no password was typed."""
    op.execute("UPDATE sign_in SET ended_at = seen_at WHERE by_provider AND ended_at IS NULL")
    op.drop_table("provider_trip")
    op.drop_table("provider_link")
    with op.batch_alter_table("sign_in") as sign_in:
        sign_in.drop_column("by_provider")
