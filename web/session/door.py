"""The form at the door: login and password, and the way over a provider where the site has one."""

from __future__ import annotations

from flask import current_app, render_template

from web.current import office
from web.errors import Problem


def has_provider() -> bool:
    """Can people of this site come from a provider of identities?"""
    return current_app.extensions["duban_provider"] is not None


def sign_in_form(onward: str, problem: Problem | None, subject: str = "") -> str:
    """The page, with what was wrong; `subject` is who somebody without an account here is to his provider."""
    is_demo = office().settings.second_factor == "off"
    told = {"is_demo": is_demo, "has_provider": has_provider(), "subject": subject}
    return render_template("session/sign_in.html", next=onward, problem=problem, **told)
