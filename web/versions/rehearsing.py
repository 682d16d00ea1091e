"""The last twelve months under the rules of a draft, against the present ones and against what really happened.

They are counted with the preview of the draft, batch by batch, and kept with it; its pages and its files tell them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import render_template, send_file
from flask_babel import gettext

from handlers.ledgers.export import ExportColumn, ExportRow, FileFormat, Heading, write_ledger
from handlers.ledgers.marks import Mark
from states.errors import NotFound
from web import formatting
from web.access import GET_AND_POST, Access, Route
from web.current import now, office
from web.exports.handing import begin, made
from web.language import current_language
from web.ledger.views import MIMETYPES
from web.passing import passing_file
from web.small import few, parts_of, whole_of
from web.versions.reading import draft_title, drafted
from workflow.dates import local_day
from workflow.occasion import Occasion
from workflow.reads.rows import area_name
from workflow.store import Store
from workflow.versions import drafts, preview
from workflow.versions.rehearse import Looked, Tally, rehearse
from workflow.versions.replay import Replay

# The rungs of this office that issue an order.
ORDERS = ("issue_order",)


@dataclass(frozen=True, slots=True)
class Replayed:
    """The last year lived through again.

    `townships`: name and talks, then orders, each by the new rules, the present ones and as it was.
    """

    tally: Tally
    townships: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def wholes(self) -> list[str]:
        """The same of all of them, as it may be told here."""
        columns = zip(*(counts for _name, counts in self.townships), strict=True)
        return [whole_of(parts_of(list(column))) for column in columns] or ["0"] * 6

    @property
    def totals(self) -> tuple[tuple[str, str], ...]:
        """The wholes of talks and of orders, each in a sentence."""
        found = self.wholes
        return ((gettext("约谈"), _sentence(*found[:3])), (gettext("督办单"), _sentence(*found[3:])))

    @property
    def lines(self) -> tuple[str, ...]:
        """The same as lines above a table."""
        return tuple(f"{gettext('按过去12个月重演')} {what} {words}" for what, words in self.totals)


def _sentence(new: str, old: str, really: str) -> str:
    told = {"new": new, "old": old, "really": really}
    return str(gettext("按新规则%(new)s次，按现行规则%(old)s次（实际%(really)s次）", **told))


def kept(occasion: Occasion, impact: Mapping[str, Any]) -> Replayed | None:
    """What a preview has counted; None where its kind had no version to count by."""
    replay = Replay.read(impact["replay"])
    return _placed(occasion, replay.tally) if replay is not None else None


def replayed(store: Store, occasion: Occasion, draft: Mapping[str, Any], looked: Looked = lambda _n: None) -> Replayed | None:
    """The last year under a draft as it stands now; None where its kind has no version, or its text cannot be read.

    `looked` is told after each batch of how many cases it was.
    """
    new = drafted(draft).definition
    if new is None or draft["kind"] not in occasion.catalogue.current or new.key != draft["kind"]:
        return None
    return _placed(occasion, rehearse(store, occasion, new, ORDERS, looked))


def _placed(occasion: Occasion, tally: Tally) -> Replayed:
    """The townships in the county's order, what stands under none at the end."""
    rank = occasion.tree.area_rank
    known = sorted((area for area in tally.found if area is not None), key=lambda area: rank[area])
    places = [(area_name(occasion.tree, area), tally.of(area)) for area in known]
    places += [(gettext("县直和其他"), tally.of(None))] if None in tally.found else []
    return Replayed(tally, tuple((name, one.talks + one.orders) for name, one in places))


def rehearsal_page(impact_id: int) -> Any:
    """How many talks and orders there would have been, in all and in each township: numbers for who may not open them."""
    return render_template("versions/rehearsal.html", **_read(impact_id))


def _read(impact_id: int) -> dict[str, Any]:
    """What the page tells; only how far it has come while the preview is not whole."""

    def read(store: Store, occasion: Occasion) -> dict[str, Any]:
        impact = preview.get_impact(store, impact_id)
        draft = drafts.get_draft(store, impact["draft_id"])
        told = {"impact": impact, "draft": draft, "title": draft_title(draft), "far": how_far(impact)}
        return told | {"found": kept(occasion, impact), "is_current": preview.stands_for(impact, draft)}

    return office().engine.read(now(), read)


def how_far(impact: Mapping[str, Any]) -> tuple[int, int, str]:
    """How many cases a preview has looked at, and of how many, and that in words: first of the last year, then what is open."""
    replay = Replay.read(impact["replay"])
    looked, of = (replay.done, replay.total) if replay is not None else (0, 0)
    if replay is not None and not replay.is_over:
        told = {"n": formatting.number(looked), "all": formatting.number(of)}
        words = gettext("过去12个月已重演%(n)s项，共%(all)s项", **told)
    else:
        told = {"n": formatting.number(impact["done"]), "all": formatting.number(impact["total"])}
        words = gettext("已算%(n)s项，共%(all)s项", **told)
    return impact["done"] + looked, impact["total"] + of, str(words)


def rehearsal_export(impact_id: int, form: str) -> Any:
    """The same table as a workbook or a comma-separated file. NotFound where there is none, or not yet all of it."""
    told = year_of(impact_id)
    mark = begin("preview", form, len(told["found"].townships))
    target = passing_file()  # the answer closes it, once it is sent
    title, written = write_year(told, target, file_format=cast(FileFormat, form), mark=mark)  # the route takes only the two
    made(written)
    target.seek(0)
    return send_file(target, mimetype=MIMETYPES[form], as_attachment=True, download_name=f"{title}.{form}")


def year_of(impact_id: int) -> dict[str, Any]:
    """What the page of a whole preview tells of the last year. NotFound where there is none, or not yet all of it."""
    told = _read(impact_id)
    if told["found"] is None or not told["impact"]["seal"]:
        raise NotFound(what="rehearsal", id=told["impact"]["draft_id"])
    return told


def write_year(told: Mapping[str, Any], target: BinaryIO, *, file_format: FileFormat, mark: Mark) -> tuple[str, int]:
    """The table of `year_of` in a file; its title, and how many lines."""
    impact, found = told["impact"], told["found"]
    rows = [(name, *map(few, counts)) for name, counts in found.townships]
    title = f"{told['title']} {gettext('按过去12个月重演')}"
    until = formatting.full_day(local_day(impact["made_at"]), language=current_language())
    stale = () if told["is_current"] else (gettext("试算以后草稿又改过，或者已经发布"),)
    heading = Heading(title, (gettext("到%(day)s止", day=until), *stale), gettext("重演"))
    lines = (ExportRow(row) for row in (*rows, (gettext("合计"), *found.wholes)))
    asked: Any = {"heading": heading, "target": target, "file_format": file_format, "mark": mark}
    return title, write_ledger(lines, _columns(), **asked, passing=passing_file)


def _columns() -> list[ExportColumn]:
    rules = (gettext("新规则"), gettext("现行规则"), gettext("实际"))
    acts = (gettext("约谈"), gettext("督办单"))
    counted = [ExportColumn(f"{act} {rule}", width=14) for act in acts for rule in rules]
    return [ExportColumn(gettext("乡镇"), width=16), *counted]


ADMIN = Access.WORKFLOW_ADMINISTRATOR
ROUTES = (
    Route("/versions/previews/<int:impact_id>/rehearsal", rehearsal_page, ADMIN),
    Route(
        "/versions/previews/<int:impact_id>/rehearsal.<any(xlsx, csv):form>", rehearsal_export, ADMIN, GET_AND_POST, fresh=True
    ),
)
