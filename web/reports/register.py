"""The register: whether its numbers add up, and who has not signed for what was handed to him."""

from __future__ import annotations

from typing import Any

from flask import render_template

from states.errors import NotFound
from web.access import Access, Route
from web.current import actor, now, office
from workflow.occasion import Occasion
from workflow.reads.register import Register, may_reconcile, register
from workflow.store import Store


def register_page() -> Any:
    """The series of numbers with what is missing, and the hand-overs that nobody has signed for."""
    if not may_reconcile(actor()):
        raise NotFound(what="page")

    def read(store: Store, occasion: Occasion) -> Register:
        return register(store, occasion, actor())

    return render_template("reports/register.html", told=office().engine.read(now(), read))


ROUTES = (Route("/register", register_page, Access.SIGNED_IN),)
