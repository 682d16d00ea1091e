"""The head of the page of talks: at which stage they stand, how many are past their date; each number opens its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask_babel import gettext

from web.language import said
from web.ledger.listing import Listing, shown
from workflow.reads.counts import Counts, counts
from workflow.reads.talk_figures import talk_figures, uncounted

Tab = tuple[str, int | str, str, bool]


@dataclass(frozen=True, slots=True)
class TalkHead:
    """`figures` are (words, number, address, is it late) for the strip, `views` the tabs."""

    figures: tuple[tuple[str, int | str, str, bool], ...]
    views: tuple[Tab, ...]


def read_talks(listing: Listing) -> TalkHead:
    """The figures of the same filters, whatever stage or lateness is chosen; dots while the page waits for them."""
    store, occasion, actor = listing.store, listing.occasion, listing.actor
    query = replace(listing.query, states=(), late_for="", ids=None)
    found = uncounted(occasion) if listing.waits else talk_figures(store, occasion, actor, query)
    told = Counts() if listing.waits else counts(store, occasion, actor, query)
    stages: list[Tab] = [_tab(listing, said(one.phrase), one.n, "open", one.state) for one in found.stages]
    late = _tab(listing, gettext("逾期"), found.late, "late")
    tabs = (
        _tab(listing, gettext("全部在办"), found.open, "open"),
        *stages,
        late,
        _tab(listing, gettext("10天内到期"), shown(told.soon), "soon"),
        _tab(listing, gettext("已办结"), shown(told.closed), "closed"),
    )
    return TalkHead(tuple((title, n, href, title == late[0]) for title, n, href, _is_chosen in tabs), tabs)


def _tab(listing: Listing, title: str, n: int | str, band: str, state: str | None = None) -> Tab:
    query = listing.query
    is_chosen = not query.late_for and query.band == band and query.states == ((state,) if state else ())
    href = listing.wide.link(listing.base, band=band, state=state, late=None)
    return title, "…" if listing.waits else n, href, is_chosen
