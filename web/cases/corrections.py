"""Whom somebody asks to correct what his organ has reported and no longer holds."""

from __future__ import annotations

from flask_babel import gettext

from web.current import actor
from workflow.reads.case_page import CasePage


def corrector_words(page: CasePage) -> str:
    """The sponsor, with its person who worked on the case last, of whom the history tells; "" where there is nothing to ask."""
    row, own = page.row, set(actor().organ_ids)
    if row.badge == "closed" or page.seen_upto is not None or own & {row.holder_id, row.supervisor_id}:
        return ""
    reported = any(event.organ_id in own and event.from_holder for event in page.timeline)
    offered = next((verb.params.get("fields", ()) for verb in page.verbs if verb.verb == "amend"), ())
    if not reported or not any("holder" in field.write and field.key not in offered for field in page.definition.fields):
        return ""
    sponsors = (event for event in page.timeline if event.organ_id == row.supervisor_id and event.actor)
    last = next(sponsors, None)
    who = f"{last.organ}{last.actor}" if last else row.supervisor
    return str(gettext("报过的金额等内容写错了，请%(who)s更正", who=who))
