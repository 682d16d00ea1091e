"""A change of organisations that shows somebody more waits for a second person; settings are dated ahead; a token says who made it."""

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import UtcTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = "'waiting', 'done', 'withdrawn', 'set_aside', 'undone'"
WITHDRAWN = (
    "UPDATE reorganisation SET status = 'withdrawn', settled_at = COALESCE(settled_at, asked_at)"
    " WHERE status IN ('proposed', 'refused')"
)
OPEN = "status IN ('proposed', 'waiting')"


def upgrade() -> None:
    """Up. What waits for its day already was put down by the rule of its time, and is looked at again on its day."""
    with op.batch_alter_table("reorganisation") as table:
        table.add_column(sa.Column("second_by", BIG, nullable=True))
        table.add_column(sa.Column("second_at", UtcTime(timezone=True), nullable=True))
        table.add_column(sa.Column("words", sa.Text(), nullable=False, server_default=""))
        table.drop_constraint(op.f("ck_reorganisation_status"), type_="check")
        table.drop_constraint(op.f("ck_reorganisation_settled"), type_="check")
        table.create_check_constraint(op.f("ck_reorganisation_status"), f"status IN ('proposed', {BEFORE}, 'refused')")
        table.create_check_constraint(op.f("ck_reorganisation_settled"), f"({OPEN}) = (settled_at IS NULL)")
        table.create_check_constraint(op.f("ck_reorganisation_second"), "(second_by IS NULL) = (second_at IS NULL)")
        table.create_check_constraint(
            op.f("ck_reorganisation_two_people"), "second_by IS NULL OR asked_by IS NULL OR second_by <> asked_by"
        )
        table.create_foreign_key(op.f("fk_reorganisation_second_by"), "person", ["second_by"], ["id"])
    with op.batch_alter_table("reorganisation") as table:
        table.alter_column("words", server_default=None)
    with op.batch_alter_table("setting_version") as table:
        table.add_column(sa.Column("from_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("agreed_by", BIG, nullable=True))
        table.add_column(sa.Column("agreed_at", UtcTime(timezone=True), nullable=True))
        table.create_check_constraint(
            op.f("ck_setting_version_agreed_by_another"), "agreed_by IS NULL OR agreed_by <> proposed_by"
        )
        table.create_check_constraint(op.f("ck_setting_version_agreed"), "(agreed_by IS NULL) = (agreed_at IS NULL)")
        table.create_foreign_key(op.f("fk_setting_version_agreed_by"), "person", ["agreed_by"], ["id"])
    # Of a token that there is nobody can say any more who made it.
    with op.batch_alter_table("api_token") as table:
        table.add_column(sa.Column("is_own", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("api_token") as table:
        table.alter_column("is_own", server_default=None)


def downgrade() -> None:
    """Down: what waits for a second person is withdrawn, what he refused too."""
    with op.batch_alter_table("api_token") as table:
        table.drop_column("is_own")
    with op.batch_alter_table("setting_version") as table:
        table.drop_constraint(op.f("fk_setting_version_agreed_by"), type_="foreignkey")
        for name in ("agreed_by_another", "agreed"):
            table.drop_constraint(op.f(f"ck_setting_version_{name}"), type_="check")
        for name in ("from_on", "agreed_by", "agreed_at"):
            table.drop_column(name)
    op.execute(WITHDRAWN)
    with op.batch_alter_table("reorganisation") as table:
        table.drop_constraint(op.f("fk_reorganisation_second_by"), type_="foreignkey")
        for name in ("status", "settled", "second", "two_people"):
            table.drop_constraint(op.f(f"ck_reorganisation_{name}"), type_="check")
        for name in ("second_by", "second_at", "words"):
            table.drop_column(name)
        table.create_check_constraint(op.f("ck_reorganisation_status"), f"status IN ({BEFORE})")
        table.create_check_constraint(op.f("ck_reorganisation_settled"), "(status = 'waiting') = (settled_at IS NULL)")
