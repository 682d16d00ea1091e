"""The JSON API under /api/v1: the same verbs and reads as the pages, for programs with a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Flask, jsonify, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import BadRequest

from states.errors import InvalidForm
from web.access import Access, Route
from web.api.document import Operation, document_of
from web.api.schemas import CommentIn, Empty, OpenIn, TransitionIn
from web.current import actor, now, office
from web.ledger.questions import asked_of, query_of
from workflow.calendars import document_of as year_document
from workflow.reads import counts as counting
from workflow.reads import ledger, search
from workflow.reads.case_lines import show_case
from workflow.reads.query import Cursor
from workflow.reads.rows import LedgerRow
from workflow.reads.seen import see
from workflow.types import Outcome

PREFIX = "/api/v1"
LIMIT, MOST = 50, 200
LIST_PARAMETERS = ("kind", "state", "band", "area", "holder", "q", "sort", "late", "down", "after", "limit")


# ---- in and out -----------------------------------------------------------------------------------------------------------


def _body(schema: type[Schema]) -> dict[str, Any]:
    """The request's body through its schema; a fault names its member."""
    told = request.get_json(silent=True) if request.data else {}
    if not isinstance(told, dict):
        raise BadRequest()
    try:
        loaded: dict[str, Any] = schema().load(told)
    except ValidationError as fault:
        messages: Any = fault.messages
        raise InvalidForm(fields={str(key): ["bad_value"] for key in messages}) from None
    return loaded


def _row(row: LedgerRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "kind": row.kind,
        "state": row.state,
        "title": row.title,
        "subject": row.subject,
        "holder": row.holder or None,
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "days_late": row.days_late,
        "version": row.version,
    }


def _outcome(outcome: Outcome) -> Any:
    return jsonify({**asdict(outcome), "opened": list(outcome.opened)})


def _key() -> str | None:
    return request.headers.get("Idempotency-Key") or None


# ---- reads ----------------------------------------------------------------------------------------------------------------


def list_cases() -> Any:
    """Cases that the token's person may see, by a cursor."""
    unknown = [name for name in request.args if name not in LIST_PARAMETERS and not name.startswith("f.")]
    if unknown:
        raise InvalidForm(fields={unknown[0]: ["unknown"]})
    asked = asked_of(request.args.to_dict())
    limit = min(max(request.args.get("limit", LIMIT, type=int), 1), MOST)
    after = Cursor.read(asked.params["after"]) if "after" in asked.params else None
    query = query_of(asked)
    found = office().engine.read(
        now(), lambda store, occasion: ledger.page(store, occasion, actor(), query, after=after, limit=limit)
    )
    cursor = found.next_cursor.text() if found.next_cursor else None
    return jsonify({"cases": [_row(row) for row in found.rows], "next": cursor})


def show(case_id: int) -> Any:
    """One case with clocks, history and links."""

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        seen = see(store, occasion, actor(), case_id)
        return show_case(store, occasion, actor(), seen.row["number"])

    return jsonify(office().engine.read(now(), read))


def counts() -> Any:
    """The figures of the ledger."""
    query = query_of(asked_of(request.args.to_dict()))
    told = office().engine.read(now(), lambda store, occasion: counting.counts(store, occasion, actor(), query))
    names = ("open", "late", "soon", "to_sign", "waiting_check", "closed")
    return jsonify({name: asdict(getattr(told, name)) for name in names} | {"close_out_rate": told.close_out_rate})


def find() -> Any:
    """Cases by words."""
    text = request.args.get("q", "")
    found = office().engine.read(now(), lambda store, occasion: search.find(store, occasion, actor(), text))
    return jsonify({"cases": [_row(row) for row in found.rows]})


def organisations() -> Any:
    """Areas and organs in official order."""
    tree = office().engine.read(now(), lambda _store, occasion: occasion.tree)
    areas = sorted(tree.areas.values(), key=lambda area: tree.area_rank[area.id])
    organs = sorted(tree.organs.values(), key=lambda organ: (tree.area_rank[organ.area_id], organ.official_order))
    plain = ("id", "area_id", "kind", "level", "name", "short_name")
    return jsonify(
        {
            "areas": [{name: getattr(area, name) for name in ("id", "parent_id", "level", "name")} for area in areas],
            "organs": [{name: getattr(organ, name) for name in plain} for organ in organs],
        }
    )


def calendar() -> Any:
    """The working calendar in force."""
    found = office().engine.read(now(), lambda _store, occasion: occasion.calendar)
    years = [year_document(year, rule) for year, rule in sorted(found.years.items())]
    return jsonify({"version": found.version, "years": years})


def kinds() -> Any:
    """Every kind with its states and transitions."""
    found = office().engine.read(now(), lambda _store, occasion: occasion.catalogue)
    return jsonify({"kinds": [_kind(served.definition, served.number) for served in found.current.values()]})


def _kind(definition: Any, version: int) -> dict[str, Any]:
    return {
        "key": definition.key,
        "title": definition.title.zh_hans,
        "version": version,
        "states": [{"key": s.key, "title": s.title.zh_hans, "final": s.final} for s in definition.states],
        "transitions": [
            {"trigger": t.trigger, "title": t.title.zh_hans, "from": list(t.sources), "to": t.target}
            for t in definition.transitions
        ],
    }


def me() -> Any:
    """Whom this token acts as."""
    posts = [{"role": grant.role, "organ_id": grant.organ_id, "title": grant.title} for grant in actor().grants]
    return jsonify({"login": actor().login, "name": actor().name, "posts": posts})


# ---- verbs ----------------------------------------------------------------------------------------------------------------


def open_case() -> Any:
    """Registers a case."""
    told = _body(OpenIn)
    outcome = office().engine.open(
        told["kind"],
        actor=actor(),
        now=now(),
        title=told["title"],
        subject_id=told["subject_id"],
        data=told["data"],
        old_number=told["old_number"],
        key=_key(),
    )
    return _outcome(outcome), 201


def fire(case_id: int, trigger: str) -> Any:
    """Fires a transition."""
    told = _body(TransitionIn)
    version = told["expected_version"]
    return _outcome(
        office().engine.fire(
            case_id, trigger, actor=actor(), now=now(), data=told["data"], expected_version=version, key=_key()
        )
    )


def comment(case_id: int) -> Any:
    """Adds a remark."""
    return _outcome(office().engine.comment(case_id, actor=actor(), now=now(), text=_body(CommentIn)["text"]))


def undo(case_id: int) -> Any:
    """Takes back one's own last step."""
    _body(Empty)
    return _outcome(office().engine.undo(case_id, actor=actor(), now=now()))


# ---- the document ---------------------------------------------------------------------------------------------------------

OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/cases", list_cases, query=LIST_PARAMETERS),
    Operation("POST", "/cases", open_case, body=OpenIn, keyed=True, status=201),
    Operation("GET", "/cases/<int:case_id>", show),
    Operation("POST", "/cases/<int:case_id>/transitions/<trigger>", fire, body=TransitionIn, keyed=True),
    Operation("POST", "/cases/<int:case_id>/comments", comment, body=CommentIn),
    Operation("POST", "/cases/<int:case_id>/undo", undo),
    Operation("GET", "/counts", counts, query=LIST_PARAMETERS),
    Operation("GET", "/search", find, query=("q",)),
    Operation("GET", "/organisations", organisations),
    Operation("GET", "/calendar", calendar),
    Operation("GET", "/kinds", kinds),
    Operation("GET", "/me", me),
)


def openapi() -> Any:
    """This API in OpenAPI 3.1, made from the same table that its addresses are."""
    document: Mapping[str, Any] = document_of(OPERATIONS, PREFIX)
    return jsonify(document)


def exempt(app: Flask) -> None:
    """Forms have a token against forged posts; the API takes no cookie, so there is nothing to forge."""
    for operation in OPERATIONS:
        app.extensions["duban_csrf"].exempt(operation.view)


ROUTES = (
    *(Route(PREFIX + op.path, op.view, Access.BEARER, (op.method,)) for op in OPERATIONS),
    Route(f"{PREFIX}/openapi.json", openapi, Access.PUBLIC),
)
