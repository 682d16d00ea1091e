"""fire: the one door for a change of state. The stations are those of semantics.md §6, in their order."""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from datetime import date, datetime
from functools import partial
from typing import Any, NoReturn

from states.definition import Transition
from states.errors import BadInput, InvalidForm, StaleCase, TransitionRefused, gathering
from states.evidence import counted, unfit
from states.facts import AgendaItem, Child, Facts
from states.forms import read_transition_form
from states.guards import Unmet
from states.machine import why_not
from workflow import deadlines, deciding
from workflow.answers import lookup_of, split_answers
from workflow.barring import Barring, barring_of
from workflow.casefile import CaseFile
from workflow.cases import (
    CHILDREN,
    LABELS,
    WAITING,
    agenda_of,
    lock,
    parties_of,
    set_fact,
    worked_on,
)
from workflow.closing import leave_talks
from workflow.consent import has_consent, keep_consent, require_as_approved, require_terms
from workflow.dates import local_day, local_time, workdays_between
from workflow.desk import Desk, bump
from workflow.extensions import decision_due
from workflow.fresh import OWN_PAPERS, RECEIPT, asks_fresh, newer_files, sent_back_by
from workflow.interviews import release_agenda, require_in_caps
from workflow.organisation_rules import look_at_case
from workflow.parties import join
from workflow.permissions import NOBODY, require_may_fire, standings
from workflow.recording import write_skipped
from workflow.relatives import look_for_relatives
from workflow.types import AgendaFact, Change, GrantFact, Outcome
from workflow.verbs.approvals import approvals_of, find_consenter, keep_paper
from workflow.verbs.evidence import filed, labels_on, with_added
from workflow.verbs.migrate import follow
from workflow.verbs.open import outcome_of
from workflow.wishes import Cause, carry_out

Faults = MutableMapping[str, list[Any]]
UNITS = ("assisting", "copied")  # the facts that name units which see the case


def fire(
    desk: Desk,
    case_id: int,
    trigger: str,
    *,
    data: Mapping[str, Any],
    expected_version: int | None = None,
    is_late_record: bool = False,
    faults: Faults | None = None,
) -> Outcome:
    """Moves the case by `trigger`; refuses in the order not found, no such transition, not permitted, stale, form, guards.

    `is_late_record`: the occasion's day is the one on paper (practice.md §13); clocks count from it, history shows both.
    `faults` are what the page could not read beside the form; they are said together with the form's own.
    """
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    transition = require_transition(file, trigger)
    post = require_permission(desk, file, transition)
    require_fresh(file, expected_version)
    found = dict(faults or {})
    if is_late_record:
        with gathering(found):
            _require_paper(desk, file, transition)
    state_before = file.state
    outcome = move(desk, file, transition, data=data, post=post, faults=found)
    return outcome_of(file, outcome.opened) if follow(desk, file, state_before) else outcome


def _require_paper(desk: Desk, file: CaseFile, transition: Transition) -> None:
    """A day of the past is believed only where the definition says so, within this stay, and with the signed sheet's scan."""
    if not transition.from_paper:
        raise BadInput(why="not_from_paper", trigger=transition.trigger)
    day = desk.occasion.today
    if day > local_day(desk.occasion.now) or day < file.row["state_since"]:
        raise InvalidForm(fields={"happened_on": ["out_of_stay"]})
    if RECEIPT not in labels_on(desk, file):
        raise InvalidForm(fields={"happened_on": ["needs_scan"]})


def require_transition(file: CaseFile, trigger: str) -> Transition:
    """The transition of this trigger from the present state, or TransitionRefused."""
    found = file.served.definition.transition_by_edge.get((file.state, trigger))
    if found is None:
        raise TransitionRefused(trigger=trigger, state=file.state, why=[{"name": "wrong_state"}])
    return found


def require_fresh(file: CaseFile, expected_version: int | None) -> None:
    """Refuses when somebody else has changed the case since it was read."""
    if expected_version is not None and expected_version != file.row["version"]:
        raise StaleCase(expected=expected_version, found=file.row["version"])


def require_permission(desk: Desk, file: CaseFile, transition: Transition) -> GrantFact | None:
    """The post in which the actor may take the step, or NotPermitted."""
    found = standings(desk.actor, file.row, parties_of(desk.store, file))
    worked = worked_on(desk.store, file, desk.occasion.catalogue) if transition.separates_by_history else NOBODY
    return require_may_fire(transition, desk.actor, file.row, found, worked)


def move(
    desk: Desk,
    file: CaseFile,
    transition: Transition,
    *,
    data: Mapping[str, Any],
    post: GrantFact | None,
    faults: Faults | None = None,
) -> Outcome:
    """Form, guards, state, clocks, effects, event: what `fire` does once the actor may.

    InvalidForm says at once all that is wrong with the form, with the guards that can be judged without what is wrong.
    """
    barring = barring_of(desk.store, file.row, desk.occasion)
    agenda = agenda_of(desk.store, file.id) if file.served.definition.interview else ()
    answers, approver, facts = _read(desk, file, transition, data, post, barring, agenda, faults or {})
    before = dict(file.row)
    file.served.machine.fire(file, transition.trigger, facts)
    decided = deciding.use(desk, file, transition, before["state"])
    _apply(desk, file, transition, answers)
    _require_unbarred(file, before, barring)
    skipped = deadlines.after(file, transition, desk.occasion, is_approved=transition.trigger in facts.approvals)
    if transition.reopens:
        skipped += deadlines.start_over(file, _new_date(answers), desk.occasion)
    cause = Cause(key=f"{transition.trigger}:{file.row['seq'] + 1}")
    beside = _seqs(desk)
    _run_effects(desk, file, transition, answers, agenda, before, cause)
    if file.is_final and file.served.definition.interview:
        release_agenda(desk, file)  # Whatever its effects have not let go on.
    bump(file)
    content = {**split_answers(file.served.definition, answers), **cause.issued}
    # Every other case that the step has opened or changed: what it did there cannot be undone from here.
    changed = sorted(case_id for case_id, _seq in _seqs(desk).items() - beside.items() if case_id != file.id)
    extra = {"post": post.id if post else None, **({"opened": changed} if changed else {})}
    extra |= {"approved_by": approver} if approver else {}
    extra |= {"decided": decided} if decided else {}
    at = _happened_at(desk)
    desk.happened(file, "fire", trigger=transition.trigger, content=content, post=post, extra=extra, happened_at=at)
    write_skipped(desk, file, skipped)
    _look_at_rules(desk, file, transition)
    is_handed_on = file.row["holder_id"] != before["holder_id"]
    if is_handed_on or file.secrets:
        look_for_relatives(desk, file)
    leave_talks(desk, file, is_handed_on=is_handed_on)
    return outcome_of(file, tuple(cause.opened))


def _read(
    desk: Desk,
    file: CaseFile,
    transition: Transition,
    data: Mapping[str, Any],
    post: GrantFact | None,
    barring: Barring,
    agenda: tuple[AgendaFact, ...],
    faults: Faults,
) -> tuple[dict[str, Any], int | None, Facts]:
    """The answers, whose approval they record, and what the guards look at; InvalidForm with all that is wrong."""
    lookup = lookup_of(desk, file, barring)
    answers, found = read_transition_form(transition, data, today=desk.occasion.today, lookup=lookup)
    found = {**found, **faults}
    approver: int | None = None
    with gathering(found):
        require_terms(file, transition, answers)
    with gathering(found):
        if has_consent(desk.store, file, transition) and not approvals_of(desk, file, transition, answers):
            require_as_approved(desk.store, file, transition, answers)
    with gathering(found):
        require_in_caps(file, answers, agenda)
    with gathering(found):
        approver = keep_paper(desk, file, transition.approval, answers, post) or find_consenter(desk, file, transition, answers)
    facts = facts_of(desk, file, transition, answers, agenda)
    if found:
        _refuse(file, transition, facts, found)
    return answers, approver, facts


def _refuse(file: CaseFile, transition: Transition, facts: Facts, faults: Faults) -> NoReturn:
    """InvalidForm with the faults and with each guard that they do not touch: an approval hangs on what it was asked for."""
    rule = file.served.definition.consent
    hangs = {key for key in faults if key.startswith("approval")} | ({*faults} & {*(rule.bound if rule else ())})
    unmet = [reason for reason in why_not(transition, facts) if not _is_over(reason, "approval_given") or not hangs]
    for reason in unmet:
        for key, codes in reason.at.items():
            faults.setdefault(key, codes)
    raise InvalidForm(fields=faults, **({"why": [reason.as_dict() for reason in unmet]} if unmet else {}))


def _is_over(reason: Unmet, guard: str) -> bool:
    return any(leaf.name == guard for leaf in reason.leaves)


def _require_unbarred(file: CaseFile, before: Mapping[str, Any], barring: Barring) -> None:
    """A case goes to nobody who was taken off it; whom the form names was asked of the form."""
    if file.row["holder_id"] != before["holder_id"] and file.row["holder_id"] in barring.organs:
        raise TransitionRefused(why=[{"name": "holder_barred"}])


def _seqs(desk: Desk) -> dict[int, int]:
    return {case_id: file.row["seq"] for case_id, file in desk.context.files.items()}


def _happened_at(desk: Desk) -> datetime:
    """Now, or the beginning of the day on the paper."""
    occasion = desk.occasion
    return occasion.now if occasion.today == local_day(occasion.now) else local_time(occasion.today, 0)


def _look_at_rules(desk: Desk, file: CaseFile, transition: Transition) -> None:
    """Work that comes back a second time climbs the same ladder as lateness (practice.md §5)."""
    transitions = file.served.definition.transitions
    if transition.sends_back:
        times = sum(file.tally.get(t.trigger, 0) for t in transitions if t.sends_back)
        look_at_case(desk, file, "sent_back", times)
    elif transition.holder == "supervisor" and "past_holder" in {s.relation for s in file.served.definition.access}:
        look_at_case(desk, file, "handed_back", file.tally.get(transition.trigger, 0))


def _new_date(answers: Mapping[str, Any]) -> date:
    on = answers.get("new_due_on")
    if not isinstance(on, date):
        raise InvalidForm(fields={"new_due_on": ["required"]})
    return on


# ---- facts for the guards -----------------------------------------------------------------------------------------------


def facts_of(
    desk: Desk,
    file: CaseFile,
    transition: Transition | None,
    answers: Mapping[str, Any] | None,
    agenda: tuple[AgendaFact, ...],
) -> Facts:
    """What the guards may look at; queries only what this definition can ask for."""
    store, row = desk.store, file.row
    recipient = desk.occasion.tree.organs.get((answers or {}).get("recipient") or -1)
    of_case = {"case_id": file.id}
    labels, children, waiting = store.ask((LABELS, {**of_case, "cycle": row["cycle"]}), (CHILDREN, of_case), (WAITING, of_case))
    return Facts(
        kind=file.served.kind,
        state=file.state,
        cycle=row["cycle"],
        data=file.data,
        tally=file.tally,
        evidence=tuple(label for label in with_added(desk, file, labels) if label not in OWN_PAPERS),
        fresh=_fresh(desk, file, transition),
        unfit=unfit(file.served.definition, filed(labels)) - {*OWN_PAPERS},
        children=tuple(Child(r["kind"], r["state"], r["final"], json.loads(r["data"])) for r in children),
        waiting=frozenset(r["kind"] for r in waiting),
        paused=row["paused_since"] is not None,
        approvals=approvals_of(desk, file, transition, answers),
        decided=deciding.decided_of(desk, file, transition, answers),
        clocks=frozenset(clock["key"] for clock in file.live_clocks()),
        workdays=_workdays_ahead(desk, answers or {}),
        workday_ahead=partial(_workday_ahead, desk),
        recipient_kind=recipient.kind if recipient else None,
        recipient_level=recipient.level if recipient else None,
        answers=answers,
        agenda=tuple(AgendaItem(item.case_id, item.is_closed) for item in agenda),
        closed_on=row["closed_on"],
        today=desk.occasion.today,
    )


def _fresh(desk: Desk, file: CaseFile, transition: Transition | None) -> tuple[str, ...] | None:
    asks = transition is not None and asks_fresh((transition,))
    back = sent_back_by(file.served.definition, file.tally) if asks else ()
    return counted(file.served.definition, newer_files(desk.store, [file.id], back).get(file.id, ())) if back else None


def _workdays_ahead(desk: Desk, answers: Mapping[str, Any]) -> dict[str, int]:
    calendar, start = desk.occasion.calendar, desk.occasion.calendar.workday_from(desk.occasion.today)
    dates = {key: answer for key, answer in answers.items() if isinstance(answer, date)}
    return {key: workdays_between(calendar, start, on) if on > start else 0 for key, on in dates.items()}


def _workday_ahead(desk: Desk, days: int) -> date:
    calendar = desk.occasion.calendar
    return calendar.nth_workday(calendar.workday_from(desk.occasion.today), days)


# ---- what the transition writes on the case -----------------------------------------------------------------------------


def _apply(desk: Desk, file: CaseFile, transition: Transition, answers: Mapping[str, Any]) -> None:
    row, today = file.row, desk.occasion.today
    if transition.reopens:
        row["cycle"] += 1
        file.tally.clear()
        row["closed_on"] = row["ground"] = None
    file.tally[transition.trigger] = file.tally.get(transition.trigger, 0) + 1
    _store_facts(file, transition, answers)
    keep_consent(file, transition.trigger)
    add_units(desk, file, answers)
    _hand_over(desk, file, transition, answers)
    if row["state"] != file.before["state"]:
        row["state_since"] = today
    row["final"] = file.is_final
    if file.is_final:
        row["closed_on"], row["ground"] = today, answers.get("ground")
    _interview_state(file)


def _store_facts(file: CaseFile, transition: Transition, answers: Mapping[str, Any]) -> None:
    known = file.served.definition.field_by_key
    for question in transition.form:
        if question.stores and question.key in known and answers.get(question.key) is not None:
            set_fact(file, question.key, answers[question.key])


def add_units(desk: Desk, file: CaseFile, answers: Mapping[str, Any]) -> None:
    """Assisting units and those the case is copied to see it from now on, as measure units do."""
    for named in UNITS:
        for row in answers.get(named) or ():
            join(desk, file, "measure_unit", row["unit"])


def _hand_over(desk: Desk, file: CaseFile, transition: Transition, answers: Mapping[str, Any]) -> None:
    """The holder changes only here: whoever gives the case away reads what was until now, and nothing later."""
    tree, row = desk.occasion.tree, file.row
    # A case that was closed before its bodies were merged comes back to those that stand in their place.
    row["supervisor_id"] = tree.last_successor(row["supervisor_id"])
    old, new = row["holder_id"], _next_holder(desk, file, transition, answers)
    if new is not None and not file.is_final:
        new = tree.last_successor(new)
        new = new if tree.organ(new).valid_to is None else row["supervisor_id"]
    if new == old:
        return
    if old is not None and old != file.row["supervisor_id"]:
        # One that held the case before reads up to this, its last hand-over.
        join(desk, file, "past_holder", old, file.row["seq"] + 1)
    file.past_holder_id = old
    file.row["holder_id"], file.row["holder_since"] = new, desk.occasion.today
    file.row["assignee_id"] = None


def _next_holder(desk: Desk, file: CaseFile, transition: Transition, answers: Mapping[str, Any]) -> int | None:
    row = file.row
    if transition.holder == "keep":
        return int(row["holder_id"])
    if transition.holder == "recipient":
        return int(answers["recipient"]) if answers.get("recipient") else row["holder_id"]
    if transition.holder == "past_holder":
        past = [organ for relation, organ in parties_of(desk.store, file) if relation == "past_holder"]
        return past[-1] if past else row["holder_id"]
    organ_id = row.get(f"{transition.holder}_id")
    if organ_id is None:
        raise BadInput(why="no_such_holder", holder=transition.holder)
    return int(organ_id)


def _interview_state(file: CaseFile) -> None:
    rule = file.served.definition.interview
    if rule is not None:
        file.row["joinable"] = file.state in rule.joinable_in and file.row["interviewer_id"] is not None


# ---- effects ------------------------------------------------------------------------------------------------------------


def _run_effects(
    desk: Desk,
    file: CaseFile,
    transition: Transition,
    answers: Mapping[str, Any],
    agenda: tuple[AgendaFact, ...],
    before: Mapping[str, Any],
    cause: Cause,
) -> None:
    occasion, by = desk.occasion, decision_due(desk, file, transition)
    for call in transition.effects:
        change = Change(
            case=file.facts(),
            before=before,
            transition=transition,
            answers=answers,
            actor=desk.actor,
            now=occasion.now,
            today=occasion.today,
            tree=occasion.tree,
            agenda=agenda,
            tally=dict(file.tally),
            decide_by=by,
            due_dates={clock["key"]: clock["due_on"] for clock in file.live_clocks() if clock["due_on"] is not None},
        )
        carry_out(desk, file, desk.effects[call.name](change, **call.params), cause)
