"""Receipts and dossiers: each side of a hand-over takes its proof away, and nobody needs Duban to check it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import hours
from tests.factories import County, vault_of
from tests.web.site import signed_in, words_of
from tests.workflow.looking import rows_of
from workflow import files, keyring, verifier
from workflow.calendars import shipped
from workflow.checkpoints import take_checkpoint
from workflow.dates import local_day
from workflow.history import chain_hash
from workflow.models import CalendarVersion, Clock, Event
from workflow.package import lines

NOW = hours.now() - timedelta(hours=3)
WORD = "金丝雀的话"


@pytest.fixture
def case_id(county: County, home: Path) -> int:
    """An item in the village's hands, with a file as evidence, listed by a checkpoint."""
    return live(county, home)


def live(county: County, home: Path) -> int:
    """Opens and leads it; its id."""
    keyring.make_missing(home / "keys", ("checkpoint", "receipt"), NOW)
    made = county.supervised_item(NOW)
    later = NOW + timedelta(minutes=30)
    file_id = files.keep(
        county.database, vault_of(home, county.database.digest_suite), name="照片.txt", stream=io.BytesIO("公开栏已更新".encode()), uploaded_by=county.people["zhou"],
        now=later, limit=1 << 20,
    )  # fmt: skip
    county.engine.add_evidence(made, actor=county.actor("zhou", later.date()), now=later, file_id=file_id)
    county.engine.comment(made, actor=county.actor("lin", later.date()), now=later, text=WORD)
    key = keyring.get_key(home / "keys", "checkpoint")
    county.database.write(lambda store: take_checkpoint(store, later, key=key, origin="duban"))
    return made


def client(app: Flask, county: County, login: str) -> FlaskClient:
    return signed_in(app, county, login, hours.now())


def publics(home: Path) -> list[str]:
    """The public keys, as an outsider gives them to the verifier."""
    return [word for path in sorted((home / "keys").glob("*.pub")) for word in ("--key", str(path))]


def hand_over_of(county: County, case_id: int) -> int:
    """The seq of the event by which the village got the case."""
    return next(int(row["seq"]) for row in rows_of(county, Event, case_id=case_id) if row["trigger"] == "transfer")


def verified(ledger: Path, home: Path, *more: str) -> tuple[int, str]:
    """What the verifier says, run on its own."""
    alone = [sys.executable, "-I", "-S", verifier.__file__, str(ledger), *publics(home), *more]
    done = subprocess.run(alone, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def package(county: County, path: Path) -> Path:
    told = county.database.read(lambda store: "\n".join(lines(store, keys=(), with_content=True)))
    path.write_text(told, encoding="utf-8")
    return path


def test_both_sides_take_the_same_receipt_away_and_the_outsider_none(
    app: Flask, county: County, home: Path, case_id: int
) -> None:
    seq, taken = hand_over_of(county, case_id), []
    for login in ("lin", "zhou"):
        side = client(app, county, login)
        page = side.get(f"/cases/{case_id}")
        assert "交接回执" in words_of(page.text) and "索取时签名" in words_of(page.text)
        answer = side.get(f"/cases/{case_id}/receipts/{seq}")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        taken.append(json.loads(answer.text))
    (public,) = [key for key in keyring.public_keys(home / "keys") if key.purpose == "receipt"]
    assert all(public.verifies(one) for one in taken)
    said = [{name: value for name, value in json.loads(one["body"]).items() if name != "issued_at"} for one in taken]
    assert said[0] == said[1]
    assert (said[0]["to"], said[0]["step"]) == ("东沟村党支部", "transfer")
    assert WORD not in taken[0]["body"]
    assert client(app, county, "han").get(f"/cases/{case_id}/receipts/{seq}").status_code == 404
    assert client(app, county, "lin").get(f"/cases/{case_id}/receipts/999").status_code == 404


def test_a_receipt_that_was_kept_finds_a_history_rewritten_before_any_checkpoint(
    app: Flask, county: County, home: Path, tmp_path: Path
) -> None:
    keyring.make_missing(home / "keys", ("checkpoint", "receipt"), NOW)
    case_id = county.supervised_item(NOW)
    seq = hand_over_of(county, case_id)
    kept = tmp_path / "receipt.json"
    kept.write_text(client(app, county, "zhou").get(f"/cases/{case_id}/receipts/{seq}").text, encoding="utf-8")
    ledger = package(county, tmp_path / "ledger.jsonl")
    assert verified(ledger, home, "--remembered", str(kept))[0] == 0
    rows = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    prev = ""
    for row in (row for row in rows if row["table"] == "event" and row["case_id"] == case_id):
        facts = json.loads(row["facts"])
        facts["actor"] = row["actor_id"] = None
        row["facts"], row["prev"] = verifier.canonical(facts), prev
        prev = row["hash"] = chain_hash("sha256", prev, row["facts"])
    next(row for row in rows if row["table"] == "cases" and row["id"] == case_id)["head"] = prev
    ledger.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    assert verified(ledger, home)[0] == 0
    code, told = verified(ledger, home, "--remembered", str(kept))
    assert code == 1
    assert f"case {case_id}: rewritten, seq 1-{seq}" in told
    kept.write_text(kept.read_text(encoding="utf-8").replace("东沟", "西沟"), encoding="utf-8")
    assert "receipt.json: signature" in verified(ledger, home, "--remembered", str(kept))[1]


def dossier_of(app: Flask, county: County, case_id: int, path: Path) -> Path:
    with client(app, county, "lin").get(f"/cases/{case_id}/dossier.zip") as answer:
        assert answer.status_code == 200
        path.write_bytes(answer.get_data())
    return path


def test_a_dossier_holds_the_case_and_verifies_without_duban(
    app: Flask, county: County, home: Path, case_id: int, tmp_path: Path
) -> None:
    other = county.open_item(NOW, title="别的事项")
    path = dossier_of(app, county, case_id, tmp_path / "dossier.zip")
    with zipfile.ZipFile(path) as zipped:
        names = zipped.namelist()
        ledger = zipped.read("ledger.jsonl").decode()
        (file,) = [zipped.read(name) for name in names if name.startswith("files/")]
    assert file.decode() == "公开栏已更新"
    assert WORD in ledger and "别的事项" not in ledger and f'"case_id":{other}' not in ledger
    assert {"signed/checkpoint.json", "signed/dossier.json"} <= set(names)
    assert sum(name.startswith("signed/receipt-") for name in names) == 2
    code, told = verified(path, home)
    assert (code, json.loads(told)["cases"]) == (0, 1)


def test_a_dossier_holds_the_calendar_that_gave_its_dates_beside_the_one_that_is_in_force(
    app: Flask, county: County, case_id: int, tmp_path: Path
) -> None:
    (dated_by,) = {clock["calendar_version"] for clock in rows_of(county, Clock, case_id=case_id)}
    later = {"year": 2031, "published": True, "holidays": {"元旦": ["2031-01-01"]}, "makeups": {}}
    county.engine.import_calendar(later, actor=county.actor("lin", local_day(NOW)), now=hours.now())
    path = dossier_of(app, county, case_id, tmp_path / "dossier.zip")
    with zipfile.ZipFile(path) as zipped:
        found = {name: json.loads(zipped.read(name)) for name in zipped.namelist() if name.startswith("calendars/")}
    (in_force,) = {row["version"] for row in rows_of(county, CalendarVersion)}
    assert {name: one["version"] for name, one in found.items()} == {
        f"calendars/{version}.json": version for version in (dated_by, in_force)
    }
    assert dated_by == shipped().version
    years = {version: {one["year"] for one in found[f"calendars/{version}.json"]["years"]} for version in (dated_by, in_force)}
    assert years[in_force] - years[dated_by] == {2031}


@pytest.mark.parametrize(
    ("name", "change", "found"),
    [
        ("ledger.jsonl", lambda told: told.replace(WORD.encode(), "别的话".encode()), ": content, seq"),
        ("calendars/", lambda told: told + b" ", ".json: file"),
        ("files/", lambda told: told + b".", "files/"),
        ("signed/checkpoint.json", lambda told: told.replace(b"duban", b"dubam"), "signed/checkpoint.json: signature"),
    ],
)
def test_a_dossier_that_was_changed_says_where(
    app: Flask, county: County, home: Path, case_id: int, tmp_path: Path, name: str, change: Any, found: str
) -> None:
    path, spoiled = dossier_of(app, county, case_id, tmp_path / "dossier.zip"), tmp_path / "spoiled.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(spoiled, "w") as new:
        for one in old.namelist():
            content = old.read(one)
            new.writestr(one, change(content) if one.startswith(name) else content)
    code, told = verified(spoiled, home)
    assert code == 1
    assert found in told


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("kept", "added", "found"),
    [
        ("ledger.jsonl", (), "dossier: unsigned"),
        ("", ("files/put-in",), "files/put-in: file"),
        ("", ("ledger.jsonl",), "ledger.jsonl: file"),
        ("ledger.jsonl calendars/ files/ signed/key signed/receipt signed/checkpoint", (), "dossier: unsigned"),
        ("ledger.jsonl files/ signed/", (), ".json: file"),
    ],
)
def test_a_dossier_from_which_something_was_taken_or_to_which_something_was_added_is_not_whole(
    app: Flask, county: County, home: Path, case_id: int, tmp_path: Path, kept: str, added: tuple[str, ...], found: str
) -> None:
    path, spoiled = dossier_of(app, county, case_id, tmp_path / "dossier.zip"), tmp_path / "spoiled.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(spoiled, "w") as new:
        names = [name for name in old.namelist() if name.startswith(tuple(kept.split()) or "")]
        assert (len(names) < len(old.namelist())) == bool(kept)
        for name in names:
            new.writestr(name, old.read(name))
        for name in added:
            new.writestr(name, old.read("ledger.jsonl"))
    code, told = verified(spoiled, home)
    assert code == 1 and found in told


def test_a_dossier_of_sm3_verifies_without_duban_and_says_where_it_was_changed(
    app: Flask, county: County, home: Path, tmp_path: Path
) -> None:
    county.database.digest_suite = "sm3"
    case_id = live(county, home)
    path, spoiled = dossier_of(app, county, case_id, tmp_path / "dossier.zip"), tmp_path / "spoiled.zip"
    code, told = verified(path, home)
    assert (code, json.loads(told)["cases"]) == (0, 1)
    with zipfile.ZipFile(path) as zipped:
        listed = json.loads(json.loads(zipped.read("signed/dossier.json"))["body"])["files"]
        (file,) = [name for name in zipped.namelist() if name.startswith("files/")]
        (calendar,) = [name for name in zipped.namelist() if name.startswith("calendars/")]
    assert all(digest.startswith("sm3:") for digest in listed.values())
    assert file == f"files/{listed[file].replace(':', '-')}", "no colon, which not every disk takes"
    for name in (calendar, file):
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(spoiled, "w") as new:
            for one in old.namelist():
                new.writestr(one, old.read(one) + b" " * (one == name))
        code, told = verified(spoiled, home)
        assert code == 1 and f"{name}: file" in told


def test_only_whoever_supervises_takes_the_dossier(app: Flask, county: County, case_id: int) -> None:
    assert client(app, county, "zhou").get(f"/cases/{case_id}/dossier.zip").status_code == 403
    assert client(app, county, "han").get(f"/cases/{case_id}/dossier.zip").status_code == 404
    assert "下载案卷" not in words_of(client(app, county, "zhou").get(f"/cases/{case_id}").text)
    assert "下载案卷" in words_of(client(app, county, "lin").get(f"/cases/{case_id}").text)
