"""People as pages show them: names behind ids, who may handle what, and one person with his posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from states.errors import InvalidForm, NotFound, NotPermitted
from workflow.barring import barring_of
from workflow.cases import BY_ID
from workflow.models import Grant, Person
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.names import names_of
from workflow.reads.rows import organ_name
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.types import Actor
from workflow.verbs.assign import assignable

_person, _grant = table_of(Person), table_of(Grant)
NAMED = Prepared(
    select(_person.c.id, _person.c.login)
    .where(or_(_person.c.login == bindparam("told"), _person.c.name == bindparam("told")), _person.c.disabled_at.is_(None))
    .order_by(_person.c.id)
)
# Who keeps accounts and their posts, and who oversees them (三员分立).
KEEPERS = ("system_admin", "security_admin", "audit_admin")


@dataclass(frozen=True, slots=True)
class PostView:
    """A post that a person holds, held, or will hold; `is_valid` on the day it was asked for."""

    grant_id: int
    role: str
    organ_id: int
    organ: str
    title: str
    ceiling: int
    since: date | None
    until: date | None
    is_valid: bool


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person. `open_cases` is how many open cases name him as assignee."""

    id: int
    login: str
    name: str
    email: str
    phone: str
    language: str
    disabled_at: datetime | None
    created_at: datetime
    has_password: bool
    posts: tuple[PostView, ...]
    open_cases: int = 0


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may be named: an assignee, or a mention in a comment."""

    id: int
    name: str
    role: str
    title: str


def find_person(store: Store, told: str) -> int | None:
    """The person whom a login or a full name means; None for nobody, InvalidForm where several bear the name."""
    rows = store.rows(NAMED, told=told)
    known = [row["id"] for row in rows if row["login"] == told] or [row["id"] for row in rows]
    if len(known) > 1:
        raise InvalidForm(fields={"person": ["several_of_name"]})
    return int(known[0]) if known else None


def assignees_of(store: Store, occasion: Occasion, actor: Actor, case_id: int, holder_id: int) -> tuple[Colleague, ...]:
    """Of the actor's colleagues in the holder those who may be named to handle the case."""
    row = store.row(BY_ID, id=case_id)
    assert row is not None, "whoever asks has the case before him"
    may, barring = assignable(occasion.roster, holder_id, row["level"]), barring_of(store, row, occasion)
    found = colleagues_in(store, occasion, actor, holder_id)
    return tuple(one for one in found if one.id in may and not barring.bars(one.id, occasion.roster))


def colleagues_in(store: Store, occasion: Occasion, actor: Actor, organ_id: int) -> tuple[Colleague, ...]:
    """The people with a valid post in one of the actor's own organs, by role and name; NotPermitted for another's."""
    if not actor.sees_all and organ_id not in actor.organ_ids:
        raise NotPermitted(why="relation")
    holders = {
        person: role for (organ, role), people in occasion.roster.holders.items() if organ == organ_id for person in people
    }
    names = names_of(store, holders)
    titles = _titles(store, organ_id)
    found = [Colleague(person, names[person], role, titles.get(person, "")) for person, role in holders.items()]
    return tuple(sorted(found, key=lambda colleague: (colleague.role, colleague.id)))


def _titles(store: Store, organ_id: int) -> dict[int, str]:
    rows = store.select(select(_grant.c.person_id, _grant.c.title).where(_grant.c.organ_id == organ_id))
    return {row["person_id"]: row["title"] for row in rows}


def list_people(store: Store, occasion: Occasion, actor: Actor, *, organ_id: int | None = None) -> tuple[PersonView, ...]:
    """Everybody, or those who hold a post in an organ; for the administrators of accounts only."""
    _require_keeper(actor)
    rows = store.select(select(_person).order_by(_person.c.id))
    posts = _posts(store, occasion)
    views = [_view(row, posts.get(row["id"], ())) for row in rows]
    return tuple(view for view in views if organ_id is None or any(post.organ_id == organ_id for post in view.posts))


def person_of(store: Store, occasion: Occasion, actor: Actor, person_id: int) -> PersonView:
    """One person with his posts and open cases; for himself and for the administrators of accounts."""
    if actor.person_id != person_id:
        _require_keeper(actor)
    rows = store.select(select(_person).where(_person.c.id == person_id))
    if not rows:
        raise NotFound(what="person", id=person_id)
    mine = (CASES.c.assignee_id == person_id, ~CASES.c.final, ~CASES.c.withdrawn)
    open_cases = len(store.select(select(CASES.c.id).where(*mine)))
    return _view(rows[0], _posts(store, occasion).get(person_id, ()), open_cases)


def _require_keeper(actor: Actor) -> None:
    if not actor.sees_all and not actor.has_role(*KEEPERS):
        raise NotPermitted(why="role")


def _view(row: dict[str, Any], posts: tuple[PostView, ...], open_cases: int = 0) -> PersonView:
    names = ("id", "login", "name", "email", "phone", "language", "disabled_at", "created_at")
    has_password = row["password_hash"] is not None
    return PersonView(**{name: row[name] for name in names}, has_password=has_password, posts=posts, open_cases=open_cases)


def _posts(store: Store, occasion: Occasion) -> dict[int, tuple[PostView, ...]]:
    found: dict[int, list[PostView]] = {}
    for row in store.select(select(_grant).order_by(_grant.c.id)):
        valid = (row["since"] or date.min) <= occasion.today <= (row["until"] or date.max)
        names = ("role", "organ_id", "title", "ceiling", "since", "until")
        organ = organ_name(occasion.tree, row["organ_id"])
        post = PostView(grant_id=row["id"], organ=organ, is_valid=valid, **{name: row[name] for name in names})
        found.setdefault(row["person_id"], []).append(post)
    return {person_id: tuple(posts) for person_id, posts in found.items()}
