"""A site with backups."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import load
from tests import postgres
from tests.factories import County
from tests.web.commands.backing import NOW, Site, fill
from web.checkpointing import keep_checkpoints
from web.cli import main
from web.wiring import open_office
from workflow import keyring
from workflow.sealing import masters


@pytest.fixture
def site(
    county: County,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    database_engine: str,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Site]:
    home, folder, mount = tmp_path / "home", tmp_path / "backups", tmp_path / "mount"
    for path in (home, folder, mount):
        path.mkdir()
    keyring.make_missing(home / "keys", ("checkpoint", "receipt"), NOW)
    masters.make_missing(home / "keys", NOW, "aes-256-gcm")
    with pytest.raises(SystemExit):
        main(["backup", "key", str(tmp_path / "offline.key"), "--json"])
    told = {"HOME": str(home), "DATABASE_URL": county.database.url, "BACKUP_FOLDER": str(folder)}
    told |= {"BACKUP_RECIPIENTS": json.loads(capsys.readouterr().out)["recipient"], "CHECKPOINT_FOLDER": str(mount)}
    if database_engine == "postgresql":
        told["POSTGRESQL_PROGRAMS"] = str(postgres.choose_programs(postgres.list_places()))
    for name, value in told.items():
        monkeypatch.setenv(f"DUBAN_{name}", value)
    made: list[str] = []

    def elsewhere() -> dict[str, str]:
        place = tmp_path / f"place{len(made)}"
        made.append("")
        if database_engine == "sqlite":
            return {"DUBAN_HOME": str(place), "DUBAN_DATABASE_URL": f"sqlite:///{place}/duban.db"}
        server = request.getfixturevalue("postgres_server")
        made[-1] = server.create()
        return {"DUBAN_HOME": str(place), "DUBAN_DATABASE_URL": server.url(made[-1])}

    office = open_office(load())
    office.settings.secret_key()
    fill(office, county)
    assert keep_checkpoints(office, NOW)["taken"] == 1
    yield Site(office, county, folder, tmp_path / "offline.key", elsewhere)
    office.close()
    for name in filter(None, made):
        request.getfixturevalue("postgres_server").drop(name)
