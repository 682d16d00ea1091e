"""What becomes of a draft's scenarios under the rules as they are being edited: told beside each, and at the part at fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.documents import Document
from states.definition import Definition, Scenario
from states.errors import BadInput
from states.faults import Fault, pointer_of
from states.schema import dump, load
from web.current import office
from web.designer.names import spoken
from web.designer.proving import Found
from web.designer.saying import gettext
from web.language import current_language
from web.versions.naming import Names
from web.versions.scenes import said_of, story
from workflow.versions.scenarios import Difference, Told


@dataclass(frozen=True, slots=True)
class Scene:
    """A scenario on the page: `outcome` is well, otherwise, or waiting while it has not been lived through."""

    pointer: str
    title: str
    story: str
    outcome: str
    found: tuple[Found, ...] = ()


def scenes_of(document: Document, definition: Definition | None) -> tuple[Scene, ...]:
    """Every scenario of a draft; of one with faults (no definition is given then) only what they are called."""
    if definition is None:
        listed = document.data.get("scenarios")
        return tuple(_bare(n, one) for n, one in enumerate(listed if isinstance(listed, list) else ()))
    names = Names(office().titles, current_language(), dump(definition))
    told = zip(definition.scenarios, office().told_of(document.data), strict=True)
    return tuple(_scene(document, definition, names, n, one, came) for n, (one, came) in enumerate(told))


def _bare(n: int, one: object) -> Scene:
    title = spoken(one.get("title") or "") if isinstance(one, dict) else ""
    return Scene(pointer_of("scenarios", n), title, "", "unread")


def _scene(document: Document, definition: Definition, names: Names, n: int, scenario: Scenario, came: Told | None) -> Scene:
    pointer, title = pointer_of("scenarios", n), scenario.title.in_(names.language)
    found = tuple(_found(document, definition, names, n, one) for one in came.differences) if came else ()
    outcome = "waiting" if came is None else "otherwise" if found else "well"
    return Scene(pointer, title, story(scenario, names), outcome, found)


def _found(document: Document, definition: Definition, names: Names, n: int, one: Difference) -> Found:
    """The difference as a fault of the scenario; the part of the kind that it is about is what its `where` leads to."""
    pointer = _pointer(definition.scenarios[n], n, one)
    where, at = _about(document, names, one)
    return Found(Fault(f"scenario_{one.what}", pointer), document.line_of(pointer), said_of(one, names), where, at)


def _pointer(scenario: Scenario, n: int, one: Difference) -> str:
    """Where in the scenario it stands that something else was to come."""
    at: tuple[str | int, ...] = ("scenarios", n)
    if one.what in ("step", "step_allowed"):
        return pointer_of(*at, "steps", one.params["index"])
    if one.what == "state":
        return pointer_of(*at, "expect", "state")
    if one.what == "due":
        return pointer_of(*at, "expect", "due", one.params["clock"])
    if one.what == "rung":
        wanted = (one.params["clock"], one.params["rung"], one.params["expected"])
        told = [(rung.clock, rung.rung, rung.on) for rung in scenario.expect.rungs]
        return pointer_of(*at, "expect", "rungs", told.index(wanted))
    return pointer_of(*at)


def _about(document: Document, names: Names, one: Difference) -> tuple[str, str]:
    """The step or the clock whose rules brought it about: what a link to its panel says, and its pointer."""
    clock, step = str(one.params.get("clock", "")), str(one.params.get("do", ""))
    listed, key = ("clocks", "key") if clock else ("transitions", "trigger")
    for number, part in enumerate(document.data.get(listed) or ()):
        if part.get(key) == (clock or step):
            see_clock = gettext("看时限“%(name)s”", name=names.clock(clock))
            return see_clock if clock else gettext("看操作“%(name)s”", name=names.step(step)), pointer_of(listed, number)
    return "", ""


def otherwise(scenes: tuple[Scene, ...]) -> Iterator[Found]:
    """Every difference of every scenario."""
    for scene in scenes:
        yield from scene.found


def as_it_came(document: Document, n: int) -> dict[str, Any]:
    """What a scenario would expect if what came of it were right; BadInput edit_nowhere where nothing came yet."""
    told = office().told_of(document.data)
    came = told[n] if n < len(told) else None
    if came is None or not came.state:
        raise BadInput(why="edit_nowhere")
    due = {clock: on.isoformat() for clock, on in came.due.items() if on is not None}
    known = {rung.key for ladder in load(document.data).ladders for tier in ladder.tiers for rung in tier}
    rungs = [{"clock": clock, "rung": key, "on": on.isoformat()} for clock, key, on in came.rungs if key in known]
    told_now: dict[str, Any] = {"state": came.state}
    return told_now | ({"due": due} if due else {}) | ({"rungs": rungs} if rungs else {})


def counts_of(scenes: tuple[Scene, ...]) -> dict[str, int]:
    """How many differences there are at each scenario, at each of its parts, and at the step or clock that they are about."""
    counts: dict[str, int] = {}
    for one in otherwise(scenes):
        parts = one.fault.pointer.split("/")
        pointers = ["/".join(parts[:length]) for length in range(3, len(parts) + 1)]
        for pointer in (*pointers, *([one.at] if one.at else [])):
            counts[pointer] = counts.get(pointer, 0) + 1
    return counts
