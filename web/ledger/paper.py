"""The filtered ledger as offices print it: A3 or A4 lying, in the county's order, each township on its pages; or a workbook."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from flask import render_template, request, send_file, url_for
from flask_babel import gettext

from handlers.ledgers.export import Heading, Paper, PaperSize, write_ledger
from handlers.ledgers.exporting import heading_for
from handlers.ledgers.heads import heads_of
from handlers.ledgers.paper import paper_columns, paper_rows, townships_of
from states.definition import Definition
from states.errors import BadInput
from states.shut import keeps_secrets
from web import formatting
from web.access import GET_AND_POST, Access, Route
from web.current import actor, now, office, today
from web.exports.handing import begin, made
from web.language import current_language
from web.ledger.kinds import kinds_on, listed_pages
from web.ledger.listing import narrowed
from web.ledger.questions import AFTER, FACET, GROUP, Asked, asked_of, query_of
from web.ledger.views import MIMETYPES
from web.passing import passing_file
from workflow.occasion import Occasion
from workflow.reads.counts import count_of
from workflow.reads.query import Query
from workflow.reads.rows import county_name, own_body
from workflow.reads.whole_rows import whole_rows
from workflow.store import Store

SIZES: tuple[PaperSize, ...] = ("a3", "a4")
# A browser lays out so many at a time without making its reader wait; the workbook has all of them.
ITEMS_ON_PAGE = 2_000
ROUND = f"{FACET}round"


@dataclass(frozen=True, slots=True)
class Print:
    """What an address wants printed: one kind, on one size of paper; and the page of lists that the kind stands on."""

    asked: Asked
    kind: str
    page: str
    size: PaperSize

    def link(self, endpoint: str, **changes: str) -> str:
        """The address of the same with some parameters changed."""
        return self.asked.link(url_for(endpoint), **{"kind": self.kind, "paper": self.size, **changes})

    @property
    def back(self) -> str:
        """The ledger that this is printed from."""
        return self.asked.without("kind").link(url_for(self.page))


def _wanted() -> Print:
    """BadInput for a kind that has no ledger and for paper that nobody has."""
    asked, listed = asked_of(request.args).without(AFTER, GROUP, "sort", "down"), listed_pages()
    kind, size = asked.params.get("kind", next(iter(listed), "")), request.args.get("paper") or SIZES[0]
    if kind not in listed:
        raise BadInput(why="unknown_filter", field="kind", value=kind)
    if size not in SIZES:
        raise BadInput(why="unknown_paper")
    asked = Asked({**asked.params, "kind": kind})
    query_of(asked, tuple(listed), today())
    return Print(asked, kind, listed[kind], size)


def paper_page() -> Any:
    """The pages as they print: as many items as a browser lays out, and a sentence where there are more."""
    wanted = _wanted()

    def read(store: Store, occasion: Occasion) -> dict[str, Any]:
        definition, query = _asked_of(store, occasion, wanted)
        rows = list(islice(whole_rows(store, occasion, actor(), query), ITEMS_ON_PAGE + 1))
        columns = paper_columns(definition)
        townships = townships_of(paper_rows(rows[:ITEMS_ON_PAGE], definition), columns)
        return {
            "heading": _heading(occasion, definition, wanted, query),
            "columns": columns,
            "heads": heads_of([(one.column.group, one.column.title) for one in columns]),
            "first_sum": next((at for at, one in enumerate(columns) if one.column.total), len(columns)),
            "townships": tuple(townships),
            "is_cut": len(rows) > ITEMS_ON_PAGE,
            "is_secret": keeps_secrets(definition),
            "n": min(len(rows), ITEMS_ON_PAGE),
            "kinds": _kinds(occasion, wanted),
        }

    told = office().engine.read(now(), read)
    mark = begin("paper", "print", told["n"])
    made(told["n"])
    return render_template("ledger/paper.html", wanted=wanted, made_by=actor().name, most=ITEMS_ON_PAGE, mark=mark, **told)


def paper_book() -> Any:
    """All of it as a workbook that prints the same, a page at a time in memory."""
    wanted = _wanted()
    mark = begin("paper", "xlsx", office().engine.read(now(), lambda store, occasion: _count(store, occasion, wanted)))
    target = passing_file()  # the answer closes it, once it is sent

    def write(store: Store, occasion: Occasion) -> tuple[str, int]:
        definition, query = _asked_of(store, occasion, wanted)
        heading, rows = _heading(occasion, definition, wanted, query), whole_rows(store, occasion, actor(), query)
        columns = [one.column for one in paper_columns(definition)]
        paper = Paper(wanted.size, actor().name, gettext("县直"))
        lines = paper_rows(rows, definition)
        written = write_ledger(lines, columns, heading=heading, target=target, paper=paper, mark=mark, passing=passing_file)
        return f"{heading.title}{formatting.full_day(query.as_of or today(), language=current_language())}", written

    name, written = office().engine.read(now(), write)
    made(written)
    target.seek(0)
    return send_file(target, mimetype=MIMETYPES["xlsx"], as_attachment=True, download_name=f"{name}.xlsx")


def _asked_of(store: Store, occasion: Occasion, wanted: Print) -> tuple[Definition, Query]:
    """The kind, and its rows in the county's order of townships."""
    definition = occasion.catalogue.of_kind(wanted.kind).definition
    query = narrowed(store, occasion, actor(), wanted.asked, kinds_on(wanted.page, occasion.catalogue))
    return definition, replace(query, sort="official", descending=False)


def _count(store: Store, occasion: Occasion, wanted: Print) -> int:
    return count_of(store, occasion, actor(), _asked_of(store, occasion, wanted)[1]).n


def _heading(occasion: Occasion, definition: Definition, wanted: Print, query: Query) -> Heading:
    county = county_name(occasion.tree)
    told = {"unit": own_body(occasion.tree, actor()), "inspection": wanted.asked.params.get(ROUND, "")}
    return heading_for(definition, county, query.as_of or today(), **told)


def _kinds(occasion: Occasion, wanted: Print) -> list[tuple[str, str, bool]]:
    """The other kinds of the same page, which print by themselves."""
    kinds = kinds_on(wanted.page, occasion.catalogue)
    titles = {kind: occasion.catalogue.of_kind(kind).definition.title.in_(current_language()) for kind in kinds}
    return [(title, wanted.link("ledger.paper_page", kind=kind), kind == wanted.kind) for kind, title in titles.items()]


ROUTES = (
    Route("/ledger/paper", paper_page, Access.SIGNED_IN, GET_AND_POST),
    Route("/ledger/paper.xlsx", paper_book, Access.SIGNED_IN, GET_AND_POST, fresh=True),
)
