"""What is sealed of a case, shown to whoever is named for it: asked with a reason, answered once, kept nowhere."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from states.errors import CaseNotFound, DomainError
from web.cases import page as shown
from web.cases.sheets import offer_of
from web.cases.typed import text
from web.current import actor, now, office
from web.errors import problem_of
from workflow.reads.case_page import case_page as read_case


def unseal_page(case_id: int) -> Any:
    """The form that asks what is to be opened, and why."""
    return _sheet(case_id, None)


def unseal(case_id: int) -> Any:
    """The facts that were asked for, in plain words; a second look is asked for anew."""
    chosen = request.form.getlist("fields")
    try:
        found = office().engine.unseal(case_id, actor=actor(), now=now(), fields=chosen, reason=text("reason"))
    except CaseNotFound:
        raise
    except DomainError as refusal:
        return _sheet(case_id, problem_of(refusal))
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    fields = page.definition.field_by_key
    told = [(fields[key].title, value) for key, value in found.items()]
    return render_template("cases/unsealed.html", page=page, told=told, shown=shown)


def _sheet(case_id: int, problem: Any) -> Any:
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    offer = offer_of(page, "unseal")
    if offer is None:
        raise CaseNotFound(id=case_id)
    fields = [page.definition.field_by_key[key] for key in offer.params["fields"]]
    told = {"page": page, "fields": fields, "chosen": request.form.getlist("fields"), "shown": shown}
    return render_template("cases/unseal.html", problem=problem, typed=request.form, **told), problem.status if problem else 200
