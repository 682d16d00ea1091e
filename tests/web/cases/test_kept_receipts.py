"""Kept receipts at every door: the same bytes on the page, by the API and on the command line, for both sides and nobody else."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.settings import load
from tests import hours
from tests.factories import County
from tests.tampering import tamper
from tests.web.api.test_api import bearer
from tests.web.cases.test_proofs import dossier_of, package, verified
from tests.web.commands.test_commands import run
from tests.web.site import signed_in, site, words_of
from tests.workflow.looking import case_row, rows_of
from tests.workflow.test_receipts import rewrite, with_signer
from web.checkpointing import keep_outside
from web.commands.doctor import faults
from web.wiring import open_office
from workflow import keyring
from workflow.models import Checkpoint, Receipt, Sweep

NOW = hours.now() - timedelta(hours=3)


@pytest.fixture
def county(county: County, home: Path) -> County:
    """The county as it is installed: its engine signs with the key under the home, once there is one."""
    return with_signer(county, home / "keys")


@pytest.fixture
def case_id(county: County, home: Path) -> int:
    keyring.make_missing(home / "keys", ("checkpoint", "receipt"), NOW)
    return county.supervised_item(NOW)


@pytest.fixture
def app(county: County, home: Path) -> Flask:
    return site(county, home)


def client(app: Flask, county: County, login: str) -> FlaskClient:
    return signed_in(app, county, login, hours.now())


def seqs(county: County, case_id: int) -> list[int]:
    return [row["seq"] for row in rows_of(county, Receipt, case_id=case_id)]


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_office_signs_what_its_engine_does(home: Path, case_id: int, county: County) -> None:
    del case_id
    office = open_office(load({"DUBAN_HOME": str(home), "DUBAN_DATABASE_URL": county.database.url, "DUBAN_ORIGIN": "anlan"}))
    found = office.engine.signer
    assert found is not None and found.find() == keyring.get_key(home / "keys", "receipt")
    assert found.origin == office.signer.origin == "anlan"
    office.close()


def test_page_api_and_command_give_both_sides_the_same_bytes_each_time(
    app: Flask,
    county: County,
    home: Path,
    case_id: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", county.database.url)
    number, out, (seq, _signed) = case_row(county, case_id)["number"], tmp_path / "out", seqs(county, case_id)
    sides = [client(app, county, login) for login in ("lin", "zhou")]
    page = words_of(sides[1].get(f"/cases/{case_id}").text)
    assert "交接回执" in page and "索取时签名" not in page
    taken = {side.get(f"/cases/{case_id}/receipts/{seq}").data for side in (*sides, *sides)}
    for login in ("lin", "zhou"):
        assert run("--as", login, "case", "receipts", number, "--out", str(out), "--json") == 0
        assert [line["seq"] for line in told(capsys)] == seqs(county, case_id)
        taken.add((out / f"receipt-{case_id}-{seq}.json").read_bytes())
    assert len(taken) == 1
    (one,) = map(json.loads, taken)
    api = app.test_client()
    for login in ("lin", "zhou"):
        headers = bearer(county, login)
        assert api.get(f"/api/v1/cases/{case_id}/receipts/{seq}", headers=headers).json == one
        events = api.get(f"/api/v1/cases/{case_id}/events", headers=headers).json
        assert [event["seq"] for event in events["events"] if event["receipt"] == "at_event"] == seqs(county, case_id)
    assert run("--as", "zhou", "case", "receipts", number) == 0
    assert "transfer\t县委巡察办 → 东沟村党支部" in capsys.readouterr().out
    assert run("--as", "han", "case", "receipts", number) == 3
    assert api.get(f"/api/v1/cases/{case_id}/receipts/{seq}", headers=bearer(county, "han")).status_code == 404
    assert client(app, county, "han").get(f"/cases/{case_id}/receipts/{seq}").status_code == 404


def test_what_was_rewritten_before_anybody_asked_is_found_by_the_receipt_of_then(
    app: Flask, county: County, home: Path, case_id: int, tmp_path: Path
) -> None:
    """Before receipts were kept, the one that was asked for now would have been signed over the new history."""
    seq, kept = seqs(county, case_id)[0], tmp_path / "receipt.json"
    rewrite(county, case_id)
    kept.write_bytes(client(app, county, "zhou").get(f"/cases/{case_id}/receipts/{seq}").data)
    ledger = package(county, tmp_path / "ledger.jsonl")
    code, found = verified(ledger, home, "--remembered", str(kept))
    assert (code, f"case {case_id}: rewritten, seq 1-{seq}" in found) == (1, True)
    code, found = verified(dossier_of(app, county, case_id, tmp_path / "dossier.zip"), home)
    assert code == 1 and f"case {case_id}: rewritten" in found


def test_one_that_is_gone_is_refused_in_words_and_the_dossier_goes_without_it(
    app: Flask, county: County, case_id: int, tmp_path: Path
) -> None:
    seq = seqs(county, case_id)[0]
    tamper(county.database.url, f"DELETE FROM receipt WHERE seq = {seq}")
    answer = client(app, county, "zhou").get(f"/cases/{case_id}/receipts/{seq}")
    assert answer.status_code == 409 and "不再补签" in words_of(answer.text)
    assert dossier_of(app, county, case_id, tmp_path / "dossier.zip").exists()


def test_what_waits_for_a_key_is_told_by_the_doctor_and_signed_at_the_next_look(county: County, home: Path) -> None:
    case_id = county.supervised_item(NOW)
    office = open_office(load({"DUBAN_HOME": str(home), "DUBAN_DATABASE_URL": county.database.url}))
    keyring.make_key(home / "keys", "checkpoint", NOW)
    assert any("回执密钥" in fault for fault in faults(office, hours.now()))
    assert keep_outside(office, hours.now())["signed"] == 0
    keyring.make_key(home / "keys", "receipt", NOW)
    assert keep_outside(office, hours.now())["signed"] == 2
    assert not any("回执" in fault for fault in faults(office, hours.now()))
    assert [bool(row["key_id"]) for row in rows_of(county, Receipt, case_id=case_id)] == [False, True] * 2
    night = {"job": "nightly", "finished_at": hours.now(), "result": '{"receipts":1}'}
    county.database.write(lambda store: store.insert(Sweep, [night]))
    assert any("交接回执" in fault for fault in faults(office, hours.now()))
    office.close()


def test_what_waits_is_refused_in_words(app: Flask, county: County, home: Path) -> None:
    case_id = county.supervised_item(NOW)
    keyring.make_missing(home / "keys", ("checkpoint", "receipt"), NOW)
    answer = client(app, county, "zhou").get(f"/cases/{case_id}/receipts/{seqs(county, case_id)[0]}")
    assert answer.status_code == 409 and "还没有签名" in words_of(answer.text)


def test_receipts_that_cannot_be_signed_stop_no_checkpoint(county: County, home: Path, case_id: int) -> None:
    del case_id
    office = open_office(load({"DUBAN_HOME": str(home), "DUBAN_DATABASE_URL": county.database.url}))
    tamper(county.database.url, "ALTER TABLE receipt RENAME TO receipt_away")
    with pytest.raises((sqlite3.Error, psycopg.Error), match="receipt"):
        keep_outside(office, hours.now())
    assert len(rows_of(county, Checkpoint)) == 1
    tamper(county.database.url, "ALTER TABLE receipt_away RENAME TO receipt")
    office.close()
