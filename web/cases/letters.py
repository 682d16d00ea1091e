"""The facts of a letter, from what the case page may show: names of organs in full, and nothing of a secret kind."""

from __future__ import annotations

from typing import Any

from handlers.letters.facts import AgendaRow, LetterFacts
from workflow.dates import local_day
from workflow.occasion import Occasion
from workflow.reads.case_page import CasePage, LetterView
from workflow.reads.rows import organ_name


def letter_facts(page: CasePage, occasion: Occasion, issued: LetterView) -> LetterFacts:
    """What a letter of this case is made of: its day and its addressee are those of the step that issued it.

    What is written about a talk goes from the body that holds it to the body that is talked to.
    """
    row, tree = page.row, occasion.tree
    definition = occasion.catalogue.of_kind(row.kind).definition
    main = next((clock for clock in page.clocks if clock.is_main), page.clocks[0] if page.clocks else None)
    plain: dict[str, Any] = {"number": row.number, "title": row.title, "opened_on": row.opened_on, "due_on": row.due_on}
    return LetterFacts(
        row=plain,
        data={fact.key: fact.value for fact in page.facts},
        issuer=_full(occasion, page.interviewer_id or row.supervisor_id),
        recipient=_full(occasion, page.interviewee_id or issued.holder_id),
        issued_on=local_day(issued.issued_at),
        subject=tree.organ(row.subject_id).name,
        holder=_full(occasion, issued.holder_id),
        holder_short=organ_name(occasion.tree, issued.holder_id),
        interviewer=_full(occasion, page.interviewer_id),
        interviewee=_full(occasion, page.interviewee_id),
        leading_group=_group(occasion, row.supervisor_id),
        due_on=row.due_on,
        original_due_on=main.original_due_on if main else None,
        workdays_late=main.workdays_late if main else 0,
        times=row.reminded,
        agenda=tuple(_agenda(item, occasion) for item in page.agenda),
        evidence=tuple(file.name for file in page.evidence),
        confidential=any(field.secret for field in definition.fields),
    )


def _full(occasion: Occasion, organ_id: int | None) -> str:
    return occasion.tree.organ(organ_id).name if organ_id is not None else ""


def _group(occasion: Occasion, organ_id: int) -> str:
    """The leading group of the county; "" where there is none."""
    found = occasion.tree.find_above(organ_id, "leading_group")
    return found.name if found else ""


def _agenda(item: Any, occasion: Occasion) -> AgendaRow:
    on_agenda = occasion.catalogue.of_kind(item.row.kind).definition.on_agenda
    return AgendaRow(item.row.number, item.row.title, item.due_on, item.new_due_on, on_agenda)
