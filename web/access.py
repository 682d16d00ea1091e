"""Who may call a route at all: every route carries one of these marks, and one without is refused at start-up.

What a person may see or do inside a route is never decided here but by the engine; a mark only says who is let in. A route
marked `fresh` also wants a proof of who it is from the last five minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from flask import Flask, current_app, g, redirect, request, url_for
from werkzeug.exceptions import NotFound, Unauthorized

from states.errors import ReadOnly
from web.current import now, office, today
from web.rate import require_rate
from web.session.limits import limits_of
from web.session.step_up import require_fresh
from workflow.pace import require_pace
from workflow.people.actors import actor_of
from workflow.people.factors import list_factors
from workflow.people.proving import needs_factor
from workflow.people.sign_in import Session, seen, session_of
from workflow.people.tokens import person_of_token
from workflow.types import Actor

COOKIE = "duban_session"
# What is asked for by a link, and again by a form that says why.
GET_AND_POST = ("GET", "POST")
# Page that a session must go through first → the addresses that are open until then.
BEFORE = {
    "session.factor_page": ("session.factor_page", "session.show_factor", "session.proof_options"),
    "session.password_page": ("session.password_page", "session.change_password"),
    "session.factors_page": (
        *("session.factors_page", "session.begin_totp", "session.confirm_totp", "session.key_options", "session.confirm_key"),
        "session.prove_for",
    ),
}


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
    fresh: bool = False

    @property
    def endpoint(self) -> str:
        """`area.function`, from the module the view lives in."""
        area = self.view.__module__.split(".")[1]
        return f"{area}.{self.view.__name__}"


def install_access(app: Flask) -> None:
    """Lets in, sends to the sign-in page, or refuses, before each view."""
    app.extensions["duban_access"] = {}
    app.extensions["duban_fresh"] = set()
    app.before_request(_admit)
    app.before_request(_pace)
    app.after_request(_hand_out_token)


def add_route(app: Flask, route: Route) -> None:
    """Registers a route with its mark."""
    app.add_url_rule(route.rule, route.endpoint, route.view, methods=list(route.methods))
    app.extensions["duban_access"][route.endpoint] = route.access
    if route.fresh:
        app.extensions["duban_fresh"].add(route.endpoint)


def _admit() -> Any:
    if request.endpoint is None or request.endpoint == "static":
        return None
    access: Access | None = office_marks().get(request.endpoint)
    if access is None:
        raise NotFound()  # Unsaid means no.
    if access is Access.BEARER:
        _admit_token()
        return require_rate()
    recognise()
    require_rate()
    if access is Access.PUBLIC:
        return None
    return _admit_person(access)


def _pace() -> None:
    """Whoever acts on a case does so only so often within an hour."""
    case_id = (request.view_args or {}).get("case_id")
    if request.method in ("GET", "HEAD") or not isinstance(case_id, int) or g.get("actor") is None:
        return
    at_most = office().settings.acts_per_hour
    office().database.read(lambda store: require_pace(store, g.actor, case_id, at_most=at_most, now=now()))


def office_marks() -> dict[str, Access]:
    """Endpoint → mark of this site."""
    marks: dict[str, Access] = current_app.extensions["duban_access"]
    return marks


def _admit_person(access: Access) -> Any:
    if g.get("actor") is None:
        if request.headers.get("HX-Request") or request.method != "GET":
            raise Unauthorized()
        return redirect(url_for("session.sign_in_page", next=request.full_path.rstrip("?")))
    wanted = lacking()
    if wanted and request.endpoint not in (*BEFORE[wanted], "session.leave"):
        if request.headers.get("HX-Request"):
            raise Unauthorized()  # a part of a page cannot hold another page
        return redirect(url_for(wanted, next=request.full_path.rstrip("?") if request.method == "GET" else ""))
    if access is not Access.SIGNED_IN and not g.actor.has_role(access.value):
        raise NotFound()
    if request.endpoint in current_app.extensions["duban_fresh"]:
        return require_fresh(g.session)
    return None


def lacking() -> str:
    """The page that this session must go through before any other; "" where it is whole.

    A factor that somebody has comes before the change of a one-time password, so that a reset never goes round it (R11).
    """
    session: Session = g.session
    if session.has_factor and session.factor_at is None:
        return "session.factor_page"
    if session.must_change:
        return "session.password_page"
    return "session.factors_page" if g.needs_factor and session.factor_at is None else ""


def recognise() -> None:
    """Puts the live session and its actor on the request, where the cookie names one.

    The page of a refusal asks for it too: an address that leads nowhere was never admitted, and whoever is signed in keeps
    his menu there as everywhere.
    """
    token = request.cookies.get(cookie_name(), "")
    g.session = g.actor = None
    if not token:
        return
    settings, database = office().settings, office().database
    limits = limits_of(settings)

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
    g.needs_factor = session.factor_at is None and _needs_factor(actor)
    if session.factor_at is None and (g.needs_factor or session.has_factor):
        # A password is half a sign-in: whatever page this is, it has no post and sees no case.
        g.actor = replace(actor, grants=(), acting=None)
    if session.is_unseen:
        # Where nothing can be written the session ends the sooner, and what needs no trace can be read until then.
        with suppress(ReadOnly):
            database.write(lambda store: seen(store, session=session, now=now()))


def _needs_factor(actor: Actor) -> bool:
    rule = office().settings.second_factor
    if rule == "off":
        return False
    return office().engine.read(now(), lambda _store, occasion: needs_factor(actor, occasion.catalogue, rule))


def cookie_name() -> str:
    """The session's cookie; over TLS under a name that browsers let no other host and no plain page set."""
    return f"__Host-{COOKIE}" if request.is_secure else COOKIE


def set_token(response: Any, token: str) -> Any:
    """The answer that carries the session's token."""
    response.set_cookie(cookie_name(), token, httponly=True, samesite="Strict", secure=request.is_secure, path="/")
    return response


def _hand_out_token(response: Any) -> Any:
    token = g.get("new_token")
    return set_token(response, token) if token else response


def _admit_token() -> None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthorized()
    ceiling = office().settings.ceiling

    def read(store: Any) -> Any:
        person_id = person_of_token(store, token=token, now=now())
        if person_id is None:
            return None, False
        return actor_of(store, person_id, today=today(), ceiling=ceiling), bool(list_factors(store, person_id))

    g.session = None
    g.actor, has_factor = office().database.read(read)
    # A token stands for a proof that its owner gave when he made it: whoever has no factor has given none.
    if g.actor is None or (not has_factor and _needs_factor(g.actor)):
        raise Unauthorized()
