"""The schema's history: up and down again, and the models say what the migrations made, on both databases."""

from __future__ import annotations

import pytest
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
                "INSERT INTO definition_draft (kind, name, source, layout, digest, proven, revision, status, created_at, changed_at, step)"
                " VALUES ('x', '', 'key: x', '{}', 'd', 'd', 3, 'open', :at, :at, 0)"
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


@pytest.mark.parametrize("values", ["'sm3:00', NULL", "'00', NULL"])
def test_there_is_no_way_back_before_sm3_once_something_was_proven_by_it(database_url: str, values: str) -> None:
    engine = create_engine(database_url)
    columns = "digest, sha256, name, media_type, size, level, uploaded_at"
    row = f"INSERT INTO stored_file ({columns}) VALUES ({values}, 'a', 'image/png', 1, 0, '2026-11-01T00:00:00.000000Z')"
    with engine.begin() as connection:
        connection.execute(text(row))
    if values.startswith("'sm3"):
        with pytest.raises(RuntimeError, match="SM3"):
            migrations.downgrade(database_url, "0040")
    else:
        migrations.downgrade(database_url, "0040")
        migrations.upgrade(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM stored_file")).scalar() == 1
    engine.dispose()


def test_the_runs_of_a_new_version_are_gone_after_going_down_and_the_others_stay(database_url: str) -> None:
    engine = create_engine(database_url)
    at = "2026-11-01T00:00:00.000000Z"
    with engine.begin() as connection:
        for sql in (
            "INSERT INTO person (id, login, name, email, phone, language, must_change, created_at)"
            " VALUES (1, 'a', 'a', '', '', 'zh-Hans', false, :at)",
            "INSERT INTO definition (digest, canonical, source) VALUES ('d', '{}', '')",
            "INSERT INTO definition_draft (id, kind, name, source, layout, digest, proven, revision, status, created_at, changed_at, step)"
            " VALUES (1, 'x', '', '', '{}', 'd', 'd', 1, 'published', :at, :at, 0)",
            "INSERT INTO impact (id, draft_id, kind, digest, plan, made_at, total, done, counts, seal)"
            " VALUES (1, 1, 'x', 'd', '{}', :at, 0, 0, '{}', 's')",
            "INSERT INTO publication (id, kind, impact_id, seal, reason, from_on, proposed_by, proposed_at, decision)"
            " VALUES (1, 'x', 1, 's', 'r', '2026-11-01', 1, :at, '')",
            *(
                "INSERT INTO bulk_run (id, person_id, trigger, kind, condition, data, undoes, publication_id, total, unseen,"
                f" origin, started_at) VALUES ({values}, 0, 0, '', :at)"
                for values in (
                    "1, 1, '', 'x', '', '{}', NULL, 1",
                    "2, 1, '', 'x', '', '{}', 1, NULL",
                    "3, 1, 'remind', 'x', '', '{}', NULL, NULL",
                )
            ),
        ):
            connection.execute(text(sql), {"at": at} if ":at" in sql else {})
    migrations.downgrade(database_url, "0010")
    with engine.connect() as connection:
        left = connection.execute(text("SELECT id FROM bulk_run")).scalars().all()
    engine.dispose()
    assert left == [3]
