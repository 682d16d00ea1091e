"""Notices: a wish to tell posts becomes outbox lines for people, with number and date and never content."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from sqlalchemy import and_, or_, select

from states.definition import ASKER, AccessRule
from workflow.barring import barring_of, circle_of
from workflow.casefile import CaseFile
from workflow.cases import parties_of
from workflow.consent import find_asker
from workflow.desk import Desk
from workflow.kept_back import endings_of, gives_now
from workflow.models import Notice, Outbox
from workflow.permissions import READING, organs_in
from workflow.roster import LET_GO, people_of
from workflow.store import Store, table_of
from workflow.text import canonical, digest
from workflow.types import Notify

STANDING = ("registrar", "subject", "holder", "supervisor", "interviewer", "interviewee")

_notice = table_of(Notice)


def notify(
    desk: Desk, file: CaseFile, wish: Notify, cause: str, *, but: Collection[int] = (), also: Collection[int] = ()
) -> None:
    """One line per person and channel; `cause` (event or rung) makes the line unique, so a repeat adds nothing.

    `also` are people whom no post names, `but` those of the posts who are left out.
    """
    at_posts = (person for to in wish.to for person in _hearers(desk, file, to) if person not in but)
    tell(desk, file, tuple(dict.fromkeys((*also, *at_posts))), wish, cause)


def _hearers(desk: Desk, file: CaseFile, to: str) -> Iterable[int]:
    """Who is at the address; where none of them may know of the case, the head of that body, else that of the sponsor.

    In place of a unit that has let go of the case nobody is told.
    """
    if to == ASKER:
        return still_concerned(desk, file, find_asker(desk.store, file))
    row = {**file.row, "past_holder_id": file.past_holder_id or _last_to_hand_over(desk, file)}
    relation = to.partition("@")[2]
    above = () if relation == LET_GO else ("head@supervisor",)
    for address in (to, f"head@{relation}", *above):
        at_it = people_of(address, row, desk.occasion.tree, desk.occasion.roster)
        if found := _in_the_know(desk, file, at_it):
            return found
    return ()


def _last_to_hand_over(desk: Desk, file: CaseFile) -> int | None:
    """Who held the case before whoever holds it now; None where nobody did."""
    past = [organ_id for relation, organ_id in parties_of(desk.store, file) if relation == "past_holder"]
    return past[-1] if past else None


def still_concerned(desk: Desk, file: CaseFile, person_id: int | None) -> tuple[int, ...]:
    """Whoever asked for something, as long as he has a post in a body of the case."""
    if person_id is None:
        return ()
    own = desk.occasion.roster.organs_of.get(person_id, frozenset())
    return (person_id,) if own & {*_organs_beside(desk, file)} else ()


def _organs_beside(desk: Desk, file: CaseFile) -> Iterable[int | None]:
    """The bodies that stand in a relation to the case."""
    yield from (file.row[f"{relation}_id"] for relation in STANDING)
    yield from (organ_id for _relation, organ_id in parties_of(desk.store, file))


def _in_the_know(desk: Desk, file: CaseFile, people: Iterable[int]) -> tuple[int, ...]:
    """Of the people those whose ceiling reaches the case and who, where it is confined, are of its circle."""
    roster, row = desk.occasion.roster, file.row
    circle = circle_of(desk.store, row, roster) if row["confined"] else None
    organs = list(_organs_beside(desk, file))
    cleared = (person for person in people if roster.reaches(person, row["level"], organs))
    return tuple(person for person in cleared if circle is None or person in circle)


def tell(desk: Desk, file: CaseFile, people: tuple[int, ...], wish: Notify, cause: str) -> None:
    """The same to people named one by one (a mention, an assignee).

    Nobody barred from the case hears of it, nor whoever is not of its circle or not cleared for its level, nor whoever his
    relation lets read cases of this kind, but this one not yet.
    """
    people = _in_the_know(desk, file, _without_kept_back(desk, file, people))
    if not people:
        return
    barring = barring_of(desk.store, file.row, desk.occasion)
    due_on = file.row["due_on"]
    said = {"number": file.row["number"], "due_on": due_on, "weekday": due_on.isoweekday() if due_on else None}
    params = canonical({**said, **wish.params})
    now = desk.occasion.now
    for person_id in people:
        if barring.takes_off(person_id, desk.occasion.roster):
            continue
        for channel in desk.occasion.channels:
            desk.context.add(
                Outbox,
                {
                    "key": digest(str(file.id), cause, wish.message, str(person_id), channel),
                    "channel": channel,
                    "person_id": person_id,
                    "message": wish.message,
                    "params": params,
                    "case_id": file.id,
                    "created_at": now,
                    "due_at": now,
                },
            )


def _without_kept_back(desk: Desk, file: CaseFile, people: tuple[int, ...]) -> tuple[int, ...]:
    """The people but those in whose relations the rules that let them read give nothing in the case's present state."""
    definition = desk.occasion.catalogue.of_kind(file.served.kind).definition
    if not people or not any(rule.states for rule in definition.access):
        return people
    was = file.before.get("state", file.state)
    endings = endings_of(desk.store, desk.occasion.catalogue, [file.row])
    ended_from = was if was != file.state else endings.get(file.id)
    shown, kept = set[int](), set[int]()
    for rule in definition.access:
        if rule.may in READING:
            (shown if gives_now(rule, definition, file.row, ended_from) else kept).update(_organs_of(desk, file, rule))
    kept -= shown
    organs_of = desk.occasion.roster.organs_of
    return tuple(person for person in people if not kept & (own := organs_of.get(person, frozenset())) or shown & own)


def _organs_of(desk: Desk, file: CaseFile, rule: AccessRule) -> Iterable[int]:
    tree = desk.occasion.tree
    for organ_id in organs_in(rule.relation, file.row, parties_of(desk.store, file), tree):
        if not rule.organs or tree.organ(organ_id).kind in rule.organs:
            yield organ_id


def forget_where_unknown(desk: Desk, file: CaseFile) -> None:
    """Takes the case out of the bell of everybody who may not know of it any more."""
    roster, barring = desk.occasion.roster, barring_of(desk.store, file.row, desk.occasion)
    know = _in_the_know(desk, file, roster.organs_of)
    forget_notices(desk.store, file, [one for one in roster.organs_of if one not in know or barring.takes_off(one, roster)])


def forget_notices(store: Store, file: CaseFile, people: Iterable[int]) -> None:
    """Takes what these people were told of the case out of the bell: a message that says nothing else goes whole."""
    told = [f"[{file.id}]", f"[{file.id},%", f"%,{file.id},%", f"%,{file.id}]"]
    mine = and_(_notice.c.person_id.in_(sorted(people)), or_(*[_notice.c.cases.like(pattern) for pattern in told]))
    for row in store.select(select(_notice.c.id, _notice.c.params, _notice.c.cases).where(mine)):
        cases = [case_id for case_id in json.loads(row["cases"]) if case_id != file.id]
        lines = [line for line in json.loads(row["params"]) if line.get("number") != file.row["number"]]
        if cases and lines:
            store.update(Notice, {"params": canonical(lines), "cases": canonical(cases)}, id=row["id"])
        else:
            store.execute(_notice.delete().where(_notice.c.id == row["id"]))
