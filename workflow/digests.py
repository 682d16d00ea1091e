"""Digests that prove something: made by the suite that the installation has chosen, checked by the one that made them.

Bare hex is SHA-256, `sm3:` and hex is SM3 (GB/T 32905-2016), so that what was written before a change of suite stays true.
The algorithms are OpenSSL's. What only finds a row again (tokens, keys of requests, texts of workflows) is `text.digest`.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from states.errors import NotReady

SHA_256, SM3 = "sha256", "sm3"
# What stands before the hex, by suite.
MARKS = {SHA_256: "", SM3: "sm3:"}


class Hash(Protocol):
    """A hash under way, as `hashlib` makes it."""

    @property
    def name(self) -> str:
        """The algorithm's name."""

    def update(self, data: bytes, /) -> None:
        """Goes on over `data`."""

    def hexdigest(self) -> str:
        """What it has come to."""


def begin(suite: str, data: bytes = b"") -> Hash:
    """A hash of the suite over `data`, to go on with. NotReady no_sm3 where OpenSSL does not offer that."""
    if suite == SHA_256:
        return hashlib.sha256(data)
    if suite not in hashlib.algorithms_available:
        raise NotReady(why=f"no_{suite}")
    return hashlib.new(suite, data)


def end(seen: Hash) -> str:
    """The digest that a hash has come to."""
    return MARKS[seen.name] + seen.hexdigest()


def suite_of(said: object) -> str:
    """The suite that a digest was made by."""
    return SM3 if str(said).startswith(MARKS[SM3]) else SHA_256


def digest(suite: str, *parts: str) -> str:
    """The digest of the parts, one after the other."""
    return end(begin(suite, "\x1f".join(parts).encode()))


def holds(said: object, *parts: str) -> bool:
    """Is it the digest of the parts, by the suite that it names?"""
    return digest(suite_of(said), *parts) == said
