"""What members of a body have said goes with their case, and only there where a tombstone stands."""

from alembic import op

revision = "0038"
down_revision = "0035"
branch_labels = None
depends_on = None

STANDS = """
    SELECT 1 FROM tombstone JOIN resolution ON resolution.case_id = tombstone.case_id WHERE resolution.id = old.resolution_id
"""
ON_SQLITE = (
    f"""
    CREATE TRIGGER ballot_stays BEFORE DELETE ON ballot
    WHEN NOT EXISTS ({STANDS})
    BEGIN SELECT RAISE(ABORT, 'a ballot goes only with its case'); END
    """,
)
OFF_SQLITE = ("DROP TRIGGER ballot_stays",)
ON_POSTGRESQL = (
    f"""
    CREATE FUNCTION ballot_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS ({STANDS}) THEN
            RAISE EXCEPTION 'a ballot goes only with its case';
        END IF;
        RETURN old;
    END $$
    """,
    "CREATE TRIGGER ballot_stays BEFORE DELETE ON ballot FOR EACH ROW EXECUTE FUNCTION ballot_stays()",
)
OFF_POSTGRESQL = ("DROP TRIGGER ballot_stays ON ballot", "DROP FUNCTION ballot_stays()")


def upgrade() -> None:
    """Up."""
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Down."""
    for statement in OFF_SQLITE if op.get_bind().dialect.name == "sqlite" else OFF_POSTGRESQL:
        op.execute(statement)
