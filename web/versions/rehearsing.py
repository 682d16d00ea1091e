"""The last twelve months under the rules of a draft, against the present ones and against what really happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, cast

from flask import render_template, send_file
from flask_babel import gettext

from handlers.ledgers.export import ExportColumn, ExportRow, Heading, write_ledger
from states.errors import NotFound
from web import formatting
from web.access import GET_AND_POST, Access, Route
from web.current import now, office, today
from web.exports.handing import begin, made
from web.language import current_language
from web.ledger.views import MIMETYPES
from web.passing import passing_file
from web.small import few, parts_of, whole_of
from web.versions.reading import draft_title, drafted
from workflow.occasion import Occasion
from workflow.reads.rows import area_name
from workflow.store import Store
from workflow.versions import drafts
from workflow.versions.rehearse import Looked, Tally, rehearse

# The rungs of this office that issue an order.
ORDERS = ("issue_order",)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A draft under which the last year was lived through again; no tally where there is nothing to replay.

    `townships`: name and talks, then orders, each by the new rules, the present ones and as it was.
    """

    draft_id: int
    title: str
    tally: Tally | None
    townships: tuple[tuple[str, tuple[int, ...]], ...]


def rehearsal_page(draft_id: int) -> Any:
    """How many talks and orders there would have been, in all and in each township: numbers for who may not open them."""
    return render_template("versions/rehearsal.html", **office().engine.read(now(), partial(_read, draft_id=draft_id)))


def _read(store: Store, occasion: Occasion, draft_id: int) -> dict[str, Any]:
    draft = drafts.get_draft(store, draft_id)
    found = replayed(store, occasion, draft)
    columns = zip(*(counts for _name, counts in found.townships), strict=True)
    wholes = [whole_of(parts_of(list(column))) for column in columns]
    told = {"draft": draft, "title": found.title, "tally": found.tally, "townships": found.townships}
    return told | {"wholes": wholes or ["0"] * 6}


def replayed(store: Store, occasion: Occasion, draft: Mapping[str, Any], looked: Looked = lambda _n: None) -> Replayed:
    """The last year under a draft, the townships in the county's order and what stands under none at the end.

    `looked` is told after each batch of how many cases it was.
    """
    new = drafted(draft).definition
    if new is None or draft["kind"] not in occasion.catalogue.current or new.key != draft["kind"]:
        return Replayed(draft["id"], draft_title(draft), None, ())
    tally, rank = rehearse(store, occasion, new, ORDERS, looked), occasion.tree.area_rank
    known = sorted((area for area in tally.found if area is not None), key=lambda area: rank[area])
    places = [(area_name(occasion.tree, area), tally.of(area)) for area in known]
    places += [(gettext("县直和其他"), tally.of(None))] if None in tally.found else []
    rows = tuple((name, one.talks + one.orders) for name, one in places)
    return Replayed(draft["id"], draft_title(draft), tally, rows)


def rehearsal_export(draft_id: int, form: str) -> Any:
    """The same table as a workbook or a comma-separated file. NotFound where there is nothing to replay."""
    told = office().engine.read(now(), partial(_read, draft_id=draft_id))
    if told["tally"] is None:
        raise NotFound(what="rehearsal", id=draft_id)
    rows = [(name, *map(few, counts)) for name, counts in told["townships"]]
    mark = begin("preview", form, len(rows))
    target = passing_file()  # the answer closes it, once it is sent
    title = f"{told['title']} {gettext('按过去12个月重演')}"
    heading = Heading(
        title, (gettext("到%(day)s止", day=formatting.full_day(today(), language=current_language())),), gettext("重演")
    )
    kind = cast('Literal["xlsx", "csv"]', form)  # the route takes only the two
    lines = (ExportRow(row) for row in (*rows, (gettext("合计"), *told["wholes"])))
    made(write_ledger(lines, _columns(), heading=heading, target=target, file_format=kind, mark=mark, passing=passing_file))
    target.seek(0)
    return send_file(target, mimetype=MIMETYPES[form], as_attachment=True, download_name=f"{title}.{form}")


def _columns() -> list[ExportColumn]:
    rules = (gettext("新规则"), gettext("现行规则"), gettext("实际"))
    acts = (gettext("约谈"), gettext("督办单"))
    counted = [ExportColumn(f"{act} {rule}", width=14) for act in acts for rule in rules]
    return [ExportColumn(gettext("乡镇"), width=16), *counted]


ADMIN = Access.WORKFLOW_ADMINISTRATOR
ROUTES = (
    Route("/versions/drafts/<int:draft_id>/rehearsal", rehearsal_page, ADMIN),
    Route("/versions/drafts/<int:draft_id>/rehearsal.<any(xlsx, csv):form>", rehearsal_export, ADMIN, GET_AND_POST, fresh=True),
)
