"""What may be picked where a name stands: (name, words) in the order of the registry or of the document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from states.definition import ASKER, STAY
from states.faults import find_at, path_of
from states.schema.places import NAMED, Place
from web.configuration.words import MESSAGES
from web.current import office
from web.designer import words
from web.designer.saying import gettext
from web.language import current_language
from web.wiring import shipped_workflows
from workflow.versions import proving

Picks = tuple[tuple[str, str], ...]
REGISTRIES: Mapping[str, str] = {
    "role": "roles",
    "relation": "relations",
    "organ_kind": "organ_kinds",
    "separation": "separation",
    "evidence_label": "evidence_labels",
    "letter": "letters",
    "retention": "retentions",
    "rung": "rungs",
    "guard": "guards",
    "effect": "effects",
    "level": "levels",
}
# Closed lists of words by their key in the document.
LISTS: Mapping[str, str] = {"type": "field_types", "colour": "colours", "counts": "counts", "of": "relations", "may": "access"}
OWN_LISTS = {
    **{"tells": words.TELLS, "restart": words.RESTARTS, "not_after": words.BOUNDS, "not_before": words.BEGINNINGS},
    **{"quorum": words.SHARES, "favour": words.SHARES, "takes": words.TAKES, "format": words.FORMATS},
}


def spoken(told: Any) -> str:
    """A label of the vocabulary or of a document, in the reader's language; of whatever else, the text itself."""
    if isinstance(told, Mapping):
        inner = told.get("title", told)
        label = inner if isinstance(inner, Mapping) else {"zh-Hans": inner}
        return str(label.get(current_language()) or label.get("zh-Hans") or "")
    return str(told)


def picks_of(what: str, document: Any) -> Picks:
    """Everything that may be named as `what`."""
    titles = office().titles
    if what in REGISTRIES:
        return tuple((str(name), spoken(told)) for name, told in titles[REGISTRIES[what]].items())
    if what in NAMED:
        return tuple(named_in(document, what))
    own: dict[str, Callable[[], Iterable[tuple[str, str]]]] = {
        "target": lambda: ((STAY, gettext(words.SAME)), *named_in(document, "state")),
        "start": lambda: (("open", gettext(words.OPENING)), *named_in(document, "trigger")),
        "date_field": lambda: tuple(_of_type(document, ("date",))),
        "holder": lambda: tuple(_holders()),
        "owner": lambda: tuple(_owners()),
        "kind": lambda: tuple(_kinds(document)),
        "message": lambda: tuple((name, _name_of(name, spoken(told))) for name, told in titles["messages"].items()),
    }
    return tuple(own[what]()) if what in own else ()


def named_in(document: Any, what: str) -> Iterator[tuple[str, str]]:
    """The document's own states, verbs, facts, clocks or ladders; each key once."""
    listed, name = NAMED[what]
    seen = set()
    for thing in _listed(document, listed):
        key = thing.get(name)
        if isinstance(key, str) and key not in seen:
            seen.add(key)
            yield key, ladder_words(document, key) if what == "ladder" else spoken(thing.get("title") or key)


def ladder_words(document: Any, key: str) -> str:
    """A ladder has no title of its own: it is called after the clocks that climb it, or by the length that chooses it."""
    clocks = [spoken(clock.get("title", "")) for clock in _listed(document, "clocks") if clock.get("ladder") == key]
    length = gettext(words.LENGTHS[key]) if key in words.LENGTHS else key
    return gettext("、").join(filter(None, clocks)) or length


def _listed(document: Any, key: str) -> list[dict[str, Any]]:
    found = document.get(key) if isinstance(document, Mapping) else None
    return [thing for thing in found if isinstance(thing, dict)] if isinstance(found, list) else []


def _of_type(document: Any, types: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for thing in _listed(document, "fields"):
        if thing.get("type", "text") in types:
            yield str(thing.get("key")), spoken(thing.get("title", thing.get("key")))


def _holders() -> Iterator[tuple[str, str]]:
    titles = office().titles
    told = {**titles["relations"], **titles["holders"]}
    yield from ((name, spoken(told[name])) for name in ("keep", *sorted(office().words.holders - {"keep"})))


def _owners() -> Iterator[tuple[str, str]]:
    titles = office().titles
    for name in ("holder", "supervisor", "subject", "registrar", "interviewer", "interviewee"):
        yield name, spoken(titles["relations"][name])
    for above, said in words.ABOVE.items():
        for kind, told in titles["organ_kinds"].items():
            yield f"{above}:{kind}", gettext("%(above)s：%(kind)s", above=gettext(said), kind=spoken(told))


def _kinds(document: Any) -> Iterator[tuple[str, str]]:
    own = {str(document["key"]): document} if isinstance(document, Mapping) and "key" in document else {}
    known = kinds_known() | own
    yield from ((kind, spoken(told.get("title", kind))) for kind, told in known.items())


def kinds_known() -> dict[str, Mapping[str, Any]]:
    """The plain document of every kind that a definition may name: those that ship, and in their place those in force."""
    shipped = {kind: told.data for kind, told in shipped_workflows().items()}
    return shipped | office().database.read(proving.documents)


def _name_of(message: str, text: str) -> str:
    """What a message is called; one that has no name, by its first words."""
    return gettext(MESSAGES[message]) if message in MESSAGES else text[:24]


def list_titles(name: str) -> dict[str, str]:
    """Every word of a closed list of the vocabulary by its key."""
    return {str(key): spoken(told) for key, told in office().titles[name].items()}


def list_of(place: Place) -> Picks:
    """The words of a closed list."""
    if place.key in OWN_LISTS:
        return tuple((name, gettext(said)) for name, said in OWN_LISTS[place.key].items())
    told = office().titles[LISTS[place.key]]
    return tuple((name, spoken(told[name]) if name else "") for name in place.notation.choices)


def wheres() -> Picks:
    """Where a post may stand: a relation, a level, or above one, with the kind of organ."""
    titles = office().titles
    found = [(name, spoken(told)) for name, told in titles["relations"].items() if name != "none"]
    for above, said in (*words.ABOVE.items(), *((level, spoken(told)) for level, told in titles["area_levels"].items())):
        for kind, told in titles["organ_kinds"].items():
            if above in words.ABOVE or told["level"] == above:
                found.append((f"{above}:{kind}", gettext("%(above)s：%(kind)s", above=gettext(said), kind=spoken(told))))
    return tuple(found)


def post_words(post: str) -> str:
    """A post in words: 主要负责人（承办单位）."""
    if post == ASKER:
        return gettext(words.WHO_ASKED)
    role, _, where = post.partition("@")
    titles = office().titles["roles"]
    place = dict(wheres()).get(where)
    if role not in titles or place is None:
        return post
    return gettext("%(where)s的%(role)s", where=place, role=spoken(titles[role]))


def looks_of(document: Any) -> Picks:
    """Every value of a fact that a limit or a start may look at, as `fact=value`."""
    found = []
    for thing in _listed(document, "fields"):
        key, title = str(thing.get("key")), spoken(thing.get("title", thing.get("key")))
        if thing.get("type") == "flag":
            found += [(f"{key}=true", f"{title}：{gettext('是')}"), (f"{key}=false", f"{title}：{gettext('否')}")]
        for choice in _listed(thing, "choices") if thing.get("type") == "choice" else []:
            found.append((f"{key}={choice.get('key')}", f"{title}：{spoken(choice.get('title', choice.get('key')))}"))
    return tuple(found)


def thing_at(document: Any, pointer: str) -> Any:
    """What stands at a pointer, or None."""
    return find_at(document, path_of(pointer))
