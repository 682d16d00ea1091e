"""The bell: what I have been told."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for

from web.access import Access, Route
from web.current import actor, now, office
from web.language import current_language
from web.messages import render
from workflow.reads.notices import list_notices, mark_read


def notices_page() -> Any:
    """The newest messages, each with its lines."""
    found = office().database.read(lambda store: list_notices(store, actor()))
    language = current_language()
    told = [(notice, list(dict.fromkeys(render(notice.message, line, language) for line in notice.lines))) for notice in found]
    return render_template("notices/notices.html", notices=told)


def read_all() -> Any:
    """Marks everything as read."""
    office().database.write(lambda store: mark_read(store, actor(), now()))
    return redirect(url_for("notices.notices_page"))


ROUTES = (
    Route("/notices", notices_page, Access.SIGNED_IN),
    Route("/notices/read", read_all, Access.SIGNED_IN, ("POST",)),
)
