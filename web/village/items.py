"""What a village writes about one of its items: for each measure the steps that take no more than a note, and its proof.

No key of a kind is known here: a step of the page is one that this person may take and whose form asks for one text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from states.definition import Definition, Field, Text
from states.evidence import APPROVAL_SCAN
from states.forms import opening_fields
from workflow.dates import local_day
from workflow.occasion import Occasion
from workflow.reads.bands import signing_states
from workflow.reads.buttons import Button
from workflow.reads.case_page import CasePage, EvidenceView, case_page
from workflow.reads.clocks import ClockView
from workflow.reads.facts import Fact
from workflow.reads.inbox import inbox
from workflow.reads.next_step import asking_again
from workflow.reads.returned import came_back
from workflow.reads.rows import LedgerRow
from workflow.reads.timeline import TimelineEvent
from workflow.store import Store
from workflow.types import Actor

# A limit that counts now, or that stands still and counts on.
RUNNING = ("armed", "standing", "paused")

# A file that comes with the very step is what these conditions ask for.
MET_BY_A_FILE = "has_evidence"


@dataclass(frozen=True, slots=True)
class Step:
    """A way to write something down: its trigger, the state that follows, and the question that the note answers."""

    trigger: str
    to_state: Text
    question: Field
    stays: bool


@dataclass(frozen=True, slots=True)
class Work:
    """A measure, or the item itself where it has none, with the steps that may be taken.

    `again` are the steps that begin a measure anew, each with a form of its own: sending an item back reopens none of them.
    `may_undo`: the reader's own last step on it can be taken back.
    """

    row: LedgerRow
    steps: tuple[Step, ...]
    evidence: tuple[EvidenceView, ...]
    again: tuple[Button, ...] = ()
    may_undo: bool = False
    definition: Definition = field(kw_only=True)

    @property
    def present(self) -> Step | None:
        """The step that a note alone means: the one that leaves the state, else the first."""
        return next((step for step in self.steps if step.stays), self.steps[0] if self.steps else None)


@dataclass(frozen=True, slots=True)
class Mine:
    """One item with its place among the reader's own; `before` and `after` are its neighbours' ids.

    After the measures comes the item itself, as far as something may be written about it. `ours` are the limits that the
    reader's own organs answer for, the next that falls due first; `theirs` those of others, which are none of theirs to keep.
    """

    page: CasePage
    works: tuple[Work, ...]
    has_measures: bool
    place: int
    many: int
    before: int | None
    after: int | None
    ours: tuple[ClockView, ...]
    theirs: tuple[ClockView, ...]

    @property
    def found(self) -> tuple[Fact, ...]:
        """What was found and what is asked for, as it was registered and handed over; nothing that its holder writes."""
        definition, signing = self.page.definition, signing_states(self.page.definition)
        handing = (question for step in definition.transitions if step.target in signing for question in step.form)
        asked = {question.key for question in (*opening_fields(definition), *handing) if question.type == "long_text"}
        told = {field.key for field in definition.fields if field.key in asked and "holder" not in field.write}
        return tuple(fact for fact in self.page.facts if fact.key in told)

    @property
    def finish(self) -> Button | None:
        """The one next step of the item."""
        return next((button for button in self.page.buttons if button.is_main), None)

    @property
    def came_back(self) -> TimelineEvent | None:
        """The step that brought the work back, sent back or reopened, while nothing has moved the item since; before it, the
        one that asks again for what was handed in, while it is owed.
        """
        owed = {clock.key for clock in self.page.clocks if clock.status in RUNNING and clock.cycle == self.page.row.cycle}
        again = {step for step, clock in asking_again(self.page.definition).items() if clock in owed}
        if again:
            return next((event for event in self.page.timeline if event.trigger in again), None)
        back = {step.trigger for step in self.page.definition.transitions if step.sends_back or step.reopens}
        moved = next((event for event in self.page.timeline if event.kind == "state"), None)
        return moved if moved is not None and moved.trigger in back else None

    @property
    def refused(self) -> TimelineEvent | None:
        """The refusal of a later date, until another is asked for or the item moves on."""
        about = ("ask_extension", "decide_extension")
        last = next((event for event in self.page.timeline if event.verb in about or event.kind == "state"), None)
        is_no = last is not None and last.verb == "decide_extension" and not last.params.get("granted")
        return last if is_no and not self.page.later else None

    @property
    def came_back_on(self) -> date | None:
        """The day of it."""
        return local_day(self.came_back.happened_at) if self.came_back else None

    @property
    def others(self) -> tuple[Button, ...]:
        """What else may be done with the item now, with a form of its own; first what comes before it can be finished."""
        told = {step.trigger for work in self.works for step in work.steps if work.row.id == self.page.row.id}
        found = [b for b in self.page.buttons if b.allowed and not b.is_main and b.trigger not in told]
        return tuple(sorted(found, key=lambda button: button.trigger != self.next_trigger))

    @property
    def next_trigger(self) -> str:
        """The step that the item waits for from its reader; "" where it waits for none of his."""
        following = self.page.row.next
        return following.trigger if following is not None and following.is_mine else ""


def own_items(store: Store, occasion: Occasion, actor: Actor, kinds: tuple[str, ...]) -> tuple[int, ...]:
    """The open items that lie with the reader's organs: what was sent back, then to sign for, late, soon late, the rest."""
    found = inbox(store, occasion, actor)
    rows = (*found.to_sign, *found.late, *found.soon, *found.to_do)
    ids = [row.id for row in rows if row.kind in kinds and row.holder_id in actor.organ_ids]
    back = came_back(store, occasion, actor, ids)
    return tuple(sorted(ids, key=lambda case_id: case_id not in back))


def mine_of(store: Store, occasion: Occasion, actor: Actor, case_id: int, kinds: tuple[str, ...]) -> Mine | None:
    """The item as its village works on it; None for one that does not lie with it."""
    ids = own_items(store, occasion, actor, kinds)
    if case_id not in ids:
        return None
    page, place = case_page(store, occasion, actor, case_id), ids.index(case_id)
    measures = tuple(_work(case_page(store, occasion, actor, one.id)) for one in sorted(page.measures, key=lambda one: one.id))
    own = _work(page)
    return Mine(
        page,
        (*measures, own) if own.steps or (own.evidence and not measures) else measures,
        bool(measures),
        place + 1,
        len(ids),
        ids[place - 1] if place else None,
        ids[place + 1] if place + 1 < len(ids) else None,
        *limits_of(page, actor),
    )


def limits_of(page: CasePage, actor: Actor) -> tuple[tuple[ClockView, ...], tuple[ClockView, ...]]:
    """The limits that run: those of the reader's own organs, and those of others; each time the next that falls due first."""
    dated = [clock for clock in page.clocks if clock.status in RUNNING and clock.due_on]
    dated.sort(key=lambda clock: clock.due_on or date.max)
    ours = tuple(clock for clock in dated if clock.organ_id in actor.organ_ids)
    return ours, tuple(clock for clock in dated if clock not in ours and clock.status == "armed")


def past_of(store: Store, occasion: Occasion, actor: Actor, case_id: int, kinds: tuple[str, ...]) -> CasePage | None:
    """An item that was the reader's own and does not lie with it now, as far as it may still be read; None for any other."""
    if case_id in own_items(store, occasion, actor, kinds):
        return None
    page = case_page(store, occasion, actor, case_id)
    is_own = page.row.subject_id in actor.organ_ids or page.seen_upto is not None
    return page if is_own and page.row.kind in kinds else None


def _work(page: CasePage) -> Work:
    steps: dict[Text, Step] = {}
    for button in page.buttons:
        question = _one_text(button)
        if question is not None and _may_press(button):
            stays = button.to_state == page.row.state_title
            # Where two steps lead to one state, the main one of its state is meant.
            if button.to_state not in steps or button.is_main:
                steps[button.to_state] = Step(button.trigger, button.to_state, question, stays)
    # The switch keeps the order of the states, whichever the measure is in.
    states = [state.title for state in page.definition.states]
    ordered = sorted(steps.values(), key=lambda step: states.index(step.to_state))
    shown = tuple(file for file in page.evidence if file.label != APPROVAL_SCAN)
    told = {step.trigger for step in ordered}
    again = tuple(b for b in page.buttons if b.allowed and b.trigger not in told and _begins_anew(page, b))
    may_undo = any(verb.verb == "undo" and verb.allowed for verb in page.verbs)
    return Work(page.row, tuple(ordered), shown, again, may_undo, definition=page.definition)


def _begins_anew(page: CasePage, button: Button) -> bool:
    """Does it lead a measure back to where its work began?"""
    first, here = page.definition.initial.key, page.row.state
    step = page.definition.transition_by_edge[(here, button.trigger)]
    return not page.definition.ledger and here != first and step.target_from(here) == first


def _one_text(button: Button) -> Field | None:
    """The one thing the form must be told, where that is a text."""
    asked = [question for question in button.questions if question.required]
    return asked[0] if len(asked) == 1 and asked[0].type == "long_text" and not button.needs_approval else None


def _may_press(button: Button) -> bool:
    return button.allowed or all(reason.name == MET_BY_A_FILE for reason in button.why)
