"""The inbox: four bands, one next step a row, many signed for at once."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from states.errors import DomainError
from web.access import Access, Route
from web.current import actor, now, office
from web.errors import problem_of
from workflow.reads.inbox import inbox

MOST_AT_ONCE = 200


def inbox_page() -> Any:
    """What lies with my organs."""
    found = office().engine.read(now(), lambda store, occasion: inbox(store, occasion, actor()))
    return render_template("inbox/inbox.html", inbox=found)


def sign_many() -> Any:
    """Signs for every ticked case, each with its own result."""
    ids = [int(text) for text in request.form.getlist("case") if text.isdecimal()][:MOST_AT_ONCE]
    results = office().engine.fire_many(ids, "sign_for", actor=actor(), now=now(), data={})
    refused = [(case_id, problem_of(told)) for case_id, told in results if isinstance(told, DomainError)]
    return render_template("ledger/bulk.html", done=len(results) - len(refused), of=len(results), refused=refused)


ROUTES = (
    Route("/inbox", inbox_page, Access.SIGNED_IN),
    Route("/inbox/sign", sign_many, Access.SIGNED_IN, ("POST",)),
)
