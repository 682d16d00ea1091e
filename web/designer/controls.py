"""The boxes of a panel: one for each key of a shape, with what is in it and what may be picked, whatever state the draft is in.

A value of another type than its place takes is shown as text of the definition, so that nothing written is hidden or lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from config.writing import as_flow
from states.faults import Path, pointer_of
from states.schema.notation import (
    SAY,
    CallOf,
    ConditionOf,
    Day,
    Days,
    Flag,
    GuardOf,
    Label,
    LimitOf,
    Many,
    OneOf,
    Part,
    Plain,
    Roll,
    Whole,
    default_of,
)
from states.schema.places import Place, entry_of, name_of, place_at, places_of
from web.designer import names, parameters, scene_boxes, words
from web.designer.boxes import Control, Group
from web.designer.names import Picks
from web.designer.saying import gettext
from web.designer.summaries import summary

# Shapes that have a panel of their own; all others stand within the panel of what they belong to.
APART = ("State", "Transition", "Field", "Clock", "Ladder", "Rung", "Rule", "Scenario")
# What is listed beside the panel of the kind itself: scenarios where it is told how they came out, all else in the outline.
LISTED = ("states", "transitions", "fields", "clocks", "ladders", "rules", "scenarios")


def controls_at(document: Any, path: Path) -> tuple[Control, ...]:
    """The boxes of the part at a path; none where nothing of ours stands."""
    place = place_at(path)
    value = names.thing_at(document, pointer_of(*path))
    if place is None or value is None:
        return ()
    if place.made is not None:
        return tuple(_of_shape(document, place, value, path, ""))
    if place.key == "tiers" and isinstance(place.notation, Many):
        return (_links(document, place, value, path, "rungs", "tiers"),)
    return ()


def _of_shape(document: Any, place: Place, value: Any, path: Path, prefix: str) -> Iterator[Control]:
    assert place.made is not None, "only a shape has keys"
    # The key is for programs, and stands last.
    for key, inner in sorted(places_of(place.made).items(), key=lambda told: told[0] == "key"):
        if (key == "key" and _is_renamed(path)) or (key == "counted" and "grounds" not in path):
            continue
        if (not path and key in LISTED) or (key == "trigger" and inner.shape == "Transition"):
            continue
        here = value.get(key) if isinstance(value, Mapping) else None
        if (inner.shape, key) == ("ScenarioStep", "vote") and here is None and not scene_boxes.is_decided(document, value):
            continue
        control = _control(document, inner, here, (*path, key), f"{prefix}{key}")
        default = _default(place.made, inner) if control.kind == "flag" else control.default
        yield replace(control, is_required=inner.notation.required, default=default)


def _is_renamed(path: Path) -> bool:
    """A key that others name is changed with all its mentions; the kind's own key never changes."""
    return not path or (len(path) == 2 and path[0] in ("states", "fields", "clocks", "ladders"))


def _default(made: Any, place: Place) -> Any:
    attribute = place.notation.attribute or next(
        name for name, shown in made.load_fields.items() if (shown.data_key or name) == place.key
    )
    return default_of(made.made, attribute)


def _control(document: Any, place: Place, value: Any, path: Path, name: str) -> Control:
    control = Control(
        kind="words",
        name=name,
        pointer=pointer_of(*path),
        title=gettext(words.title_of(place.shape, place.key)),
        hint=gettext(hint) if (hint := words.hint_of(place.shape, place.key)) else "",
        value=value,
    )
    found = _fitted(document, place, value, path, control)
    if not _fits(found.kind, value):
        return replace(control, kind="plain", value=as_flow(value))
    return found


_EXPECTED: Mapping[str, tuple[type, ...]] = {
    "words": (str,),
    "long": (str,),
    "one": (str, int),
    "day": (str,),
    "label": (str, dict),
    "flag": (bool, str),
    "whole": (int,),
    "wholes": (list,),
    "limit": (str,),
    "several": (list,),
    "posts": (list,),
    "looks": (dict,),
    "entries": (list,),
    "links": (list,),
    "calls": (list,),
    "part": (dict,),
    "call": (str, dict),
    "params": (dict,),
    "plain": (str,),
}


def _fits(kind: str, value: Any) -> bool:
    if value is None:
        return True
    is_text = kind in ("several", "posts") and isinstance(value, list) and not all(isinstance(one, str | int) for one in value)
    is_deep = kind == "entries" and isinstance(value, list) and not all(isinstance(one, dict) for one in value)
    return isinstance(value, _EXPECTED[kind]) and not is_text and not is_deep


def _fitted(document: Any, place: Place, value: Any, path: Path, control: Control) -> Control:
    notation = place.notation
    if isinstance(notation, Many):
        return _many(document, place, value, path, control)
    if isinstance(notation, Part):
        made = Place(place.shape, place.key, notation)
        groups = (_group(document, made, value, path, f"{control.name}."),) if isinstance(value, Mapping) else ()
        return replace(control, kind="part", groups=groups, thing=type(notation.schema).__name__.removesuffix("Schema"))
    if isinstance(notation, ConditionOf | CallOf):
        registry = "guard" if isinstance(notation, ConditionOf) else "effect"
        groups = (_call(document, registry, value, path, f"{control.name}."),) if value is not None else ()
        return replace(control, kind="call", groups=groups, thing=place.key)
    if isinstance(notation, Days):
        return scene_boxes.days(document, value, path, control)
    if isinstance(notation, Plain):
        return _plain(document, place, value, path, control)
    if isinstance(notation, Day):
        return replace(control, kind="day")
    if (place.shape, place.key) == ("ExpectedRung", "rung"):
        return replace(control, kind="one", options=scene_boxes.rungs_beside(document, path))
    return _single(document, place, control)


def _single(document: Any, place: Place, control: Control) -> Control:
    notation = place.notation
    if isinstance(notation, Label):
        return replace(control, kind="label")
    if isinstance(notation, Flag):
        return replace(control, kind="flag", value=control.value != "none" if isinstance(notation, Roll) else control.value)
    if isinstance(notation, OneOf):
        return replace(control, kind="one", options=names.list_of(place))
    if isinstance(notation, LimitOf):
        return replace(control, kind="limit", default="none" if notation.or_none else None)
    if isinstance(notation, Whole):
        if place.key == "level":
            return replace(control, kind="one", options=names.picks_of("level", document))
        return replace(control, kind="whole")
    if place.refers == "post":
        return replace(control, kind="one", options=_posts(control.value))
    if place.refers == "ladder":
        own = (("by_length", gettext(words.BY_LENGTH)), *names.picks_of("ladder", document))
        return replace(control, kind="one", options=own)
    if place.refers:
        return replace(control, kind="one", options=names.picks_of(place.refers, document))
    return control


def _posts(value: Any) -> Picks:
    """The posts of the six most common relations, and the one that is there."""
    posts = [f"{role}@{where}" for where in ("holder", "supervisor", "subject") for role in ("head", "deputy", "handler")]
    found = [*posts, *([value] if isinstance(value, str) and value not in posts else [])]
    return tuple((post, names.post_words(post)) for post in found)


def _many(document: Any, place: Place, value: Any, path: Path, control: Control) -> Control:
    inner = entry_of(place)
    if inner.made is not None:
        thing = name_of(inner.made)
        if thing in APART:
            return _links(document, place, value, path, control.name, _thing(place, thing))
        groups = tuple(
            _group(document, inner, one, (*path, index), f"{control.name}.{index}.")
            for index, one in enumerate(value if isinstance(value, list) else ())
        )
        return replace(control, kind="entries", groups=groups, thing=_thing(place, thing))
    if isinstance(inner.notation, ConditionOf | CallOf):
        registry = "guard" if isinstance(inner.notation, ConditionOf) else "effect"
        groups = tuple(
            _call(document, registry, one, (*path, index), f"{control.name}.{index}.", isinstance(inner.notation, GuardOf))
            for index, one in enumerate(value if isinstance(value, list) else ())
        )
        return replace(control, kind="calls", groups=groups, thing=place.key)
    if isinstance(inner.notation, Many):
        return _links(document, place, value, path, control.name, "tiers")
    if isinstance(inner.notation, Whole):
        return replace(control, kind="wholes")
    if place.refers == "post":
        return replace(control, kind="posts", options=tuple((one, names.post_words(str(one))) for one in value or ()))
    return replace(control, kind="several", options=names.picks_of(place.refers, document))


def _thing(place: Place, shape: str) -> str:
    return {"form": "question", "columns": "column", "grounds": "ground"}.get(place.key, shape)


def _links(document: Any, place: Place, value: Any, path: Path, name: str, thing: str) -> Control:
    title = gettext(words.title_of(place.shape, place.key))
    links = []
    for index, one in enumerate(value if isinstance(value, list) else ()):
        pointer = pointer_of(*path, index)
        told = gettext("第%(n)s级", n=index + 1) if isinstance(one, list) else summary(one, document)
        links.append((pointer, told))
        links += [
            (f"{pointer}/{at}", f"　{summary(rung, document)}") for at, rung in enumerate(one if isinstance(one, list) else ())
        ]
    return Control("links", name, pointer_of(*path), title, value=value, links=tuple(links), thing=thing)


def _group(document: Any, place: Place, value: Any, path: Path, prefix: str) -> Group:
    controls = tuple(_of_shape(document, place, value, path, prefix))
    return Group(pointer_of(*path), summary(value, document), controls)


# ---- calls of a registry ----------------------------------------------------------------------------------------------


def _call(document: Any, registry: str, value: Any, path: Path, prefix: str, may_say: bool = False) -> Group:
    """A guard or an effect: its name, a box for each thing that it takes, and one for what it says where it does not hold."""
    name, inner = parameters.called(value)
    options = names.picks_of(registry, document)
    if registry == "guard":
        options = (*((key, gettext(said)) for key, said in words.COMBINATIONS.items()), *options)
    pick = Control("one", f"{prefix}name", pointer_of(*path), gettext("做什么") if registry == "effect" else gettext("条件"))
    controls = [replace(pick, value=name, options=options, is_required=True)]
    under = (*path, name)
    if registry == "guard" and name in words.COMBINATIONS:
        parts = [((*under, index), one) for index, one in enumerate(inner)] if isinstance(inner, list) else [(under, inner)]
        groups = tuple(_call(document, "guard", one, at, f"{prefix}parts.{n}.") for n, (at, one) in enumerate(parts) if one)
        title = gettext(words.COMBINATIONS[name])
        controls.append(
            Control("calls", f"{prefix}parts", pointer_of(*under), title, value=inner, groups=groups, thing="guards")
        )
    else:
        controls += _parameters(document, registry, name, inner, under, prefix)
    if may_say:
        said = value.get(SAY) if isinstance(value, Mapping) else None
        title = gettext(words.title_of("Guard", SAY))
        controls.append(Control("label", f"{prefix}{SAY}", pointer_of(*path, SAY), title, value=said))
    return Group(pointer_of(*path), dict(options).get(name, name), tuple(controls))


def _parameters(document: Any, registry: str, name: str, value: Any, path: Path, prefix: str) -> Iterator[Control]:
    given = value if isinstance(value, Mapping) else {}
    for key, parameter in parameters.taken(registry, name).items():
        control = Control(
            kind=parameters.kind_of(key, parameter),
            name=f"{prefix}{key}",
            pointer=pointer_of(*path, key),
            title=gettext(words.title_of("Call", key)),
            value=given.get(key),
            is_required=parameter.required,
        )
        found = parameters.with_picks(control, key, document, path, given)
        yield found if _fits(found.kind, control.value) else replace(found, kind="plain", value=as_flow(control.value))


def _plain(document: Any, place: Place, value: Any, path: Path, control: Control) -> Control:
    if (place.shape, place.key) in scene_boxes.ANSWERS:
        return scene_boxes.answers(document, place, value, path, control)
    if place.key == "params":
        around = names.thing_at(document, pointer_of(*path[:-1]))
        name = str(around.get("do", "")) if isinstance(around, Mapping) else ""
        inner = tuple(_parameters(document, "rung", name, value, path, f"{control.name}."))
        return replace(control, kind="params", groups=(Group(control.pointer, control.title, inner),) if inner else ())
    if place.key == "when" and place.shape in ("LimitRow", "Start"):
        return replace(control, kind="looks", options=names.looks_of(document))
    return replace(control, kind="plain", value=as_flow(value) if value else None)
