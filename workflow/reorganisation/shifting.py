"""An open case goes on with the organs that have taken the place of others: relations, clocks, talks; its dates stay.

What the case was is told by its event; where its subject lay is kept, so that past days are counted as they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import and_, not_, or_, select

from workflow.agendas import move_items
from workflow.barring import barred_from
from workflow.casefile import CaseFile
from workflow.cases import areas_of, lock_any, parties_of
from workflow.closing import end
from workflow.desk import Desk, bump
from workflow.models import Barred, FormerPlace, Link, Party
from workflow.parties import join, leave
from workflow.permissions import CASES, READING
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.talks import find_joinable

RELATIONS = ("subject_id", "holder_id", "supervisor_id", "registrar_id", "interviewer_id", "interviewee_id")
# Who deals with a case.
OFFICES = ("holder_id", "supervisor_id", "registrar_id", "interviewer_id")
Goes = Mapping[int, int]
_party, _barred = table_of(Party), table_of(Barred)


@dataclass(slots=True)
class Moves:
    """What has been moved: events by case, talks and clocks; and `against`, how many cases each obstacle concerns."""

    events: dict[int, int] = field(default_factory=dict)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    clocks: int = 0
    talks: int = 0
    merged_talks: int = 0
    against: Counter[str] = field(default_factory=Counter)


def open_cases(store: Store, organ_ids: Collection[int], village_ids: Collection[int] = ()) -> list[int]:
    """The open cases in which one of the organs stands in any relation, or whose subject lies in one of the villages."""
    stands = [CASES.c[name].in_(organ_ids) for name in RELATIONS]
    party = CASES.c.id.in_(select(_party.c.case_id).where(_party.c.organ_id.in_(organ_ids)))
    lies = CASES.c.subject_village_id.in_(village_ids)
    where = and_(not_(CASES.c.final), not_(CASES.c.withdrawn), or_(*stands, party, lies))
    return [row["id"] for row in store.select(select(CASES.c.id).where(where).order_by(CASES.c.id))]


def shift(desk: Desk, case_id: int, goes: Goes, moves: Moves, *, change_id: int, hands_on: bool = False) -> None:
    """One case; nothing where it is not concerned. `hands_on`: the old body stands on, and reads up to here."""
    file = lock_any(desk.store, desk.context, case_id, desk.occasion)
    was = dict(file.row)
    for name in RELATIONS:
        file.row[name] = goes.get(file.row[name], file.row[name])
    _place(desk, file, was)
    changed = {name: was[name] for name in RELATIONS if file.row[name] != was[name]}
    clocks = _clocks(file, goes)
    parties = _parties(desk, file, goes)
    placed = any(file.row[f"subject_{level}_id"] != was[f"subject_{level}_id"] for level in ("township", "village"))
    if not (changed or clocks or parties or placed):
        return
    _look(desk, file, was, moves)
    _unassign(desk, file, was)
    bump(file)
    if hands_on and "holder_id" in changed:
        join(desk, file, "past_holder", was["holder_id"], upto_seq=file.row["seq"] + 1)
    told = [[was[name], file.row[name]] for name in changed]
    extra = {"reorganisation": change_id, "organs": [list(pair) for pair in sorted({tuple(pair) for pair in told})]}
    moves.events[file.id] = desk.happened(file, "successor", extra=extra)
    moves.kinds[file.served.kind, file.state] += 1
    moves.clocks += clocks
    if file.served.definition.interview is not None:
        moves.talks += 1
    if {"interviewer_id", "interviewee_id"} & set(changed) and file.row["joinable"]:
        _merge_talk(desk, file, moves)


def _place(desk: Desk, file: CaseFile, was: Row) -> None:
    """The subject's areas as they are now, and the organ of the finding where another has taken its place."""
    file.row |= areas_of(file.row["subject_id"], desk.occasion)
    if file.row["subject_id"] != was["subject_id"] and was["found_in_id"] is None:
        file.row["found_in_id"] = was["subject_id"]
    place = {name: was[f"subject_{name}"] for name in ("township_id", "village_id")}
    if any(file.row[f"subject_{name}"] != value for name, value in place.items()):
        row = {"case_id": file.id, "until_at": desk.occasion.now, **place}
        desk.store.insert(FormerPlace, [row], ignore_conflict=True)


def _clocks(file: CaseFile, goes: Goes) -> int:
    concerned = [clock for clock in file.live_clocks() if clock["organ_id"] in goes]
    for clock in concerned:
        clock["organ_id"] = goes[clock["organ_id"]]
    return len(concerned)


def _parties(desk: Desk, file: CaseFile, goes: Goes) -> bool:
    """Past holders read as far as before, and no further: whoever takes their place as far as the later of the two."""
    parties_of(desk.store, file)
    known = {(row["relation"], row["organ_id"]): row["upto_seq"] for row in file.parties or ()}
    found = [(relation, organ_id) for relation, organ_id in known if organ_id in goes]
    for relation, organ_id in found:
        to, upto = goes[organ_id], known[relation, organ_id]
        others = [known[relation, to]] if (relation, to) in known else []
        reach = max([each for each in (upto, *others) if each is not None], default=None)
        leave(desk, file, relation, organ_id)
        if to != file.row["subject_id"] or _reads_own(file):
            join(desk, file, relation, to, upto_seq=reach)
    return bool(found)


def _reads_own(file: CaseFile) -> bool:
    """Does this kind let its subject read?"""
    return any(rule.relation == "subject" and rule.may in READING for rule in file.served.definition.access)


def _look(desk: Desk, file: CaseFile, was: Row, moves: Moves) -> None:
    """What no change of organisations may bring about: a body that deals with a case about itself, or that was taken off it."""
    row = file.row
    own = [name for name in OFFICES if row[name] == row["subject_id"] and was[name] != was["subject_id"]]
    if own and not _reads_own(file):
        moves.against["reorganised_own"] += 1
    _persons, barred = barred_from(desk.store, file.id)
    if {row["holder_id"], row["supervisor_id"]} & barred and not {was["holder_id"], was["supervisor_id"]} & barred:
        moves.against["reorganised_barred"] += 1
    if row["interviewer_id"] is not None and row["interviewer_id"] == row["interviewee_id"]:
        moves.against["reorganised_talk"] += 1


def keep_own_shut(desk: Desk, goes: Goes) -> int:
    """A closed case about a body that now joins whoever dealt with it stays shut to that body's people; how many bars.

    They are taken off it by person: the others of the body that they join dealt with it, and read on.
    """
    offices = or_(*[CASES.c[name].in_(list(set(goes.values()))) for name in OFFICES])
    columns = ("id", "kind", "subject_id", "definition_version_id", *OFFICES)
    about = and_(CASES.c.final, CASES.c.subject_id.in_(list(goes)), offices)
    bars: list[Row] = []
    for row in desk.store.select(select(*[CASES.c[name] for name in columns]).where(about).order_by(CASES.c.id)):
        joins = goes[row["subject_id"]] in {row[name] for name in OFFICES}
        rules = desk.occasion.catalogue.of_version(row["definition_version_id"]).definition.access
        if joins and not any(rule.relation == "subject" and rule.may in READING for rule in rules):
            bars += [_bar(row["id"], person) for person in _people_of(desk, row["subject_id"])]
    desk.store.insert(Barred, bars, ignore_conflict=True)
    return len(bars)


def _bar(case_id: int, person_id: int) -> Row:
    return {"case_id": case_id, "person_id": person_id, "organ_id": None, "reason": "原单位为本件涉及单位"}


def _people_of(desk: Desk, organ_id: int) -> list[int]:
    return sorted(person for person, organs in desk.occasion.roster.organs_of.items() if organ_id in organs)


def _unassign(desk: Desk, file: CaseFile, was: Row) -> None:
    person_id = file.row["assignee_id"]
    if person_id is None or file.row["holder_id"] == was["holder_id"]:
        return
    if file.row["holder_id"] not in desk.occasion.roster.organs_of.get(person_id, ()):
        file.row["assignee_id"] = None


def _merge_talk(desk: Desk, file: CaseFile, moves: Moves) -> None:
    """The new body may have a talk with the same other end already: joinable ones merge, there is at most one."""
    file.row["joinable"] = False
    other_id = find_joinable(desk.store, desk.context, file.row["interviewer_id"], file.row["interviewee_id"])
    if other_id is None:
        file.row["joinable"] = True
        return
    moves.merged_talks += 1
    move_items(desk, file, other_id)
    end(desk, file, "merged")
    desk.context.add(Link, {"case_id": file.id, "other_id": other_id, "relation": "merged_into"})
    desk.happened(file, "merge", extra={"into": other_id}, by_person=False)
    other = lock_any(desk.store, desk.context, other_id, desk.occasion)
    desk.happened(other, "merged_here", extra={"merged": file.id}, by_person=False)


def carry_bars(store: Store, goes: Goes) -> list[list[int]]:
    """Who was taken off a case as a body stays off it in the body that takes its place, in closed cases too; the new bars."""
    if not goes:
        return []
    rows = store.select(select(_barred).where(_barred.c.organ_id.in_(list(goes))).order_by(_barred.c.id))
    found = {(row["case_id"], goes[row["organ_id"]]): row["reason"] for row in rows}
    known = store.select(select(_barred.c.case_id, _barred.c.organ_id).where(_barred.c.organ_id.in_(list(goes.values()))))
    for row in known:
        found.pop((row["case_id"], row["organ_id"]), None)
    bars = [
        {"case_id": case, "person_id": None, "organ_id": organ, "reason": reason} for (case, organ), reason in found.items()
    ]
    store.insert(Barred, bars)
    return [[case, organ] for case, organ in sorted(found)]
