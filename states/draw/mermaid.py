"""A definition as Mermaid text: ASCII ids, labels in the language asked for."""

from __future__ import annotations

from states.definition import STAY, Definition


def mermaid(definition: Definition, language: str = "zh-Hans") -> str:
    """A `stateDiagram-v2`; verbs that stay in a state are left out of the arrows, they are notes beside it."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_plain(state.title.in_(language))}" as {state.key}' for state in definition.states]
    lines += [f"    [*] --> {state.key}" for state in definition.states if state.initial]
    for transition in definition.transitions:
        for source in transition.sources:
            target = transition.target_from(source)
            if target != source:
                lines.append(f"    {source} --> {target} : {_plain(transition.title.in_(language))}")
    lines += [f"    {state.key} --> [*]" for state in definition.states if state.final]
    for state in definition.states:
        stays = [t.title.in_(language) for t in definition.triggers_from[state.key] if t.target in (STAY, state.key)]
        if stays:
            lines.append(f"    note right of {state.key} : {_plain('、'.join(dict.fromkeys(stays)))}")
    return "\n".join(lines) + "\n"


def _plain(words: str) -> str:
    """Words without the characters that Mermaid reads as its own."""
    return " ".join(words.replace('"', "'").replace(":", "：").replace(";", "；").replace("#", "＃").split())
