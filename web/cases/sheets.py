"""The forms of the engine's own verbs: each a page of its own, or a part of the case's page, from the same address."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from flask import redirect, render_template, request

from states.definition import Definition, ExtensionRule
from states.errors import CaseNotFound, NotFound
from states.forms import APPROVAL
from web.cases import clock_words
from web.cases import page as shown
from web.cases.choices import companions_of, organ_choices, organs_of
from web.cases.discretion import NARROWING, discretion_sheet
from web.cases.showing import after_refusal
from web.cases.typed import approval, ids, text
from web.current import actor, now, office, today
from web.posted import read_posted
from web.way_back import way_back
from workflow.reads.buttons import VerbButton
from workflow.reads.case_page import CasePage
from workflow.reads.case_page import case_page as read_case
from workflow.reads.later import Later
from workflow.reads.mentions import nameable_on
from workflow.reads.people import assignees_of


def verb_page(case_id: int, name: str) -> Any:
    """The form of one of the engine's own verbs; whoever may not use it is led back to the case, which says why not."""
    if name not in SHEETS:
        raise NotFound(what="verb", id=name)
    return SHEETS[name](case_id, name, None)


def offer_of(page: CasePage, name: str) -> VerbButton | None:
    """The verb with what it offers, if this person may use it now."""
    return next((verb for verb in page.verbs if verb.verb == name and verb.allowed), None)


def plain_sheet(case_id: int, name: str, problem: Any) -> Any:
    """The form of a verb that asks only for what every kind of case has."""

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        page = read_case(store, occasion, actor(), case_id)
        holder = page.row.holder_id
        known = name == "assign" and holder is not None and holder in actor().organ_ids
        return {"page": page, "colleagues": assignees_of(store, occasion, actor(), case_id, holder or 0) if known else ()}

    told = office().engine.read(now(), read)
    offer = offer_of(told["page"], name)
    waiting = _request_of(told["page"], offer) if name == "decide_extension" and offer else None
    if offer is None or (name == "decide_extension" and waiting is None):
        return _back(case_id, problem)
    told |= {"offer": offer, "name": name, "later": waiting, "granted": request.values.get("granted", "")}
    told |= {"approval": APPROVAL, "paper_typed": approval()}
    return _render("cases/verb.html", problem, **told)


def _comment_sheet(case_id: int, _name: str, problem: Any) -> Any:
    def read(store: Any, occasion: Any) -> dict[str, Any]:
        page = read_case(store, occasion, actor(), case_id)
        people = nameable_on(store, occasion, actor(), case_id)
        return {"page": page, "nameable": [(organ, list(one)) for organ, one in groupby(people, key=lambda one: one.organ)]}

    told = office().engine.read(now(), read)
    if offer_of(told["page"], "comment") is None:
        return _back(case_id, problem)
    return _render("cases/comment.html", problem, chosen=ids("mention"), meant=ids("meant"), **told)


def _request_of(page: CasePage, offer: VerbButton) -> Later | None:
    """The request that the address or the form names, else the one that waits longest."""
    named = text("clock") or request.args.get("clock")
    waiting = [one for one in page.later if one.clock in offer.params["clocks"]]
    return next((one for one in waiting if named in (None, one.clock)), None)


def _back(case_id: int, problem: Any) -> Any:
    """To where it began: there is no button for this any more."""
    return after_refusal(case_id, problem) if problem else redirect(way_back(case_id), 303)


def _render(template: str, problem: Any, **told: Any) -> Any:
    rendered = render_template(template, shown=shown, problem=problem, typed=request.form, **told)
    return rendered, problem.status if problem else 200


def bar_page(case_id: int) -> Any:
    """The form of taking a person or an organ off the case."""
    return _bar_sheet(case_id, "bar", None)


def _bar_sheet(case_id: int, _name: str, problem: Any) -> Any:
    def read(store: Any, occasion: Any) -> dict[str, Any]:
        page = read_case(store, occasion, actor(), case_id)
        return {"page": page, "organs": organ_choices(occasion, but=page.barring.organs | {page.row.supervisor_id})}

    told = office().engine.read(now(), read)
    offer = offer_of(told["page"], "bar")
    if offer is None and problem:
        return after_refusal(case_id, problem)
    if offer is None:
        raise CaseNotFound(id=case_id)
    return _render("cases/bar.html", problem, offer=offer, **told)


def amend_page(case_id: int, key: str) -> Any:
    """The form of correcting one fact."""
    return _amend_sheet(case_id, key, None)


def _amend_sheet(case_id: int, key: str, problem: Any) -> Any:
    key = text("field") or key

    def read(store: Any, occasion: Any) -> dict[str, Any] | None:
        page = read_case(store, occasion, actor(), case_id)
        field = page.definition.field_by_key.get(key)
        offered = next((verb.params.get("fields", ()) for verb in page.verbs if verb.verb == "amend"), ())
        if field is None or key not in offered:
            return None
        companions = companions_of(page, key)
        organs = organs_of([field, *companions], occasion, page.barring.organs)
        return {"page": page, "field": field, "companions": companions, "organs": organs}

    told = office().engine.read(now(), read)
    if told is None and problem:
        return after_refusal(case_id, problem)
    if told is None:
        raise NotFound(what="field", id=key)
    stored = next((fact.value for fact in told["page"].facts if fact.key == key), None)
    values = read_posted(request.form, [told["field"], *told["companions"]], today=today()) if problem else {key: stored}
    return _render("cases/amend.html", problem, values=values, clock_words=clock_words, **told)


def extend_page(case_id: int, clock: str) -> Any:
    """The form of asking for a later date on one clock."""
    return _extend_sheet(case_id, clock, None)


def _extend_sheet(case_id: int, clock: str, problem: Any) -> Any:
    clock = text("clock") or clock

    def read(store: Any, occasion: Any) -> tuple[CasePage, ExtensionRule, dict[str, Any]]:
        page = read_case(store, occasion, actor(), case_id)
        rule = extension_of(page.definition, clock)
        return page, rule, organs_of(rule.form, occasion, page.barring.organs)

    page, rule, organs = office().engine.read(now(), read)
    latest = next((verb.params.get("latest", {}).get(clock) for verb in page.verbs if verb.verb == "ask_extension"), None)
    if latest is None and problem:
        return after_refusal(case_id, problem)  # It was decided, or asked for, meanwhile.
    if latest is None:
        raise NotFound(what="clock", id=clock)
    told = {
        "page": page,
        "organs": organs,
        "clock": next(view for view in page.clocks if view.key == clock),
        "latest": latest,
        "rule": rule,
        "values": read_posted(request.form, rule.form, today=today()),
    }
    return _render("cases/extend.html", problem, **told)


def extension_of(definition: Definition, clock: str) -> ExtensionRule:
    """The clock's rule, or NotFound."""
    found = definition.clock_by_key.get(clock)
    if found is None or found.extension is None:
        raise NotFound(what="clock", id=clock)
    return found.extension


# A verb without a line here is pressed and done, or asks on the case's page itself.
PLAIN = ("assign", "decide_extension", "pause", "resume", "link", "merge", "split", "void", "withdraw")
SHEETS: dict[str, Callable[[int, str, Any], Any]] = {
    **dict.fromkeys(PLAIN, plain_sheet),
    "comment": _comment_sheet,
    "bar": _bar_sheet,
    **dict.fromkeys(NARROWING, discretion_sheet),
    "amend": _amend_sheet,
    "ask_extension": _extend_sheet,
}
