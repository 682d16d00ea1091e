"""Whoever has read a key leaves no picture of his memory behind: processes of their own, and one of them crashes."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workflow import keyring
from workflow.sealing import escrow, masters

NOW = datetime(2026, 3, 2, tzinfo=UTC)
# It may write as large a core as the machine lets it, reads a key, says how it stands, and dies as a crash would have it.
CRASHING = """
import ctypes, os, resource, sys
from pathlib import Path
from workflow import keyring
from workflow.sealing import escrow, masters
most = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
folder = Path(sys.argv[1])
{read}
told = f"{{resource.getrlimit(resource.RLIMIT_CORE)}} {{ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)}}"
(folder / "told").write_text(told)
os.abort()
"""


@pytest.mark.parametrize(
    "read",
    ["masters.read_masters(folder)", 'keyring.get_key(folder, "checkpoint")', "escrow.read_escrows(folder)"],
    ids=["masters", "keyring", "escrow"],
)
def test_a_process_that_has_read_a_key_leaves_no_core(tmp_path: Path, read: str) -> None:
    masters.make_missing(tmp_path, NOW, "aes-256-gcm")
    escrow.make_missing(tmp_path, NOW, "aes-256-gcm")
    keyring.make_key(tmp_path, "checkpoint", NOW)
    argv = [sys.executable, "-c", CRASHING.format(read=read), str(tmp_path)]
    _, status = os.waitpid(os.posix_spawn(sys.executable, argv, os.environ), 0)
    assert os.WIFSIGNALED(status) and not os.WCOREDUMP(status)
    assert (tmp_path / "told").read_text() == "(0, 0) 0"
