"""What a box of a panel is: one for a key of a shape, or a list of groups of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from web.designer.names import Picks


@dataclass(frozen=True, slots=True)
class Control:
    """One box, or a list of groups of boxes; `name` is how the form posts it, `pointer` where its value stands."""

    kind: str
    name: str
    pointer: str
    title: str
    hint: str = ""
    value: Any = None
    options: Picks = ()
    is_required: bool = False
    default: Any = None
    groups: tuple[Group, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    thing: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The boxes of one part that stands within another."""

    pointer: str
    title: str
    controls: tuple[Control, ...]
