"""经过: what has happened to a case, newest first; of an item also what has become of its measures."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup

from web.cases.page import entries, entry_at
from web.language import said
from workflow.reads.case_page import CasePage
from workflow.reads.measure_steps import MeasureStep


def story(page: CasePage) -> list[dict[str, Any]]:
    """Every event of the case and every step that moved a measure of it, each as one sentence."""
    own = zip((event.recorded_at for event in page.timeline), entries(page), strict=True)
    beside = [(step.recorded_at, _entry(step)) for step in page.measure_steps]
    # The events keep their own order: sorting leaves what is equal where it stands.
    return [entry for _at, entry in sorted([*own, *beside], key=lambda told: told[0], reverse=True)]


def _entry(step: MeasureStep) -> dict[str, Any]:
    who = f"{step.organ}{step.actor}"
    measure = Markup('<a href="{}">{}</a>').format(url_for("cases.case_page", case_id=step.measure.id), step.measure.title)
    text = Markup("{}{}{}，<b>{}→{}</b><br><span class='hint'>{}{}{}</span>").format(
        *(who, gettext("：") if who else "", said(step.title), said(step.from_state), said(step.to_state)),
        *(said(step.measure.kind_title), gettext("："), measure),
    )
    return {"at": entry_at(step.happened_at), "kind": "state", "text": text}
