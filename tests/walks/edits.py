"""Random edits of the shipped kinds, as an administrator would make them, and a random plan for the open cases."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from web.wiring import shipped_workflows

Document = dict[str, Any]
Edit = tuple[str, int, int]
KINDS = ("rectification", "clue", "interview", "supervision_order", "measure")
TITLE = {"zh-Hans": "新增", "zh-Hant": "新增", "en": "New"}
LIMITS = ("3 workday", "10 day", "1 month", "2 month", "6 month")
OPTIONAL = ("approval", "evidence", "guards", "separate")


@cache
def shipped(kind: str) -> Document:
    """A shipped kind without its scenarios, which tell the old rules; not to be changed."""
    return {name: part for name, part in shipped_workflows()[kind].data.items() if name != "scenarios"}


def _renamed(part: Any, old: str) -> Any:
    """The part with the name changed wherever it stands as a value; the notation's own words are keys of mappings."""
    if isinstance(part, dict):
        return {key: _renamed(value, old) for key, value in part.items()}
    if isinstance(part, list):
        return [_renamed(value, old) for value in part]
    return f"{old}_x" if part == old else part


def _picked(found: list[Any], which: int) -> Any:
    return found[which % len(found)] if found else None


def _opens(document: Document) -> list[str]:
    return [state["key"] for state in document["states"] if not state.get("final")]


# ---- the edits: each finds its own place, so that every (what, which, how) means something ------------------------------


def _state(document: Document, which: int, how: int) -> None:
    document.update(_renamed(document, _picked(_opens(document), which)))


def _clock(document: Document, which: int, how: int) -> None:
    document.update(_renamed(document, _picked(document["clocks"], which)["key"]))


def _choice(document: Document, which: int, how: int) -> None:
    field = _picked([field for field in document["fields"] if field.get("choices")], which)
    if field:
        document.update(_renamed(document, _picked(field["choices"], how)["key"]))


def _limit(document: Document, which: int, how: int) -> None:
    _picked(document["clocks"], which)["limits"][-1] = {"limit": LIMITS[how % len(LIMITS)]}


def _no_limit(document: Document, which: int, how: int) -> None:
    _picked(document["clocks"], which).update(limits=[{"limit": "none"}], ladder="none")


def _owner(document: Document, which: int, how: int) -> None:
    _picked(document["clocks"], which)["owner"] = ("holder", "supervisor", "subject")[how % 3]


def _gone(document: Document, which: int, how: int) -> None:
    clock = _picked(document["clocks"], which)
    if len(document["clocks"]) > 1:
        document["clocks"].remove(clock)
        document["ladders"] = [one for one in document["ladders"] if one["key"] != clock.get("ladder")]


def _new(document: Document, which: int, how: int) -> None:
    covered = _opens(document)[: 1 + which % len(_opens(document))]
    made = {"key": f"watch_{how % 3}", "title": TITLE, "starts": [{"on": "open"}], "runs_in": covered}
    document["clocks"].append({**made, "limits": [{"limit": LIMITS[how % len(LIMITS)]}], "ladder": "none"})


def _begun(document: Document, which: int, how: int) -> None:
    """One more clock, that a step begins."""
    trigger = _picked(document["transitions"], which)["trigger"]
    made = {"key": f"begun_{how % 3}", "title": TITLE, "starts": [{"on": trigger}], "runs_in": _opens(document)}
    document["clocks"].append({**made, "limits": [{"limit": LIMITS[how % len(LIMITS)]}], "ladder": "none"})


def _without(rule: str) -> Callable[[Document, int, int], None]:
    """A clock that has such a rule loses it."""

    def edit(document: Document, which: int, how: int) -> None:
        (_picked([clock for clock in document["clocks"] if rule in clock], which) or {}).pop(rule, None)

    return edit


def _stands(document: Document, which: int, how: int) -> None:
    """Where a clock ran it stands, or the other way round."""
    clock = _picked(document["clocks"], which)
    here, there = ("runs_in", "stands_in") if how % 2 else ("stands_in", "runs_in")
    if len(clock.get(here, ())) > (here == "runs_in"):
        state = _picked(clock[here], how)
        clock[here].remove(state)
        clock.setdefault(there, []).append(state)


def _longer(document: Document, which: int, how: int) -> None:
    """A clock lives in one more state."""
    clock, state = _picked(document["clocks"], which), _picked(_opens(document), how)
    if state not in (*clock["runs_in"], *clock.get("stands_in", ())):
        clock["runs_in"].append(state)


def _drop_rung(document: Document, which: int, how: int) -> None:
    tier = _picked(document["ladders"], which)["tiers"][0] if document["ladders"] else []
    rung = _picked(tier, how)
    if len(tier) > 1 and not rung.get("holds"):
        tier.remove(rung)


def _rung(document: Document, which: int, how: int) -> None:
    tier = _picked(document["ladders"], which)["tiers"][0] if document["ladders"] else []
    rung = _picked(tier, how)
    if rung:
        told = {"key": f"more_{how % 3}", "title": TITLE, "at": rung["at"], "do": "remind", "to": ["handler@holder"]}
        tier.insert(tier.index(rung), {**told, "params": {"message": "first_reminder"}})


def _verb(document: Document, which: int, how: int) -> None:
    """A step is taken away."""
    if len(document["transitions"]) > 1:
        document["transitions"].remove(_picked(document["transitions"], which))


def _easier(document: Document, which: int, how: int) -> None:
    """A step asks for less."""
    _picked(document["transitions"], which).pop(_picked(list(OPTIONAL), how), None)


def _field(document: Document, which: int, how: int) -> None:
    """A fact is no longer asked for."""
    document["fields"].remove(_picked(document["fields"], which))


def _asked(document: Document, which: int, how: int) -> None:
    """One more fact has to be told."""
    write = [("supervisor", "holder")[how % 2]]
    document["fields"].append({"key": f"asked_{how % 3}", "title": TITLE, "required": True, "write": write})


EDITS_BY_NAME: Mapping[str, Callable[[Document, int, int], None]] = {
    "state": _state,
    "clock": _clock,
    "choice": _choice,
    "limit": _limit,
    "no limit": _no_limit,
    "owner": _owner,
    "gone": _gone,
    "new": _new,
    "begun": _begun,
    "no extension": _without("extension"),
    "no pause": _without("pause"),
    "stands": _stands,
    "longer": _longer,
    "drop": _drop_rung,
    "rung": _rung,
    "verb": _verb,
    "easier": _easier,
    "field": _field,
    "asked": _asked,
}
PLACE = st.integers(0, 99)
EDITS = st.lists(st.tuples(st.sampled_from(sorted(EDITS_BY_NAME)), PLACE, PLACE), min_size=1, max_size=4)
CHOSEN = st.lists(PLACE, min_size=12, max_size=12)


def drafted(kind: str, edits: list[Edit]) -> Document:
    """The shipped kind with these edits."""
    document = copy.deepcopy(shipped(kind))
    for what, which, how in edits:
        EDITS_BY_NAME[what](document, which, how)
    return document


def plan_of(document: Document, kind: str, chosen: list[int]) -> Document:
    """A random plan for it: what has another name is mapped, everything else is as the dice say."""
    old = shipped(kind)
    states = _names(old["states"], document["states"])
    when = {state: ("now", "now", "next", "stay")[chosen[index % 6] % 4] for index, state in enumerate(_opens(old))}
    clocks = {clock["key"]: ("keep", "carry", "restart")[chosen[6 + i % 5] % 3] for i, clock in enumerate(document["clocks"])}
    fields = {field["key"]: field for field in document["fields"]}
    pairs = [(field, fields[field["key"]]) for field in old["fields"] if field.get("choices") and field["key"] in fields]
    values = {was["key"]: _names(was["choices"], now.get("choices", [])) for was, now in pairs}
    values = {key: names for key, names in values.items() if names}
    rungs = ("from-now", "catch-up", "off")[chosen[11] % 3]
    # A clock that has another name goes on as it, or ends while another begins.
    named = _names(old["clocks"], document["clocks"]).items()
    renames = {was: now for index, (was, now) in enumerate(named) if chosen[index % 12] % 2}
    reasons = {clock: "县里改了时限" for clock, policy in clocks.items() if policy != "keep"}
    told = {"when": when, "states": states, "clocks": clocks, "reasons": reasons}
    return {**told, "renames": renames, "values": values, "rungs": rungs}


def _names(olds: list[Document], news: list[Document]) -> dict[str, str]:
    """What is there no more, to what it is called now: an edit adds `_x` each time."""
    known = {one["key"] for one in news}
    told: dict[str, str] = {}
    for old in (one["key"] for one in olds if one["key"] not in known):
        new = next((key for key in known if key.startswith(f"{old}_x") and not key.removeprefix(old).strip("_x")), None)
        told |= {old: new} if new else {}
    return told
