"""The engine's own verbs from a case's page, and the forms of those that ask for more than fits beside a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request

from states.definition import Definition, ExtensionRule
from states.errors import BadInput, CaseNotFound, DomainError, InvalidForm, NotFound
from web.cases import page as shown
from web.cases.choices import organ_choices, organs_of
from web.cases.showing import after_step, render_case
from web.cases.typed import approval, case_of, day, number, scan, text, upload, who
from web.current import actor, now, office
from web.errors import problem_of
from web.posted import read_posted
from workflow.reads.case_page import CasePage
from workflow.reads.case_page import case_page as read_case
from workflow.reads.people import find_person
from workflow.types import Outcome


def verb(case_id: int, name: str) -> Any:
    """One of the engine's own verbs, from its small form on the case page."""
    run = VERBS.get(name)
    if run is None:
        raise NotFound(what="verb", id=name)
    try:
        run(case_id)
    except CaseNotFound:
        raise
    except DomainError as refusal:
        problem = problem_of(refusal)
        if name in FORMS and "form" in request.form:
            return FORMS[name](case_id, problem)
        return render_case(case_id, problem.status, problem=problem, typed=request.form)
    return after_step(case_id)


def undo(case_id: int) -> Any:
    """Takes back one's own last step."""
    return verb(case_id, "undo")


def _amend(case_id: int) -> Outcome:
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    key = text("field")
    field = page.definition.field_by_key.get(key)
    if field is None:
        raise BadInput(why="unknown_field", field=key)
    answers = read_posted(request.form, [field], partial=True)
    return office().engine.amend(case_id, data=answers, reason=text("reason"), **who())


def _bar(case_id: int) -> Outcome:
    person_id = actor().person_id if request.form.get("own") else None
    if told := text("person"):
        person_id = office().engine.read(now(), lambda store, _occasion: find_person(store, told))
        if person_id is None:
            raise InvalidForm(fields={"person": ["unknown"]})
    organ_id = number("organ") or None
    return office().engine.bar(case_id, reason=text("reason"), person_id=person_id, organ_id=organ_id, **who())


def _merge(case_id: int) -> Outcome:
    return office().engine.merge(
        case_id, into_id=case_of("number"), reason=text("reason"), approval=approval() or None, scan=scan(), **who()
    )


def _split(case_id: int) -> Outcome:
    parts = [{"title": line.strip()} for line in text("parts").splitlines() if line.strip()]
    return office().engine.split(case_id, parts=parts, reason=text("reason"), **who())


def _ask_extension(case_id: int) -> Outcome:
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    clock = text("clock")
    rule = extension_of(page.definition, clock)
    return office().engine.ask_extension(
        case_id,
        clock=clock,
        wanted_on=day("wanted_on"),
        reason=text("reason"),
        data=read_posted(request.form, rule.form),
        proof=upload("proof"),
        **who(),
    )


VERBS: dict[str, Callable[[int], Outcome]] = {
    "comment": lambda case_id: office().engine.comment(case_id, text=text("text"), **who()),
    "assign": lambda case_id: office().engine.assign(case_id, person_id=number("person") or None, **who()),
    "pause": lambda case_id: office().engine.pause(
        case_id, reason=text("reason"), approver=text("approver"), max_days=number("max_days"), **who()
    ),
    "resume": lambda case_id: office().engine.resume(case_id, reason=text("reason"), **who()),
    "ask_extension": _ask_extension,
    "decide_extension": lambda case_id: office().engine.decide_extension(
        case_id, clock=text("clock"), granted=text("granted") == "1", reason=text("reason"), **who()
    ),
    "amend": _amend,
    "link": lambda case_id: office().engine.link(case_id, other_id=case_of("number"), **who()),
    "bar": _bar,
    "merge": _merge,
    "split": _split,
    "void": lambda case_id: office().engine.void(case_id, reason=text("reason"), approver=text("approver"), **who()),
    "withdraw": lambda case_id: office().engine.withdraw(case_id, reason=text("reason"), **who()),
    "undo": lambda case_id: office().engine.undo(case_id, **who()),
}


def bar_page(case_id: int) -> Any:
    """The form of taking a person or an organ off the case."""
    return _bar_form(case_id, None)


def _bar_form(case_id: int, problem: Any) -> Any:
    def read(store: Any, occasion: Any) -> dict[str, Any]:
        page = read_case(store, occasion, actor(), case_id)
        return {"page": page, "organs": organ_choices(occasion, but=page.barring.organs | {page.row.supervisor_id})}

    told = office().engine.read(now(), read)
    offer = next((verb for verb in told["page"].verbs if verb.verb == "bar" and verb.allowed), None)
    if offer is None:
        raise CaseNotFound(id=case_id)
    rendered = render_template("cases/bar.html", offer=offer, problem=problem, typed=request.form, **told)
    return rendered, problem.status if problem else 200


def amend_page(case_id: int, key: str) -> Any:
    """The form of one fact that is a list or names organs."""
    return _amend_form(case_id, None, key)


def _amend_form(case_id: int, problem: Any, key: str = "") -> Any:
    key = key or text("field")

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        page = read_case(store, occasion, actor(), case_id)
        field = page.definition.field_by_key.get(key)
        offered = next((verb.params.get("fields", ()) for verb in page.verbs if verb.verb == "amend"), ())
        if field is None or key not in offered:
            raise NotFound(what="field", id=key)
        return {"page": page, "field": field, "organs": organs_of([field], occasion, page.barring.organs)}

    told = office().engine.read(now(), read)
    stored = next((fact.value for fact in told["page"].facts if fact.key == key), None)
    value = read_posted(request.form, [told["field"]]).get(key) if problem else stored
    rendered = render_template("cases/amend.html", value=value, problem=problem, typed=request.form, **told)
    return rendered, problem.status if problem else 200


def extend_page(case_id: int, clock: str) -> Any:
    """The form of asking for a later date on one clock."""
    return _extend_form(case_id, None, clock)


def _extend_form(case_id: int, problem: Any, clock: str = "") -> Any:
    clock = clock or text("clock")

    def read(store: Any, occasion: Any) -> tuple[CasePage, ExtensionRule, dict[str, Any]]:
        page = read_case(store, occasion, actor(), case_id)
        rule = extension_of(page.definition, clock)
        return page, rule, organs_of(rule.form, occasion, page.barring.organs)

    page, rule, organs = office().engine.read(now(), read)
    latest = next((verb.params.get("latest", {}).get(clock) for verb in page.verbs if verb.verb == "ask_extension"), None)
    if latest is None and problem:
        return render_case(case_id, problem.status, problem=problem)  # It was decided, or asked for, meanwhile.
    if latest is None:
        raise NotFound(what="clock", id=clock)
    told = {
        "page": page,
        "shown": shown,
        "organs": organs,
        "clock": next(view for view in page.clocks if view.key == clock),
        "latest": latest,
        "rule": rule,
        "values": read_posted(request.form, rule.form),
        "typed": request.form,
        "problem": problem,
    }
    return render_template("cases/extend.html", **told), problem.status if problem else 200


def extension_of(definition: Definition, clock: str) -> ExtensionRule:
    """The clock's rule, or NotFound."""
    found = definition.clock_by_key.get(clock)
    if found is None or found.extension is None:
        raise NotFound(what="clock", id=clock)
    return found.extension


FORMS: dict[str, Callable[[int, Any], Any]] = {"bar": _bar_form, "amend": _amend_form, "ask_extension": _extend_form}
