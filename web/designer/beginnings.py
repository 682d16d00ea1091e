"""What a new part says before anybody has written in it: as little as may stand, so that the proofs say what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from config.writing import written_scalar
from states.faults import Path, pointer_of
from states.schema.notation import CallOf, ConditionOf, Many
from states.schema.places import NAMED, entry_of, name_of, place_at
from web.current import today
from web.designer.names import thing_at
from web.designer.saying import gettext
from web.designer.scene_boxes import rungs
from web.language import mark
from workflow.versions.editing import keys_of

# Shape → (what the key begins with, the name).
NEW: Mapping[str, tuple[str, str]] = {
    "State": ("state", mark("新状态")),
    "Transition": ("step", mark("新操作")),
    "Field": ("field", mark("新栏目")),
    "Clock": ("clock", mark("新时限")),
    "Ladder": ("ladder", ""),
    "Rule": ("rule", mark("新规则")),
    "Rung": ("rung", mark("提醒")),
    "Choice": ("choice", mark("新选项")),
    "question": ("question", mark("新问题")),
}
WHO = {"roles": ["handler", "head"], "relations": ["holder"]}


def beginning_of(document: Mapping[str, Any], path: Path) -> Any:
    """A new entry of the list at a path, or a new part where there is none yet; None where nothing may be added."""
    place = place_at(path)
    if place is None:
        return None
    if isinstance(place.notation, Many):
        inner = entry_of(place)
        if isinstance(inner.notation, ConditionOf):
            return "is_paused"
        if isinstance(inner.notation, CallOf):
            return {"notify_posts": {"to": ["handler@holder"], "message": "to_sign"}}
        if isinstance(inner.notation, Many):
            return [_made(document, "Rung", path)]
        return _made(document, name_of(inner.made), path) if inner.made is not None else None
    if isinstance(place.notation, ConditionOf):
        return "is_paused"
    return _made(document, name_of(place.made), path) if place.made is not None else None


def _plain(document: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Shape → a new one of it, of those that have neither key nor title."""
    states, triggers = keys_of(document, "state"), keys_of(document, "trigger")
    first = states[:1] or ["state"]
    return {
        "Who": WHO,
        "Access": {"relation": "holder", "may": "act"},
        "Approval": {"roles": ["head"], "relation": "supervisor"},
        "Decision": {"roles": ["head", "deputy"], "relation": "supervisor"},
        "Evidence": {"at_least": 1},
        "LabelRule": {"label": "site_photo", "takes": "picture"},
        "Start": {"on": (["open", *triggers])[0]},
        "LimitRow": {"limit": "10 workday"},
        "Pause": {"max_days": 30},
        "Extension": {"times": 1},
        "Proof": {"label": "other", "when": {}},
        "Weight": {"retention": "ordinary", "when": {}},
        "Suggestion": {"post": "head@holder"},
        "ScenarioStep": {"on": _last_day(document, path), "do": (triggers or ["step"])[0]},
        "Vote": {"agree": 3},
        "Expectation": {"state": first[0]},
        "ExpectedRung": _rung(document, _last_day(document, path)),
        "Interview": {"joinable_in": first, "consent_in": [], "held_in": first, "withdrawn_by": (triggers or ["step"])[0]},
    }


def _made(document: Mapping[str, Any], shape: str, path: Path) -> Any:
    plain = _plain(document, path)
    if shape in plain:
        return plain[shape]
    if shape == "Scenario":
        days = {"on": today().isoformat(), "until": (today() + timedelta(90)).isoformat()}
        return {"title": gettext("新情景"), **days, "expect": plain["Expectation"]}
    stem, title = NEW["question" if path[-1] in ("form", "columns") else shape]
    key = free_key(document, stem, path)
    named: dict[str, Any] = {"trigger" if shape == "Transition" else "key": key}
    if shape == "Ladder":
        return {**named, "tiers": [[_made(document, "Rung", ("ladders", 0, "tiers", 0))]]}
    named["title"] = gettext(title)
    states = keys_of(document, "state")
    first = states[:1] or ["state"]
    more: dict[str, dict[str, Any]] = {
        "Transition": {"from": first, "to": states[-1] if states else "state", "who": [WHO]},
        "Clock": {"starts": [{"on": "open"}], "runs_in": first, "limits": [{"limit": "10 workday"}]},
        "Rung": {"at": "0 day", "do": "remind", "to": ["handler@holder"], "params": {"message": "first_reminder"}},
        "Rule": {"counts": "overdue", "of": "subject", "threshold": 3, "do": "notify_posts", "to": ["head@supervisor"]},
    }
    return {**named, **more.get(shape, {})}


def _last_day(document: Mapping[str, Any], path: Path) -> str:
    """The day of what a new step or rung of a scenario follows."""
    scenario = thing_at(document, pointer_of(*path[:2])) if path[:1] == ("scenarios",) else None
    told = scenario if isinstance(scenario, Mapping) else {}
    if path[-1] == "rungs":
        return str(told.get("until") or today().isoformat())
    steps = told.get("steps")
    last = steps[-1] if isinstance(steps, list) and steps else None
    on = last.get("on") if isinstance(last, Mapping) else told.get("on")
    return str(on or today().isoformat())


def _rung(document: Mapping[str, Any], on: str) -> dict[str, str]:
    """The first rung of the first clock that climbs any."""
    clock = next((one for one in keys_of(document, "clock") if rungs(document, one)), "clock")
    told = rungs(document, clock)
    return {"clock": clock, "rung": told[0][0] if told else "rung", "on": on}


def free_key(document: Mapping[str, Any], stem: str, path: Path) -> str:
    """A key that nothing beside it has."""
    here = thing_at(document, "".join(f"/{part}" for part in path))
    listed = [one for one in here if isinstance(one, Mapping)] if isinstance(here, list) else []
    beside = {str(one.get("key") or one.get("trigger")) for one in listed}
    taken = beside | {key for what in NAMED if NAMED[what][0] == path[0] for key in keys_of(document, what)}
    return next(key for number in range(1, 10_000) if (key := f"{stem}_{number}") not in taken)


SKELETON = """\
key: {key}
title: {title}
number: {title}〔{{year}}〕{{n}}号
holder_at_open: subject

opened_by:
  - {{roles: [handler, deputy, head], relations: [registrar]}}

access:
  - {{relation: supervisor, may: act}}
  - {{relation: holder, may: act}}
  - {{relation: registrar, may: read}}

states:
  - {{key: begun, title: {begun}, initial: true}}
  - {{key: done, title: {done}, final: true}}

fields: []

transitions:
  - trigger: finish
    title: {finish}
    from: [begun]
    to: done
    who: [{{roles: [handler, head], relations: [holder]}}]
    main: true
    grounds:
      - {{key: done, title: {finish}}}

clocks:
  - key: work
    title: {finish}
    main: true
    starts: [{{on: open}}]
    runs_in: [begun]
    limits:
      - {{limit: 30 day}}
    ladder: work

ladders:
  - key: work
    tiers:
      - - {{key: due, title: {due}, at: 0 day, do: turn_red, colour: red, to: [handler@holder], params: {{message: overdue}}}}
"""


def skeleton(key: str, title: str) -> str:
    """The smallest kind that has no fault."""
    told = SKELETON.format(
        key=key,
        title="{title}",
        begun=gettext("办理"),
        done=gettext("办结"),
        finish=gettext("办结"),
        due=gettext("逾期"),
    )
    number = written_scalar(f"{title}〔{{year}}〕{{n}}号")
    lines = [f"number: {number}" if line.startswith("number:") else line for line in told.split("\n")]
    return "\n".join(f"title: {written_scalar(title)}" if line == "title: {title}" else line for line in lines)
