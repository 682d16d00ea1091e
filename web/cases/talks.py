"""What the page of a talk shows beside what every case shows: its notice as it will print, its record, its signatures.

The kind is known by its `interview` rule alone; which step makes the record is known by its question for new dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.letters.facts import LetterFacts
from handlers.letters.official import Composed, compose
from handlers.letters.words import day
from states.definition import Transition
from web.cases.letters import letter_facts
from workflow.occasion import Occasion
from workflow.reads.buttons import Button
from workflow.reads.case_page import CasePage, EvidenceView, LetterView
from workflow.reads.facts import Fact
from workflow.reads.issued import issued_of
from workflow.reads.timeline import TimelineEvent
from workflow.store import Store


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice that went out last, or its draft; `received` is the event by which the organ talked to signed for it."""

    letter: LetterView
    facts: LetterFacts
    text: Composed
    received: TimelineEvent | None

    @property
    def day(self) -> str:
        """The day on the letter, as letters write it."""
        return day(self.facts.issued_on)


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk as its page shows it. `people`, `record` and `basics` share its facts out; `missing` are labels of evidence.

    `paper` is the record as it prints, to be signed by hand.
    """

    notice: Notice | None
    basics: tuple[Fact, ...]
    people: Fact | None
    record: tuple[Fact, ...]
    recorded_at: datetime | None
    paper: LetterView | None
    dating: Button | None
    signed: tuple[EvidenceView, ...]
    missing: tuple[str, ...]

    @property
    def told(self) -> dict[str, Fact]:
        """The basics by key."""
        return {fact.key: fact for fact in self.basics}

    @property
    def signers(self) -> tuple[Fact, ...]:
        """Who signs the record: the short texts of the notice and the record that name a person."""
        return tuple(self.told[key] for key in SIGNERS if key in self.told)


# Facts of a talk that name who sits at the table, in the order in which they sign.
SIGNERS = ("chair", "interviewee_name", "recorder")


def talk_of(store: Store, occasion: Occasion, page: CasePage) -> Talk | None:
    """The talk behind the page; None for every other kind of case."""
    rule = page.definition.interview
    if rule is None:
        return None
    step = next((t for t in page.definition.transitions if any(q.type == "agenda_dates" for q in t.form)), None)
    asked = {question.key for question in step.form if question.type == "long_text"} if step else set()
    labels = _signed_labels(page, step)
    signed = tuple(file for file in page.evidence if file.label in labels)
    people = next((fact for fact in page.facts if fact.type == "rows"), None)
    return Talk(
        notice=_notice(store, occasion, page, rule.notice),
        basics=tuple(fact for fact in page.facts if fact.key not in asked and fact is not people),
        people=people,
        record=tuple(fact for fact in page.facts if fact.key in asked),
        recorded_at=_recorded_at(page, step),
        paper=_paper(page, step),
        dating=next((button for button in page.buttons if step and button.trigger == step.trigger), None),
        signed=signed,
        missing=tuple(label for label in labels if label not in {file.label for file in signed}),
    )


def _signed_labels(page: CasePage, step: Transition | None) -> tuple[str, ...]:
    """The labels of the files that the record is handed in with, once it is typed, printed and signed."""
    sources = set(step.sources) if step else set()
    later = (t for t in page.definition.transitions if t.evidence and sources.intersection(t.sources))
    return tuple(dict.fromkeys(label for t in later if t.evidence for label in t.evidence.labels))


def _paper(page: CasePage, step: Transition | None) -> LetterView | None:
    """The letter that the step which makes the record issued last."""
    names = {call.params["letter"] for call in step.effects if "letter" in call.params} if step else set()
    return next((one for one in page.letters if one.letter in names), None)


def _recorded_at(page: CasePage, step: Transition | None) -> datetime | None:
    events = (event.happened_at for event in page.timeline if step and event.trigger == step.trigger)
    return next(events, None)


def _notice(store: Store, occasion: Occasion, page: CasePage, name: str) -> Notice | None:
    letter = next((one for one in page.letters if one.letter == name), None)
    if letter is None or page.seen_upto is not None:
        return None
    facts = letter_facts(page, occasion, issued_of(store, occasion, page.row.id, letter))
    return Notice(letter, facts, compose(name, facts), None if letter.is_draft else _receipt(page, letter))


def _receipt(page: CasePage, letter: LetterView) -> TimelineEvent | None:
    """The first step of the organ talked to after its notice."""
    later = (event for event in reversed(page.timeline) if event.seq > letter.seq and event.verb == "fire")
    return next((event for event in later if event.organ_id == page.interviewee_id), None)
