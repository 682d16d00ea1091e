"""The organs and people that a form offers, in the county's official order."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from states.definition import Field
from workflow.occasion import Occasion

Group = tuple[str, list[tuple[int, str]]]


def organ_choices(occasion: Occasion, kinds: Iterable[str] = (), but: Collection[int] = ()) -> list[Group]:
    """Organs by township, except `but`; the county's own first."""
    tree, wanted = occasion.tree, set(kinds)
    groups: dict[int, list[tuple[int, str]]] = {}
    organs = sorted(tree.organs.values(), key=lambda o: (tree.area_rank[o.area_id], o.official_order, o.id))
    for organ in organs:
        lasts = organ.successor_id is None and (organ.valid_to is None or organ.valid_to >= occasion.today)
        if lasts and organ.id not in but and (not wanted or organ.kind in wanted):
            lineage = tree.lineage(organ.area_id)
            group = lineage.get("township", lineage["county"])
            groups.setdefault(group, []).append((organ.id, organ.short_name or organ.name))
    return [(tree.areas[area].name, found) for area, found in groups.items()]


def organs_of(fields: Iterable[Field], occasion: Occasion, but: Collection[int] = ()) -> dict[str, list[Group]]:
    """For each question of organs (also inside rows) what it offers, except `but`."""
    found: dict[str, list[Group]] = {}
    for field in fields:
        if field.type == "organ":
            found[field.key] = organ_choices(occasion, field.kinds, but)
        if field.type == "rows" and any(column.type == "organ" for column in field.columns):
            found[field.key] = organ_choices(occasion, but=but)
    return found
