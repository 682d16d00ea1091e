"""A program asks whether its database is there and as new as itself, before anything else."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from states.errors import NotReady
from workflow.migrations import _config, downgrade, upgrade
from workflow.readiness import newest, require_ready


def why_not(url: str) -> str:
    with pytest.raises(NotReady) as refusal:
        require_ready(url)
    return str(refusal.value.params["why"])


def test_the_newest_revision_is_the_head_of_the_migrations() -> None:
    assert newest() == ScriptDirectory.from_config(_config("")).get_current_head()


def test_a_database_of_this_program_is_ready(database_url: str) -> None:
    require_ready(database_url)


def test_an_older_database_is_told_and_is_ready_once_upgraded(database_url: str) -> None:
    downgrade(database_url, "-1")
    assert why_not(database_url) == "database_behind"
    upgrade(database_url)
    require_ready(database_url)


def test_a_newer_database_is_told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.readiness.newest", lambda: "0001")
    assert why_not(database_url) == "database_ahead"


def test_a_database_without_tables_is_none(database_url: str) -> None:
    downgrade(database_url)
    assert why_not(database_url) == "no_database"


def test_a_file_that_is_not_there_is_none_and_is_not_made(tmp_path: Path) -> None:
    assert why_not(f"sqlite:///{tmp_path / 'none.db'}") == "no_database"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_none(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("移交函" * 500, "utf-8")
    assert why_not(f"sqlite:///{tmp_path / 'letter.db'}") == "no_database"


def test_a_server_that_does_not_answer_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Bound and not listening: whoever calls is refused.
        port = taken.getsockname()[1]
        with pytest.raises(NotReady) as refusal:
            require_ready(f"postgresql+psycopg://duban@127.0.0.1:{port}/duban")
    assert refusal.value.params == {"why": "database_unreachable", "server": f"127.0.0.1:{port}"}
