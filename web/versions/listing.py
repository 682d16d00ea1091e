"""The list of every kind with its versions, proposals, motions and drafts."""

from __future__ import annotations

from typing import Any

from flask import render_template

from web.current import actor, now, office
from web.errors import Problem
from web.versions.reading import design_url
from web.versions.words import MOTION_STATUSES, MOTIONS, STATUSES
from workflow.reads.motions import MotionView, list_motions
from workflow.reads.versions import list_kinds
from workflow.store import Store


def show_versions(problem: Problem | None = None) -> Any:
    """The page; `problem` is what stood against what was asked of it."""

    def read(store: Store, occasion: Any) -> dict[str, Any]:
        moved: dict[str, list[MotionView]] = {}
        for one in list_motions(store):
            moved.setdefault(one.kind, []).append(one)
        return {"kinds": list_kinds(store, occasion), "moved": moved}

    told = office().engine.read(now(), read)
    told |= {"statuses": STATUSES, "motions": MOTIONS, "motion_statuses": MOTION_STATUSES}
    page = render_template("versions/versions.html", design=design_url, me=actor().person_id, problem=problem, **told)
    return page, problem.status if problem else 200
