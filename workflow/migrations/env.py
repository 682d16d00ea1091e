"""Runs the revisions on one connection, in one transaction: killed anywhere, the schema is the old one or the new one."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine, event, pool

from workflow.models import metadata

SEARCH_INDEX = ("search_index", "ix_search_text_grams")


def is_described(_object: object, name: str | None, *_rest: object) -> bool:
    """Whether the models describe it: the search index of each database is written by its own revision."""
    return not (name or "").startswith(SEARCH_INDEX)


def _begin_before_tables(engine: Any) -> None:
    """The driver begins a transaction before rows are changed and not before tables are: then each would be committed alone."""

    @event.listens_for(engine, "connect")
    def leave_it_to_us(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def run() -> None:
    """Called by alembic when it loads this file."""
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        _begin_before_tables(engine)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            include_object=is_described,
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
