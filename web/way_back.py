"""The way back: whoever began on a village's page, in the inbox or in a list comes back there, whatever becomes of the step.

The id of the village's item, of the inbox's row, or the list with what was asked of it goes along in the address of a form
and in the form itself. It opens nothing: the page that it leads to asks again who may see it.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Flask, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from web.inbox.figures import shown_day
from web.ledger.kinds import NAMES, TITLES
from web.ledger.questions import Asked, asked_of
from web.storable import whole

ITEM, ROW, LIST = "village", "inbox", "list"
# What stands in the inbox under an id of its own: a row, an approval or a later date that is asked for, a talk.
_ROWS = re.compile(r"(row|asked|later|talk)-[0-9]{1,18}")
_PAGES = {name: endpoint for endpoint, name in NAMES.items()}


def village_item() -> int | None:
    """The item on whose page of a village this began; None for what began elsewhere."""
    return request.values.get(ITEM, type=whole)


def inbox_row() -> str:
    """The id of the row of the inbox where this began; "" for what began elsewhere."""
    named = request.values.get(ROW, "")
    return named if _ROWS.fullmatch(named) else ""


def list_of(endpoint: str, asked: Asked) -> str:
    """A page of lists, what is asked of it and the place in its pages, as an address takes them along: ledger?band=late."""
    return f"{NAMES[endpoint]}?{urlencode(asked.pairs)}"


def list_asked() -> tuple[str, Asked] | None:
    """The page of lists where this began and what was asked of it, as far as a list can be asked; None for elsewhere."""
    name, _mark, query = request.values.get(LIST, "").partition("?")
    return (_PAGES[name], asked_of(MultiDict(parse_qsl(query)))) if name in _PAGES else None


def along() -> dict[str, Any]:
    """What an address takes along, for url_for."""
    item, row, listed = village_item(), inbox_row(), list_asked()
    if item is not None:
        return {ITEM: item}
    return {ROW: row} if row else {LIST: list_of(*listed)} if listed else {}


def way_back(case_id: int) -> str:
    """Where the step on a case began: the page of the village, the inbox, the row in its list, else the case's own page."""
    item, listed = village_item(), list_asked()
    if item is not None:
        return url_for("village.item_page", case_id=item)
    if inbox_row():
        return url_for("inbox.inbox_page", on=shown_day())
    if listed is None:
        return url_for("cases.case_page", case_id=case_id)
    endpoint, asked = listed
    query = urlencode(asked.pairs)
    return f"{url_for(endpoint)}{'?' if query else ''}{query}#row-{case_id}"


def way_back_words() -> str:
    """What the page is called that the way back leads to; "" for the case's own."""
    if village_item() is not None:
        return str(gettext("我的整改"))
    listed = list_asked()
    return str(gettext("待办")) if inbox_row() else str(gettext(TITLES[listed[0]])) if listed else ""


def install_way_back(app: Flask) -> None:
    """Tells templates."""
    for told in (village_item, inbox_row, list_of, along, way_back, way_back_words):
        app.jinja_env.globals[told.__name__] = told
