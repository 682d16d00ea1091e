"""The history of a case: events with facts of the engine, chained per case; what they said is kept apart.

`hash` = the digest of prev ‖ facts (`digests`). `facts` holds the salted digest of the content, so the content can be
disposed of and the chain still proves that nothing else was changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflow.casefile import LIVE, CaseFile, clock_key
from workflow.digests import digest
from workflow.statements import Row
from workflow.text import canonical

GENESIS = ""
# What a clock was before an event, in the event's own facts: dates only, no content.
CLOCK_FACTS = ("status", "due_on", "tier", "next_rung", "run")


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to one case, before it is written down. `content` is canonical JSON material without secrets."""

    verb: str
    actor_id: int | None
    organ_id: int | None
    happened_at: datetime
    recorded_at: datetime
    trigger: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


def chain_hash(suite: str, prev: str, facts: str) -> str:
    """The link: what the next event will name as its `prev`."""
    return digest(suite, prev, facts)


def content_digest(suite: str, salt: str, body: str) -> str:
    """The salted digest of a content body."""
    return digest(suite, salt, body)


def told_of(row: Mapping[str, Any], data: str) -> tuple[str, ...]:
    """What a case says of itself, whose digest every event leaves in its content: numbers, title and facts."""
    return row["number"], row["old_number"], row["title"], data


def record(suite: str, file: CaseFile, happening: Happening) -> tuple[Row, Row]:
    """The event row and its content row; the case's `seq` and `head` move on. Call it when the case is as it will be."""
    seq = file.row["seq"] + 1 if file.row["head"] else 1
    said = {**happening.content, "before": _undo_point(file), "left": digest(suite, *told_of(file.row, canonical(file.data)))}
    salt, body = secrets.token_hex(16), canonical(said)
    facts = canonical({**_facts(file, happening, seq), "content": content_digest(suite, salt, body)})
    prev = file.row["head"]
    file.row["seq"], file.row["head"] = seq, chain_hash(suite, prev, facts)
    event = {
        "case_id": file.id,
        "seq": seq,
        "verb": happening.verb,
        "trigger": happening.trigger,
        "from_state": file.before.get("state", ""),
        "to_state": file.state,
        "actor_id": happening.actor_id,
        "organ_id": happening.organ_id,
        "happened_at": happening.happened_at,
        "recorded_at": happening.recorded_at,
        "facts": facts,
        "prev": prev,
        "hash": file.row["head"],
    }
    for name in file.secrets:
        file.secret_seqs.setdefault(name, seq)
    file.begin_spell(seq, happening.happened_at)
    file.tell_found_by(happening.happened_at)
    file.settle_event()
    return event, {"case_id": file.id, "seq": seq, "salt": salt, "body": body}


def _facts(file: CaseFile, happening: Happening, seq: int) -> dict[str, Any]:
    return {
        "case": file.id,
        "seq": seq,
        "verb": happening.verb,
        "trigger": happening.trigger,
        "from": file.before.get("state", ""),
        "to": file.state,
        "actor": happening.actor_id,
        "organ": happening.organ_id,
        "happened_at": happening.happened_at,
        "recorded_at": happening.recorded_at,
        "definition": file.row["definition_version_id"],
        "cycle": file.row["cycle"],
        "version": file.row["version"],
        "holder": file.row["holder_id"],
        "subject": file.row["subject_id"],
        "ground": file.row["ground"],
        "overdue_since": file.row["overdue_since"],
        "before": _before(file),
        **({"secrets": told} if (told := _secrets(file)) else {}),
        **happening.extra,
    }


def _secrets(file: CaseFile) -> dict[str, str]:
    """The digest of each secret as it lies sealed from here on, "" for none; the first event names all that the kind has.

    What is sealed begins with a number out of a random generator, so nobody finds a word by trying it out.
    """
    fields = () if file.row["head"] else file.served.definition.fields
    return {field.key: "" for field in fields if field.secret} | file.untold


def _before(file: CaseFile) -> dict[str, Any]:
    clocks = {key: clock for key, clock in file.clocks_before.items() if clock["status"] in LIVE}
    return {
        "version": file.before.get("version", 0),
        "holder": file.before.get("holder_id"),
        "clocks": {key[0]: [clock[name] for name in CLOCK_FACTS] for key, clock in clocks.items()},
    }


def _undo_point(file: CaseFile) -> dict[str, Any]:
    """What `undo` needs to put the case back exactly: the columns and clocks that this event changes, as they were."""
    if not file.before:
        return {}
    changed = {name: file.before[name] for name in file.changed_columns() if name not in ("seq", "head")}
    clocks = [file.clocks_before.get(clock_key(clock)) for clock in file.changed_clocks()]
    return {
        "case": changed,
        "clocks": [clock for clock in clocks if clock is not None],
        "new_clocks": [clock_key(c) for c in file.changed_clocks() if clock_key(c) not in file.clocks_before],
        **({"joined": file.joined} if file.joined else {}),
        **({"papers": file.papers} if file.papers else {}),
    }
