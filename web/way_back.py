"""The way back: whoever began on the page of a village or in the inbox comes back there, whatever becomes of the step.

The id of the village's item, or of the inbox's row, goes along in the address of a form and in the form itself. It opens
nothing: the page that it leads to asks again who may see it.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, request, url_for

from web.inbox.figures import shown_day
from web.storable import whole

ITEM, ROW = "village", "inbox"
# What stands in the inbox under an id of its own: a row, an approval or a later date that is asked for, a talk.
_ROWS = re.compile(r"(row|asked|later|talk)-[0-9]{1,18}")


def village_item() -> int | None:
    """The item on whose page of a village this began; None for what began elsewhere."""
    return request.values.get(ITEM, type=whole)


def inbox_row() -> str:
    """The id of the row of the inbox where this began; "" for what began elsewhere."""
    named = request.values.get(ROW, "")
    return named if _ROWS.fullmatch(named) else ""


def along() -> dict[str, Any]:
    """What an address takes along, for url_for."""
    item, row = village_item(), inbox_row()
    return {ITEM: item} if item is not None else {ROW: row} if row else {}


def way_back(case_id: int) -> str:
    """The address of the page where the step on a case began: the village's, the inbox, else the case's own."""
    item = village_item()
    if item is not None:
        return url_for("village.item_page", case_id=item)
    return url_for("inbox.inbox_page", on=shown_day()) if inbox_row() else url_for("cases.case_page", case_id=case_id)


def install_way_back(app: Flask) -> None:
    """Tells templates."""
    for told in (village_item, inbox_row, along, way_back):
        app.jinja_env.globals[told.__name__] = told
