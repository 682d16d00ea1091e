"""The only in-memory shape of a workflow definition: frozen, complete, proven before it is served.

`states.schema.load(document)` makes a `Definition` out of a plain document (parsed YAML); `states.checks.prove` looks for
faults. Nothing here is ever evaluated: guards, effects, rungs and letters are names that closed registries know.
The format is described in `docs/workflows.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal

Unit = Literal["day", "workday", "month", "date"]
Language = Literal["zh-Hans", "zh-Hant", "en"]
Access = Literal["exists", "read", "act"]
Params = Mapping[str, Any]

LANGUAGES: tuple[Language, ...] = ("zh-Hans", "zh-Hant", "en")
RELATIONS = (
    "registrar",
    "subject",
    "above_subject",
    "holder",
    "past_holder",
    "supervisor",
    "interviewer",
    "interviewee",
    "measure_unit",
    "none",
)
CONSENT = ("asked", "given", "refused")
# Shares of those who are entitled to vote; half is more than half.
SHARES = ("half", "two_thirds", "all")
# What a file under a label must be: a picture; or a picture or a PDF.
TAKES = ("picture", "scan")
# The confidentiality level of kinds that name who is complained of.
PROTECTED = 2
STAY = "="  # target of a transition that changes no state


@dataclass(frozen=True, slots=True)
class Text:
    """A label in up to three languages; a missing language falls back to simplified Chinese."""

    zh_hans: str
    zh_hant: str = ""
    en: str = ""

    def in_(self, language: str) -> str:
        """The label in `language` ("zh-Hans", "zh-Hant", "en"), or in simplified Chinese where it is not given."""
        return {"zh-Hant": self.zh_hant, "en": self.en}.get(language, "") or self.zh_hans


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a fixed vocabulary. `counted` is read on grounds only: does this ground count in the close-out rate?

    `fits_when` maps a question beside it to the answer, or the list of answers, with which alone this one may be chosen.
    """

    key: str
    title: Text
    counted: bool = True
    fits_when: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of time. `unit` "date" takes its day from a date field, and `amount` is then 0."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What stands in a question before anybody types, of whoever holds a post of the case.

    `post` is role@relation; where nobody or several hold it, nothing is suggested. `tells` is name, post (its title) or phone
    in a text, and organ in a question of an organ: the organ of the post, whoever holds it.
    """

    post: str
    tells: str = "name"


@dataclass(frozen=True, slots=True)
class Field:
    """A fact of a case, or a question of a form (then `stores` says whether the answer becomes a fact).

    `type` is one of text, long_text, choice, choices, date, time, money (cents), integer, flag, organ, person, rows,
    agenda_dates. `write` names the relations that may amend it; `columns` are the questions of each row of `rows`. The
    `choices` of a flag are what its yes and no are called. A `secret` fact is sealed; `opens` names the relations in which
    whoever is named for the case may open it.
    """

    key: str
    title: Text
    type: str = "text"
    required: bool = False
    choices: tuple[Choice, ...] = ()
    columns: tuple[Field, ...] = ()
    filter: bool = False
    secret: bool = False
    stores: bool = True
    write: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # for `organ`: the organ kinds that may be named; empty means any
    not_subject: bool = False  # for `organ`: the subject and every organ under it are refused
    max_days: int | None = None  # for `date`: not later than so many calendar days from the day of the step
    min_days: int | None = None  # for `date`: not earlier than so many calendar days from the day of the step
    not_after: str = ""  # for `date`: not later than the main limit of the case ("limit"), or of its parent ("parent_limit")
    not_before: str = ""  # for `date`: not earlier than the day on which the case came to its present state ("state")
    required_when: Params = field(default_factory=dict)  # required too where the answers beside it have these values
    hint: Text | None = None
    suggest: Suggestion | None = None  # for `text` and `organ`, also as a column
    format: str = ""  # for `text`: the name of a format (states/formats.py) that the text must have


@dataclass(frozen=True, slots=True)
class State:
    """What a case is. `title` is the stage (diagram, figures), `phrase` the words on rows and in messages."""

    key: str
    title: Text
    phrase: Text
    initial: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A guard by name with typed parameters, or `all` / `any` / `not` over conditions. Never an expression.

    `say` is what a reader is told to do where the condition does not hold, in place of the sentences of its guards.
    """

    name: str
    params: Params = field(default_factory=dict)
    parts: tuple[Condition, ...] = ()
    say: Text | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """An effect of the registry by name, with its parameters."""

    name: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Who:
    """Who may fire: somebody holding one of `roles` in an organ that stands to the case in one of `relations`.

    Both are needed; an empty list permits nobody. `organs` narrows to organ kinds; empty means any.
    """

    roles: tuple[str, ...]
    relations: tuple[str, ...]
    organs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """A transition needs the word of somebody holding one of `roles` in an organ of `relation`.

    It is given by that person firing himself, or recorded from paper (approver, date, number, scan) by another.
    `unless` waives it, for example on the fast lane, where it follows: `later` names the clock that runs until then.
    """

    roles: tuple[str, ...]
    relation: str
    unless: Condition | None = None
    later: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A transition needs the vote of a body: of those who hold one of `roles` in the organ of `relation` (集体研究).

    Whoever is recused leaves the number of those entitled: by the step's separation rules, as who asked, by being taken off the
    case, or by his own word. `quorum` of the rest must have voted and `favour` of them agreed, at least `least` in any case.
    """

    roles: tuple[str, ...]
    relation: str
    quorum: str = "half"
    favour: str = "half"
    least: int = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence that a transition needs: at least `at_least` files, and one for each label in `labels`.

    `fresh`: once the work was sent back, only what was added after that counts.
    """

    at_least: int = 0
    labels: tuple[str, ...] = ()
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What every file under a label of evidence must be: TAKES."""

    label: str
    takes: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One verb of the office, from one or more states. `target` "=" stays.

    `holder` says whose desk the case is on afterwards: keep, supervisor, subject, recipient (the form's `recipient`),
    past_holder, interviewer, interviewee. `separate` lists separation rules: work (who did, verified or reported the work,
    and the organs they did it for), registration (who registered it by hand), asked (who asked for it), closing (who closed it
    before it was reopened), holder (anybody of the unit that has it). `work` marks verbs that count as work. `reopens` begins
    the next cycle. `sends_back` resumes the standing clocks with the send-back rule.
    `from_paper`: may be recorded on a later day, with the scan of the signed sheet.
    """

    trigger: str
    title: Text
    done: Text
    sources: tuple[str, ...]
    target: str
    who: tuple[Who, ...]
    holder: str = "keep"
    separate: tuple[str, ...] = ()
    approval: Approval | None = None
    decision: Decision | None = None
    guards: tuple[Condition, ...] = ()
    form: tuple[Field, ...] = ()
    evidence: Evidence | None = None
    grounds: tuple[Choice, ...] = ()
    effects: tuple[Call, ...] = ()
    work: bool = False
    reopens: bool = False
    sends_back: bool = False
    undo: bool = True
    from_paper: bool = False
    main: bool = False  # the one next step of its states: the button on the row

    @property
    def separates_by_history(self) -> bool:
        """Does it ask who did what before, and not only who has the case?"""
        return any(rule != "holder" for rule in self.separate)

    def target_from(self, state: str) -> str:
        """The state after firing from `state`."""
        return state if self.target == STAY else self.target


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One row of a limit table: the first whose `when` (field → value) fits wins; the last row has no `when`.

    Exactly one of `limit`, `date_field` (a date fact, at most `at_most` from the start) and neither (no limit) is said.
    """

    when: Mapping[str, Any]
    limit: Limit | None = None
    date_field: str | None = None
    at_most: Limit | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """What starts a clock: a trigger or "open"; the day is `date_field`'s, where filled, else the day of the event."""

    on: str
    date_field: str | None = None
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PauseRule:
    """How long a clock may be paused: it resumes by itself after `max_days`."""

    max_days: int = 183


@dataclass(frozen=True, slots=True)
class Weight:
    """Closed cases of a weight of their own: their facts have the values of `when`, and they ended on one of `grounds`.

    What is unsaid asks for nothing. The first of a kind that fits names the class; else the kind's own holds.
    """

    retention: str
    when: Params = field(default_factory=dict)
    grounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """A file with `label` must be on the case where the answers have the values of `when`."""

    label: str
    when: Params


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """How often and how far a date may be moved: at most `times`, 1/`share` of the limit, and `max_months` months.

    `opinion` is the step by which the organ above a village says what it thinks, before what the village asked is granted.
    `form` is asked beside the date and the words of the request; its answers stay in the history and become no facts.
    """

    times: int = 1
    share: int = 2
    max_months: int = 3
    wait_workdays: int = 2  # the red rung waits so long for a decision that was asked for in time
    opinion: str = ""
    form: tuple[Field, ...] = ()
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise with a date. It runs, stands (time does not count) or is settled, by the state of the case.

    Started by `starts`; settled by a trigger of `settled_by` or by a state in neither list; `restart` "never" keeps the
    first run of a cycle, "anew" begins a new run. `owner` is the relation of the organ that is late when it is late.
    `ladder` is a key, "by_length" (long > 45 days, medium 16-45, short ≤ 15) or empty.
    """

    key: str
    title: Text
    starts: tuple[Start, ...]
    runs_in: tuple[str, ...]
    limits: tuple[LimitRow, ...]
    stands_in: tuple[str, ...] = ()
    settled_by: tuple[str, ...] = ()
    restarted_by: tuple[str, ...] = ()
    owner: str = "holder"
    restart: Literal["never", "anew"] = "anew"
    roll: bool = True
    main: bool = False
    pause: PauseRule | None = None
    extension: ExtensionRule | None = None
    ladder: str = ""
    within_main: bool = False  # when it begins, it is due no later than the main clock
    fixed_days: tuple[int, ...] = ()  # half-month rhythm: due on these days of the month (31 = the last)

    @property
    def covers(self) -> tuple[str, ...]:
        """The states in which this clock is alive."""
        return self.runs_in + self.stands_in

    @property
    def dated_by(self) -> frozenset[str]:
        """The facts by which its date is found when it begins; what is corrected later moves no date."""
        limits = [key for row in self.limits for key in (*row.when, row.date_field) if key]
        return frozenset(limits + [key for start in self.starts for key in (*start.when, start.date_field) if key])

    @property
    def is_dateless(self) -> bool:
        """Does it say who has to answer, and never by when?"""
        return not self.fixed_days and all(row.limit is None and row.date_field is None for row in self.limits)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder, before (negative) or after the due day. `do` names a rung function of the registry.

    `to` lists posts (role@relation). `holds` keeps the ladder until the interview fixes a new date. Reminders say `again`:
    they fire again on a new date. `every` repeats the rung by that distance until the clock is settled.
    """

    key: str
    title: Text
    offset: Limit
    do: str
    colour: str = ""
    to: tuple[str, ...] = ()
    params: Params = field(default_factory=dict)
    holds: bool = False
    again: bool = False
    every: Limit | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """Tiers of rungs; the next tier counts from the date that the interview of the one before has fixed."""

    key: str
    tiers: tuple[tuple[Rung, ...], ...]


@dataclass(frozen=True, slots=True)
class OrganisationRule:
    """Too much of something in one place: acts once when `threshold` (and `share` per cent) is reached, or `or_share` per cent.

    `counts` is one of overdue, unsigned, waiting_check, sent_back, handed_back; `of` the relation of the organ counted
    (holder, subject, above_subject). Re-armed below half the threshold, or after `every_days`.
    """

    key: str
    title: Text
    counts: str
    of: str
    threshold: int
    do: str
    share: int = 0
    or_share: int = 0  # this share alone is enough, however few they are
    every_days: int = 30
    to: tuple[str, ...] = ()
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccessRule:
    """An organ standing in `relation` (narrowed to organ kinds `organs`) may do so much with cases of this kind.

    `states` are those in which the rule gives it; empty means all. What the rule kept while a case was open it keeps when the
    case ends: a final state counts only where the case ended out of one of `states`, if open ones are among them.
    """

    relation: str
    may: Access
    organs: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InterviewRule:
    """Marks a kind whose cases are interviews: when others may join it, when it counts as held, what it may promise.

    `max_days` caps the new date of each tier, counted from the day of the talk: tier → calendar days. `interviewers` says who
    talks to the subject of a talk that is registered by hand: level of the subject → address (above_subject:KIND, county:KIND).
    `notice` is the letter whose draft lies ready from the opening on.
    """

    joinable_in: tuple[str, ...]
    consent_in: tuple[str, ...]
    held_in: tuple[str, ...]
    withdrawn_by: str
    max_days: tuple[int, ...] = (30, 15)
    once_per_days: int = 30
    interviewers: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""


# Beside posts, whom a notice may go to: whoever asked for what is answered.
ASKER = "asker"


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """How a step's approval is asked for and given here, instead of on paper: its triggers and two facts of the kind.

    `step` is the fact that names the step asked for by its trigger, `stands` the one that says how the request stands (one of
    CONSENT). The engine keeps `stands`: it falls away when the case moves on or the step is taken, and by `withdrawn_by` (who
    asked) or `taken_back_by` (who gave it). `bound` are questions asked with the request and again by the step: the approval
    is for these answers and no others.
    """

    asked_by: str
    given_by: str
    refused_by: str
    withdrawn_by: str
    step: str
    stands: str
    taken_back_by: str = ""
    bound: tuple[str, ...] = ()

    @property
    def outcomes(self) -> Mapping[str, str | None]:
        """How the request stands after each of the triggers."""
        kept: dict[str, str | None] = {self.asked_by: "asked", self.given_by: "given", self.refused_by: "refused"}
        return kept | {trigger: None for trigger in (self.withdrawn_by, self.taken_back_by) if trigger}

    @property
    def answers(self) -> tuple[str, ...]:
        """The triggers that tell whoever asked what has become of his request."""
        return tuple(trigger for trigger in (self.given_by, self.refused_by, self.taken_back_by) if trigger)

    def find_step(self, data: Mapping[str, Any], stands: str) -> str:
        """The trigger of the step whose request stands so; "" for none."""
        return str(data.get(self.step) or "") if data.get(self.stands) == stands else ""


@dataclass(frozen=True, slots=True)
class Vote:
    """How a whole body has voted on a step; the `absent` are entitled too, and have said nothing."""

    agree: int = 0
    disagree: int = 0
    abstain: int = 0
    recuse: int = 0
    absent: int = 0


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """On a day somebody fires `do`; `answers` are values of fixed vocabularies and dates, all else is filled in plausibly.

    `to` is the kind of organ that a hand-over goes to. `vote`: what the body said on whose decision the step rests; unsaid, all
    agree. `refused`: the step must not be possible then.
    """

    on: date
    do: str
    answers: Params = field(default_factory=dict)
    to: str = ""
    vote: Vote | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedRung:
    """The rung was due, and acted, on this day."""

    clock: str
    rung: str
    on: date


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a scenario ends in: the state, the date of each clock named, the rungs that have acted since it was opened."""

    state: str
    due: Mapping[str, date] = field(default_factory=dict)
    rungs: tuple[ExpectedRung, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A case told day by day, and what has become of it at the end of the day `until`. It is run before a version is published.

    `facts` answer the opening form (fixed vocabularies and dates); `subject` is the kind of the unit concerned.
    """

    title: Text
    on: date
    until: date
    expect: Expectation
    facts: Params = field(default_factory=dict)
    subject: str = ""
    steps: tuple[ScenarioStep, ...] = ()


@dataclass(frozen=True)
class Definition:
    """A whole kind of case, as it was written. Look-ups are computed once; instances are shared by all threads."""

    key: str
    title: Text
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    fields: tuple[Field, ...]
    clocks: tuple[Clock, ...]
    ladders: tuple[Ladder, ...]
    access: tuple[AccessRule, ...]
    number: str
    opened_by: tuple[Who, ...]
    holder_at_open: str = "supervisor"
    ledger: bool = True
    on_agenda: bool = False
    level: int = 0
    parents: tuple[str, ...] = ()
    rules: tuple[OrganisationRule, ...] = ()
    interview: InterviewRule | None = None
    consent: ConsentRule | None = None
    measure_word: Text = Text("件")
    retention: str = ""  # unsaid, its cases are kept for ever
    labels: tuple[LabelRule, ...] = ()
    weights: tuple[Weight, ...] = ()
    scenarios: tuple[Scenario, ...] = ()

    @cached_property
    def is_protected(self) -> bool:
        """Does every reading of such a case go on record? So it does from the level on that names people, or with a secret."""
        return self.level >= PROTECTED or any(field.secret for field in self.fields)

    @cached_property
    def taken_under(self) -> Mapping[str, str]:
        """What a file must be, by the label of evidence that has a rule."""
        return {rule.label: rule.takes for rule in self.labels}

    @cached_property
    def deciding(self) -> frozenset[str]:
        """The relations of bodies that vote on a step of this kind."""
        return frozenset(transition.decision.relation for transition in self.transitions if transition.decision)

    @cached_property
    def initial(self) -> State:
        """The state in which a case is opened."""
        return next(state for state in self.states if state.initial)

    @cached_property
    def state_by_key(self) -> Mapping[str, State]:
        """State by key, in the order written."""
        return {state.key: state for state in self.states}

    @cached_property
    def transition_by_edge(self) -> Mapping[tuple[str, str], Transition]:
        """Transition by (state, trigger)."""
        return {(source, t.trigger): t for t in self.transitions for source in t.sources}

    @cached_property
    def triggers_from(self) -> Mapping[str, tuple[Transition, ...]]:
        """The transitions that leave each state, in the order written."""
        return {s.key: tuple(t for t in self.transitions if s.key in t.sources) for s in self.states}

    @cached_property
    def field_by_key(self) -> Mapping[str, Field]:
        """Fact by key."""
        return {f.key: f for f in self.fields}

    @cached_property
    def clock_by_key(self) -> Mapping[str, Clock]:
        """Clock by key."""
        return {clock.key: clock for clock in self.clocks}

    @cached_property
    def dating_facts(self) -> frozenset[str]:
        """The facts on which a clock's limit depends: those that its rows look at, and those that give its day."""
        rows = [row for clock in self.clocks for row in clock.limits]
        return frozenset(key for row in rows for key in (*row.when, row.date_field) if key)

    @cached_property
    def ladder_by_key(self) -> Mapping[str, Ladder]:
        """Ladder by key."""
        return {ladder.key: ladder for ladder in self.ladders}

    @cached_property
    def agenda_questions(self) -> tuple[str, ...]:
        """The questions of any form that fix new dates of an agenda."""
        return tuple(dict.fromkeys(q.key for t in self.transitions for q in t.form if q.type == "agenda_dates"))

    @cached_property
    def counted_grounds(self) -> frozenset[str]:
        """Grounds of closing that count in the close-out rate."""
        return frozenset(g.key for t in self.transitions for g in t.grounds if g.counted)

    @cached_property
    def work_triggers(self) -> frozenset[str]:
        """Triggers whose actors did, verified or reported the work."""
        return frozenset(t.trigger for t in self.transitions if t.work)

    @cached_property
    def closing_triggers(self) -> frozenset[str]:
        """Triggers whose actors closed the case."""
        final = {state.key for state in self.states if state.final}
        return frozenset(t.trigger for t in self.transitions if t.target in final)
