"""One line of a preview in words, and who may do what under one version and no longer, or newly, under the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import gettext

from states.definition import Definition, Language
from states.schema import dump
from web.formatting import full_day
from web.language import current_language
from web.versions.naming import Names, Titles
from web.versions.words import FATES, POISONS
from workflow.definitions import Served
from workflow.reads.rows import area_name
from workflow.reads.versions import Line
from workflow.tree import Tree
from workflow.versions.permitted import Post, Right, changed
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
    if what and line.fate == "follows":
        what = gettext("下一步若在今天办：%(what)s", what=what)
    place = area_name(tree, line.township_id) or gettext("县直和其他")
    poisoned = line.fate == "poisoned"
    return LineWords(line.case_id, line.number, place, gettext(FATES[line.fate]), states, due, what, poisoned, can_open)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _day_words(text: str | None) -> str:
    on = _day(text)
    return full_day(on, language=current_language()) if on else gettext("没有")


def _changes(line: Line, names: Names) -> Iterator[str]:
    said = line.said
    if line.why:
        yield gettext(POISONS.get(line.why, POISONS["broken"]))
    late = said.get("late")
    if late:
        yield gettext("转为逾期") if late[0] is None else gettext("不再逾期")
    yield from _of_clocks(said, names)
    yield from _of_rungs(said, names)
    joined = gettext("、").join
    if said.get("missing"):
        labels = [names.tell("evidence_label", label) for label in said["missing"]]
        yield gettext("还差佐证：%(labels)s", labels=joined(labels))
    if said.get("rights"):
        yield gettext("权限有变：%(rights)s", rights=joined(names.right(Right(*right)) for right in said["rights"]))


def _of_clocks(said: Mapping[str, Any], names: Names) -> Iterator[str]:
    joined = gettext("、").join
    if said.get("ended"):
        yield gettext("不再计时：%(clocks)s", clocks=joined(filter(None, map(names.clock, said["ended"]))))
    for old, new in said.get("renamed", ()):
        yield gettext("%(old)s改称%(new)s，接着计时", old=names.clock(old) or old, new=names.clock(new) or new)
    if said.get("begun"):
        yield gettext("开始计时：%(clocks)s", clocks=joined(filter(None, map(names.clock, said["begun"]))))
    for clock, was, on in said.get("dated", ()):
        if [was, on] != said.get("due"):  # which stands in a column of its own
            dates = {"was": _day_words(was), "now": _day_words(on)}
            yield gettext("%(clock)s的期限：%(was)s → %(now)s", clock=names.clock(clock) or clock, **dates)
    for clock, _was, now in said.get("owned", ()):
        yield gettext("%(clock)s改由%(owner)s负责", clock=names.clock(clock), owner=names.place(now))


def _of_rungs(said: Mapping[str, Any], names: Names) -> Iterator[str]:
    if said.get("talks"):
        yield gettext("马上拟约谈")
    elif said.get("coming"):
        yield gettext("马上督促%(n)s次", n=len(said["coming"]))
    if said.get("skipped"):
        yield gettext("略过%(n)s次督促", n=said["skipped"])
    coming = {clock for clock, _rung in said.get("coming", ())}
    for clock, was, now in said.get("pressed", ()):
        if clock not in coming:
            told = {"clock": names.clock(clock), "was": names.next_rung(was), "now": names.next_rung(now)}
            yield gettext("%(clock)s的下一步督促：%(was)s → %(now)s", **told)


@dataclass(frozen=True, slots=True)
class PostsChanged:
    """In a state, for a step or for reading: the posts that may newly do it and those that may no longer.

    `versions` are the numbers of the versions whose cases it is about, empty where it is about all of them.
    """

    state: str
    step: str
    more: tuple[str, ...]
    less: tuple[str, ...]
    versions: tuple[int, ...] = ()


def changed_posts(
    olds: Sequence[Served], new: Definition, plan: Plan, titles: Titles, language: Language
) -> list[PostsChanged]:
    """Who may do what from each state of each old version, before and after, as role and organ; the definitions say it."""
    names = Names(titles, language, dump(new), *(dump(old.definition) for old in olds))
    found: dict[PostsChanged, list[int]] = {}
    for old in olds:
        for one in _changed_from(old.definition, new, plan, names):
            found.setdefault(one, []).append(old.number)
    every = {old.number for old in olds}
    return [replace(one, versions=() if set(told) == every else tuple(sorted(told))) for one, told in found.items()]


def _changed_from(old: Definition, new: Definition, plan: Plan, names: Names) -> Iterator[PostsChanged]:
    for state in old.states:
        target = plan.state_for(state.key)
        if state.final or plan.when_in(state.key) == STAY or target not in new.state_by_key:
            continue
        for right, (more, less) in changed(old, state.key, new, target).items():
            yield PostsChanged(names.state(state.key), names.right(right), _told(more, names), _told(less, names))


def _told(posts: Iterable[Post], names: Names) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names.held(post) for post in sorted(posts)))
