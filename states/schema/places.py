"""What may stand at each place of a document: the shape around it, its notation, and what a name there names.

For whoever edits a document part by part. A document that is faulty has its places all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from states.definition import STAY
from states.faults import Path
from states.schema.notation import COMBINATIONS, SAY, CallOf, ConditionOf, Days, Many, Part, Plain, Shape
from states.schema.shapes import DefinitionSchema
from states.vocabulary import NAMES

_ROOT = DefinitionSchema()

# (shape, key) → what the name, or each name of the list, names. Places of calls' parameters are told by `vocabulary.NAMES`.
REFERS: Mapping[tuple[str, str], str] = {
    ("Definition", "parents"): "kind",
    ("Definition", "holder_at_open"): "holder",
    ("Definition", "retention"): "retention",
    ("Weight", "retention"): "retention",
    ("Who", "roles"): "role",
    ("Who", "relations"): "relation",
    ("Who", "organs"): "organ_kind",
    ("Access", "relation"): "relation",
    ("Access", "organs"): "organ_kind",
    ("Access", "in"): "state",
    ("Consent", "asked_by"): "trigger",
    ("Consent", "given_by"): "trigger",
    ("Consent", "refused_by"): "trigger",
    ("Consent", "withdrawn_by"): "trigger",
    ("Consent", "taken_back_by"): "trigger",
    ("Consent", "step"): "field",
    ("Consent", "stands"): "field",
    ("Scenario", "subject"): "organ_kind",
    ("ScenarioStep", "do"): "trigger",
    ("ScenarioStep", "to"): "organ_kind",
    ("Expectation", "state"): "state",
    ("ExpectedRung", "clock"): "clock",
    ("Field", "write"): "relation",
    ("Field", "opens"): "relation",
    ("Field", "kinds"): "organ_kind",
    ("Suggestion", "post"): "post",
    ("Transition", "from"): "state",
    ("Transition", "to"): "target",
    ("Transition", "holder"): "holder",
    ("Transition", "separate"): "separation",
    ("Approval", "roles"): "role",
    ("Approval", "relation"): "relation",
    ("Approval", "later"): "clock",
    ("Decision", "roles"): "role",
    ("Decision", "relation"): "relation",
    ("Evidence", "labels"): "evidence_label",
    ("LabelRule", "label"): "evidence_label",
    ("Clock", "runs_in"): "state",
    ("Clock", "stands_in"): "state",
    ("Clock", "settled_by"): "trigger",
    ("Clock", "restarted_by"): "trigger",
    ("Clock", "owner"): "owner",
    ("Clock", "ladder"): "ladder",
    ("Start", "on"): "start",
    ("Start", "date_field"): "date_field",
    ("LimitRow", "date_field"): "date_field",
    ("Extension", "opinion"): "trigger",
    ("Proof", "label"): "evidence_label",
    ("Rung", "do"): "rung",
    ("Rung", "to"): "post",
    ("Rule", "do"): "rung",
    ("Rule", "to"): "post",
    ("Interview", "joinable_in"): "state",
    ("Interview", "consent_in"): "state",
    ("Interview", "held_in"): "state",
    ("Interview", "withdrawn_by"): "trigger",
    ("Interview", "notice"): "letter",
}
# The things of a document that others name: kind → (list of the document, key of its name).
NAMED: Mapping[str, tuple[str, str]] = {
    "state": ("states", "key"),
    "trigger": ("transitions", "trigger"),
    "field": ("fields", "key"),
    "clock": ("clocks", "key"),
    "ladder": ("ladders", "key"),
}
_LOOKS = ("LimitRow", "Start", "Weight")
_BESIDE = ("required_when", "fits_when")
_SAME = {"target": "state", "start": "trigger", "date_field": "field"}


@dataclass(frozen=True, slots=True)
class Place:
    """The notation that a place has, and the shape and key it is of; a list's entry is of the list's key."""

    shape: str
    key: str
    notation: Any

    @property
    def refers(self) -> str:
        """What a name here names, or ""."""
        return REFERS.get((self.shape, self.key), "")

    @property
    def made(self) -> Shape | None:
        """The shape of a mapping that stands here."""
        shape = self.notation.schema if isinstance(self.notation, Part) else None
        return shape if isinstance(shape, Shape) else None


def name_of(shape: Shape) -> str:
    """The short name of a shape: Transition, Clock …"""
    return type(shape).__name__.removesuffix("Schema")


def places_of(shape: Shape) -> dict[str, Place]:
    """The places of a shape by their keys, in the order in which they are told."""
    name = name_of(shape)
    return {(shown.data_key or key): Place(name, shown.data_key or key, shown) for key, shown in shape.load_fields.items()}


def root_places() -> dict[str, Place]:
    """The places of the whole document."""
    return places_of(_ROOT)


def entry_of(place: Place) -> Place:
    """The place of a list's entries."""
    return Place(place.shape, place.key, place.notation.inner)


def place_at(path: Path) -> Place | None:
    """What may stand at a path; None where nothing of ours can."""
    place: Place | None = Place("Definition", "", Part(DefinitionSchema))
    for part in path:
        if place is None:
            return None
        place = _inside(place, part)
    return place


def _inside(place: Place, part: str | int) -> Place | None:
    if place.made is not None:
        return places_of(place.made).get(str(part))
    if isinstance(place.notation, Many):
        return entry_of(place) if isinstance(part, int) else None
    if isinstance(place.notation, ConditionOf) and (isinstance(part, int) or part in COMBINATIONS):
        return place  # all, any and not hold conditions again
    return None


def mentions(document: Any) -> Iterator[tuple[Path, str, str]]:
    """Every name of a state, verb, fact, clock or ladder that stands somewhere: (path, what it names, the name)."""
    yield from _mentions(document, Place("Definition", "", Part(DefinitionSchema)), ())
    yield from _steps_asked_for(document)


def calls(document: Any) -> Iterator[tuple[Path, str, str]]:
    """Every guard, effect and rung that a document calls, whatever else of it is faulty: (path, what it names, the name)."""
    yield from _calls(document, Place("Definition", "", Part(DefinitionSchema)), ())


def _calls(value: Any, place: Place, path: Path) -> Iterator[tuple[Path, str, str]]:
    if place.made is not None:
        inner = places_of(place.made)
        for key, part in value.items() if isinstance(value, Mapping) else ():
            if key in inner:
                yield from _calls(part, inner[key], (*path, key))
    elif isinstance(place.notation, Many):
        for index, part in enumerate(value if isinstance(value, list) else ()):
            yield from _calls(part, entry_of(place), (*path, index))
    elif isinstance(place.notation, ConditionOf):
        yield from _guards(value, path)
    elif isinstance(place.notation, CallOf) or place.refers == "rung":
        what = "effect" if isinstance(place.notation, CallOf) else "rung"
        names = value if isinstance(value, Mapping) else (value,)
        yield from ((path, what, name) for name in names if isinstance(name, str))


def _guards(value: Any, path: Path) -> Iterator[tuple[Path, str, str]]:
    told: Mapping[Any, Any] = value if isinstance(value, Mapping) else {value: None} if isinstance(value, str) else {}
    for name, rest in told.items():
        if name in COMBINATIONS:
            inside = (*path, name)
            parts = [((*inside, n), part) for n, part in enumerate(rest)] if isinstance(rest, list) else [(inside, rest)]
            for place, part in parts:
                yield from _guards(part, place)
        elif isinstance(name, str) and name != SAY:
            yield path, "guard", name


def _steps_asked_for(document: Any) -> Iterator[tuple[Path, str, str]]:
    """The choices of the fact that names the step whose approval is asked for: each is a trigger."""
    rule: Mapping[str, Any] = (document.get("consent") if isinstance(document, Mapping) else None) or {}
    step = rule.get("step")
    if step is None:
        return
    # A question that both the request and the step ask is named by its key, as the fact that it fills.
    yield from ((("consent", "bound", n), "field", key) for n, key in enumerate(rule.get("bound") or ()))
    asked: list[tuple[Path, Any]] = [(("fields", n), one) for n, one in enumerate(document.get("fields") or ())]
    for n, transition in enumerate(document.get("transitions") or ()):
        asked += [(("transitions", n, "form", at), one) for at, one in enumerate(transition.get("form") or ())]
    for path, question in asked:
        if question.get("key") == step:
            for at, choice in enumerate(question.get("choices") or ()):
                yield (*path, "choices", at, "key"), "trigger", str(choice.get("key"))


def _mentions(value: Any, place: Place, path: Path) -> Iterator[tuple[Path, str, str]]:
    if place.made is not None:
        inner = places_of(place.made)
        for key, part in value.items() if isinstance(value, Mapping) else ():
            if key in inner:
                yield from _mentions(part, inner[key], (*path, key))
    elif isinstance(place.notation, Many):
        for index, part in enumerate(value if isinstance(value, list) else ()):
            yield from _mentions(part, entry_of(place), (*path, index))
    elif isinstance(place.notation, ConditionOf | CallOf):
        yield from _called(value, path)
    elif isinstance(place.notation, Plain | Days):
        yield from _plain(value, place, path)
    elif isinstance(value, str) and value != STAY:
        what = _SAME.get(place.refers, place.refers)
        if what in NAMED:
            yield path, what, value


def _called(value: Any, path: Path) -> Iterator[tuple[Path, str, str]]:
    if not isinstance(value, Mapping):
        return
    for name, inner in value.items():
        for index, part in enumerate(inner if isinstance(inner, list) else ()):
            yield from _called(part, (*path, name, index))
        if name == "not":
            yield from _called(inner, (*path, name))
        elif isinstance(inner, Mapping):
            yield from _parameters(inner, (*path, name))


def _parameters(params: Mapping[Any, Any], path: Path) -> Iterator[tuple[Path, str, str]]:
    for key, value in params.items():
        what = NAMES.get(str(key), "")
        named = value if isinstance(value, list) else [value]
        for index, name in enumerate(named):
            if what in NAMED and isinstance(name, str):
                yield (*path, key, *((index,) if isinstance(value, list) else ())), what, name


def _plain(value: Any, place: Place, path: Path) -> Iterator[tuple[Path, str, str]]:
    if not isinstance(value, Mapping):
        return
    if isinstance(place.notation, Days):
        yield from (((*path, key), "clock", str(key)) for key in value)
    elif place.key in ("facts", "answers") and place.shape in ("Scenario", "ScenarioStep"):
        yield from (((*path, key), "field", str(key)) for key in value)
    elif (place.key == "when" and place.shape in _LOOKS) or (place.key in _BESIDE and path[0] == "fields"):
        # The facts that are looked at are the keys themselves; elsewhere these are the questions beside.
        yield from (((*path, key), "field", str(key)) for key in value)
    elif place.key == "params":
        yield from _parameters(value, path)
