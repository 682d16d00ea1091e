"""What a list may offer for many of its rows at once: steps whose one form can answer for all of them, and on which of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import select

from states.definition import Definition, Text, Transition
from states.errors import NotPermitted
from states.guards import Unmet
from workflow.definitions import Catalogue
from workflow.occasion import Occasion
from workflow.permissions import CASES, require_may_fire
from workflow.reads.bands import signing_states
from workflow.reads.next_step import PRODDING, Look, worked_on_all
from workflow.reads.row_facts import facts_beside, looks_beside
from workflow.reads.rows import LedgerRow, plain_looks, with_fresh
from workflow.reads.sight import sights_of
from workflow.store import Store
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


# ---- on which of the chosen cases a step can be taken -----------------------------------------------------------------------

TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Sorted:
    """The cases on which the step can be taken now, and how many it cannot for each reason, the most first.

    A reason stands by its kind and is what a refusal would say: unmet conditions, or the name of a rule.
    """

    fits: tuple[int, ...]
    left: tuple[tuple[str, tuple[Unmet, ...], int], ...]

    @property
    def many_left(self) -> int:
        """On how many it cannot be taken."""
        return sum(n for *_reason, n in self.left)


def sort_out(
    store: Store, occasion: Occasion, actor: Actor, ids: list[int], trigger: str, *, to_sign_only: bool = False
) -> Sorted:
    """Which of the cases, all of which the actor sees, the step can be taken on; a few statements for each 500."""
    fits: list[int] = []
    left: dict[str, tuple[str, tuple[Unmet, ...], int]] = {}
    for at in range(0, len(ids), TOGETHER):
        for case_id, look in _looks(store, occasion, actor, ids[at : at + TOGETHER], trigger).items():
            why = _why_not(look, trigger, to_sign_only=to_sign_only)
            if not why:
                fits.append(case_id)
                continue
            kind, same = look.row["kind"], f"{look.row['kind']} {[reason.as_dict() for reason in why]}"
            left[same] = (kind, why, left[same][2] + 1 if same in left else 1)
    return Sorted(tuple(fits), tuple(sorted(left.values(), key=lambda one: -one[2])))


def _looks(store: Store, occasion: Occasion, actor: Actor, ids: list[int], trigger: str) -> dict[int, Look]:
    stored = store.select(select(CASES).where(CASES.c.id.in_(ids)).order_by(CASES.c.id))
    sights = sights_of(store, actor, occasion.catalogue, stored)
    looks = plain_looks(occasion, actor, stored, sights, worked_on_all(store, stored, occasion.catalogue))
    steps = {i: look.definition.transition_by_edge.get((look.row["state"], trigger)) for i, look in looks.items()}
    wanted = {i: looks[i].facts for i, step in steps.items() if step is not None and looks_beside((step,))}
    definitions = {i: looks[i].definition for i in wanted}
    beside = with_fresh(store, looks, facts_beside(store, wanted, definitions) if wanted else {})
    past = {i for i, sight in sights.items() if sight.upto_seq is not None}
    found = {i: () if i in past else look.found for i, look in looks.items()}
    return {i: replace(look, facts=beside.get(i, look.facts), found=found[i]) for i, look in looks.items()}


def _why_not(look: Look, trigger: str, *, to_sign_only: bool) -> tuple[Unmet, ...]:
    """What a refusal would say; empty where the step can be taken."""
    if look.row["final"]:
        return (Unmet("is_final"),)
    if to_sign_only and look.row["state"] not in signing_states(look.definition):
        return (Unmet("not_to_sign"),)
    step = look.definition.transition_by_edge.get((look.row["state"], trigger))
    if step is None:
        return (Unmet(_no_such_step(look, trigger)),)
    try:
        require_may_fire(step, look.actor, look.row, look.found, look.worked)
    except NotPermitted as refusal:
        return (Unmet(refusal.params["why"]),)
    return look.lacks(step)


def _no_such_step(look: Look, trigger: str) -> str:
    """A reminder is offered for rows of every stage: where there is none, nothing has changed since the list was read."""
    if trigger != PRODDING:
        return "wrong_state"
    return "separation_holder" if look.row["holder_id"] in look.actor.organ_ids else "not_to_remind"
