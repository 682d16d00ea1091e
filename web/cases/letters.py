"""The facts of a letter, from what the case page may show: names of organs in full, and nothing of a secret kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from handlers.letters.facts import AgendaRow, LetterFacts
from handlers.letters.values import OPINION
from handlers.letters.words import day
from workflow.dates import local_day
from workflow.occasion import Occasion
from workflow.reads.case_page import CasePage
from workflow.reads.facts import Fact
from workflow.reads.issued import Issued
from workflow.reads.rows import organ_name

# Official letters are written in simplified Chinese.
LANGUAGE: Literal["zh-Hans"] = "zh-Hans"


def letter_facts(page: CasePage, occasion: Occasion, issued: Issued) -> LetterFacts:
    """What a letter of this case is made of, as the case was when the letter went out.

    What is written about a talk goes from the body that holds it to the body that is talked to.
    """
    # It keeps the names of its day, whatever its organs are called today.
    occasion = replace(occasion, tree=occasion.tree.on(issued.on)) if issued.on < occasion.today else occasion
    row, tree = page.row, occasion.tree
    definition = occasion.catalogue.of_kind(row.kind).definition
    plain: dict[str, Any] = {"number": row.number, "title": row.title, "opened_on": row.opened_on, "due_on": issued.due_on}
    return LetterFacts(
        row=plain,
        data=issued.data,
        issuer=_full(occasion, page.interviewer_id or row.supervisor_id),
        recipient=_full(occasion, page.interviewee_id or issued.holder_id),
        issued_on=issued.on,
        document_number=issued.number,
        subject=tree.organ(row.subject_id).name,
        holder=_full(occasion, issued.handler_id),
        holder_short=organ_name(tree, issued.handler_id),
        interviewer=_full(occasion, page.interviewer_id),
        interviewee=_full(occasion, page.interviewee_id),
        leading_group=_group(occasion, row.supervisor_id),
        due_on=issued.due_on,
        original_due_on=issued.original_due_on,
        workdays_late=issued.workdays_late,
        times=issued.reminded,
        agenda=tuple(_agenda(item, occasion) for item in page.agenda),
        # A letter goes to whoever reads the case: nothing that stands above it is named in one.
        evidence=tuple(file.name for file in page.evidence if file.level <= page.level),
        attendance=tuple(_present(issued.data.get("attendance") or ())),
        reported_on=issued.reported_on,
        ground=issued.ground.in_(LANGUAGE) if issued.ground else "",
        wording=issued.wording,
        answers=_answers(page, issued.seq),
        opinion=_opinion(page, occasion, issued.seq),
        confidential=any(field.secret for field in definition.fields),
    )


def _answers(page: CasePage, seq: int) -> dict[str, str]:
    """What was written on the form of the step that issued the letter."""
    event = next((event for event in page.timeline if event.seq == seq), None)
    return {fact.key: _words(fact) for fact in event.answers} if event else {}


def _opinion(page: CasePage, occasion: Occasion, seq: int) -> str:
    """What the last to verify the work found, while it has not been sent back since; "" where nobody did."""
    back = {step.trigger for step in page.definition.transitions if step.sends_back or step.reopens}
    for event in page.timeline:
        if event.seq <= seq and event.trigger in back:
            return ""
        told = {fact.key: fact for fact in event.answers}
        if event.seq <= seq and OPINION[0] in told:
            said = [f"{told[key].title.in_(LANGUAGE)}：{_words(told[key])}" for key in OPINION[1:] if key in told]
            who = f"{_full(occasion, event.organ_id)}，{event.actor}，{day(local_day(event.happened_at))}"
            return "\n".join([_words(told[OPINION[0]]), *said, who])
    return ""


def _words(fact: Fact) -> str:
    return "、".join(word.in_(LANGUAGE) for word in fact.words) or str(fact.value)


def _present(attendance: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Who came to a talk, with his post; who did not, and why."""
    for one in attendance:
        post = one.get("post") or ""
        if one.get("present"):
            yield f"{one['name']}（{post}）" if post else str(one["name"])
        else:
            yield f"{one['name']}（{'，'.join(filter(None, (post, '缺席', one.get('absence'))))}）"


def _full(occasion: Occasion, organ_id: int | None) -> str:
    return occasion.tree.organ(organ_id).name if organ_id is not None else ""


def _group(occasion: Occasion, organ_id: int) -> str:
    """The leading group of the county; "" where there is none."""
    found = occasion.tree.find_above(organ_id, "leading_group")
    return found.name if found else ""


def _agenda(item: Any, occasion: Occasion) -> AgendaRow:
    on_agenda = occasion.catalogue.of_kind(item.row.kind).definition.on_agenda
    return AgendaRow(item.row.number, item.row.title, item.due_on, item.new_due_on, on_agenda)
