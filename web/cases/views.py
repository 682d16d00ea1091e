"""A case: its page, the form of each verb, registering a new one, evidence, letters, files."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext

from handlers.letters.facts import LetterFacts
from handlers.registry import LETTERS
from states.definition import Definition, Transition
from states.draw import svg
from states.errors import BadInput, CaseNotFound, DomainError, InvalidForm, NotFound, StaleCase
from states.forms import APPROVAL, opening_fields, transition_fields
from web.access import Access, Route
from web.cases import page as shown
from web.cases.choices import organ_choices, organs_of
from web.cases.letters import letter_facts
from web.current import actor, now, office, today
from web.errors import problem_of
from web.language import current_language
from web.posted import read_posted
from web.storable import whole
from workflow import files
from workflow.reads.case_page import CasePage
from workflow.reads.case_page import case_page as read_case
from workflow.reads.people import assignees_of, find_person
from workflow.types import Outcome
from workflow.verbs.open import opening_post

MEBIBYTE = 1024 * 1024
PREVIEWED = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")


# ---- the page -------------------------------------------------------------------------------------------------------------


def case_page(case_id: int) -> Any:
    """Everything of one case that this reader may see, and only the buttons that he may press."""
    return _render(case_id)


def _render(case_id: int, status: int = 200, **more: Any) -> Any:
    def read(store: Any, occasion: Any) -> dict[str, Any]:
        page = read_case(store, occasion, actor(), case_id)
        definition, holder = page.definition, page.row.holder_id
        mine = holder is not None and holder in actor().organ_ids
        return {
            "page": page,
            "colleagues": assignees_of(store, occasion, actor(), case_id, holder) if mine and holder else (),
            "diagram": svg(definition, current_language(), way=[step.state for step in page.path]),
            "titles": [(s.key, s.title.in_(current_language())) for s in definition.states if s.key != "cancelled"],
        }

    told = office().engine.read(now(), read)
    labels = _labels(told["page"].definition)
    return render_template("cases/case.html", shown=shown, labels=labels, approval=APPROVAL, **told, **more), status


def _labels(definition: Definition) -> list[tuple[str, str]]:
    """The evidence labels that this kind knows, with their titles."""
    known = office().titles["evidence_labels"]
    used = {label for t in definition.transitions if t.evidence for label in t.evidence.labels}
    return [(key, shown.words(known[key])) for key in known if not used or key in used or key in ("site_photo", "other")]


# ---- transitions ----------------------------------------------------------------------------------------------------------


def act_page(case_id: int, trigger: str) -> Any:
    """The form of one transition."""
    return _form(case_id, trigger, {}, None)


def act(case_id: int, trigger: str) -> Any:
    """Fires it. What was typed is kept when it is refused."""
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    # The case may have moved on while the form was open: what was typed is read, refused by the engine and shown again.
    answers = read_posted(request.form, transition_fields(_transition(page, trigger)))
    if approval := _approval():
        answers["approval"] = approval
    occurred = _text("happened_on")
    try:
        outcome = office().engine.fire(
            case_id,
            trigger,
            **_who(),
            data=answers,
            expected_version=request.form.get("version", type=whole),
            happened_on=_day("happened_on") if occurred else None,
            scan=_scan(),
        )
    except CaseNotFound:
        raise
    except DomainError as refusal:
        return _form(case_id, trigger, answers, refusal)
    return _after_step(outcome.case_id)


def _approval() -> dict[str, str]:
    """What was typed of an approval on paper."""
    return {k.removeprefix("approval/"): v for k, v in request.form.items() if k.startswith("approval/") and v}


def _scan() -> files.Received | None:
    """The scan of an approval on paper, where one came with the form."""
    upload = request.files.get("approval/scan")
    if upload is None or not upload.filename:
        return None
    try:
        return _receive(upload)
    except BadInput as refusal:
        raise InvalidForm(fields={"approval/scan": [refusal.params["why"]]}) from None


def _receive(upload: Any) -> files.Received:
    limit = office().settings.upload_mebibytes * MEBIBYTE
    return files.receive(office().settings.home, name=upload.filename, stream=upload.stream, limit=limit)


def _transition(page: CasePage, trigger: str) -> Transition:
    """The transition of this trigger from the present state, else from another; NotFound where the kind has none."""
    here = page.definition.transition_by_edge.get((page.row.state, trigger))
    found = here or next((t for t in page.definition.transitions if t.trigger == trigger), None)
    if found is None:
        raise NotFound(what="transition", id=trigger)
    return found


def _after_step(case_id: int) -> Any:
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


def _form(case_id: int, trigger: str, answers: dict[str, Any], refusal: DomainError | None) -> Any:
    def read(store: Any, occasion: Any) -> dict[str, Any]:
        page = read_case(store, occasion, actor(), case_id)
        found = _transition(page, trigger)
        fields = transition_fields(found)
        return {
            "page": page,
            "transition": found,
            "button": next((button for button in page.buttons if button.trigger == trigger), None),
            "fields": fields,
            "organs": organs_of(fields, occasion, page.barring.organs),
            "agenda": [_agenda(item) for item in page.agenda if item.row.badge != "closed"],
        }

    told = office().engine.read(now(), read)
    if told["button"] is None and refusal is None:
        return redirect(url_for("cases.case_page", case_id=case_id))
    # Facts that the form asks for again are shown as they stand; a question of its own begins empty.
    kept = {question.key for question in told["fields"] if question.stores}
    stored = {fact.key: fact.value for fact in told["page"].facts if fact.key in kept and fact.value not in (None, "")}
    values = stored | answers
    problem = problem_of(refusal) if refusal else None
    rendered = render_template(
        "cases/act.html",
        shown=shown,
        values=values,
        problem=problem,
        stale=isinstance(refusal, StaleCase),
        last=next((event for event in told["page"].timeline if event.trigger), None),
        happened_on=_text("happened_on"),
        approval=APPROVAL,
        **told,
    )
    return rendered, problem.status if problem else 200


def _agenda(item: Any) -> dict[str, Any]:
    late = gettext("逾期%(n)s天", n=item.row.days_late) if item.row.days_late else ""
    href = url_for("cases.case_page", case_id=item.row.id)
    return {"id": item.row.id, "number": item.row.number, "title": item.row.title, "href": href, "late": late}


# ---- registering ----------------------------------------------------------------------------------------------------------


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
    answers = read_posted(request.form, opening_fields(definition))
    title, subject = request.form.get("title", ""), request.form.get("subject", type=whole)
    try:
        if not title.strip() or subject is None:
            missing = {"title": ["required"]} if not title.strip() else {}
            raise InvalidForm(fields=missing | ({"subject": ["required"]} if subject is None else {}))
        outcome = office().engine.open(
            kind,
            **_who(),
            title=title,
            subject_id=subject,
            data=answers,
            old_number=request.form.get("old_number", ""),
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
    rendered = render_template("cases/new.html", values=values, problem=problem, **told)
    return rendered, problem.status if problem else 200


# ---- the engine's own verbs -----------------------------------------------------------------------------------------------


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
        return _render(case_id, problem.status, problem=problem, typed=request.form)
    return _after_step(case_id)


def undo(case_id: int) -> Any:
    """Takes back one's own last step."""
    return verb(case_id, "undo")


def _text(name: str) -> str:
    return request.form.get(name, "").strip()


def _who() -> dict[str, Any]:
    """Who asks a verb, when, and with which form."""
    return {"actor": actor(), "now": now(), "key": request.form.get("key") or None}


def _day(name: str) -> date:
    try:
        return date.fromisoformat(_text(name))
    except ValueError:
        raise InvalidForm(fields={name: ["not_a_date"]}) from None


def _case_of(name: str) -> int:
    """The case that a number typed by hand means; invisible and absent are one answer."""
    from workflow.reads.seen import find_number

    number = _text(name)
    found = office().engine.read(now(), lambda store, occasion: find_number(store, occasion, actor(), number))
    if found is None:
        raise InvalidForm(fields={name: ["unknown"]})
    return found


def _amend(case_id: int) -> Outcome:
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    key = _text("field")
    field = page.definition.field_by_key.get(key)
    if field is None:
        raise BadInput(why="unknown_field", field=key)
    answers = read_posted(request.form, [field], partial=True)
    return office().engine.amend(case_id, data=answers, reason=_text("reason"), **_who())


def _bar(case_id: int) -> Outcome:
    person_id = actor().person_id if request.form.get("own") else None
    if told := _text("person"):
        person_id = office().engine.read(now(), lambda store, _occasion: find_person(store, told))
        if person_id is None:
            raise InvalidForm(fields={"person": ["unknown"]})
    organ_id = _number("organ") or None
    return office().engine.bar(case_id, reason=_text("reason"), person_id=person_id, organ_id=organ_id, **_who())


def _merge(case_id: int) -> Outcome:
    return office().engine.merge(
        case_id, into_id=_case_of("number"), reason=_text("reason"), approval=_approval() or None, scan=_scan(), **_who()
    )


def _split(case_id: int) -> Outcome:
    parts = [{"title": line.strip()} for line in _text("parts").splitlines() if line.strip()]
    return office().engine.split(case_id, parts=parts, reason=_text("reason"), **_who())


def _number(name: str) -> int:
    return request.form.get(name, type=whole) or 0


VERBS: dict[str, Callable[[int], Outcome]] = {
    "comment": lambda case_id: office().engine.comment(case_id, text=_text("text"), **_who()),
    "assign": lambda case_id: office().engine.assign(case_id, person_id=_number("person") or None, **_who()),
    "pause": lambda case_id: office().engine.pause(
        case_id, reason=_text("reason"), approver=_text("approver"), max_days=_number("max_days"), **_who()
    ),
    "resume": lambda case_id: office().engine.resume(case_id, reason=_text("reason"), **_who()),
    "ask_extension": lambda case_id: office().engine.ask_extension(
        case_id, clock=_text("clock"), wanted_on=_day("wanted_on"), reason=_text("reason"), **_who()
    ),
    "decide_extension": lambda case_id: office().engine.decide_extension(
        case_id, clock=_text("clock"), granted=_text("granted") == "1", reason=_text("reason"), **_who()
    ),
    "amend": _amend,
    "link": lambda case_id: office().engine.link(case_id, other_id=_case_of("number"), **_who()),
    "bar": _bar,
    "merge": _merge,
    "split": _split,
    "void": lambda case_id: office().engine.void(case_id, reason=_text("reason"), approver=_text("approver"), **_who()),
    "withdraw": lambda case_id: office().engine.withdraw(case_id, reason=_text("reason"), **_who()),
    "undo": lambda case_id: office().engine.undo(case_id, **_who()),
}


# ---- forms of verbs that ask for more than fits beside a case -----------------------------------------------------------


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
    key = key or _text("field")

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


FORMS: dict[str, Callable[[int, Any], Any]] = {"bar": _bar_form, "amend": _amend_form}


# ---- evidence, files, letters ---------------------------------------------------------------------------------------------


def add_evidence(case_id: int) -> Any:
    """Keeps the uploaded files and adds them to the case, all of them or none; each that cannot be kept is named."""
    office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    try:
        received, faults = _received(upload for upload in request.files.getlist("file") if upload.filename)
        if faults:
            problem = replace(problem_of(BadInput()), title=gettext("文件没有上传"), reasons=tuple(faults))
            return _render(case_id, 422, problem=problem)
        if not received:
            raise InvalidForm(fields={"file": ["required"]})
        office().engine.add_uploads(case_id, uploads=received, label=_text("label"), **_who())
    except CaseNotFound:
        raise
    except DomainError as refusal:
        problem = problem_of(refusal)
        return _render(case_id, problem.status, problem=problem)
    flash(gettext("已上传"), "toast")
    return redirect(url_for("cases.case_page", case_id=case_id) + "#evidence", 303)


def _received(uploads: Iterable[Any]) -> tuple[list[files.Received], list[str]]:
    """The uploads whose bytes lie safely by now, and a sentence about each of the others."""
    received, faults = [], []
    for upload in uploads:
        try:
            received.append(_receive(upload))
        except DomainError as refusal:
            problem, name = problem_of(refusal), files.clean_name(upload.filename)
            why = "".join(problem.reasons) or problem.title
            faults.append(gettext("“%(name)s”：%(why)s", name=name, why=why))
    return received, faults if not faults or len(faults) + len(received) == 1 else [*faults, gettext("其他文件也没有保存")]


def file(file_id: int) -> Any:
    """A file's bytes, for those who may read the case that it proves."""
    row = office().engine.read(now(), lambda store, occasion: files.get_file(store, occasion, actor(), file_id))
    with files.open_file(office().settings.home, row) as stream:
        content = io.BytesIO(stream.read())
    shows = request.args.get("show") == "1" and row["media_type"] in PREVIEWED
    return send_file(content, mimetype=row["media_type"], as_attachment=not shows, download_name=row["name"])


def letter(case_id: int, name: str) -> Any:
    """A letter that the case has issued, as a Word file."""

    def read(store: Any, occasion: Any) -> LetterFacts:
        page = read_case(store, occasion, actor(), case_id)
        if name not in {issued.letter for issued in page.letters}:
            raise NotFound(what="letter", id=name)
        return letter_facts(page, occasion, today())

    facts, known = office().engine.read(now(), read), LETTERS[name]
    mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    answer: Response = send_file(
        io.BytesIO(known.build(facts)), mimetype=mimetype, as_attachment=True, download_name=f"{known.title}.docx"
    )
    return answer


ROUTES = (
    Route("/cases/new/<kind>", new_page, Access.SIGNED_IN),
    Route("/cases/new/<kind>", create, Access.SIGNED_IN, ("POST",)),
    Route("/cases/<int:case_id>", case_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/do/<trigger>", act_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/do/<trigger>", act, Access.SIGNED_IN, ("POST",)),
    Route("/cases/<int:case_id>/undo", undo, Access.SIGNED_IN, ("POST",)),
    Route("/cases/<int:case_id>/bar", bar_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/amend/<key>", amend_page, Access.SIGNED_IN),
    Route("/cases/<int:case_id>/verbs/<name>", verb, Access.SIGNED_IN, ("POST",)),
    Route("/cases/<int:case_id>/evidence", add_evidence, Access.SIGNED_IN, ("POST",)),
    Route("/cases/<int:case_id>/letters/<name>", letter, Access.SIGNED_IN),
    Route("/files/<int:file_id>", file, Access.SIGNED_IN),
)
