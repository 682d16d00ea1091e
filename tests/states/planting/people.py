"""Faults of who may do what, and who is written to."""

from __future__ import annotations

from copy import deepcopy

from tests.states.planting.bed import Bed, Doc, NotHere
from tests.states.planting.names import POSTS

NOBODY: tuple[list[Doc], ...] = (
    [],
    [{"roles": ["head"], "relations": ["none"]}],
    [{"roles": [], "relations": ["supervisor"]}],
    [{"roles": ["head"], "relations": []}],
    [{"roles": [], "relations": []}, {"roles": ["handler"], "relations": ["none"]}],
)


def transition_nobody_may_fire(bed: Bed) -> str:
    if any(rule["relation"] == "none" for rule in bed.doc["access"]):
        raise NotHere
    return bed.put(f"{bed.place('transitions/*')}/who", deepcopy(bed.dice.choice(NOBODY)))


def opened_by_nobody(bed: Bed) -> str:
    bed.doc["parents"] = []
    nobody: tuple[list[Doc], ...] = ([], [{"roles": [], "relations": ["registrar"]}], [{"roles": ["handler"], "relations": []}])
    return bed.put("/opened_by", deepcopy(bed.dice.choice(nobody)))


def access_said_twice(bed: Bed) -> str:
    rule = deepcopy(bed.one_of(bed.doc["access"]))
    return bed.into("/access", rule, last=True) + ("/in" if rule.get("in") else "")


def access_in_a_state_that_is_given_everywhere(bed: Bed) -> str:
    wide = bed.at(bed.index_of("access", lambda rule: not rule.get("in") and rule["may"] != "exists"))
    states = bed.dice.sample([state["key"] for state in bed.doc["states"]], 2)
    return bed.into("/access", {**deepcopy(wide), "may": "read", "in": states}, last=True) + "/in"


def roles_that_do_and_approve(bed: Bed) -> str:
    pointer = bed.index_of("transitions", lambda verb: bool(verb["who"] and verb["who"][0]["relations"]))
    verb = bed.at(pointer)
    verb.pop("separate", None)
    who = verb["who"] = verb["who"][:1]
    who[0]["relations"] = [bed.dice.choice(who[0]["relations"])]
    roles = list(dict.fromkeys([*who[0]["roles"], bed.dice.choice(("head", "deputy"))]))
    return bed.put(f"{pointer}/approval", {"roles": roles, "relation": who[0]["relations"][0]})


def decision_by_nobody(bed: Bed) -> str:
    if any(rule["relation"] == "none" for rule in bed.doc["access"]):
        raise NotHere
    pointer = bed.place("transitions/*")
    bed.at(pointer).pop("approval", None)
    return bed.put(f"{pointer}/decision", {"roles": ["head"], "relation": "none"}) + "/relation"


def _decided(bed: Bed, **more: object) -> str:
    verb = bed.add_verb(bed.state(), "=", decision={"roles": ["head", "deputy"], "relation": "supervisor"}, **more)
    return f"{verb}/decision"


def decision_with_approval(bed: Bed) -> str:
    return _decided(bed, approval={"roles": ["head"], "relation": "holder"})


def decision_about_a_secret(bed: Bed) -> str:
    _, key = bed.add_field(secret=True, write=["supervisor"])
    return _decided(bed, form=[{"key": key, "title": bed.doc["title"]}])


MISSING = (
    "head@above_subject:village_party_organisation",
    "deputy@above_holder:village_party_organisation",
    "head@county:township_party_committee",
    "handler@township:inspection_office",
    "head@village:leading_group",
    "handler@county:village_party_organisation",
)


def rung_to_missing_level(bed: Bed) -> str:
    return bed.put(bed.place(*POSTS), bed.dice.choice(MISSING))


def rung_to_an_interviewer_of_what_has_none(bed: Bed) -> str:
    if "interview" in bed.doc or bed.doc.get("on_agenda"):
        raise NotHere
    return bed.put(bed.place(*POSTS), bed.dice.choice(("head@interviewer", "handler@interviewee")))
