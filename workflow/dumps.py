"""A process that has read a private key leaves no picture of its memory behind, wherever the machine would put it (R46)."""

from __future__ import annotations

import ctypes
import resource
import sys

# prctl(2): whether this process may be dumped, also by a program that the kernel pipes dumps into, which no limit stops.
SET_DUMPABLE = 4


def keep_out_of_dumps() -> None:
    """From here on a crash of this process writes no core, and nobody but root reads its memory; children inherit the limit."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(SET_DUMPABLE, 0, 0, 0, 0)
