"""What an upgrade does with the definitions that ship: published where the kind has no case, else kept as a draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from states.schema import canonical_text, digest
from workflow.definitions import VERSIONS, has_cases, publish
from workflow.store import Store
from workflow.types import MACHINE
from workflow.versions import drafts


def ship(store: Store, document: Mapping[str, Any], *, source: str, now: datetime) -> int | None:
    """The number of the version, or None where it waits as a draft for two people; the same text again changes nothing."""
    kind, text_digest = str(document["key"]), digest(canonical_text(document))
    known = next((row for row in store.rows(VERSIONS) if row["kind"] == kind and row["digest"] == text_digest), None)
    if known is not None:
        return int(known["number"])
    if not has_cases(store, kind):
        return publish(store, document, source=source, now=now)
    if all(draft["digest"] != text_digest for draft in drafts.list_open(store)):
        # Not proven: its scenarios have not been lived through beside this county's calendar, words and other kinds.
        drafts.begin(store, kind=kind, name="", source=source, actor=MACHINE, now=now)
    return None
