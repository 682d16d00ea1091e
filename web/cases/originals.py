"""The original of a file of a case that seals facts about people: asked for with a reason, each by itself."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from states.errors import DomainError, InvalidForm, NotFound
from web.cases.typed import text
from web.current import actor, now, office
from web.errors import problem_of
from web.exports.handing import REASON
from web.fetching import claim_on, original_of, row_of
from workflow.exports import REASON_AT_MOST
from workflow.reads.case_page import case_page as read_case


def original_page(case_id: int, file_id: int) -> Any:
    """The form that asks what for; absent for whoever is given no original."""
    return _form(case_id, file_id, None)


def original(case_id: int, file_id: int) -> Any:
    """The file bit for bit, listed among the exports with the reason."""
    if not text(REASON):
        return _form(case_id, file_id, InvalidForm(fields={REASON: ["required"]}))
    _named(case_id, file_id)
    return original_of(file_id, for_reason=True)


def _form(case_id: int, file_id: int, refusal: DomainError | None) -> Any:
    page, file = _named(case_id, file_id)
    if not claim_on(row_of(file_id)).may:
        raise NotFound(what="file", id=file_id)
    problem = problem_of(refusal) if refusal else None
    told = {"page": page, "file": file, "problem": problem, "typed": request.form, "name": REASON, "most": REASON_AT_MOST}
    return render_template("cases/original.html", **told), problem.status if problem else 200


def _named(case_id: int, file_id: int) -> Any:
    page = office().engine.read(now(), lambda store, occasion: read_case(store, occasion, actor(), case_id))
    file = next((file for file in page.evidence if file.file_id == file_id), None)
    if file is None:
        raise NotFound(what="file", id=file_id)
    return page, file
