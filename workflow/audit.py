"""The audit of the history: is every case what its events say, and are the events what they were?

Between checkpoints the chain finds edits, gaps, reorder and nulls. A cut tail with a rewritten head, or a case deleted whole,
is found against the checkpoints (semantics.md §7). Events are read in order, so many at a time, and nothing of them is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, or_, select, text

from states.definition import Definition
from states.schema import digest as text_digest
from workflow import trail
from workflow.checkpoints import Expected, expected_heads, last_checkpoint
from workflow.definitions import built
from workflow.digests import holds
from workflow.history import told_of
from workflow.models import Case, Content, DefinitionText, DefinitionVersion, Event, Secret
from workflow.models.columns import time_to_text
from workflow.statements import Prepared
from workflow.store import Store, table_of

BATCH = 5_000
# The last event of a case that was disposed of (workflow/disposal): only before it may contents be gone.
DISPOSED = "dispose"
# Faults of a version of a workflow, and of the trail: a link is missing, changed, or not the one that a checkpoint knew.
OF_VERSIONS = ("definition", "version")
OF_TRAIL = "trail"

_case, _event, _content = table_of(Case), table_of(Event), table_of(Content)
_version, _text, _secret = table_of(DefinitionVersion), table_of(DefinitionText), table_of(Secret)
_BEYOND = or_(
    _event.c.case_id > bindparam("case_id"),
    and_(_event.c.case_id == bindparam("case_id"), _event.c.seq > bindparam("seq")),
)
LINKS = Prepared(
    select(_event.c.case_id, _event.c.seq, _event.c.facts, _event.c.prev, _event.c.hash)
    .where(_BEYOND)
    .order_by(_event.c.case_id, _event.c.seq)
    .limit(BATCH)
)
COLUMNS = ("verb", "trigger", "from_state", "to_state", "actor_id", "organ_id", "happened_at", "recorded_at")
WHOLE = Prepared(
    select(
        *(_event.c.case_id, _event.c.seq, _event.c.facts, _event.c.prev, _event.c.hash),
        *(_event.c[name] for name in COLUMNS),
        *(_content.c.salt, _content.c.body),
    )
    .outerjoin(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq))
    .where(_BEYOND)
    .order_by(_event.c.case_id, _event.c.seq)
    .limit(BATCH)
)
CASES_AFTER = Prepared(
    select(
        *(_case.c.id, _case.c.seq, _case.c.head, _case.c.state, _case.c.holder_id, _case.c.version, _case.c.cycle),
        *(_case.c.number, _case.c.old_number, _case.c.title, _case.c.data),
    )
    .where(_case.c.id > bindparam("id"))
    .order_by(_case.c.id)
    .limit(BATCH)
)
SECRETS = Prepared(
    select(_secret.c.case_id, _secret.c.field, _secret.c.value)
    .where(
        or_(
            _secret.c.case_id > bindparam("case_id"),
            and_(_secret.c.case_id == bindparam("case_id"), _secret.c.field > bindparam("field")),
        )
    )
    .order_by(_secret.c.case_id, _secret.c.field)
    .limit(BATCH)
)
VERSIONS = Prepared(
    select(_version.c.id, _version.c.digest, _text.c.canonical)
    .outerjoin(_text, _text.c.digest == _version.c.digest)
    .order_by(_version.c.id)
)
# The definition of each version by its id; None where its text is not the one that was published.
Definitions = Mapping[int, Definition | None]


class Fault(NamedTuple):
    """What is wrong at event `seq` of a case; `case` 0 is the ledger as a whole.

    Kinds: gap, first, link, hash, content, erased, columns, replay, secret, head, state, facts, no_events,
    deleted, cut, rewritten, count, checkpoint. And of a version of a workflow, whose id is `seq` then: definition (its text is
    not the one that its digest names), version (a checkpoint knew it with another text, or knew it at all). And of the trail,
    whose place is `seq` then: trail.
    """

    case: int
    seq: int
    kind: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit found. `checkpoint` is the digest of the newest one it was held against, "" for none.

    `window_from` is when that one was taken: what was cut or deleted since cannot be seen yet.
    """

    ok: bool
    events: int
    cases: int
    faults: tuple[Fault, ...]
    checkpoint: str
    window_from: datetime | None


class CaseHead(NamedTuple):
    """What the case's own row says of its history."""

    id: int
    seq: int
    head: str
    state: str
    holder_id: int | None
    version: int
    cycle: int
    number: str
    old_number: str
    title: str
    data: str


def verify(
    store: Store,
    *,
    against: Mapping[str, Any] | None = None,
    chain_only: bool = False,
    report: Callable[[int], None] = lambda _n: None,
) -> Verdict:
    """Checks every case; the first statement of its transaction, so that all of it is one snapshot.

    Chain, gaps and heads, and the chain of the trail, always; unless `chain_only`, also content digests (gone only under a
    tombstone), columns against facts, the replay to the state, and what lies sealed against what the history says was sealed
    last. `against` is a checkpoint file that left the machine (`Checkpoint.document`).
    `report` hears of each case that was checked.
    """
    _one_snapshot(store)
    expected = expected_heads(store, against)
    definitions, changed = _definitions(store, expected)
    audit = _Audit(definitions, expected, chain_only)
    audit.faults += changed
    audit.faults += [Fault(0, 0, "checkpoint") for _ in range(expected.faults)]
    for head, events, secrets in _histories(store, chain_only):
        audit.case(head, events, secrets)
        report(1)
    audit.missing()
    audit.faults += [Fault(0, seq, OF_TRAIL) for seq in trail.find_breaks(store, expected.trail)]
    last = last_checkpoint(store)
    if last is not None and audit.cases < last.cases:
        audit.faults.append(Fault(0, 0, "count"))
    faults = tuple(sorted(audit.faults))
    return Verdict(not faults, audit.events, audit.cases, faults, last.digest if last else "", last.taken_at if last else None)


def _definitions(store: Store, expected: Expected) -> tuple[Definitions, list[Fault]]:
    """Each version's definition, None where its text was changed; and what is wrong with them."""
    found: dict[int, Definition | None] = {}
    stands, faults = set(), []
    for row in store.rows(VERSIONS):
        is_whole = row["canonical"] is not None and text_digest(row["canonical"]) == row["digest"]
        found[row["id"]] = built(store, row["digest"])[0] if is_whole else None
        stands.add((row["id"], row["digest"]))
        faults += [] if is_whole else [Fault(0, row["id"], "definition")]
    faults += [Fault(0, version, "version") for version in {version for version, _ in expected.definitions - stands}]
    return found, faults


def _one_snapshot(store: Store) -> None:
    # SQLite's read transaction is one by itself.
    if store.dialect == "postgresql":
        store.connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


# ---- streams --------------------------------------------------------------------------------------------------------------


History = tuple[CaseHead | None, Iterator[tuple[Any, ...]], Iterator[tuple[Any, ...]]]


def _histories(store: Store, chain_only: bool) -> Iterator[History]:
    """Each case with its events and what lies sealed, in the order of ids; None for events whose case is gone."""
    events = _Peek(_walk(store, LINKS if chain_only else WHOLE, case_id=0, seq=0))
    heads = _Peek(_walk(store, CASES_AFTER, id=0))
    secrets = _Peek(iter(()) if chain_only else _walk(store, SECRETS, case_id=0, field=""))
    while not (events.is_done and heads.is_done):
        case_id = min(told.value[0] for told in (events, heads) if not told.is_done)
        head = heads.take() if not heads.is_done and heads.value[0] == case_id else None
        secrets.skip_to(case_id)
        yield CaseHead(*head) if head else None, events.while_first(case_id), secrets.while_first(case_id)


class _Peek:
    """An iterator whose next value can be looked at."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self.is_done = False
        self.value: tuple[Any, ...] = ()
        self.take()

    def take(self) -> tuple[Any, ...]:
        """The value, moving on."""
        taken, following = self.value, next(self._rows, None)
        self.is_done, self.value = following is None, following or ()
        return taken

    def skip_to(self, first: int) -> None:
        """Leaves out the rows before those that begin with `first`."""
        while not self.is_done and self.value[0] < first:
            self.take()

    def while_first(self, first: int) -> Iterator[tuple[Any, ...]]:
        """The rows that begin with `first`."""
        while not self.is_done and self.value[0] == first:
            yield self.take()


def _walk(store: Store, prepared: Prepared, **after: Any) -> Iterator[tuple[Any, ...]]:
    """A long table, so many rows at a time; its first columns are those that it is walked by."""
    while True:
        rows = _tuples(store, prepared, **after)
        yield from rows
        if len(rows) < BATCH:
            return
        after = dict(zip(after, rows[-1], strict=False))


def _tuples(store: Store, prepared: Prepared, **values: Any) -> list[tuple[Any, ...]]:
    # Dictionaries and decoded times would cost more than the check itself.
    cursor = store.connection.connection.cursor()
    cursor.execute(prepared.text(store.dialect)[0], prepared.bind(store.dialect, values))
    return [tuple(row) for row in cursor.fetchall()]


# ---- one case -------------------------------------------------------------------------------------------------------------


class _Audit:
    """Counts and faults of one run."""

    def __init__(self, definitions: Definitions, expected: Expected, chain_only: bool) -> None:
        self.definitions = definitions
        self.expected = expected
        self.chain_only = chain_only
        self.events = self.cases = 0
        self.faults: list[Fault] = []

    def case(self, head: CaseHead | None, events: Iterator[tuple[Any, ...]], secrets: Iterator[tuple[Any, ...]]) -> None:
        """Walks one history."""
        case_id, last_seq, last_hash, last_facts, last_body = head.id if head else 0, 0, "", "", None
        bare, sealed = 0, dict[str, str]()
        replay = _Replay(self.definitions)
        told = self.expected.heads.pop(case_id, None)
        for row in events:
            case_id, seq, facts, prev, stored = row[:5]
            self.events += 1
            if seq != last_seq + 1:
                self._fault(case_id, seq, "gap")
            if prev != last_hash:
                self._fault(case_id, seq, "link")
            if not holds(stored, prev, facts):
                self._fault(case_id, seq, "hash")
            if told is not None and seq == told[0] and stored != told[1]:
                self._fault(case_id, seq, "rewritten")
            if not self.chain_only:
                self._deep(row, replay, sealed)
                bare = bare or (seq if row[-1] is None else 0)
            last_seq, last_hash, last_facts, last_body = seq, stored, facts, row[-1]
        if head is not None:
            self.cases += 1
            self._head(head, last_seq, last_hash, last_facts, last_body)
        lies = {field: value for _case_id, field, value in secrets}
        is_moved = any(not (holds(said, lies[field]) if field in lies else said == "") for field, said in sealed.items())
        self.faults += [Fault(case_id, last_seq, "secret")] if is_moved else []
        if bare and not _is_disposed(last_facts):
            self._fault(case_id, bare, "erased")
        if told is not None and last_seq < told[0]:
            self._fault(case_id, last_seq, "cut")

    def _fault(self, case_id: int, seq: int, kind: str) -> None:
        self.faults.append(Fault(case_id, seq, kind))

    def _deep(self, row: tuple[Any, ...], replay: _Replay, sealed: dict[str, str]) -> None:
        case_id, seq, facts_text = row[:3]
        salt, body = row[-2:]
        try:
            facts = json.loads(facts_text)
            if body is not None and not holds(facts["content"], salt, body):
                self._fault(case_id, seq, "content")
            if not _columns_agree(row, facts):
                self._fault(case_id, seq, "columns")
            sealed |= facts.get("secrets", {})
            if not replay.follows(facts, row[7], row[8]):
                self._fault(case_id, seq, "replay")
        except (ValueError, KeyError, TypeError):
            self._fault(case_id, seq, "columns")

    def _head(self, head: CaseHead, last_seq: int, last_hash: str, last_facts: str, body: str | None) -> None:
        if last_seq == 0:
            self._fault(head.id, 0, "no_events")
        elif (head.seq, head.head) != (last_seq, last_hash):
            self._fault(head.id, last_seq, "head")
        elif not self.chain_only and not _row_agrees(head, last_facts):
            self._fault(head.id, last_seq, "state")
        elif not self.chain_only and body is not None and not _facts_agree(head, body):
            self._fault(head.id, last_seq, "facts")

    def missing(self) -> None:
        """Cases that a checkpoint knew and nobody knows any more."""
        self.faults += [Fault(case_id, seq, "deleted") for case_id, (seq, _head) in self.expected.heads.items()]


def _is_disposed(facts_text: str) -> bool:
    """Does the history end in the tombstone that covers the contents which are gone?"""
    try:
        return bool(json.loads(facts_text)["verb"] == DISPOSED)
    except (ValueError, KeyError, TypeError):
        return False


def _columns_agree(row: tuple[Any, ...], facts: Mapping[str, Any]) -> bool:
    case_id, seq, verb, trigger, came_from, to = (row[0], row[1], *row[5:9])
    # A verb may use the name `from` for a case of its own; then the link before proves the state.
    states = facts["to"] == to and (not isinstance(facts["from"], str) or facts["from"] == came_from)
    named = (facts["case"], facts["seq"], facts["verb"], facts["trigger"], facts["actor"], facts["organ"])
    times = (_time(row[11]), _time(row[12])) == (facts["happened_at"], facts["recorded_at"])
    return states and times and named == (case_id, seq, verb, trigger, row[9], row[10])


def _time(value: Any) -> str:
    return value if isinstance(value, str) else time_to_text(value)


def _row_agrees(head: CaseHead, facts_text: str) -> bool:
    try:
        facts = json.loads(facts_text)
        told = (facts["to"], facts["holder"], facts["version"], facts["cycle"])
    except (ValueError, KeyError):
        return False
    return bool(told == (head.state, head.holder_id, head.version, head.cycle))


def _facts_agree(head: CaseHead, body: str) -> bool:
    """Does the case still say of itself what its last event left? An unreadable content is found as such."""
    try:
        left = json.loads(body)["left"]
    except (ValueError, KeyError, TypeError):
        return True
    return holds(left, *told_of(head._asdict(), head.data))


class _Replay:
    """Follows a history through the machine: every change of state is a transition, or one of the named jumps."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self.state = ""
        self._undoes_to = ""

    def follows(self, facts: Mapping[str, Any], came_from: str, to: str) -> bool:
        """Does this event follow from the state so far?"""
        was, undoes_to = self.state, self._undoes_to
        self.state, self._undoes_to = to, came_from
        if came_from != was or facts["definition"] not in self._definitions:
            return False
        definition = self._definitions[facts["definition"]]
        if definition is None:
            return True  # What the step was by is not known any more; that is said once, of the version.
        return to in definition.state_by_key and _may_follow(definition, facts, was, to, undoes_to)


def _may_follow(definition: Definition, facts: Mapping[str, Any], was: str, to: str, undoes_to: str) -> bool:
    verb = facts["verb"]
    if verb in ("imported", "migrate"):
        return True
    if was == "":
        return to == definition.initial.key
    if verb == "undo":
        return to == undoes_to
    if verb in ("fire", "replay"):
        transition = definition.transition_by_edge.get((was, facts["trigger"]))
        return transition is not None and transition.target_from(was) == to
    if verb in ("merge", "void", "ended_with_parent"):
        return definition.state_by_key[to].final
    return to == was
