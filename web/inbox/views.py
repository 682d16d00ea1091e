"""The inbox: four bands, one next step a row, many signed for at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from states.definition import Text
from web.access import Access, Route
from web.bulk import Bulk, run_bulk
from web.current import actor, now, office
from workflow.reads.inbox import Inbox, inbox
from workflow.reads.rows import LedgerRow


def inbox_page() -> Any:
    """What lies with my organs."""
    return _inbox(None)


def _inbox(bulk: Bulk | None) -> Any:
    found = office().engine.read(now(), lambda store, occasion: inbox(store, occasion, actor()))
    return render_template("inbox/inbox.html", inbox=found, waiting=_waiting(found), bulk=bulk)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What lies with one other organ at one stage; `longest` is how many days the first of them has lain there."""

    holder: str
    phrase: Text
    rows: tuple[LedgerRow, ...]

    @property
    def longest(self) -> int:
        """Days."""
        return max((row.days_stayed or 0 for row in self.rows), default=0)


def _waiting(found: Inbox) -> list[Waiting]:
    """What others hold, by whom and at which stage, the most first."""
    groups: dict[tuple[str, Text], list[LedgerRow]] = {}
    for row in found.waiting:
        groups.setdefault((row.holder, row.phrase), []).append(row)
    told = [Waiting(holder, phrase, tuple(rows)) for (holder, phrase), rows in groups.items()]
    return sorted(told, key=lambda group: -len(group.rows))


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
