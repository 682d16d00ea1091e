"""The reports: what there are, each on the page, on paper and as a workbook; what has secrets is a sheet of its own."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, send_file
from flask_babel import gettext

from handlers.ledgers.report_sheet import write_report
from states.definition import Definition
from states.errors import BadInput
from web import formatting
from web.access import GET_AND_POST, Access, Route
from web.current import actor, now, office, today
from web.exports.handing import begin, made
from web.language import current_language
from web.ledger.views import MIMETYPES
from web.reports import register
from web.reports.asking import DAY, LEADER, Wanted, offered, wanted_of
from web.reports.paper import paper_of
from web.reports.words import REPORTS as TITLES
from workflow.occasion import Occasion
from workflow.reads.counts import is_nothing_shown
from workflow.reads.dimensions import FACT
from workflow.reads.groups import group_by
from workflow.reads.query import Query
from workflow.reads.register import may_reconcile
from workflow.reports.periods import Period, after, before, last_over
from workflow.reports.registry import REPORTS
from workflow.store import Store

EARLIER = 4  # periods offered on the list, besides the last
Choice = tuple[str, None, str, bool]


@dataclass(frozen=True, slots=True)
class Offer:
    """A report of a kind, with its last periods in words and their addresses, the newest first."""

    title: str
    periods: tuple[tuple[str, str], ...]


def reports_page() -> Any:
    """What there is to print, for what this reader may see."""

    def read(store: Store, occasion: Occasion) -> dict[str, Any]:
        kinds = offered(store, occasion, actor())
        offers = [(kind, [_offer(name, kind) for name in REPORTS]) for kind in kinds]
        nothing = is_nothing_shown(store, occasion, actor(), tuple(kind.key for kind in kinds))
        return {"offers": offers, "sees_nothing": nothing, "may_reconcile": may_reconcile(actor())}

    return render_template("reports/reports.html", **office().engine.read(now(), read))


def report_page(name: str) -> Any:
    """A report on the page, as it prints."""
    wanted = wanted_of(name, request.args.to_dict(), today())
    page = render_template("reports/report.html", wanted=wanted, **_read(wanted), **_around(wanted))
    return page, 400 if wanted.unread else 200


def report_book(name: str) -> Any:
    """The same as a workbook."""
    wanted, target = wanted_of(name, request.args.to_dict(), today()), io.BytesIO()
    if wanted.unread:
        raise BadInput(why="unknown_filter", field=DAY[name], value=wanted.unread)
    paper = _read(wanted)["paper"]
    lines = sum(len(section.rows) for section in paper.sections)
    write_report(paper, target, begin("report", "xlsx", lines))
    made(lines)
    target.seek(0)
    day = formatting.full_day(wanted.period.last, language=current_language())
    return send_file(target, mimetype=MIMETYPES["xlsx"], as_attachment=True, download_name=f"{paper.title}{day}.xlsx")


def _read(wanted: Wanted) -> dict[str, Any]:
    """The report in words, and the kinds and leaders that there are sheets of."""

    def read(store: Store, occasion: Occasion) -> dict[str, Any]:
        kind = wanted.kind(store, occasion, actor())
        sheet = wanted.sheet(occasion, kind)
        report = REPORTS[wanted.name].make(store, occasion, actor(), sheet)
        return {
            "paper": paper_of(wanted, occasion, kind, sheet, report),
            "kinds": [_kind_choice(wanted, one, one is kind) for one in offered(store, occasion, actor())],
            "leaders": _leaders(store, occasion, wanted, kind),
        }

    return office().engine.read(now(), read)


def _kind_choice(wanted: Wanted, kind: Definition, is_chosen: bool) -> tuple[str, str, bool]:
    return kind.title.in_(current_language()), wanted.of_leader(None, kind=kind.key), is_chosen


def _leaders(store: Store, occasion: Occasion, wanted: Wanted, kind: Definition) -> list[Choice]:
    """The county leaders who have items of their own; none where the kind does not say."""
    field = kind.field_by_key.get(LEADER)
    if field is None or not field.filter:
        return []
    whole = Query((kind.key,), band="all", as_of=wanted.period.last)
    names = [str(group.key) for group in group_by(store, occasion, actor(), whole, f"{FACT}{LEADER}") if group.key]
    told = [(gettext("全部"), None), *((name, name) for name in names)]
    return [(words, None, wanted.of_leader(name), wanted.leader == (name or "")) for words, name in told]


def _around(wanted: Wanted) -> dict[str, Any]:
    """The addresses beside the sheet: other reports, the period before and after, and the workbook."""
    period, rhythm = wanted.period, REPORTS[wanted.name].rhythm
    later = after(rhythm, period)
    kept = {key: value for key, value in wanted.asked.params.items() if key != DAY[wanted.name]}
    return {
        "reports": [(gettext(TITLES[name]), wanted_of(name, kept, today()).link(), name == wanted.name) for name in REPORTS],
        "day_name": DAY[wanted.name],
        "kept": kept,
        "earlier": wanted.of_period(before(rhythm, period)),
        "later": wanted.of_period(later) if later.last < today() else "",
        "book": wanted.of_period(period, "reports.report_book"),
    }


def _offer(name: str, kind: Definition) -> Offer:
    rhythm = REPORTS[name].rhythm
    periods = [last_over(rhythm, today())]
    while len(periods) <= EARLIER:
        periods.append(before(rhythm, periods[-1]))
    wanted = wanted_of(name, {"kind": kind.key}, today())
    # It stands under its kind; in some languages the words go on from the kind's behind a colon.
    return Offer(gettext(TITLES[name]).lstrip(": "), tuple((_days(period), wanted.of_period(period)) for period in periods))


def _days(period: Period) -> str:
    return formatting.month_day_range(period.first, period.last, today=today(), language=current_language())


_NAMES = f"<any({', '.join(REPORTS)}):name>"
ROUTES = (
    *register.ROUTES,
    Route("/reports", reports_page, Access.SIGNED_IN),
    Route(f"/reports/{_NAMES}", report_page, Access.SIGNED_IN),
    Route(f"/reports/{_NAMES}.xlsx", report_book, Access.SIGNED_IN, GET_AND_POST, fresh=True),
)
