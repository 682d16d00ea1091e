"""duban seal: master keys are replaced, shared out, put back and dropped without a secret being lost."""

from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import DBAPIError

from states.errors import Conflict
from tests.factories import County
from tests.tampering import tamper
from tests.workflow.looking import rows_of
from web.cli import DONE, REFUSED, USAGE, main
from workflow import keyring
from workflow.dates import local_day
from workflow.engine import Engine
from workflow.models import Case, Trail
from workflow.sealing import escrow, masters
from workflow.sealing.masters import make_missing, read_masters
from workflow.sealing.sealer import Sealer

NOW = datetime.now(UTC)
BIRD = "金丝雀甲"


@pytest.fixture
def keys(county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of keys of an installation that holds a clue with its reporter."""
    folder = tmp_path / "home" / "keys"
    make_missing(folder, NOW, "aes-256-gcm")
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DUBAN_DATABASE_URL", county.database.url)
    sealer = Sealer(lambda: read_masters(folder))
    county.engine = Engine(county.database, effects=county.engine.effects, rungs=county.engine.rungs, sealer=sealer)
    facts = {"summary": "一", "managed_by": "village", "reporter_name": BIRD}
    subject = county.organs["donggou_branch"]
    county.engine.open("clue", actor=county.actor("lin"), now=NOW, title="线索", subject_id=subject, data=facts)
    return folder


def run(capsys: pytest.CaptureFixture[str], *told: str, code: int = DONE, group: str = "seal") -> Any:
    with pytest.raises(SystemExit) as end:
        main([group, *told, "--json"])
    printed = capsys.readouterr()
    assert end.value.code == code, printed
    return json.loads(printed.out) if code == DONE else printed.out + printed.err


def opens(county: County, folder: Path) -> dict[str, str]:
    """What somebody who has the keys of the folder reads."""
    sealer = Sealer(lambda: read_masters(folder))
    return county.database.read(lambda store: sealer.open(store, 1, ["reporter_name"]))


def on_trail(county: County) -> list[str]:
    """What the trail says was done with keys, in order."""
    rows = rows_of(county, Trail, action="key")
    assert all(row["actor_id"] is None and row["cases"] == "" for row in rows)
    return [json.loads(row["facts"])["what"] for row in rows]


def test_a_key_is_replaced_and_the_old_one_dropped_only_when_nothing_needs_it(
    county: County, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = read_masters(keys).current.id
    new = run(capsys, "rotate")["id"]
    assert "还在用" in run(capsys, "drop", old, "--yes", code=REFUSED) and len(read_masters(keys).by_id) == 2
    assert run(capsys, "rewrap") == {"sealed": 0, "rewrapped": 1}
    assert run(capsys, "rewrap") == {"sealed": 0, "rewrapped": 0}
    assert {one["id"]: (one["wraps"], one["current"]) for one in run(capsys, "list")} == {old: (0, False), new: (1, True)}
    run(capsys, "drop", new, "--yes", code=REFUSED)
    assert run(capsys, "drop", old, "--yes") == {"id": old}
    assert set(read_masters(keys).by_id) == {new} and opens(county, keys) == {"reporter_name": BIRD}
    assert "没有" in run(capsys, "drop", "nothing", code=REFUSED)


def test_a_lost_key_comes_back_out_of_two_of_three_shares(
    county: County, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(capsys, "split", str(tmp_path / "shares"))
    files = [Path(file) for file in told["files"]]
    assert len(files) == 3 and all(file.stat().st_mode & 0o077 == 0 for file in files)
    next(keys.glob("sealing-*.key")).unlink()
    assert "不够" in run(capsys, "join", str(files[1]), code=REFUSED)
    assert run(capsys, "join", str(files[0]), str(files[2])) == {"id": told["id"]}
    assert opens(county, keys) == {"reporter_name": BIRD}
    run(capsys, "join", str(files[0]), str(files[2]), code=REFUSED)
    files[0].write_text("nothing of the kind")
    assert "抄错" in run(capsys, "join", str(files[0]), str(files[1]), code=REFUSED)


def test_without_a_yes_nothing_is_dropped(
    county: County, keys: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = read_masters(keys).current.id
    run(capsys, "rotate"), run(capsys, "rewrap")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    run(capsys, "drop", old, code=USAGE)
    assert old in read_masters(keys).by_id


def test_what_ended_long_ago_is_put_away_and_the_private_half_may_be_carried_away(
    county: County, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    escrow.make_missing(keys, NOW, "aes-256-gcm")
    (private,) = keys.glob("escrow-*.key")
    zhao = county.actor("zhao", local_day(NOW))
    county.engine.void(1, actor=zhao, now=NOW, reason="重复", approver="高建国")
    assert run(capsys, "archive")["archived"] == 0 and on_trail(county) == []
    closed = {"closed_on": local_day(NOW) - timedelta(days=91)}
    county.database.write(lambda store: store.update(Case, closed, id=1))
    private.rename(keys.parent / private.name)
    told = run(capsys, "archive")
    assert (told["archived"], [one["here"] for one in told["keys"]]) == (1, [False])
    assert on_trail(county) == [f"key {told['keys'][0]['id']} archived, escrow, 1 cases, command line"]
    with pytest.raises(Conflict):
        opens(county, keys)


def test_what_is_done_with_a_key_is_on_the_trail_by_its_id_and_without_a_byte_of_it(
    county: County, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = read_masters(keys).current
    new = run(capsys, "rotate")["id"]
    run(capsys, "rewrap"), run(capsys, "rewrap")
    files = run(capsys, "split", str(tmp_path / "shares"))["files"]
    shares = [Path(file).read_text() for file in files]
    secrets = [old.raw, read_masters(keys).by_id[new].raw]
    run(capsys, "drop", old.id, "--yes")
    (keys / f"sealing-{new}.key").unlink()
    masters.add_master(keys, NOW, "aes-256-gcm")
    run(capsys, "join", files[0], files[2])
    first = run(capsys, "new", "witness", group="key")["id"]
    second = run(capsys, "rotate", "witness", group="key")["id"]
    secrets.append(keyring.get_key(keys, "witness").seed)
    assert on_trail(county) == [
        f"key {new} rotated, sealing, command line",
        f"key {new} rewrapped, sealing, 1 cases, command line",
        f"key {new} split, sealing, 2 of 3, command line",
        f"key {old.id} removed, sealing, command line",
        f"key {new} joined, sealing, command line",
        f"key {first} made, witness, command line",
        f"key {second} rotated, witness, command line",
    ]
    told = "".join(row["facts"] for row in rows_of(county, Trail))
    assert not [raw for raw in secrets if raw.hex() in told or base64.b64encode(raw).decode() in told]
    assert not [word for share in shares for word in share.split()[2:] if word in told]


def test_the_first_keys_are_on_the_trail_too_and_what_is_there_is_not_told_again(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DUBAN_DATABASE_URL", county.database.url)
    run(capsys, group="init"), run(capsys, group="init")
    made = {path.stem for path in (tmp_path / "home" / "keys").glob("*.key")}
    told = [line.split(", ") for line in on_trail(county)]
    assert {f"{purpose}-{act.split()[1]}" for act, purpose, _door in told} == made and len(told) == len(made) == 5
    assert {(act.split()[2], door) for act, _purpose, door in told} == {("made", "command line")}


@pytest.mark.parametrize(
    "command", [("seal", "rotate"), ("seal", "split"), ("seal", "drop"), ("key", "new"), ("key", "rotate")]
)
def test_nothing_is_done_with_a_key_where_that_cannot_be_told(
    county: County, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, str]
) -> None:
    old = read_masters(keys).current.id
    masters.add_master(keys, NOW + timedelta(1), "aes-256-gcm")
    run(capsys, "rewrap")
    keyring.make_key(keys, "checkpoint", NOW)
    more = {"split": str(tmp_path / "shares"), "drop": old, "new": "witness", "rotate": "checkpoint"}
    words = [more[command[1]]] if command != ("seal", "rotate") else []
    before, logging = sorted(path.name for path in keys.iterdir()), structlog.get_config()
    tamper(county.database.url, "ALTER TABLE trail RENAME TO elsewhere")
    with pytest.raises((SystemExit, DBAPIError)):
        main([*command, *words, "--yes", "--json"])
    assert sorted(path.name for path in keys.iterdir()) == before and not (tmp_path / "shares").exists()
    assert structlog.get_config() == logging  # what fails says so by a logger of its own
