"""What was asked for many at once: which step, with which answers, on which cases, from which page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from states.errors import BadInput
from web.cases.page import BY_SHEET
from web.current import actor
from web.ledger.kinds import PAGES, kinds_on
from web.ledger.listing import narrowed
from web.ledger.questions import DIGITS_AT_MOST, Asked, asked_of_view
from workflow.occasion import Occasion
from workflow.reads import ledger
from workflow.reads.next_step import PRODDING
from workflow.store import Store
from workflow.verbs.bulk import MOST, TO_SIGN, Choose, Wish

# The reminders go out by one click; every other step has its form.
REMIND, URGE = "remind", "urge"
# Beside the next step of a row its sponsor may press: what the bar offers for it.
PRESSING = ("supervise",)
# One id more than a run may have, so that too many are told from just enough.
ENOUGH = MOST + 1


@dataclass(frozen=True, slots=True)
class Verb:
    """A button of the bar: `trigger` of one `kind` by its form, or a reminder of any kind, for which `kind` is ""."""

    trigger: str
    kind: str = ""
    condition: str = ""

    @property
    def value(self) -> str:
        """What the button posts."""
        if self.kind:
            return f"{self.trigger}@{self.kind}"
        return URGE if self.condition == TO_SIGN else REMIND

    def wish(self, data: dict[str, Any]) -> Wish:
        """What the engine is asked."""
        return Wish(self.trigger, data if self.kind else BY_SHEET, self.kind, self.condition, origin=origin())


def verb_of(text: str) -> Verb:
    """The verb of a button; BadInput for a word that is none. Whether the kind has it is for its form to say."""
    if text in (REMIND, URGE):
        return Verb(PRODDING, condition=TO_SIGN if text == URGE else "")
    trigger, _, kind = text.partition("@")
    if not trigger or not kind:
        raise BadInput(why="unknown_trigger", trigger=text)
    return Verb(trigger, kind)


def ticked(name: str = "case") -> list[int]:
    """The ids of the ticked cases, each once, as far as a database can count; a form keeps its own in `cases`."""
    told = [*request.form.getlist(name), *request.form.get("cases", "").split(",")]
    numbers = (int(text) for text in told if text.isascii() and text.isdecimal() and len(text) <= DIGITS_AT_MOST)
    return list(dict.fromkeys(numbers))


def chosen(kind: str = "") -> Choose:
    """The cases that are meant: all that the page's filters keep, of one kind where one is said, or the ticked ones."""
    if request.form.get("all") != "1":
        ids = ticked()
        return lambda _store, _occasion: ids
    reader = actor()
    asked, page = asked_of_view(request.form.get("query", "")), _page()

    def matching(store: Store, occasion: Occasion) -> Iterable[int]:
        query = narrowed(store, occasion, reader, _of_kind(asked, kind), kinds_on(page, occasion.catalogue))
        return ledger.first_ids(store, occasion, reader, query, limit=ENOUGH)

    return matching


def _of_kind(asked: Asked, kind: str) -> Asked:
    return Asked({**asked.params, "kind": kind}) if kind else asked


def origin() -> str:
    """The address of the list that it was asked on: one of our own, with filters that we know."""
    return asked_of_view(request.form.get("query", "")).link(url_for(_page()))


def _page() -> str:
    page = request.form.get("page", "")
    return page if page in PAGES else PAGES[0]
