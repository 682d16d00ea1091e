"""Argon2id as cheap as it goes, for tests in which somebody only has to be signed in.

The shipped parameters take a tenth of a second and 64 MiB on purpose; `tests/workflow/people` runs with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from workflow.people import passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
# As the program has them, before any test ran.
SHIPPED, NOBODY = passwords._hasher, passwords.NOBODY


@contextmanager
def cheap_hashing() -> Iterator[None]:
    """Inside, passwords are hashed and tried with the smallest parameters there are."""
    with _hashing(CHEAP, CHEAP.hash(passwords.make())):
        yield


@contextmanager
def shipped_hashing() -> Iterator[None]:
    """Inside, they are hashed and tried as in an office."""
    with _hashing(SHIPPED, NOBODY):
        yield


@contextmanager
def _hashing(hasher: PasswordHasher, nobody: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", hasher)
        patch.setattr(passwords, "NOBODY", nobody)
        yield
