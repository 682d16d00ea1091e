"""What stands in a form before anybody types: names, titles and telephone numbers of who holds the posts of a case."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from states.definition import Field
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


def suggestions_of(store: Store, occasion: Occasion, case_id: int, questions: Iterable[Field]) -> dict[str, str]:
    """Question → text, of a case that the reader may see; nothing where nobody or several hold the post."""
    row = store.row(BY_ID, id=case_id) or {}
    found = {q.key: _told(store, occasion, row, q.suggest.post, q.suggest.tells) for q in questions if q.suggest}
    return {key: text for key, text in found.items() if text}


def _told(store: Store, occasion: Occasion, row: Row, address: str, tells: str) -> str:
    role, _, where = address.partition("@")
    organ_id = find_organ(where, row, occasion.tree)
    people = occasion.roster.people_at(Post(role, organ_id)) if organ_id is not None else ()
    if len(people) != 1:
        return ""
    return next((held[tells] for held in store.rows(HOLDER, person_id=people[0], organ_id=organ_id) if held[tells]), "")
