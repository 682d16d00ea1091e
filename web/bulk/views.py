"""Many at once: begun from a list, by one click or by the one form of a step; followed, told row by row, and taken back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import BadInput, InvalidForm
from states.forms import APPROVAL, transition_fields
from web.access import Access, Route
from web.bulk import papers
from web.bulk.asking import ENOUGH, Verb, chosen, origin, ticked, verb_of
from web.bulk.telling import Told, tell, title_of
from web.cases import page as shown
from web.cases.choices import organs_of
from web.cases.typed import approval, scan
from web.current import actor, now, office, today
from web.days import unsure_days
from web.errors import problem_of
from web.language import said
from web.parts import is_here, is_part
from web.posted import read_posted
from workflow.reads.bulk import get_run, list_runs
from workflow.reads.case_page import case_page as read_case
from workflow.reads.many import Sorted, sort_out, step_of
from workflow.reads.several import rows_by_id
from workflow.verbs.bulk import MOST, TO_SIGN, Choose, Wish, done_in, seen_of

_NO_FORM: dict[str, Any] = {"own": (), "fields": (), "organs": {}, "needs_approval": False, "approvers": []}
# So many of the cases that a form is opened for are named on it, and asked whose approval they need.
NAMED = 8


def begin() -> Any:
    """Begins what a button of the bar says; a step with a form shows its form first."""
    verb = verb_of(request.form.get("verb", "remind"))
    if verb.kind and "answered" not in request.form:
        return _form(verb, chosen(verb.kind), {})
    if not ticked() and request.form.get("all") != "1":
        flash(gettext("没有选中的事项"), "toast")
        return redirect(origin(), 303)
    if not verb.kind and ("answered" in request.form or _all_fit(verb)):
        return _to_run(start(verb.wish({}), chosen()))
    if not verb.kind:
        return _form(verb, chosen(), {})
    answers = _answers(verb)
    try:
        if unsure := unsure_days(answers):
            raise InvalidForm(fields=unsure)
        run_id = start(verb.wish(answers), chosen(verb.kind), scan=scan())
    except InvalidForm as refusal:
        return _form(verb, chosen(verb.kind), answers, problem_of(refusal))
    return _to_run(run_id)


def start(wish: Wish, choose: Choose, **more: Any) -> int:
    """Begins the run and does its first batch, which for a short one is all of it; its id."""
    key = request.form.get("key") or None
    run_id = office().engine.begin_run(wish, choose, actor=actor(), now=now(), key=key, **more)
    go_on(run_id)
    return run_id


def go_on(run_id: int) -> None:
    """The next batch of a run."""
    office().engine.work_run(run_id, now=now(), ceiling=office().settings.ceiling)


def _to_run(run_id: int) -> Any:
    return redirect(url_for("bulk.run_page", run_id=run_id), 303)


def _sorted(store: Any, occasion: Any, verb: Verb, choose: Choose) -> Sorted:
    asked = list(choose(store, occasion))
    if len(asked) >= ENOUGH:
        raise BadInput(why="too_many_cases", most=f"{MOST:,}")
    ids = seen_of(store, occasion, actor(), asked, verb.kind)
    return sort_out(store, occasion, actor(), ids, verb.trigger, to_sign_only=verb.condition == TO_SIGN)


def _all_fit(verb: Verb) -> bool:
    """Can a reminder go out on all that were chosen? Then it is one click; else it is said first on which it cannot."""
    return not office().engine.read(now(), lambda store, occasion: _sorted(store, occasion, verb, chosen())).left


# ---- the one form of a step -----------------------------------------------------------------------------------------------


def _answers(verb: Verb) -> dict[str, Any]:
    definition = office().engine.read(now(), lambda _store, occasion: occasion.catalogue.of_kind(verb.kind).definition)
    step = step_of(definition, verb.trigger)
    if step is None:
        raise BadInput(why="unknown_trigger", trigger=verb.trigger)
    answers = read_posted(request.form, transition_fields(step), today=today())
    if paper := approval():
        answers["approval"] = paper
    return answers


def _form(verb: Verb, choose: Choose, answers: dict[str, Any], problem: Any = None) -> Any:
    """The form with the cases that it is for: they are those of this moment, however long it takes to fill it in."""

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        told = _sorted(store, occasion, verb, choose)
        ids = list(told.fits)
        named = rows_by_id(store, occasion, actor(), ids[:NAMED])
        left = [(shown.reasons_of_kind(kind, why), n) for kind, why, n in told.left]
        if not verb.kind:
            words = gettext("催签收") if verb.condition == TO_SIGN else gettext("催办")
            return {**_NO_FORM, "ids": ids, "named": list(named.values()), "left": left, "words": words}
        definition = occasion.catalogue.of_kind(verb.kind).definition
        step = step_of(definition, verb.trigger, next((row.state for row in named.values()), ""))
        if step is None:
            raise BadInput(why="unknown_trigger", trigger=verb.trigger)
        pages = [read_case(store, occasion, actor(), case_id) for case_id in list(named)[:NAMED]] if step.approval else []
        buttons = [button for page in pages for button in page.buttons if button.trigger == verb.trigger]
        return {
            "ids": ids,
            "named": list(named.values()),
            "left": left,
            "words": said(step.title),
            "own": step.form,
            "fields": transition_fields(step),
            "organs": organs_of(transition_fields(step), occasion),
            "needs_approval": any(button.needs_approval for button in buttons),
            "approvers": list(dict.fromkeys(one for button in buttons for one in button.approvers)),
        }

    told = office().engine.read(now(), read)
    if not told["ids"] and not told["left"]:
        flash(gettext("没有选中的事项"), "toast")
        return redirect(origin(), 303)
    rendered = render_template(
        "bulk/form.html", verb=verb, back=origin(), values=answers, problem=problem, approval=APPROVAL, **told
    )
    return rendered, problem.status if problem else 200


# ---- a run ----------------------------------------------------------------------------------------------------------------


def runs_page() -> Any:
    """One's own runs of late."""

    def read(store: Any, occasion: Any) -> list[tuple[Any, str]]:
        return [(run, title_of(run, occasion.catalogue)) for run in list_runs(store, actor())]

    return render_template("bulk/runs.html", runs=office().engine.read(now(), read))


def run_page(run_id: int) -> Any:
    """How far it has come, and what became of each case."""
    return render_template("bulk/run.html", told=tell(run_id, request.args.get("after", "")))


def progress(run_id: int) -> Any:
    """Does the next batch of one's own run and says how far it has come; with a script the page asks again by itself."""
    office().database.read(lambda store: get_run(store, actor(), run_id))
    go_on(run_id)
    run = office().database.read(lambda store: get_run(store, actor(), run_id))
    if not request.headers.get("HX-Request"):
        return _to_run(run_id)
    answer = render_template("bulk/progress.html", run=run)
    # The results stand on the whole page.
    return answer, 200, {"HX-Refresh": "true"} if run.finished_at else {}


def undo(run_id: int) -> Any:
    """Takes back what the run has done, one case or all that can be: a run of its own."""
    reader, only = actor(), ticked()
    run = office().database.read(lambda store: get_run(store, reader, run_id))
    back = start(Wish(undoes=run_id, origin=run.origin), lambda store, _occasion: done_in(store, reader, run_id, only))
    told = tell(back)
    if len(only) != 1:
        return _after_all(told)
    flash(gettext("；").join(line.said for line in told.lines) or gettext("没有选中的事项"), "toast")
    return _to_run(run_id)


def _after_all(told: Told) -> Any:
    """To the run; from the list where it began, on which a toast undoes it, back to its rows if all of them went through."""
    run = told.run
    if not is_part() or not is_here(run.origin) or run.finished_at is None or run.left_out:
        return _to_run(run.id)
    flash(gettext("已撤销%(n)s件", n=run.done), "toast")
    return redirect(run.origin, 303)


ROUTES = (
    Route("/bulk", runs_page, Access.SIGNED_IN),
    Route("/bulk", begin, Access.SIGNED_IN, ("POST",)),
    Route("/bulk/<int:run_id>", run_page, Access.SIGNED_IN),
    Route("/bulk/<int:run_id>/papers/<name>", papers.papers, Access.SIGNED_IN),
    Route("/bulk/<int:run_id>/progress", progress, Access.SIGNED_IN, ("POST",)),
    Route("/bulk/<int:run_id>/undo", undo, Access.SIGNED_IN, ("POST",)),
)
