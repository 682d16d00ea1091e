"""The boxes of a scenario: the choices, flags and dates that it tells, a day for each clock, and the rungs that have acted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from config.writing import as_flow
from states.checks.scenarios import TOLD
from states.faults import Path, pointer_of
from states.schema.places import Place
from web.designer import names, words
from web.designer.boxes import Control, Group
from web.designer.names import Picks
from web.designer.saying import gettext
from web.designer.summaries import moment_words
from web.versions.naming import NO, YES

ANSWERS = (("Scenario", "facts"), ("ScenarioStep", "answers"))


def answers(document: Any, place: Place, value: Any, path: Path, control: Control) -> Control:
    """A box for each question of the opening, or of the step, that a scenario may tell."""
    told = value if isinstance(value, Mapping) else {}
    asked = list(_asked(document, place, path))
    needed = [_question(one) for one in asked if one.get("required") or one.get("key") in told]
    others = [_question(one) for one in asked if not one.get("required") and one.get("key") not in told]
    return _under(control, told, path, needed, others)


def days(document: Any, value: Any, path: Path, control: Control) -> Control:
    """A day for each clock of the kind."""
    boxes = [Control("day", key, "", title) for key, title in names.picks_of("clock", document)]
    return _under(control, value if isinstance(value, Mapping) else {}, path, boxes, [])


def _under(control: Control, told: Mapping[str, Any], path: Path, boxes: list[Control], folded: list[Control]) -> Control:
    """The boxes below one key; what stands there and nobody asks for has a box as well, so that it can be taken away."""
    known = {one.name for one in (*boxes, *folded)}
    strange = [Control("plain", str(key), "", str(key)) for key in told if key not in known]

    def placed(one: Control) -> Control:
        value = as_flow(told[one.name]) if one.kind == "plain" else told.get(one.name)
        return replace(one, name=f"{control.name}.{one.name}", pointer=pointer_of(*path, one.name), value=value)

    shown = tuple(map(placed, (*boxes, *strange)))
    groups = [Group(control.pointer, control.title, shown)] if shown or folded else []
    groups += [Group(control.pointer, gettext("其他可填的"), tuple(map(placed, folded)))] if folded else []
    return replace(control, kind="params", groups=tuple(groups))


def _asked(document: Any, place: Place, path: Path) -> Iterator[Mapping[str, Any]]:
    """The questions as they stand in the document, each key once."""
    if place.shape == "Scenario":
        found = [one for one in _listed(document, "fields") if one.get("required") or one.get("write")]
    else:
        found = list(_asked_by_step(document, names.thing_at(document, pointer_of(*path[:-1]))))
    seen = set()
    for one in found:
        if one.get("type", "text") in TOLD and not one.get("secret") and one.get("key") not in seen:
            seen.add(one.get("key"))
            yield one


def _asked_by_step(document: Any, step: Any) -> Iterator[Mapping[str, Any]]:
    for one in _listed(document, "transitions"):
        if isinstance(step, Mapping) and one.get("trigger") == step.get("do"):
            yield from _listed(one, "form")
            if one.get("grounds"):
                title = gettext(words.title_of("Call", "ground"))
                yield {"key": "ground", "title": title, "type": "choice", "choices": one["grounds"]}


def is_decided(document: Any, step: Any) -> bool:
    """Does a body decide on what is done in a step of a scenario?"""
    told = step.get("do") if isinstance(step, Mapping) else None
    return any(one.get("trigger") == told and one.get("decision") for one in _listed(document, "transitions"))


def _listed(document: Any, key: str) -> list[Mapping[str, Any]]:
    found = document.get(key) if isinstance(document, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _question(one: Mapping[str, Any]) -> Control:
    key, title = str(one["key"]), names.spoken(one.get("title", one["key"]))
    if one["type"] == "date":
        return Control("day", key, "", title)
    if one["type"] == "flag":
        return Control("one", key, "", title, options=(("true", gettext(YES)), ("false", gettext(NO))))
    picks = tuple((str(c.get("key")), names.spoken(c.get("title", c.get("key")))) for c in _listed(one, "choices"))
    return Control("several" if one["type"] == "choices" else "one", key, "", title, options=picks)


def rungs_beside(document: Any, path: Path) -> Picks:
    """What may be picked for the rung at a path: those that the clock told beside it climbs."""
    told = names.thing_at(document, pointer_of(*path[:-1]))
    return rungs(document, str(told.get("clock", "")) if isinstance(told, Mapping) else "")


def rungs(document: Any, clock: str) -> Picks:
    """The rungs that a clock may climb, with when they act and the colour that they give."""
    climbed = {str(one.get("ladder", "")) for one in _listed(document, "clocks") if one.get("key") == clock}
    found: dict[str, str] = {}
    for ladder in _listed(document, "ladders"):
        if ladder.get("key") not in climbed and not ("by_length" in climbed and ladder.get("key") in words.LENGTHS):
            continue
        tiers = ladder.get("tiers")
        for tier in tiers if isinstance(tiers, list) else ():
            for rung in tier if isinstance(tier, list) else ():
                if isinstance(rung, Mapping):
                    found.setdefault(str(rung.get("key")), _rung(rung))
    return tuple(found.items())


def _rung(rung: Mapping[str, Any]) -> str:
    told = gettext("%(when)s：%(what)s", when=moment_words(rung.get("at")), what=names.spoken(rung.get("title", "")))
    colour = names.list_titles("colours").get(str(rung.get("colour", "")))
    return gettext("%(what)s，显示为“%(colour)s”", what=told, colour=colour) if colour else told
