"""What the program cannot ask, it does not grant: with real faults of the database, of the rights, of the trail and of the keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, make_url

from states.errors import NotReady, ReadOnly
from tests import hours
from tests.factories import County
from tests.tampering import tamper
from tests.web.site import post, signed_in, site, token, words_of
from tests.workflow.looking import case_row, rows_of
from workflow import keyring
from workflow.database import Database
from workflow.models import Event, Trail
from workflow.sealing import masters
from workflow.sealing.sealer import Sealer

NOW = hours.now()
TITLE = "村务公开栏半年未更新"


@pytest.fixture
def app(county: County, tmp_path: Path) -> Flask:
    made = site(county, tmp_path)
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made


@pytest.fixture
def case_id(county: County) -> int:
    return county.supervised_item(NOW - timedelta(hours=1))


@pytest.fixture
def clue_id(county: County) -> int:
    facts = {"summary": "虚报补助", "managed_by": "village", "reporter_name": "金丝雀"}
    told: dict[str, Any] = {"title": "线索标题", "subject_id": county.organs["donggou_branch"], "data": facts}
    return county.engine.open("clue", actor=county.actor("lin"), now=NOW - timedelta(hours=1), **told).case_id


@pytest.fixture
def lin(app: Flask, county: County) -> FlaskClient:
    return signed_in(app, county, "lin", NOW)


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """The database takes no change: SQLite's file is opened for reading alone, PostgreSQL's transactions only read."""
    if not database.is_sqlite:
        name, server = make_url(database.url).database, make_url(database.url).set(database="postgres")
        _alter(server, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        database.close()
        yield
        _alter(server, f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        database.close()
        return
    path = Path(database.url.removeprefix("sqlite:///")).absolute()

    def connect(_dialect: Any, _record: Any, _arguments: Any, told: Any) -> sqlite3.Connection:
        return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, **told)

    keeper = sqlite3.connect(path)
    keeper.execute("SELECT count(*) FROM event").fetchone()  # so that the log lies beside the file
    engines = (database.writer, database.reader)
    database.close()
    for engine in engines:
        event.listen(engine, "do_connect", connect)
    yield
    for engine in engines:
        event.remove(engine, "do_connect", connect)
    database.close()
    keeper.close()


def _alter(server: Any, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def dump(county: County) -> tuple[Any, ...]:
    return (rows_of(county, Event), rows_of(county, Trail))


def test_a_database_that_takes_no_change_is_declared_read_from_and_refuses_every_verb(
    lin: FlaskClient, county: County, case_id: int, clue_id: int
) -> None:
    page, remind = f"/cases/{case_id}", f"/cases/{case_id}/verbs/comment"
    form, before = token(lin, page), dump(county)
    with read_only(county.database):
        refused = lin.post(remind, data={"csrf_token": form, "text": "这段话要留着"})
        assert refused.status_code == 503
        said = words_of(refused.text)
        assert "现在只能看，不能办" in said and "没有办" in said
        assert "这段话要留着" in refused.text, "what was typed is still there"
        shown = lin.get(page)
        assert (shown.status_code, TITLE in shown.text) == (200, True)
        assert "数据库暂时不能写" in words_of(shown.text)
        hidden = lin.get(f"/cases/{clue_id}")
        assert (hidden.status_code, "线索标题" in hidden.text) == (503, False), "no reading without its line on the trail"
        assert "现在只能看，不能办" in words_of(hidden.text)
        with pytest.raises(ReadOnly):
            county.engine.comment(case_id, actor=county.actor("lin"), now=NOW, text="不会写下")
    assert dump(county) == before
    assert post(lin, page, remind, {"text": "这段话要留着"}).status_code == 303
    assert "数据库暂时不能写" not in words_of(lin.get(page).text), "and is over with the next change that is taken"


def test_nobody_signs_in_where_tries_cannot_be_counted(app: Flask, county: County) -> None:
    client = app.test_client()
    form = token(client, "/sign-in")
    with read_only(county.database):
        answer = client.post("/sign-in", data={"login": "lin", "password": "x", "csrf_token": form})
    assert answer.status_code == 503 and "Set-Cookie" not in answer.headers.get("Set-Cookie", "")


def test_without_the_table_of_rights_nobody_sees_or_does_anything(lin: FlaskClient, county: County, case_id: int) -> None:
    page = f"/cases/{case_id}"
    form, before = token(lin, page), case_row(county, case_id)
    tamper(county.database.url, "ALTER TABLE role_grant RENAME TO elsewhere")
    for url in (page, "/ledger", "/inbox", "/search?q=村务"):
        answer = lin.get(url)
        assert (answer.status_code, TITLE in answer.text) == (500, False), url
    assert lin.post(f"{page}/verbs/comment", data={"csrf_token": form, "text": "x"}).status_code == 500
    tamper(county.database.url, "ALTER TABLE elsewhere RENAME TO role_grant")
    assert case_row(county, case_id) == before
    assert lin.get(page).status_code == 200


@pytest.mark.parametrize("table", ["event", "content"])
def test_a_verb_whose_history_cannot_be_written_changes_nothing(county: County, case_id: int, table: str) -> None:
    before = case_row(county, case_id)
    tamper(county.database.url, f"ALTER TABLE {table} RENAME TO elsewhere")
    with pytest.raises(Exception, match=table):
        county.engine.comment(case_id, actor=county.actor("lin"), now=NOW, text="一段话")
    tamper(county.database.url, f"ALTER TABLE elsewhere RENAME TO {table}")
    assert case_row(county, case_id) == before


def _keys(folder: Path) -> Path:
    keyring.make_missing(folder, ("checkpoint", "receipt"), NOW)
    masters.make_missing(folder, NOW, "aes-256-gcm")
    return folder


def _unreadable(folder: Path, name: str) -> None:
    """The key cannot be read any more: in its place lies what is no file."""
    (key,) = folder.glob(f"{name}-*.key")
    key.unlink()
    key.mkdir(mode=0o700)


@pytest.mark.parametrize("name", [masters.SEALING, masters.BLINDING])
def test_without_its_keys_nothing_sealed_is_opened_or_kept(
    app: Flask, lin: FlaskClient, county: County, clue_id: int, tmp_path: Path, name: str
) -> None:
    folder = _keys(tmp_path / "keys")
    _unreadable(folder, name)
    with pytest.raises(NotReady, match="key_unreadable"):
        masters.read_masters(folder)
    county.engine.sealer = Sealer(lambda: masters.read_masters(folder))
    before = len(rows_of(county, Event))
    page = f"/cases/{clue_id}/sealed"
    answer = post(lin, page, page, {"fields": "reporter_name", "reason": "核实"})
    assert answer.status_code == 503 and "金丝雀" not in answer.text
    facts = {"summary": "一", "managed_by": "village", "reporter_name": "第二人"}
    told: dict[str, Any] = {"title": "另一件", "subject_id": county.organs["donggou_branch"], "data": facts}
    with pytest.raises(NotReady):
        county.engine.open("clue", actor=county.actor("lin"), now=NOW, **told)
    assert len(rows_of(county, Event)) == before


def test_nothing_starts_with_a_key_that_cannot_be_read(tmp_path: Path) -> None:
    folder = _keys(tmp_path / "keys")
    _unreadable(folder, "checkpoint")
    with pytest.raises(NotReady, match="key_unreadable"):
        keyring.require_keys(folder)
