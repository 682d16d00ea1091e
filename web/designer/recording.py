"""A scenario that comes from a real case: by its number for whoever may read it, or as the file that such a person recorded."""

from __future__ import annotations

from typing import Any

from flask import request

from config.documents import MAX_BYTES, DocumentFault, parse
from config.rewriting import rewrite
from states.checks.scenarios import SCENARIOS_AT_MOST
from states.errors import BadInput
from states.faults import pointer_of
from web.current import actor, now, office
from web.designer.edits import Draft
from web.designer.graph import loaded
from web.designer.proving import prove_draft, read_draft
from workflow.reads.case_lines import show_case
from workflow.reads.seen import see
from workflow.versions import editing
from workflow.versions.recorded import scenario_of


def recorded(draft: Draft) -> Draft:
    """The draft with what the form records put to its scenarios, and the first of these open.

    Raises BadInput for a file or a case that gives none, CaseNotFound for a case that he may not see, NotPermitted for one
    that is not his to supervise.
    """
    document, _fault = read_draft(draft.source)
    if document is None:
        raise BadInput(why="draft_unreadable")
    listed = document.data.get("scenarios")
    first, changed = len(listed) if isinstance(listed, list) else 0, document.data
    number = request.form.get("number", "").strip()
    for one in [of_case(number, draft.kind)] if number else _of_file():
        changed = editing.insert(changed, ("scenarios",), one)
    source = rewrite(draft.source, changed)
    _require_fit(source, draft.kind, first)
    return Draft(draft.kind, source, draft.layout, pointer_of("scenarios", first))


def of_case(number: str, kind: str) -> dict[str, Any]:
    """The scenario of a case of this kind."""

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        found = show_case(store, occasion, actor(), number)
        seen = see(store, occasion, actor(), found["id"])
        if seen.served.kind != kind:
            raise BadInput(why="scenario_other_kind")
        return scenario_of(seen)

    return office().engine.read(now(), read)


def _of_file() -> list[Any]:
    upload = request.files.get("file")
    content = upload.stream.read(MAX_BYTES + 1) if upload is not None else b""
    try:
        told = parse(content.decode("utf-8-sig"), name="scenario").data if content else None
    except (UnicodeDecodeError, DocumentFault) as fault:
        raise BadInput(why="scenario_of_nothing") from fault
    found = told.get("scenarios") if isinstance(told, dict) else None
    if not isinstance(found, list) or not 0 < len(found) <= SCENARIOS_AT_MOST:
        raise BadInput(why="scenario_of_nothing")
    return found


def _require_fit(source: str, kind: str, first: int) -> None:
    """What a file says stays in the draft only if a scenario may tell it: no word of a case comes in that way."""
    document, _fault = read_draft(source)
    assert document is not None, "it was written here"
    count = len(document.data["scenarios"])
    added = tuple(pointer_of("scenarios", n) for n in range(first, count))
    found = prove_draft(document, kind)
    for one in found:
        if f"{one.fault.pointer}/".startswith(tuple(f"{pointer}/" for pointer in added)):
            raise BadInput(why="scenario_unfit", said=one.said)
    if loaded(source) is None:
        raise BadInput(why="scenario_before_mending")
