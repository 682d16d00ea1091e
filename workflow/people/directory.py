"""The accounts a page at a time, found by login, name, organ or title, and narrowed to a role and a part of the county."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from workflow.models import Grant, Organ, Person
from workflow.statements import Row
from workflow.store import Store, table_of

PER_PAGE = 20

_person, _grant, _organ = table_of(Person), table_of(Grant), table_of(Organ)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom somebody looks for; empty means any. `areas` is a township or county with all under it, `organ_id` one organ."""

    text: str = ""
    role: str = ""
    areas: tuple[int, ...] = ()
    organ_id: int | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """A page of accounts without hashes, the posts of each (ended ones too), and the login after which the next page begins."""

    rows: tuple[Row, ...]
    posts: dict[int, list[Row]]
    after: str


def look_up(store: Store, wanted: Wanted, *, today: date) -> People:
    """The accounts that answer to all of it, by login. Two statements, however many there are."""
    rows = store.select(_found(wanted, today))
    shown = rows[:PER_PAGE]
    posts: dict[int, list[Row]] = {}
    if shown:
        for post in store.select(_posts_of([row["id"] for row in shown])):
            posts.setdefault(post["person_id"], []).append(post)
    return People(tuple(shown), posts, shown[-1]["login"] if len(rows) > PER_PAGE else "")


def _found(wanted: Wanted, today: date) -> Select[tuple[object, ...]]:
    columns = [column for column in _person.c if column.key != "password_hash"]
    asked = select(*columns).where(_person.c.login > wanted.after).order_by(_person.c.login).limit(PER_PAGE + 1)
    for word in unicodedata.normalize("NFKC", wanted.text).split():
        asked = asked.where(_has_word(word))
    if wanted.role or wanted.areas or wanted.organ_id is not None:
        asked = asked.where(_has_post(wanted, today))
    return asked


def _has_word(word: str) -> ColumnElement[bool]:
    plain = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like, of_login = f"%{plain}%", f"%{plain.lower()}%"
    names = (_organ.c.name, _organ.c.short_name, _grant.c.title)
    of_post = exists(
        select(_grant.c.id)
        .join(_organ, _organ.c.id == _grant.c.organ_id)
        .where(_grant.c.person_id == _person.c.id, or_(*[name.like(like, escape="\\") for name in names]))
    )
    return or_(_person.c.login.like(of_login, escape="\\"), _person.c.name.like(like, escape="\\"), of_post)


def _has_post(wanted: Wanted, today: date) -> ColumnElement[bool]:
    """One post that is not over and answers to role, place and organ at once."""
    held = [_grant.c.person_id == _person.c.id, or_(_grant.c.until.is_(None), _grant.c.until >= today)]
    held += [_grant.c.role == wanted.role] if wanted.role else []
    held += [_grant.c.organ_id == wanted.organ_id] if wanted.organ_id is not None else []
    held += [_organ.c.area_id.in_(wanted.areas)] if wanted.areas else []
    return exists(select(_grant.c.id).join(_organ, _organ.c.id == _grant.c.organ_id).where(and_(*held)))


def _posts_of(ids: list[int]) -> Select[tuple[object, ...]]:
    columns = (_grant, _organ.c.name.label("organ_name"))
    asked = select(*columns).join(_organ, _organ.c.id == _grant.c.organ_id)
    return asked.where(_grant.c.person_id.in_(ids)).order_by(_grant.c.id)
