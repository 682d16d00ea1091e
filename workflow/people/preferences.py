"""What a person prefers: the language of the pages, and not to be shown round again."""

from __future__ import annotations

from datetime import datetime

from workflow.models import Person
from workflow.people.accounts import change_person, get_person
from workflow.store import Store


def language_of(store: Store, person_id: int) -> str:
    """zh-Hans, zh-Hant or en."""
    return str(get_person(store, person_id)["language"])


def set_language(store: Store, *, person_id: int, language: str) -> None:
    """Pages and messages come in this language; BadInput for one that is not spoken."""
    change_person(store, person_id=person_id, changes={"language": language})


def take_tour(store: Store, *, person_id: int, now: datetime) -> None:
    """The person has been shown round."""
    store.update(Person, {"toured_at": now}, id=person_id)
