"""A page of a ledger as its template draws it: figures, views, filters, rows, and what to let go where there are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import gettext

from web.language import current_language
from web.ledger.bar import ALL, bar_of
from web.ledger.columns import breadth, chosen_columns, other_columns
from web.ledger.dimensions import grouping_of, overlaps, titles_of
from web.ledger.filters import drops_of, main_filters, more_filters
from web.ledger.groups import groups_of
from web.ledger.kinds import PAGES, kept_page
from web.ledger.listing import Listing, shown
from web.ledger.questions import AFTER, BEFORE, FACET, GROUP, MINE, cursor_of
from web.ledger.talks import read_talks
from workflow import newly_listed
from workflow import views as saved
from workflow.disposal.showing import count_disposed
from workflow.reads import ledger
from workflow.reads.counts import Counts, Figure, count_of, counts, is_nothing_shown
from workflow.reads.dimensions import FACT
from workflow.reads.later import asked_later
from workflow.reads.rows import INSTRUCTED, LedgerRow
from workflow.verbs.open import opening_post

PER_PAGE = 50
# How far a page goes on by itself. Asks for the rows below those that are shown; of the page alone, as `all` is.
ROWS_AT_MOST = 500
ONWARD = "onward"
DOORS_SHOWN = 6
VIEWS_COUNTED = 8
SET = str(True)  # a flag's value in a filter
Tab = tuple[str, int | str, str, bool]


def read_page(listing: Listing, kept_columns: str = "", *, is_all: bool = False) -> dict[str, Any]:
    """Everything the page says. The figures are those of the same filters, whatever view or lateness is chosen.

    `is_all`: every row that matches is chosen for the bulk bar.
    """
    store, occasion, actor = listing.store, listing.occasion, listing.actor
    grouping = grouping_of(listing)
    found = _rows(listing)
    head = read_head(listing)
    columns, is_chosen = chosen_columns(listing, kept_columns)
    groups = groups_of(listing, grouping) if grouping and found.rows else ()
    rows = [row for group in groups for row in group.rows] if groups else list(found.rows)
    has_more = bool(groups or found.next_cursor or found.previous_cursor)
    return {
        "openable": [kind.definition for kind in listing.served if opening_post(actor, kind)],
        "groups": groups,
        "bar": bar_of(listing, rows, None if listing.waits else head["counts"], has_more=has_more, is_all=is_all),
        "groupings": _groupings(listing, grouping),
        "overlaps": bool(grouping) and overlaps(listing, grouping),
        "disposed": _disposed(listing),
        "untold": _untold(listing),
        "is_mine_capped": listing.is_mine_capped(),
        **_page_of(listing, found, rows, is_all=is_all),
        **head,
        "sorts": _sorts(listing),
        "columns": columns,
        "other_columns": other_columns(listing, columns),
        "is_chosen": is_chosen,
        "breadth": breadth(columns),
        "drops": [] if found.rows else drops_of(listing, [*head["filters"], *head["more_filters"]]),
        "sees_nothing": not found.rows and is_nothing_shown(store, occasion, actor, listing.kinds),
    }


def read_onward(listing: Listing, above: int, kept_columns: str = "", *, is_all: bool = False) -> dict[str, Any]:
    """The rows of the next page, for a page that shows `above` rows already and goes on below them."""
    found = _rows(listing)
    columns, _is_chosen = chosen_columns(listing, kept_columns)
    bar = bar_of(listing, list(found.rows), None, has_more=False, is_all=is_all)
    return {**_page_of(listing, found, list(found.rows), above=above, is_all=is_all), "bar": bar, "columns": columns}


def _page_of(
    listing: Listing, found: ledger.Page, rows: list[LedgerRow], *, above: int = 0, is_all: bool = False
) -> dict[str, Any]:
    """The rows and what lies before and after them; `rows` are also those of groups."""
    asked, base, so_far = listing.asked, listing.base, above + len(found.rows)
    after = {AFTER: found.next_cursor.text()} if found.next_cursor else {}
    goes_on = bool(after) and so_far < ROWS_AT_MOST
    return {
        "listing": listing,
        "rows": found.rows,
        "then": listing.query.as_of,
        "asked_later": frozenset() if listing.query.as_of else asked_later(listing.store, rows),
        "shown_rows": so_far,
        "next": asked.link(base, **after) if after else "",
        "onward": asked.link(base, **after, **{ONWARD: so_far, ALL: "1" if is_all else None}) if goes_on else "",
        "previous": asked.link(base, **{BEFORE: found.previous_cursor.text()}) if found.previous_cursor and not above else "",
        "is_first": not found.previous_cursor if found.rows else AFTER not in asked.params,
    }


def _rows(listing: Listing) -> ledger.Page:
    """The rows that the address turns to."""
    place = listing.store, listing.occasion, listing.actor, listing.query
    before = cursor_of(listing.asked, BEFORE)
    if before is not None:
        return ledger.page_before(*place, before=before, limit=PER_PAGE)
    return ledger.page(*place, after=cursor_of(listing.asked), limit=PER_PAGE)


def _disposed(listing: Listing) -> int:
    """How many cases a past day lacks here because they were disposed of since."""
    if listing.query.as_of is None:
        return 0
    return count_disposed(listing.store, listing.occasion, listing.actor, listing.kinds, listing.query.as_of)


def _untold(listing: Listing) -> tuple[list[str], Figure] | None:
    """The facts that a version has begun to list by while older rows are not found by them yet, and how many rows that are."""
    waiting = newly_listed.waiting(listing.store)
    facts = ((field, waiting.get(one.key, {})) for one in listing.definitions for field in one.fields)
    told = {field.key: field.title for field, untold in facts if field.key in untold}
    if not told:
        return None
    bare = [name for name in listing.query.without if not name.startswith(FACT)]
    query = replace(listing.query, facets=(), without_facets=(), without=tuple(bare), untold=tuple(sorted(told)))
    figure = count_of(listing.store, listing.occasion, listing.actor, query)
    return ([title.in_(current_language()) for title in told.values()], figure) if figure.n else None


def read_head(listing: Listing) -> dict[str, Any]:
    """The figures, the tabs with theirs, and the filters; while the page waits for them dots stand for every number."""
    waits = listing.waits
    query = replace(listing.query, late_for="", ids=None)
    told = Counts() if waits else counts(listing.store, listing.occasion, listing.actor, query)
    words = _waiting if waits else shown
    here = next((kept_page(page) for page in PAGES if url_for(page) == listing.base), "")
    own = [view for view in saved.list_views(listing.store, actor=listing.actor) if view.page == here]
    talks = read_talks(listing) if listing.is_of_talks else None
    return {
        "waits": waits,
        "counts": told,
        "talks": talks,
        "shown": words,
        "doors": _doors(listing, told),
        "more_doors": _more_doors(listing, told),
        "views": talks.views if talks else _built_in(listing, told, words),
        "shared_views": _kept(listing, [view for view in own if view.shared], counted=0 if waits else VIEWS_COUNTED),
        "private_views": _kept(listing, [view for view in own if not view.shared], counted=0 if waits else VIEWS_COUNTED),
        "own_views": [view for view in own if view.is_mine],
        "filters": main_filters(listing),
        "more_filters": more_filters(listing),
    }


def _waiting(_figure: Figure) -> str:
    return "…"


def _doors(listing: Listing, told: Counts) -> list[tuple[str, int | str, str]]:
    """At whose door the late ones lie, most first."""
    asked, base = listing.wide, listing.base
    return [
        (door.holder, shown(door.figure), asked.link(base, band="late", late=None, holder=door.holder_id))
        for door in told.late_by_holder[:DOORS_SHOWN]
    ]


def _more_doors(listing: Listing, told: Counts) -> tuple[str, int, str] | None:
    """What lies at the doors that are not shown: all of them, in groups."""
    rest = told.late_by_holder[DOORS_SHOWN:]
    if not rest:
        return None
    href = listing.wide.link(listing.base, band="late", late=None, **{GROUP: "holder"})
    return gettext("另%(n)s个单位", n=len(rest)), sum(door.figure.n for door in rest), href


def _built_in(listing: Listing, told: Counts, words: Callable[[Figure], int | str]) -> list[Tab]:
    """The built-in views, each a band of the same filters; what the reader checks himself is counted once it is asked for."""
    asked, base, is_mine = listing.wide, listing.base, listing.query.ids is not None
    bands = [
        ("open", gettext("全部在办"), told.open),
        ("late", gettext("逾期"), told.late),
        ("soon", gettext("10天内到期"), told.soon),
        ("to_sign", gettext("待签收"), told.to_sign),
        ("waiting_check", gettext("待核验"), told.waiting_check),
        ("closed", gettext("已办结"), told.closed),
    ]
    instructed = _instructed(listing, words)
    is_plain = not (listing.query.late_for or is_mine or any(tab[3] for tab in instructed))
    chosen = listing.query.band if is_plain else ""
    tabs: list[Tab] = [(title, words(n), asked.link(base, band=key, late=None), key == chosen) for key, title, n in bands]
    mine = asked.link(base, band="waiting_check", late=None, **{MINE: "1"})
    number = shown(listing.count(listing.asked)) if is_mine else ""
    return [*tabs[:-1], *instructed, (gettext("待我验收"), number, mine, is_mine), tabs[-1]]


def _instructed(listing: Listing, words: Callable[[Figure], int | str]) -> list[Tab]:
    """What is open and has a leader's instruction, where a kind of the page knows of any."""
    if not _knows_instructed(listing):
        return []
    asked = listing.wide.with_(**{"band": "open", "late": None, f"{FACET}{INSTRUCTED}": SET})
    figure = Figure(0) if listing.waits else listing.count(asked)
    is_chosen = listing.asked.params.get(f"{FACET}{INSTRUCTED}") == SET
    return [(gettext("批示件"), words(figure), asked.link(listing.base), is_chosen)]


def _knows_instructed(listing: Listing) -> bool:
    """Does a kind of the page know leaders' instructions?"""
    return any(INSTRUCTED in one.field_by_key for one in listing.definitions)


def _kept(listing: Listing, views: list[saved.View], counted: int) -> list[Tab]:
    """Saved views with today's number of their rows; beyond the first few the number is left to the page itself."""
    return [
        (
            view.name,
            listing.count_of_view(view.query) if place < counted else "",
            f"{listing.base}?{view.query}",
            view.query == listing.asked.text,
        )
        for place, view in enumerate(views)
    ]


def _groupings(listing: Listing, chosen: str) -> list[tuple[str, None, str, bool]]:
    """What the rows may be grouped by."""
    told = [("", gettext("不分组")), *titles_of(listing)]
    return [(title, None, listing.asked.link(listing.base, **{GROUP: key or None}), key == chosen) for key, title in told]


def _sorts(listing: Listing) -> list[tuple[str, None, str, bool]]:
    """The orders that rows can stand in."""
    titles = {
        "due": gettext("期限"),
        **({"instructed": gettext("批示件在前")} if _knows_instructed(listing) else {}),
        "number": gettext("编号"),
        "changed": gettext("最近变动"),
        "official": gettext("乡镇次序"),
    }
    chosen = listing.query.sort
    newest = {"changed": "1"}  # changes are looked at from the newest on
    return [
        (title, None, listing.asked.link(listing.base, sort=key, down=newest.get(key)), key == chosen)
        for key, title in titles.items()
    ]
