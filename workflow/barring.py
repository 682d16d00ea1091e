"""Who was taken off a case (回避): persons by name, and everybody of an organ. Nothing of the case may go to them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, select

from workflow.context import Context
from workflow.models import Barred
from workflow.roster import Roster
from workflow.statements import Prepared
from workflow.store import Store, table_of

_barred = table_of(Barred)
BARRED = Prepared(select(_barred.c.person_id, _barred.c.organ_id).where(_barred.c.case_id == bindparam("case_id")))


class Barring(NamedTuple):
    """The persons and organs that are barred from one case."""

    persons: frozenset[int]
    organs: frozenset[int]

    def bars(self, person_id: int, roster: Roster) -> bool:
        """Is the person barred, or an organ that he belongs to?"""
        return person_id in self.persons or not self.organs.isdisjoint(roster.organs_of.get(person_id, ()))


NOBODY_BARRED = Barring(frozenset(), frozenset())


def barring_of(store: Store, case_id: int) -> Barring:
    """Everybody who was taken off the case."""
    rows = store.rows(BARRED, case_id=case_id)
    persons, organs = ({row[of] for row in rows if row[of] is not None} for of in ("person_id", "organ_id"))
    return Barring(frozenset(persons), frozenset(organs))


def inherit(store: Store, context: Context, from_id: int, to_id: int, *, but: int) -> None:
    """Whoever was taken off a case is off what comes out of it (a part, a child, the case it is merged into) as well.

    The organ `but`, which supervises that one, stays: nobody would be left to hand it on.
    """
    for row in store.rows(BARRED, case_id=from_id):
        if row["organ_id"] != but:
            context.add(Barred, {"case_id": to_id, "reason": "随来源事项回避", **row})
