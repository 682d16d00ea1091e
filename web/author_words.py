"""Every name that a definition may use, with its words and what it takes: read from the registries, never written twice.

`duban workflow words` prints them, and docs/workflows.md holds the same table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from states.schema.shapes import COLOURS, COUNTED, COUNTS, FIELD_TYPES
from states.vocabulary import Signature, Vocabulary

Titles = Mapping[str, Any]
# Where the part of docs/workflows.md begins and ends that this module makes.
OPENING, CLOSING = "<!-- duban workflow words --format markdown -->", "<!-- end of the words -->"


# Group → where its names stand in a definition, for the terminal and for the guide.
GROUPS: Mapping[str, tuple[str, str]] = {
    "effects": ("动作（effects）", "Effects"),
    "guards": ("条件（guards）", "Guards"),
    "rungs": ("梯级动作（do）", "What a rung or a rule does (`do`)"),
    "messages": ("消息（message）", "Messages"),
    "letters": ("文书（letter）", "Letters"),
    "evidence_labels": ("佐证材料（labels）", "Labels of evidence"),
    "retentions": ("保管期限（retention）", "Retention classes (`retention`)"),
    "roles": ("角色（roles）", "Roles"),
    "relations": ("关系（relations）", "Relations"),
    "organ_kinds": ("机构类型（organs、kinds）", "Kinds of organs"),
    "area_levels": ("层级", "Levels of organs"),
    "levels": ("知悉级别（level）", "Levels of confidentiality (`level`)"),
    "holders": ("承办去向（holder）", "Holders after a step (`holder`)"),
    "separation": ("回避规则（separate）", "Separation (`separate`)"),
    "access": ("知情权限（may）", "Access (`may`)"),
    "field_types": ("栏目类型（type）", "Types of fields"),
    "colours": ("颜色（colour）", "Colours of rungs (`colour`)"),
    "counts": ("规则数什么（counts）", "What a rule counts (`counts`)"),
    "of": ("规则按谁数（of）", "Over what it counts (`of`)"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """One name: `label` in simplified Chinese, `takes` its parameters (those in square brackets may be left out)."""

    name: str
    label: str
    takes: str = ""


def words_of(titles: Titles, vocabulary: Vocabulary) -> dict[str, tuple[Word, ...]]:
    """Group → its names, in the order in which the vocabulary or the registry lists them."""
    places = {**titles["relations"], **titles["holders"]}
    return {
        "effects": _functions(vocabulary.effects, titles["effects"]),
        "guards": _functions(vocabulary.guards, titles["guards"]),
        "rungs": _functions(vocabulary.rungs, titles["rungs"]),
        "messages": tuple(Word(key, told["zh-Hans"]) for key, told in titles["messages"].items()),
        "letters": _plain(titles["letters"], titles["letters"]),
        "evidence_labels": _plain(titles["evidence_labels"], titles["evidence_labels"]),
        "retentions": tuple(Word(key, told["title"]["zh-Hans"]) for key, told in titles["retentions"].items()),
        "roles": _plain(titles["roles"], titles["roles"]),
        "relations": _plain(titles["relations"], titles["relations"]),
        "organ_kinds": tuple(Word(key, _label(told), f"level {told['level']}") for key, told in titles["organ_kinds"].items()),
        "area_levels": _plain(vocabulary.levels, titles["area_levels"]),
        "levels": tuple(Word(str(key), _label(told)) for key, told in titles["levels"].items()),
        "holders": _plain(sorted(vocabulary.holders), places),
        "separation": _plain(sorted(vocabulary.separation), titles["separation"]),
        "access": _plain(titles["access"], titles["access"]),
        "field_types": _plain(FIELD_TYPES, titles["field_types"]),
        "colours": _plain(filter(None, COLOURS), titles["colours"]),
        "counts": _plain(COUNTS, titles["counts"]),
        "of": _plain(COUNTED, titles["relations"]),
    }


def _functions(known: Mapping[str, Signature], titles: Titles) -> tuple[Word, ...]:
    return tuple(Word(name, _label(titles.get(name, {})), takes_of(signature)) for name, signature in known.items())


def _plain(names: Iterable[str], titles: Titles) -> tuple[Word, ...]:
    return tuple(Word(name, _label(titles[name])) for name in names)


def _label(told: Mapping[str, Any]) -> str:
    return str(told.get("title", told).get("zh-Hans", ""))


def takes_of(signature: Signature) -> str:
    """The parameters with their types; what may be left out stands in square brackets."""
    return ", ".join(
        f"{name}: {one.type}" if one.required else f"[{name}: {one.type}]" for name, one in signature.parameters.items()
    )


def as_text(words: Mapping[str, tuple[Word, ...]]) -> str:
    """The names as a person reads them on a terminal."""
    lines: list[str] = []
    for group, found in words.items():
        lines += [*([""] if lines else []), GROUPS[group][0]]
        lines += [f"  {word.name}\t{word.label}" + (f"\t{{{word.takes}}}" if word.takes else "") for word in found]
    return "\n".join(lines)


def as_markdown(words: Mapping[str, tuple[Word, ...]]) -> str:
    """The part of docs/workflows.md."""
    lines = [OPENING]
    for group, found in words.items():
        has_more = any(word.takes for word in found)
        lines += ["", f"**{GROUPS[group][1]}**", "", "| name | words | takes |" if has_more else "| name | words |"]
        lines.append("|---|---|---|" if has_more else "|---|---|")
        lines += [_row(word, has_more=has_more) for word in found]
    return "\n".join([*lines, "", CLOSING])


def _row(word: Word, *, has_more: bool) -> str:
    takes = f" `{word.takes}` |" if word.takes else " |"
    return f"| `{word.name}` | {word.label} |" + (takes if has_more else "")
