"""Second factors: the page that asks for one after the password, and the page where they are got and given up."""

from __future__ import annotations

import io
from typing import Any

import pyotp
import segno
from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from states.errors import DomainError
from web.access import Access, Route, lacking
from web.current import actor, now, office, session
from web.errors import problem_of
from web.session.onward import next_address
from web.session.step_up import asking, go_on_with, seal, site, try_proof
from web.storable import whole
from web.trailing import origin
from workflow.people import factors, security_keys
from workflow.people.accounts import end_all
from workflow.people.sign_in import Session, renew
from workflow.store import Store
from workflow.trail import account_changed

ISSUER = "督办"


def factor_page() -> Any:
    """Asks for the second factor; whoever showed it goes on."""
    return _asked(None) if _live().factor_at is None else redirect(next_address())


def show_factor() -> Any:
    """Takes the second factor: from now on the session is whole."""
    try:
        try_proof()
    except DomainError as refusal:
        return _asked(problem_of(refusal))
    return redirect(next_address(), 303)


def _asked(problem: Any) -> Any:
    page = render_template("session/factor.html", next=request.values.get("next", ""), problem=problem, **asking())
    return page, problem.status if problem else 200


def _live() -> Session:
    live = session()
    assert live is not None, "the mark of these routes asks for a session"
    return live


def factors_page() -> Any:
    """What one has besides the password."""
    return _factors()


def _factors(problem: Any = None, **more: Any) -> Any:
    person_id = _live().person_id
    mine, left = office().database.read(
        lambda store: (factors.list_factors(store, person_id), factors.codes_left(store, person_id))
    )
    told = {"factors": mine, "codes_left": left, "must": lacking() == "session.factors_page", "has_host": bool(site().host)}
    page = render_template("session/factors.html", **{"codes": (), "begun": None, "problem": problem, **told, **more})
    return page, problem.status if problem else 200


def begin_totp() -> Any:
    """A new code generator: its picture and secret, shown until a code of it was typed."""
    try:
        begun = office().database.write(
            lambda store: factors.begin_totp(store, person_id=_live().person_id, seal=seal(), now=now())
        )
    except DomainError as refusal:
        return _factors(problem_of(refusal))
    return _factors(begun=_shown(*begun))


def _shown(factor_id: int, secret: str) -> dict[str, Any]:
    address = pyotp.TOTP(secret).provisioning_uri(name=actor().login, issuer_name=ISSUER)
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", xmldecl=False, svgns=True, nl=False, scale=4, light="#fff")
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"id": factor_id, "secret": spaced, "picture": Markup(drawn.getvalue().decode())}  # noqa: S704  # drawn here


def confirm_totp() -> Any:
    """The generator counts once its code is right; the first factor brings the recovery codes, shown once."""
    factor_id, person_id = request.form.get("factor", type=whole) or 0, _live().person_id

    def work(store: Store) -> None:
        told = {"code": "".join(request.form.get("code", "").split()), "label": request.form.get("label", "")}
        factors.confirm_totp(store, person_id=person_id, factor_id=factor_id, seal=seal(), now=now(), **told)

    try:
        return _added(work)
    except DomainError as refusal:
        secret = office().database.read(
            lambda store: factors.begun_secret(store, person_id=person_id, factor_id=factor_id, seal=seal())
        )
        return _factors(problem_of(refusal), begun=_shown(factor_id, secret))


def _added(work: Any) -> Any:
    """A factor more: other sessions end, this one has shown it, and who had none gets recovery codes."""
    live = _live()

    def add(store: Store) -> tuple[str, list[str]]:
        work(store)
        account_changed(store, "second factor added", now=now(), origin=origin())
        made = [] if live.has_factor else factors.new_codes(store, person_id=live.person_id, now=now())
        end_all(store, person_id=live.person_id, now=now(), but=live.token_digest)
        return renew(store, session=live, now=now(), factor_at=now(), proved_at=now()), made

    token, made = office().database.write(add)
    go_on_with(token)
    if made:
        return _factors(codes=made)
    flash(gettext("已添加"), "toast")
    return redirect(url_for("session.factors_page"), 303)


def key_options() -> Any:
    """What the browser asks a new security key."""
    live, here = _live(), site()
    told = office().database.write(
        lambda store: security_keys.begin_key(
            store, session=live.token_digest, person_id=live.person_id, login=actor().login, name=actor().name, site=here
        )
    )
    return Response(told, mimetype="application/json")


def confirm_key() -> Any:
    """The security key counts from now on."""
    live, answer, here = _live(), request.form.get("answer", ""), site()
    told: dict[str, Any] = {"label": request.form.get("label", ""), "session": live.token_digest, "person_id": live.person_id}

    def work(store: Store) -> None:
        security_keys.confirm_key(store, answer=answer, site=here, now=now(), **told)

    try:
        return _added(work)
    except DomainError as refusal:
        return _factors(problem_of(refusal))


def proof_options() -> Any:
    """What the browser asks a known security key."""
    live, here = _live(), site()
    told = office().database.write(
        lambda store: security_keys.begin_proof(store, session=live.token_digest, person_id=live.person_id, site=here)
    )
    return Response(told, mimetype="application/json")


def end_factor(factor_id: int) -> Any:
    """Gives up a factor; other sessions end."""
    live = _live()

    def work(store: Store) -> None:
        factors.end_factor(store, person_id=live.person_id, factor_id=factor_id, now=now(), but=live.token_digest)
        account_changed(store, "second factor given up", now=now(), origin=origin())

    office().database.write(work)
    flash(gettext("已去掉"), "toast")
    return redirect(url_for("session.factors_page"), 303)


def new_codes() -> Any:
    """Ten new recovery codes, shown once; the old ones are void."""

    def work(store: Store) -> list[str]:
        account_changed(store, "recovery codes made", now=now(), origin=origin())
        return factors.new_codes(store, person_id=_live().person_id, now=now())

    return _factors(codes=office().database.write(work))


ROUTES = (
    Route("/factor", factor_page, Access.SIGNED_IN),
    Route("/factor", show_factor, Access.SIGNED_IN, ("POST",)),
    Route("/factor/options", proof_options, Access.SIGNED_IN, ("POST",)),
    Route("/factors", factors_page, Access.SIGNED_IN),
    Route("/factors/generator", begin_totp, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/factors/generator/confirm", confirm_totp, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/factors/key/options", key_options, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/factors/key", confirm_key, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/factors/codes", new_codes, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/factors/<int:factor_id>/end", end_factor, Access.SIGNED_IN, ("POST",), fresh=True),
)
