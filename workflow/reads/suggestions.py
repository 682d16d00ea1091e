"""What stands in a form before anybody types: names, titles, telephone numbers and organs of the posts of a case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select

from states.definition import Field, Suggestion
from workflow.cases import BY_ID
from workflow.models import Grant, Person
from workflow.occasion import Occasion
from workflow.roster import Post, find_organ
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

_grant, _person = table_of(Grant), table_of(Person)
HOLDER = Prepared(
    select(_person.c.name, _person.c.phone, _grant.c.title.label("post"))
    .join(_grant, _grant.c.person_id == _person.c.id)
    .where(_person.c.id == bindparam("person_id"), _grant.c.organ_id == bindparam("organ_id"))
    .order_by(_grant.c.id.desc())
)


def suggestions_of(store: Store, occasion: Occasion, case_id: int, questions: Iterable[Field]) -> dict[str, Any]:
    """Question → text or the id of an organ, of a case that the reader may see; nothing where nobody or several hold the post.

    Of rows: question → column → what each new row begins with.
    """
    row = store.row(BY_ID, id=case_id) or {}

    def told(asked: Iterable[Field]) -> dict[str, Any]:
        found = {q.key: told(q.columns) if q.columns else q.suggest and _told(store, occasion, row, q.suggest) for q in asked}
        return {key: value for key, value in found.items() if value}

    return told(questions)


def _told(store: Store, occasion: Occasion, row: Row, suggest: Suggestion) -> str | int | None:
    role, _, where = suggest.post.partition("@")
    organ_id = find_organ(where, row, occasion.tree)
    if organ_id is None or suggest.tells == "organ":
        return organ_id
    people = occasion.roster.people_at(Post(role, organ_id))
    if len(people) != 1:
        return None
    held = store.rows(HOLDER, person_id=people[0], organ_id=organ_id)
    return next((str(one[suggest.tells]) for one in held if one[suggest.tells]), None)
