"""One case for a program. A past holder gets the case as it was when he handed it on, as on its page, and nothing later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from workflow.occasion import Occasion
from workflow.reads.case_lines import tell_case
from workflow.reads.decisions import tell_decisions
from workflow.reads.receipts import receipt_of
from workflow.reads.seen import see
from workflow.reads.timeline import events_of
from workflow.receipts import how_made
from workflow.signing import Signer
from workflow.statements import Row
from workflow.store import Store
from workflow.types import Actor


def case_of(store: Store, occasion: Occasion, actor: Actor, case_id: int) -> dict[str, Any]:
    """The case in the shape of `duban case show`; CaseNotFound also for whoever may not see it."""
    return tell_case(see(store, occasion, actor, case_id))


def history_of(store: Store, occasion: Occasion, actor: Actor, case_id: int) -> list[Row]:
    """The events that the actor may read, oldest first, each with `receipt`, how one of it is made ("" where it gives none).

    CaseNotFound also for whoever may not see the case.
    """
    return [{**event, "receipt": how_made(event)} for event in reversed(events_of(see(store, occasion, actor, case_id)))]


def votes_of(store: Store, occasion: Occasion, actor: Actor, case_id: int) -> list[dict[str, Any]]:
    """What a body decides on the case, as `duban vote show` tells it; CaseNotFound also for whoever may not see the case."""
    return tell_decisions(see(store, occasion, actor, case_id))


def receipt_of_event(
    store: Store, occasion: Occasion, actor: Actor, case_id: int, seq: int, *, signer: Signer, now: datetime
) -> dict[str, Any]:
    """The signed receipt of an event that the actor may read; NotFound for any other, CaseNotFound as above."""
    return receipt_of(see(store, occasion, actor, case_id), seq, signer=signer, now=now)
