"""Changes of areas and organs: a unit's own page, the preview of a change, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import BadInput, DomainError, NotFound
from web.access import Access, Route
from web.admin.change_words import ACTS, FILTERS, STATUSES, sentence, why_words
from web.current import actor, now, office, today
from web.days import read_day
from web.errors import problem_of
from web.language import mark
from web.small import parts_of
from web.storable import whole
from web.trailing import origin
from workflow.desk import Desk
from workflow.organisations import NAME_AT_MOST
from workflow.people.proposals import PROPOSER, STAND_IN, takes_two
from workflow.reads.organisations import OpenCase, open_cases_of
from workflow.reorganisation import log
from workflow.reorganisation.plan import AREA, Part, Plan, Wish, likes_of
from workflow.reorganisation.second import decide, may_decide
from workflow.reorganisation.units import renamed_with
from workflow.tree import AreaFact, OrganFact, Tree

UNIT_OF = {"areas": "area", "organs": "organ"}
SAID = {log.DONE: mark("已保存"), log.WAITING: mark("已记下，到时自动办理"), log.PROPOSED: mark("已提出，等第二位管理员同意")}
TYPED = ("name", "short", "into", "on", "reason", "paper", "with_organs")


def unit_page(unit: str, unit_id: int) -> Any:
    """What a unit is, what it was, and, for the system administrator, what it can become."""
    return _unit(unit, unit_id, None, {})


def _unit(unit: str, unit_id: int, problem: Any, typed: Mapping[str, str]) -> Any:
    tree, found = _found(unit, unit_id)
    changes = [one for one in office().database.read(log.list_changes) if one.concerns(UNIT_OF[unit], unit_id)]
    may = actor().has_role(log.ROLE) and found.valid_to is None
    townships = [area for area in _in_order(tree) if area.level == "township" and area.valid_to is None]
    page = render_template(
        "admin/unit.html",
        unit=unit,
        one=found,
        likes=[] if not may else likes_of(tree, UNIT_OF[unit], unit_id),
        townships=[area for area in townships if isinstance(found, AreaFact) and area.id != found.parent_id],
        changes=[_told(one) for one in changes],
        may=may,
        acts=_acts(unit, found) if may else (),
        words=ACTS,
        problem=problem,
        typed=typed,
        titles=office().titles,
        name_at_most=NAME_AT_MOST,
        successor=_successor(tree, found),
        today=today(),
    )
    return page, problem.status if problem else 200


def _found(unit: str, unit_id: int) -> tuple[Tree, AreaFact | OrganFact]:
    tree = office().engine.read(now(), lambda _store, occasion: occasion.tree)
    units: Mapping[int, AreaFact] | Mapping[int, OrganFact] = tree.areas if unit == "areas" else tree.organs
    if unit_id not in units:
        raise NotFound(what=UNIT_OF[unit], id=unit_id)
    return tree, units[unit_id]


def _in_order(tree: Tree) -> list[AreaFact]:
    return sorted(tree.areas.values(), key=lambda area: tree.area_rank[area.id])


def _successor(tree: Tree, one: AreaFact | OrganFact) -> str:
    if one.successor_id is None:
        return ""
    return tree.areas[one.successor_id].name if isinstance(one, AreaFact) else tree.organ(one.successor_id).name


def _acts(unit: str, one: AreaFact | OrganFact) -> tuple[str, ...]:
    """The changes that this unit may have, as its forms stand on the page."""
    if unit == "organs":
        return ("rename", "merge", "found", "split", "end")
    return {
        "county": ("rename",),
        "township": ("rename", "merge", "found", "end"),
        "village": ("rename", "merge", "found", "split", "move", "end"),
    }[one.level]


def change_unit(unit: str, unit_id: int) -> Any:
    """Shows what a change would do; does it, or puts it down for its day, once that was confirmed."""
    _found(unit, unit_id)
    typed = {name: request.form.get(name, "").strip() for name in TYPED}
    try:
        wish = _wish(unit, unit_id)
        if request.form.get("confirmed") == "1":
            return _asked(wish, unit, unit_id)
        return _preview(wish, unit, unit_id, None)
    except DomainError as refusal:
        return _unit(unit, unit_id, problem_of(refusal), {**typed, "act": request.form.get("act", "")})


def _asked(wish: Wish, unit: str, unit_id: int) -> Any:
    try:
        change_id = office().engine.reorganise(wish, actor=actor(), now=now(), origin=origin())
    except DomainError as refusal:
        return _preview(wish, unit, unit_id, problem_of(refusal))
    made = next(one for one in office().database.read(log.list_changes) if one.id == change_id)
    flash(gettext(SAID[made.status]), "toast")
    return redirect(url_for("admin.unit_page", unit=unit, unit_id=unit_id), 303)


def _wish(unit: str, unit_id: int) -> Wish:
    form = request.form
    text = form.get("on", "").strip()
    on = read_day(text, today=today()) if text else today()
    if on is None:
        raise BadInput(why="day_unread")
    return Wish(_plan(UNIT_OF[unit], unit_id), on, form.get("reason", ""), form.get("paper", ""))


def _plan(unit: str, unit_id: int) -> Plan:
    form, act = request.form, request.form.get("act", "")
    into_id, name, short = form.get("into", type=whole), form.get("name", ""), form.get("short", "")
    if act == "rename":
        return Plan("rename", unit, (unit_id,), name=name, short_name=short, with_organs=form.get("with_organs") == "1")
    if act == "merge" and into_id is not None:
        return Plan("merge", unit, (unit_id,), into_id=into_id, ended_grants=_ticked("end"))
    if act == "found" and into_id is not None:
        return Plan("merge", unit, (unit_id, into_id), name=name, short_name=short, ended_grants=_ticked("end"))
    if act == "split":
        return Plan("split", unit, (unit_id,), parts=(Part(name, short, _ticked("case"), _ticked("post")),))
    if act == "move" and into_id is not None:
        return Plan("move", unit, (unit_id,), into_id=into_id)
    if act == "end":
        return Plan("end", unit, (unit_id,))
    raise BadInput(why="successor")


def _ticked(name: str) -> tuple[int, ...]:
    found = (whole(text) for text in request.form.getlist(name) if text.isdecimal())
    return tuple(dict.fromkeys(found))


def _preview(wish: Wish, unit: str, unit_id: int, problem: Any) -> Any:
    told = office().engine.preview_reorganisation(wish, actor=actor(), now=now())
    tree, one = _found(unit, unit_id)
    catalogue = office().engine.read(now(), lambda _store, occasion: occasion.catalogue)
    # Of some numbers that are told and their sum, one that is not would follow.
    are_told = None not in parts_of([n for _kind, _state, n in told.kinds]).cells
    kinds = [(catalogue.of_kind(kind).definition, state, n) for kind, state, n in (told.kinds if are_told else ())]
    page = render_template(
        "admin/reorganisation.html",
        unit=unit,
        one=one,
        wish=wish,
        what=sentence(wish.plan, _names(tree, wish.plan), _into(tree, wish.plan)),
        told=told,
        kinds=[(definition.title, definition.state_by_key[state].phrase, n) for definition, state, n in kinds],
        least_told=office().settings.small_counts,
        against=[problem_of(each) for each in told.against],
        organs=tree.organs,
        renamed=renamed_with(tree, wish.plan),
        titles=office().titles,
        cases=_cases(unit, unit_id) if wish.plan.what == "split" else (),
        is_ahead=wish.on > today(),
        is_proposal=bool(told.gains) and office().database.read(takes_two),
        problem=problem,
        form=request.form,
        typed=TYPED,
    )
    return page, problem.status if problem else 200


def _cases(unit: str, unit_id: int) -> tuple[OpenCase, ...]:
    return office().engine.read(now(), lambda store, occasion: open_cases_of(store, occasion, actor(), UNIT_OF[unit], unit_id))


def _names(tree: Tree, plan: Plan) -> tuple[str, ...]:
    return tuple(log.name_of(tree, plan.unit, unit_id) for unit_id in plan.ids)


def _into(tree: Tree, plan: Plan) -> str:
    if plan.into_id is None:
        return plan.name.strip()
    return log.name_of(tree, AREA if plan.what == "move" else plan.unit, plan.into_id)


def changes_page() -> Any:
    """Every change of areas and organs, those to come first."""
    what, words = request.args.get("what", ""), request.args.get("q", "").strip()
    told = [_told(one) for one in office().database.read(log.list_changes)]
    shown = [one for one in told if _fits(one, what, words)]
    waiting = sorted((one for one in shown if one["status"] == log.WAITING), key=lambda one: (one["on"], one["id"]))
    open_yet = (log.WAITING, log.PROPOSED)
    return render_template(
        "admin/changes.html",
        proposed=[one for one in shown if one["status"] == log.PROPOSED],
        waiting=waiting,
        changes=[one for one in shown if one["status"] not in open_yet],
        filters=FILTERS,
        what=what,
        q=words,
        may=actor().has_role(log.ROLE),
    )


def _fits(told: Mapping[str, Any], what: str, words: str) -> bool:
    text = " ".join((told["what"], told["reason"], told["paper"]))
    return (not what or told["kind"] == what) and words in text


def _told(change: log.Change) -> dict[str, Any]:
    """A change in words; how many cases it moved, or what stood against it, is for administrators."""
    is_mine = actor().has_role(log.ROLE, PROPOSER, "audit_admin")
    return {
        "id": change.id,
        "kind": change.plan.what,
        "what": sentence(change.plan, change.before, change.into),
        "on": change.on,
        "reason": change.reason if is_mine else "",
        "paper": change.paper,
        "asker": change.asker or gettext("系统操作员"),
        "asked_at": change.asked_at,
        "status": change.status,
        "status_words": STATUSES[change.status],
        "why": why_words(change.against) if change.against and is_mine else "",
        "done": change.done if is_mine else {},
        "gains": change.gains if is_mine else (),
        "second": change.second,
        "words": change.words if is_mine else "",
        "may_decide": office().database.read(lambda store: may_decide(store, actor(), change, today())),
        "may_undo": actor().has_role(log.ROLE) and change.may_be_taken_back(actor(), now()),
    }


def withdraw_change(change_id: int) -> Any:
    """A change that waits for its day does not come."""
    return _settled(lambda desk: log.withdraw(desk, change_id, origin=origin()))


def undo_change(change_id: int) -> Any:
    """A change that was just made is as if it had not been."""
    return _settled(lambda desk: log.take_back(desk, change_id, origin=origin()))


def decide_change(change_id: int) -> Any:
    """The second person's word on a change that lets somebody see more. For everybody else there is no such address."""
    if not actor().has_role(PROPOSER, STAND_IN):
        raise NotFound(what="page")
    granted, words = request.form.get("word") == "yes", request.form.get("words", "")
    return _settled(lambda desk: decide(desk, change_id, granted=granted, words=words, origin=origin()), gettext("已保存"))


def _settled(body: Callable[[Desk], None], said: str = "") -> Any:
    try:
        office().engine.administer(body, actor=actor(), now=now(), origin=origin())
    except NotFound:
        raise
    except DomainError as refusal:
        flash(problem_of(refusal).reasons[0], "toast")
    else:
        flash(said or gettext("已撤回"), "toast")
    return redirect(url_for("admin.changes_page"), 303)


ROUTES = (
    Route("/organisations/changes", changes_page, Access.SIGNED_IN),
    Route(
        "/organisations/changes/<int:change_id>/withdraw", withdraw_change, Access.SYSTEM_ADMINISTRATOR, ("POST",), fresh=True
    ),
    Route("/organisations/changes/<int:change_id>/decide", decide_change, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/organisations/changes/<int:change_id>/undo", undo_change, Access.SYSTEM_ADMINISTRATOR, ("POST",), fresh=True),
    Route("/organisations/<any(areas, organs):unit>/<int:unit_id>", unit_page, Access.SIGNED_IN),
    Route(
        "/organisations/<any(areas, organs):unit>/<int:unit_id>/change",
        change_unit,
        Access.SYSTEM_ADMINISTRATOR,
        ("POST",),
        fresh=True,
    ),
)
