"""An installation that sets its digests to SM3, and sets them back: whole by its own audit, its doctor and the verifier alike."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from pathlib import Path

import pytest

from config.settings import load
from tests.web.commands.test_commands import run
from web.cli import FOUND_FAULTS
from web.wiring import open_office
from workflow import verifier
from workflow.digests import suite_of
from workflow.models import Event
from workflow.statements import Prepared
from workflow.store import table_of


def suites(home: Path) -> set[str]:
    """What the chains of the ledger were made by."""
    with closing(open_office(load({"DUBAN_HOME": str(home)}))) as office:
        hashes = office.database.read(lambda store: store.rows(Prepared(table_of(Event).select())))
    return {suite_of(row["hash"]) for row in hashes}


def test_a_ledger_of_sm3_is_whole_before_and_after_the_setting_is_taken_back(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_DIGEST_SUITE", "sm3")
    assert run("seed", "--cases", "20", "--json") == run("tick", "--json") == 0
    assert suites(home) == {"sm3"}
    monkeypatch.delenv("DUBAN_DIGEST_SUITE")
    assert run("seed", "--cases", "10", "--seed", "2", "--json") == 0
    assert suites(home) == {"sha256", "sm3"}
    capsys.readouterr()
    assert run("doctor") == run("audit", "verify", "--json") == 0
    assert run("audit", "export", str(home / "ledger.jsonl"), "--with-content", "--json") == 0
    publics = [word for path in (home / "keys").glob("checkpoint-*.pub") for word in ("--key", str(path))]
    capsys.readouterr()
    assert verifier.main([str(home / "ledger.jsonl"), *publics]) == 0
    assert json.loads(capsys.readouterr().out)["ok"]
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})
    assert run("doctor") == FOUND_FAULTS
    assert "本机的OpenSSL不提供SM3" in capsys.readouterr().out
    monkeypatch.setenv("DUBAN_DIGEST_SUITE", "sm3")
    assert run("doctor") != 0
    assert "DUBAN_DIGEST_SUITE" in capsys.readouterr().err
