"""Which kinds stand on which page of lists: those that each page is made for, and those that a county has built itself."""

from __future__ import annotations

from states.definition import Definition
from web.current import now, office
from web.language import mark
from workflow.definitions import Catalogue

LEDGER, TALKS, ORDERS = "ledger.ledger_page", "ledger.interviews_page", "ledger.orders_page"
# Interviews and orders have pages of their own.
KINDS_OF = {LEDGER: ("rectification", "clue"), TALKS: ("interview",), ORDERS: ("supervision_order",)}
TITLES = {LEDGER: mark("台账"), TALKS: mark("约谈"), ORDERS: mark("督办单")}


def page_of(definition: Definition) -> str:
    """The page on which the cases of a kind are listed: a talk stands with the talks, whatever else is built on the ledger."""
    made_for = next((page for page, kinds in KINDS_OF.items() if definition.key in kinds), "")
    return made_for or (TALKS if definition.interview else LEDGER)


def kinds_on(page: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The kinds of a page in their order; those that were built follow by their keys, if their definitions list them at all."""
    served = {kind: one.definition for kind, one in sorted(catalogue.current.items())}
    here = (kind for kind, definition in served.items() if definition.ledger and page_of(definition) == page)
    return tuple(dict.fromkeys((*KINDS_OF[page], *here)))


def all_kinds(catalogue: Catalogue) -> tuple[str, ...]:
    """The kinds of every page of lists."""
    return tuple(kind for page in KINDS_OF for kind in kinds_on(page, catalogue))


def listed_kinds(page: str = "") -> tuple[str, ...]:
    """The kinds that stand on a page today, or on any."""
    read = office().engine.read
    return read(now(), lambda _store, occasion: kinds_on(page, occasion.catalogue) if page else all_kinds(occasion.catalogue))
