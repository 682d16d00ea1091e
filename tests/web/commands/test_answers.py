"""docs/cli.md describes what the commands answer: every key of an answer stands in the row of its command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.web.commands.test_commands import run

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests" / "data"
FINES = ("--definition", str(ROOT / "config/examples/road_traffic_fine.yaml"))
FINES += ("--mapping", str(ROOT / "config/imports/road_traffic.yaml"), "--county", "安澜县")
TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
LOG, LEDGER = str(DATA / "event_log_road_traffic.csv"), str(DATA / "public_bulletins.csv")
# What is keyed by names that an installation or a file gives.
OPEN = {"published", "accounts", "mapping", "rungs", "holidays", "makeups", "data"}
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("init",),
    ("import", "log", LOG, *FINES),
    ("import", "ledger", LEDGER, "--create-organisations", "--dry-run"),
    ("import", "ledger", LEDGER, "--create-organisations"),
    ("import", "list"),
    ("import", "switch-on", "1"),
    ("import", "withdraw", "1", "--reason", "重来"),
    ("tick", "--now", "2030-01-01"),
    ("export", "ledger", "台账.csv"),
    ("export", "statistics", "统计.csv"),
    ("workflow", "list"),
    ("workflow", "export", "measure"),
    ("workflow", "draw", str(ROOT / "config/workflows/measure.yaml")),
    ("case", "list"),
    ("audit", "verify"),
    ("audit", "checkpoint"),
    ("audit", "export", "package.jsonl"),
    ("audit", "verifier"),
    ("audit", "places"),
    ("key", "new", "witness"),
    ("key", "rotate", "witness"),
    ("key", "list"),
    ("seal", "archive"),
    ("user", "add", "wang", "王磊"),
    ("user", "list"),
    ("user", "email", "wang", "wang@anlan.example"),
    ("user", "password", "wang"),
    ("user", "grant", "wang", "handler", "中共安澜县委巡察工作领导小组办公室"),
    ("user", "token", "wang", "接口"),
    ("user", "disable", "wang"),
    ("organisation", "list"),
    ("organisation", "rename", "安澜县", "新澜县", "--area", "--reason", "更名", "--on", TOMORROW),
    ("organisation", "rename", "安澜县", "新澜县", "--area", "--reason", "更名", "--dry-run"),
    ("organisation", "changes"),
    ("organisation", "withdraw", "1"),
    ("calendar", "show"),
    ("self-test",),
    ("doctor",),
)


def keys_of(answer: Any) -> Iterator[str]:
    """Every key of an answer, but for what is open to any name."""
    if isinstance(answer, list):
        for item in answer:
            yield from keys_of(item)
    elif isinstance(answer, dict):
        for key, value in answer.items():
            yield key
            if key not in OPEN:
                yield from keys_of(value)


def rows_for(command: tuple[str, ...]) -> str:
    """The rows of the page that tell of the command."""
    rows = [row for row in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").splitlines() if row.startswith("| `")]
    words = [word for word in command[:2] if re.fullmatch(r"[a-z][a-z-]*", word)]
    return "\n".join(row for row in rows if all(re.search(rf"\b{word}\b", row.split("|")[1]) for word in words))


def test_the_page_of_commands_names_every_key_of_every_answer(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    for command in COMMANDS:
        capsys.readouterr()
        run(*command, "--yes", "--json")
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert told, command
        described = set(re.findall(r"[a-z_]+", rows_for(command)))
        assert set(keys_of(told)) <= described, command
