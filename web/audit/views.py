"""What the audit administrator has before him: where checkpoints stand, and the sheet to print; and the door of a witness."""

from __future__ import annotations

from datetime import date
from typing import Any

import segno
from flask import Flask, Response, flash, json, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from states.errors import BadInput, CaseNotFound, NotFound
from web.access import Access, Route
from web.audit.seen import line_of, set_of, span_of
from web.checkpointing import every, lags_of
from web.current import now, office, today
from web.days import read_day
from web.formatting import shown_digest
from web.trailing import origin
from workflow import deliveries, trail, witness
from workflow.checkpoints import Checkpoint
from workflow.keyring import get_key
from workflow.reads.rows import county_name
from workflow.text import canonical

# So many of the newest rows stand on the page; the command line has all.
SHOWN = 1000


def checkpoint_page() -> Any:
    """Where the checkpoints stand, and the newest one with its code on a sheet to print and sign."""
    told = office().database.read(lambda store: deliveries.standing(store, now(), every(office().settings)))
    found = office().database.read(deliveries.newest)
    return render_template(
        "audit/checkpoint.html",
        told=told,
        lags=lags_of(office(), now()),
        found=found,
        code=_code(found[1]) if found else "",
        digest=shown_digest(found[1].digest) if found else None,
        minutes=office().settings.checkpoint_minutes,
        office_name=office().engine.read(now(), lambda _store, occasion: county_name(occasion.tree)),
    )


def _code(taken: Checkpoint) -> Markup:
    """The note as a QR code in SVG: what a verifier elsewhere needs to know of this checkpoint, and its signature."""
    made = segno.make(canonical(taken.note()), error="l", boost_error=False, micro=False)
    drawn = made.svg_inline(border=4, omitsize=True, svgclass="checkpoint-squares", lineclass=None, light="#fff")
    return Markup(drawn)  # noqa: S704  # drawn by the library from our own text; no word of it stands in the SVG


def put_away() -> Any:
    """The audit administrator says that the sheet was printed and lies elsewhere."""
    found = office().database.read(deliveries.newest)
    if found is None or str(found[1].number) != request.form.get("number", ""):
        raise NotFound(what="checkpoint")
    place = deliveries.PAPER
    office().database.write(lambda store: deliveries.say_delivered(store, found[0], place=place, now=now(), answer=""))
    flash(gettext("已记下"), "toast")
    return redirect(url_for("audit.checkpoint_page"), 303)


def witness_door(origin: str) -> Any:
    """Another installation shows a checkpoint: it is kept if it follows what was seen before, and signed."""
    settings = office().settings
    if settings.witness_for is None:
        raise NotFound(what="witness", id=origin)
    try:
        document = json.loads(request.get_data())
    except ValueError:
        raise BadInput(why="not_json") from None
    key, memory = get_key(settings.key_folder, "witness"), settings.home / "witness"
    seen = witness.see(memory, settings.witness_for, origin, document, key=key, now=now())
    return Response(canonical(seen), mimetype="application/json")


def seen_page() -> Any:
    """Who saw a case between two days: people, hours and addresses from the trail alone, and no word of the case."""
    number = request.args.get("number", "").replace("\0", "").strip()
    asked = {name: request.args.get(name, "") for name in ("since", "until")}
    days = [read_day(text, today=today(), side="past") for text in asked.values()]
    told: dict[str, Any] = {"number": number, "asked": asked, "rows": None, "problem": "", "since": None, "until": None}
    if number:
        told |= _seen(number, *days)
    return render_template("audit/seen.html", today=today(), **told)


def _seen(number: str, since: date | None, until: date | None) -> dict[str, Any]:
    """The rows, once it is written down that somebody asked; or what is wrong with the question."""
    if since is None or until is None or until < since:
        return {"problem": gettext("写明起止两天，止日不早于起日")}
    office().database.write(lambda store: trail.record(store, origin(), "audit", now=now(), what="audit.seen_page"))
    try:
        rows = office().database.read(lambda store: trail.who_saw(store, number, **span_of(since, until)))
    except CaseNotFound:
        return {"problem": gettext("没有这个编号")}
    return {"rows": [line_of(row) for row in rows[-SHOWN:]], "count": len(rows), "since": since, "until": until}


def changes_page() -> Any:
    """Who set, proposed or decided what between two days: versions of workflows, settings, years of the calendar."""
    asked = {name: request.args.get(name, "") for name in ("since", "until")}
    since, until = (read_day(text, today=today(), side="past") for text in asked.values())
    told: dict[str, Any] = {"asked": asked, "rows": None, "problem": "", "since": since, "until": until}
    if any(asked.values()) and (since is None or until is None or until < since):
        told["problem"] = gettext("写明起止两天，止日不早于起日")
    elif since is not None and until is not None:
        rows = office().database.read(lambda store: trail.what_was_set(store, **span_of(since, until)))
        told |= {"rows": [set_of(row) for row in rows[-SHOWN:]], "count": len(rows)}
    return render_template("audit/changes.html", today=today(), **told)


def exempt_witness(app: Flask) -> None:
    """What is shown to a witness carries a signature of its own and no cookie, so there is nothing to forge."""
    app.extensions["duban_csrf"].exempt(witness_door)


ROUTES = (
    Route("/audit", checkpoint_page, Access.AUDIT_ADMINISTRATOR),
    Route("/audit/seen", seen_page, Access.AUDIT_ADMINISTRATOR),
    Route("/audit/changes", changes_page, Access.AUDIT_ADMINISTRATOR),
    Route("/audit/paper", put_away, Access.AUDIT_ADMINISTRATOR, ("POST",)),
    Route("/witness/<origin>", witness_door, Access.PUBLIC, ("POST",)),
)
