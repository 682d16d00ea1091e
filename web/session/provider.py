"""Signing in over a provider of identities: set out, come back, be somebody here; and proving oneself the same way.

The way back is an address of another house's making, so it changes nothing: its page holds what came back in a form, which is
then sent from here. Only so do the session's cookies, which no other house's link carries, come with it.
"""

from __future__ import annotations

import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from flask import Flask, current_app, make_response, redirect, render_template, request

from config.settings import OIDC_BACK, Settings
from handlers.identity import Identity, ProviderAway
from handlers.identity.provider import Arrival, Provider
from handlers.identity.trip import Trip
from states.errors import DomainError, NotFound
from web.access import Access, Route, set_token
from web.current import now, office, session
from web.errors import Problem, problem_of
from web.session.devices import device_of
from web.session.door import sign_in_form
from web.session.onward import next_address, own_address
from web.session.step_up import go_on_with
from workflow.people import links, trips
from workflow.people.bearer import new_token
from workflow.people.sign_in import Caller
from workflow.people.trips import TripOver

log = structlog.get_logger()
COOKIE = "duban_trip"
# A longer address, such as one of many conditions, is let go: a browser keeps no long cookie.
ONWARD_AT_MOST = 1_500
BROUGHT = ("code", "state", "iss", "error")
# So many threads wait for the provider at once; the others answer whoever signs in here, however slow that house is.
AT_ONCE = 3
_waiting = threading.BoundedSemaphore(AT_ONCE)


def install_provider(app: Flask, settings: Settings) -> None:
    """The provider of this site, if it has one. What comes back is tied to its beginning by more than a form's token."""
    app.extensions["duban_provider"] = _provider_of(settings) if settings.oidc_issuer else None


def exempt_finish(app: Flask) -> None:
    """The state is the token of the form that ends a trip, and the page before it can show no other."""
    app.extensions["duban_csrf"].exempt(finish)


def _provider_of(settings: Settings) -> Provider:
    path = settings.oidc_secret_file
    assert path is not None, "settings are whole"
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_hosts,
        settings.oidc_back,
        lambda: path.read_text(encoding="utf-8").strip(),
    )


def _provider() -> Provider:
    provider: Provider | None = current_app.extensions["duban_provider"]
    if provider is None:
        raise NotFound(what="page")
    return provider


@contextmanager
def _spoken_to() -> Iterator[Provider]:
    """The provider, where not too many wait for it already."""
    provider = _provider()
    if not _waiting.acquire(blocking=False):
        raise ProviderAway()
    try:
        yield provider
    finally:
        _waiting.release()


def set_out() -> Any:
    """The page that leads to the provider, and remembers in this browser alone where it set out from."""
    trip, onward = Trip(new_token()), next_address()
    try:
        with _spoken_to() as provider:
            address = provider.address_of(trip, now())
    except ProviderAway as refusal:
        return _refused(refusal, onward)
    office().database.write(lambda store: trips.begin(store, state=trip.state, now=now()))
    # A redirect after a form would be held back by the page's own policy, so the page leads on by itself.
    answer = make_response(render_template("session/set_out.html", address=address))
    kept = urlsafe_b64encode(onward.encode()) if len(onward.encode()) <= ONWARD_AT_MOST else b""
    answer.set_cookie(_cookie_name(), f"{trip.secret}.{kept.decode()}", max_age=trips.LASTS, **_looks())
    return answer


def back_page() -> Any:
    """What came back, in a form that goes on by itself; nothing is looked at yet."""
    _provider()
    brought = [(name, request.args.get(name, "")) for name in BROUGHT if name in request.args]
    return render_template("session/back.html", brought=brought)


def finish() -> Any:
    """The end of the trip: a session, or a fresh proof for the one that there is."""
    _provider()
    secret, onward = _remembered()
    try:
        answer = _let_in(_arrived(secret), onward)
    except DomainError as refusal:
        _note(refusal)
        answer = make_response(_refused(refusal, onward))
    answer.delete_cookie(_cookie_name(), **_looks())
    return answer


def _arrived(secret: str) -> Identity:
    code, state, issuer, error = (request.form.get(name, "") for name in BROUGHT)
    trip = Trip(secret)
    if not secret or not trip.is_end(state):
        raise TripOver()
    begun_at = office().database.write(lambda store: trips.end(store, state=state, now=now()))
    with _spoken_to() as provider:
        return provider.identity_of(Arrival(code, issuer, error), trip, begun_at=begun_at, now=now())


def _let_in(who: Identity, onward: str) -> Any:
    live = session()
    if live is None:
        caller = Caller(request.remote_addr or "", device_of(request.user_agent.string))
        token = office().database.write(
            lambda store: links.enter(store, issuer=who.issuer, subject=who.subject, caller=caller, now=now())
        )
        return set_token(make_response(redirect(own_address(onward), 303)), token)
    token = office().database.write(
        lambda store: links.prove_again(store, session=live, issuer=who.issuer, subject=who.subject, now=now())
    )
    go_on_with(token)
    return make_response(render_template("session/proved_there.html", problem=None))


def _refused(refusal: DomainError, onward: str) -> Any:
    problem: Problem = problem_of(refusal)
    if isinstance(refusal, ProviderAway):
        log.warning("provider_away", error=repr(refusal.__cause__))
    if session() is not None:
        return render_template("session/proved_there.html", problem=problem), problem.status
    return sign_in_form(onward, problem, refusal.params.get("subject", "")), problem.status


def _note(refusal: DomainError) -> None:
    live, fault = session(), str(refusal.params.get("fault", refusal.code))
    actor_id, address = live.person_id if live else None, request.remote_addr or ""
    office().database.write(lambda store: links.note_refusal(store, fault=fault, address=address, actor_id=actor_id, now=now()))


def _cookie_name() -> str:
    return f"__Host-{COOKIE}" if request.is_secure else COOKIE


def _looks() -> dict[str, Any]:
    """How the cookie is set and taken away. Lax, for the way back begins in another house."""
    return {"httponly": True, "samesite": "Lax", "secure": request.is_secure, "path": "/"}


def _remembered() -> tuple[str, str]:
    """The secret of the trip that this browser set out on, and where it goes on to; empty where it knows of none."""
    secret, _dot, kept = request.cookies.get(_cookie_name(), "").partition(".")
    try:
        return secret, urlsafe_b64decode(kept).decode()
    except ValueError:
        return secret, ""


ROUTES = (
    Route("/sign-in/provider", set_out, Access.PUBLIC, ("POST",)),
    Route(OIDC_BACK, back_page, Access.PUBLIC),
    Route("/sign-in/provider/finish", finish, Access.PUBLIC, ("POST",)),
)
