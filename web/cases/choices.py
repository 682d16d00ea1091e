"""The organs and people that a form offers, in the county's official order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from states.definition import Field, Transition
from web.current import actor
from workflow.occasion import Occasion
from workflow.reads.bands import SIGNING
from workflow.reads.case_page import CasePage
from workflow.reads.next_step import RETURNING

RECIPIENT = "recipient"  # the form's question whom the case goes to
Group = tuple[str, list[tuple[int, str]]]


def organ_choices(occasion: Occasion, kinds: Iterable[str] = (), but: Collection[int] = ()) -> list[Group]:
    """Organs by township, except `but`; the county's own first."""
    tree, wanted = occasion.tree, set(kinds)
    groups: dict[int, list[tuple[int, str]]] = {}
    organs = sorted(tree.organs.values(), key=lambda o: (tree.area_rank[o.area_id], o.official_order, o.id))
    for organ in organs:
        lasts = organ.successor_id is None and (organ.valid_to is None or organ.valid_to >= occasion.today)
        if lasts and organ.id not in but and (not wanted or organ.kind in wanted):
            lineage = tree.lineage(organ.area_id)
            group = lineage.get("township", lineage["county"])
            groups.setdefault(group, []).append((organ.id, organ.short_name or organ.name))
    return [(tree.areas[area].name, found) for area, found in groups.items()]


def organs_of(fields: Iterable[Field], occasion: Occasion, but: Collection[int] = ()) -> dict[str, list[Group]]:
    """For each question of organs (also inside rows) what it offers, except `but`."""
    found: dict[str, list[Group]] = {}
    for field in fields:
        if field.type == "organ":
            found[field.key] = organ_choices(occasion, field.kinds, but)
        if field.type == "rows" and any(column.type == "organ" for column in field.columns):
            found[field.key] = organ_choices(occasion, but=but)
    return found


def implied_recipient(page: CasePage, holder: str, organs: Mapping[str, list[Group]]) -> dict[str, int]:
    """The unit that a hand-over goes to as far as it is known: whom the approval named, else whom the case is about.

    Once somebody has handed it back, whom it is about says nothing any more.
    """
    if holder != RECIPIENT:
        return {}
    offered = {organ_id for _area, group in organs.get(RECIPIENT, []) for organ_id, _name in group}
    said = page.asking.asked.said if page.asking else ()
    came_back = any(event.trigger == RETURNING for event in page.timeline)
    implied = [fact.value for fact in said if fact.key == RECIPIENT] + ([] if came_back else [page.row.subject_id])
    return next(({RECIPIENT: found} for found in implied if found in offered), {})


def asked_for(page: CasePage, step: Transition, wanted: str) -> dict[str, Any]:
    """What a form begins with by the rule of approvals: the request is for the step `wanted`, or the only one there is; and the
    step that was agreed to is taken as it was asked for.
    """
    rule = page.definition.consent
    if rule is None:
        return {}
    if step.trigger == rule.asked_by:
        choices = [choice.key for question in step.form if question.key == rule.step for choice in question.choices]
        named = [key for key in choices if key == wanted or len(choices) == 1]
        return {rule.step: named[0]} if named else {}
    if page.asking is None or rule.find_step(page.row.facts, "given") != step.trigger:
        return {}
    return {fact.key: fact.value for fact in page.asking.asked.said if fact.key in rule.bound}


def signer_of(page: CasePage, step: Transition) -> dict[str, str]:
    """The post of whoever signs for what was handed to his own organ, with which the inbox's signing sheet begins, too."""
    titles = [grant.title for grant in actor().posts if grant.organ_id == page.row.holder_id and grant.title]
    asked = step.form if step.trigger == SIGNING and titles else ()
    return {question.key: titles[0] for question in asked if question.type == "text"}


def last_days(page: CasePage, today: date) -> dict[str, date]:
    """What `not_after` of a date says → the last day that the form takes; a limit that is over bounds nothing."""
    due = next((clock.due_on for clock in page.clocks if clock.is_main and clock.settled_on is None), None)
    return {"limit": due} if due is not None and due >= today else {}


def companions_of(page: CasePage, key: str) -> list[Field]:
    """The facts still empty that the corrected one may make required, and that the reader may write: asked beside it."""
    said = {fact.key for fact in page.facts if fact.value is not None}
    offered = next((verb.params.get("fields", ()) for verb in page.verbs if verb.verb == "amend"), ())
    return [f for f in page.definition.fields if key in f.required_when and f.key in offered and f.key not in said]
