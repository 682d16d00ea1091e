"""One line of a preview in words, and who may do what under one version and no longer, or newly, under the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from states.definition import Definition, Language
from states.schema import dump
from web.versions.naming import Names, Titles
from web.versions.words import FATES, POISONS
from workflow.reads.rows import area_name
from workflow.reads.versions import Line
from workflow.tree import Tree
from workflow.versions.plan import STAY, Plan


@dataclass(frozen=True, slots=True)
class LineWords:
    """A line as it is read. `can_open`: the reader may see this very case."""

    case_id: int
    number: str
    township: str
    fate: str
    states: str
    due: tuple[date | None, date | None]
    what: str
    is_poisoned: bool
    can_open: bool


def line_of(line: Line, names: Names, tree: Tree, can_open: bool) -> LineWords:
    """Number, state, township, dates and counts, and never more."""
    said = line.said
    states = names.state(said["state"])
    if "to" in said:
        states = f"{states} → {names.state(said['to'])}"
    due = (_day(said["due"][0]), _day(said["due"][1])) if "due" in said else (None, None)
    what = gettext("；").join(_changes(line, names))
    place = area_name(tree, line.township_id) or gettext("县直和其他")
    poisoned = line.fate == "poisoned"
    return LineWords(line.case_id, line.number, place, gettext(FATES[line.fate]), states, due, what, poisoned, can_open)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _changes(line: Line, names: Names) -> Iterable[str]:
    said = line.said
    if line.why:
        yield gettext(POISONS.get(line.why, POISONS["broken"]))
    late = said.get("late")
    if late:
        yield gettext("转为逾期") if late[0] is None else gettext("不再逾期")
    joined = gettext("、").join
    if said.get("ended"):
        yield gettext("不再计时：%(clocks)s", clocks=joined(filter(None, map(names.clock, said["ended"]))))
    for old, new in said.get("renamed", ()):
        yield gettext("%(old)s改称%(new)s，接着计时", old=names.clock(old) or old, new=names.clock(new) or new)
    if said.get("begun"):
        yield gettext("开始计时：%(clocks)s", clocks=joined(filter(None, map(names.clock, said["begun"]))))
    if said.get("talks"):
        yield gettext("马上拟约谈")
    elif said.get("coming"):
        yield gettext("马上督促%(n)s次", n=len(said["coming"]))
    if said.get("skipped"):
        yield gettext("略过%(n)s次督促", n=said["skipped"])
    if said.get("missing"):
        labels = [names.tell("evidence_label", label) for label in said["missing"]]
        yield gettext("还差佐证：%(labels)s", labels=joined(labels))


@dataclass(frozen=True, slots=True)
class PostsChanged:
    """In a state, for a step: the posts that may newly do it and those that may no longer."""

    state: str
    step: str
    more: tuple[str, ...]
    less: tuple[str, ...]


def changed_posts(old: Definition, new: Definition, plan: Plan, titles: Titles, language: Language) -> tuple[PostsChanged, ...]:
    """Who may do what from each old state, before and after, as role and organ; the definitions alone say it."""
    before, after = dump(old), dump(new)
    names = Names(titles, language, after, before)
    found = []
    for state in old.states:
        if state.final or plan.when_in(state.key) == STAY or plan.state_for(state.key) not in new.state_by_key:
            continue
        was, now = _posts(before, state.key, names), _posts(after, plan.state_for(state.key), names)
        for trigger in dict.fromkeys([*was, *now]):
            more = tuple(post for post in now.get(trigger, ()) if post not in was.get(trigger, ()))
            less = tuple(post for post in was.get(trigger, ()) if post not in now.get(trigger, ()))
            if more or less:
                found.append(PostsChanged(state.title.in_(language), names.step(trigger), more, less))
    return tuple(found)


def _posts(document: dict[str, Any], state: str, names: Names) -> dict[str, list[str]]:
    return {
        step["trigger"]: list(dict.fromkeys(post for who in step["who"] for post in names.posts(who)))
        for step in document["transitions"]
        if state in step["from"]
    }
