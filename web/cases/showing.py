"""A case's page as it is shown, whatever brought the reader there."""

from __future__ import annotations

from typing import Any, cast

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext

from states.draw import svg
from states.errors import CaseNotFound
from web.cases import clock_words
from web.cases import page as shown
from web.cases.talks import talk_of
from web.current import actor, now, office, today
from web.errors import Problem
from web.formatting import shown_digest
from web.inbox.figures import BANDS, read_figures, shown_day
from web.language import current_language
from web.ledger import columns
from web.parts import is_part, over_page
from web.retention.words import class_title
from web.row_steps import reminder_words
from web.way_back import along, inbox_row, village_item, way_back
from workflow.disposal.showing import Stone, get_stone
from workflow.fresh import RECEIPT
from workflow.reads.case_page import CasePage
from workflow.reads.case_page import case_page as read_case
from workflow.reads.inbox import band_of
from workflow.reads.next_step import PRODDING
from workflow.reads.rows import LedgerRow


def render_case(case_id: int, status: int = 200, **more: Any) -> Any:
    """The page of the case with its status; `more` may hold what was typed and the problem of a refusal."""

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        page = read_case(store, occasion, actor(), case_id)
        definition = page.definition
        return {
            "page": page,
            "talk": talk_of(store, occasion, page),
            "diagram": diagram_of(page),
            "titles": [(s.key, s.title.in_(current_language())) for s in definition.states if s.key != "cancelled"],
        }

    try:
        told = office().engine.read(now(), read)
    except CaseNotFound:
        return render_stone(case_id)
    template = "cases/talk.html" if told["talk"] else "cases/case.html"
    labels, wanted = labels_of(told["page"]), request.args.get("label", "")
    said = {"shown": shown, "clock_words": clock_words, "labels": labels, "wanted_label": wanted}
    printed = {"printed_by": actor().name, "printed_on": today()}
    return over_page(render_template(template, **said, **printed, **told, **more), status)


def diagram_of(page: CasePage) -> str:
    """The diagram of the case's definition with the way that it has come."""
    return svg(page.definition, current_language(), way=[step.state for step in page.path])


def render_stone(case_id: int) -> Any:
    """What is left of a case that was disposed of, for whoever could see it; for everybody else CaseNotFound."""

    def read(store: Any, occasion: Any) -> tuple[Stone, Any]:
        stone = get_stone(store, occasion, actor(), case_id)
        return stone, occasion.catalogue.of_kind(stone.kind).definition.title

    stone, kind = office().engine.read(now(), read)
    told = {"stone": stone, "kind": kind, "digest": shown_digest(stone.head), "class_title": class_title(stone.retention)}
    return render_template("retention/tombstone.html", **told)


def labels_of(page: CasePage) -> list[tuple[str, str]]:
    """The labels of evidence with their titles: first what the steps of this state and requests for a later date ask for."""
    known, definition, state = office().titles["evidence_labels"], page.definition, page.row.state
    steps = definition.triggers_from.get(state, ())
    asked = {label for step in steps if step.evidence for label in step.evidence.labels}
    asked |= {RECEIPT for step in steps if step.from_paper}
    asked |= {clock.extension.proof.label for clock in definition.clocks if clock.extension and clock.extension.proof}
    return [(key, shown.evidence_title(key)) for key in sorted(known, key=lambda key: key not in asked)]


def after_step(case_id: int, done: str = "", was: LedgerRow | None = None, *, trigger: str = "", words: str = "") -> Any:
    """Back to where it began, or to where work begins if the step has taken the case out of sight; undo is offered.

    A row of the inbox whose step (`done`) was taken in place says so itself; `was` is the row before. `words`: what was done.
    """
    row = inbox_row()
    if is_part() and done and row:
        flash(gettext("办理成功"), "toast")
        answer = _among_talks if row.startswith("talk") else _in_inbox
        return answer(case_id, gettext("已办理：%(step)s", step=done), row, was)
    try:
        page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    except CaseNotFound:
        flash(gettext("办理成功"), "toast")
        return redirect(way_back(case_id) if along() and village_item() is None else url_for("ledger.home"), 303)
    said = words or (reminded_words(page) if trigger == PRODDING else gettext("办理成功"))
    done_words: Any = {"text": said, "undo": undo_of(page, **along()), "copies": _to_copy(page) if trigger == PRODDING else ""}
    flash(done_words, "toast")
    return redirect(way_back(case_id), 303)


def undo_of(page: CasePage, **along: Any) -> str:
    """The address that takes the last step back; "" where this person may not."""
    may_undo = any(verb.verb == "undo" and verb.allowed for verb in page.verbs)
    return url_for("cases.undo", case_id=page.row.id, **along) if may_undo else ""


def after_refusal(case_id: int, problem: Problem) -> Any:
    """What was refused and has no form to come back in is said where it began: a case, a village's page, the inbox, a list."""
    if not along():
        return render_case(case_id, problem.status, problem=problem)
    g.refused_step = True
    refusal: Any = {"refused": problem.title, "text": problem.text}
    flash(refusal, "toast")
    return redirect(way_back(case_id), 303)


def after_answer(case_id: int, said: str, place: str = "asked") -> Any:
    """Back to the inbox, whose row says what was answered in place of what was asked; undo if open."""
    if is_part():
        return _in_inbox(case_id, said, f"{place}-{case_id}", None)
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    flash(cast(Any, {"text": said, "undo": undo_of(page, inbox=f"{place}-{case_id}")}), "toast")
    return redirect(url_for("inbox.inbox_page"), 303)


def _in_inbox(case_id: int, said: str, row: str, was: LedgerRow | None) -> Any:
    """What the row of the inbox says once it was answered, with undo if open, and every figure anew.

    Where the case waits for the reader's next step, its new row stands below what is said if it is in the same band as before
    (`was`), else at the end of its own. A step may have taken the case out of sight.
    """

    def read(store: Any, occasion: Any) -> tuple[CasePage | None, Any]:
        figures = read_figures(store, occasion, shown_day())
        try:
            return read_case(store, occasion, actor(), case_id), figures
        except CaseNotFound:
            return None, figures

    page, told = office().engine.read(now(), read)
    new = next(((band, one) for band in BANDS for one in getattr(told["inbox"], band) if was and one.id == case_id), None)
    more = {"shown": shown, "new": new, "stays": bool(new and was and row.startswith("row") and new[0] == band_of(was))}
    if new and new[0] == BANDS[0] and not more["stays"]:
        return redirect(way_back(case_id), 303)  # The sheet of signing may not be there: the whole inbox says it.
    # The sheet of signing stands as long as there is something to sign for.
    more["sheet_is_over"] = bool(was and band_of(was) == BANDS[0] and not told["inbox"].to_sign)
    undo = undo_of(page, inbox=row) if page else ""
    rendered = render_template(
        "inbox/answered.html", row=page.row if page else None, said=said, undo=undo, id=row, **more, **told
    )
    response = make_response(rendered)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = f"#{row}", "outerHTML"
    return response


def _among_talks(case_id: int, said: str, row: str, was: LedgerRow | None) -> Any:
    """The talks of the inbox, where the one that the step was taken on says so, and every figure anew.

    One that the reader has nothing to do with any more (`was`) says so above the others.
    """
    told = office().engine.read(now(), lambda store, occasion: read_figures(store, occasion, shown_day()))
    talk = {"id": case_id, "said": said, "title": was.title if was else ""}
    response = make_response(render_template("inbox/talked.html", talked=talk, shown=shown, **told))
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#talks", "outerHTML"
    return response


def after_row(case_id: int, said: str = "") -> Any:
    """What the row of a list says in place of its button, the cells of it that have changed, and the toast; undo if open.

    `said`: that it was taken back, in place of whom was reminded.
    """
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    words = said or reminded_words(page)
    told: Any = {"text": words} if said else {"text": words, "undo": undo_of(page, row=1), "copies": _to_copy(page)}
    flash(told, "toast")
    cells = {"reminded": columns.times(page.row), "changed": columns.last_change(page.row, today(), current_language())}
    response = make_response(render_template("cases/reminded.html", said=words, told=cells, id=case_id))
    if said:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = f"#reminded-{case_id}", "outerHTML"
    return response


def _to_copy(page: CasePage) -> str:
    """The sentence that a reminder by the sheet leaves on the clipboard, once it is sent; "" for one made in another way."""
    by_sheet = all(request.form.get(key) == value for key, value in shown.BY_SHEET.items())
    return reminder_words(page.row, page.row.reminded) if by_sheet else ""


def reminded_words(page: CasePage) -> str:
    """Who was reminded, and how often by now."""
    whom = next((button.urges for button in page.buttons if button.trigger == PRODDING), "")
    return str(gettext("已催办%(whom)s%(n)s次", whom=whom, n=page.row.reminded))
