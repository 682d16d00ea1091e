"""The bell: what I have been told."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for

from web.access import Access, Route
from web.current import actor, now, office
from web.language import current_language
from web.messages import render
from workflow.reads.notices import NoticeView, list_notices, mark_read


def notices_page() -> Any:
    """The newest messages, each with its lines."""
    found = office().database.read(lambda store: list_notices(store, actor()))
    language = current_language()
    told = [(notice, _sentences(notice, language)) for notice in found]
    return render_template("notices/notices.html", notices=told)


def _sentences(notice: NoticeView, language: str) -> list[tuple[str, int | None]]:
    """Each sentence once, with the case it speaks of where that is certain.

    Cases stand once each and lines may have none, so only equal numbers mean that they stand side by side.
    """
    lines, cases = notice.lines, notice.cases
    known: list[int | None] = list(cases) if len(lines) == len(cases) else [cases[0] if len(cases) == 1 else None] * len(lines)
    return list(dict.fromkeys((render(notice.message, line, language), of) for line, of in zip(lines, known, strict=True)))


def read_all() -> Any:
    """Marks everything as read."""
    office().database.write(lambda store: mark_read(store, actor(), now()))
    return redirect(url_for("notices.notices_page"))


ROUTES = (
    Route("/notices", notices_page, Access.SIGNED_IN),
    Route("/notices/read", read_all, Access.SIGNED_IN, ("POST",)),
)
