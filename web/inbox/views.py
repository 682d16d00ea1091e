"""The inbox: four bands, one next step a row, many signed for at once, the talks to be held, what has gone back lately."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.definition import Field
from states.errors import InvalidForm
from states.questions import Nobody, read_answers
from web.access import Access, Route
from web.bulk.asking import ticked
from web.bulk.telling import Told, tell
from web.bulk.views import start
from web.cases import page as shown
from web.current import actor, now, office, today
from web.days import unsure_days
from web.errors import Problem, problem_of
from web.help.guides import LEADER, guide_of
from web.inbox.figures import read_figures, shown_day
from web.ledger.questions import day_of
from web.parts import over_page
from web.posted import read_posted
from workflow.reads.bands import SIGNING
from workflow.reads.inbox import signing_form
from workflow.reads.motions import motions_for
from workflow.reads.versions import waits_for
from workflow.verbs.bulk import Wish

# Who decides on what another has proposed of a kind.
DESIGNS = "workflow_admin"


def inbox_page() -> Any:
    """What lies with my organs."""
    return _inbox(None, {})


def _inbox(bulk: Told | None, typed: Mapping[str, Any], problem: Problem | None = None, kept: Collection[int] = ()) -> Any:
    # `kept` are the cases whose boxes come back ticked.
    on = day_of("on", request.args["on"]) if request.args.get("on") else shown_day() if bulk or typed else None

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        return {
            **read_figures(store, occasion, on),
            "form": signing_form(occasion.catalogue),
            "proposals": waits_for(store, actor().person_id) if actor().has_role(DESIGNS) else [],
            "motions": motions_for(store, actor().person_id) if actor().has_role(DESIGNS) else [],
        }

    told = office().engine.read(now(), read)
    rendered = render_template(
        "inbox/inbox.html",
        bulk=bulk,
        typed=typed,
        problem=problem,
        kept=kept,
        shown=shown,
        is_leader=guide_of(actor()) is LEADER,
        **told,
    )
    return over_page(rendered, problem.status if problem else 200)


def sign_many() -> Any:
    """Signs for every ticked case, or for all that the page showed, with what the sheet says of the signing.

    Back in the inbox, which in place stays narrowed to its day, it is said how many, and which were refused and why. What is
    wrong with the sheet itself is said at its box, what was ticked stays so, and nothing is signed for.
    """
    sheet = _asked()
    answers, ids = read_posted(request.form, sheet, today=today()), ticked("shown" if request.form.get("all") else "case")
    here = url_for("inbox.inbox_page", on=shown_day())
    if not ids:
        flash(cast(Any, {"refused": gettext("没有选中的事项"), "text": ""}), "toast")
        return _inbox(None, answers)
    if faults := read_answers(sheet, answers, today=today(), lookup=Nobody())[1] | unsure_days(answers):
        return _inbox(None, answers, problem_of(InvalidForm(fields=faults)), ticked())
    run_id = start(Wish(SIGNING, answers, origin=here), lambda _store, _occasion: ids)
    told = tell(run_id)
    if told.run.finished_at is None:
        return redirect(url_for("bulk.run_page", run_id=run_id), 303)
    if told.run.left_out:
        return _inbox(told, answers)
    undo = url_for("bulk.undo", run_id=run_id) if told.can_undo else ""
    flash(cast(Any, {"text": gettext("已签收%(n)s件", n=told.run.done), "undo": undo}), "toast")
    return redirect(here, 303)


def _asked() -> tuple[Field, ...]:
    return office().engine.read(now(), lambda _store, occasion: signing_form(occasion.catalogue))


ROUTES = (
    Route("/inbox", inbox_page, Access.SIGNED_IN),
    Route("/inbox/sign", sign_many, Access.SIGNED_IN, ("POST",)),
)
