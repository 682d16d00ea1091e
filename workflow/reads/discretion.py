"""Who may know of a case and why, who was taken off it, what is asked to loosen: for the bodies that supervise and hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from states.errors import NotPermitted
from workflow.barring import ANSWERING, answering_for
from workflow.casefile import CaseFile
from workflow.cases import BY_ID
from workflow.desk import Desk
from workflow.models import Barred, Knower, Person, RecusalHint, StoredFile
from workflow.occasion import Occasion
from workflow.readers import readers_of
from workflow.reads.clearance import rows_above
from workflow.reads.names import names_of
from workflow.reads.rows import organ_name
from workflow.reads.seen import SeenCase
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.verbs.circle import require_narrower, require_widener
from workflow.verbs.levels import require_raiser
from workflow.verbs.loosening import ASKING, WAITING
from workflow.verbs.standing import LEADING_ROLES, require_post
from workflow.verbs.unseal import AWAY

NAMED = "named"
_barred, _knower, _file = table_of(Barred), table_of(Knower), table_of(StoredFile)
_hint, _person = table_of(RecusalHint), table_of(Person)
RECUSED = Prepared(select(_barred).where(_barred.c.case_id == bindparam("case_id")).order_by(_barred.c.id))
NAMES = Prepared(
    select(_knower).where(_knower.c.case_id == bindparam("case_id")).order_by(_knower.c.added_at, _knower.c.person_id)
)
HINTS = Prepared(
    select(_hint.c.person_id, _hint.c.why, _person.c.login, _person.c.name)
    .join(_person, _person.c.id == _hint.c.person_id)
    .where(_hint.c.case_id == bindparam("case_id"), _hint.c.person_id != bindparam("own"), _hint.c.settled_at.is_(None))
    .order_by(_hint.c.found_at, _hint.c.person_id)
)
FILE = Prepared(select(_file.c.name, _file.c.level).where(_file.c.id == bindparam("id")))


@dataclass(frozen=True, slots=True)
class InTheKnow:
    """Somebody of the circle: `why` is named (with who named him, and his reason), or the relation whose body he leads."""

    person_id: int
    name: str
    organ: str
    why: str
    reason: str = ""
    added_by: str = ""


@dataclass(frozen=True, slots=True)
class Recused:
    """A person or an organ that was taken off the case."""

    id: int
    name: str
    is_organ: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Somebody who should perhaps stand back: `why` is same_name, or what the relative whom he declared is to him."""

    person_id: int
    login: str
    name: str
    organ: str
    why: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks to loosen: `what` as of the verb; `about` names the file or the recused; levels before and after."""

    id: int
    what: str
    about: str
    was: int
    level: int | None
    asked_by: str
    asked_at: datetime
    reason: str
    may_decide: bool


@dataclass(frozen=True, slots=True)
class Discretion:
    """`people` are the circle of a confined case. `higher` and `lower` are the levels that this reader may ask for;
    `is_archived`: its secret facts are put away, told to whoever may ask for them.
    """

    level: int
    confined: bool
    people: tuple[InTheKnow, ...]
    recused: tuple[Recused, ...]
    wishes: tuple[Wish, ...]
    hints: tuple[Hint, ...]
    higher: tuple[int, ...]
    lower: tuple[int, ...]
    is_archived: bool
    own_ceiling: int
    may_narrow: bool
    may_widen: bool
    may_raise: bool
    may_ask: bool


def discretion_of(seen: SeenCase) -> Discretion | None:
    """For the people of the two bodies; nobody else is told who knows."""
    desk, file = seen.desk(), seen.file()
    if not seen.is_whole or not (seen.actor.sees_all or seen.sight.relations.intersection(ANSWERING)):
        return None
    may_ask = _may(lambda: require_post(desk, file, ASKING))
    ceiling = max((s.grant.ceiling for s in seen.sight.standings if s.relation in ANSWERING), default=3)
    level, least, may_raise = seen.row["level"], seen.served.definition.level, _may(lambda: require_raiser(desk, file))
    waiting = seen.store.rows(WAITING, case_id=seen.id) if may_ask else []
    return Discretion(
        level=level,
        confined=seen.row["confined"],
        people=_circle(seen) if seen.row["confined"] else (),
        recused=_recused(seen) if may_ask else (),
        wishes=_wishes(seen, desk, file, waiting),
        hints=_hints(seen) if _may(lambda: require_post(desk, file, ASKING, LEADING_ROLES)) else (),
        higher=tuple(range(level + 1, ceiling + 1)) if may_raise else (),
        lower=tuple(range(least, level)) if may_ask and not any(one["what"] == "level" for one in waiting) else (),
        is_archived=may_ask and seen.store.row(AWAY, case_id=seen.id) is not None,
        own_ceiling=ceiling,
        may_narrow=_may(lambda: require_narrower(desk, file)),
        may_widen=_may(lambda: require_widener(desk, file)),
        may_raise=may_raise,
        may_ask=may_ask,
    )


def candidates_of(store: Store, occasion: Occasion, known: Discretion, case_id: int) -> tuple[InTheKnow, ...]:
    """Who could read the case by his post and is not of its circle yet, in the county's official order of organs."""
    row = store.row(BY_ID, id=case_id)
    assert row is not None, "whoever asks has the case before him"
    there = {one.person_id for one in known.people}
    found = readers_of(store, occasion, {**row, "confined": False})
    names = [(person.person_id, person.name, organ_name(occasion.tree, post.organ_id)) for person, post in found]
    return tuple(InTheKnow(of, name, organ, "") for of, name, organ in names if of is not None and of not in there)


def _may(asked: Callable[[], Any]) -> bool:
    try:
        asked()
    except NotPermitted:
        return False
    return True


def _circle(seen: SeenCase) -> tuple[InTheKnow, ...]:
    """First who knows by rule, then who was named, in the order of the naming."""
    roster, tree = seen.occasion.roster, seen.occasion.tree
    by_rule = answering_for(seen.row, roster)
    named = seen.store.rows(NAMES, case_id=seen.id)
    ids = {person for people in by_rule.values() for person in people}
    names = names_of(seen.store, ids | {row[of] for row in named for of in ("person_id", "added_by")})
    found: dict[int, InTheKnow] = {}
    for relation in ANSWERING:
        body = organ_name(tree, seen.row[f"{relation}_id"])
        for person in sorted(by_rule[relation]):
            found.setdefault(person, InTheKnow(person, names.get(person, ""), body, relation))
    for row in named:
        person, organs = row["person_id"], sorted(roster.organs_of.get(row["person_id"], ()))
        body, by = organ_name(tree, organs[0]) if organs else "", names.get(row["added_by"] or -1, "")
        found.setdefault(person, InTheKnow(person, names.get(person, ""), body, NAMED, row["reason"], by))
    return tuple(found.values())


def _recused(seen: SeenCase) -> tuple[Recused, ...]:
    rows = seen.store.rows(RECUSED, case_id=seen.id)
    names = names_of(seen.store, (row["person_id"] for row in rows))
    return tuple(Recused(row["id"], _called(seen, row, names), row["organ_id"] is not None, row["reason"]) for row in rows)


def _hints(seen: SeenCase) -> tuple[Hint, ...]:
    """For who decides about recusal, and never about himself: he would learn what the case keeps secret."""
    rows = seen.store.rows(HINTS, case_id=seen.id, own=seen.actor.person_id or 0)
    organs_of, tree, found = seen.occasion.roster.organs_of, seen.occasion.tree, []
    for row in rows:
        organs = sorted(organs_of.get(row["person_id"], ()))
        found.append(Hint(**row, organ=organ_name(tree, organs[0]) if organs else ""))
    return tuple(found)


def _called(seen: SeenCase, row: Row, names: Mapping[int, str]) -> str:
    return names.get(row["person_id"] or -1, "") or organ_name(seen.occasion.tree, row["organ_id"])


def _wishes(seen: SeenCase, desk: Desk, file: CaseFile, waiting: Iterable[Row]) -> tuple[Wish, ...]:
    own, above = seen.actor.person_id, {row["id"] for row in rows_above(seen)}
    rows = [row for row in waiting if row["file_id"] not in above]
    if not rows:
        return ()
    leads = _may(lambda: require_post(desk, file, ASKING, LEADING_ROLES))
    names, called = names_of(seen.store, (row["asked_by"] for row in rows)), {one.id: one.name for one in _recused(seen)}
    return tuple(_wish(seen, row, names, called, leads and row["asked_by"] != own) for row in rows)


def _wish(seen: SeenCase, row: Row, names: Mapping[int, str], called: Mapping[int, str], may_decide: bool) -> Wish:
    file = seen.store.row(FILE, id=row["file_id"]) if row["file_id"] is not None else None
    about, was = (file["name"], file["level"]) if file else (called.get(row["barred_id"] or -1, ""), seen.row["level"])
    plain = {name: row[name] for name in ("id", "what", "level", "asked_at", "reason")}
    return Wish(**plain, about=about, was=was, asked_by=names.get(row["asked_by"], ""), may_decide=may_decide)
