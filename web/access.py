"""Who may call a route at all: every route carries one of these marks, and one without is refused at start-up.

What a person may see or do inside a route is never decided here but by the engine; a mark only says who is let in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flask import Flask, g, redirect, request, url_for
from werkzeug.exceptions import NotFound, Unauthorized

from web.current import now, office, today
from workflow.people.actors import actor_of
from workflow.people.sign_in import Limits, Session, seen, session_of
from workflow.people.tokens import person_of_token

COOKIE = "duban_session"


class Access(Enum):
    """The marks. `ADMINISTRATOR` and below need the role named by their value; a person without it gets the 404 of all."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    BEARER = "bearer"
    SYSTEM_ADMINISTRATOR = "system_admin"
    SECURITY_ADMINISTRATOR = "security_admin"
    AUDIT_ADMINISTRATOR = "audit_admin"
    WORKFLOW_ADMINISTRATOR = "workflow_admin"


@dataclass(frozen=True, slots=True)
class Route:
    """One line of an area's table: address, view, mark, and the methods (GET alone unless said)."""

    rule: str
    view: Callable[..., Any]
    access: Access
    methods: tuple[str, ...] = ("GET",)

    @property
    def endpoint(self) -> str:
        """`area.function`, from the module the view lives in."""
        area = self.view.__module__.split(".")[1]
        return f"{area}.{self.view.__name__}"


def install_access(app: Flask) -> None:
    """Lets in, sends to the sign-in page, or refuses, before each view."""
    app.extensions["duban_access"] = {}
    app.before_request(_admit)


def add_route(app: Flask, route: Route) -> None:
    """Registers a route with its mark."""
    app.add_url_rule(route.rule, route.endpoint, route.view, methods=list(route.methods))
    app.extensions["duban_access"][route.endpoint] = route.access


def _admit() -> Any:
    if request.endpoint is None or request.endpoint == "static":
        return None
    access: Access | None = office_marks().get(request.endpoint)
    if access is None:
        raise NotFound()  # Unsaid means no.
    if access is Access.BEARER:
        return _admit_token()
    _recognise()
    if access is Access.PUBLIC:
        return None
    return _admit_person(access)


def office_marks() -> dict[str, Access]:
    """Endpoint → mark of this site."""
    from flask import current_app

    marks: dict[str, Access] = current_app.extensions["duban_access"]
    return marks


def _admit_person(access: Access) -> Any:
    if g.get("actor") is None:
        if request.headers.get("HX-Request") or request.method != "GET":
            raise Unauthorized()
        return redirect(url_for("session.sign_in_page", next=request.full_path.rstrip("?")))
    session: Session = g.session
    if session.must_change and request.endpoint not in ("session.password_page", "session.change_password", "session.leave"):
        return redirect(url_for("session.password_page"))
    if access is not Access.SIGNED_IN and not g.actor.has_role(access.value):
        raise NotFound()
    return None


def _recognise() -> None:
    """Puts the live session and its actor on the request, where the cookie names one."""
    token = request.cookies.get(COOKIE, "")
    g.session = g.actor = None
    if not token:
        return
    settings, database = office().settings, office().database
    from datetime import timedelta

    limits = Limits(idle=timedelta(minutes=settings.session_idle_minutes), absolute=timedelta(hours=settings.session_hours))

    def read(store: Any) -> tuple[Any, Any]:
        session = session_of(store, token=token, now=now(), limits=limits)
        if session is None:
            return None, None
        acting = session.acting_grant_id
        person = actor_of(store, session.person_id, today=today(), acting_grant_id=acting, ceiling=settings.ceiling)
        office().engine.look(store)  # What another process has put in force holds from this request on.
        return session, person

    session, actor = database.read(read)
    if session is None or actor is None:
        return
    g.session, g.actor = session, actor
    if session.is_unseen:
        database.write(lambda store: seen(store, session=session, now=now()))


def _admit_token() -> Any:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthorized()
    ceiling = office().settings.ceiling

    def read(store: Any) -> Any:
        person_id = person_of_token(store, token=token, now=now())
        return actor_of(store, person_id, today=today(), ceiling=ceiling) if person_id is not None else None

    g.session, g.actor = None, office().database.read(read)
    if g.actor is None:
        raise Unauthorized()
    return None
