"""What was handed in, sorted: facts for the case, content for the history, secrets for neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.definition import Definition
from workflow.desk import Desk
from workflow.tree import Tree


@dataclass(frozen=True, slots=True)
class TreeLookup:
    """Answers the forms' questions about organs and people from the tree; `subject_id` is the case's subject."""

    tree: Tree
    subject_id: int | None
    people: frozenset[int]

    def organ_kind(self, organ_id: int) -> str | None:
        """The kind of the organ, or None where there is none or it has been dissolved."""
        organ = self.tree.organs.get(organ_id)
        return organ.kind if organ and organ.successor_id is None else None

    def is_subject(self, organ_id: int) -> bool:
        """Is the organ the subject of the case, or under it?"""
        return self.subject_id is not None and self.tree.is_under(organ_id, self.subject_id)

    def has_person(self, person_id: int) -> bool:
        """Is there such a person with a valid post?"""
        return person_id in self.people


def lookup_of(desk: Desk, subject_id: int | None) -> TreeLookup:
    """The lookup for this desk's organisations."""
    people = frozenset(person for holders in desk.occasion.roster.holders.values() for person in holders)
    return TreeLookup(desk.occasion.tree, subject_id, people)


def split_answers(definition: Definition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that may stand in the history: none whose fact is secret."""
    secret = {field.key for field in definition.fields if field.secret}
    return {"answers": {key: value for key, value in answers.items() if key not in secret and value is not None}}
