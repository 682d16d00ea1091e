"""The ledger: figures, views, filters, rows; interviews and orders as ledgers of their own; search; export."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, cast

from flask import flash, make_response, redirect, render_template, request, send_file, url_for
from flask_babel import gettext

from handlers.ledgers.export import Heading, write_ledger
from handlers.ledgers.exporting import columns_of, heading_for, rows_for
from states.errors import BadInput
from web import formatting
from web.access import GET_AND_POST, Access, Route
from web.current import actor, now, office, today
from web.exports.handing import begin, made
from web.help.guides import guide_of
from web.language import current_language
from web.ledger.bar import ALL
from web.ledger.columns import moved, require_columns
from web.ledger.kinds import (
    LEDGER,
    NAMES,
    ORDERS,
    PAGES,
    TALKS,
    TITLES,
    kept_page,
    kinds_on,
    listed_kinds,
    listed_pages,
    pages_of,
)
from web.ledger.listing import listing_of, narrowed
from web.ledger.page import ONWARD, read_head, read_onward, read_page
from web.ledger.questions import (
    COLUMNS,
    Asked,
    as_of_day,
    asked_of,
    asked_of_view,
    days_read,
    names_in,
    number_of,
    query_of,
    spelled,
)
from web.parts import is_part
from web.passing import passing_file
from workflow import views as saved
from workflow.reads import ledger, search
from workflow.reads.counts import count_of
from workflow.reads.query import Query
from workflow.reads.rows import county_name, own_body
from workflow.reads.whole_rows import whole_rows
from workflow.store import Store

# Asks for the figures of a long ledger, whose page comes without them; of the page alone, as `all` is.
FIGURES = "figures"
KEPT_FOR = 365 * 24 * 3600  # seconds
MIMETYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def home() -> Any:
    """Where one's work begins."""
    return redirect(url_for(guide_of(actor()).home))


def ledger_page() -> Any:
    """Every item and clue that this reader may see, and every case of a kind that the county has built."""
    return _page(LEDGER)


def interviews_page() -> Any:
    """The interviews."""
    return _page(TALKS)


def orders_page() -> Any:
    """The supervision orders."""
    return _page(ORDERS)


def _page(endpoint: str) -> Any:
    (asked, unread), base = days_read(asked_of(request.args), today()), url_for(endpoint)

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        listing = listing_of(store, occasion, actor(), base=base, kinds=kinds_on(endpoint, occasion.catalogue), asked=asked)
        if is_head:
            return {"listing": listing, **read_head(listing)}
        kept, is_all = request.cookies.get(kept_columns(endpoint), ""), request.args.get(ALL) == "1"
        if is_onward:
            return read_onward(listing, number_of(request.args[ONWARD]), kept, is_all=is_all)
        waits = FIGURES not in request.args and ledger.is_long(store)
        return read_page(replace(listing, waits=waits), kept, is_all=is_all)

    is_head, is_onward = (name in request.args and is_part() for name in (FIGURES, ONWARD))
    told = office().engine.read(now(), read)
    template = "ledger/head.html" if is_head else "ledger/onward.html" if is_onward else "ledger/ledger.html"
    told |= {"title": gettext(TITLES[endpoint]), "asked": asked, "base": base, "query": told["listing"].query, "unread": unread}
    return render_template(template, is_head=is_head, **told), 400 if unread else 200


def save_view() -> Any:
    """Keeps the filters and columns of the page under a name of one's own; BadInput for what no page has."""
    endpoint, asked = _chosen_page(), asked_of_view(request.form.get("query", ""))
    query_of(asked, listed_kinds(endpoint), today())
    require_columns(names_in(asked.params.get(COLUMNS, "")))
    name, shared, page = request.form.get("name", ""), request.form.get("shared") == "1", kept_page(endpoint)

    def keep(store: Store) -> int:
        return saved.save_view(store, actor=actor(), name=name, query=asked.text, shared=shared, page=page)

    office().database.write(keep)
    flash(gettext("已存为视图"), "toast")
    return redirect(asked.link(url_for(endpoint)))


def _chosen_page() -> str:
    """The list that a form says it stands on; the ledger for any other."""
    return page if (page := request.form.get("page", "")) in PAGES else LEDGER


def choose_columns() -> Any:
    """Which columns the list shows, in which order: for this address, and kept in this browser until others are chosen."""
    form, endpoint = request.form, _chosen_page()
    names = [] if form.get("reset") == "1" else moved(form.getlist("column"), form.get("move", ""))
    told = spelled(require_columns(names)) if names else None
    back = asked_of_view(form.get("query", "")).link(url_for(endpoint), **{COLUMNS: told})
    response = make_response(redirect(back))
    if told is None:
        response.delete_cookie(kept_columns(endpoint))
    else:
        name, secure = kept_columns(endpoint), request.is_secure
        response.set_cookie(name, told, max_age=KEPT_FOR, httponly=True, samesite="Lax", secure=secure)
    return response


def kept_columns(endpoint: str) -> str:
    """The cookie that keeps the columns of a page: each list has its own."""
    return f"duban_columns_{NAMES[endpoint]}"


def drop_view(view_id: int) -> Any:
    """Drops one of one's own views, and stays on its list."""

    def drop(store: Store) -> str:
        page = saved.get_view(store, actor=actor(), view_id=view_id).page
        saved.drop_view(store, actor=actor(), view_id=view_id)
        return page

    page = office().database.write(drop)
    return redirect(url_for(next((one for one in PAGES if kept_page(one) == page), LEDGER)))


def search_page() -> Any:
    """One box: numbers, words in either script, organisations."""
    text = request.args.get("q", "").replace("\0", "").strip()
    engine = office().engine
    found = engine.read(now(), lambda store, occasion: search.find(store, occasion, actor(), text)) if text else search.Found()
    pages = listed_pages()

    def handled(hit: search.PersonHit) -> list[tuple[str, int, str]]:
        """The lists that his cases stand on: title, number and address of each."""
        counted = {page: sum(n for kind, n in hit.by_kind.items() if pages.get(kind) == page) for page in PAGES}
        return [(gettext(TITLES[page]), n, url_for(page, band="all", assignee=hit.id)) for page, n in counted.items() if n]

    return render_template("ledger/search.html", text=text, found=found, handled=handled)


def export(form: str) -> Any:
    """The filtered ledger of one kind as a workbook or a comma-separated file, in the county's columns.

    The rows are read a page at a time into a file that leaves the memory when it grows, and sent from there.
    """
    listed = listed_kinds()
    asked = asked_of(request.args)
    kind = asked.params.get("kind", next(iter(listed), ""))
    asked = asked.with_(kind=kind)
    if kind not in listed:
        raise BadInput(why="unknown_filter", field="kind", value=kind)
    query_of(asked, listed, today())
    mark = begin("ledger", form, office().engine.read(now(), lambda store, occasion: _count(store, occasion, asked)))
    target = passing_file()  # the answer closes it, once it is sent

    def write(store: Any, occasion: Any) -> tuple[Heading, int]:
        definition = occasion.catalogue.of_kind(kind).definition
        query = _query(store, occasion, asked)
        county = county_name(occasion.tree)
        heading = heading_for(definition, county, query.as_of or today(), unit=own_body(occasion.tree, actor()))
        rows = whole_rows(store, occasion, actor(), query)
        printed, columns = rows_for(rows, definition), columns_of(definition)
        file_format = cast('Literal["csv", "xlsx"]', form)  # the route takes only the two
        written = write_ledger(
            printed, columns, heading=heading, target=target, file_format=file_format, mark=mark, passing=passing_file
        )
        return heading, written

    heading, written = office().engine.read(now(), write)
    made(written)
    target.seek(0)
    day = as_of_day(asked, today()) or today()
    # A workbook says on each page whose it is; this can say so nowhere else.
    number = gettext("（编号%(number)s）", number=mark.number) if form == "csv" else ""
    name = f"{heading.title}{formatting.full_day(day, language=current_language())}{number}.{form}"
    return send_file(target, mimetype=MIMETYPES[form], as_attachment=True, download_name=name)


def _count(store: Any, occasion: Any, asked: Asked) -> int:
    return count_of(store, occasion, actor(), _query(store, occasion, asked)).n


def _query(store: Any, occasion: Any, asked: Asked) -> Query:
    page = pages_of(occasion.catalogue)[asked.params["kind"]]
    return narrowed(store, occasion, actor(), asked, kinds_on(page, occasion.catalogue))


ROUTES = (
    Route("/", home, Access.SIGNED_IN),
    Route("/ledger", ledger_page, Access.SIGNED_IN),
    Route("/ledger/views", save_view, Access.SIGNED_IN, ("POST",)),
    Route("/ledger/views/<int:view_id>/drop", drop_view, Access.SIGNED_IN, ("POST",)),
    Route("/ledger/columns", choose_columns, Access.SIGNED_IN, ("POST",)),
    Route("/ledger/export.<any(xlsx, csv):form>", export, Access.SIGNED_IN, GET_AND_POST, fresh=True),
    Route("/interviews", interviews_page, Access.SIGNED_IN),
    Route("/orders", orders_page, Access.SIGNED_IN),
    Route("/search", search_page, Access.SIGNED_IN),
)
