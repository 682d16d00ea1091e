"""Folders of what lies in the clear for a while: their owner's alone, and gone afterwards, however a process ended.

1. Whoever uses one holds its lock, which the system lets go of when the process dies.
2. One that nobody holds is what a killed process left: the next to come writes over it and removes it.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow.backups import dumps

FOLDER = "passing"


@contextmanager
def made(home: Path, name: str) -> Iterator[Path]:
    """A new folder under `home`'s own for passing things."""
    within = home / FOLDER
    within.mkdir(parents=True, exist_ok=True, mode=0o700)
    with held(Path(tempfile.mkdtemp(prefix=f"{name}-", dir=within))) as folder:
        yield folder


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """The folder, made where it is not there, locked; cleared and removed in the end."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        clear(folder)
        os.close(lock)


def is_left(folder: Path) -> bool:
    """Is the folder there and held by nobody?"""
    try:
        lock = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def sweep(home: Path) -> int:
    """Clears what killed processes have left under `home`; how many folders."""
    left = [folder for folder in (home / FOLDER).glob("*") if is_left(folder)]
    for folder in left:
        clear(folder)
    return len(left)


def clear(folder: Path) -> None:
    """Writes over and removes a folder of passing things; nothing of what did not get to its place stays."""
    if not folder.exists():
        return
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            dumps.wipe(path)
    folder.rmdir()
