"""Faults of names, of their parameters and of questions."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.states.planting.bed import TITLE, Bed, NotHere

NAMED = (
    "opened_by/*/roles/*",
    "opened_by/*/relations/*",
    "access/*/relation",
    "access/*/organs/*",
    "access/*/in/*",
    "parents/*",
    "fields/*/write/*",
    "fields/*/kinds/*",
    "transitions/*/from/*",
    "transitions/*/who/*/roles/*",
    "transitions/*/who/*/relations/*",
    "transitions/*/who/*/organs/*",
    "transitions/*/separate/*",
    "transitions/*/approval/roles/*",
    "transitions/*/approval/relation",
    "transitions/*/approval/later",
    "transitions/*/evidence/labels/*",
    "transitions/*/guards/*/field_filled/field",
    "transitions/*/guards/*/any/*/field_filled/field",
    "transitions/*/effects/*/issue_letter/letter",
    "transitions/*/effects/*/notify_posts/message",
    "transitions/*/effects/*/open_child/kind",
    "transitions/*/effects/*/set_field/field",
    "clocks/*/runs_in/*",
    "clocks/*/stands_in/*",
    "clocks/*/settled_by/*",
    "clocks/*/restarted_by/*",
    "clocks/*/starts/*/on",
    "clocks/*/starts/*/date_field",
    "clocks/*/limits/*/date_field",
    "clocks/*/extension/opinion",
    "ladders/*/tiers/*/*/do",
    "ladders/*/tiers/*/*/params/message",
    "ladders/*/tiers/*/*/params/letter",
    "rules/*/do",
    "rules/*/params/message",
    "retention",
    "labels/*/label",
    "weights/*/retention",
    "weights/*/grounds/*",
    "interview/withdrawn_by",
    "interview/notice",
    "consent/given_by",
    "consent/stands",
)
POSTS = ("ladders/*/tiers/*/*/to/*", "rules/*/to/*", "transitions/*/effects/*/notify_posts/to/*")
# Nothing of these is one, and most are what somebody hostile would try.
NOT_NAMES = ("os_system", "eval", "exec", "import_module", "getattr", "subprocess")


def unknown_name(bed: Bed) -> str:
    pointer = bed.place(*NAMED)
    name = str(bed.at(pointer))
    misspelt = bed.dice.choice((name[:-1] + "q", name + "x", "q" + name, *NOT_NAMES))
    return bed.put(pointer, misspelt)


def unknown_target(bed: Bed) -> str:
    return bed.put(f"{bed.place('transitions/*')}/to", bed.key())


def unknown_callback(bed: Bed) -> str:
    name = bed.dice.choice(NOT_NAMES)
    return bed.into(f"{bed.place('transitions/*')}/{bed.dice.choice(('effects', 'guards'))}", name)


def unknown_part_of_a_post(bed: Bed) -> str:
    post = bed.dice.choice(("handlr@holder", "head@holdr", "eval@holder", "head@above_subject:village", "head@county:team"))
    return bed.put(bed.place(*POSTS), post)


def unknown_owner(bed: Bed) -> str:
    owner = bed.dice.choice(("holdr", "above_subject:village", "county:team", "nobody"))
    return bed.put(f"{bed.place('clocks/*')}/owner", owner)


def unknown_ladder(bed: Bed) -> str:
    return bed.put(f"{bed.place('clocks/*')}/ladder", bed.key())


def wrong_post(bed: Bed) -> str:
    wrong = ("handler of the holder", "head@county", "head@holder:township_party_committee", "@holder", "head@", "head@@holder")
    return bed.put(bed.place(*POSTS), bed.dice.choice((*wrong, "head.__class__@holder", "HEAD@HOLDER")))


def nobody_asked(bed: Bed) -> str:
    rule = bed.doc.get("consent", {})
    answers = {rule.get(name) for name in ("given_by", "refused_by", "taken_back_by")}
    others = {pointer for pointer, verb in bed.every("transitions") if verb["trigger"] not in answers}
    places = [one for pattern in POSTS for one in bed.places(pattern)]
    found = [one for one in places if not one.startswith("/transitions") or "/".join(one.split("/")[:3]) in others]
    return bed.put(bed.one_of(found), "asker")


def wrong_owner(bed: Bed) -> str:
    owner = bed.dice.choice(("above_subject", "holder:inspection_office", "county", "subject:village_party_organisation"))
    return bed.put(f"{bed.place('clocks/*')}/owner", owner)


def wrong_interviewer(bed: Bed) -> str:
    return bed.put(bed.place("interview/interviewers/*"), bed.dice.choice(("county", "above_subject", "holder:leading_group")))


# A call, and where inside it the fault is.
WRONG_EFFECTS: tuple[tuple[Any, str], ...] = (
    ("issue_letter", ""),
    ({"issue_letter": {"letter": 3}}, "/issue_letter/letter"),
    ({"propose_interview": {"tier": "1"}}, "/propose_interview/tier"),
    ({"propose_interview": {"tier": True}}, "/propose_interview/tier"),
    ({"notify_holder": {"message": "overdue"}}, "/notify_holder/message"),
    ({"set_field": {"value": True}}, ""),
    ({"pause_clocks": {"clocks": "handle"}}, "/pause_clocks/clocks"),
    ({"pause_clocks": {"clocks": [], "max_days": "9**9**9"}}, "/pause_clocks/max_days"),
    ({"resume_clocks": {}}, ""),
    ({"notify_posts": {"to": [], "message": "overdue", "__class__": "x"}}, "/notify_posts/__class__"),
)
WRONG_GUARDS: tuple[tuple[Any, str], ...] = (
    ({"has_evidence": {"at_least": "1"}}, "/has_evidence/at_least"),
    ({"has_evidence": {"at_most": 1}}, "/has_evidence/at_most"),
    ({"field_filled": {}}, ""),
    ({"field_filled": {"field": ["a"]}}, "/field_filled/field"),
    ({"min_workdays": {"field": "summary", "days": True}}, "/min_workdays/days"),
)


def wrong_parameter(bed: Bed) -> str:
    name, calls = bed.dice.choice((("effects", WRONG_EFFECTS), ("guards", WRONG_GUARDS)))
    call, inside = bed.dice.choice(calls)
    return bed.into(f"{bed.place('transitions/*')}/{name}", deepcopy(call)) + inside


def guard_over_what_is_not_asked(bed: Bed) -> str:
    _, key = bed.add_field(type="date", write=["supervisor"])
    guard = {"min_workdays": {"field": key, "days": bed.dice.randint(1, 9)}}
    return bed.into(f"{bed.place('transitions/*')}/guards", guard) + "/min_workdays/field"


def effect_of_what_is_not_asked(bed: Bed) -> str:
    clocks = [bed.one_of(bed.doc["clocks"])["key"]]
    effect = {"pause_clocks": {"clocks": clocks, "reason_from": bed.key()}}
    return bed.into(f"{bed.place('transitions/*')}/effects", effect) + "/pause_clocks/reason_from"


def answer_beside_that_is_not_asked(bed: Bed) -> str:
    pointer, key = bed.place("fields/*", "transitions/*/form/*"), bed.key()
    bed.at(pointer)["required_when"] = {key: True}
    return f"{pointer}/required_when/{key}"


def choice_beside_what_is_not_asked(bed: Bed) -> str:
    key = bed.key()
    choices = [{"key": "fitting", "title": TITLE, "fits_when": {key: bed.dice.choice((True, ["one", "two"]))}}]
    question = {"key": bed.key(), "title": TITLE, "type": "choice", "choices": choices}
    if bed.dice.random() < 0.5:
        pointer, _ = bed.add_field(**{name: told for name, told in question.items() if name not in ("key", "title")})
    else:
        pointer = bed.into(f"{bed.place('transitions/*')}/form", question)
    return f"{pointer}/choices/0/fits_when/{key}"


LISTS = ("states", "fields", "clocks", "ladders", "rules")
INNER = ("transitions/*/form", "transitions/*/grounds", "fields/*/choices", "fields/*/columns", "ladders/*/tiers/*")


def duplicate_key(bed: Bed) -> str:
    pointer = bed.place(*LISTS, *INNER)
    if not bed.at(pointer):
        raise NotHere
    again = {**deepcopy(bed.dice.choice(bed.at(pointer))), "title": TITLE}
    if pointer == "/ladders":
        again.pop("title")
    return bed.into(pointer, again, last=True) + "/key"
