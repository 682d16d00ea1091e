"""The search index over the bigrams of each case's text: FTS5 on SQLite, GIN on PostgreSQL."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# External content: SQLite 3.40 refuses updates and deletes on contentless tables. The triggers hand over the old text,
# because the index cannot find by itself what it has to forget.
ON_SQLITE = (
    """
    CREATE VIRTUAL TABLE search_index USING fts5(
        grams, content = 'search_text', content_rowid = 'case_id', tokenize = 'unicode61 remove_diacritics 0'
    )
    """,
    "INSERT INTO search_index (search_index) VALUES ('rebuild')",
    """
    CREATE TRIGGER search_text_added AFTER INSERT ON search_text BEGIN
        INSERT INTO search_index (rowid, grams) VALUES (new.case_id, new.grams);
    END
    """,
    """
    CREATE TRIGGER search_text_removed AFTER DELETE ON search_text BEGIN
        INSERT INTO search_index (search_index, rowid, grams) VALUES ('delete', old.case_id, old.grams);
    END
    """,
    """
    CREATE TRIGGER search_text_changed AFTER UPDATE ON search_text BEGIN
        INSERT INTO search_index (search_index, rowid, grams) VALUES ('delete', old.case_id, old.grams);
        INSERT INTO search_index (rowid, grams) VALUES (new.case_id, new.grams);
    END
    """,
)
OFF_SQLITE = (
    "DROP TRIGGER search_text_changed",
    "DROP TRIGGER search_text_removed",
    "DROP TRIGGER search_text_added",
    "DROP TABLE search_index",
)
ON_POSTGRESQL = ("CREATE INDEX ix_search_text_grams ON search_text USING gin (string_to_array(grams, ' '))",)
OFF_POSTGRESQL = ("DROP INDEX ix_search_text_grams",)


def upgrade() -> None:
    """Up."""
    _run(ON_SQLITE, ON_POSTGRESQL)


def downgrade() -> None:
    """Down."""
    _run(OFF_SQLITE, OFF_POSTGRESQL)


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(statement)
