"""Notices: a wish to tell posts becomes outbox lines for people, with number and date and never content."""

from __future__ import annotations

from workflow.barring import barring_of
from workflow.casefile import CaseFile
from workflow.desk import Desk
from workflow.models import Outbox
from workflow.roster import people_of
from workflow.text import canonical, digest
from workflow.types import Notify


def notify(desk: Desk, file: CaseFile, wish: Notify, cause: str) -> None:
    """One line per person and channel; `cause` (event or rung) makes the line unique, so a repeat adds nothing."""
    occasion = desk.occasion
    row = {**file.row, "past_holder_id": file.past_holder_id}
    addressed = [people_of(to, row, occasion.tree, occasion.roster) for to in wish.to]
    people = dict.fromkeys(person for group in addressed for person in group)
    tell(desk, file, tuple(people), wish, cause)


def tell(desk: Desk, file: CaseFile, people: tuple[int, ...], wish: Notify, cause: str) -> None:
    """The same to people named one by one (a mention, an assignee). Nobody barred from the case hears of it."""
    if not people:
        return
    barring = barring_of(desk.store, file.id)
    due_on = file.row["due_on"]
    said = {"number": file.row["number"], "due_on": due_on, "weekday": due_on.isoweekday() if due_on else None}
    params = canonical({**said, **wish.params})
    now = desk.occasion.now
    for person_id in people:
        if barring.bars(person_id, desk.occasion.roster):
            continue
        for channel in desk.occasion.channels:
            desk.context.add(
                Outbox,
                {
                    "key": digest(str(file.id), cause, wish.message, str(person_id), channel),
                    "channel": channel,
                    "person_id": person_id,
                    "message": wish.message,
                    "params": params,
                    "case_id": file.id,
                    "created_at": now,
                    "due_at": now,
                },
            )
