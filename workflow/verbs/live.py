"""live: many whole lives of cases in one transaction, each step through the same bodies as the verbs, on its own day.

For synthetic ledgers (`duban seed`): what stands in the tables afterwards is what the verbs would have left.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from workflow.dates import local_day
from workflow.desk import Desk
from workflow.types import Actor, Life, Outcome
from workflow.verbs.evidence import add_evidence
from workflow.verbs.fire import fire
from workflow.verbs.open import open_case


def live(desk: Desk, life: Life) -> Outcome:
    """Opens the case and walks its steps."""
    outcome = open_case(_at(desk, life.at, life.actor), life.kind, title=life.title, subject_id=life.subject_id, data=life.data)
    for step in life.steps:
        now = _at(desk, step.at, step.actor)
        if step.evidence is not None:
            add_evidence(now, outcome.case_id, file_id=step.evidence)
        outcome = fire(now, outcome.case_id, step.trigger, data=step.data)
    return outcome


def _at(desk: Desk, at: datetime, actor: Actor) -> Desk:
    return replace(desk, actor=actor, occasion=replace(desk.occasion, now=at, today=local_day(at)))
