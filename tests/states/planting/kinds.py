"""Faults of the kind as a whole: its agenda, its interviews, its consent, its scenarios."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from states.checks.scenarios import SCENARIOS_AT_MOST, STEPS_AT_MOST
from tests.states.planting.bed import TITLE, Bed, Doc
from tests.states.planting.states import GROUNDS


def agenda_kind_has_secret_fields(bed: Bed) -> str:
    bed.doc["on_agenda"] = True
    if bed.dice.random() < 0.3:
        columns = [{"key": "name", "title": TITLE, "secret": True}]
        return bed.add_field(type="rows", columns=columns, write=["supervisor"])[0]
    pointer = bed.place("fields/*")
    bed.at(pointer)["secret"] = True
    return pointer


# ---- interviews -------------------------------------------------------------------------------------------------------


def _make_interview(bed: Bed) -> Doc:
    """Makes an interview of any kind: withdrawn where it may be joined, with a step that fixes the new dates."""
    if "interview" in bed.doc:
        found: Doc = bed.doc["interview"]
        return found
    state = bed.state()
    dates = [{"key": "new_dates", "title": TITLE, "type": "agenda_dates"}]
    bed.add_verb(bed.state(), "=", effects=["fix_new_dates"], form=dates)
    verb = bed.at(bed.add_verb(state, bed.dice.choice(sorted(bed.finals)), grounds=GROUNDS))
    rule = {"joinable_in": [state], "consent_in": [], "held_in": [bed.state()], "withdrawn_by": verb["trigger"]}
    bed.doc["interview"] = rule
    return rule


def interview_that_cannot_be_withdrawn(bed: Bed) -> str:
    rule = _make_interview(bed)
    leaving = {s for v in bed.doc["transitions"] if v["trigger"] == rule["withdrawn_by"] for s in v["from"]}
    state = bed.one_of(state["key"] for state in bed.doc["states"] if state["key"] not in leaving)
    return bed.into("/interview/joinable_in", state)


def interview_that_fixes_no_dates(bed: Bed) -> str:
    _make_interview(bed)
    for verb in bed.doc["transitions"]:
        verb["effects"] = [effect for effect in verb.get("effects", []) if effect != "fix_new_dates"]
    return "/interview"


def interview_that_is_never_so(bed: Bed) -> str:
    _make_interview(bed)
    return bed.put(f"/interview/{bed.dice.choice(('joinable_in', 'held_in', 'max_days'))}", [])


# ---- consent ----------------------------------------------------------------------------------------------------------


def _make_consent(bed: Bed) -> Doc:
    """A whole request for the consent to one step, as the shipped kinds have it."""
    if "consent" in bed.doc:
        found: Doc = bed.doc["consent"]
        return found
    state = bed.state()
    signed = bed.at(bed.add_verb(state, "=", approval={"roles": ["head"], "relation": "supervisor"}))
    signed["who"] = [{"roles": ["handler"], "relations": ["supervisor"]}]
    choices = [{"key": signed["trigger"], "title": TITLE}]
    _, step = bed.add_field(type="choice", choices=choices, write=["supervisor"])
    stands = [{"key": key, "title": TITLE} for key in ("asked", "given", "refused")]
    _, fact = bed.add_field(type="choice", choices=stands, filter=True)
    form = [{"key": step, "title": TITLE, "type": "choice", "required": True, "choices": choices}]
    asked = bed.at(bed.add_verb(state, "=", form=form))["trigger"]
    others = [bed.at(bed.add_verb(state, "="))["trigger"] for _ in range(3)]
    rule = dict(zip(("given_by", "refused_by", "withdrawn_by"), others, strict=True))
    bed.doc["consent"] = {"asked_by": asked, **rule, "step": step, "stands": fact}
    made: Doc = bed.doc["consent"]
    return made


def _fact(bed: Bed, key: str) -> Doc:
    found: Doc = bed.at(bed.index_of("fields", lambda field: field["key"] == key))
    return found


def consent_found_by_nothing(bed: Bed) -> str:
    stands = _fact(bed, _make_consent(bed)["stands"])
    if bed.dice.random() < 0.5:
        stands["filter"] = False
    else:
        stands["choices"].remove(bed.dice.choice(stands["choices"]))
    return "/consent/stands"


def consent_to_what_needs_none(bed: Bed) -> str:
    rule = _make_consent(bed)
    named = bed.dice.choice(_fact(bed, rule["step"])["choices"])["key"]
    for verb in bed.doc["transitions"]:
        if verb["trigger"] == named:
            verb.pop("approval", None)
    return "/consent/step"


def consent_that_is_not_asked_for(bed: Bed) -> str:
    rule = _make_consent(bed)
    verb = bed.at(bed.index_of("transitions", lambda verb: verb["trigger"] == rule["asked_by"]))
    question = next(question for question in verb["form"] if question["key"] == rule["step"])
    question["required"] = False
    return "/consent/asked_by"


def consent_that_is_not_answered(bed: Bed) -> str:
    rule = _make_consent(bed)
    name = bed.dice.choice(("given_by", "refused_by", "withdrawn_by"))
    verb = bed.at(bed.index_of("transitions", lambda verb: verb["trigger"] == rule[name]))
    verb["from"] = [bed.dice.choice(sorted(bed.finals))]
    return f"/consent/{name}"


def consent_that_moves_the_case(bed: Bed) -> str:
    rule = _make_consent(bed)
    name = bed.dice.choice(("asked_by", "given_by", "refused_by", "withdrawn_by"))
    verb = bed.at(bed.index_of("transitions", lambda verb: verb["trigger"] == rule[name]))
    verb["to"] = bed.state()
    return "/consent"


# ---- scenarios ----------------------------------------------------------------------------------------------------------


def _scenario(bed: Bed, **more: Any) -> str:
    """One more scenario that is sound without what is said; its pointer."""
    on = date(2026, 1, 1) + timedelta(bed.dice.randint(0, 900))
    told: Doc = {"title": TITLE, "on": on.isoformat(), "until": (on + timedelta(bed.dice.randint(1, 90))).isoformat()}
    return bed.into("/scenarios", {**told, "expect": {"state": bed.first}, **more})


def scenario_of_no_state(bed: Bed) -> str:
    return _scenario(bed, expect={"state": bed.key()}) + "/expect/state"


def scenario_of_no_step(bed: Bed) -> str:
    pointer = _scenario(bed)
    bed.put(f"{pointer}/steps", [{"on": bed.at(pointer)["on"], "do": bed.key()}])
    return f"{pointer}/steps/0/do"


def scenario_of_no_organ(bed: Bed) -> str:
    if bed.dice.random() < 0.5:
        return _scenario(bed, subject=bed.dice.choice(("nobody", "village", "os_system"))) + "/subject"
    pointer = _scenario(bed)
    step = {"on": bed.at(pointer)["on"], "do": bed.one_of(bed.doc["transitions"])["trigger"], "to": "nobody"}
    bed.put(f"{pointer}/steps", [step])
    return f"{pointer}/steps/0/to"


def scenario_of_no_clock(bed: Bed) -> str:
    key = bed.key()
    if bed.dice.random() < 0.5:
        return _scenario(bed, expect={"state": bed.first, "due": {key: "2026-03-09"}}) + f"/expect/due/{key}"
    rung = {"clock": key, "rung": "red", "on": "2026-03-09"}
    return _scenario(bed, expect={"state": bed.first, "rungs": [rung]}) + "/expect/rungs/0/clock"


def scenario_of_no_rung(bed: Bed) -> str:
    rung = {"clock": bed.one_of(bed.doc["clocks"])["key"], "rung": bed.key(), "on": "2026-03-09"}
    return _scenario(bed, expect={"state": bed.first, "rungs": [rung]}) + "/expect/rungs/0/rung"


def scenario_that_ships_misspelt(bed: Bed) -> str:
    pointer = bed.place("scenarios/*/expect/state", "scenarios/*/steps/*/do", "scenarios/*/expect/rungs/*/rung")
    return bed.put(pointer, f"{bed.at(pointer)}_q")


def scenario_with_a_fact_of_words(bed: Bed) -> str:
    key = bed.key()
    return _scenario(bed, facts={key: bed.dice.choice(("张三", "13800000000", True))}) + f"/facts/{key}"


def scenario_with_a_secret(bed: Bed) -> str:
    _, key = bed.add_field(type="flag", secret=True, write=["supervisor"])
    return _scenario(bed, facts={key: True}) + f"/facts/{key}"


def scenario_with_another_choice(bed: Bed) -> str:
    key, _ = bed.add_choice()
    return _scenario(bed, facts={key: bed.dice.choice(("two", True, "张三"))}) + f"/facts/{key}"


def scenario_whose_step_is_answered_in_words(bed: Bed) -> str:
    pointer, key = _scenario(bed), bed.key()
    step = {"on": bed.at(pointer)["on"], "do": bed.one_of(bed.doc["transitions"])["trigger"], "answers": {key: "李四"}}
    bed.put(f"{pointer}/steps", [step])
    return f"{pointer}/steps/0/answers/{key}"


def scenario_out_of_order(bed: Bed) -> str:
    pointer = _scenario(bed)
    told = bed.at(pointer)
    on = date.fromisoformat(told["on"])
    wrong = bed.dice.choice(("until before", "too long", "step before", "step behind"))
    if wrong == "until before":
        told["until"] = (on - timedelta(bed.dice.randint(1, 99))).isoformat()
    elif wrong == "too long":
        told["until"] = (on + timedelta(5 * 366 + bed.dice.randint(1, 99))).isoformat()
    else:
        day = on - timedelta(1) if wrong == "step before" else date.fromisoformat(told["until"]) + timedelta(1)
        told["steps"] = [{"on": day.isoformat(), "do": deepcopy(bed.one_of(bed.doc["transitions"])["trigger"])}]
    return pointer


def _vote(bed: Bed, trigger: str, vote: Any) -> str:
    pointer = _scenario(bed)
    bed.put(f"{pointer}/steps", [{"on": bed.at(pointer)["on"], "do": trigger, "vote": vote}])
    return f"{pointer}/steps/0/vote"


def vote_on_what_nobody_decides(bed: Bed) -> str:
    told = [one["trigger"] for one in bed.doc["transitions"] if "decision" not in one]
    decided = [one["trigger"] for one in bed.doc["transitions"] if "decision" in one]
    return _vote(bed, bed.one_of([one for one in told if one not in decided]), {"agree": bed.dice.randint(1, 9)})


def vote_of_nobody(bed: Bed) -> str:
    decided = {"roles": ["head", "deputy"], "relation": "supervisor"}
    step = bed.at(bed.add_verb(bed.state(), "=", decision=decided))
    return _vote(bed, step["trigger"], {"recuse": bed.dice.randint(0, 9)})


def more_scenarios_than_may_be(bed: Bed) -> str:
    told = bed.at(_scenario(bed))
    bed.doc["scenarios"] += [told] * (SCENARIOS_AT_MOST + 1 - len(bed.doc["scenarios"]))
    return "/scenarios"


def more_steps_than_may_be(bed: Bed) -> str:
    pointer = _scenario(bed)
    step = {"on": bed.at(pointer)["on"], "do": bed.one_of(bed.doc["transitions"])["trigger"]}
    return bed.put(f"{pointer}/steps", [step] * (STEPS_AT_MOST + 1))
