"""What the forms of a case have posted: texts, days, numbers, an approval on paper with its scan."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request

from states.errors import BadInput, InvalidForm
from web.current import actor, now, office, today
from web.days import Side, Unsure, plain_text, read_day
from web.storable import whole
from workflow import files
from workflow.reads.seen import find_number

MEBIBYTE = 1024 * 1024


def text(name: str) -> str:
    """What was typed, without blanks around it."""
    return request.form.get(name, "").strip()


def who() -> dict[str, Any]:
    """Who asks a verb, when, and with which form."""
    return {"actor": actor(), "now": now(), "key": request.form.get("key") or None}


def day(name: str, side: Side = "past") -> date:
    """The day that was typed, or InvalidForm: not_a_date, or what must be said of it first (web/days.py)."""
    told = plain_text(text(name), today=today(), side=side)
    on = read_day(told, today=today())
    if on is None or isinstance(told, Unsure):
        raise InvalidForm(fields={name: [told.code if isinstance(told, Unsure) else "not_a_date"]})
    return on


def number(name: str) -> int:
    """The number that was chosen; 0 for none and for what is no number."""
    return request.form.get(name, type=whole) or 0


def ids(name: str) -> tuple[int, ...]:
    """The numbers that were chosen, without what is no number."""
    return tuple(dict.fromkeys(request.form.getlist(name, type=whole)))


def case_of(name: str) -> int:
    """The case that a number typed by hand means; invisible and absent are one answer."""
    told = text(name)
    found = office().engine.read(now(), lambda store, occasion: find_number(store, occasion, actor(), told))
    if found is None:
        raise InvalidForm(fields={name: ["no_such_case"]})
    return found


def approval() -> dict[str, str]:
    """What was typed of an approval on paper."""
    told = {k.removeprefix("approval/"): v for k, v in request.form.items() if k.startswith("approval/") and v}
    return told | ({"on": plain_text(told["on"], today=today(), side="past")} if "on" in told else {})


def scan() -> files.Received | None:
    """The scan of an approval on paper, where one came with the form."""
    return upload("approval/scan")


def upload(name: str) -> files.Received | None:
    """The one file of a control, where one came with the form."""
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        return None
    try:
        return receive(sent)
    except BadInput as refusal:
        raise InvalidForm(fields={name: [{"file": files.clean_name(sent.filename), **refusal.params}]}) from None


def receive(sent: Any) -> files.Received:
    """The upload's bytes, kept under their digest; refused where they are too many or of a kind that is not taken."""
    limit = office().settings.upload_mebibytes * MEBIBYTE
    return files.receive(office().vault, name=sent.filename, stream=sent.stream, limit=limit)
