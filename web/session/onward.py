"""Where somebody goes on to after signing in or proving himself."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request, url_for


def next_address() -> str:
    """The address that this request tells, if it is one of this site."""
    return own_address(request.values.get("next", ""))


def own_address(told: str) -> str:
    """An address of this site, never another's; where none was told, the first page."""
    parts = urlsplit(told)
    safe = told.startswith("/") and not told.startswith("//") and "\\" not in told and not parts.netloc
    return told if safe else url_for("ledger.home")
