"""The bulk bar of a ledger page: which steps it offers for the rows that are shown, and whether all that match are chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext

from web.bulk.asking import PRESSING, REMIND, URGE, Verb
from web.language import said
from web.ledger.listing import Listing, shown
from workflow.reads.counts import Counts, Figure
from workflow.reads.many import Offer, offers_of
from workflow.reads.rows import LedgerRow

# Saying that all that match are meant; of the page alone, so that no view and no other filter keeps it.
ALL = "all"


@dataclass(frozen=True, slots=True)
class Bar:
    """`verbs` are (words, value, sign); `of_row` says by id which of them each row is open to.

    `is_all`: every row that matches is chosen, `total` in words. `turn` leads to choosing all, or back to the ticks, and is ""
    where the page shows all there are; `turn_text` says so, or why it cannot be.
    """

    verbs: tuple[tuple[str, str, str], ...]
    of_row: Mapping[int, str]
    is_all: bool
    total: int | str
    turn: str
    turn_text: str


def bar_of(listing: Listing, rows: list[LedgerRow], told: Counts | None, *, has_more: bool, is_all: bool) -> Bar:
    """The bar for the rows shown, of a list that may have more; `told` are the figures of the page where it has them."""
    offers = offers_of(listing.occasion.catalogue, listing.actor, rows, PRESSING)
    total = _total(listing, told) if has_more or is_all else Figure(len(rows))
    turn, text = _turn(listing, total, has_more=has_more, is_all=is_all)
    of_row = {row.id: " ".join([*_reminders(row), *[Verb(o.trigger, o.kind).value for o in offers[row.id]]]) for row in rows}
    return Bar(tuple(_verbs(rows, offers)), of_row, is_all and not total.is_capped, shown(total), turn, text)


def _total(listing: Listing, told: Counts | None) -> Figure:
    """How many match: a figure of the page where it is one of them, else counted."""
    query = listing.query
    known = getattr(told, query.band, None)
    if isinstance(known, Figure) and not query.late_for and query.ids is None:
        return known
    return listing.count(listing.asked)


def _turn(listing: Listing, total: Figure, *, has_more: bool, is_all: bool) -> tuple[str, str]:
    if total.is_capped:
        return "", gettext("共%(n)s项，筛到10,000项以内才能全选", n=shown(total))
    if is_all:
        return listing.asked.link(listing.base), gettext("改为逐项勾选")
    if has_more:
        return listing.asked.link(listing.base, **{ALL: "1"}), gettext("改选全部%(n)s项", n=f"{total.n:,}")
    return "", ""


def _reminders(row: LedgerRow) -> list[str]:
    if row.closed_on is not None or row.seen_upto is not None:
        return []
    return [REMIND, URGE] if row.is_signing else [REMIND]


def _verbs(rows: list[LedgerRow], offers: Mapping[int, Iterable[Offer]]) -> Iterable[tuple[str, str, str]]:
    yield gettext("催办"), REMIND, "bell"
    if any(row.is_signing for row in rows):
        yield gettext("催签收"), URGE, "bell"
    known = dict.fromkeys(offer for found in offers.values() for offer in found)
    titles = [said(offer.title) for offer in known]
    for offer, title in zip(known, titles, strict=True):
        # The forms of two kinds differ, so the kind is said where both are on the page.
        words = gettext("%(step)s（%(kind)s）", step=title, kind=said(offer.kind_title)) if titles.count(title) > 1 else title
        yield words, Verb(offer.trigger, offer.kind).value, ""
