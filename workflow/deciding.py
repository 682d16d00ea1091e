"""How a vote stands (集体研究): who is entitled, who is recused and why, whether the body has carried the step.

1. Members are who holds one of the rule's roles in the body today and reaches the level of the case.
2. Of them go whoever asked, whom a separation rule of the step keeps from it over the whole history, whoever was taken off the
   case, and whoever recuses himself. The rest are entitled; the quorum and the majority are counted of them.
3. A vote is for the case as it was when it was asked for: its version, state, holder and facts, and the answers of the step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from states.definition import Decision, Transition
from workflow.barring import barring_of
from workflow.casefile import CaseFile
from workflow.cases import parties_of, worked_on
from workflow.desk import Desk
from workflow.models import Ballot, Resolution
from workflow.people.actors import actor_of
from workflow.permissions import organs_in, separation_broken
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical, digest

AGREE, DISAGREE, ABSTAIN, RECUSE = CHOICES = ("agree", "disagree", "abstain", "recuse")
USED, WITHDRAWN, VOID = "used", "withdrawn", "void"

_resolution, _ballot = table_of(Resolution), table_of(Ballot)
OPEN_OF = Prepared(
    select(_resolution).where(
        _resolution.c.case_id == bindparam("case_id"),
        _resolution.c.trigger == bindparam("trigger"),
        _resolution.c.ended_at.is_(None),
    )
)
BALLOTS = Prepared(
    select(_ballot)
    .where(_ballot.c.resolution_id == bindparam("resolution_id"))
    .order_by(_ballot.c.cast_at, _ballot.c.person_id)
)
END_OTHERS = Prepared(
    _resolution.update()
    .where(_resolution.c.case_id == bindparam("of_case"), _resolution.c.ended_at.is_(None))
    .values(ended_at=bindparam("now", type_=_resolution.c.ended_at.type), outcome=VOID)
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many must have voted and agreed, and how many have. `recused` says of each who is, why; `entitled` are the others."""

    members: frozenset[int]
    recused: Mapping[int, str]
    cast: Mapping[int, str]
    quorum: int
    favour: int

    @property
    def entitled(self) -> frozenset[int]:
        """Who votes."""
        return self.members - self.recused.keys()

    def count(self, *choices: str) -> int:
        """So many of the entitled have said one of these."""
        return sum(choice in choices for person, choice in self.cast.items() if person in self.entitled)

    @property
    def carried(self) -> bool:
        """Is the quorum there, and the majority of all who are entitled?"""
        return self.count(AGREE, DISAGREE, ABSTAIN) >= self.quorum and self.count(AGREE) >= self.favour

    @property
    def failed(self) -> bool:
        """Could it not be carried any more, whatever the others say?"""
        return self.count(AGREE) + len(self.entitled) - self.count(AGREE, DISAGREE, ABSTAIN) < self.favour


def _share(share: str, of: int) -> int:
    """The least number that is more than half, at least two thirds, or all of so many; never none."""
    return max(1, {"half": of // 2 + 1, "two_thirds": -(-2 * of // 3), "all": of}[share])


def tally(desk: Desk, file: CaseFile, transition: Transition, resolution: Row | None) -> Tally:
    """How the vote stands now; without a resolution, who would be entitled if the actor asked."""
    rule = transition.decision
    assert rule is not None, "the caller has looked"
    members = members_of(desk, file, rule)
    asked_by = resolution["asked_by"] if resolution else desk.actor.person_id
    ballots = desk.store.rows(BALLOTS, resolution_id=resolution["id"]) if resolution else []
    cast = {row["person_id"]: row["choice"] for row in ballots}
    recused = dict(_recused_by_rule(desk, file, transition, members, asked_by))
    recused |= {person: RECUSE for person, choice in cast.items() if choice == RECUSE and person not in recused}
    of = len(members - recused.keys())
    favour = max(rule.least, _share(rule.favour, of))
    return Tally(members, recused, cast, _share(rule.quorum, of), favour)


def members_of(desk: Desk, file: CaseFile, rule: Decision) -> frozenset[int]:
    """Who holds a seat in the body, whether or not he may vote here."""
    organs = organs_in(rule.relation, file.row, parties_of(desk.store, file), desk.occasion.tree)
    roster, level = desk.occasion.roster, file.row["level"]
    return frozenset(person for organ in organs for role in rule.roles for person in roster.holding(role, organ, level))


def _recused_by_rule(
    desk: Desk, file: CaseFile, transition: Transition, members: Iterable[int], asked_by: int | None
) -> Iterable[tuple[int, str]]:
    barring, roster = barring_of(desk.store, file.row, desk.occasion), desk.occasion.roster
    worked = worked_on(desk.store, file, desk.occasion.catalogue) if transition.separate else None
    for person in members:
        if barring.bars(person, roster):
            yield person, "barred"
        elif person == asked_by:
            yield person, "separation_asked"
        elif worked is not None:
            member = actor_of(desk.store, person, today=desk.occasion.today)
            broken = separation_broken(transition, member, file.row, worked) if member else "barred"
            if broken:
                yield person, broken


def digest_of(file: CaseFile, transition: Transition, answers: Mapping[str, Any]) -> str:
    """What a vote is about: just this case under just this version, and just these answers."""
    row = file.row
    case = [file.id, row["definition_version_id"], file.state, row["cycle"], row["subject_id"], row["holder_id"], row["title"]]
    return digest("decision", canonical(case), canonical(file.data), transition.trigger, canonical(answers))


def find_open(store: Store, case_id: int, trigger: str) -> Row | None:
    """What is put to the vote, and has not ended."""
    return store.row(OPEN_OF, case_id=case_id, trigger=trigger)


def is_current(file: CaseFile, transition: Transition, resolution: Row) -> bool:
    """Is the case still what the vote is about?"""
    return bool(resolution["digest"] == digest_of(file, transition, json.loads(resolution["answers"])))


def decided_of(desk: Desk, file: CaseFile, transition: Transition | None, answers: Mapping[str, Any] | None) -> frozenset[str]:
    """The triggers that the body has carried for the case as it stands and, where there are any, for these answers."""
    if transition is None or transition.decision is None:
        return frozenset()
    found = find_open(desk.store, file.id, transition.trigger)
    if found is None or not is_current(file, transition, found):
        return frozenset()
    if answers is not None and canonical(answers) != found["answers"]:
        return frozenset()
    return frozenset({transition.trigger}) if tally(desk, file, transition, found).carried else frozenset()


def use(desk: Desk, file: CaseFile, transition: Transition, before: str) -> int | None:
    """Ends the vote on which the step rests, once; and every other of the case, where it has moved on."""
    if not file.served.definition.deciding:
        return None
    found = find_open(desk.store, file.id, transition.trigger) if transition.decision else None
    if found is not None:
        entitled = len(tally(desk, file, transition, found).entitled)
        told = {"ended_at": desk.occasion.now, "outcome": USED, "entitled": entitled}
        desk.store.update(Resolution, told, id=found["id"])
    if file.state != before:
        desk.store.run(END_OTHERS, of_case=file.id, now=desk.occasion.now)
    return int(found["id"]) if found else None
