"""The way back: whoever began on the page of a village comes back to that page, whatever becomes of the step.

The id of the village's item goes along in the address of a form and in the form itself. It opens nothing: the page that it
leads to asks again who may see it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request, url_for

from web.storable import whole

ITEM = "village"


def village_item() -> int | None:
    """The item on whose page of a village this began; None for what began elsewhere."""
    return request.values.get(ITEM, type=whole)


def along() -> dict[str, Any]:
    """What an address takes along, for url_for."""
    item = village_item()
    return {} if item is None else {ITEM: item}


def way_back(case_id: int) -> str:
    """The address of the page where the step on a case began: the village's, else the case's own."""
    item = village_item()
    return url_for("cases.case_page", case_id=case_id) if item is None else url_for("village.item_page", case_id=item)


def install_way_back(app: Flask) -> None:
    """Tells templates."""
    app.jinja_env.globals["village_item"] = village_item
    app.jinja_env.globals["way_back"] = way_back
