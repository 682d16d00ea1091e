"""Accounts and posts, found by search, role and place: accounts are the system, posts the security administrator's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import DomainError, NotFound
from web.access import Access, Route
from web.cases.choices import organ_choices
from web.current import actor, now, office, today
from web.days import sure_day
from web.errors import problem_of
from web.ledger.questions import DIGITS_AT_MOST
from web.storable import whole
from web.trailing import origin
from workflow import trail
from workflow.occasion import Occasion
from workflow.people import accounts, grants, proposals
from workflow.people.directory import Wanted, look_up
from workflow.store import Store

# What narrows the list, in its address and in that of every form on it, so that an act leads back to the same people.
NARROWING = ("q", "role", "place", "after")
# Before the number of an area in the list of places, whose other values are organs.
WHOLE = "a"
Place = tuple[str, str, list[tuple[int, str]]]


def people_page() -> Any:
    """Accounts; posts are given by the security administrator."""
    return _people(None, "")


def grants_page() -> Any:
    """The same list for the security administrator, who gives and ends posts."""
    return _people(None, "")


def _people(problem: Any, password: str, *, login: str = "") -> Any:
    """The list as its address narrows it; of a new account that account alone."""
    narrowed = {"q": login} if login else _narrowed()

    def read(store: Any, occasion: Occasion) -> dict[str, Any]:
        places = _places(occasion)
        found = look_up(store, _wanted(narrowed, occasion), today=today())
        waiting = [
            {
                **row,
                "may_decide": proposals.may_decide(store, actor(), row, today()),
                "is_mine": row["proposed_by"] == actor().person_id,
            }
            for row in proposals.list_waiting(store, now=now())
        ]
        return {
            "waiting": waiting,
            "found": found,
            "places": places,
            "names": dict(organ for _key, _title, organs in places for organ in organs),
        }

    told = office().engine.read(now(), read)
    page = render_template(
        "admin/people.html",
        base="admin.grants_page" if actor().has_role("security_admin") else "admin.people_page",
        narrowed=narrowed,
        roles=sorted(office().titles["roles"]),
        titles=office().titles,
        may_grant=actor().has_role("security_admin"),
        may_keep=actor().has_role("system_admin"),
        problem=problem,
        password=password,
        typed=request.form if problem else {},
        typed_for=(request.view_args or {}).get("person_id") if problem and "role" in request.form else None,
        **told,
    )
    return page, problem.status if problem else 200


def _narrowed() -> dict[str, Any]:
    told = {name: request.args.get(name, "").replace("\0", "").strip() for name in NARROWING}
    return {name: value for name, value in told.items() if value}


def _wanted(narrowed: dict[str, str], occasion: Occasion) -> Wanted:
    """A place that means nothing narrows nothing."""
    place, tree = narrowed.get("place", ""), occasion.tree
    number = int(told) if (told := place.removeprefix(WHOLE)).isdecimal() and len(told) <= DIGITS_AT_MOST else 0
    area = tree.areas.get(number) if place.startswith(WHOLE) else None
    areas = [one for one in tree.areas if area and (one == area.id or area.id == tree.lineage(one).get("township"))]
    organ = number if number in tree.organs and area is None else None
    return Wanted(narrowed.get("q", ""), narrowed.get("role", ""), tuple(areas), organ, narrowed.get("after", ""))


def _places(occasion: Occasion) -> list[Place]:
    """The county's own organs and each township with its own and its villages', as (value, name, organs)."""
    found: list[Place] = []
    for name, organs in organ_choices(occasion):
        lineage = occasion.tree.lineage(occasion.tree.organ(organs[0][0]).area_id)
        is_county = "township" not in lineage
        found.append((f"{WHOLE}{lineage.get('township', lineage['county'])}", gettext("县直") if is_county else name, organs))
    return found


def add_person() -> Any:
    """An account and its one-time password, shown once."""
    form = request.form
    try:
        told: dict[str, Any] = {name: form.get(name, "") for name in ("login", "name", "email")}
        person_id = office().database.write(partial(_created, told))
        password = accounts.issue_password(office().database, person_id=person_id, now=now(), origin=origin())
    except DomainError as refusal:
        return _people(problem_of(refusal), "")
    return _people(None, password, login=accounts.plain_login(told["login"]))


def _created(told: Mapping[str, Any], store: Store) -> int:
    person_id = accounts.create_person(store, **told, now=now())
    _say(store, f"new account {person_id}")
    return person_id


def _say(store: Store, what: str) -> None:
    """What was done to an account goes on the trail with it."""
    trail.record(store, origin(), "account", now=now(), what=what)


def issue_password(person_id: int) -> Any:
    """A new one-time password, shown once."""
    try:
        return _people(None, accounts.issue_password(office().database, person_id=person_id, now=now(), origin=origin()))
    except DomainError as refusal:
        return _people(problem_of(refusal), "")


def change_email(person_id: int) -> Any:
    """Where the person's notices are mailed to; an empty address ends that."""
    changes = {"email": request.form.get("email", "")}

    def work(store: Store) -> None:
        accounts.change_person(store, person_id=person_id, changes=changes)
        _say(store, f"address of {person_id}")

    return _keep(work)


def disable_person(person_id: int) -> Any:
    """Nobody acts as this person again."""

    def work(store: Store) -> None:
        accounts.disable(store, person_id=person_id, now=now())
        _say(store, f"{person_id} disabled")

    return _keep(work)


def give_grant(person_id: int) -> Any:
    """Proposes a post; what widens nothing counts at once."""
    form = request.form

    def work(store: Any) -> int | None:
        asked = {"person_id": person_id, "role": form.get("role", ""), "organ_id": form.get("organ", type=whole) or 0}
        asked |= {"ceiling": form.get("ceiling", type=whole) or 0, "title": form.get("title", "")}
        asked |= {"until": _day(form.get("until", ""))}
        waits = proposals.propose(store, by=actor(), asked=asked, reason=form.get("reason", ""), now=now(), today=today())
        said = f"proposal {waits}" if waits else f"{asked['role']} in {asked['organ_id']} for {person_id}"
        trail.record(store, origin(), "grant", now=now(), what=said)
        return waits

    return _keep(work, gettext("已提出，等第二位管理员同意"))


def _day(text: str) -> date | None:
    return sure_day(text, today=today(), why="grant_day") if text.strip() else None


def decide_proposal(proposal_id: int) -> Any:
    """The second person's word on a post; its proposer takes it back. For everybody else there is no such address."""
    if not actor().has_role(proposals.PROPOSER, proposals.STAND_IN):
        raise NotFound(what="page")
    granted = request.form.get("word") == "yes"

    def work(store: Any) -> None:
        proposals.decide(store, by=actor(), proposal_id=proposal_id, granted=granted, now=now(), today=today())
        trail.record(store, origin(), "grant" if granted else "grant_ended", now=now(), what=f"proposal {proposal_id}")

    return _keep(work)


def end_grant(grant_id: int) -> Any:
    """Ends a post."""

    def end(store: Store) -> None:
        grants.end(store, grant_id=grant_id, today=today())
        trail.record(store, origin(), "grant_ended", now=now(), what=f"grant {grant_id}")

    return _keep(end)


def _keep(work: Any, waits: str = "") -> Any:
    """Does it; `waits` is said where what was done is there to be answered by somebody else."""
    try:
        done = office().database.write(work)
    except DomainError as refusal:
        return _people(problem_of(refusal), "")
    flash(waits if waits and done is not None else gettext("已保存"), "toast")
    page = "admin.grants_page" if actor().has_role("security_admin") else "admin.people_page"
    return redirect(url_for(page, **_narrowed()), 303)


ROUTES = (
    Route("/people", people_page, Access.SYSTEM_ADMINISTRATOR),
    Route("/grants", grants_page, Access.SECURITY_ADMINISTRATOR),
    Route("/people", add_person, Access.SYSTEM_ADMINISTRATOR, ("POST",), fresh=True),
    Route("/people/<int:person_id>/password", issue_password, Access.SYSTEM_ADMINISTRATOR, ("POST",), fresh=True),
    Route("/people/<int:person_id>/email", change_email, Access.SYSTEM_ADMINISTRATOR, ("POST",), fresh=True),
    Route("/people/<int:person_id>/disable", disable_person, Access.SYSTEM_ADMINISTRATOR, ("POST",), fresh=True),
    Route("/people/<int:person_id>/grants", give_grant, Access.SECURITY_ADMINISTRATOR, ("POST",), fresh=True),
    Route("/grants/proposals/<int:proposal_id>/decide", decide_proposal, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/grants/<int:grant_id>/end", end_grant, Access.SECURITY_ADMINISTRATOR, ("POST",), fresh=True),
)
