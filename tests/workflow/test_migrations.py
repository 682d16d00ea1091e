"""The schema's history: up and down again, and the models say what the migrations made, on both databases."""

from __future__ import annotations

from sqlalchemy import create_engine, inspect, text

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


def test_a_draft_of_an_upgrade_goes_down_as_a_version_and_comes_up_as_a_draft(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO definition (digest, canonical, source) VALUES ('d', '{}', 'key: x')"))
        connection.execute(
            text(
                "INSERT INTO definition_draft (kind, name, source, layout, digest, proven, revision, status, created_at, changed_at)"
                " VALUES ('x', '', 'key: x', '{}', 'd', 'd', 3, 'open', :at, :at)"
            ),
            {"at": "2026-11-01T00:00:00.000000Z"},
        )
    migrations.downgrade(database_url, "0010")
    with engine.connect() as connection:
        versions = connection.execute(text("SELECT kind, number, status FROM definition_version")).all()
    migrations.upgrade(database_url)
    with engine.connect() as connection:
        drafts = connection.execute(text("SELECT kind, digest, status FROM definition_draft")).all()
    engine.dispose()
    assert [tuple(row) for row in versions] == [("x", 1, "draft")]
    assert [tuple(row) for row in drafts] == [("x", "d", "open")]
