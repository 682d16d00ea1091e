"""The guides, and the end of the first day's tour."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for

from states.errors import NotFound
from web.access import Access, Route
from web.current import actor, now, office
from web.help.guides import GUIDES, guide_of
from web.help.pictures import size_of
from workflow.people.preferences import take_tour


def help_page() -> Any:
    """The guide of one's own role."""
    return _page(guide_of(actor()).key)


def guide_page(key: str) -> Any:
    """The guide of any role: whoever sits in for somebody may read what he does."""
    return _page(key)


def _page(key: str) -> Any:
    guide = GUIDES.get(key)
    if guide is None:
        raise NotFound(what="guide")
    return render_template("help/help.html", guide=guide, guides=GUIDES.values(), size_of=size_of)


def tour_taken() -> Any:
    """The tour is not shown again."""
    person_id = actor().person_id
    if person_id is not None:
        office().database.write(lambda store: take_tour(store, person_id=person_id, now=now()))
    return redirect(url_for("ledger.home"))


ROUTES = (
    Route("/help", help_page, Access.SIGNED_IN),
    Route("/help/<key>", guide_page, Access.SIGNED_IN),
    Route("/tour", tour_taken, Access.SIGNED_IN, ("POST",)),
)
