"""What of a request goes on the trail: it is written before the answer leaves, and without it no answer does."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from flask import Flask, Response, current_app, g, has_request_context, request

from states.errors import ReadOnly
from web.current import now, office, session
from workflow import trail
from workflow.trail import Origin, session_mark

# What an address hands out or reads, where its method does not say so; anything else that is downloaded is an export.
_FILES = ("cases.look", "cases.file", "cases.original", "cases.circulated", "api.file", "api.circulated")
FILES = {**dict.fromkeys(_FILES, "file"), "cases.letter": "letter"}
ACTIONS = {**FILES, "designer.record_scenario": "read"}
# What is sent before a step, and does nothing to the case by itself.
NO_STEPS = ("cases.begin_upload",)
# Forbidden, or not there for him; what was merely filled in wrong is no refusal of a right.
REFUSED = (403, 404)
BAD = 400


def install_trail(app: Flask) -> None:
    """Collects what each request reads, and writes it down at its end."""
    office_of_app = app.extensions["duban"]
    office_of_app.engine.on_shown = _collect
    app.after_request(_write)


def _collect(ids: Collection[int]) -> None:
    # The scheduler reads with the same engine, for nobody.
    if has_request_context():
        g.setdefault("shown", set()).update(ids)


def origin() -> Origin:
    """Who asks, by which session, and from which socket; a forwarded address is what a client says, and is not kept."""
    asking, live = g.get("actor"), session()
    if asking is None:
        return Origin(request=_request_id())
    post = asking.acting.id if asking.acting else None
    mark = session_mark(live.token_digest) if live else ""
    return Origin(asking.person_id, post, request.remote_addr or "", mark, _request_id())


def _request_id() -> str:
    if "request_id" not in g:
        g.request_id = uuid.uuid4().hex
    return str(g.request_id)


def _write(response: Response) -> Response:
    if g.get("actor") is None or request.endpoint in (None, "static"):
        return response
    shown: set[int] = g.get("shown", set())
    action = _action(response, is_shown=bool(shown))
    asked = request.view_args.get("case_id") if request.view_args else None
    named = {asked} if isinstance(asked, int) and action in ("act", "refused") else set()
    if not action or (action in ("read", "act") and not shown | named):
        return response
    opened = _opened(action, asked, shown)
    cases = named if action == "refused" else shown | named
    what, result = _what(), str(response.status_code)
    try:
        office().database.write(
            lambda store: trail.record(store, origin(), action, now=now(), what=what, cases=cases, result=result, opened=opened)
        )
    except ReadOnly as refusal:
        # Not shown, then; and said in a sentence, as the frame does not do for what fails this late.
        return current_app.make_response(current_app.handle_user_exception(refusal))
    return response


def _what() -> str:
    """What was asked: the endpoint, which file of the case by its number, and whether its original or a copy."""
    file_id, fetched = (request.view_args or {}).get("file_id"), g.get("fetched", "")
    told = [f"file {file_id}"] if isinstance(file_id, int) else []
    return ", ".join([request.endpoint or "", *told, *([fetched] if told and fetched else [])])


def _opened(action: str, asked: object, shown: set[int]) -> int | None:
    """The case that the address names, or the one whose file or letter it is; a list opens none."""
    if isinstance(asked, int) and asked in shown and action != "act":
        return asked
    return next(iter(shown)) if action in ("file", "letter") and len(shown) == 1 else None


def _action(response: Response, *, is_shown: bool) -> str:
    status = response.status_code
    if status >= BAD and is_shown:
        return "read"  # A step that was refused comes back with the page of the case.
    if status >= BAD:
        return "refused" if status in REFUSED else ""
    if request.endpoint in ACTIONS:
        return ACTIONS[request.endpoint]
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        return "export"
    if request.method in ("GET", "HEAD") or request.endpoint in NO_STEPS or g.get("refused_step"):
        return "read"
    return "act"
