"""The register: whether its numbers add up, and who has not signed for what was handed to him."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from states.errors import NotFound
from web.access import Access, Route
from web.current import actor, now, office
from web.ledger.kinds import pages_of
from web.ledger.questions import Asked, query_of
from workflow.occasion import Occasion
from workflow.reads.counts import count_of
from workflow.reads.register import Register, Series, may_reconcile, register
from workflow.store import Store

# What a series counts, and the band of its rows in a list.
BANDS = {"registered": "all", "open": "open", "closed": "closed"}
# Each link costs a count: so many years of a kind have them, the last ones.
LINKED_YEARS = 3
Links = dict[tuple[str, int, str], str]


def register_page() -> Any:
    """The series of numbers with what is missing, and the hand-overs that nobody has signed for."""
    if not may_reconcile(actor()):
        raise NotFound(what="page")

    def read(store: Store, occasion: Occasion) -> tuple[Register, Links]:
        told, pages = register(store, occasion, actor()), pages_of(occasion.catalogue)
        links: Links = {}
        for one in (one for one in told.series if one.kind in pages and one.year > occasion.today.year - LINKED_YEARS):
            links |= _links(store, occasion, one, pages[one.kind])
        return told, links

    told, links = office().engine.read(now(), read)
    return render_template("reports/register.html", told=told, links=links)


def _links(store: Store, occasion: Occasion, one: Series, page: str) -> Links:
    """The address of the rows behind each number of a series, where it opens just as many for this reader.

    The register counts every case; whoever does not see all of them is led to none, nor anybody to those of long ago.
    """
    found: Links = {}
    for name, band in BANDS.items():
        days = {"opened_from": f"{one.year}-01-01", "opened_to": f"{one.year}-12-31"}
        asked = Asked({"kind": one.kind, "band": band, **days})
        seen = count_of(store, occasion, actor(), query_of(asked, (one.kind,)))
        if not seen.is_capped and seen.n == getattr(one, name):
            found[one.kind, one.year, name] = asked.link(url_for(page))
    return found


ROUTES = (Route("/register", register_page, Access.SIGNED_IN),)
