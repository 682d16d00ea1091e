"""Drafts of definitions: the list, a new one, and the page on which one is designed. For administrators of workflows alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from flask import Response, flash, json, redirect, render_template, request, url_for

from config.documents import MAX_BYTES, DocumentFault
from states.errors import BadInput, Conflict, DomainError, NotFound
from states.schema.notation import KEY_PATTERN
from web.access import Access, Route
from web.current import actor, now, office
from web.designer.beginnings import skeleton
from web.designer.edits import Draft, edited, followed, required_text
from web.designer.examples import current_text, examples, fit_name, require_new_kind
from web.designer.names import spoken
from web.designer.page import View, post_picks, view_of
from web.designer.proving import hostile_fault, prove_draft, read_draft, text_fault
from web.designer.recording import recorded
from web.designer.saying import gettext
from web.errors import Problem, problem_of
from web.parts import is_part
from web.trailing import origin
from workflow.definitions import VERSIONS
from workflow.store import Store
from workflow.versions import drafts, steps
from workflow.versions.steps import Step

FILE_AT_MOST = MAX_BYTES


# ---- the list -------------------------------------------------------------------------------------------------------------


def drafts_page() -> Any:
    """Every draft under work, and how a new one is begun."""
    return _drafts(None)


def _drafts(problem: Problem | None) -> Any:
    found = office().database.read(drafts.list_open)
    for row in found:
        document, _fault = read_draft(row["source"])
        row["title"] = spoken(document.data.get("title", row["kind"])) if document is not None else row["kind"]
        row["faults"] = len(prove_draft(document, row["kind"])) if document is not None else 1
    page = render_template(
        "designer/drafts.html",
        drafts=found,
        kinds=_current_kinds(),
        examples=[(name, spoken(title)) for name, (title, _text) in examples().items()],
        problem=problem,
        typed=request.form,
    )
    return page, problem.status if problem else 200


def _current_kinds() -> list[tuple[str, str]]:
    served = office().engine.read(now(), lambda _store, occasion: occasion.catalogue)
    rows = office().database.read(lambda store: store.rows(VERSIONS))
    kinds = [row["kind"] for row in rows if row["status"] == "published"]
    return [(kind, spoken(_titles(served.of_kind(kind).definition.title))) for kind in kinds]


def _titles(text: Any) -> dict[str, str]:
    return {"zh-Hans": text.zh_hans, "zh-Hant": text.zh_hant, "en": text.en}


def new_draft() -> Any:
    """Begins a draft from what was chosen, and leads to it."""
    try:
        kind, name, source = _beginning()
        required_text(source)
        draft_id = office().engine.administer(
            lambda desk: drafts.begin(
                desk.store, kind=kind, name=name, source=source, actor=actor(), now=now(), origin=origin()
            ),
            actor=actor(),
            now=now(),
            origin=origin(),
        )
    except DomainError as refusal:
        return _drafts(problem_of(refusal))
    return redirect(url_for("designer.draft_page", draft_id=draft_id), 303)


def _beginning() -> tuple[str, str, str]:
    """Kind, name and text of a new draft."""
    how, name = request.form.get("how", ""), fit_name(request.form.get("name", ""))
    if how == "current":
        kind = request.form.get("kind", "")
        return kind, name, office().database.read(partial(current_text, kind=kind))
    if how == "example" and request.form.get("example", "") in examples():
        _title, source = examples()[request.form["example"]]
        return _kind_of(source), name, source
    if how == "file":
        source = _upload()
        kind = _kind_of(source)
        _require_harmless(source)
        return kind, name, source
    if how == "empty":
        return _new_kind(name)
    raise BadInput(why="draft_of_nothing")


def _upload() -> str:
    upload = request.files.get("file")
    content = upload.stream.read(FILE_AT_MOST + 1) if upload is not None else b""
    if not content or upload is None:
        raise BadInput(why="draft_of_nothing")
    if len(content) > FILE_AT_MOST:
        raise BadInput(why="draft_hostile", line=1, said=text_fault(DocumentFault("too_large", name="draft")).said)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as fault:
        raise BadInput(why="text_file_encoding", file=upload.filename or "") from fault


def _require_harmless(source: str) -> None:
    """Nothing in a file calls, or reaches into, what nobody registered; BadInput draft_hostile with the first that does."""
    document, _fault = read_draft(source)
    found = hostile_fault(document) if document is not None else None
    if found is not None:
        raise BadInput(why="draft_hostile", line=found[0], said=found[1])


def _kind_of(source: str) -> str:
    """The kind that a text says it is of; a text that cannot be read as one says where it breaks off."""
    required_text(source)
    document, fault = read_draft(source)
    if document is None or fault is not None:
        assert fault is not None, "a text is read, or there is a fault"
        raise BadInput(why="draft_hostile", line=fault.line, said=text_fault(fault).said)
    kind = str(document.data.get("key", ""))
    if not re.fullmatch(KEY_PATTERN, kind):
        raise BadInput(why="edit_not_a_key", value=kind[:60])
    return kind


def _new_kind(name: str) -> tuple[str, str, str]:
    form = request.form
    taken = [kind for kind, _ in _current_kinds()]
    key, title = require_new_kind(form.get("key", "").strip(), form.get("title", "").strip(), taken)
    return key, name, skeleton(key, title)


# ---- one draft ------------------------------------------------------------------------------------------------------------


def draft_page(draft_id: int) -> Any:
    """The draft as drawing, panel and text."""
    row = _open_draft(draft_id)
    return _page(row, request.args.get("at", ""))


def _open_draft(draft_id: int) -> dict[str, Any]:
    return dict(office().database.read(lambda store: drafts.get_open_draft(store, draft_id)))


def _as_draft(row: dict[str, Any], at: str) -> Draft:
    return Draft(row["kind"], row["source"], drafts.layout_of(row), at)


def _page(row: dict[str, Any], at: str, problem: Problem | None = None) -> Any:
    view: View = view_of(_as_draft(row, at), row["id"], request.form if problem else None)
    page = render_template(
        "designer/page.html",
        draft=row,
        view=view,
        at=view.panel.at if view.panel else "",
        problem=problem,
        graph=json.dumps(view.graph, ensure_ascii=False),
        posts=post_picks(),
    )
    return page, problem.status if problem else 200


def edit_draft(draft_id: int) -> Any:
    """One edit, from a panel, the canvas or the text; the page as it stands after it."""
    is_back = request.form.get("act") in ("undo", "redo")
    return _answered(draft_id, lambda row, at: _taken_back(row) if is_back else _edited(row, at, edited))


def record_scenario(draft_id: int) -> Any:
    """Puts a scenario recorded from a real case to the draft; that the case was read is on the trail."""
    return _answered(draft_id, lambda row, at: _edited(row, at, lambda draft, _form: recorded(draft)))


def _answered(draft_id: int, work: Callable[[dict[str, Any], str], tuple[dict[str, Any], str]]) -> Any:
    """The page after an edit, or as it stands with what was refused."""
    row, at = _open_draft(draft_id), request.form.get("at", "")
    try:
        row, at = work(row, at)
    except DomainError as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _page(_open_draft(draft_id), at, problem_of(refusal))
    return _shown(row, at)


def _shown(row: dict[str, Any], at: str) -> Any:
    if is_part():
        return _page(row, at)
    return redirect(url_for("designer.draft_page", draft_id=row["id"], at=at or None), 303)


def live_draft(draft_id: int) -> Any:
    """Lives through the scenarios of the draft; one without a fault in which all came out is proven from here on."""
    _open_draft(draft_id)
    # What cannot be read says so on the page, and what was changed meanwhile is lived through as it is then.
    with suppress(BadInput, Conflict):
        office().prove_draft(draft_id)
    return _shown(_open_draft(draft_id), request.form.get("at", ""))


def _revision(row: dict[str, Any]) -> int:
    told = request.form.get("revision", "")
    if not told.isdecimal() or int(told) != row["revision"]:
        raise Conflict(why="draft_changed", revision=row["revision"])
    return int(told)


def _edited(row: dict[str, Any], at: str, edit: Callable[[Draft, Any], Draft]) -> tuple[dict[str, Any], str]:
    revision, before = _revision(row), _as_draft(row, at)
    after = edit(before, request.form)
    if (after.source, dict(after.layout)) == (before.source, dict(before.layout)):
        return row, after.at
    required_text(after.source)
    step = Step(after.source, after.layout)
    added = partial(steps.add_step, draft_id=row["id"], before=Step(before.source, before.layout), after=step)
    return _store(row, revision, step, added), after.at


def _taken_back(row: dict[str, Any]) -> tuple[dict[str, Any], str]:
    told: Any = {"draft_id": row["id"], "by": -1 if request.form["act"] == "undo" else 1}
    revision = _revision(row)
    step = office().database.read(partial(steps.step_to, **told))
    at = followed(request.form.get("at", ""), row["source"], step.source)
    return _store(row, revision, step, partial(steps.stand_at, **told)), at


def _store(row: dict[str, Any], revision: int, step: Step, stepped: Callable[[Store], None]) -> dict[str, Any]:
    """Keeps the text with its places and where it stands among its steps, all or nothing.

    One without a fault is proven at once, unless it has scenarios to be lived through.
    """
    document, _fault = read_draft(step.source)
    is_sound = document is not None and not prove_draft(document, row["kind"]) and not document.data.get("scenarios")

    def body(desk: Any) -> dict[str, Any]:
        who, when = actor(), now()
        drafts.change(
            desk.store,
            row["id"],
            revision=revision,
            source=step.source,
            layout=step.layout,
            actor=who,
            now=when,
            origin=origin(),
        )
        stepped(desk.store)
        if is_sound:
            drafts.say_proven(desk.store, row["id"], source=step.source)
        return dict(drafts.get_draft(desk.store, row["id"]))

    return office().engine.administer(body, actor=actor(), now=now(), origin=origin())


def name_draft(draft_id: int) -> Any:
    """Gives the draft another name."""
    row = _open_draft(draft_id)
    try:
        revision, name = _revision(row), fit_name(request.form.get("name", ""))
        office().engine.administer(
            lambda desk: drafts.change(
                desk.store, draft_id, revision=revision, actor=actor(), now=now(), origin=origin(), name=name
            ),
            actor=actor(),
            now=now(),
            origin=origin(),
        )
    except DomainError as refusal:
        return _drafts(problem_of(refusal))
    flash(gettext("已改名"), "toast")
    return redirect(url_for("designer.drafts_page"), 303)


def drop_draft(draft_id: int) -> Any:
    """Ends work on the draft."""
    _open_draft(draft_id)

    def body(desk: Any) -> None:
        drafts.drop(desk.store, draft_id, actor=actor(), now=now(), origin=origin())
        steps.forget_steps(desk.store, draft_id)

    office().engine.administer(body, actor=actor(), now=now(), origin=origin())
    flash(gettext("草稿已作废"), "toast")
    return redirect(url_for("designer.drafts_page"), 303)


def draft_text(draft_id: int) -> Response:
    """The text as a file."""
    row = _open_draft(draft_id)
    answer = Response(row["source"], mimetype="application/yaml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row["kind"]}.yaml"'
    return answer


ADMINISTRATOR = Access.WORKFLOW_ADMINISTRATOR
ROUTES = (
    Route("/designer", drafts_page, ADMINISTRATOR),
    Route("/designer/new", new_draft, ADMINISTRATOR, ("POST",)),
    Route("/designer/<int:draft_id>", draft_page, ADMINISTRATOR),
    Route("/designer/<int:draft_id>/edit", edit_draft, ADMINISTRATOR, ("POST",)),
    Route("/designer/<int:draft_id>/live", live_draft, ADMINISTRATOR, ("POST",)),
    Route("/designer/<int:draft_id>/record", record_scenario, ADMINISTRATOR, ("POST",)),
    Route("/designer/<int:draft_id>/name", name_draft, ADMINISTRATOR, ("POST",)),
    Route("/designer/<int:draft_id>/drop", drop_draft, ADMINISTRATOR, ("POST",)),
    Route("/designer/<int:draft_id>/text", draft_text, ADMINISTRATOR),
)
