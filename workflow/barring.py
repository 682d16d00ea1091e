"""Who may not know of a case: taken off it (回避), or not of the circle that it is confined to. Nothing of it may go to them.

The body that a case with sealed facts is about is off it by itself, with everybody who works there, whatever other post he has
(security.md R21), unless its kind lets the subject read. A confined case is known to whoever is named for it and, by rule, to
those who answer for it: the leaders of the body that supervises it and of the body that holds it now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from states.shut import is_for_subject, is_shut_to_subject, keeps_secrets
from workflow.casefile import CaseFile
from workflow.context import Context
from workflow.definitions import Catalogue
from workflow.models import Barred, Knower
from workflow.occasion import Occasion
from workflow.roster import Roster
from workflow.statements import Prepared
from workflow.store import Store, table_of

LEADING_ROLES = ("deputy", "head")
# What stands as the reason of who knows of a case because he knows of the one that it came out of.
WITH_SOURCE = "知悉来源事项"
# The relations whose leaders know of a confined case by rule.
ANSWERING = ("supervisor", "holder")

_barred, _knower = table_of(Barred), table_of(Knower)
BARRED = Prepared(select(_barred.c.person_id, _barred.c.organ_id).where(_barred.c.case_id == bindparam("case_id")))
KNOWERS = Prepared(select(_knower.c.person_id).where(_knower.c.case_id == bindparam("case_id")))


class Barring(NamedTuple):
    """The persons and organs that are barred from one case; `knowers` are who may know of it, None where it is not confined."""

    persons: frozenset[int]
    organs: frozenset[int]
    knowers: frozenset[int] | None = None

    def bars(self, person_id: int, roster: Roster) -> bool:
        """Is the person, or an organ that he belongs to, barred; or is he not of the circle?"""
        return self.takes_off(person_id, roster) or (self.knowers is not None and person_id not in self.knowers)

    def takes_off(self, person_id: int, roster: Roster) -> bool:
        """Is the person barred, or an organ that he belongs to?"""
        return person_id in self.persons or not self.organs.isdisjoint(roster.organs_of.get(person_id, ()))


NOBODY_BARRED = Barring(frozenset(), frozenset())


def barring_of(store: Store, row: Mapping[str, Any], occasion: Occasion) -> Barring:
    """Everybody who is off the case and, where it is confined, everybody who may know of it as its row stands."""
    persons, organs = barred_from(store, row["id"])
    if is_about_own(row, row["subject_id"]) and shuts_own(occasion.catalogue, row["kind"]):
        organs |= {row["subject_id"]}
    return Barring(persons, organs, circle_of(store, row, occasion.roster) if row["confined"] else None)


def barred_from(store: Store, case_id: int) -> tuple[frozenset[int], frozenset[int]]:
    """The persons and the organs that somebody has taken off the case."""
    rows = store.rows(BARRED, case_id=case_id)
    persons, organs = ({one[of] for one in rows if one[of] is not None} for of in ("person_id", "organ_id"))
    return frozenset(persons), frozenset(organs)


def inherit(store: Store, context: Context, source: Mapping[str, Any], file: CaseFile, occasion: Occasion) -> None:
    """Whoever is off a case is off what comes out of it (a part, a child, the case it is merged into) as well."""
    persons, organs = off_with(store, source, file, occasion)
    take_off(context, file, persons, organs, "随来源事项回避")


def take_off(context: Context, file: CaseFile, persons: frozenset[int], organs: frozenset[int], reason: str) -> None:
    """They are off the case; the organ that supervises it stays: nobody would be left to hand it on."""
    told = {"case_id": file.id, "reason": reason}
    for person_id in sorted(persons):
        context.add(Barred, {**told, "person_id": person_id, "organ_id": None})
    for organ_id in sorted(organs - {file.row["supervisor_id"]}):
        context.add(Barred, {**told, "person_id": None, "organ_id": organ_id})


def off_with(
    store: Store, source: Mapping[str, Any], file: CaseFile, occasion: Occasion
) -> tuple[frozenset[int], frozenset[int]]:
    """The persons and organs who are off `file` because they are off the case it comes out of.

    The body that the source is about is among them (检控规则 art. 47: nothing goes to whom it is about), unless cases like
    `file` are for the very bodies that they are about: what such a case tells is asked for anew, and never copied.
    """
    persons, organs = barred_from(store, source["id"])
    about, kind = source["subject_id"], file.served.definition
    is_shut = is_about_own(source, about) and shuts_own(occasion.catalogue, source["kind"])
    # A part about the same body is shut to it by itself.
    if is_shut and not is_for_subject(kind) and not (keeps_secrets(kind) and file.row["subject_id"] == about):
        organs |= {about}
    return persons, organs


def keep_close(store: Store, context: Context, source: Mapping[str, Any], file: CaseFile, occasion: Occasion) -> None:
    """What is opened out of a case (a part, a child) names what the case is about: it is for no more people than the case.

    It has the case's level where that was raised above its kind's. Where the case is confined so is it, and who knows of the
    case is named for it, beside those who answer for it.
    """
    if source["level"] > occasion.catalogue.of_version(source["definition_version_id"]).definition.level:
        file.row["level"] = max(file.row["level"], source["level"])
    if source["confined"]:
        file.row["confined"] = True
        told = {"case_id": file.id, "reason": WITH_SOURCE, "added_by": None, "added_at": occasion.now}
        for person_id in sorted(circle_of(store, source, occasion.roster)):
            context.add(Knower, {**told, "person_id": person_id})


def shuts_own(catalogue: Catalogue, kind: str) -> bool:
    """Are cases of the kind, which keep something secret, shut to the body that they are about?"""
    # By id: the kinds themselves may be narrowed to some of their rules.
    return is_shut_to_subject(catalogue.by_id[catalogue.of_kind(kind).version_id].definition)


def is_about_own(row: Mapping[str, Any], organ_id: int) -> bool:
    """Is the case about this organ? The sponsor stays: nobody would be left to hand on a case about itself."""
    return bool(row["subject_id"] == organ_id != row["supervisor_id"])


def circle_of(store: Store, row: Mapping[str, Any], roster: Roster) -> frozenset[int]:
    """Who is named for a confined case, and who knows of it by rule."""
    named = {one["person_id"] for one in store.rows(KNOWERS, case_id=row["id"])}
    return frozenset(named.union(*answering_for(row, roster).values()))


def answering_for(row: Mapping[str, Any], roster: Roster) -> dict[str, frozenset[int]]:
    """By relation, who leads the body that stands in it."""
    return {relation: frozenset(_leaders(row[f"{relation}_id"], roster)) for relation in ANSWERING}


def _leaders(organ_id: int | None, roster: Roster) -> Iterable[int]:
    return (person for role in LEADING_ROLES for person in roster.holders.get((organ_id or -1, role), ()))
