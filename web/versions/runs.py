"""The run that brings open cases under a new version, followed by any administrator; and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import DomainError, NotFound, refusal_of
from web.access import Access, Route
from web.bulk.telling import why_of
from web.bulk.views import go_on
from web.current import actor, now, office
from web.errors import problem_of
from web.trailing import origin
from web.versions.listing import show_versions
from web.versions.previewing import decided_in
from web.versions.words import MOTION_STATUSES, MOTIONS
from workflow.reads import versions as reads
from workflow.reads.motions import list_motions
from workflow.reads.rows import area_name
from workflow.reads.several import rows_by_id, say_numbers
from workflow.store import Store
from workflow.verbs.bulk import begin_again, left_over
from workflow.versions import preview


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case of a run: number, township, what became of it; `can_open`: the reader may see this very case."""

    case_id: int
    number: str
    township: str
    status: str
    said: str
    can_open: bool


def run_page(run_id: int) -> Any:
    """How far the run has come, and what became of each case."""

    def read(store: Store, occasion: Any) -> dict[str, Any]:
        run = reads.get_run(store, run_id)
        lines, after = reads.run_lines(store, run_id, request.args.get("after", ""))
        say_numbers(store, occasion, [line.number for line in lines])
        seen = rows_by_id(store, occasion, actor(), [line.case_id for line in lines])
        served = occasion.catalogue.current.get(run.kind)
        agreed = [] if run.undoes or run.publication_id is None else _agreed(store, occasion, run.publication_id)
        return {
            "agreed": agreed,
            "run": run,
            "lines": [_outcome(line, occasion.tree, line.case_id in seen) for line in lines],
            "after": after,
            "kind_title": served.definition.title if served else "",
            "reversals": reads.reversals_of(store, run_id),
            "motions": [one for one in list_motions(store) if one.run_id == run_id],
            "set_aside": left_behind(store, occasion, run.kind),
            "left_over": len(_left_over(store, occasion, run)),
        }

    told = office().engine.read(now(), read)
    return render_template("versions/run.html", statuses=MOTION_STATUSES, words=MOTIONS["reverse"], **told)


def _left_over(store: Store, occasion: Any, run: reads.RunView) -> list[int]:
    """What may be tried once more, of a run that is over."""
    if run.publication_id is None or run.finished_at is None:
        return []
    return left_over(store, occasion, run.kind, run.publication_id)


def again(run_id: int) -> Any:
    """Tries once more the cases that could not come over."""
    try:
        made = office().engine.administer(lambda desk: begin_again(desk, run_id), actor=actor(), now=now(), origin=origin())
    except NotFound:
        raise
    except DomainError as refusal:
        return show_versions(problem_of(refusal))
    go_on(made)
    return redirect(url_for("versions.run_page", run_id=made), 303)


def _agreed(store: Store, occasion: Any, publication_id: int) -> list[str]:
    """What the two people have said of clocks, and why."""
    return decided_in(store, occasion, preview.get_impact(store, reads.get_publication(store, publication_id).impact_id))


def _outcome(line: reads.RunLine, tree: Any, can_open: bool) -> Outcome:
    said = {"done": gettext("办成"), "waiting": gettext("还没轮到")}.get(line.status, "")
    if line.seq == 0:
        said = gettext("已经按新的版本办，或者已经办结，没有改动")
    if line.status == "refused":
        said = why_of(problem_of(refusal_of(line.code, line.params)))
    return Outcome(line.case_id, line.number, _place(tree, line.township_id), line.status, said, can_open)


def _place(tree: Any, township_id: int | None) -> str:
    return area_name(tree, township_id) or gettext("县直和其他")


def left_behind(store: Store, occasion: Any, kind: str) -> list[dict[str, Any]]:
    """The cases of a kind that could not come along with a step, in words."""
    rows = reads.set_aside(store, kind)
    say_numbers(store, occasion, [row["number"] for row in rows])
    return [_aside(row, occasion.tree) for row in rows]


def _aside(row: dict[str, Any], tree: Any) -> dict[str, Any]:
    """A case that could not come along with its step, and why."""
    params = {key: value for key, value in row["params"].items() if key not in ("code", "verb")}
    why = why_of(problem_of(refusal_of(row["params"]["code"], params)))
    return {"number": row["number"], "township": _place(tree, row["subject_township_id"]), "at": row["at"], "why": why}


def run_progress(run_id: int) -> Any:
    """Does the next batch and says how far it has come; with a script the page asks again by itself."""
    office().database.read(lambda store: reads.get_run(store, run_id))
    go_on(run_id)
    if not request.headers.get("HX-Request"):
        return redirect(url_for("versions.run_page", run_id=run_id), 303)
    run = office().database.read(lambda store: reads.get_run(store, run_id))
    answer = render_template("versions/run_progress.html", run=run)
    return answer, 200, {"HX-Refresh": "true"} if run.finished_at else {}


ADMIN = Access.WORKFLOW_ADMINISTRATOR
ROUTES = (
    Route("/versions/runs/<int:run_id>", run_page, ADMIN),
    Route("/versions/runs/<int:run_id>/again", again, ADMIN, ("POST",), fresh=True),
    Route("/versions/runs/<int:run_id>/progress", run_progress, ADMIN, ("POST",)),
)
