"""The inbox: four bands, one next step a row, many signed for at once."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from web.access import Access, Route
from web.bulk import Bulk, run_bulk
from web.current import actor, now, office
from workflow.reads.inbox import inbox


def inbox_page() -> Any:
    """What lies with my organs."""
    return _inbox(None)


def _inbox(bulk: Bulk | None) -> Any:
    found = office().engine.read(now(), lambda store, occasion: inbox(store, occasion, actor()))
    return render_template("inbox/inbox.html", inbox=found, bulk=bulk)


def sign_many() -> Any:
    """Signs for every ticked case; back in the inbox it is said how many, and which were refused and why."""
    bulk = run_bulk("sign_for", {})
    if bulk.refused:
        return _inbox(bulk)
    flash(gettext("已签收%(n)s件", n=bulk.done) if bulk.done else gettext("没有选中的事项"), "toast")
    return redirect(url_for("inbox.inbox_page"), 303)


ROUTES = (
    Route("/inbox", inbox_page, Access.SIGNED_IN),
    Route("/inbox/sign", sign_many, Access.SIGNED_IN, ("POST",)),
)
