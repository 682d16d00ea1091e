"""The proof that a link asked for, and one's own sessions: seen, and ended."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from web.access import Access, Route
from web.current import now, office, session
from web.session.devices import device_words
from web.session.limits import limits_of
from web.session.onward import next_address
from web.trailing import origin
from workflow.people.accounts import end_all
from workflow.people.sessions import end_session, list_sessions
from workflow.store import Store
from workflow.trail import account_changed


def prove_for() -> Any:
    """Goes on where a link led, once its reader has proved himself; what is fetched there begins by itself."""
    return render_template("session/proved.html", next=next_address())


def sessions_page() -> Any:
    """Where one is signed in."""
    live = session()
    assert live is not None, "the mark of this route asks for a session"
    rows = office().database.read(
        lambda store: list_sessions(store, person_id=live.person_id, now=now(), limits=limits_of(office().settings))
    )
    told = [{**row, "device": device_words(row["device"]), "is_here": row["token_digest"] == live.token_digest} for row in rows]
    return render_template("session/sessions.html", sessions=told)


def end_one() -> Any:
    """Ends one of them."""
    live = session()
    assert live is not None, "the mark of this route asks for a session"
    which = request.form.get("session", "")

    def work(store: Store) -> None:
        end_session(store, person_id=live.person_id, token_digest=which, now=now())
        account_changed(store, "session ended", now=now(), origin=origin())

    office().database.write(work)
    return _back()


def end_others() -> Any:
    """Ends all but this."""
    live = session()
    assert live is not None, "the mark of this route asks for a session"

    def work(store: Store) -> None:
        end_all(store, person_id=live.person_id, now=now(), but=live.token_digest)
        account_changed(store, "other sessions ended", now=now(), origin=origin())

    office().database.write(work)
    return _back()


def _back() -> Any:
    flash(gettext("已退出"), "toast")
    return redirect(url_for("session.sessions_page"), 303)


ROUTES = (
    Route("/prove", prove_for, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/sessions", sessions_page, Access.SIGNED_IN),
    Route("/sessions/end", end_one, Access.SIGNED_IN, ("POST",)),
    Route("/sessions/end-others", end_others, Access.SIGNED_IN, ("POST",)),
)
