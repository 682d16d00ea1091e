"""Secrets that lie in files: made once, at random, readable by their owner only, and refused where they could be known.

One file for one purpose, and no two purposes with the same secret: who learns how forms are signed opens no sealed field.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

BYTES = 32
# A secret out of the random generator is 64 hexadecimal digits with some 14 different ones; one that was typed has few.
AT_LEAST = 32
DIFFERENT_AT_LEAST = 10
# Secrets of public texts long enough to pass the rule above: those of frameworks' own guides and of their default settings.
KNOWN = frozenset(
    (
        "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",  # pragma: allowlist secret
        "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET",
        "YOUR_OWN_RANDOM_GENERATED_SECRET_KEY",
        "TEST_NON_DEV_SECRET_KEY_AT_LEAST_32_CHARS",
        "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz",
        "0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    )
)


class WeakSecret(ValueError):
    """A secret that must not be used; the text says which file and why."""


def secret_of(path: Path) -> str:
    """The secret of a file, made there where none is. WeakSecret for one that is open, short, typed or known."""
    if not path.exists():
        _make(path)
    found = path.read_text(encoding="ascii", errors="replace").strip()
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise WeakSecret(f"{path}: others may read it; say chmod 600")
    if len(found) < AT_LEAST or len(set(found)) < DIFFERENT_AT_LEAST:
        raise WeakSecret(f"{path}: too short or too plain; remove the file and another is made")
    if found in KNOWN:
        raise WeakSecret(f"{path}: this secret is published; remove the file and another is made")
    return found


def _make(path: Path) -> None:
    """Another process may do the same at this moment: the first whole file stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
