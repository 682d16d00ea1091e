"""Which kinds stand on which page of lists: as their definitions say, so that a kind that a county has built is one of them."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.rungs.orders import orders_in
from states.definition import Definition
from web.current import now, office
from web.language import mark
from web.wiring import shipped_kinds
from workflow.definitions import Catalogue

LEDGER, TALKS, ORDERS = "ledger.ledger_page", "ledger.interviews_page", "ledger.orders_page"
PAGES = (LEDGER, TALKS, ORDERS)
# What a page is called in cookies and addresses.
NAMES = {page: page.removeprefix("ledger.").removesuffix("_page") for page in PAGES}
TITLES = {LEDGER: mark("台账"), TALKS: mark("约谈"), ORDERS: mark("督办单")}
# No kind is called so: a page without kinds shows nothing, where no kind at all would mean every one.
NONE = ("",)


def pages_of(catalogue: Catalogue) -> Mapping[str, str]:
    """The page of every kind that is listed: talks, and the orders that ladders issue, have pages of their own.

    The kinds stand in the order of the pages; on each what came with the program, and of that what may come to a talk, is
    first, and what a county has built follows by its key.
    """
    served = [one.definition for one in catalogue.current.values()]
    orders = orders_in(served)
    told = [(one, TALKS if one.interview else ORDERS if one.key in orders else LEDGER) for one in served if one.ledger]
    told.sort(key=lambda each: (PAGES.index(each[1]), *_place(each[0])))
    return {one.key: page for one, page in told}


def _place(definition: Definition) -> tuple[bool, bool, str]:
    return definition.key not in shipped_kinds(), not definition.on_agenda, definition.key


def kept_page(page: str) -> str:
    """What a kept view says of its list: nothing for the ledger."""
    return "" if page == LEDGER else NAMES[page]


def kinds_on(page: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The kinds of a page in their order."""
    return tuple(kind for kind, where in pages_of(catalogue).items() if where == page) or NONE


def all_kinds(catalogue: Catalogue) -> tuple[str, ...]:
    """The kinds of every page of lists, those of the ledger first."""
    return tuple(pages_of(catalogue))


def listed_kinds(page: str = "") -> tuple[str, ...]:
    """The kinds that stand on a page today, or on any."""
    read = office().engine.read
    return read(now(), lambda _store, occasion: kinds_on(page, occasion.catalogue) if page else all_kinds(occasion.catalogue))


def listed_pages() -> Mapping[str, str]:
    """The page of every kind that is listed today."""
    return office().engine.read(now(), lambda _store, occasion: pages_of(occasion.catalogue))
