"""Who may use which of the engine's own verbs, said a second time: from the guides and the decisions, never from the code.

semantics.md §6 lists the verbs; §1 says that the holder acts, the supervisor reads all, and who is barred. Beside it: practice.md §3
(one does not close what one has registered), §6 (who asks for a later date does not decide it), §8.2 (代录: whoever presses what asks for
a proof may add it for others); security.md R17 (both ends), R20 and decision 20 (narrowing takes one person of the bodies that
answer for the case, loosening two people of the one that supervises it, the second of whom leads), R21 (recusal, in every state).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.security.oracle import LEADING, PAST, WHOLE, Row, Tables

HANDLING = ("handler", *LEADING)


@dataclass(frozen=True, slots=True)
class Rule:
    """In one of these roles, standing in one of these relations; of a case that has ended too?"""

    relations: tuple[str, ...]
    roles: tuple[str, ...] = HANDLING
    ended_too: bool = False


SPONSOR, EITHER = ("supervisor",), ("supervisor", "holder")
VERBS: Mapping[str, Rule] = {
    "assign": Rule(("holder",)),
    "ask_extension": Rule(("holder", "subject", "interviewer")),
    "decide_extension": Rule(SPONSOR, LEADING),
    "pause": Rule(SPONSOR, LEADING),
    "resume": Rule(SPONSOR),
    "void": Rule(SPONSOR, LEADING),
    "split": Rule(SPONSOR),
    "withdraw": Rule(SPONSOR, ended_too=True),
    "link": Rule(EITHER, ended_too=True),
    "unlink": Rule(EITHER, ended_too=True),
    "bar": Rule(SPONSOR, ended_too=True),
    "keep_on": Rule(SPONSOR, LEADING),
    "confine": Rule(SPONSOR, ended_too=True),
    "leave_out": Rule(SPONSOR, ended_too=True),
    "let_in": Rule(EITHER, LEADING, ended_too=True),
    "raise_level": Rule(EITHER, ended_too=True),
    "raise_file": Rule(EITHER, ended_too=True),
    "ask_loosening": Rule(SPONSOR, ended_too=True),
    "decide_loosening": Rule(SPONSOR, LEADING, ended_too=True),
}
PROVING = Rule(("holder", "supervisor", "subject", "interviewer", "measure_unit"), (*HANDLING, "inspector"))
# Whoever reads the case as it is says something of it, and anybody stands back from it by himself.
OF_READERS = ("comment", "bar_oneself")
OTHERS = ("add_evidence", "merge")


def uses(tables: Tables, person_id: int, case_id: int, verb: str) -> str:
    """ "" where the person may use the verb on the case now, else not_found, is_final, role, relation or separation_*."""
    case = tables.cases[case_id]
    if why := _stands_off(tables, person_id, case):
        return why
    if verb in OF_READERS:
        return ""
    if verb == "merge":
        return _merges(tables, person_id, case)
    if verb == "add_evidence":
        return _proves(tables, person_id, case)
    return _has_post(tables, person_id, case, VERBS[verb])


def corrects(tables: Tables, person_id: int, case_id: int, key: str) -> str:
    """The same of correcting one fact: the fact's own rule says in which relation (semantics.md §2)."""
    case = tables.cases[case_id]
    field = next(one for one in tables.kinds[case["kind"]]["fields"] if one["key"] == key)
    if why := _stands_off(tables, person_id, case):
        return why
    relations = tuple(field.get("write", ()))
    if not relations:
        return "is_final" if case["final"] else "field_fixed"
    return _has_post(tables, person_id, case, Rule(relations))


def takes_back(tables: Tables, person_id: int, case_id: int) -> str:
    """The same of taking back the last event, where that is one that can be: not_yours for whoever has not done it."""
    last = [event for event in tables.events if event["case_id"] == case_id][-1]
    how = tables.sees(person_id, case_id)
    if how == WHOLE or (how == PAST and last["actor_id"] == person_id):
        return "" if last["actor_id"] == person_id else "not_yours"
    return "relation" if how == PAST else "not_found"


def _stands_off(tables: Tables, person_id: int, case: Row) -> str:
    """Why he who does not read it as it is now is told nothing of it."""
    how = tables.sees(person_id, case["id"])
    return "" if how == WHOLE else "relation" if how == PAST else "not_found"


def _has_post(tables: Tables, person_id: int, case: Row, rule: Rule) -> str:
    if case["final"] and not rule.ended_too:
        return "is_final"
    posts = [post for post in tables.posts(person_id) if post["role"] in rule.roles]
    reaching = [post for post in posts if case["level"] <= post["ceiling"]]
    if any(set(rule.relations) & set(tables.relations(post["organ_id"], case)) for post in reaching):
        return ""
    return "relation" if posts else "role"


def _proves(tables: Tables, person_id: int, case: Row) -> str:
    """Whoever may press what asks for a proof, or for the paper that was signed, adds it."""
    asking = [step for step in tables.steps_from(case) if "evidence" in step or step.get("from_paper")]
    posts = list(tables.posts(person_id))
    if not case["final"] and any(tables.fits(step, posts, case) for step in asking):
        return ""
    return _has_post(tables, person_id, case, PROVING)


def _merges(tables: Tables, person_id: int, case: Row) -> str:
    """Whoever may close it as merged; where its kind does not say, the sponsor's people, but not who has registered it."""
    if case["final"]:
        return "is_final"
    for step in tables.steps_from(case):
        if "merged" in {ground["key"] for ground in step.get("grounds", ())}:
            return tables.takes(person_id, case, step)
    why = _has_post(tables, person_id, case, Rule(SPONSOR))
    return why or ("separation_registered" if case["registrar_person_id"] == person_id else "")
