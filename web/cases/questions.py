"""The questions of registering, laid out: those that count stand open, what may stay empty folds, by the room that it takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from states.definition import Definition, Field
from web.language import mark

# Title of a fold → the types of question in it; the first takes every other type. A phone shows none whole, so none is long.
FOLDS: dict[str, tuple[str, ...]] = {
    mark("更多内容：日期、人员和金额"): (),
    mark("更多内容：分类和选项"): ("choice", "flag"),
    mark("更多内容：文字说明"): ("long_text",),
    mark("更多内容：多选和清单"): ("choices", "rows"),
}
NAMED = frozenset(kind for kinds in FOLDS.values() for kind in kinds)


@dataclass(frozen=True, slots=True)
class Fold:
    """Questions that may stay empty; `title` is a message id. It is open where there is something to see in it."""

    title: str
    questions: tuple[Field, ...]
    is_open: bool


def laid_out(
    definition: Definition, fields: Sequence[Field], typed: Mapping[str, Any], faults: Collection[str]
) -> tuple[tuple[Field, ...], tuple[Fold, ...]]:
    """What must be answered or chooses a limit, and the folds of the rest. `faults` are names as posted ("people/0/name")."""
    wrong = {name.split("/")[0] for name in faults}
    first = tuple(one for one in fields if one.required or one.key in definition.dating_facts)
    rest = [one for one in fields if one not in first and one.key != "old_number"]
    folds = []
    for title, kinds in FOLDS.items():
        inside = tuple(one for one in rest if (one.type in kinds if kinds else one.type not in NAMED))
        if inside:
            folds.append(Fold(title, inside, any(typed.get(one.key) or one.key in wrong for one in inside)))
    return first, tuple(folds)
