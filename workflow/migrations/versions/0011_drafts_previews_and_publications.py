"""A definition is worked on as a draft, previewed on the ledger, published by two people, and open cases come under it."""

import json

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PENDING = sa.text("activated_at IS NULL AND (granted IS NULL OR granted)")
DOES = (
    "(CASE WHEN trigger <> '' THEN 1 ELSE 0 END) + (CASE WHEN undoes IS NOT NULL THEN 1 ELSE 0 END)"
    " + (CASE WHEN publication_id IS NOT NULL THEN 1 ELSE 0 END) = 1"
)
UNPUBLISHED = sa.text(
    "SELECT v.id, v.kind, v.digest, v.created_at, d.source, d.canonical"
    " FROM definition_version v JOIN definition d ON d.digest = v.digest WHERE v.status = 'draft' ORDER BY v.id"
)
KEEP = sa.text(
    "INSERT INTO definition_draft"
    " (kind, name, source, layout, digest, proven, revision, status, created_at, changed_at)"
    " VALUES (:kind, '', :source, '{}', :digest, '', 1, 'open', :at, :at)"
)
DRAFTS = sa.text(
    "SELECT kind, digest, changed_at FROM definition_draft WHERE status = 'open' AND digest IN (SELECT digest FROM definition) ORDER BY id"
)
KNOWN = sa.text("SELECT count(*) FROM definition_version WHERE kind = :kind AND digest = :digest")
GIVE_BACK = sa.text(
    "INSERT INTO definition_version (kind, number, digest, status, created_at)"
    " SELECT :kind, coalesce(max(number), 0) + 1, :digest, 'draft', :at FROM definition_version WHERE kind = :kind"
)


def upgrade() -> None:
    """Up. What an upgrade had left as an unpublished version becomes a draft."""
    _drafts()
    _previews()
    _publications()
    with op.batch_alter_table("definition_version") as version:
        version.drop_constraint(op.f("ck_definition_version_status"), type_="check")
        version.drop_constraint(op.f("ck_definition_version_published"), type_="check")
        version.add_column(sa.Column("from_on", sa.Date(), nullable=True))
        version.add_column(sa.Column("opens", sa.Boolean(), nullable=False, server_default=sa.true()))
        version.add_column(sa.Column("layout", sa.Text(), nullable=False, server_default="{}"))
    _from_versions()
    with op.batch_alter_table("definition_version") as version:
        version.alter_column("opens", server_default=None)
        version.alter_column("layout", server_default=None)
        version.create_check_constraint(op.f("ck_definition_version_status"), "status IN ('scheduled', 'published', 'retired')")
        version.create_check_constraint(
            op.f("ck_definition_version_published"), "(status = 'scheduled') = (published_at IS NULL)"
        )
    with op.batch_alter_table("bulk_run") as run:
        run.add_column(sa.Column("publication_id", BIG, nullable=True))
        run.drop_constraint(op.f("ck_bulk_run_undoes"), type_="check")
        run.create_check_constraint(op.f("ck_bulk_run_does"), DOES)
        run.create_foreign_key(op.f("fk_bulk_run_publication_id"), "publication", ["publication_id"], ["id"])
        run.create_index("ix_bulk_run_publication_id", ["publication_id"])


def _drafts() -> None:
    op.create_table(
        "definition_draft",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("proven", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("based_on", BIG, nullable=True),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("changed_by", BIG, nullable=True),
        sa.Column("changed_at", UtcTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('open', 'published', 'dropped')", name=op.f("ck_definition_draft_status")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_definition_draft_revision")),
        sa.ForeignKeyConstraint(["based_on"], ["definition_version.id"], name=op.f("fk_definition_draft_based_on")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_definition_draft_created_by")),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_definition_draft_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition_draft")),
    )
    op.create_index("ix_definition_draft_kind", "definition_draft", ["kind", "id"])


def _previews() -> None:
    op.create_table(
        "impact",
        sa.Column("id", BIG, nullable=False),
        sa.Column("draft_id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("made_by", BIG, nullable=True),
        sa.Column("made_at", UtcTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_impact_done")),
        sa.ForeignKeyConstraint(["draft_id"], ["definition_draft.id"], name=op.f("fk_impact_draft_id")),
        sa.ForeignKeyConstraint(["digest"], ["definition.digest"], name=op.f("fk_impact_digest")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_impact_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact")),
    )
    op.create_index("ix_impact_draft", "impact", ["draft_id", "id"])
    op.create_table(
        "impact_line",
        sa.Column("impact_id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.CheckConstraint("fate IN ('moves', 'follows', 'stays', 'poisoned')", name=op.f("ck_impact_line_fate")),
        sa.CheckConstraint("(fate = 'poisoned') = (why <> '')", name=op.f("ck_impact_line_why")),
        sa.ForeignKeyConstraint(["impact_id"], ["impact.id"], name=op.f("fk_impact_line_impact_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_impact_line_case_id")),
        sa.PrimaryKeyConstraint("impact_id", "case_id", name=op.f("pk_impact_line")),
    )


def _publications() -> None:
    op.create_table(
        "publication",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("impact_id", BIG, nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("proposed_by", BIG, nullable=False),
        sa.Column("proposed_at", UtcTime(timezone=True), nullable=False),
        sa.Column("decided_by", BIG, nullable=True),
        sa.Column("decided_at", UtcTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("version_id", BIG, nullable=True),
        sa.Column("activated_at", UtcTime(timezone=True), nullable=True),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_publication_two_people")),
        sa.CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_publication_decided")),
        sa.CheckConstraint("activated_at IS NULL OR granted", name=op.f("ck_publication_activated")),
        sa.ForeignKeyConstraint(["impact_id"], ["impact.id"], name=op.f("fk_publication_impact_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_publication_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_publication_decided_by")),
        sa.ForeignKeyConstraint(["version_id"], ["definition_version.id"], name=op.f("fk_publication_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    op.create_index("ix_publication_impact_id", "publication", ["impact_id"])
    op.create_index(
        "uq_publication_pending", "publication", ["kind"], unique=True, sqlite_where=PENDING, postgresql_where=PENDING
    )


def _from_versions() -> None:
    database = op.get_bind()
    for _id, kind, digest, at, source, canonical in database.execute(UNPUBLISHED).all():
        text = source or json.dumps(json.loads(canonical), ensure_ascii=False, indent=2)
        database.execute(KEEP, {"kind": kind, "source": text, "digest": digest, "at": at})
    database.execute(sa.text("DELETE FROM definition_version WHERE status = 'draft'"))


def downgrade() -> None:
    """Down. Drafts that can be read become unpublished versions again; previews and who said yes to them are gone."""
    with op.batch_alter_table("bulk_run") as run:
        run.drop_index("ix_bulk_run_publication_id")
        run.drop_constraint(op.f("fk_bulk_run_publication_id"), type_="foreignkey")
        run.drop_constraint(op.f("ck_bulk_run_does"), type_="check")
    database = op.get_bind()
    runs = sa.table("bulk_run", *(sa.column(name) for name in ("id", "undoes", "publication_id")))
    items = sa.table("bulk_item", sa.column("run_id"))
    migrating = sa.select(runs.c.id).where(runs.c.publication_id.is_not(None))
    for ids in (sa.select(runs.c.id).where(runs.c.undoes.in_(migrating)), migrating):
        found = database.execute(ids).scalars().all()
        database.execute(sa.delete(items).where(items.c.run_id.in_(found)))
        database.execute(sa.delete(runs).where(runs.c.id.in_(found)))
    with op.batch_alter_table("bulk_run") as run:
        run.drop_column("publication_id")
        run.create_check_constraint(op.f("ck_bulk_run_undoes"), "(trigger = '') = (undoes IS NOT NULL)")
    op.drop_table("publication")
    op.drop_table("impact_line")
    op.drop_table("impact")
    with op.batch_alter_table("definition_version") as version:
        version.drop_constraint(op.f("ck_definition_version_status"), type_="check")
        version.drop_constraint(op.f("ck_definition_version_published"), type_="check")
        version.drop_column("layout")
        version.drop_column("opens")
        version.drop_column("from_on")
    _to_versions()
    op.drop_table("definition_draft")
    with op.batch_alter_table("definition_version") as version:
        version.create_check_constraint(op.f("ck_definition_version_status"), "status IN ('draft', 'published', 'retired')")
        version.create_check_constraint(op.f("ck_definition_version_published"), "(status = 'draft') = (published_at IS NULL)")


def _to_versions() -> None:
    database = op.get_bind()
    database.execute(sa.text("DELETE FROM definition_version WHERE status = 'scheduled'"))
    for kind, digest, at in database.execute(DRAFTS).all():
        if not database.execute(KNOWN, {"kind": kind, "digest": digest}).scalar_one():
            database.execute(GIVE_BACK, {"kind": kind, "digest": digest, "at": at})
