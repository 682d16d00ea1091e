"""What a list may offer for many of its rows at once: steps whose one form can answer for all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from states.definition import Definition, Text, Transition
from workflow.definitions import Catalogue
from workflow.reads.next_step import PRODDING
from workflow.reads.rows import LedgerRow
from workflow.types import Actor

# Answers that speak of one case's own parts.
OF_ONE_CASE = ("agenda_dates",)


@dataclass(frozen=True, slots=True)
class Offer:
    """A step of a kind."""

    trigger: str
    kind: str
    title: Text
    kind_title: Text


def offers_of(
    catalogue: Catalogue, actor: Actor, rows: Iterable[LedgerRow], beside: Collection[str] = ()
) -> dict[int, tuple[Offer, ...]]:
    """For each row: its next step, where it is the actor's own, and those of `beside` that his post for its sponsor allows."""
    return {
        row.id: tuple(_offers(catalogue.of_version(row.definition_version_id).definition, actor, row, beside)) for row in rows
    }


def _offers(definition: Definition, actor: Actor, row: LedgerRow, beside: Collection[str]) -> Iterable[Offer]:
    own = row.next.trigger if row.next and row.next.is_open else ""
    for step in definition.triggers_from.get(row.state, ()):
        is_offered = step.trigger == own or (step.trigger in beside and _may_as_sponsor(step, actor, row))
        if is_offered and step.trigger != PRODDING and answers_for_many(definition, step):
            yield Offer(step.trigger, definition.key, step.title, definition.title)


def _may_as_sponsor(step: Transition, actor: Actor, row: LedgerRow) -> bool:
    posts = [grant for grant in actor.posts if grant.organ_id == row.supervisor_id]
    whose = [who for who in step.who if "supervisor" in who.relations]
    return any(post.role in who.roles and (not who.organs or post.organ_kind in who.organs) for post in posts for who in whose)


def answers_for_many(definition: Definition, step: Transition) -> bool:
    """Can one form answer for many cases? Not a talk's, not a new date's, and none that keeps a secret of one case."""
    secret = {one.key for one in definition.fields if one.secret}
    plain = all(asked.type not in OF_ONE_CASE and not (asked.stores and asked.key in secret) for asked in step.form)
    return plain and definition.interview is None and not step.reopens


def step_of(definition: Definition, trigger: str, state: str = "") -> Transition | None:
    """The step of this trigger from the state, else from any; None where the kind has none that is for many."""
    known = [step for step in definition.transitions if step.trigger == trigger and answers_for_many(definition, step)]
    return next((step for step in known if state in step.sources), known[0] if known else None)
