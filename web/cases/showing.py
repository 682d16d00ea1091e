"""A case's page as it is shown, whatever brought the reader there."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from states.definition import Definition
from states.draw import svg
from states.errors import CaseNotFound
from states.forms import APPROVAL
from web.cases import page as shown
from web.cases.talks import talk_of
from web.current import actor, now, office
from web.language import current_language
from workflow.reads.case_page import case_page as read_case
from workflow.reads.people import assignees_of
from workflow.verbs.fire import RECEIPT


def render_case(case_id: int, status: int = 200, **more: Any) -> Any:
    """The page of the case with its status; `more` may hold what was typed and the problem of a refusal."""

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        page = read_case(store, occasion, actor(), case_id)
        definition, holder = page.definition, page.row.holder_id
        talk = talk_of(store, occasion, page)
        mine = holder is not None and holder in actor().organ_ids
        return {
            "page": page,
            "talk": talk,
            "colleagues": assignees_of(store, occasion, actor(), case_id, holder) if mine and holder else (),
            "diagram": svg(definition, current_language(), way=[step.state for step in page.path]),
            "titles": [(s.key, s.title.in_(current_language())) for s in definition.states if s.key != "cancelled"],
        }

    told = office().engine.read(now(), read)
    labels = _labels(told["page"].definition, told["page"].row.state)
    template = "cases/talk.html" if told["talk"] else "cases/case.html"
    return render_template(template, shown=shown, labels=labels, approval=APPROVAL, **told, **more), status


def _labels(definition: Definition, state: str) -> list[tuple[str, str]]:
    """The labels of evidence with their titles: first what the steps of this state and requests for a later date ask for."""
    known = office().titles["evidence_labels"]
    steps = definition.triggers_from.get(state, ())
    asked = {label for step in steps if step.evidence for label in step.evidence.labels}
    asked |= {RECEIPT for step in steps if step.from_paper}
    asked |= {clock.extension.proof.label for clock in definition.clocks if clock.extension and clock.extension.proof}
    return [(key, shown.evidence_title(key)) for key in sorted(known, key=lambda key: key not in asked)]


def after_step(case_id: int) -> Any:
    """Back to the case, or to where work begins if the step has taken it out of sight; undo is offered where it is open."""
    try:
        page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    except CaseNotFound:
        flash(gettext("办理成功"), "toast")
        return redirect(url_for("ledger.home"), 303)
    may_undo = any(verb.verb == "undo" and verb.allowed for verb in page.verbs)
    done: Any = {"text": gettext("办理成功"), "undo": url_for("cases.undo", case_id=case_id) if may_undo else ""}
    flash(done, "toast")
    return redirect(url_for("cases.case_page", case_id=case_id), 303)
