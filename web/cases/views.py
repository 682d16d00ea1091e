"""A case: its page, the form of each transition, registering a new one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.definition import Transition
from states.errors import CaseNotFound, DomainError, InvalidForm, NotFound, StaleCase, gathering
from states.forms import APPROVAL, opening_fields, transition_fields
from web.access import Access, Route
from web.cases import discretion, originals, papers, pictures, proofs, sealed, sheets, uploads, verbs
from web.cases import page as shown
from web.cases.choices import asked_for, implied_recipient, last_days, organ_choices, organs_of, signer_of
from web.cases.questions import laid_out
from web.cases.showing import after_answer, after_row, after_step, diagram_of, render_case
from web.cases.typed import approval, day, scan, text, who
from web.current import actor, now, office, today
from web.days import unsure_days
from web.errors import problem_of
from web.language import said
from web.parts import is_part
from web.posted import read_posted
from web.storable import whole
from web.way_back import along, way_back
from workflow.consent import terms_of
from workflow.occasion import Occasion
from workflow.reads.case_page import CasePage
from workflow.reads.case_page import case_page as read_case
from workflow.reads.suggestions import suggestions_of
from workflow.store import Store
from workflow.verbs.open import opening_post


def case_page(case_id: int) -> Any:
    """Everything of one case that this reader may see, and only the buttons that he may press."""
    return render_case(case_id)


def diagram_page(case_id: int) -> Any:
    """The diagram by itself, with the way that the case has come."""

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        page = read_case(store, occasion, actor(), case_id)
        return {"page": page, "diagram": diagram_of(page)}

    return render_template("cases/diagram.html", **office().engine.read(now(), read))


def act_page(case_id: int, trigger: str) -> Any:
    """The form of one transition."""
    return _form(case_id, trigger, {}, None)


def act(case_id: int, trigger: str) -> Any:
    """Fires it. What was typed is kept when it is refused."""
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    # The case may have moved on while the form was open: what was typed is read, refused by the engine and shown again.
    answers = read_posted(request.form, transition_fields(_transition(page, trigger)), today=today())
    if paper := approval():
        answers["approval"] = paper
    faults: dict[str, list[Any]] = dict(unsure_days(answers))
    happened_on, signed = None, None
    with gathering(faults):
        happened_on = day("happened_on") if text("happened_on") else None
    with gathering(faults):
        signed = scan()
    try:
        if "ask" in request.form:
            if faults:
                raise InvalidForm(fields=faults)
            version = request.form.get("version", type=whole)
            asked = office().engine.ask_decision(case_id, trigger, **who(), data=answers, expected_version=version)
            return after_step(asked.case_id, said(_transition(page, trigger).title), page.row)
        outcome = office().engine.fire(
            case_id,
            trigger,
            **who(),
            data=answers,
            expected_version=request.form.get("version", type=whole),
            happened_on=happened_on,
            scan=signed,
            faults=faults,
        )
    except CaseNotFound:
        raise
    except DomainError as refusal:
        asks_again = not _is_on_row() or _answer_of(page, trigger) == "refused"
        form_page = url_for("cases.act_page", case_id=case_id, trigger=trigger, **along())
        return _form(case_id, trigger, answers, refusal) if asks_again else redirect(form_page, 303)
    if "row" in request.form and (stands := _answer_of(page, trigger)):
        return after_answer(outcome.case_id, gettext("已同意") if stands == "given" else gettext("已答复不同意"))
    if _is_on_row():
        return after_row(outcome.case_id)
    return after_step(outcome.case_id, said(_transition(page, trigger).title), page.row, trigger=trigger)


def _answer_of(page: CasePage, trigger: str) -> str:
    """How a request for approval stands once it is answered by this trigger; "" where it answers none."""
    rule = page.definition.consent
    return rule.outcomes[trigger] or "" if rule and trigger in (rule.given_by, rule.refused_by) else ""


def _is_on_row() -> bool:
    """Was it pressed on a row of a list? What the row cannot ask is asked by the form of its own."""
    return is_part() and "row" in request.form


def _transition(page: CasePage, trigger: str) -> Transition:
    """The transition of this trigger from the present state, else from another; NotFound where the kind has none."""
    here = page.definition.transition_by_edge.get((page.row.state, trigger))
    found = here or next((t for t in page.definition.transitions if t.trigger == trigger), None)
    if found is None:
        raise NotFound(what="transition", id=trigger)
    return found


def _read_form(store: Store, occasion: Occasion, case_id: int, trigger: str) -> dict[str, Any]:
    """What the form of a step is made of."""
    page = read_case(store, occasion, actor(), case_id)
    found = _transition(page, trigger)
    fields = transition_fields(found)
    return {
        "page": page,
        "transition": found,
        "button": next((button for button in page.buttons if button.trigger == trigger), None),
        "fields": fields,
        "organs": organs_of(fields, occasion, page.barring.organs),
        "suggested": suggestions_of(store, occasion, case_id, fields),
        "terms": terms_of(page.definition, page.row.state, found),
        "agenda": [_agenda(item) for item in page.agenda if item.row.badge != "closed"],
    }


def _form(case_id: int, trigger: str, answers: dict[str, Any], refusal: DomainError | None) -> Any:
    told = office().engine.read(now(), partial(_read_form, case_id=case_id, trigger=trigger))
    if told["button"] is None and refusal is None:
        return redirect(way_back(case_id))
    values, begun = _beginnings(told, is_new=refusal is None)
    last = next((event for event in told["page"].timeline if event.actor), None)
    problem = problem_of(refusal, names=shown.names_of(told["page"])) if refusal else None
    if problem and last and isinstance(refusal, StaleCase):
        problem = replace(problem, title=shown.faster(last), text=gettext("没有重复办理。你填写的内容已保留，核对后再办。"))
    rendered = render_template(
        "cases/act.html",
        shown=shown,
        values=values | answers,
        begun=begun,
        bounds=last_days(told["page"], today()),
        problem=problem,
        stale=isinstance(refusal, StaleCase),
        last=last,
        happened_on=text("happened_on"),
        approval=APPROVAL,
        on_row="row" in request.values,
        asking=told["page"].asking if told["button"] and _answer_of(told["page"], trigger) else None,
        later=[one for one in told["page"].later if one.advice and one.advice.trigger == trigger],
        **told,
    )
    return rendered, problem.status if problem else 200


def _beginnings(told: dict[str, Any], *, is_new: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands in the questions before anybody types, and question → column → what each new row begins with.

    Facts that the form asks for again are shown as they stand; a question of its own begins with what it suggests.
    """
    page, step, suggested = told["page"], told["transition"], told.pop("suggested")
    begun = {question.key: suggested.pop(question.key, {}) for question in told["fields"] if question.columns}
    kept = {question.key for question in told["fields"] if question.stores}
    known = {fact.key: fact.value for fact in page.facts if fact.key in kept and fact.value not in (None, "")}
    if is_new:
        asked = asked_for(page, step, request.args.get("step", ""))
        known = suggested | implied_recipient(page, step.holder, told["organs"]) | known | signer_of(page, step) | asked
    return known | _put_to_vote(page, step.trigger), begun


def _put_to_vote(page: CasePage, trigger: str) -> dict[str, Any]:
    """What the body votes on, or has carried: the step is taken with just these answers."""
    going = (one for one in page.decisions if one.trigger == trigger and one.outcome in ("open", "carried"))
    return next((dict(one.given) for one in going), {})


def _agenda(item: Any) -> dict[str, Any]:
    late = gettext("逾期%(n)s天", n=item.row.days_late) if item.row.days_late else ""
    href = url_for("cases.case_page", case_id=item.row.id)
    told = {"id": item.row.id, "number": item.row.number, "title": item.row.title, "href": href, "late": late}
    return told | {"latest": item.latest_on}


def new_page(kind: str) -> Any:
    """The form of registering, for those who may."""
    _require_opening(kind)
    return _new(kind, {}, None)


def _require_opening(kind: str) -> None:
    served = office().engine.read(now(), lambda _store, occasion: occasion.catalogue.of_kind(kind))
    if opening_post(actor(), served) is None:
        raise NotFound(what="kind", id=kind)


def create(kind: str) -> Any:
    """Registers; what was typed is kept when it is refused."""
    _require_opening(kind)
    definition = office().engine.read(now(), lambda _store, occasion: occasion.catalogue.of_kind(kind).definition)
    answers = read_posted(request.form, opening_fields(definition), today=today())
    title, subject = request.form.get("title", ""), request.form.get("subject", type=whole)
    try:
        outcome = office().engine.open(
            kind,
            **who(),
            title=title,
            subject_id=subject,
            data=answers,
            old_number=request.form.get("old_number", ""),
            faults=unsure_days(answers) or None,
        )
    except DomainError as refusal:
        typed = {"title": title, "subject": subject, "old_number": request.form.get("old_number", "")}
        return _new(kind, {**answers, **typed}, refusal)
    flash(gettext("已登记"), "toast")
    return redirect(url_for("cases.case_page", case_id=outcome.case_id), 303)


def _new(kind: str, values: dict[str, Any], refusal: DomainError | None) -> Any:
    def read(_store: Any, occasion: Any) -> dict[str, Any]:
        definition = occasion.catalogue.of_kind(kind).definition
        fields = opening_fields(definition)
        return {
            "definition": definition,
            "fields": fields,
            "organs": organs_of(fields, occasion),
            "subjects": organ_choices(occasion),
        }

    told = office().engine.read(now(), read)
    problem = problem_of(refusal) if refusal else None
    faults = problem.fields if problem and problem.fields else {}
    first, folds = laid_out(told["definition"], told["fields"], values, faults)
    rendered = render_template("cases/new.html", values=values, problem=problem, first=first, folds=folds, **told)
    return rendered, problem.status if problem else 200


ROUTES = (
    Route("/cases/new/<kind>", new_page, Access.SIGNED_IN),
    Route("/cases/new/<kind>", create, Access.SIGNED_IN, ("POST",)),
    Route("/cases/<int:case_id>", case_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/diagram", diagram_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/do/<trigger>", act_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/do/<trigger>", act, Access.SIGNED_IN, ("POST",)),
    Route("/cases/<int:case_id>/undo", verbs.undo, Access.SIGNED_IN, ("POST",)),
    Route("/cases/<int:case_id>/bar", sheets.bar_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/discretion", discretion.discretion_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/discretion/<name>", discretion.loosen, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/cases/<int:case_id>/extension/<clock>", sheets.extend_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/sealed", sealed.unseal_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/sealed", sealed.unseal, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/cases/<int:case_id>/amend/<key>", sheets.amend_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/verbs/<name>", sheets.verb_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/verbs/<name>", verbs.verb, Access.SIGNED_IN, ("POST",)),
    Route("/cases/<int:case_id>/evidence", papers.add_evidence, Access.SIGNED_IN, ("POST",)),
    Route("/cases/<int:case_id>/uploads", uploads.begin_upload, Access.SIGNED_IN, ("POST",)),
    Route("/uploads/<word>", uploads.upload_state, Access.SIGNED_IN),
    Route("/uploads/<word>", uploads.add_part, Access.SIGNED_IN, ("PUT",)),
    Route("/cases/<int:case_id>/evidence/<int:file_id>", papers.look, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/evidence/<int:file_id>/original", originals.original_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/evidence/<int:file_id>/original", originals.original, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/cases/<int:case_id>/scenario.yaml", papers.scenario, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/receipts/<int:seq>", proofs.receipt, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/dossier.zip", proofs.dossier, Access.SIGNED_IN, fresh=True),
    Route("/cases/<int:case_id>/letters/<name>", papers.letter, Access.SIGNED_IN),
    Route("/files/<int:file_id>/copy", pictures.circulated, Access.SIGNED_IN),
    Route("/files/<int:file_id>/small", pictures.small, Access.SIGNED_IN),
    Route("/files/<int:file_id>", papers.file, Access.SIGNED_IN),
)
