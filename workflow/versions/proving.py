"""Proving a draft: its text has no fault, and every scenario kept with it comes out as it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.checks import prove
from states.faults import Fault
from states.vocabulary import Vocabulary
from workflow.definitions import TEXT, VERSIONS
from workflow.store import Store
from workflow.versions import scenarios
from workflow.versions.made_county import Office


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found: faults of the text, and, where there are none, what became of each scenario."""

    faults: tuple[Fault, ...]
    told: tuple[scenarios.Told, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Nothing stands against a preview."""
        return not self.faults and not any(one.differences for one in self.told)


def examine(
    document: Mapping[str, Any], *, vocabulary: Vocabulary, others: Mapping[str, Mapping[str, Any]], office: Office
) -> Examined:
    """Looks for faults, and lives through the scenarios of a document that has none."""
    faults = prove(document, vocabulary)
    return Examined(faults) if faults else Examined((), scenarios.run(document, others, office))


def documents(store: Store) -> dict[str, dict[str, Any]]:
    """The plain document of the current version of every kind."""
    found: dict[str, dict[str, Any]] = {}
    for row in store.rows(VERSIONS):
        text = store.row(TEXT, digest=row["digest"]) if row["status"] == "published" else None
        if text is not None:
            found[row["kind"]] = json.loads(text["canonical"])
    return found


def known(
    document: Mapping[str, Any], *, others: Mapping[str, Mapping[str, Any]], office: Office
) -> tuple[scenarios.Told | None, ...]:
    """What became of each scenario of a proven document, where it has been lived through before."""
    return scenarios.known(document, others, office)
