"""Random tokens that stand for a person: only their SHA-256 is ever stored."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token(prefix: str = "") -> str:
    """256 random bits as URL-safe text."""
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """What is stored of a token: looked up by its digest, so no secret is ever compared byte by byte."""
    return hashlib.sha256(token.encode()).hexdigest()
