"""The preview of a draft: the plan as a form, the computation with its progress, and what would become of every open case."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, cast

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext

from handlers.ledgers.export import ExportColumn, ExportRow, FileFormat, Heading, write_ledger
from handlers.ledgers.marks import Mark
from states.errors import BadInput, DomainError
from states.schema import dump
from web import formatting
from web.access import GET_AND_POST, Access, Route
from web.current import actor, now, office, today
from web.errors import Problem, problem_of
from web.exports.handing import begin, made
from web.language import current_language
from web.ledger.views import MIMETYPES
from web.passing import passing_file
from web.storable import whole
from web.text_files import sentence_in
from web.versions.lines import LineWords, changed_posts, line_of
from web.versions.naming import Names
from web.versions.plan_form import living, olds_of, plan_form, said_last
from web.versions.reading import design_url, draft_title, drafted
from web.versions.rehearsing import ORDERS, how_far, kept
from web.versions.scenes import scenario_words
from web.versions.words import CLOCKS, FATES, POISONS, RUNGS, WHEN, decided_words, obstacle_words
from workflow.definitions import Catalogue
from workflow.reads import versions as reads
from workflow.reads.rows import area_name
from workflow.reads.several import rows_by_id, say_numbers
from workflow.store import Store
from workflow.versions import drafts, preview
from workflow.versions.plan import Plan, obstacles


def draft_page(draft_id: int) -> Any:
    """What a draft changes for open cases: what has to be said first, and the last preview."""
    return _draft(draft_id, None, None)


def _draft(draft_id: int, said: Plan | None, problem: Problem | None) -> Any:
    def read(store: Store, occasion: Any) -> dict[str, Any]:
        draft = drafts.get_draft(store, draft_id)
        newest = preview.newest_of(store, draft_id)
        new = drafted(draft).definition
        told: dict[str, Any] = {"draft": draft, "newest": newest, "form": None, "posts": ()}
        if new is None:
            return told
        olds, plan = olds_of(occasion, draft["kind"]), said or said_last(newest)
        names = _names(new, *olds)
        told["form"] = plan_form(olds, new, names, plan, _counts(store, occasion.catalogue, draft["kind"]))
        told["posts"] = changed_posts(living(store, occasion, draft["kind"]), new, plan, office().titles, current_language())
        return told

    told = office().engine.read(now(), read)
    draft = told["draft"]
    words: dict[str, Any] = {"when": WHEN, "policies": CLOCKS, "rung_rules": RUNGS, "problem": problem}
    words["is_proven"] = drafts.is_proven(draft)
    page = render_template("versions/draft.html", title=draft_title(draft), design_href=design_url(draft_id), **words, **told)
    return page, problem.status if problem else 200


def check_draft(draft_id: int) -> Any:
    """Looks for faults and lives through the scenarios; what is through may be previewed from here on."""
    language = current_language()
    try:
        found = office().prove_draft(draft_id)
    except BadInput as refusal:
        return _draft(draft_id, None, problem_of(refusal))
    if found.is_proven:
        flash(gettext("已通过检查"), "toast")
        return redirect(url_for("versions.draft_page", draft_id=draft_id), 303)
    draft = office().database.read(lambda store: drafts.get_draft(store, draft_id))
    said = [sentence_in(fault, language) for fault in found.faults]
    if not said:
        names = _names(drafted(draft).definition)
        said = [words for told in found.told for words in scenario_words(told, names, language)]
    return _draft(draft_id, None, Problem(422, "draft_faulty", gettext("草稿没有通过检查"), reasons=tuple(dict.fromkeys(said))))


def _names(*definitions: Any) -> Names:
    return Names(office().titles, current_language(), *map(dump, definitions))


def _counts(store: Store, catalogue: Catalogue, kind: str) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for row in store.rows(reads.OPEN):
        if catalogue.of_version(row["definition_version_id"]).kind == kind:
            found[row["state"]] += row["n"]
    return found


def begin_preview(draft_id: int) -> Any:
    """Begins a preview under the plan of the form and does its first batch; what is unsaid is asked for instead."""

    def read(store: Store, occasion: Any) -> tuple[Plan, list[str]]:
        draft = drafts.get_draft(store, draft_id)
        new, olds = drafted(draft).definition, olds_of(occasion, draft["kind"])
        if new is None:
            return Plan(), []
        names = _names(*olds[:1], new, *olds[1:])
        form = plan_form(olds, new, names, said_last(preview.newest_of(store, draft_id)), {})
        plan = form.plan_of(request.form)
        standing = obstacles(plan, olds, new)
        said = [obstacle_words({"name": one.name, "params": one.params}, names, current_language()) for one in standing]
        return plan, list(dict.fromkeys(said))

    try:
        plan, standing = office().engine.read(now(), read)
        if standing:
            title = gettext("还有去处没有说明，没有试算")
            return _draft(draft_id, plan, Problem(422, "plan_unfinished", title, reasons=tuple(standing)))
        office().prove_again(draft_id)
        begun = office().engine.administer(
            lambda desk: preview.begin(desk.store, desk.occasion, draft_id, plan, actor(), orders=ORDERS),
            actor=actor(),
            now=now(),
        )
    except DomainError as refusal:
        if refusal.code == "not_found":
            raise
        return _draft(draft_id, None, problem_of(refusal))
    work_on(begun)
    return redirect(url_for("versions.preview_page", impact_id=begun), 303)


def work_on(impact_id: int) -> None:
    """The next batch of a preview."""
    office().engine.administer(lambda desk: preview.work(desk.store, desk.occasion, impact_id), actor=actor(), now=now())


def preview_progress(impact_id: int) -> Any:
    """Does the next batch and says how far it has come; with a script the page asks again by itself."""
    office().database.read(lambda store: preview.get_impact(store, impact_id))
    work_on(impact_id)
    if not request.headers.get("HX-Request"):
        return redirect(url_for("versions.preview_page", impact_id=impact_id), 303)
    impact = office().database.read(lambda store: preview.get_impact(store, impact_id))
    answer = render_template("versions/progress.html", impact=impact, far=how_far(impact))
    return answer, 200, {"HX-Refresh": "true"} if impact["seal"] else {}


# ---- what it comes to -----------------------------------------------------------------------------------------------------


def preview_page(impact_id: int) -> Any:
    """How far a preview has come; once it is whole, what it says."""
    return show_preview(impact_id, None, {})


def show_preview(impact_id: int, problem: Problem | None, typed: Mapping[str, Any]) -> Any:
    """The same with what was refused of a proposal, and what was typed for it."""
    told = office().engine.read(now(), lambda store, occasion: read_impact(store, occasion, impact_id))
    told |= {"fates": FATES, "figures": preview.COUNTED, "problem": problem, "typed": typed, "today": today()}
    return render_template("versions/preview.html", **told), problem.status if problem else 200


def read_impact(store: Store, occasion: Any, impact_id: int) -> dict[str, Any]:
    """All that the page of a preview tells; only how far it has come while it is not whole."""
    impact = preview.get_impact(store, impact_id)
    draft = drafts.get_draft(store, impact["draft_id"])
    told: dict[str, Any] = {"impact": impact, "draft": draft, "draft_title": draft_title(draft), "far": how_far(impact)}
    if not impact["seal"]:
        return told
    counts = json.loads(impact["counts"])
    fate = request.args.get("fate", "")
    fate = fate if fate in FATES else ""
    township = request.args.get("township", type=whole)
    page = reads.impact_lines(store, impact_id, fate=fate, township=township, after=request.args.get("after", ""))
    say_numbers(store, occasion, [line.number for line in page.lines])
    new = preview.drafted(store, impact["digest"]).definition
    names, plan = _names(new, *olds_of(occasion, impact["kind"])), Plan.of(json.loads(impact["plan"]))
    seen = rows_by_id(store, occasion, actor(), [line.case_id for line in page.lines])
    return told | {
        "posts": changed_posts(living(store, occasion, impact["kind"]), new, plan, office().titles, current_language()),
        "counts": {name: counts.get(name, 0) for name in preview.COUNTED},
        "replayed": kept(occasion, impact),
        "poisons": [(gettext(POISONS.get(why, POISONS["broken"])), n) for why, n in counts["poisons"].items()],
        "townships": _townships(store, occasion, impact_id),
        "lines": [line_of(line, names, occasion.tree, line.case_id in seen) for line in page.lines],
        "after": page.after,
        "fate": fate,
        "township": township,
        "agreed": decided_words(plan, names, current_language()),
        "pending": any(one.kind == impact["kind"] and one.status in ("waiting", "dated") for one in reads.publications(store)),
        "is_current": preview.stands_for(impact, draft),
    }


def decided_in(store: Store, occasion: Any, impact: Mapping[str, Any]) -> list[str]:
    """What the plan of a preview says of clocks, and why, each in a sentence."""
    return decided_words(said_last(impact), _names_of_impact(store, occasion, impact), current_language())


def _names_of_impact(store: Store, occasion: Any, impact: Mapping[str, Any]) -> Names:
    new = preview.drafted(store, impact["digest"]).definition
    return _names(new, *olds_of(occasion, impact["kind"]))


def _townships(store: Store, occasion: Any, impact_id: int) -> list[tuple[int, str, Counter[str]]]:
    """The townships in the county's order, what stands under none at the end."""
    found, rank = preview.by_township(store, impact_id), occasion.tree.area_rank
    known = sorted((area for area in found if area is not None), key=lambda area: rank[area])
    listed = [(area, area_name(occasion.tree, area), found[area]) for area in known]
    return listed + ([(0, gettext("县直和其他"), found[None])] if None in found else [])


# ---- exported -------------------------------------------------------------------------------------------------------------


def preview_export(impact_id: int, form: str) -> Any:
    """Every line of a preview as a workbook or a comma-separated file."""
    total = office().database.read(lambda store: preview.get_impact(store, impact_id))["total"]
    mark = begin("preview", form, total)
    target = passing_file()  # the answer closes it, once it is sent

    file_format = cast(FileFormat, form)  # the route takes only the two
    title, written = office().engine.read(
        now(), lambda store, occasion: write_lines(store, occasion, impact_id, target, file_format=file_format, mark=mark)
    )
    made(written)
    target.seek(0)
    return send_file(target, mimetype=MIMETYPES[form], as_attachment=True, download_name=f"{title}.{form}")


def write_lines(
    store: Store, occasion: Any, impact_id: int, target: BinaryIO, *, file_format: FileFormat, mark: Mark
) -> tuple[str, int]:
    """Every line of a preview in a file; its title, and how many lines."""
    impact = preview.get_impact(store, impact_id)
    names = _names_of_impact(store, occasion, impact)
    title = gettext("%(kind)s新版本试算", kind=names.label(names.documents[0]["title"]))
    made_on = formatting.full_day(formatting.local_day(impact["made_at"]), language=current_language())
    found = kept(occasion, impact)
    year = found.lines if found is not None else ()
    lines = (gettext("试算于%(day)s", day=made_on), *decided_in(store, occasion, impact), *year)
    heading, rows = Heading(title, lines, gettext("试算")), _export_rows(store, occasion, impact_id, names)
    told: Any = {"heading": heading, "target": target, "file_format": file_format, "mark": mark}
    return str(title), write_ledger(rows, _columns(), **told, passing=passing_file)


def _columns() -> list[ExportColumn]:
    titles = ((gettext("编号"), 20), (gettext("乡镇"), 12), (gettext("结果"), 12), (gettext("状态"), 16))
    dates = ((gettext("原期限"), 14), (gettext("新期限"), 14))
    return [
        *(ExportColumn(title, width=width) for title, width in titles),
        *(ExportColumn(title, kind="date", width=width) for title, width in dates),
        ExportColumn(gettext("变动"), width=50),
    ]


def _export_rows(store: Store, occasion: Any, impact_id: int, names: Names) -> Iterator[ExportRow]:
    after = ""
    while True:
        page = reads.impact_lines(store, impact_id, after=after, limit=1_000)
        say_numbers(store, occasion, [line.number for line in page.lines])
        for line in page.lines:
            told: LineWords = line_of(line, names, occasion.tree, False)
            cells = (told.number, told.township, told.fate, told.states, told.due[0], told.due[1], told.what)
            yield ExportRow(cells)
        if not page.after:
            return
        after = page.after


ADMIN = Access.WORKFLOW_ADMINISTRATOR
ROUTES = (
    Route("/versions/drafts/<int:draft_id>", draft_page, ADMIN),
    Route("/versions/drafts/<int:draft_id>/check", check_draft, ADMIN, ("POST",)),
    Route("/versions/drafts/<int:draft_id>/preview", begin_preview, ADMIN, ("POST",)),
    Route("/versions/previews/<int:impact_id>", preview_page, ADMIN),
    Route("/versions/previews/<int:impact_id>/progress", preview_progress, ADMIN, ("POST",)),
    Route("/versions/previews/<int:impact_id>/lines.<any(xlsx, csv):form>", preview_export, ADMIN, GET_AND_POST, fresh=True),
)
