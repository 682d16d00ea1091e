"""The organisations page: areas and organs are added and put in order by the system administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import BadInput, DomainError
from web.access import Access, Route
from web.current import actor, now, office
from web.errors import problem_of
from web.storable import whole
from web.trailing import origin
from workflow import organisations, trail
from workflow.store import Store
from workflow.tree import Tree

DIGITS_AT_MOST = 4  # of a place in an order


def organisations_page() -> Any:
    """The tree in the county's official order."""
    return _organisations(None)


def _organisations(problem: Any) -> Any:
    tree = _tree()
    areas = sorted(tree.areas.values(), key=lambda area: tree.area_rank[area.id])
    organs: dict[int, list[Any]] = {}
    for organ in sorted(tree.organs.values(), key=lambda organ: (organ.official_order, organ.id)):
        organs.setdefault(organ.area_id, []).append(organ)
    may = actor().has_role("system_admin")
    page = render_template(
        "admin/organisations.html", areas=areas, organs=organs, may=may, titles=office().titles, problem=problem
    )
    return page, problem.status if problem else 200


def add_area() -> Any:
    """A township or village; the one county is made by the first run."""
    form, parent_id = request.form, request.form.get("parent", type=whole)

    def add(store: Any) -> int:
        if parent_id is None:
            raise BadInput(why="area_level")
        return organisations.add_area(store, name=form.get("name", ""), level=form.get("level", ""), parent_id=parent_id)

    return _change(add, "add area")


def add_organ() -> Any:
    """A body in an area, of a kind that the vocabulary has for the area's level."""
    form, area_id = request.form, request.form.get("area", type=whole) or 0
    kind, kinds = form.get("kind", ""), office().titles["organ_kinds"]

    def add(store: Any) -> int:
        # Every list names a body's kind by its title, so one without a title must not come in.
        if kinds.get(kind, {}).get("level") != organisations.get_area(store, area_id)["level"]:
            raise BadInput(why="area_level")
        name, short = form.get("name", ""), form.get("short", "")
        return organisations.add_organ(store, area_id=area_id, kind=kind, name=name, short_name=short)

    return _change(add, "add organ")


def order_areas(area_id: int) -> Any:
    """The official order of the areas below this one, by the numbers written beside them."""
    below = [area for area in _tree().areas.values() if area.parent_id == area_id]
    keep = partial(organisations.reorder_areas, parent_id=area_id)
    return _order(below, keep, f"order areas of area {area_id}")


def order_organs(area_id: int) -> Any:
    """The official order of an area's own organs."""
    inside = [organ for organ in _tree().organs.values() if organ.area_id == area_id]
    keep = partial(organisations.reorder_organs, area_id=area_id)
    return _order(inside, keep, f"order organs of area {area_id}")


def _tree() -> Tree:
    return office().engine.read(now(), lambda _store, occasion: occasion.tree)


def _order(neighbours: Iterable[Any], keep: Callable[..., None], what: str) -> Any:
    """Keeps the order of the posted numbers; of two with the same number the one that stood first stays first."""
    places = {each.id: request.form.get(f"place/{each.id}", "").strip() for each in neighbours}
    if not all(text.isdecimal() and len(text) <= DIGITS_AT_MOST for text in places.values()):
        return _organisations(problem_of(BadInput(why="order_number")))
    stood = {each.id: (each.official_order, each.id) for each in neighbours}
    order = sorted(places, key=lambda one: (int(places[one]), stood[one]))
    return _change(lambda store: keep(store, order=order), what)


def _change(work: Callable[[Store], Any], what: str) -> Any:
    """Does it, with its row of the trail; `what` is told of whatever was added."""

    def kept(store: Store) -> None:
        made = work(store)
        trail.record(store, origin(), "organisation", now=now(), what=f"{what} {made}" if made else what)

    try:
        office().database.write(kept)
    except DomainError as refusal:
        return _organisations(problem_of(refusal))
    flash(gettext("已保存"), "toast")
    return redirect(url_for("admin.organisations_page"), 303)


ROUTES = (
    Route("/organisations", organisations_page, Access.SIGNED_IN),
    Route("/organisations/areas", add_area, Access.SYSTEM_ADMINISTRATOR, ("POST",)),
    Route("/organisations/areas/<int:area_id>/areas", order_areas, Access.SYSTEM_ADMINISTRATOR, ("POST",)),
    Route("/organisations/areas/<int:area_id>/organs", order_organs, Access.SYSTEM_ADMINISTRATOR, ("POST",)),
    Route("/organisations/organs", add_organ, Access.SYSTEM_ADMINISTRATOR, ("POST",)),
)
