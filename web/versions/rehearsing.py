"""The last twelve months under the rules of a draft, against the present ones and against what really happened."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext

from web.access import Access, Route
from web.current import now, office
from web.small import parts_of, whole_of
from web.versions.reading import draft_title, drafted
from workflow.reads.rows import area_name
from workflow.store import Store
from workflow.versions import drafts
from workflow.versions.rehearse import rehearse

# The rungs of this office that issue an order.
ORDERS = ("issue_order",)


def rehearsal_page(draft_id: int) -> Any:
    """How many talks and orders there would have been, in all and in each township: numbers for who may not open them."""

    def read(store: Store, occasion: Any) -> dict[str, Any]:
        draft = drafts.get_draft(store, draft_id)
        new = drafted(draft).definition
        told: dict[str, Any] = {"draft": draft, "title": draft_title(draft), "tally": None, "townships": ()}
        if new is None or draft["kind"] not in occasion.catalogue.current or new.key != draft["kind"]:
            return told
        tally, rank = rehearse(store, occasion, new, ORDERS), occasion.tree.area_rank
        known = sorted((area for area in tally.found if area is not None), key=lambda area: rank[area])
        places = [(area_name(occasion.tree, area), tally.of(area)) for area in known]
        places += [(gettext("县直和其他"), tally.of(None))] if None in tally.found else []
        rows = [(name, one.talks + one.orders) for name, one in places]
        wholes = [whole_of(parts_of(list(column))) for column in zip(*(counts for _name, counts in rows), strict=True)]
        return told | {"tally": tally, "townships": rows, "wholes": wholes or ["0"] * 6}

    return render_template("versions/rehearsal.html", **office().engine.read(now(), read))


ROUTES = (Route("/versions/drafts/<int:draft_id>/rehearsal", rehearsal_page, Access.WORKFLOW_ADMINISTRATOR),)
