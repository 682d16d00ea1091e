"""A backup, a drill or a restore that is killed leaves nothing in the clear for longer than until the next run or start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import load
from tests.web.commands.backing import NOW, Site, made, rows, run
from tests.web.commands.test_backup import _drill_database
from web import backups
from web.cli import REFUSED, main
from web.commands import serve
from workflow.backups import passing
from workflow.database import Database
from workflow.models import Person

COMMAND = "import sys; from web.cli import main; main(sys.argv[1:])"
SECONDS = 60


@contextmanager
def killed_at(fifo: Path, left: Callable[[], object], *told: str) -> Iterator[None]:
    """`duban` with these words, killed before it has read `fifo`, which nobody writes, and once `left` is there."""
    os.mkfifo(fifo)
    command = [sys.executable, "-c", COMMAND, *told]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # our own command
    end = time.monotonic() + SECONDS
    while not left():
        assert child.poll() is None, "it waits for the fifo for ever"
        assert time.monotonic() < end, "and comes that far"
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    fifo.unlink()
    yield


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_next_backup_takes_away_what_a_killed_one_has_left(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    home = site.office.settings.home
    kept = (home / "secret.key").read_bytes()
    (home / "secret.key").unlink()
    # The envelope is begun once the dump is whole; before both, what stands is written beside them.
    with killed_at(home / "secret.key", lambda: list(site.folder.glob(".*.age.partial")), "backup", "make"):
        (left,) = files_under(home / passing.FOLDER)
        assert left.stat().st_size > 0 and left.parent.stat().st_mode & 0o077 == 0, "the whole database, for its owner alone"
    (home / "secret.key").write_bytes(kept)
    (home / "secret.key").chmod(0o600)
    made(site, capsys)
    assert files_under(home / passing.FOLDER) == []


def test_a_folder_that_somebody_works_in_is_left_alone(tmp_path: Path) -> None:
    with passing.made(tmp_path, "backup") as folder:
        (folder / "dump").write_text("x")
        assert passing.sweep(tmp_path) == 0 and (folder / "dump").exists()
    assert not folder.exists()


@pytest.fixture
def drills(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "drills"
    place.mkdir()
    monkeypatch.setenv("DUBAN_DRILL_FOLDER", str(place))
    monkeypatch.setenv("DUBAN_DRILL_KEY_FILE", str(site.key))
    _drill_database(site, tmp_path, monkeypatch)
    return place


def test_the_next_drill_and_the_next_start_take_away_what_a_killed_one_has_left(
    site: Site, drills: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(site, capsys)
    mount = site.office.settings.checkpoint_folder
    assert mount is not None
    for again in (lambda: run(capsys, "drill"), lambda: backups.sweep(load())):
        with killed_at(mount / "duban-000009.json", lambda: list(drills.glob("*/keys/*")), "backup", "drill"):
            assert len(files_under(drills)) > 1, "keys and files came back in the clear"
        again()
        assert list(drills.iterdir()) == []
        assert backups.keep_drills(load(), NOW).keys() == {"tried", "whole"}
    assert run(capsys, "drill")["ok"], "and the place is good for the next"


def test_nobody_works_in_a_place_where_a_restore_was_killed_and_the_next_one_begins_anew(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(site, capsys)
    outside = tmp_path / "outside"
    outside.mkdir()
    for name, value in site.elsewhere().items():
        monkeypatch.setenv(name, value)
    told = ("restore", str(file), "--key", str(site.key), "--remembered", str(outside))
    keys = load().key_folder
    with killed_at(outside / "duban-000009.json", lambda: list(keys.glob("*")), "backup", *told):
        there = Database(os.environ["DUBAN_DATABASE_URL"])
        assert rows(there, Person), "it came back, and nothing of it is settled"
        there.close()
    for command in (["serve"], ["doctor"], ["case", "list"]):
        with pytest.raises(SystemExit) as end:
            main(command)
        assert end.value.code == REFUSED
        assert "恢复没有做完" in capsys.readouterr().err
    assert run(capsys, *told)["whole"]
    with pytest.raises(SystemExit) as end:
        main(["case", "list"])
    assert end.value.code == 0
    assert not (load().home / "restoring").exists()


def test_a_start_takes_away_what_a_killed_process_has_left(site: Site) -> None:
    left = site.office.settings.home / passing.FOLDER / "backup-killed"
    left.mkdir(parents=True)
    (left / "duban.db").write_text("clear")
    ended = threading.Event()
    ended.set()
    serve._ring(load(), ended)
    assert not left.exists()
