"""What the engine and the handlers say to each other: facts going out, wishes coming back.

A handler (effect or rung) is a pure function: it gets a `Change` or a `DueRung` and returns wishes. The engine turns wishes
into rows inside its own transaction. So a handler can be read, and tested, without a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from states.definition import Definition, Rung, Transition
from workflow.dates import Calendar
from workflow.tree import Tree

Data = Mapping[str, Any]


# The roles that ship and work on cases; a county may add others. What administers opens none.
WORKING = ("handler", "deputy", "head", "inspector", "observer")
ADMINISTERING = ("workflow_admin", "system_admin", "security_admin", "audit_admin")


@dataclass(frozen=True, slots=True)
class GrantFact:
    """One post somebody holds: `role` in the organ, for cases up to `ceiling`; valid on the day it was loaded for."""

    id: int
    role: str
    organ_id: int
    organ_kind: str
    level: str
    area_id: int
    ceiling: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it. `person_id` None is the machine itself (sweep, import), which holds no grants.

    `acting` is the post chosen by somebody with several; checks of duties look at all of them.
    """

    person_id: int | None
    name: str
    grants: tuple[GrantFact, ...] = ()
    acting: GrantFact | None = None
    login: str = ""
    sees_all: bool = False  # the machine and, until the three administrators are set, the operator

    @property
    def posts(self) -> tuple[GrantFact, ...]:
        """The grants that work on cases; an administrator's opens none, whatever organ it stands in (product.md)."""
        return tuple(grant for grant in self.grants if grant.role not in ADMINISTERING)

    @property
    def organ_ids(self) -> tuple[int, ...]:
        """The organs in which this person works on cases."""
        return tuple(dict.fromkeys(grant.organ_id for grant in self.posts))

    def has_role(self, *roles: str) -> bool:
        """Does the person hold one of `roles` anywhere?"""
        return any(grant.role in roles for grant in self.grants)


MACHINE = Actor(person_id=None, name="machine", login="machine", sees_all=True)


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as handlers see it: engine columns by name in `row`, the kind's own facts in `data`. No secrets."""

    row: Mapping[str, Any]
    data: Data
    definition: Definition

    @property
    def id(self) -> int:
        """The case's id."""
        return int(self.row["id"])

    @property
    def kind(self) -> str:
        """The kind's key."""
        return self.definition.key


@dataclass(frozen=True, slots=True)
class AgendaFact:
    """One item on an interview's agenda, with the rung that brought it."""

    case_id: int
    clock: str
    cycle: int
    run: int
    tier: int
    rung: str
    due_on: date | None
    new_due_on: date | None
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What a transition did, for its effects: the case after it, the answers, who and when.

    `decide_by` is the day by which the later date must be decided on that it gives an opinion about; None for any other step.
    `due_dates` are those of the live clocks that have one, by key.
    """

    case: CaseFacts
    before: Mapping[str, Any]
    transition: Transition
    answers: Data
    actor: Actor
    now: datetime
    today: date
    tree: Tree
    agenda: tuple[AgendaFact, ...] = ()
    tally: Mapping[str, int] = field(default_factory=dict)
    decide_by: date | None = None
    due_dates: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """The clock whose rung is due. `organ_id` is the organ that is late when it is late."""

    key: str
    cycle: int
    run: int
    tier: int
    organ_id: int
    started_on: date
    due_on: date | None
    original_due_on: date | None
    workdays_late: int


@dataclass(frozen=True, slots=True)
class DueRung:
    """A rung that is due now on a case that is still in a state its clock runs in."""

    case: CaseFacts
    clock: ClockFacts
    rung: Rung
    occurrence: int
    now: datetime
    today: date
    tree: Tree
    calendar: Calendar
    agenda: tuple[AgendaFact, ...] = ()
    count: int = 0  # what an organisation rule has counted


@dataclass(frozen=True, slots=True)
class Notify:
    """A message to posts (`role@relation[:organ kind]`) about a case: number, count and date, never content."""

    to: tuple[str, ...]
    message: str
    params: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Open a case of `kind` in this transaction; the sponsor's office registers it, unless another is named."""

    kind: str
    title: str
    subject_id: int
    holder_id: int | None = None
    supervisor_id: int | None = None
    data: Data = field(default_factory=dict)
    parent_id: int | None = None
    relation: str = "caused"
    registrar_id: int | None = None


@dataclass(frozen=True, slots=True)
class JoinInterview:
    """Put the case on the joinable interview of (interviewer, interviewee), opening one of `kind` where there is none.

    `rung` "" means the interview is proposed by a transition (second send-back), not by the ladder. With `items` false the
    interviewee is told number and count only: nothing is linked that he may not see.
    """

    kind: str
    interviewer_id: int
    interviewee_id: int
    subject_id: int
    tier: int
    title: str
    data: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetField:
    """Set a fact of the case (not a secret one)."""

    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class SetColour:
    """Show the case in `colour`, and `rung` as how far it has been pressed."""

    colour: str


@dataclass(frozen=True, slots=True)
class FixDates:
    """The interview fixed new dates: agenda item (case id) → new due day. They run on the items, in the next tier."""

    dates: Mapping[int, date]


@dataclass(frozen=True, slots=True)
class ClimbItems:
    """The interview was not held in time: its items' ladders go on in the next tier, counted from `from_on`."""

    from_on: date


@dataclass(frozen=True, slots=True)
class ReleaseAgenda:
    """The interview is over without new dates (waived, withdrawn): its items' ladders go on in their next tier.

    It counts from `from_on`; without one, from the day on which the interviewee may be talked to again.
    """

    reason: str
    from_on: date | None = None


@dataclass(frozen=True, slots=True)
class EndChildren:
    """End what is still open of `kind` under this case, on the child's own `ground`."""

    kind: str
    ground: str


@dataclass(frozen=True, slots=True)
class LinkAgenda:
    """Put on this interview's agenda what has turned late since it was opened, before the interviewee is notified."""


@dataclass(frozen=True, slots=True)
class PauseClocks:
    """Stop every live clock of the case but those named in `but`; they resume by themselves after `max_days`."""

    but: tuple[str, ...] = ()
    max_days: int = 183


@dataclass(frozen=True, slots=True)
class ResumeClocks:
    """Let the clocks that were stopped go on."""


@dataclass(frozen=True, slots=True)
class SettleClocks:
    """Settle the named clocks, whatever the state."""

    clocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IssueLetter:
    """A letter is due on the case: its key in the registry of letters. The text is made when somebody opens it."""

    letter: str
    params: Data = field(default_factory=dict)


Wish = (
    Notify
    | OpenCase
    | JoinInterview
    | SetField
    | SetColour
    | FixDates
    | ClimbItems
    | ReleaseAgenda
    | EndChildren
    | LinkAgenda
    | PauseClocks
    | ResumeClocks
    | SettleClocks
    | IssueLetter
)

Effect = Callable[..., Iterable[Wish]]  # (change: Change, **params) -> wishes
RungFunction = Callable[..., Iterable[Wish]]  # (due: DueRung, **params) -> wishes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verb answers: ids, versions and states, never content. Also what an idempotency key stores."""

    case_id: int
    version: int
    seq: int
    state: str
    number: str = ""
    opened: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LifeStep:
    """One transition on its hour; `evidence` is a stored file added just before it."""

    at: datetime
    actor: Actor
    trigger: str
    data: Mapping[str, Any] = field(default_factory=dict)
    evidence: int | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """A case from its opening on."""

    kind: str
    title: str
    subject_id: int
    at: datetime
    actor: Actor
    data: Mapping[str, Any]
    steps: tuple[LifeStep, ...] = ()
