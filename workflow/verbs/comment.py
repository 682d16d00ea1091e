"""comment: a remark in the history. It leaves the version alone and cancels no rung."""

from __future__ import annotations

from states.errors import InvalidForm
from states.questions import told_with
from workflow.cases import lock
from workflow.desk import Desk
from workflow.notices import tell
from workflow.readers import readers_of
from workflow.types import Notify, Outcome
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import require_reader

MAX_CHARACTERS = 5_000


def comment(desk: Desk, case_id: int, *, text: str, mentions: tuple[int, ...] = ()) -> Outcome:
    """Adds the remark; the people mentioned are told, without its words. Whoever may not read the case cannot be mentioned."""
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    post = require_reader(desk, file)
    if not text.strip():
        raise InvalidForm(fields={"text": ["required"]})
    if len(text) > MAX_CHARACTERS:
        raise InvalidForm(fields={"text": [told_with("too_long", len(text), MAX_CHARACTERS)]})
    if mentions and not {one.person_id for one, _post in readers_of(desk.store, desk.occasion, file.row)}.issuperset(mentions):
        raise InvalidForm(fields={"mention": ["not_in_the_know"]})
    seq = desk.happened(file, "comment", post=post, content={"text": text.strip(), "mentions": list(mentions)})
    tell(desk, file, mentions, Notify((), "mentioned", {"name": desk.actor.name}), f"comment:{seq}")
    return outcome_of(file)
