"""到期鉴定 and 销毁: the list of what is due, a proposal, the second person's word, and what became of each case."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import BadInput, DomainError, NotFound
from web.access import Access, Route
from web.current import actor, now, office
from web.errors import problem_of
from web.retention import words
from web.storable import whole
from workflow.disposal import appraisal, showing
from workflow.disposal.deciding import APPROVAL_AT_MOST, REASON_AT_MOST
from workflow.occasion import Occasion
from workflow.store import Store

MOST = {"reason_most": REASON_AT_MOST, "approval_most": APPROVAL_AT_MOST}


def due_page() -> Any:
    """What is due for appraisal, and the latest disposals."""
    return _due(None)


def choose() -> Any:
    """With what was ticked: a proposal to dispose of it, holding it back, or letting it go again."""
    _require_may()
    ids = request.form.getlist("case", type=whole)
    told: dict[str, Any] = {"actor": actor(), "now": now(), "reason": request.form.get("reason", "")}
    engine, act = office().engine, request.form.get("act", "")
    try:
        if act == "propose":
            made = engine.propose_disposal(ids, **told)
            flash(gettext("已提请销毁，等另一人决定"), "toast")
            return redirect(url_for("retention.disposal_page", disposal_id=made), 303)
        if not ids:
            raise BadInput(why="none_chosen")
        for case_id in ids:
            (engine.hold_back if act == "hold_back" else engine.let_go)(case_id, **told)
    except DomainError as refusal:
        return _due(problem_of(refusal))
    flash(gettext("已留存备查") if act == "hold_back" else gettext("已解除留存"), "toast")
    return redirect(url_for("retention.due_page"), 303)


def _require_may() -> None:
    if not appraisal.may_appraise(actor()):
        raise NotFound(what="page")


def _due(problem: Any) -> Any:
    _require_may()
    after = _after(request.args.get("after", ""))

    def read(store: Store, occasion: Occasion) -> dict[str, Any]:
        told = appraisal.list_due(store, occasion, actor(), after=after)
        kinds = {kind: served.definition.title for kind, served in occasion.catalogue.current.items()}
        return {"told": told, "kinds": kinds, "disposals": showing.list_disposals(store, occasion, actor())}

    told = office().engine.read(now(), read)
    more = "{}.{}".format(*told["told"].last) if told["told"].more and told["told"].last else ""
    typed = {"reason": request.form.get("reason", ""), "cases": set(request.form.getlist("case", type=whole))}
    page = render_template("retention/due.html", words=words, problem=problem, typed=typed, more=more, **MOST, **told)
    return page, problem.status if problem else 200


def _after(text: str) -> tuple[date, int] | None:
    day, _, case_id = text.partition(".")
    try:
        return (date.fromisoformat(day), int(case_id)) if text else None
    except ValueError:
        raise BadInput(why="cursor") from None


def disposal_page(disposal_id: int) -> Any:
    """One proposal: its cases, what was decided, and what became of each."""
    return _disposal(disposal_id, None)


def decide(disposal_id: int) -> Any:
    """The second person's word; granted, the first cases go at once and the scheduler does the rest."""
    form = request.form
    told = {"decision": form.get("decision", ""), "approval": form.get("approval", "")}
    try:
        granted = {"yes": True, "no": False}.get(form.get("granted", ""))
        if granted is None:
            raise BadInput(why="granted")
        office().engine.decide_disposal(disposal_id, actor=actor(), now=now(), granted=granted, **told)
    except NotFound:
        raise
    except DomainError as refusal:
        return _disposal(disposal_id, problem_of(refusal))
    office().engine.work_disposals(now(), wipe=office().wipe)
    flash(gettext("已同意销毁") if granted else gettext("已决定保留"), "toast")
    return redirect(url_for("retention.disposal_page", disposal_id=disposal_id), 303)


def _disposal(disposal_id: int, problem: Any) -> Any:
    def read(store: Store, occasion: Occasion) -> dict[str, Any]:
        kinds = {kind: served.definition.title for kind, served in occasion.catalogue.current.items()}
        return {"told": showing.get_disposal(store, occasion, actor(), disposal_id), "kinds": kinds}

    told = office().engine.read(now(), read)
    typed = {name: request.form.get(name, "") for name in ("decision", "approval")}
    page = render_template("retention/disposal.html", words=words, problem=problem, typed=typed, **MOST, **told)
    return page, problem.status if problem else 200


ROUTES = (
    Route("/retention", due_page, Access.SIGNED_IN),
    Route("/retention", choose, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/retention/<int:disposal_id>", disposal_page, Access.SIGNED_IN),
    Route("/retention/<int:disposal_id>", decide, Access.SIGNED_IN, ("POST",), fresh=True),
)
