"""What is taken away: counted and bounded before it is made, with a reason where it is much, and found again by its number.

The number of an export is the beginning of its request's id in the trail, in digits: who reads it off a paper finds the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select

from states.errors import NotFound, ReasonNeeded
from workflow.models import Export, Organ, Person
from workflow.pace import too_many
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.trail import Origin
from workflow.types import Actor
from workflow.verbs.standing import LEADING_ROLES

WHATS = ("ledger", "paper", "report", "dossier", "sheets", "preview", "moved", "copy", "original", "statistics")
WINDOW = timedelta(hours=1)
REASON_AT_MOST = 200
SHOWN = 200
# So many hexadecimal digits of a request make its number: 48 bits, which two exports hardly ever share.
OF_REQUEST, DIGITS = 12, 15
ALL_SEEING = "security_admin"

_export, _person, _organ = table_of(Export), table_of(Person), table_of(Organ)
_after = bindparam("after", type_=_export.c.at.type)
LOCK = Prepared(select(_person.c.id).where(_person.c.id == bindparam("person_id")).with_for_update(key_share=True))
LATELY = Prepared(
    select(_export.c.at)
    .where(_export.c.person_id == bindparam("person_id"), _export.c.at > _after)
    .order_by(_export.c.at.desc())
    .limit(bindparam("limit"))
)
LISTED = (
    select(
        *(_export.c[name] for name in ("id", "at", "what", "form", "line_count", "reason", "request")),
        *(_person.c.name.label("person"), _organ.c.name.label("organ")),
    )
    .outerjoin(_person, _person.c.id == _export.c.person_id)
    .outerjoin(_organ, _organ.c.id == _export.c.organ_id)
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an installation allows: so many exports an hour and person, and so many lines without a reason."""

    an_hour: int
    lines_without_reason: int


@dataclass(frozen=True, slots=True)
class Taking:
    """An export about to be made: what, as which form, of how many lines (a capped count will do), and the reason given."""

    what: str
    form: str
    lines: int
    reason: str = ""


def begin(store: Store, actor: Actor, origin: Origin, taking: Taking, *, bounds: Bounds, now: datetime) -> str:
    """Writes the export down before it is made, and gives its number.

    TooMany for whoever took away as much as he may within the hour; ReasonNeeded where it is much and no reason is given. The
    operator, who is no person, is not counted: he sits at the machine itself.
    """
    assert taking.what in WHATS, taking.what
    store.row(LOCK, person_id=actor.person_id)  # the same person's other requests wait here, so that none counts past another
    lately = store.rows(LATELY, person_id=actor.person_id, after=now - WINDOW, limit=bounds.an_hour)
    if len(lately) >= bounds.an_hour:
        raise too_many("exports_an_hour", bounds.an_hour, until=lately[-1]["at"] + WINDOW, now=now)
    reason = " ".join(taking.reason.split())[:REASON_AT_MOST]
    if taking.lines > bounds.lines_without_reason and not reason:
        raise ReasonNeeded(limit=bounds.lines_without_reason, count=taking.lines)
    post = actor.acting or next(iter(actor.posts or actor.grants), None)
    row: Row = {"person_id": actor.person_id, "organ_id": post.organ_id if post else None, "at": now}
    row |= {"what": taking.what, "form": taking.form, "reason": reason, "request": origin.request}
    store.insert(Export, [{**row, "line_count": None}])
    return number_of(origin.request)


def say_lines(store: Store, origin: Origin, lines: int) -> None:
    """How many lines the file of this request has: it was made."""
    store.update(Export, {"line_count": lines}, request=origin.request)


def number_of(request: str) -> str:
    """The number that stands in the files of a request."""
    return str(int(request[:OF_REQUEST], 16)).zfill(DIGITS)


def listed(store: Store, actor: Actor, *, before: int | None = None) -> list[Row]:
    """The newest exports that the actor answers for: at, what, form, line_count, reason, number, person (None: the operator),
    organ.

    One's own; of one's organ whoever leads it; all of them the security administrator. `before` is the last id of a page.
    """
    statement = LISTED.where(_in_sight(actor)).order_by(_export.c.id.desc()).limit(SHOWN)
    rows = store.select(statement if before is None else statement.where(_export.c.id < before))
    return [{**row, "number": number_of(row["request"])} for row in rows]


def find_by_number(store: Store, actor: Actor, number: str) -> Row:
    """The export with this number among those that the actor answers for; NotFound where there is none."""
    try:
        beginning = f"{int(number):0{OF_REQUEST}x}"
    except ValueError:
        raise NotFound(what="export", id=number) from None
    found = store.select(LISTED.where(_in_sight(actor), _export.c.request.like(f"{beginning}%")))
    if len(beginning) > OF_REQUEST or not found:
        raise NotFound(what="export", id=number)
    return {**found[0], "number": number_of(found[0]["request"])}


def _in_sight(actor: Actor) -> Any:
    if actor.has_role(ALL_SEEING):
        return _export.c.id.is_not(None)
    led = [grant.organ_id for grant in actor.posts if grant.role in LEADING_ROLES]
    return or_(_export.c.person_id == actor.person_id, _export.c.organ_id.in_(led))
