"""The ledger: figures, views, filters, rows; interviews and orders as ledgers of their own; search; export; bulk reminders."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from handlers.ledgers.export import write_ledger
from handlers.ledgers.exporting import columns_of, heading_for, rows_for
from states.errors import DomainError
from web.access import Access, Route
from web.current import actor, now, office, today
from web.errors import problem_of
from web.language import current_language
from web.ledger.questions import Asked, asked_of, query_of
from workflow import views as saved
from workflow.reads import ledger, search
from workflow.reads.counts import Counts, counts
from workflow.reads.query import Cursor
from workflow.reads.whole_rows import whole_rows

# What the ledger itself lists; interviews and orders have pages of their own.
LEDGER_KINDS = ("rectification", "clue")
PER_PAGE = 50
MOST_AT_ONCE = 200


def home() -> Any:
    """Where work begins: the ledger for an inspection office and the leading group, the inbox for everybody else."""
    kinds = {grant.organ_kind for grant in actor().grants}
    page = "ledger.ledger_page" if kinds & {"inspection_office", "leading_group"} else "inbox.inbox_page"
    return redirect(url_for(page))


def ledger_page() -> Any:
    """Every item and clue that this reader may see."""
    return _page("ledger.ledger_page", gettext("台账"), LEDGER_KINDS)


def interviews_page() -> Any:
    """The interviews."""
    return _page("ledger.interviews_page", gettext("约谈"), ("interview",))


def orders_page() -> Any:
    """The supervision orders."""
    return _page("ledger.orders_page", gettext("督办单"), ("supervision_order",))


def _page(endpoint: str, title: str, kinds: tuple[str, ...]) -> Any:
    asked = asked_of(request.args.to_dict())
    query = query_of(asked, kinds)
    after = Cursor.read(asked.params["after"]) if "after" in asked.params else None
    base = url_for(endpoint)

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        found = ledger.page(store, occasion, actor(), query, after=after, limit=PER_PAGE)
        told = counts(store, occasion, actor(), query)
        return {
            "rows": found.rows,
            "next": asked.link(base) + ("&" if "?" in asked.link(base) else "?") + f"after={found.next_cursor.text()}"
            if found.next_cursor
            else "",
            "counts": told,
            "views": _views(asked, base, told),
            "own_views": saved.list_views(store, actor=actor()),
            "filters": _filters(asked, base, occasion, kinds),
        }

    told = office().engine.read(now(), read)
    return render_template(
        "ledger/ledger.html", title=title, asked=asked, base=base, query=query, is_first=after is None, **told
    )


def _views(asked: Asked, base: str, told: Counts) -> list[tuple[str, int, str, bool]]:
    """The built-in views, each a band of the same filters."""
    band = asked.params.get("band", "open")
    shown = [
        ("open", gettext("全部在办"), told.open.n),
        ("late", gettext("逾期"), told.late.n),
        ("soon", gettext("10天内到期"), told.soon.n),
        ("to_sign", gettext("待签收"), told.to_sign.n),
        ("waiting_check", gettext("待核验"), told.waiting_check.n),
        ("closed", gettext("已销号"), told.closed.n),
    ]
    return [(title, n, asked.link(base, band=key, late=None), key == band) for key, title, n in shown]


def _filters(asked: Asked, base: str, occasion: Any, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    """Each filter with its choices as links, in the county's official order."""
    language, tree = current_language(), occasion.tree
    townships = sorted((a for a in tree.areas.values() if a.level == "township"), key=lambda a: tree.area_rank[a.id])
    current = occasion.catalogue.current
    on_ledger = [current[kind].definition for kind in LEDGER_KINDS if kind in current]
    is_own = kinds != LEDGER_KINDS
    chosen = [current[k].definition for k in (kinds if is_own else asked.params.get("kind", "").split(",")) if k in current]
    found = [_filter(asked, base, "area", gettext("乡镇"), [(str(a.id), a.short_name or a.name) for a in townships])]
    if not is_own:
        options = [(d.key, d.title.in_(language)) for d in on_ledger]
        found.append(_filter(asked, base, "kind", gettext("类型"), options))
    for definition in chosen:
        states = [(s.key, s.phrase.in_(language)) for s in definition.states]
        found.append(_filter(asked, base, "state", gettext("状态"), states))
        for field in definition.fields:
            if field.filter and field.choices:
                choices = [(c.key, c.title.in_(language)) for c in field.choices]
                found.append(_filter(asked, base, f"f.{field.key}", field.title.in_(language), choices))
    return found


def _filter(asked: Asked, base: str, name: str, title: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    chosen = asked.params.get(name, "")
    words = dict(options).get(chosen, gettext("全部"))
    choices = [(gettext("全部"), None, asked.link(base, **{name: None}), not chosen)]
    choices += [(text, None, asked.link(base, **{name: key}), key == chosen) for key, text in options]
    return {"title": title, "value": words, "is_set": bool(chosen), "choices": choices}


def save_view() -> Any:
    """Keeps the filters of the page under a name of one's own."""
    name, query, shared = request.form.get("name", ""), request.form.get("query", ""), request.form.get("shared") == "1"
    office().database.write(lambda store: saved.save_view(store, actor=actor(), name=name, query=query, shared=shared))
    flash(gettext("已存为视图"), "toast")
    return redirect(f"{url_for('ledger.ledger_page')}?{query}")


def drop_view(view_id: int) -> Any:
    """Drops one of one's own views."""
    office().database.write(lambda store: saved.drop_view(store, actor=actor(), view_id=view_id))
    return redirect(url_for("ledger.ledger_page"))


def bulk() -> Any:
    """Reminds about many at once, each with its own result."""
    ids = [int(text) for text in request.form.getlist("case") if text.isdecimal()][:MOST_AT_ONCE]
    data = {"remind_by": "system"} if request.form.get("verb") == "remind" else {}
    results = office().engine.fire_many(ids, "remind", actor=actor(), now=now(), data=data)
    refused = [(case_id, problem_of(told)) for case_id, told in results if isinstance(told, DomainError)]
    return render_template("ledger/bulk.html", done=len(results) - len(refused), of=len(results), refused=refused)


def search_page() -> Any:
    """One box: numbers, words in either script, organisations."""
    text = request.args.get("q", "").strip()
    found = office().engine.read(now(), lambda store, occasion: search.find(store, occasion, actor(), text)) if text else None
    return render_template("ledger/search.html", text=text, found=found)


def export(form: str) -> Any:
    """The filtered ledger of one kind as a workbook or a comma-separated file, in the county's columns."""
    asked = asked_of(request.args.to_dict())
    kind = asked.params.get("kind", "rectification").split(",")[0]
    target = io.BytesIO()

    def write(store: Any, occasion: Any) -> None:
        definition = occasion.catalogue.of_kind(kind).definition
        county = next((area.name for area in occasion.tree.areas.values() if area.level == "county"), "")
        rows = whole_rows(store, occasion, actor(), query_of(asked, (kind,)))
        heading = heading_for(kind, county, today())
        write_ledger(rows_for(rows, definition), columns_of(definition), heading=heading, target=target, file_format=form)  # type: ignore[arg-type]  # the route takes only the two

    office().engine.read(now(), write)
    mimetype = "text/csv" if form == "csv" else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    headers = {"Content-Disposition": f"attachment; filename=ledger-{today().isoformat()}.{form}"}
    return Response(target.getvalue(), mimetype=mimetype, headers=headers)


ROUTES = (
    Route("/", home, Access.SIGNED_IN),
    Route("/ledger", ledger_page, Access.SIGNED_IN),
    Route("/ledger/views", save_view, Access.SIGNED_IN, ("POST",)),
    Route("/ledger/views/<int:view_id>/drop", drop_view, Access.SIGNED_IN, ("POST",)),
    Route("/ledger/bulk", bulk, Access.SIGNED_IN, ("POST",)),
    Route("/ledger/export.<any(xlsx, csv):form>", export, Access.SIGNED_IN),
    Route("/interviews", interviews_page, Access.SIGNED_IN),
    Route("/orders", orders_page, Access.SIGNED_IN),
    Route("/search", search_page, Access.SIGNED_IN),
)
