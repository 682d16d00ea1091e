"""Sign-in, first set-up, password, language and theme, choice of post."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext

from states.definition import LANGUAGES
from states.errors import BadInput, DomainError, InvalidForm, NotFound
from web.access import Access, Route, cookie_name, set_token
from web.current import actor, now, office, session, today
from web.errors import problem_of
from web.frame import KEYS, KEYS_COOKIE, THEME_COOKIE, THEMES
from web.language import remember_language
from web.session import factors, kin, proofs, provider
from web.session.devices import device_of
from web.session.door import sign_in_form
from web.session.onward import next_address
from web.storable import whole
from web.trailing import origin
from workflow import trail
from workflow.people import accounts, setup, sign_in, throttle
from workflow.people.passwords import PROFILES, Rule
from workflow.people.preferences import set_language
from workflow.people.proving import attempt_of
from workflow.people.turns import turn
from workflow.store import Store

YEAR_SECONDS = 365 * 24 * 3600


def sign_in_page() -> Any:
    """The form; whoever is signed in already goes on."""
    if session() is not None:
        return redirect(next_address())
    return sign_in_form(request.args.get("next", ""), None)


def enter() -> Any:
    """Signs in, or says the one sentence that says nothing about the account."""
    try:
        with turn():
            token = sign_in.sign_in(
                office().database,
                login=request.form.get("login", ""),
                password=request.form.get("password", ""),
                address=request.remote_addr or "",
                now=now(),
                device=device_of(request.user_agent.string),
            )
    except DomainError as refusal:
        return sign_in_form(request.form.get("next", ""), problem_of(refusal)), problem_of(refusal).status
    return _with_session(redirect(next_address()), token)


def leave() -> Any:
    """Signs out: the session ends on the server."""
    token = request.cookies.get(cookie_name(), "")

    def work(store: Store) -> None:
        sign_in.sign_out(store, token=token, now=now())
        trail.account_changed(store, "signed out", now=now(), origin=origin())

    office().database.write(work)
    response = make_response(redirect(url_for("session.sign_in_page")))
    response.delete_cookie(cookie_name(), secure=request.is_secure)
    # Nothing of what was read or half written stays on a machine that others use.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _with_session(response: Any, token: str) -> Any:
    return set_token(make_response(response), token)


def setup_page(token: str) -> Any:
    """The first run's form, as long as its link lives."""
    if not office().database.read(lambda store: setup.is_open(store, token)):
        raise NotFound(what="setup_link")
    return render_template("session/setup.html", token=token, problem=None)


def set_up(token: str) -> Any:
    """Makes the first system administrator; the link dies with it."""
    form = request.form
    try:
        if form.get("password", "") != form.get("again", ""):
            raise InvalidForm(fields={"again": ["not_same"]})
        setup.use_link(
            office().database,
            token=token,
            county=form.get("county", ""),
            login=form.get("login", ""),
            name=form.get("name", ""),
            password=form.get("password", ""),
            now=now(),
            today=today(),
            rule=_rule(),
            address=request.remote_addr or "",
        )
    except (InvalidForm, BadInput) as refusal:
        return render_template("session/setup.html", token=token, problem=problem_of(refusal)), problem_of(refusal).status
    return redirect(url_for("session.sign_in_page"))


def _rule() -> Rule:
    return PROFILES[office().settings.password_profile]


def _password_form(problem: Any) -> str:
    live = session()
    return render_template("session/password.html", problem=problem, rule=_rule(), must=live is not None and live.must_change)


def password_page() -> Any:
    """Changing one's own password."""
    return _password_form(None)


def change_password() -> Any:
    """Changes it; every other session of the person ends."""
    form, live = request.form, session()
    assert live is not None, "the mark of this route asks for a session"
    try:
        if form.get("new", "") != form.get("again", ""):
            raise InvalidForm(fields={"again": ["not_same"]})
        attempt = attempt_of(live.person_id, request.remote_addr or "")
        if seconds := office().database.write(lambda store: throttle.reserve(store, attempt, now())):
            raise sign_in.SignInDelayed(seconds=seconds)
        accounts.change_password(
            office().database,
            person_id=actor().person_id or 0,
            old=form.get("old", ""),
            new=form.get("new", ""),
            now=now(),
            kept_session=live.token_digest,
            rule=_rule(),
            origin=origin(),
        )
        office().database.write(lambda store: throttle.succeeded(store, attempt, now()))
    except DomainError as refusal:
        return _password_form(problem_of(refusal)), problem_of(refusal).status
    flash(gettext("口令已改"), "toast")
    return redirect(url_for("ledger.home"))


def preferences() -> Any:
    """Language, theme and single keys, kept in this browser; the language with the account too."""
    response = make_response(redirect(next_address()))
    language, theme = request.form.get("language", ""), request.form.get("theme", "")
    if language in LANGUAGES:
        remember_language(response, language, secure=request.is_secure)
        if session() is not None:
            person_id = actor().person_id or 0
            office().database.write(lambda store: set_language(store, person_id=person_id, language=language))
    if theme in THEMES:
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure)
    keys = request.form.get("keys", "")
    if keys in KEYS:
        response.set_cookie(KEYS_COOKIE, keys, max_age=YEAR_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def choose_post() -> Any:
    """Acts in another of one's posts from now on."""
    live = session()
    assert live is not None, "the mark of this route asks for a session"
    grant_id = request.form.get("grant", type=whole)
    token = office().database.write(
        lambda store: sign_in.choose_post(store, session=live, grant_id=grant_id, now=now(), today=today())
    )
    return _with_session(redirect(next_address()), token)


def icon() -> Any:
    """The sign of the house for the browser that asks for it by itself, as beside a picture that fills a window."""
    return redirect(url_for("static", filename="icon.svg"), 301)


ROUTES = (
    *factors.ROUTES,
    *proofs.ROUTES,
    *kin.ROUTES,
    *provider.ROUTES,
    Route("/favicon.ico", icon, Access.PUBLIC),
    Route("/sign-in", sign_in_page, Access.PUBLIC),
    Route("/sign-in", enter, Access.PUBLIC, ("POST",)),
    Route("/sign-out", leave, Access.SIGNED_IN, ("POST",)),
    Route("/setup/<token>", setup_page, Access.PUBLIC),
    Route("/setup/<token>", set_up, Access.PUBLIC, ("POST",)),
    Route("/password", password_page, Access.SIGNED_IN),
    Route("/password", change_password, Access.SIGNED_IN, ("POST",)),
    Route("/preferences", preferences, Access.PUBLIC, ("POST",)),
    Route("/post", choose_post, Access.SIGNED_IN, ("POST",)),
)
