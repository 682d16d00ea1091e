"""How long what a page shows may be read (R41): nobody keeps the database from the others by what he asks.

Only what is asked with GET or HEAD has the bound. A step, a preview, an export, a command and the night take their time.
"""

from __future__ import annotations

from flask import Flask, g, has_request_context, request

from web.current import office


def install_patience(app: Flask) -> None:
    """Whatever a request of this site reads has the bound of the settings."""
    app.extensions["duban"].database.seconds_to_read = _seconds


def take_time() -> None:
    """The rest of this request is read for as long as it needs."""
    g.takes_time = True


def _seconds() -> int:
    # The scheduler reads from the same database, for nobody.
    if not has_request_context() or request.method not in ("GET", "HEAD") or g.get("takes_time"):
        return 0
    return office().settings.query_seconds
