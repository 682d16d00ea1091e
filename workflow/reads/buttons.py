"""What this person may do with the case now and, for what he may not, why not and whose turn it is.

The answers come from the functions that `fire` and the engine's own verbs ask: a button that is shown works, unless the form is
refused, and one that is not shown would have been refused for the reason given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from states.definition import Approval, Choice, Field, Text, Transition
from states.errors import NotPermitted
from states.facts import Facts
from states.forms import amend_fields, transition_fields
from states.guards import Unmet, unmet
from states.machine import why_not
from workflow.casefile import CaseFile
from workflow.cases import WAITING, agenda_of, worked_on
from workflow.deadlines import PAUSED, is_stopped
from workflow.desk import Desk
from workflow.permissions import NOBODY, Worked, require_may_fire
from workflow.reads.next_step import PRODDING, may_ask_for, urged_by
from workflow.reads.rows import organ_name
from workflow.reads.seen import SeenCase
from workflow.roster import find_organ
from workflow.types import AgendaFact
from workflow.verbs.approvals import OF_SPONSOR, Approver, Approvers, approvals_of, list_approvers
from workflow.verbs.conclude import is_talk, merging_of, require_may_merge
from workflow.verbs.evidence import require_adder
from workflow.verbs.extension import list_movable
from workflow.verbs.fire import facts_of
from workflow.verbs.pause import not_to_resume
from workflow.verbs.standing import LEADING_ROLES, WORKING_ROLES, require_post, require_reader
from workflow.verbs.undo import LAST, refusal
from workflow.verbs.unseal import list_openable


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not: role, relation, a separation rule, a guard's name, is_final, is_paused …, with what it speaks of.

    `say` are the definition's own words for it, `told` what the facts add to the sentence.
    """

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    negated: bool = False
    alternatives: tuple[Reason, ...] = ()
    say: Text | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """Who may: one of `roles` in this organ, which stands in `relation` to the case."""

    roles: tuple[str, ...]
    relation: str
    organ_id: int | None
    organ: str


@dataclass(frozen=True, slots=True)
class Button:
    """A transition from the present state with its form. Not `allowed`: `why` has every reason, `turns` who may instead.

    `approvers` are those whose approval may be recorded from paper, where one is needed; `asked_by` is the step by which this
    person may ask for it here ("" for none). `asks_vote`: nothing is lacking but the vote of the body, and this person may put
    it to the vote. `urges` is the body that a reminder reaches.
    """

    trigger: str
    title: Text
    is_main: bool
    allowed: bool
    why: tuple[Reason, ...]
    turns: tuple[Turn, ...]
    questions: tuple[Field, ...]
    grounds: tuple[Choice, ...]
    needs_approval: bool
    to_state: Text
    approvers: tuple[Approver, ...] = ()
    asks_vote: bool = False
    asked_by: str = ""
    urges: str = ""

    @property
    def lacks_approval(self) -> bool:
        """Is nothing in the way but an approval that is not this person's to give?"""
        return self.allowed and self.needs_approval


@dataclass(frozen=True, slots=True)
class VerbButton:
    """One of the engine's own verbs: assign, comment, evidence, pause … `params` are choices it offers (clocks, fields)."""

    verb: str
    allowed: bool
    why: tuple[Reason, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)


# ---- transitions ----------------------------------------------------------------------------------------------------------


def buttons_of(seen: SeenCase) -> tuple[Button, ...]:
    """Every transition of the present state, in the order written. Nothing for a past holder, who would learn the state."""
    if not seen.is_whole:
        return ()
    file, desk = seen.file(), seen.desk()
    agenda = agenda_of(seen.store, seen.id) if seen.served.definition.interview else ()
    triggers = seen.served.machine.permitted(file.state)
    worked = worked_on(seen.store, file, seen.occasion.catalogue) if any(t.separates_by_history for t in triggers) else NOBODY
    found = tuple(_button(seen, desk, file, transition, agenda, worked) for transition in triggers)
    return tuple(replace(button, asked_by=_asked_by(seen, button, found)) for button in found)


def _asked_by(seen: SeenCase, button: Button, among: tuple[Button, ...]) -> str:
    """The step by which this person may ask for its approval."""
    rule = seen.served.definition.consent
    if rule is None or not button.lacks_approval:
        return ""
    ask = next((one for one in among if one.trigger == rule.asked_by and one.allowed), None)
    return ask.trigger if ask is not None and may_ask_for(rule, ask.questions, button.trigger) else ""


def _button(
    seen: SeenCase,
    desk: Desk,
    file: CaseFile,
    transition: Transition,
    agenda: tuple[AgendaFact, ...],
    worked: Worked,
) -> Button:
    refused = _permission(seen, transition, worked)
    facts = facts_of(desk, file, transition, None, agenda)
    guards = why_not(transition, facts)
    why = (*refused, *[_reason(reason) for reason in guards])
    needs_paper = _needs_paper(transition, facts)
    return Button(
        trigger=transition.trigger,
        title=transition.title,
        is_main=transition.main,
        allowed=not why,
        why=why,
        turns=turns_of(seen, transition) if refused else (),
        questions=transition_fields(transition),
        grounds=transition.grounds,
        needs_approval=needs_paper,
        to_state=seen.served.definition.state_by_key[transition.target_from(file.state)].title,
        approvers=_approvers(desk, file, transition.approval) if needs_paper and not refused else (),
        asks_vote=not refused and [one.name for one in guards] == ["decision_stands"],
        urges=urged_by(transition, seen.row, seen.occasion.tree) if transition.trigger == PRODDING else "",
    )


def _needs_paper(transition: Transition, facts: Facts) -> bool:
    """Whether an approval has to be recorded: not where it is waived, nor where the approver himself stands here."""
    approval = transition.approval
    if approval is None or transition.trigger in facts.approvals:
        return False
    return approval.unless is None or bool(unmet((approval.unless,), facts))


def _approvers(desk: Desk, file: CaseFile, approval: Approval | None) -> tuple[Approver, ...]:
    return list_approvers(desk, file, Approvers.of(approval)) if approval else ()


def _permission(seen: SeenCase, transition: Transition, worked: Worked) -> tuple[Reason, ...]:
    try:
        require_may_fire(transition, seen.actor, seen.row, seen.sight.standings, worked)
    except NotPermitted as refusal:
        return (Reason(refusal.params["why"]),)
    return ()


def _reason(found: Unmet) -> Reason:
    parts = tuple(_reason(part) for part in found.alternatives)
    return Reason(found.name, dict(found.params), found.negated, parts, found.say, found.told)


def turns_of(seen: SeenCase, transition: Transition) -> tuple[Turn, ...]:
    """The organs whose turn the transition is; a relation that no organ stands in is left out."""
    found: list[Turn] = []
    for who in transition.who:
        for relation in who.relations:
            for organ_id in _organs_in(seen, relation, who.organs):
                found.append(Turn(who.roles, relation, organ_id, organ_name(seen.occasion.tree, organ_id)))
    return tuple(found)


def _organs_in(seen: SeenCase, relation: str, kinds: tuple[str, ...]) -> Iterable[int]:
    if relation == "above_subject":
        addresses = [f"above_subject:{kind}" for kind in kinds]
        found = [find_organ(address, seen.row, seen.occasion.tree) for address in addresses]
    else:
        found = [find_organ(relation, seen.row, seen.occasion.tree)]
    tree = seen.occasion.tree
    return (organ for organ in found if organ is not None and (not kinds or tree.organ(organ).kind in kinds))


# ---- the engine's own verbs -----------------------------------------------------------------------------------------------

Asked = Callable[[Desk, CaseFile], Any]


def _post(*relations: str, roles: tuple[str, ...] = WORKING_ROLES) -> Asked:
    return lambda desk, file: require_post(desk, file, relations, roles)


# Who may, verb by verb, as the verbs themselves ask it; tests call both and compare.
POSTS: Mapping[str, Asked] = {
    "comment": require_reader,
    "evidence": require_adder,
    "assign": _post("holder"),
    "ask_extension": _post("holder", "subject", "interviewer"),
    "decide_extension": _post("supervisor"),
    "pause": _post("supervisor", roles=LEADING_ROLES),
    "resume": _post("supervisor"),
    "link": _post("supervisor", "holder"),
    "unlink": _post("supervisor", "holder"),
    "merge": require_may_merge,
    "split": _post("supervisor"),
    "bar": require_reader,  # anybody may bar himself
    "void": _post("supervisor", roles=LEADING_ROLES),
    "withdraw": _post("supervisor"),
}
WHILE_CLOSED = ("comment", "link", "unlink", "bar", "withdraw")


def verbs_of(seen: SeenCase) -> tuple[VerbButton, ...]:
    """Every verb of the engine with its answer; for a past holder, who would learn the state, only his own undo."""
    desk, file = seen.desk(), seen.file()
    if not seen.is_whole:
        return tuple(verb for verb in (_undo(seen, desk, file),) if verb.allowed)
    waiting = seen.store.rows(WAITING, case_id=seen.id)
    found = [_verb(name, asked, seen, desk, file, waiting) for name, asked in POSTS.items()]
    return (*found, _amend(seen, file), *_unseal(desk, file), _undo(seen, desk, file))


def _verb(name: str, asked: Asked, seen: SeenCase, desk: Desk, file: CaseFile, waiting: list[dict[str, Any]]) -> VerbButton:
    if file.is_final and name not in WHILE_CLOSED:
        return VerbButton(name, False, (Reason("is_final"),))
    try:
        asked(desk, file)
    except NotPermitted as refusal:
        return VerbButton(name, False, (Reason(refusal.params["why"]),))
    params = _offers(name, seen, desk, file, waiting) | _named(name, desk, file, seen)
    reason = _stands_against(name, seen, file, params)
    return VerbButton(name, not reason, (Reason(reason),) if reason else (), params)


def _offers(name: str, seen: SeenCase, desk: Desk, file: CaseFile, waiting: list[dict[str, Any]]) -> dict[str, Any]:
    if name == "ask_extension":
        asked = {row["clock"] for row in waiting if row["kind"] == "extension"}
        return {"latest": {clock: on for clock, on in list_movable(desk, file) if clock not in asked}}
    if name == "decide_extension":
        open_ones = [row for row in waiting if row["kind"] == "extension"]
        mine = [row["clock"] for row in open_ones if row["asked_by"] == seen.actor.person_id]
        return {"clocks": [row["clock"] for row in open_ones if row["clock"] not in mine], "own": mine}
    return {}


def _named(name: str, desk: Desk, file: CaseFile, seen: SeenCase) -> dict[str, Any]:
    """The people whom a verb's form names: whose approval may be recorded, or whether others than oneself may be barred."""
    if name == "bar":
        return {"others": any(s.relation == "supervisor" and s.grant.role in WORKING_ROLES for s in seen.sight.standings)}
    if name in ("pause", "void"):
        return {"approvers": list_approvers(desk, file, OF_SPONSOR)}
    approval = getattr(merging_of(file), "approval", None) if name == "merge" else None
    needed = approval is not None and not approvals_of(desk, file, merging_of(file), None)
    return {"approvers": _approvers(desk, file, approval)} if needed else {}


def _stands_against(name: str, seen: SeenCase, file: CaseFile, offers: Mapping[str, Any]) -> str:
    if name == "ask_extension" and not offers["latest"]:
        return "no_extension"
    if name == "decide_extension" and not offers["clocks"]:
        return "separation_asked" if offers["own"] else "nothing_asked"
    if name == "pause":
        can = any(clock.pause for clock in file.served.definition.clocks)
        return "is_paused" if is_stopped(file, PAUSED) else "" if can else "no_pause"
    if name == "resume":
        return not_to_resume(file)
    if name == "merge" and is_talk(file):
        return "talks_are_waived"
    return "not_imported" if name == "withdraw" and file.row["import_id"] is None else ""


def _amend(seen: SeenCase, file: CaseFile) -> VerbButton:
    if file.is_final:
        return VerbButton("amend", False, (Reason("is_final"),))
    relations = {s.relation for s in seen.sight.standings if s.grant.role in WORKING_ROLES}
    fields = [field.key for field in amend_fields(file.served.definition, relations)]
    return VerbButton("amend", bool(fields), () if fields else (Reason("relation"),), {"fields": fields})


def _unseal(desk: Desk, file: CaseFile) -> tuple[VerbButton, ...]:
    """Only where something secret was said; what he may open is offered, in every state."""
    known = list_openable(desk, file)
    fields = [key for key, why in known if not why]
    why = () if fields else tuple(Reason(why) for why in dict.fromkeys(why for _key, why in known))
    return (VerbButton("unseal", bool(fields), why, {"fields": fields}),) if known else ()


def _undo(seen: SeenCase, desk: Desk, file: CaseFile) -> VerbButton:
    last = seen.store.row(LAST, case_id=seen.id, seq=seen.row["seq"])
    why = refusal(desk, file, last) if last is not None else "not_undoable"
    # The sight of a past holder ends with what he did; what has happened since makes it the last event no more.
    if not seen.is_whole and seen.store.row(LAST, case_id=seen.id, seq=seen.row["seq"] + 1) is not None:
        why = "not_undoable"
    return VerbButton("undo", not why, (Reason(why),) if why else ())
