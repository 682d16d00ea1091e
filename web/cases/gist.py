"""What the form of a step shows of its case where it is a page of its own: whoever decides sees what is decided about.

It is taken from the page that this reader may see, and holds nothing else: a sealed fact is on neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from web.cases import page as shown
from workflow.reads.case_page import AgendaRow, CasePage, EvidenceView
from workflow.reads.rows import LedgerRow
from workflow.reads.timeline import TimelineEvent

LAST_STEPS = 3
FILES = 6
# What somebody wrote, as far as a decision rests on it; the choices that sort a case are a click away.
IN_WORDS = ("text", "long_text", "date", "money")


@dataclass(frozen=True, slots=True)
class Gist:
    """The facts as (label, words): `told` in words, `rest` chosen from lists; measures; the last steps that people took; the
    newest files, and how many more there are.
    """

    told: list[tuple[str, str | Markup]]
    rest: list[tuple[str, str | Markup]]
    measures: tuple[LedgerRow, ...]
    agenda: tuple[AgendaRow, ...]
    steps: list[dict[str, Any]]
    files: tuple[EvidenceView, ...]
    more_files: int


def _brief(event: TimelineEvent) -> TimelineEvent:
    # What was registered is among the facts above.
    return replace(event, answers=()) if event.verb == "open" else event


def gist_of(page: CasePage) -> Gist:
    """The case in brief, for this reader."""
    return Gist(
        told=shown.pairs(fact for fact in page.facts if fact.type in IN_WORDS),
        rest=shown.pairs(fact for fact in page.facts if fact.type not in IN_WORDS),
        measures=page.measures,
        agenda=page.agenda,
        steps=shown.entries(page, [_brief(event) for event in page.timeline if event.actor][:LAST_STEPS]),
        files=page.evidence[:FILES],
        more_files=max(len(page.evidence) - FILES, 0),
    )
