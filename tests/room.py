"""Where a run keeps its files: in memory where there is room, since a copy of a database is some five hundred small files."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # every run makes folders of its own in it
ENOUGH = 4 * 1024**3


def prefer_memory() -> None:
    """The temporary files of this process, and of those it starts, go to memory; whoever has said where they go is obeyed."""
    if "TMPDIR" not in os.environ and is_roomy(MEMORY) and free_memory() >= ENOUGH:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def is_roomy(folder: Path) -> bool:
    """May everybody write there, may programs run from there, and is there room for a whole run?"""
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return False
    return not os.statvfs(folder).f_flag & os.ST_NOEXEC and shutil.disk_usage(folder).free >= ENOUGH


def free_memory() -> int:
    """Bytes that the machine could still give; none where it does not say."""
    told = Path("/proc/meminfo")
    lines = told.read_text(encoding="ascii").splitlines() if told.exists() else []
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
