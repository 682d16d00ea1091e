"""The door through which every file of many cases leaves: begun with a number, which it bears, and closed with its length."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, json, render_template, request
from flask_babel import gettext

from handlers.ledgers.marks import Mark, grouped
from states.errors import ReasonNeeded
from web import formatting
from web.current import actor, now, office, today
from web.errors import PROBLEM, as_json, problem_of, wants_problem_json
from web.language import current_language
from web.patience import take_time
from web.trailing import origin
from workflow import exports
from workflow.exports import Bounds, Taking

REASON = "export_reason"


def begin(what: str, form: str, lines: int) -> Mark:
    """Writes down who takes so many lines (a capped count will do) away; the mark that the file bears.

    TooMany and ReasonNeeded as `exports.begin`; the second is answered with a form that asks for it.
    """
    settings = office().settings
    bounds = Bounds(settings.exports_per_hour, settings.export_reason_lines)
    taking = Taking(what, form, lines, request.form.get(REASON, ""))
    number = office().database.write(lambda store: exports.begin(store, actor(), origin(), taking, bounds=bounds, now=now()))
    take_time()
    return Mark(number, _words(number))


def made(lines: int) -> None:
    """The file is whole and has so many lines."""
    office().database.write(lambda store: exports.say_lines(store, origin(), lines))


def _words(number: str) -> str:
    language = current_language()
    hour = f"{formatting.full_day(today(), language=language)} {formatting.clock_time(now(), language=language)}"
    return str(gettext("%(name)s %(hour)s 编号%(number)s", name=actor().name, hour=hour, number=grouped(number)))


def install_handing(app: Flask) -> None:
    """Asks for the reason where one is needed, and goes on with it."""
    app.register_error_handler(ReasonNeeded, _ask)


def _ask(refusal: ReasonNeeded) -> Any:
    problem = problem_of(refusal)
    if wants_problem_json():
        return Response(json.dumps(as_json(problem)), problem.status, mimetype=PROBLEM)
    was_asked = REASON in request.form
    carried = [(key, value) for key, value in request.form.items(multi=True) if key not in (REASON, "csrf_token")]
    page = render_template(
        "exports/reason.html",
        **{"action": request.full_path.rstrip("?"), "name": REASON, "most": exports.REASON_AT_MOST, "carried": carried},
        **{"problem": problem if was_asked else None, **refusal.params},
    )
    return page, problem.status
