"""A small Flask that has the frame of the pages and nothing behind it, for the tests of the frame."""

from __future__ import annotations

from datetime import date

from flask import Flask
from flask_wtf import CSRFProtect

from web.errors import install_errors
from web.filters import install_filters
from web.language import install_language
from web.security import install_security_headers
from web.shell import Place, Shell, Who
from web.way_back import install_way_back

TODAY = date(2026, 11, 23)
SHELL = Shell(
    places=(
        Place("overview", "/overview"),
        Place("ledger", "/ledger", is_current=True),
        Place("inbox", "/inbox", 23),
        Place("interviews", "/interviews", 6),
        Place("orders", "/orders"),
        Place("messages", "/messages"),
    ),
    who=Who("林静", "县委巡察办督办员"),
    search_url="/search",
    bell_url="/messages",
    unread=7,
    preferences_url="/preferences",
    sign_out_url="/sign-out",
)


def make_frame(shell: Shell = SHELL, *, https: bool = False, today: date = TODAY) -> Flask:
    """An application with languages, filters, headers and errors, whose pages show `shell`."""
    app = Flask("web")
    # A frame without accounts needs no secret that anybody could guess: this one signs only its own CSRF tokens.
    app.config.update(SECRET_KEY="a frame under test", MAX_CONTENT_LENGTH=50 * 1024 * 1024)
    CSRFProtect(app)
    install_language(app)
    install_filters(app, lambda: today)
    install_security_headers(app, https=https)
    install_errors(app)
    install_way_back(app)
    app.context_processor(lambda: {"shell": shell})
    return app
