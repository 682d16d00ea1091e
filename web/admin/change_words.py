"""Changes of areas and organs in one sentence each, and the words around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from states.definition import Language
from states.errors import refusal_of
from web.errors import problem_of
from web.language import current_language, mark, translate
from workflow.reorganisation.plan import Plan

# The forms of a unit's page: its heading, and what its button says.
ACTS: Mapping[str, str] = {
    "rename": mark("改名"),
    "merge": mark("并入另一个"),
    "found": mark("合并新设"),
    "split": mark("分出一个新的"),
    "move": mark("划归另一乡镇"),
    "end": mark("撤销"),
}
FILTERS: Mapping[str, str] = {
    "rename": mark("改名"),
    "merge": mark("合并"),
    "split": mark("拆分"),
    "move": mark("划转"),
    "end": mark("撤销"),
}
STATUSES: Mapping[str, str] = {
    "proposed": mark("等第二人同意"),
    "waiting": mark("未到日子"),
    "done": mark("已办"),
    "withdrawn": mark("已撤回"),
    "set_aside": mark("已搁置"),
    "undone": mark("办后撤销"),
    "refused": mark("未获同意"),
}
_MANY = mark("、")
_SENTENCES: Mapping[str, str] = {
    "rename": mark("%(old)s改名为%(new)s"),
    "merge": mark("%(old)s并入%(new)s"),
    "found": mark("%(old)s合并为%(new)s"),
    "split": mark("%(old)s分出%(new)s"),
    "move": mark("%(old)s划归%(new)s"),
    "end": mark("%(old)s撤销"),
}


def sentence(plan: Plan, before: Sequence[str], into: str, language: Language | None = None) -> str:
    """What changes, with the names that the units have, or had when it was asked for; in the reader's language."""
    language = language or current_language()
    key = "found" if plan.what == "merge" and plan.into_id is None else plan.what
    comma = translate(_MANY, language)
    new = comma.join(part.name for part in plan.parts) if plan.parts else into
    return translate(_SENTENCES[key], language) % {"old": comma.join(before), "new": new}


def why_words(against: Mapping[str, Any]) -> str:
    """What stood against a change on its day."""
    problem = problem_of(refusal_of(against["code"], against["params"]))
    return translate(_MANY, current_language()).join(problem.reasons) or problem.title
