"""The JSON API under /api/v1: the same verbs and reads as the pages, for programs with a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from flask import Flask, jsonify, request

from states.errors import InvalidForm
from web.access import Access, Route
from web.api import schemas
from web.api.asked import FILTERS, PLACES, WORDS, body_of, filters_of, key_of, page_of, require_known
from web.api.case import case_of, history_of, receipt_of_event, votes_of
from web.api.document import Operation, document_of
from web.current import actor, now, office
from web.fetching import copy_for_circulation, original_of
from workflow import files
from workflow.calendars import document_of as year_document
from workflow.reads import counts as counting
from workflow.reads import ledger, search
from workflow.types import Outcome
from workflow.verbs.votes import Word

PREFIX = "/api/v1"
MEBIBYTE = 1024 * 1024


def _outcome(outcome: Outcome) -> Any:
    return jsonify(schemas.OutcomeOut().dump(outcome))


def _who() -> dict[str, Any]:
    """Who asks a verb, when, and under which idempotency key."""
    return {"actor": actor(), "now": now(), "key": key_of()}


# ---- reads ----------------------------------------------------------------------------------------------------------------


def list_cases() -> Any:
    """Cases that the token's person may see, by a cursor."""
    query, after, limit = page_of()
    found = office().engine.read(
        now(), lambda store, occasion: ledger.page(store, occasion, actor(), query, after=after, limit=limit)
    )
    cursor = found.next_cursor.text() if found.next_cursor else None
    return jsonify(schemas.PageOut().dump({"cases": found.rows, "next": cursor}))


def show(case_id: int) -> Any:
    """One case with clocks, history and links."""
    return jsonify(office().engine.read(now(), lambda store, occasion: case_of(store, occasion, actor(), case_id)))


def events(case_id: int) -> Any:
    """The history of a case, oldest first."""
    rows = office().engine.read(now(), lambda store, occasion: history_of(store, occasion, actor(), case_id))
    return jsonify(schemas.EventsOut().dump({"events": rows}))


def receipt(case_id: int, seq: int) -> Any:
    """The signed receipt of an event that one may read."""
    told = partial(receipt_of_event, actor=actor(), case_id=case_id, seq=seq, signer=office().signer, now=now())
    return jsonify(schemas.ReceiptOut().dump(office().engine.read(now(), told)))


def votes(case_id: int) -> Any:
    """What a body decides on a case: how each vote stands, and who said what for those who may read it."""
    told = office().engine.read(now(), lambda store, occasion: votes_of(store, occasion, actor(), case_id))
    return jsonify(schemas.VotesOut().dump({"votes": told}))


def counts() -> Any:
    """The figures of the ledger."""
    query = filters_of()
    told = office().engine.read(now(), lambda store, occasion: counting.counts(store, occasion, actor(), query))
    names = ("open", "late", "soon", "to_sign", "waiting_check", "closed")
    return jsonify({name: asdict(getattr(told, name)) for name in names} | {"close_out_rate": told.close_out_rate})


def find() -> Any:
    """Cases by words."""
    require_known(("q",))
    text = request.args.get("q", "")
    found = office().engine.read(now(), lambda store, occasion: search.find(store, occasion, actor(), text))
    return jsonify(schemas.CasesOut().dump({"cases": found.rows}))


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
    return _outcome(office().engine.open(**body_of(schemas.OpenIn), **_who())), 201


def fire(case_id: int, trigger: str) -> Any:
    """Fires a transition."""
    return _outcome(office().engine.fire(case_id, trigger, **body_of(schemas.TransitionIn), **_who()))


def comment(case_id: int) -> Any:
    """Adds a remark."""
    return _outcome(office().engine.comment(case_id, **body_of(schemas.CommentIn), **_who()))


def add_evidence(case_id: int) -> Any:
    """Makes a file that one has sent a proof on the case."""
    return _outcome(office().engine.add_evidence(case_id, **body_of(schemas.EvidenceIn), **_who()))


def assign(case_id: int) -> Any:
    """Names the person inside the holder who handles it."""
    return _outcome(office().engine.assign(case_id, **body_of(schemas.AssignIn), **_who()))


def bar(case_id: int) -> Any:
    """Takes a person or an organ off the case."""
    return _outcome(office().engine.bar(case_id, **body_of(schemas.BarIn), **_who()))


def pause(case_id: int) -> Any:
    """Stops the clocks."""
    return _outcome(office().engine.pause(case_id, **body_of(schemas.PauseIn), **_who()))


def resume(case_id: int) -> Any:
    """Lets the clocks go on."""
    return _outcome(office().engine.resume(case_id, **body_of(schemas.ResumeIn), **_who()))


def ask_extension(case_id: int) -> Any:
    """Asks for a later date."""
    return _outcome(office().engine.ask_extension(case_id, **body_of(schemas.ExtensionIn), **_who()))


def decide_extension(case_id: int) -> Any:
    """Grants or refuses a later date."""
    return _outcome(office().engine.decide_extension(case_id, **body_of(schemas.DecisionIn), **_who()))


def ask_decision(case_id: int, trigger: str) -> Any:
    """Puts a step with its answers to the vote of the body that decides on it."""
    return _outcome(office().engine.ask_decision(case_id, trigger, **body_of(schemas.TransitionIn), **_who()))


def vote(case_id: int, trigger: str) -> Any:
    """Says a member's word, once."""
    return _outcome(office().engine.vote(case_id, trigger, **body_of(schemas.VoteIn), **_who()))


def record_votes(case_id: int, trigger: str) -> Any:
    """Writes down what a meeting has voted, from its minutes."""
    told = body_of(schemas.MinutesIn)
    words = [Word(**word) for word in told.pop("votes")]
    return _outcome(office().engine.record_votes(case_id, trigger, words=words, scan=told.pop("file_id"), **told, **_who()))


def withdraw_decision(case_id: int, trigger: str) -> Any:
    """Takes back what one has put to the vote."""
    return _outcome(office().engine.withdraw_decision(case_id, trigger, **body_of(schemas.WithdrawalIn), **_who()))


def undo(case_id: int) -> Any:
    """Takes back one's own last step."""
    body_of(schemas.Empty)
    return _outcome(office().engine.undo(case_id, **_who()))


# ---- files ----------------------------------------------------------------------------------------------------------------


def keep_file() -> Any:
    """Takes a file in, whose id the evidence of a case may then name."""
    upload = request.files.get("file")
    if upload is None:
        raise InvalidForm(fields={"file": ["required"]})
    stream: Any = upload.stream
    file_id = files.keep(
        office().database,
        office().vault,
        name=upload.filename or "",
        stream=stream,
        uploaded_by=actor().person_id,
        now=now(),
        limit=office().settings.upload_mebibytes * MEBIBYTE,
        key=key_of(),
    )
    return jsonify(schemas.FileOut().dump({"id": file_id})), 201


def file(file_id: int) -> Any:
    """A file's original, for those who are given it; one that wants a reason is to be had on its page only."""
    return original_of(file_id)


def circulated(file_id: int) -> Any:
    """The file's copy for circulation, for those who may read a case that it is evidence of."""
    return copy_for_circulation(file_id)


# ---- the document ---------------------------------------------------------------------------------------------------------

ONE = f"/cases/<int(max={schemas.LARGEST}):case_id>"


def _verb(path: str, view: Any, body: type[schemas.Strict], *, status: int = 200) -> Operation:
    return Operation("POST", path, view, body=body, status=status, answer=schemas.OutcomeOut)


OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/cases", list_cases, query={**FILTERS, **PLACES}, answer=schemas.PageOut),
    _verb("/cases", open_case, schemas.OpenIn, status=201),
    Operation("GET", ONE, show),
    Operation("GET", f"{ONE}/events", events, answer=schemas.EventsOut),
    Operation("GET", f"{ONE}/receipts/<int(max={schemas.LARGEST}):seq>", receipt, answer=schemas.ReceiptOut),
    _verb(f"{ONE}/transitions/<trigger>", fire, schemas.TransitionIn),
    _verb(f"{ONE}/comments", comment, schemas.CommentIn),
    _verb(f"{ONE}/evidence", add_evidence, schemas.EvidenceIn),
    _verb(f"{ONE}/assign", assign, schemas.AssignIn),
    _verb(f"{ONE}/bar", bar, schemas.BarIn),
    _verb(f"{ONE}/pause", pause, schemas.PauseIn),
    _verb(f"{ONE}/resume", resume, schemas.ResumeIn),
    _verb(f"{ONE}/extensions", ask_extension, schemas.ExtensionIn),
    _verb(f"{ONE}/extensions/decide", decide_extension, schemas.DecisionIn),
    Operation("GET", f"{ONE}/votes", votes, answer=schemas.VotesOut),
    _verb(f"{ONE}/votes/<trigger>", ask_decision, schemas.TransitionIn),
    _verb(f"{ONE}/votes/<trigger>/vote", vote, schemas.VoteIn),
    _verb(f"{ONE}/votes/<trigger>/minutes", record_votes, schemas.MinutesIn),
    _verb(f"{ONE}/votes/<trigger>/withdraw", withdraw_decision, schemas.WithdrawalIn),
    _verb(f"{ONE}/undo", undo, schemas.Empty),
    Operation("GET", "/counts", counts, query=FILTERS),
    Operation("GET", "/search", find, query={"q": WORDS}, answer=schemas.CasesOut),
    Operation("GET", "/organisations", organisations),
    Operation("GET", "/calendar", calendar),
    Operation("GET", "/kinds", kinds),
    Operation("GET", "/me", me),
    Operation("POST", "/files", keep_file, upload=True, status=201, answer=schemas.FileOut),
    Operation("GET", f"/files/<int(max={schemas.LARGEST}):file_id>", file, media=None),
    Operation("GET", f"/files/<int(max={schemas.LARGEST}):file_id>/copy", circulated, media=None),
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
