"""The engine's own verbs from a case's page; one that is refused comes back in its form with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext

from states.errors import BadInput, CaseNotFound, DomainError, InvalidForm, NotFound, gathering
from web.cases.choices import companions_of
from web.cases.decisions import VOTING
from web.cases.discretion import NARROWING
from web.cases.sheets import SHEETS, extension_of
from web.cases.showing import after_answer, after_refusal, after_row, after_step
from web.cases.typed import approval, case_of, ids, number, scan, text, upload, who
from web.current import actor, now, office, today
from web.days import plain_text, unsure_days
from web.errors import problem_of
from web.parts import is_part
from web.posted import read_posted
from workflow.reads.case_page import case_page as read_case
from workflow.reads.mentions import named_in
from workflow.reads.people import find_person
from workflow.types import Outcome


def verb(case_id: int, name: str) -> Any:
    """One of the engine's own verbs, as its form on the case's page or on a page of its own asks for it."""
    run = VERBS.get(name)
    if run is None:
        raise NotFound(what="verb", id=name)
    on_row = name == "undo" and is_part() and "row" in request.values
    try:
        run(case_id)
    except CaseNotFound:
        raise
    except DomainError as refusal:
        if on_row:
            raise  # It is said beside the list.
        problem = problem_of(refusal)
        return SHEETS[name](case_id, name, problem) if name in SHEETS else after_refusal(case_id, problem)
    if name == "decide_extension" and "row" in request.form:
        said = gettext("已批准延期") if request.form.get("granted") == "1" else gettext("已答复不予延期")
        return after_answer(case_id, said, "later")
    words = gettext("已撤销这一步") if name == "undo" else ""
    return after_row(case_id, words) if on_row else after_step(case_id, words=words)


def undo(case_id: int) -> Any:
    """Takes back one's own last step."""
    return verb(case_id, "undo")


def _comment(case_id: int) -> Outcome:
    """The people chosen from the list and those whom the words name; of two of a name the one who was meant."""
    chosen, meant = ids("mention"), ids("meant")
    named = office().engine.read(
        now(), lambda store, occasion: named_in(store, occasion, actor(), case_id, text("text"), (*chosen, *meant))
    )
    mentions = tuple(dict.fromkeys((*chosen, *named)))
    return office().engine.comment(case_id, text=text("text"), mentions=mentions, **who())


def _amend(case_id: int) -> Outcome:
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    key = text("field")
    field = page.definition.field_by_key.get(key)
    if field is None:
        raise BadInput(why="unknown_field", field=key)
    answers = read_posted(request.form, [field], today=today(), partial=True)
    answers |= read_posted(request.form, companions_of(page, key), today=today())
    if unsure := unsure_days(answers):
        raise InvalidForm(fields=unsure)
    return office().engine.amend(case_id, data=answers, reason=text("reason"), **who())


def _bar(case_id: int) -> Outcome:
    person_id = actor().person_id if request.form.get("own") else None
    if told := text("person"):
        person_id = office().engine.read(now(), lambda store, _occasion: find_person(store, told))
        if person_id is None:
            raise InvalidForm(fields={"person": ["no_such_person"]})
    organ_id = number("organ") or None
    return office().engine.bar(case_id, reason=text("reason"), person_id=person_id, organ_id=organ_id, **who())


def _merge(case_id: int) -> Outcome:
    faults: dict[str, list[Any]] = {} if text("reason") else {"reason": ["required"]}
    into_id, signed = 0, None
    with gathering(faults):
        into_id = case_of("number")
    with gathering(faults):
        signed = scan()
    if faults:
        raise InvalidForm(fields=faults)
    return office().engine.merge(
        case_id, into_id=into_id, reason=text("reason"), approval=approval() or None, scan=signed, **who()
    )


def _split(case_id: int) -> Outcome:
    parts = [{"title": line.strip()} for line in text("parts").splitlines() if line.strip()]
    return office().engine.split(case_id, parts=parts, reason=text("reason"), **who())


def _ask_extension(case_id: int) -> Outcome:
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    clock = text("clock")
    rule = extension_of(page.definition, clock)
    wanted_on = plain_text(text("wanted_on"), today=today(), side="ahead")
    answers = read_posted(request.form, rule.form, today=today())
    faults: dict[str, list[Any]] = dict(unsure_days({**answers, "wanted_on": wanted_on}))
    proof = None
    with gathering(faults):
        proof = upload("proof")
    return office().engine.ask_extension(
        case_id,
        clock=clock,
        wanted_on=wanted_on,
        reason=text("reason"),
        data=answers,
        proof=proof,
        faults=faults,
        **who(),
    )


VERBS: dict[str, Callable[[int], Outcome]] = {
    "comment": _comment,
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
    "unlink": lambda case_id: office().engine.unlink(case_id, other_id=number("other"), relation=text("relation"), **who()),
    "bar": _bar,
    **NARROWING,
    **VOTING,
    "merge": _merge,
    "split": _split,
    "void": lambda case_id: office().engine.void(case_id, reason=text("reason"), approver=text("approver"), **who()),
    "withdraw": lambda case_id: office().engine.withdraw(case_id, reason=text("reason"), **who()),
    "undo": lambda case_id: office().engine.undo(case_id, **who()),
}
