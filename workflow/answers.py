"""What was handed in, sorted: facts for the case, content for the history, secrets for neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from states.definition import Definition
from workflow.barring import NOBODY_BARRED, Barring
from workflow.casefile import LIVE, CaseFile
from workflow.cases import BY_ID, CLOCKS
from workflow.desk import Desk
from workflow.roster import Roster
from workflow.statements import Row
from workflow.tree import Tree


@dataclass(frozen=True, slots=True)
class TreeLookup:
    """Answers the forms' questions about organs and people from the tree; `subject_id` is the case's subject."""

    tree: Tree
    roster: Roster
    subject_id: int | None
    barring: Barring
    limit: Callable[[str], date | None]
    beginning: date | None = None

    def organ_kind(self, organ_id: int) -> str | None:
        """The kind of the organ, or None where there is none or it has been dissolved."""
        organ = self.tree.organs.get(organ_id)
        return organ.kind if organ and organ.valid_to is None else None

    def is_subject(self, organ_id: int) -> bool:
        """Is the organ the subject of the case, or under it?"""
        return self.subject_id is not None and self.tree.is_under(organ_id, self.subject_id)

    def has_person(self, person_id: int) -> bool:
        """Is there such a person with a valid post?"""
        return person_id in self.roster.organs_of

    def is_barred_organ(self, organ_id: int) -> bool:
        """Was the organ taken off the case?"""
        return organ_id in self.barring.organs

    def is_barred_person(self, person_id: int) -> bool:
        """Was the person taken off the case, or an organ of his?"""
        return self.barring.takes_off(person_id, self.roster)

    def find_limit(self, whose: str) -> date | None:
        """The main limit of the case, or of the one above it; None where it has none."""
        return self.limit(whose)

    def find_beginning(self) -> date | None:
        """The day on which the case came to its present state; None while it is being opened."""
        return self.beginning


def lookup_of(desk: Desk, file: CaseFile, barring: Barring) -> TreeLookup:
    """The lookup for this desk's organisations and a case."""
    occasion = desk.occasion
    row, limit = file.row, partial(_limit, desk, file)
    return TreeLookup(occasion.tree, occasion.roster, row["subject_id"], barring, limit, row["state_since"])


def lookup_at_open(desk: Desk, subject_id: int | None) -> TreeLookup:
    """The lookup for a case that is being opened, which has no limit yet."""
    return TreeLookup(desk.occasion.tree, desk.occasion.roster, subject_id, NOBODY_BARRED, lambda _whose: None)


def _limit(desk: Desk, file: CaseFile, whose: str) -> date | None:
    if whose == "limit":
        return _main_due(file.served.definition, file.live_clocks())
    above = desk.store.row(BY_ID, id=file.row["parent_id"]) if file.row["parent_id"] is not None else None
    if above is None:
        return None
    live = [clock for clock in desk.store.rows(CLOCKS, case_id=above["id"]) if clock["status"] in LIVE]
    return _main_due(desk.occasion.catalogue.of_version(above["definition_version_id"]).definition, live)


def _main_due(definition: Definition, live: Iterable[Row]) -> date | None:
    main = {clock.key for clock in definition.clocks if clock.main}
    return next((clock["due_on"] for clock in live if clock["key"] in main), None)


def split_answers(definition: Definition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that may stand in the history: none whose fact is secret."""
    secret = {field.key for field in definition.fields if field.secret}
    return {"answers": {key: value for key, value in answers.items() if key not in secret and value is not None}}
