"""Who asks, when, and of which office: the three things every view needs of its request."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from flask import current_app, g

from workflow.dates import local_day
from workflow.types import Actor

if TYPE_CHECKING:
    from web.wiring import Office
    from workflow.people.sign_in import Session


def office() -> Office:
    """The office behind this site."""
    return cast("Office", current_app.extensions["duban"])


def actor() -> Actor:
    """The person who asks, with the posts that are valid today. Only where the route's mark asked for a sign-in."""
    return cast(Actor, g.actor)


def session() -> Session | None:
    """The session of the request, if it came with a live one."""
    return cast("Session | None", g.get("session"))


def now() -> datetime:
    """The hour of this request: the same for everything that it does."""
    if "now" not in g:
        g.now = office().clock()
    return cast(datetime, g.now)


def today() -> date:
    """The office's day of this request."""
    return local_day(now())
