"""How large a drill is, and where its result is written: small with `make test`, large with `make drills`."""

from __future__ import annotations

import os
import re
import time
from datetime import date
from pathlib import Path

IS_DRILL = os.environ.get("DUBAN_SCALE") == "drill"
RESULTS = Path(__file__).parents[2] / "docs" / "drills.md"


def size(*, test: int, drill: int) -> int:
    """How many, in this run."""
    return drill if IS_DRILL else test


def tell(name: str, result: str) -> None:
    """Prints the result; of a large drill it also becomes its row in docs/drills.md."""
    print(f"\n{name}: {result}")
    if IS_DRILL:
        rows = RESULTS.read_text(encoding="utf-8")
        row = f"| {name} | {result} | {date.today().isoformat()} |"
        found = re.compile(rf"^\| {re.escape(name)} \|.*$", re.M)
        assert found.search(rows), f"docs/drills.md has no row for {name}"
        RESULTS.write_text(found.sub(row.replace("\\", r"\\"), rows), encoding="utf-8")


class Stopwatch:
    """Begins when it is made: the seconds of the clock, and of this process's own work, which a busy machine does not lengthen."""

    def __init__(self) -> None:
        self._began, self._worked = time.monotonic(), time.process_time()

    def said(self) -> str:
        """Both, for the row of a drill."""
        return f"{time.monotonic() - self._began:.0f} s ({time.process_time() - self._worked:.1f} s of work)"
