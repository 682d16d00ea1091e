"""Proving oneself again before what is sensitive: the page that asks takes what was typed along, and goes on with it."""

from __future__ import annotations

from contextlib import nullcontext
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import g, make_response, render_template, request, url_for

from states.errors import DomainError
from web.current import now, office, session
from web.errors import Problem, problem_of
from web.session.limits import limits_of
from workflow.people.proving import Shown, prove
from workflow.people.security_keys import Site
from workflow.people.sign_in import Session, session_of
from workflow.people.turns import turn
from workflow.sealing.seal import Seal

PREFIX = "proof_"


def seal() -> Seal:
    """What the secrets of this site's code generators are sealed with."""
    return Seal(office().settings.sealing_key())


def site() -> Site:
    """The host that security keys belong to: as the settings name it, or as the browser asked for it; "" for bare digits."""
    told = urlsplit(office().settings.site_url or request.host_url)
    host = told.hostname or ""
    return Site("" if _is_digits(host) else host, f"{told.scheme}://{told.netloc}", "Duban")


def _is_digits(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def shown() -> Shown:
    """What was shown with this request."""
    return Shown(*(request.form.get(f"{PREFIX}{name}", "") for name in ("code", "key", "password")))


def try_proof() -> None:
    """Proves what was shown; the request goes on with the renewed session, whose token its answer carries."""
    live = session()
    assert live is not None, "only somebody signed in is asked"
    database = office().database
    told: dict[str, Any] = {"session": live, "seal": seal(), "site": site(), "address": request.remote_addr or "", "now": now()}
    with turn() if shown().password else nullcontext():
        token = prove(database, shown=shown(), **told)
    go_on_with(token)


def go_on_with(token: str) -> None:
    """The rest of this request is of the session with this new token."""
    g.session = office().database.read(
        lambda store: session_of(store, token=token, now=now(), limits=limits_of(office().settings))
    )
    g.new_token = token


def require_fresh(live: Session) -> Any:
    """None where the person proved himself just now, or does so with this request; else the page that asks for it."""
    if live.is_fresh(now()):
        return None
    if request.method == "GET" or not any(name.startswith(PREFIX) for name in request.form):
        return asked(None)
    try:
        try_proof()
    except DomainError as refusal:
        return asked(problem_of(refusal))
    return None


def asked(problem: Problem | None) -> Any:
    """The page that asks, with 401; of a form it carries every field, of a link where it led."""
    is_form = request.method != "GET"
    carried = [(name, value) for name, value in request.form.items(multi=True) if not name.startswith((PREFIX, "csrf_token"))]
    page = render_template(
        "session/prove.html",
        action=request.full_path.rstrip("?") if is_form else url_for("session.prove_for"),
        carried=carried if is_form else [("next", request.full_path.rstrip("?"))],
        problem=problem,
        **asking(),
    )
    answer = make_response(page, problem.status if problem else 401)
    if request.headers.get("HX-Request"):
        answer.headers.update({"HX-Retarget": "body", "HX-Reswap": "innerHTML"})  # a whole page, not a part of one
    return answer


def asking() -> dict[str, Any]:
    """What the box that asks for a proof shows."""
    live = session()
    assert live is not None, "only somebody signed in is asked"
    return {"has_factor": live.has_factor, "has_host": bool(site().host), "by_provider": live.by_provider}
