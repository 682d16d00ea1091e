"""Faults of clocks, limits and ladders."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.states.planting.bed import TITLE, Bed, Doc, NotHere


def state_without_running_clock(bed: Bed) -> str:
    pointer = bed.index_of("states", lambda state: not state.get("final"))
    for clock in bed.doc["clocks"]:
        clock["runs_in"] = [state for state in clock["runs_in"] if state != bed.at(pointer)["key"]]
    bed.doc["clocks"] = [clock for clock in bed.doc["clocks"] if clock["runs_in"]]
    return pointer


def state_that_clocks_only_stand_in(bed: Bed) -> str:
    _, key = bed.add_state()
    bed.add_verb(bed.state(), key)
    bed.add_verb(key, bed.dice.choice(sorted(bed.finals)), grounds=[{"key": "done", "title": TITLE}])
    clock = bed.at(bed.place("clocks/*"))
    clock["stands_in"] = [*clock.get("stands_in", []), key]
    return bed.index_of("states", lambda state: state["key"] == key)


def clocks_too_tangled(bed: Bed) -> str:
    for _ in range(bed.dice.randint(9, 20)):
        verb = bed.at(bed.add_verb(bed.first, "="))
        bed.add_clock(settled_by=[verb["trigger"]])
        bed.add_clock(starts=[{"on": verb["trigger"]}])
    return "/clocks"


def _entered(bed: Bed, trigger: str) -> set[str]:
    verbs = [verb for verb in bed.doc["transitions"] if verb["trigger"] == trigger]
    return {state for verb in verbs for state in (verb["from"] if verb["to"] == "=" else [verb["to"]])}


def _covers(clock: Doc) -> set[str]:
    return {*clock["runs_in"], *clock.get("stands_in", ())}


def clock_never_started(bed: Bed) -> str:
    pointer = bed.place("clocks/*")
    covers = _covers(bed.at(pointer))
    triggers = [verb["trigger"] for verb in bed.doc["transitions"] if not _entered(bed, verb["trigger"]) & covers]
    return bed.into(f"{pointer}/starts", {"on": bed.one_of(triggers)})


def later_never_started(bed: Bed) -> str:
    pointer, clock = bed.place("transitions/*"), bed.one_of(bed.doc["clocks"])
    if bed.at(pointer)["trigger"] in {start["on"] for start in clock["starts"]}:
        raise NotHere
    approval = bed.at(pointer).get("approval") or {"roles": ["head"], "relation": "holder"}
    return bed.put(f"{pointer}/approval", {**deepcopy(approval), "later": clock["key"]}) + "/later"


def clock_never_settled(bed: Bed) -> str:
    pointer = bed.place("clocks/*")
    clock = bed.at(pointer)
    clock["runs_in"] = [state["key"] for state in bed.doc["states"]]
    for name in ("stands_in", "settled_by", "main"):
        clock.pop(name, None)
    return pointer


def clock_in_final_state(bed: Bed) -> str:
    name = bed.dice.choice(("runs_in", "stands_in"))
    return bed.into(f"{bed.place('clocks/*')}/{name}", bed.dice.choice(sorted(bed.finals)))


def runs_and_stands(bed: Bed) -> str:
    pointer = bed.place("clocks/*")
    return bed.into(f"{pointer}/stands_in", bed.dice.choice(bed.at(pointer)["runs_in"]))


def limit_table_without_last_row(bed: Bed) -> str:
    field, value = bed.add_choice()
    pointer = bed.place("clocks/*") + "/limits"
    return bed.into(pointer, {"when": {field: value}, "limit": f"{bed.dice.randint(1, 60)} day"}, last=True)


def limit_table_that_ends_with_a_date(bed: Bed) -> str:
    _, field = bed.add_field(type="date", write=["supervisor"])
    row = bed.dice.choice(({"date_field": field}, {"date_field": field, "at_most": "6 month"}))
    return bed.put(f"{bed.place('clocks/*')}/limits", [row]) + "/0"


def limit_row_never_reached(bed: Bed) -> str:
    return bed.into(f"{bed.place('clocks/*')}/limits", {"limit": f"{bed.dice.randint(1, 60)} workday"}, last=True)


def limit_row_behind_a_wider_one(bed: Bed) -> str:
    field, value = bed.add_choice()
    other, tick = bed.add_choice()
    pointer = bed.place("clocks/*") + "/limits"
    rows = [{"when": {field: value}, "limit": "9 day"}, {"when": {other: tick, field: value}, "limit": "4 day"}]
    bed.put(pointer, [*rows, *bed.at(pointer)])
    return f"{pointer}/1"


def many_main_clocks(bed: Bed) -> str:
    for clock in bed.dice.sample(bed.doc["clocks"], min(2, len(bed.doc["clocks"]))):
        clock["main"] = True
    main = [pointer for pointer, clock in bed.every("clocks") if clock.get("main")]
    if len(main) < 2:
        raise NotHere
    return f"{main[1]}/main"


def by_length_without_ladders(bed: Bed) -> str:
    pointer, gone = bed.place("clocks/*"), bed.dice.choice(("long", "medium", "short"))
    bed.doc["ladders"] = [ladder for ladder in bed.doc["ladders"] if ladder["key"] != gone]
    return bed.put(f"{pointer}/ladder", "by_length")


# ---- ladders --------------------------------------------------------------------------------------------------------


def _rung(bed: Bed, at: str, **more: Any) -> Doc:
    return {"key": bed.key(), "title": TITLE, "at": at, "do": "turn_red", "to": ["head@holder"], **more}


def ladder_out_of_order(bed: Bed) -> str:
    at = f"-{bed.dice.randint(400, 9999)} {bed.dice.choice(('day', 'workday'))}"
    return bed.into(bed.place("ladders/*/tiers/*"), _rung(bed, at), last=True) + "/at"


def ladder_unused(bed: Bed) -> str:
    return bed.into("/ladders", {**deepcopy(bed.one_of(bed.doc["ladders"])), "key": bed.key()})


def clock_never_due(bed: Bed) -> str:
    pointer = bed.place("clocks/*")
    bed.put(f"{pointer}/limits", [{"limit": "none"}])
    return bed.put(f"{pointer}/ladder", bed.one_of(bed.doc["ladders"])["key"])


def rung_before_start(bed: Bed) -> str:
    days = bed.dice.randint(1, 90)
    ladder = {"key": bed.key(), "tiers": [[_rung(bed, f"-{days + bed.dice.randint(0, 30)} day"), _rung(bed, "0 day")]]}
    clock = bed.at(bed.place("clocks/*"))
    clock.update(ladder=ladder["key"], limits=[{"limit": f"{days} day"}])
    return bed.into("/ladders", ladder) + "/tiers/0/0/at"


def rung_behind_held(bed: Bed) -> str:
    pointer = bed.place("ladders/*/tiers/*")
    if not any(rung.get("holds") for rung in bed.at(pointer)):
        bed.dice.choice(bed.at(pointer))["holds"] = True
    return bed.into(pointer, _rung(bed, f"{bed.dice.randint(900, 9999)} day"), last=True)


def tier_never_reached(bed: Bed) -> str:
    pointer = bed.place("ladders/*") + "/tiers"
    for rung in bed.at(pointer)[-1]:
        rung.pop("holds", None)
    known = len(bed.at(pointer))
    for _ in range(2):
        bed.into(pointer, [_rung(bed, f"{bed.dice.randint(0, 90)} day")], last=True)
    reopens = any(verb.get("reopens") for verb in bed.doc["transitions"])
    reached_by_reopening = known == 1 and reopens
    return f"{pointer}/{known + reached_by_reopening}"
