"""An installation that is backed up and restored elsewhere, and how the tests call the command."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import load
from tests.factories import County
from web.cli import DONE, main
from web.wiring import Office
from workflow.database import Database
from workflow.files import keep
from workflow.models import SignIn
from workflow.store import table_of

NOW = datetime.now(UTC)
EARLIER = NOW - timedelta(days=150)
BIRDS = ("金丝雀标题", "金丝雀举报人", "金丝雀附件")


@dataclass
class Site:
    """An installation with a clue, an item that is late, a file and a checkpoint elsewhere; and where it may be restored."""

    office: Office
    county: County
    folder: Path
    key: Path
    elsewhere: Callable[[], dict[str, str]]

    def settings(self, **more: str) -> Any:
        return load({**os.environ, **more})


def fill(office: Office, county: County) -> None:
    facts = {"summary": "一", "managed_by": "village", "reporter_name": BIRDS[1]}
    subject, actor = county.organs["donggou_branch"], county.actor("lin")
    office.engine.open("clue", actor=actor, now=NOW, title=BIRDS[0], subject_id=subject, data=facts)
    upload = io.BytesIO(f"{BIRDS[2]}\n".encode())
    keep(office.database, office.vault, name="a.txt", stream=upload, uploaded_by=None, now=NOW, limit=1000)
    office.database.write(lambda store: store.insert(SignIn, [_session(county)]))


def _session(county: County) -> dict[str, Any]:
    times = {name: NOW for name in ("created_at", "seen_at", "factor_at", "proved_at")}
    return {"token_digest": "d", "person_id": county.people["lin"], "device": "", "address": "", **times}


def run(capsys: pytest.CaptureFixture[str], *told: str, code: int = DONE) -> Any:
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        main(["backup", *told, "--json"])
    printed = capsys.readouterr()
    assert end.value.code == code, printed
    return json.loads(printed.out) if printed.out else printed.err


def made(site: Site, capsys: pytest.CaptureFixture[str]) -> Path:
    return site.folder / run(capsys, "make")["file"]


def restored(site: Site, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, **how: Any) -> Any:
    """Restores into a new empty place; the answer, and the office there."""
    for name, value in site.elsewhere().items():
        monkeypatch.setenv(name, value)
    return run(capsys, "restore", str(file), "--key", str(site.key), *how.get("more", ()), code=how.get("code", DONE))


def rows(database: Database, model: Any) -> list[dict[str, Any]]:
    return database.read(lambda store: store.select(select(table_of(model))))
