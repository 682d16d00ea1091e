"""The verbs by which a body decides together on a step of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from workflow.files import Received
from workflow.transaction import Transactions
from workflow.types import Actor, Outcome
from workflow.verbs import votes
from workflow.verbs.evidence import take_in


class Collective(Transactions):
    """Each is one transaction under its key, as every verb of the engine."""

    def ask_decision(
        self,
        case_id: int,
        trigger: str,
        *,
        actor: Actor,
        now: datetime,
        data: Mapping[str, Any],
        expected_version: int | None = None,
        key: str | None = None,
    ) -> Outcome:
        """Puts a step with its answers to the vote of the body that its definition names."""
        told = {"trigger": trigger, "data": data, "expected_version": expected_version}
        return self._on(case_id, votes.ask_decision, actor, now, key, **told)

    def vote(
        self,
        case_id: int,
        trigger: str,
        *,
        actor: Actor,
        now: datetime,
        choice: str,
        reason: str = "",
        key: str | None = None,
    ) -> Outcome:
        """A member's word: agree, disagree, abstain or recuse."""
        return self._on(case_id, votes.vote, actor, now, key, trigger=trigger, choice=choice, reason=reason)

    def record_votes(
        self,
        case_id: int,
        trigger: str,
        *,
        actor: Actor,
        now: datetime,
        words: Iterable[votes.Word],
        scan: Received | int,
        met_on: date,
        minutes: str = "",
        key: str | None = None,
    ) -> Outcome:
        """What a meeting has voted, from its minutes; the scan is kept as evidence if all of it is in order, and else not.

        The scan is what has just come in, or the id of a file that the actor has sent before.
        """
        said = list(words)
        sent = scan if isinstance(scan, int) else scan.digest
        request = {"verb": "record_votes", "case": case_id, "trigger": trigger, "words": said, "scan": sent}

        def body(desk: Any) -> Outcome:
            scan_id = scan if isinstance(scan, int) else take_in(desk, scan)
            return votes.record_votes(desk, case_id, trigger, words=said, scan=scan_id, met_on=met_on, minutes=minutes)

        return self._verb(actor, now, {**request, "met_on": met_on, "minutes": minutes}, body, key)

    def withdraw_decision(
        self, case_id: int, trigger: str, *, actor: Actor, now: datetime, reason: str, key: str | None = None
    ) -> Outcome:
        """Takes back what was put to the vote."""
        return self._on(case_id, votes.withdraw_decision, actor, now, key, trigger=trigger, reason=reason)
