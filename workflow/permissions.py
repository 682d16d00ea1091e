"""Who stands in which relation to a case, what that lets him see, and whether he may fire a transition.

`visible` is the one selectable: list, search, count, chart, export and page put it in their WHERE. `access_of` says the same
in Python for a row at hand; the nightly self-check and a property test compare the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, select, true

from states.definition import AccessRule, Definition, Transition, Who
from states.errors import NotPermitted
from workflow.barring import ANSWERING, LEADING_ROLES, shuts_own
from workflow.definitions import Catalogue
from workflow.kept_back import gives_now, in_states
from workflow.models import Barred, Case, Knower, Party
from workflow.store import table_of
from workflow.tree import OrganFact, Tree
from workflow.types import Actor, GrantFact

CASES = table_of(Case)
PARTY = table_of(Party)
BARRED = table_of(Barred)
KNOWER = table_of(Knower)

COLUMN_OF = {
    "registrar": CASES.c.registrar_id,
    "subject": CASES.c.subject_id,
    "holder": CASES.c.holder_id,
    "supervisor": CASES.c.supervisor_id,
    "interviewer": CASES.c.interviewer_id,
    "interviewee": CASES.c.interviewee_id,
}
READING = ("read", "act")
PAST_HOLDER = "past_holder"


class Standing(NamedTuple):
    """A relation to a case and the post that gives it."""

    relation: str
    grant: GrantFact


# ---- one row ------------------------------------------------------------------------------------------------------------


def standings(actor: Actor, row: Mapping[str, Any], parties: Iterable[tuple[str, int]] = ()) -> tuple[Standing, ...]:
    """Every relation of every post of the actor to the case; `parties` are (relation, organ id) of the party table.

    A post that reaches less high than the case has none, so that nobody acts in it on what he sees by another (R20).
    """
    parties = tuple(parties)
    found: list[Standing] = []
    for grant in actor.posts:
        if grant.ceiling < row["level"]:
            continue
        found += [Standing(relation, grant) for relation in _relations(grant, row, parties)]
        found.append(Standing("none", grant))
    return tuple(found)


def _relations(grant: GrantFact, row: Mapping[str, Any], parties: tuple[tuple[str, int], ...]) -> list[str]:
    found = [name for name, column in COLUMN_OF.items() if row[column.key] == grant.organ_id]
    if _is_above(grant, row):
        found.append("above_subject")
    return found + [relation for relation, organ_id in parties if organ_id == grant.organ_id]


def organs_in(relation: str, row: Mapping[str, Any], parties: Iterable[tuple[str, int]], tree: Tree) -> tuple[int, ...]:
    """The organs that stand in this relation to the case, which is not "none"."""
    if relation in COLUMN_OF:
        organ_id = row[COLUMN_OF[relation].key]
        return () if organ_id is None else (organ_id,)
    if relation == "above_subject":
        return tuple(organ.id for organ in tree.organs.values() if _is_above(organ, row))
    return tuple(organ_id for stands, organ_id in parties if stands == relation)


def _is_above(grant: GrantFact | OrganFact, row: Mapping[str, Any]) -> bool:
    if grant.level == "county":
        return row["subject_township_id"] is not None and row["subject_county_id"] == grant.area_id
    if grant.level == "township":
        return row["subject_village_id"] is not None and row["subject_township_id"] == grant.area_id
    return False


def access_of(definition: Definition, row: Mapping[str, Any], found: Iterable[Standing], ended_from: str | None) -> str:
    """The most that these standings allow: "", "exists", "read" or "act". `ended_from`: the state a closed case came out of."""
    ranks = ("", "exists", "read", "act")
    rules = [rule for rule in definition.access if gives_now(rule, definition, row, ended_from)]
    return ranks[max((ranks.index(rule.may) for standing in found for rule in rules if _gives(rule, standing)), default=0)]


def gives_reading(definition: Definition, found: Iterable[Standing]) -> bool:
    """Does one of these standings, other than to have held the case, let read it in some state?"""
    rules = [rule for rule in definition.access if rule.may in READING]
    return any(_gives(rule, standing) for standing in found if standing.relation != PAST_HOLDER for rule in rules)


def sees_past_only(definition: Definition, row: Mapping[str, Any], found: Iterable[Standing], ended_from: str | None) -> bool:
    """Is to have held the case once all that lets these standings read it? Then they are told nothing of its present."""
    return access_of(definition, row, [one for one in found if one.relation != PAST_HOLDER], ended_from) not in READING


def _gives(rule: AccessRule, standing: Standing) -> bool:
    return rule.relation == standing.relation and (not rule.organs or standing.grant.organ_kind in rule.organs)


# ---- the selectable -----------------------------------------------------------------------------------------------------


def visible(actor: Actor, catalogue: Catalogue, shown: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """The WHERE that keeps only the cases this actor may read. Default is no.

    `shown` asks for others than those that were not withdrawn: what is left of a case is shown to whoever could read it.
    """
    hidden = not_hidden(actor, catalogue, shown)
    if actor.sees_all:
        return hidden
    scopes = [scope for grant in actor.posts for scope in _scopes(grant, catalogue)]
    return and_(or_(false(), *scopes), hidden)


def scopes_of(actor: Actor, catalogue: Catalogue) -> list[ColumnElement[bool]]:
    """The single scopes whose union `visible` is, so that an ordered walk can probe each index by itself."""
    if actor.sees_all:
        return [true()]
    return [scope for grant in actor.posts for scope in _scopes(grant, catalogue)]


def not_hidden(actor: Actor, catalogue: Catalogue, shown: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """What holds in every scope: the case was not withdrawn, is not shut to the actor as one about a body of his own, and he is
    neither barred from it nor left out of it.
    """
    shown = not_(CASES.c.withdrawn) if shown is None else shown
    if actor.sees_all:
        return shown
    return and_(shown, *_not_of_own(actor, catalogue), _is_in_the_know(actor), not_(_is_barred(actor)))


def _scopes(grant: GrantFact, catalogue: Catalogue) -> Iterable[ColumnElement[bool]]:
    rules_of: dict[str, dict[str, list[AccessRule]]] = {}
    for kind, served in sorted(catalogue.current.items()):
        for rule in served.definition.access:
            if rule.may in READING and (not rule.organs or grant.organ_kind in rule.organs):
                rules_of.setdefault(rule.relation, {}).setdefault(kind, []).append(rule)
    for relation, rules in rules_of.items():
        stands = _stands(relation, grant)
        if stands is not None:
            kept = _kept_back(rules, catalogue)
            yield and_(stands, _is_of(list(rules), relation), *kept, CASES.c.level <= grant.ceiling)


def of_rule(rule: AccessRule, grant: GrantFact) -> ColumnElement[bool] | None:
    """The cases to which this post stands as the rule says, in whichever state; None for none."""
    stands = _stands(rule.relation, grant) if not rule.organs or grant.organ_kind in rule.organs else None
    return None if stands is None else and_(stands, CASES.c.level <= grant.ceiling)


def _kept_back(rules: Mapping[str, list[AccessRule]], catalogue: Catalogue) -> Iterable[ColumnElement[bool]]:
    # Beside the kinds, so that an index over them finds the rows, whose states are looked at one by one.
    for kind, of_kind in rules.items():
        given = in_states(of_kind, catalogue.current[kind].definition)
        if given is not None:
            yield given if len(rules) == 1 else or_(CASES.c.kind != kind, given)


def _is_of(kinds: list[str], relation: str) -> ColumnElement[bool]:
    # An organ is party to few cases: they are found from its side, and the kind is looked at past the indexes on it.
    kind = CASES.c.kind if relation in COLUMN_OF or relation in ("above_subject", "none") else CASES.c.kind.concat("")
    return kind == kinds[0] if len(kinds) == 1 else kind.in_(kinds)


def _stands(relation: str, grant: GrantFact) -> ColumnElement[bool] | None:
    if relation in COLUMN_OF:
        return COLUMN_OF[relation] == grant.organ_id
    if relation == "above_subject":
        return _above(grant)
    if relation == "none":
        return true()
    return CASES.c.id.in_(select(PARTY.c.case_id).where(PARTY.c.organ_id == grant.organ_id, PARTY.c.relation == relation))


def _above(grant: GrantFact) -> ColumnElement[bool] | None:
    if grant.level == "county":
        return and_(CASES.c.subject_county_id == grant.area_id, CASES.c.subject_township_id.is_not(None))
    if grant.level == "township":
        return and_(CASES.c.subject_township_id == grant.area_id, CASES.c.subject_village_id.is_not(None))
    return None


def _is_barred(actor: Actor) -> ColumnElement[bool]:
    # A barred organ bars its people; it is asked of every organ the person belongs to.
    who = or_(BARRED.c.person_id == actor.person_id, BARRED.c.organ_id.in_(actor.organ_ids or (-1,)))
    return exists(select(BARRED.c.id).where(BARRED.c.case_id == CASES.c.id, who))


def _not_of_own(actor: Actor, catalogue: Catalogue) -> Iterable[ColumnElement[bool]]:
    kinds = sorted(kind for kind in catalogue.current if shuts_own(catalogue, kind))
    if kinds and actor.organ_ids:
        about = and_(CASES.c.subject_id.in_(actor.organ_ids), CASES.c.subject_id != CASES.c.supervisor_id)
        yield or_(CASES.c.kind.not_in(kinds), not_(about))


def _is_in_the_know(actor: Actor) -> ColumnElement[bool]:
    # Few cases are confined, so the flag on the row is looked at first. A closed case has no holder: that is unknown, not true.
    leads = tuple(dict.fromkeys(grant.organ_id for grant in actor.posts if grant.role in LEADING_ROLES)) or (-1,)
    named = exists(select(KNOWER.c.case_id).where(KNOWER.c.case_id == CASES.c.id, KNOWER.c.person_id == actor.person_id))
    answers = (COLUMN_OF[relation].in_(leads).is_(true()) for relation in ANSWERING)
    return or_(not_(CASES.c.confined), *answers, named)


# ---- firing -------------------------------------------------------------------------------------------------------------


class Worked(NamedTuple):
    """Who did, verified or reported work on a case: persons, and (trigger, organ they did it for); and who closed it before.

    `asker` is who asked last for the approval of a step.
    """

    persons: frozenset[int]
    organs: frozenset[tuple[str, int]]
    closers: frozenset[int]
    asker: int | None = None

    @classmethod
    def of(cls, catalogue: Catalogue, kind: str, events: Iterable[Mapping[str, Any]]) -> Worked:
        """What the events of people (trigger, actor, organ) say, over the whole history, in its order, under every version."""
        events = tuple(events)
        work = [event for event in events if event["trigger"] in catalogue.work_triggers[kind]]
        organs = frozenset((event["trigger"], event["organ_id"]) for event in work if event["organ_id"] is not None)
        closers = frozenset(event["actor_id"] for event in events if event["trigger"] in catalogue.closing_triggers[kind])
        askers = [event["actor_id"] for event in events if event["trigger"] in catalogue.asking_triggers[kind]]
        return cls(frozenset(event["actor_id"] for event in work), organs, closers, askers[-1] if askers else None)


NOBODY = Worked(frozenset(), frozenset(), frozenset())


def find_post(who: Iterable[Who], found: Iterable[Standing]) -> GrantFact | None:
    """The post that lets the actor do it: a role and a relation of the same alternative, in the same organ."""
    found = tuple(found)
    for alternative in who:
        for standing in found:
            grant = standing.grant
            fits = standing.relation in alternative.relations and grant.role in alternative.roles
            if fits and (not alternative.organs or grant.organ_kind in alternative.organs):
                return grant
    return None


def require_may_fire(
    transition: Transition, actor: Actor, row: Mapping[str, Any], found: tuple[Standing, ...], worked: Worked
) -> GrantFact | None:
    """The post in which the actor fires; raises NotPermitted with `why` role, relation, or a separation rule."""
    if actor.sees_all and actor.person_id is None:
        return None
    post = find_post(transition.who, found)
    if post is None:
        roles = {role for who in transition.who for role in who.roles}
        raise NotPermitted(why="relation" if actor.has_role(*roles) else "role", trigger=transition.trigger)
    broken = separation_broken(transition, actor, row, worked)
    if broken:
        raise NotPermitted(why=broken, trigger=transition.trigger)
    return post


def separation_broken(transition: Transition, actor: Actor, row: Mapping[str, Any], worked: Worked) -> str:
    """The separation rule that forbids it, or "": looked at by person, not by post (practice.md §3)."""
    rules = transition.separate
    if "holder" in rules and row["holder_id"] in actor.organ_ids:
        return "separation_holder"
    if "closing" in rules and actor.person_id in worked.closers:
        return "separation_closed"
    if "asked" in rules and actor.person_id is not None and actor.person_id == worked.asker:
        return "separation_asked"
    if "registration" in rules and row["registrar_person_id"] == actor.person_id:
        return "separation_registered"
    if "work" in rules and actor.person_id in worked.persons:
        return "separation_worked"
    # The sponsor checks work, so its own organ is not a handling organ, only its people who did the work are; nor does an
    # organ that has verified before become one, or nobody could verify again what was sent back or reopened.
    handling = {organ for trigger, organ in worked.organs if trigger != transition.trigger} - {row["supervisor_id"]}
    if "work" in rules and handling.intersection(actor.organ_ids):
        return "separation_handling_organ"
    return ""
