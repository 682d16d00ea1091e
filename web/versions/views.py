"""Versions of every kind: what is current, what waits, what was, and what one changes against another."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.definition import Definition
from states.draw import svg
from states.errors import DomainError, NotFound
from web.access import Access, Route
from web.current import actor, now, office
from web.errors import problem_of
from web.language import current_language, mark
from web.storable import whole
from web.versions import deciding, previewing, rehearsing, runs
from web.versions.reading import design_url, drafted, edition, read_texts
from web.versions.sentences import Difference, difference
from web.versions.words import STATUSES
from workflow.reads import versions as reads
from workflow.versions import drafts, publishing

# How the drawing shows what came, went or changed: words with a sign, never a colour alone.
SIGNS = {"added": mark("＋新增"), "removed": mark("－去掉"), "changed": mark("△有改动")}


def versions_page() -> Any:
    """Every kind with its versions, proposals and drafts."""
    return _versions(None)


def _versions(problem: Any) -> Any:
    kinds = office().engine.read(now(), reads.list_kinds)
    page = render_template(
        "versions/versions.html", kinds=kinds, statuses=STATUSES, design=design_url, me=actor().person_id, problem=problem
    )
    return page, problem.status if problem else 200


def version_text(kind: str, number: int) -> Response:
    """The text of a version as it was written."""
    _row, text = office().database.read(lambda store: reads.version_of(store, kind, number))
    name = f"{kind}-{number}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text["source"] or text["canonical"], mimetype="application/yaml", headers=headers)


def stop_kind(kind: str) -> Any:
    """No new case of the kind from here on."""
    return _open_or_stop(kind, publishing.retire, gettext("已停用，不再登记新的事项"))


def reopen_kind(kind: str) -> Any:
    """New cases of the kind again."""
    return _open_or_stop(kind, publishing.reopen, gettext("已恢复，可以登记新的事项"))


def _open_or_stop(kind: str, verb: Any, done: str) -> Any:
    reason = request.form.get("reason", "")
    try:
        office().engine.administer(lambda desk: verb(desk, kind, reason=reason), actor=actor(), now=now())
    except NotFound:
        raise
    except DomainError as refusal:
        return _versions(problem_of(refusal))
    flash(done, "toast")
    return redirect(url_for("versions.versions_page"), 303)


# ---- one against another --------------------------------------------------------------------------------------------------


def diff_page(kind: str) -> Any:
    """Two versions of a kind, or a draft against the current version, in sentences and in the drawing."""
    old, new = request.args.get("old", type=whole), request.args.get("new", type=whole)
    draft_id = request.args.get("draft", type=whole)

    def read(store: Any) -> tuple[Any, Any, Any]:
        rows = [row for row in store.rows(reads.EVERY) if row["kind"] == kind]
        if draft_id is not None:
            draft = drafts.get_draft(store, draft_id)
            if draft["kind"] != kind:
                raise NotFound(what="draft", id=draft_id)
            current = next((row for row in rows if row["status"] == "published"), None)
            texts = read_texts(store, rows)
            return rows, edition(current, texts), drafted(draft)
        by_number = {row["number"]: row for row in rows}
        if new not in by_number or old not in by_number:
            raise NotFound(what="kind", id=kind)
        texts = read_texts(store, rows)
        return rows, edition(by_number[old], texts), edition(by_number[new], texts)

    rows, before, after = office().database.read(read)
    told: dict[str, Any] = {"kind": kind, "rows": rows, "before": before, "after": after, "draft_id": draft_id}
    if before.definition is None or after.definition is None:
        return render_template("versions/diff.html", found=None, drawings=(), **told)
    found = difference(before.definition, after.definition, office().titles, current_language())
    drawings = drawings_of(before.definition, after.definition, found)
    return render_template("versions/diff.html", found=found, drawings=drawings, **told)


def drawings_of(old: Definition, new: Definition, found: Difference) -> tuple[str, ...]:
    """The new drawing with what came and changed; before it the old one, where something of it went."""
    marked = _marks(new, found, ("added", "changed"))
    drawn = [svg(new, current_language(), said=marked)]
    gone = _marks(old, found, ("removed",))
    if gone:
        # Two drawings on one page: each has names of its own.
        flow = f"flow-{old.key}"
        drawn.insert(0, svg(old, current_language(), said=gone).replace(flow, f"{flow}-before"))
    return tuple(drawn)


def _marks(definition: Definition, found: Difference, kinds: tuple[str, ...]) -> dict[str | tuple[str, str], Any]:
    said: dict[str | tuple[str, str], Any] = {}
    for kind in kinds:
        line = (gettext(SIGNS[kind]), "")
        for one in found.sentences:
            if one.kind != kind:
                continue
            if one.state in definition.state_by_key:
                said.setdefault(one.state, [line])
            for step in definition.transitions if one.trigger else ():
                if step.trigger == one.trigger:
                    for source in step.sources:
                        said.setdefault((source, step.target_from(source)), [line])
    return said


ADMIN = Access.WORKFLOW_ADMINISTRATOR
ROUTES = (
    Route("/versions", versions_page, ADMIN),
    Route("/versions/<kind>/<int:number>.yaml", version_text, ADMIN),
    Route("/versions/<kind>/diff", diff_page, ADMIN),
    Route("/versions/<kind>/stop", stop_kind, ADMIN, ("POST",), fresh=True),
    Route("/versions/<kind>/reopen", reopen_kind, ADMIN, ("POST",), fresh=True),
    *previewing.ROUTES,
    *rehearsing.ROUTES,
    *deciding.ROUTES,
    *runs.ROUTES,
)
