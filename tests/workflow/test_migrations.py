"""The schema's history: up and down again, and the models say what the migrations made, on both databases."""

from __future__ import annotations

from sqlalchemy import create_engine, inspect

from workflow import migrations


def test_the_models_say_what_the_migrations_made(database_url: str) -> None:
    migrations.check(database_url)


def test_every_revision_goes_down_and_up_again(database_url: str) -> None:
    migrations.downgrade(database_url)
    engine = create_engine(database_url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()
    migrations.upgrade(database_url)
    migrations.check(database_url)
