"""Runs the revisions on one connection, in one transaction."""

from alembic import context
from sqlalchemy import create_engine, pool

from workflow.models import metadata


def run() -> None:
    """Called by alembic when it loads this file."""
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
