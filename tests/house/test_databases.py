"""The fixtures themselves: real servers, fresh databases, Chinese sorting and searching as in production."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text

from tests import postgres
from tests.conftest import ENGINES, MakeDatabase
from tests.copies import Copies
from tests.factories import make_county
from tests.room import is_roomy
from workflow.models import Person
from workflow.people.accounts import list_people

on_postgresql = pytest.mark.skipif("postgresql" not in ENGINES, reason="DUBAN_TEST_DB=sqlite was asked for")


@on_postgresql
def test_the_server_speaks_utf8_and_finds_chinese_trigrams(postgres_server: postgres.Server) -> None:
    name = postgres_server.create()
    url = postgres_server.url(name).replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        row = connection.execute("SELECT show_trgm('督办件')").fetchone()
    postgres_server.drop(name)
    assert row
    assert row[0], "locale C finds no trigram in Chinese"


@on_postgresql
def test_a_copy_of_a_template_holds_its_rows_and_not_those_of_another_copy(
    postgres_server: postgres.Server,
) -> None:
    template = postgres_server.create()
    with create_engine(postgres_server.url(template)).begin() as connection:
        connection.execute(text("CREATE TABLE kept AS SELECT 1 AS id"))
        engine = connection.engine
    engine.dispose()
    copies = [create_engine(postgres_server.url(postgres_server.create(template=template))) for _ in range(2)]
    with copies[0].begin() as connection:
        connection.execute(text("INSERT INTO kept VALUES (2)"))
    found = []
    for copy in copies:
        with copy.connect() as connection:
            found.append(connection.scalar(text("SELECT count(*) FROM kept")))
        copy.dispose()
        postgres_server.drop(str(copy.url.database))
    postgres_server.drop(template)
    assert found == [2, 1]


def test_no_postgresql_is_a_failure_with_a_sentence_and_not_a_skip(tmp_path: Path) -> None:
    with pytest.raises(postgres.NoPostgres, match="make install"):
        postgres.choose_programs([tmp_path])


def test_two_databases_of_one_test_are_migrated_and_apart(make_database: MakeDatabase) -> None:
    urls = [make_database(), make_database()]
    assert urls[0] != urls[1]
    for url in urls:
        engine = create_engine(url)
        assert inspect(engine).get_table_names(), "the migration made no table"
        engine.dispose()


def test_copies_of_what_was_filled_once_are_apart_and_the_next_is_as_the_first_was(copies: Copies) -> None:
    first, second = copies.of(make_county), copies.of(make_county)
    first.database.write(lambda store: store.update(Person, {"name": "改了名"}, login="lin"))
    first.people["nobody"] = 0
    names = [
        {row["name"] for row in county.database.read(list_people)} >= {"林静"}
        for county in (first, second, copies.of(make_county))
    ]
    assert names == [False, True, True]
    assert "nobody" not in copies.of(make_county).people


def test_a_folder_that_is_not_there_has_no_room_for_a_run(tmp_path: Path) -> None:
    assert not is_roomy(tmp_path / "nowhere")
