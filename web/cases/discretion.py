"""Who may know of a case: the page that says it, and what changes it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import redirect, render_template, request, url_for

from states.errors import CaseNotFound, DomainError, NotFound
from web.cases import page as shown
from web.cases.showing import after_refusal, after_step
from web.cases.typed import ids, number, text, who
from web.current import actor, now, office
from web.errors import problem_of
from workflow.reads.case_page import case_page as read_case
from workflow.reads.discretion import candidates_of
from workflow.types import Outcome


def discretion_page(case_id: int) -> Any:
    """Who may know of the case and why, with the forms that this reader may use."""
    return discretion_sheet(case_id, "", None)


def discretion_sheet(case_id: int, name: str, problem: Any) -> Any:
    """The page with what was refused; whoever is not told who knows is led back to the case."""

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        page = read_case(store, occasion, actor(), case_id)
        found = candidates_of(store, occasion, page.discretion, case_id) if page.discretion else ()
        return {
            "page": page,
            "candidates": [(organ, list(people)) for organ, people in groupby(found, key=lambda one: one.organ)],
        }

    told = office().engine.read(now(), read)
    if told["page"].discretion is None:
        return after_refusal(case_id, problem) if problem else redirect(url_for("cases.case_page", case_id=case_id), 303)
    rendered = render_template("cases/discretion.html", shown=shown, problem=problem, tried=name, **told)
    return rendered, problem.status if problem else 200


def loosen(case_id: int, name: str) -> Any:
    """Lets somebody in, or decides on what another asked to loosen."""
    run = {"let_in": _let_in, "decide_loosening": _decide}.get(name)
    if run is None:
        raise NotFound(what="verb", id=name)
    try:
        run(case_id)
    except CaseNotFound:
        raise
    except DomainError as refusal:
        return discretion_sheet(case_id, name, problem_of(refusal))
    return after_step(case_id)


def _let_in(case_id: int) -> Outcome:
    return office().engine.let_in(case_id, person_id=number("person"), reason=text("reason"), **who())


def _decide(case_id: int) -> Outcome:
    granted = text("granted") == "1"
    return office().engine.decide_loosening(case_id, asked_id=number("asked"), granted=granted, reason=text("reason"), **who())


def confine(case_id: int) -> Outcome:
    """Only those who were chosen know of it from now on."""
    return office().engine.confine(case_id, people=ids("people"), reason=text("reason"), **who())


def leave_out(case_id: int) -> Outcome:
    """Strikes a name."""
    return office().engine.leave_out(case_id, person_id=number("person"), reason=text("reason"), **who())


def raise_level(case_id: int) -> Outcome:
    """Raises the level of the case."""
    return office().engine.raise_level(case_id, level=number("level"), reason=text("reason"), **who())


def raise_file(case_id: int) -> Outcome:
    """Raises the level of one of its files."""
    return office().engine.raise_file(case_id, file_id=number("file"), level=number("level"), reason=text("reason"), **who())


def ask_loosening(case_id: int) -> Outcome:
    """Asks that a level, the circle or a recusal be loosened."""
    return office().engine.ask_loosening(
        case_id,
        what=text("what"),
        level=number("level") if "level" in request.form else None,
        file_id=number("file") or None,
        barred_id=number("barred") or None,
        reason=text("reason"),
        **who(),
    )


def keep_on(case_id: int) -> Outcome:
    """Keeps somebody on whom a hint says to take off."""
    return office().engine.keep_on(case_id, person_id=number("person"), reason=text("reason"), **who())


# What only narrows, or only asks: it needs no fresh proof.
NARROWING = {
    "confine": confine,
    "leave_out": leave_out,
    "raise_level": raise_level,
    "raise_file": raise_file,
    "ask_loosening": ask_loosening,
    "keep_on": keep_on,
}
