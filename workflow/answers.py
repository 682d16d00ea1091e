"""What was handed in, sorted: facts for the case, content for the history, secrets for neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.definition import Definition
from workflow.barring import NOBODY_BARRED, Barring
from workflow.desk import Desk
from workflow.roster import Roster
from workflow.tree import Tree


@dataclass(frozen=True, slots=True)
class TreeLookup:
    """Answers the forms' questions about organs and people from the tree; `subject_id` is the case's subject."""

    tree: Tree
    roster: Roster
    subject_id: int | None
    barring: Barring

    def organ_kind(self, organ_id: int) -> str | None:
        """The kind of the organ, or None where there is none or it has been dissolved."""
        organ = self.tree.organs.get(organ_id)
        return organ.kind if organ and organ.successor_id is None else None

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
        return self.barring.bars(person_id, self.roster)


def lookup_of(desk: Desk, subject_id: int | None, barring: Barring = NOBODY_BARRED) -> TreeLookup:
    """The lookup for this desk's organisations."""
    return TreeLookup(desk.occasion.tree, desk.occasion.roster, subject_id, barring)


def split_answers(definition: Definition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that may stand in the history: none whose fact is secret."""
    secret = {field.key for field in definition.fields if field.secret}
    return {"answers": {key: value for key, value in answers.items() if key not in secret and value is not None}}
