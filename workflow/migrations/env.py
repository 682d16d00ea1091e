"""Runs the revisions on one connection, in one transaction."""

from alembic import context
from sqlalchemy import create_engine, pool

from workflow.models import metadata

SEARCH_INDEX = ("search_index", "ix_search_text_grams")


def is_described(_object: object, name: str | None, *_rest: object) -> bool:
    """Whether the models describe it: the search index of each database is written by its own revision."""
    return not (name or "").startswith(SEARCH_INDEX)


def run() -> None:
    """Called by alembic when it loads this file."""
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            include_object=is_described,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
