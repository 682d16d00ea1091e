"""The one next step of a row, for the person who looks at it: his own verb that is open now, or prodding whoever's turn it is.

Where his own main step is not open, and the case lies with him, it is the step that opens it: the file that is still wanted, or
another of his verbs that the unmet condition asks for. Where there is none, the row says what is lacking. Where nothing is
lacking but an approval, it is asking for it, if he may ask here; else the step itself, whose form records it from paper.
What the sponsor may do in the place of whoever has the case is not his to do next: he prods.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, or_, select

from states.definition import STAY, ConsentRule, Definition, Field, Text, Transition, Who
from states.errors import NotPermitted
from states.facts import Facts
from states.guards import Unmet, unmet
from states.machine import why_not
from workflow.definitions import Catalogue
from workflow.models import Event
from workflow.permissions import COLUMN_OF, Standing, Worked, find_post, require_may_fire
from workflow.reads.sight import TOGETHER, chunks, padded
from workflow.roster import find_organ
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.tree import Tree
from workflow.types import Actor

PRODDING = "remind"  # the engine's own name for 催办, `Engine.remind`
RETURNING = "hand_back"  # the office's word for giving back what was handed over and is not signed for (退回)
TELLING = "notify_posts"  # the effect that tells posts of a step
SPONSOR = "supervisor"
EVIDENCE = "has_evidence"  # the condition that a file meets
FIRED = "fired_at_least"  # the condition that a step was taken before
# Conditions over facts, which a step meets whose form asks for the fact.
OVER_FACTS = ("field_filled", "field_is", "field_in")

_event = table_of(Event)
STEPS_OF = Prepared(
    select(*(_event.c[name] for name in ("case_id", "verb", "trigger", "actor_id", "organ_id", "from_state", "to_state")))
    .where(
        _event.c.case_id.in_([bindparam(f"id{n}") for n in range(TOGETHER)]),
        or_(and_(_event.c.actor_id.is_not(None), _event.c.trigger != ""), _event.c.from_state != _event.c.to_state),
    )
    .order_by(_event.c.case_id, _event.c.seq)
)


@dataclass(frozen=True, slots=True)
class NextStep:
    """A trigger with its title. `is_mine` False: the turn is somebody else's and this prods him.

    `label` is the label of the file that the step still wants, which is added first ("" where any file will do); None for none.
    `no` is the step that says no instead, where this one answers what is asked of him; `asks_for` the trigger of the step whose
    approval this one asks for ("" where it asks for none). `answers`: it answers what was handed in, for which no date is set.
    `urges` is the body that prodding reaches.
    """

    trigger: str
    title: Text
    is_mine: bool
    label: str | None = None
    no: NextStep | None = None
    asks_for: str = ""
    answers: bool = False
    urges: str = ""

    @property
    def is_open(self) -> bool:
        """Can it be taken now, and is it one's own?"""
        return self.is_mine and self.label is None


@dataclass(frozen=True, slots=True)
class Look:
    """A row as somebody looks at it: what he is to it, who has worked on it, and what the guards of its steps see."""

    definition: Definition
    actor: Actor
    row: Row
    found: tuple[Standing, ...]
    worked: Worked
    facts: Facts
    tree: Tree

    @property
    def steps(self) -> tuple[Transition, ...]:
        """The steps of the present state."""
        return self.definition.triggers_from.get(self.row["state"], ())

    @property
    def is_holder(self) -> bool:
        """Does the case lie with him?"""
        return any(one.relation == "holder" for one in self.found)

    def find(self, trigger: str) -> Transition | None:
        """The step of this trigger from the present state, where he may take it."""
        step = self.definition.transition_by_edge.get((self.row["state"], trigger))
        return step if step is not None and self.may(step) else None

    def may(self, step: Transition) -> bool:
        """May he take it, by his posts and by what he has done on the case?"""
        try:
            require_may_fire(step, self.actor, self.row, self.found, self.worked)
        except NotPermitted:
            return False
        return True

    def is_for_holder(self, step: Transition) -> bool:
        """Would he take it only in the place of whoever has the case?"""
        return is_for_holder(step, self.row, self.found, self.tree)

    def lacks(self, step: Transition) -> tuple[Unmet, ...]:
        """What the step still wants."""
        return why_not(step, self.facts)

    def wants_approval(self, step: Transition) -> bool:
        """Is an approval of the step still missing which is not his own to give?"""
        approval, rule = step.approval, self.definition.consent
        if approval is None or (approval.unless is not None and not unmet((approval.unless,), self.facts)):
            return False
        if rule is not None and rule.find_step(self.facts.data, "given") == step.trigger:
            return False
        return find_post([Who(approval.roles, (approval.relation,))], self.found) is None


def own_steps(look: Look) -> tuple[Transition, ...]:
    """The steps that are his to take next, open or not: the answer to what is asked of him, what he was allowed, the answer to
    what was handed in, the main ones, and where there is none of those, what settles the clock of an organ of his, else what
    he has only to acknowledge. None while he waits for an answer.
    """
    main = tuple(step for step in look.steps if step.main and look.may(step) and not look.is_for_holder(step))
    own = _answering(look) + main or _settling(look) or _acknowledging(look)
    rule = look.definition.consent
    if rule is None:
        return own
    if rule.find_step(look.facts.data, "asked"):
        answer = look.find(rule.given_by)
        return (answer, *own) if answer else ()
    allowed = look.find(rule.find_step(look.facts.data, "given"))
    return (allowed, *(step for step in own if step is not allowed)) if allowed else own


def is_for_holder(step: Transition, row: Row, found: Iterable[Standing], tree: Tree) -> bool:
    """Would the sponsor only do what the body that has the case may do itself, in another area than his?

    The inspection office writes for the leading group, whose staff it is; a talk that it has ordered the township holds
    (practice.md §5, 責成).
    """
    holder = tree.organs.get(row["holder_id"] or 0)
    if holder is None:
        return False
    theirs = {name for name, column in COLUMN_OF.items() if row[column.key] == holder.id}
    if not any(theirs & set(who.relations) for who in step.who):
        return False
    own = [one for one in found if find_post(step.who, [one]) is not None]
    return bool(own) and all(one.relation == SPONSOR and one.grant.area_id != holder.area_id for one in own)


def awaited(look: Look) -> Transition | None:
    """The step whose approval is asked for and not his to give, where he may take it or ask for it himself."""
    rule = look.definition.consent
    trigger = rule.find_step(look.facts.data, "asked") if rule else ""
    if rule is None or not trigger or look.find(rule.given_by):
        return None
    step = look.definition.transition_by_edge.get((look.row["state"], trigger))
    return step if step and (look.may(step) or look.find(rule.withdrawn_by)) else None


def next_step(look: Look) -> NextStep | None:
    """The first of his own steps that is open; else what opens it, if the case lies with him; else prodding, or None."""
    own = own_steps(look)
    ready = [step for step in own if not look.lacks(step)]
    opened = next((step for step in ready if not look.wants_approval(step)), None)
    if opened is not None:
        return NextStep(opened.trigger, opened.title, True, no=_saying_no(look, opened), answers=opened in _answering(look))
    if awaited(look) is not None:
        return None
    if ready:
        asked = next(filter(None, (_asking_for(look, step) for step in ready)), None)
        return asked or NextStep(ready[0].trigger, ready[0].title, True)
    if own and (look.is_holder or not own[0].main):
        return next(filter(None, (_way_to(look, step) for step in own)), None)
    prod = look.find(PRODDING)
    if prod is None or look.lacks(prod):
        return None
    return NextStep(prod.trigger, prod.title, False, urges=urged_by(prod, look.row, look.tree))


def urged_by(prod: Transition, row: Row, tree: Tree) -> str:
    """The body whose posts a reminder is told to; "" where it is told to none."""
    posts = (str(to) for call in prod.effects if call.name == TELLING for to in call.params["to"])
    found = (find_organ(to.partition("@")[2], row, tree) for to in posts)
    organ = tree.organs.get(next(filter(None, found), 0))
    return (organ.short_name or organ.name) if organ else ""


def may_ask_for(rule: ConsentRule, form: Iterable[Field], trigger: str) -> bool:
    """Can the approval of the step be asked for by this form?"""
    asked = next((question for question in form if question.key == rule.step), None)
    return asked is not None and trigger in {choice.key for choice in asked.choices}


def _asking_for(look: Look, step: Transition) -> NextStep | None:
    rule = look.definition.consent
    ask = look.find(rule.asked_by) if rule else None
    if rule is None or ask is None or look.lacks(ask) or not may_ask_for(rule, ask.form, step.trigger):
        return None
    return NextStep(ask.trigger, ask.title, True, asks_for=step.trigger)


def _saying_no(look: Look, step: Transition) -> NextStep | None:
    rule = look.definition.consent
    no = look.find(rule.refused_by) if rule and step.trigger == rule.given_by else None
    return NextStep(no.trigger, no.title, True) if no else None


def asking_again(definition: Definition) -> dict[str, str]:
    """The steps that answer what was handed in by asking for it anew, with the clock by which it is owed again."""
    answers = {trigger for rule in definition.clocks if rule.is_dateless for trigger in rule.settled_by}
    return {start.on: rule.key for rule in definition.clocks for start in rule.starts if start.on in answers}


def lacking(look: Look) -> tuple[Unmet, ...]:
    """What his own step lacks, where there is nothing that he can do about it from the row."""
    own = own_steps(look)
    return look.lacks(own[0]) if own else ()


def way_back(look: Look, following: NextStep | None) -> NextStep | None:
    """Giving back what was handed over, else sending back what was handed in and is his to answer, where he may; else None.

    `following` is his next step: where he only prods, the answer is not his to give yet.
    """
    own = own_steps(look) if following is None or following.is_mine else ()
    backs = (step for step in look.steps if step.trigger == RETURNING or (own and sends_back(look.definition, step, own)))
    back = next((step for step in backs if look.may(step) and not look.is_for_holder(step) and not look.lacks(step)), None)
    return NextStep(back.trigger, back.title, True) if back is not None else None


def sends_back(definition: Definition, step: Transition, among: Iterable[Transition] = ()) -> bool:
    """Does it ask anew for what was handed in? It sends the work back, begins the clock by which it is owed again, or gives the
    case back to another on the very condition that a step `among` those beside it has: that something was handed in.
    """
    if step.sends_back or step.trigger in asking_again(definition):
        return True
    if step.main or step.target != STAY or step.holder in ("keep", "recipient"):
        return False
    beside = (other for other in among if other is not step)
    waits_for = {guard.params["trigger"] for other in beside for guard in other.guards if guard.name == FIRED}
    return any(guard.name == FIRED and guard.params["trigger"] in waits_for for guard in step.guards)


def _settling(look: Look) -> tuple[Transition, ...]:
    """What settles the clock that falls due next, if an organ of the actor's owns it; sending back is no next step."""
    rule = look.definition.clock_by_key.get(look.row["due_clock"] or "")
    if rule is None:
        return ()
    relation, _, kind = rule.owner.partition(":")
    if not any(one.relation == relation and kind in ("", one.grant.organ_kind) for one in look.found):
        return ()
    ways = (look.find(trigger) for trigger in rule.settled_by)
    return tuple(way for way in ways if way is not None and not way.sends_back)


def _answering(look: Look) -> tuple[Transition, ...]:
    """What settles a clock without a date that was started in this cycle and not answered since: no due date of the row would
    ever tell of it.
    """
    tally, rules = look.facts.tally, (rule for rule in look.definition.clocks if rule.is_dateless)

    def times(triggers: Iterable[str]) -> int:
        return sum(tally.get(trigger, 0) for trigger in triggers)

    asked = (rule for rule in rules if times(start.on for start in rule.starts) > times(rule.settled_by))
    ways = (look.find(trigger) for rule in asked for trigger in rule.settled_by)
    return tuple(way for way in ways if way is not None and not way.sends_back)


def _acknowledging(look: Look) -> tuple[Transition, ...]:
    """What asks nothing and moves nothing, once in a cycle: signing for a notice that somebody else has to act on."""
    rule = look.definition.consent
    beside = {PRODDING, *((rule.withdrawn_by, rule.taken_back_by) if rule else ()), *look.facts.tally}
    bare = (step for step in look.steps if step.target == STAY and not (step.form or step.approval or step.evidence))
    return tuple(step for step in bare if step.trigger not in beside and look.may(step))


def _way_to(look: Look, step: Transition) -> NextStep | None:
    """What he can do so that the step opens: add the file that alone is wanting, or take the step that a condition asks for."""
    reasons = look.lacks(step)
    if all(reason.name == EVIDENCE for reason in reasons):
        return NextStep(step.trigger, step.title, True, _label(reasons, look.facts))
    leaves = [leaf for reason in reasons for leaf in reason.leaves]
    helping = (
        other for leaf in leaves for other in look.steps if other is not step and _opens(look, other, leaf) and look.may(other)
    )
    for other in helping:
        still = look.lacks(other)
        if all(reason.name == EVIDENCE for reason in still):
            return NextStep(other.trigger, other.title, True, _label(still, look.facts) if still else None)
    return None


def _label(reasons: Iterable[Unmet], facts: Facts) -> str:
    labels = (label for reason in reasons for label in reason.params.get("labels") or ())
    return next((label for label in labels if label not in facts.evidence), "")


def _opens(look: Look, step: Transition, leaf: Unmet) -> bool:
    """Does taking the step help the condition that does not hold?"""
    if leaf.name == "clock_is_live":
        # What leaves the stage ends the clock too, and opens nothing in it.
        rule = look.definition.clock_by_key[str(leaf.params["clock"])]
        return leaf.negated and step.target == STAY and step.trigger in rule.settled_by
    if leaf.name == FIRED:
        return step.trigger == str(leaf.params["trigger"])
    if leaf.name in OVER_FACTS:
        return any(asked.stores and asked.key == leaf.params["field"] for asked in step.form)
    # The step that is there just because the condition does not hold.
    if leaf.name == "fired_at_most":
        return any(g.name == FIRED and g.params["trigger"] == leaf.params["trigger"] for g in step.guards)
    each = [part for guard in step.guards for part in (guard.parts if guard.name == "any" else (guard,))]
    turned = [guard.parts[0] for guard in each if guard.name == "not"]
    return any(g.name == leaf.name == "has_children" and g.params["kind"] == leaf.params["kind"] for g in turned)


def worked_on_all(store: Store, rows: Iterable[Row], catalogue: Catalogue) -> dict[int, Worked]:
    """Who did work on each case and who closed it; one statement for a page."""
    rows = list(rows)
    return worked_in(catalogue, rows, steps_of(store, [row["id"] for row in rows]))


def worked_in(catalogue: Catalogue, rows: Collection[Row], steps: Mapping[int, list[Row]]) -> dict[int, Worked]:
    """The same, of steps that were read already."""
    people = {row["id"]: [event for event in steps[row["id"]] if _is_of_a_person(event)] for row in rows}
    return {row["id"]: Worked.of(catalogue, row["kind"], people[row["id"]]) for row in rows}


def steps_of(store: Store, ids: Iterable[int]) -> dict[int, list[Row]]:
    """What people did on each case, and what led it to another state, in the order of its history. One statement for a page."""
    found: dict[int, list[Row]] = {case_id: [] for case_id in ids}
    for chunk in chunks(list(found)):
        for event in store.rows(STEPS_OF, **padded(chunk)):
            found[event["case_id"]].append(event)
    return found


def _is_of_a_person(event: Row) -> bool:
    return event["actor_id"] is not None and event["trigger"] != ""
