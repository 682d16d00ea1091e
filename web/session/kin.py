"""What somebody declares of his relatives and interests, so that he is not put to a case that concerns them (回避)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import DomainError
from web.access import Access, Route
from web.cases.page import KIN
from web.current import actor, now, office
from web.errors import Problem, problem_of
from web.storable import whole
from workflow import relatives


def kin_page() -> Any:
    """One's own declarations; nobody else is shown them."""
    return _kin(None)


def _kin(problem: Problem | None) -> Any:
    declared = office().database.read(lambda store: relatives.declared_by(store, actor().person_id or 0))
    page = render_template("session/kin.html", declared=declared, kin=KIN, problem=problem, typed=request.form)
    return page, problem.status if problem else 200


def declare() -> Any:
    """One more."""
    told = {"name": request.form.get("name", ""), "kin": request.form.get("kin", "")}
    try:
        office().database.write(lambda store: relatives.declare(store, person_id=actor().person_id or 0, now=now(), **told))
    except DomainError as refusal:
        return _kin(problem_of(refusal))
    flash(gettext("已申报"), "toast")
    return redirect(url_for("session.kin_page"), 303)


def take_back() -> Any:
    """One less."""
    chosen = request.form.get("relative", type=whole) or 0
    office().database.write(lambda store: relatives.take_back(store, person_id=actor().person_id or 0, relative_id=chosen))
    return redirect(url_for("session.kin_page"), 303)


ROUTES = (
    Route("/kin", kin_page, Access.SIGNED_IN),
    Route("/kin", declare, Access.SIGNED_IN, ("POST",)),
    Route("/kin/end", take_back, Access.SIGNED_IN, ("POST",)),
)
