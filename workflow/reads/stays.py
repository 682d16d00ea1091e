"""Stretches of time that ended in the last weeks: how long each case lay with a holder, and stood in a state.

A stay with a holder ends where the case goes to another or is closed; one in a state ends with the next state. What still goes
on is not among them. The conditions keep the cases of which such a stay has ended, so that a number opens its rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal, not_, or_, select

from states.definition import Definition
from states.errors import BadInput
from workflow.dates import local_day, local_time
from workflow.definitions import Catalogue
from workflow.models import Area, Organ, Spell
from workflow.permissions import CASES
from workflow.reads.bands import in_states
from workflow.statements import Row
from workflow.store import table_of

WEEKS = 12
ANYBODY = "any"
_HELD = re.compile(r"any|(organ|area)-(\d{1,18})", re.ASCII)
_STEP = re.compile(r"\w{1,60}(~\w{1,60})?", re.ASCII)

_spell, _organ, _area = table_of(Spell), table_of(Organ), table_of(Area)
_here, _next, _later = _spell.alias("here"), _spell.alias("following"), _spell.alias("later")


def first_monday(today: date) -> date:
    """The Monday that the weeks begin with; this week is the last of them."""
    return today - timedelta(today.weekday() + 7 * (WEEKS - 1))


def since(today: date) -> datetime:
    """The instant from which on the end of a stay counts."""
    return local_time(first_monday(today), 0)


# ---- as conditions on cases; the instant is bound as `since` --------------------------------------------------------------


def require_known(held: str, step: str) -> None:
    """BadInput for what `handed_on` or `went` cannot read."""
    for name, value, known in (("held", held, _HELD), ("step", step, _STEP)):
        if value and not known.fullmatch(value):
            raise BadInput(why="unknown_filter", field=name, value=value)


def handed_on(held: str, catalogue: Catalogue) -> ColumnElement[bool]:
    """The cases that a holder has handed on or closed: `any`, `organ-<id>`, or `area-<id>` (0: outside every township)."""
    final = [in_states(catalogue, final_states, spell.c.state) for spell in (_here, _next)]
    ended = or_(_next.c.holder_id.is_distinct_from(_here.c.holder_id), final[1])
    return _ended(_here.c.holder_id.is_not(None), not_(final[0]), ended, *_of_holder(held))


def _of_holder(held: str) -> Iterator[ColumnElement[bool]]:
    told = _HELD.fullmatch(held)
    if told is None or held == ANYBODY:
        return
    key = int(told[2])
    if told[1] == "organ":
        yield _here.c.holder_id == key
        return
    below = or_(_area.c.id == key, _area.c.parent_id == key) if key else _area.c.level.not_in(("township", "village"))
    yield _here.c.holder_id.in_(select(_organ.c.id).join(_area, _area.c.id == _organ.c.area_id).where(below))


def went(step: str) -> ColumnElement[bool]:
    """The cases that have left a state (`state`), or have gone from one to another (`state~state`)."""
    source, _, target = step.partition("~")
    return _ended(_here.c.state == source, _next.c.state == target if target else _next.c.state != source)


def _ended(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    following = and_(_later.c.case_id == _here.c.case_id, _later.c.seq > _here.c.seq)
    place = select(func.min(_later.c.seq)).where(following).correlate(_here).scalar_subquery()
    joined = _here.join(_next, and_(_next.c.case_id == _here.c.case_id, _next.c.seq == place))
    of_case = and_(_here.c.case_id == CASES.c.id, _here.c.to_at >= _since(), *where)
    return and_(CASES.c.changed_at >= _since(), exists(select(literal(1)).select_from(joined).where(of_case).correlate(CASES)))


def _since() -> Any:
    return bindparam("since", type_=_spell.c.to_at.type)


def final_states(definition: Definition) -> frozenset[str]:
    """The states in which nobody holds a case any longer."""
    return frozenset(state.key for state in definition.states if state.final)


# ---- read -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stay:
    """A case lay with a holder, or stood in a state, from one day to another; then came `then` (None: nobody)."""

    case_id: int
    key: Any
    then: Any
    from_on: date
    to_on: date


def spells_since(part: ColumnElement[bool]) -> Select[Any]:
    """The spells of the cases that have changed since then: nothing else can have ended a stay."""
    columns = [_spell.c[name] for name in ("case_id", "seq", "from_at", "to_at", "state", "holder_id")]
    chosen = select(*columns, CASES.c.definition_version_id.label("version")).join(CASES, CASES.c.id == _spell.c.case_id)
    return chosen.where(part, CASES.c.changed_at >= _since())


def holder_stays(spells: Iterable[Row], catalogue: Catalogue, today: date) -> Iterator[Stay]:
    """The stays with a holder that have ended since then."""
    finals = {version: final_states(served.definition) for version, served in catalogue.by_id.items()}

    def holder(spell: Mapping[str, Any]) -> int | None:
        return None if spell["state"] in finals[spell["version"]] else spell["holder_id"]

    return (stay for stay in _stays(spells, holder, since(today)) if stay.key is not None)


def state_stays(spells: Iterable[Row], today: date) -> Iterator[Stay]:
    """The stays in a state that have ended since then."""
    return _stays(spells, itemgetter("state"), since(today))


def _stays(spells: Iterable[Row], key: Callable[[Row], Any], first: datetime) -> Iterator[Stay]:
    ordered = sorted(spells, key=itemgetter("case_id", "seq"))
    for case_id, own in groupby(ordered, key=itemgetter("case_id")):
        stretches = [(value, list(stretch)) for value, stretch in groupby(own, key=key)]
        for (value, stretch), (then, _) in pairwise(stretches):
            ended = stretch[-1]["to_at"]
            if ended >= first:
                yield Stay(case_id, value, then, local_day(stretch[0]["from_at"]), local_day(ended))
