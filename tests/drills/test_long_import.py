"""A ledger as long as a county's ten years: brought in by the command in a process of its own, and taken back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.drills.scale import size, tell

ROWS = size(test=200, drill=50_000)
HEAD = ("序号", "乡镇", "村", "问题类别", "反馈问题", "责任单位", "整改时限", "整改状态", "反馈时间")
STATUS = ("正在整改", "已整改", "已销号", "未启动")


def _workbook(path: Path) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("整改台账")
        sheet.write_row(0, 0, HEAD)
        for n in range(1, ROWS + 1):
            village = f"第{n % 40 + 1}村"
            feedback = date(2025, 3, 3) + timedelta(days=n % 300)
            due = feedback + timedelta(days=90)
            row = (n, f"第{n % 10 + 1}镇", village, "三资管理", f"第{n}笔集体资金入账不及时", f"{village}党支部")
            sheet.write_row(n, 0, (*row, due.isoformat(), STATUS[n % 4], feedback.isoformat()))


def _duban(home: Path, *told: str) -> tuple[Any, float]:
    """The command's answer and the most memory it held, in MB."""
    command = [sys.executable, "-c", "from web.cli import main; main()", *told, "--yes", "--json"]
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, env={**os.environ, "DUBAN_HOME": str(home)}, stdout=out)
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        out.seek(0)
        return json.loads(out.read()), used.ru_maxrss / 1024


def test_a_long_ledger_comes_in_whole_and_goes_back_whole(home: Path, tmp_path: Path) -> None:
    book = tmp_path / "台账.xlsx"
    _workbook(book)
    _duban(home, "init")
    began = time.monotonic()
    report, peak = _duban(
        home, "import", "ledger", str(book), "--create-organisations", "--county", "安澜县", "--ladder", "off"
    )
    seconds = time.monotonic() - began
    assert (report["imported"], report["refused"]) == (ROWS, [])
    assert _duban(home, "audit", "verify")[0]["ok"]
    withdrawn, _ = _duban(home, "import", "withdraw", str(report["import"]), "--reason", "演练")
    assert withdrawn["withdrawn"] == ROWS
    tell(
        "a long ledger brought in from Excel and taken back",
        f"{ROWS:,} rows in {seconds:.0f} s, organisations and history included; at most {peak:.0f} MB",
    )
