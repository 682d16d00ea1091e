"""What a ledger page asks, with everything its parts read it from: the address, the query, the reader and his database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from states.definition import Definition
from states.errors import BadInput
from web.ledger.kinds import LEDGER, kinds_on
from web.ledger.questions import MINE, Asked, asked_of_view, query_of
from workflow.definitions import Served
from workflow.occasion import Occasion
from workflow.reads import ledger
from workflow.reads.counts import Figure, count_of
from workflow.reads.query import Query
from workflow.reads.stood import occasion_of
from workflow.store import Store
from workflow.types import Actor

MIXED_KINDS = 2  # a page of that many kinds is a mixed one


@dataclass(frozen=True, slots=True)
class Listing:
    """A page's address (`base`), the kinds that stand on it, and what is asked of them.

    `waits`: the ledger is so long that its rows come at once, and whatever has to be counted comes after them.
    """

    store: Store
    occasion: Occasion
    actor: Actor
    base: str
    kinds: tuple[str, ...]
    asked: Asked
    query: Query
    waits: bool = False

    @property
    def today(self) -> date:
        """The day that windows of limits are counted from."""
        return self.occasion.today

    @property
    def is_mixed(self) -> bool:
        """Does the page hold several kinds, among which the reader may choose?"""
        return len(self.kinds) >= MIXED_KINDS

    @property
    def is_ledger(self) -> bool:
        """Is it the ledger itself?"""
        return self.kinds == kinds_on(LEDGER, self.occasion.catalogue)

    @property
    def is_of_talks(self) -> bool:
        """Does the page hold talks alone, whose figures are their own?"""
        return bool(self.served) and all(one.interview for one in self.all_definitions)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The definitions of the kinds asked for."""
        return tuple(one for one in self.all_definitions if one.key in self.query.kinds)

    @property
    def all_definitions(self) -> tuple[Definition, ...]:
        """The definitions of the page's kinds that are served."""
        return tuple(one.definition for one in self.served)

    @property
    def served(self) -> tuple[Served, ...]:
        """The page's kinds as they are served."""
        current = self.occasion.catalogue.current
        return tuple(current[kind] for kind in self.kinds if kind in current)

    @property
    def wide(self) -> Asked:
        """The same address for everybody's work, not only what the reader checks: what views and figures lead to."""
        return self.asked.without(MINE)

    def query_for(self, asked: Asked) -> Query:
        """The query of another address of this page."""
        return narrowed(self.store, self.occasion, self.actor, asked, self.kinds)

    def is_mine_capped(self) -> bool:
        """Is more reported than was looked through for what the reader may check himself?"""
        if self.query.ids is None:
            return False
        return count_of(self.store, self.occasion, self.actor, Query(kinds=self.kinds, band="waiting_check")).n > ledger.MOST

    def count(self, asked: Asked) -> Figure:
        """How many rows the page would show for another address."""
        return count_of(self.store, self.occasion, self.actor, self.query_for(asked))

    def count_of_view(self, query: str) -> int | str:
        """How many rows a saved view has today, in words beyond the cap; "" for a view whose filters are no more."""
        try:
            return shown(self.count(asked_of_view(query)))
        except BadInput:
            return ""


def listing_of(store: Store, occasion: Occasion, actor: Actor, *, base: str, kinds: tuple[str, ...], asked: Asked) -> Listing:
    """The listing of an address; BadInput for a value that no filter has."""
    query = narrowed(store, occasion, actor, asked, kinds)
    return Listing(store, occasion_of(query.as_of, occasion), actor, base, kinds, asked, query)


def narrowed(store: Store, occasion: Occasion, actor: Actor, asked: Asked, kinds: tuple[str, ...]) -> Query:
    """The query of an address for this reader: what he may check himself is looked up for him."""
    query = query_of(asked, kinds, occasion.today)
    if MINE not in asked.params:
        return query
    return replace(query, ids=ledger.to_check(store, occasion, actor, kinds))


def shown(figure: Figure) -> int | str:
    """The figure as it is printed: beyond the cap it is a lower bound, and says so."""
    return f"{figure.n:,}+" if figure.is_capped else figure.n
