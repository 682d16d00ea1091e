"""A version proposed by one person and decided by another, who sees exactly what was previewed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.definition import Definition
from states.errors import DomainError, NotFound
from states.schema import dump
from web.access import Access, Route
from web.bulk.views import go_on
from web.current import actor, now, office, today
from web.days import sure_day
from web.errors import Problem, problem_of
from web.language import current_language
from web.trailing import origin
from web.versions import previewing
from web.versions.lines import changed_posts
from web.versions.naming import Names
from web.versions.plan_form import living, olds_of, plan_form, said_last
from web.versions.runs import left_behind
from web.versions.sentences import difference
from web.versions.words import CLOCKS, RUNGS, STATUSES, WHEN, obstacle_words
from workflow.definitions import Served
from workflow.reads import versions as reads
from workflow.store import Store
from workflow.versions import preview, publishing
from workflow.versions.plan import Plan, obstacles

SEAL_SHOWN = 12


def propose(impact_id: int) -> Any:
    """The first person's word on a preview."""
    form = request.form
    try:
        told: Any = {"impact_id": impact_id, "seal": form.get("seal", ""), "reason": form.get("reason", "")}
        told["from_on"] = _day(form.get("from_on", ""))
        made = office().engine.administer(
            lambda desk: publishing.propose(desk, **told), actor=actor(), now=now(), origin=origin()
        )
    except NotFound:
        raise
    except DomainError as refusal:
        return previewing.show_preview(impact_id, problem_of(refusal), form)
    flash(gettext("已提出，等另一位流程管理员决定"), "toast")
    return redirect(url_for("versions.proposal_page", publication_id=made), 303)


def _day(text: str) -> date:
    """The day that was typed; not said, it is today."""
    return sure_day(text, today=today(), why="not_a_day") if text.strip() else today()


def proposal_page(publication_id: int) -> Any:
    """What is proposed, what it changes, what it would do, and the second person's word."""
    return _proposal(publication_id, None)


def _proposal(publication_id: int, problem: Problem | None) -> Any:
    def read(store: Store, occasion: Any) -> dict[str, Any]:
        proposal = reads.get_publication(store, publication_id)
        told = previewing.read_impact(store, occasion, proposal.impact_id)
        new = preview.drafted(store, proposal.digest).definition
        before = _before(store, occasion, proposal)
        old = before.definition if before else None
        found = difference(old, new, office().titles, current_language()) if old is not None else None
        olds, changing = olds_of(occasion, proposal.kind), living(store, occasion, proposal.kind)
        if before is not None and proposal.status == "current":
            olds, changing = [before.definition], [before]
        names = Names(office().titles, current_language(), *map(dump, [*olds[:1], new, *olds[1:]]))
        plan = said_last(preview.get_impact(store, proposal.impact_id))
        agreed = {
            "plan": plan_form(olds, new, names, plan, {}),
            "posts": changed_posts(changing, new, plan, office().titles, current_language()),
            "obstacles": _standing(plan, olds, new, names) if proposal.status == "waiting" else None,
        }
        runs = [reads.get_run(store, run_id) for run_id in reads.runs_of(store, publication_id)]
        aside = left_behind(store, occasion, proposal.kind) if proposal.status == "current" else []
        return told | agreed | {"proposal": proposal, "kind_title": new.title, "found": found, "runs": runs, "set_aside": aside}

    told = office().engine.read(now(), read)
    told |= {"statuses": STATUSES, "figures": preview.COUNTED, "problem": problem}
    told |= {"when": WHEN, "policies": CLOCKS, "rung_rules": RUNGS}
    told |= {"is_mine": told["proposal"].proposed_by == actor().person_id, "typed": request.form, "shown": SEAL_SHOWN}
    return render_template("versions/proposal.html", **told), problem.status if problem else 200


def _standing(plan: Plan, olds: list[Definition], new: Definition, names: Names) -> list[str]:
    """What stands against the plan, in words; nothing where everything is said."""
    found = ({"name": one.name, "params": one.params} for one in obstacles(plan, olds, new))
    return list(dict.fromkeys(obstacle_words(one, names, current_language()) for one in found))


def _before(store: Store, occasion: Any, proposal: reads.PublicationView) -> Served | None:
    """The version that it takes the place of: the one before it, or the current one while it is not published."""
    rows = [row for row in store.rows(reads.EVERY) if row["kind"] == proposal.kind]
    own = next((row for row in rows if row["id"] == proposal.version_id), None)
    if own is None:
        current: Served | None = occasion.catalogue.current.get(proposal.kind)
        return current
    before = next((row for row in rows if row["number"] == own["number"] - 1), None)
    return occasion.catalogue.of_version(before["id"]) if before else None


def decide(publication_id: int) -> Any:
    """The second person's word; from here on the run brings the open cases over."""
    form, granted = request.form, request.form.get("granted") == "yes"
    told: Any = {"granted": granted, "seal": form.get("seal", ""), "words": form.get("words", "")}
    try:
        run_id = office().engine.decide_publication(publication_id, actor=actor(), now=now(), origin=origin(), **told)
    except NotFound:
        raise
    except DomainError as refusal:
        return _proposal(publication_id, problem_of(refusal))
    if run_id is not None:
        go_on(run_id)
        flash(gettext("已发布，正在迁移在办的事项"), "toast")
        return redirect(url_for("versions.run_page", run_id=run_id), 303)
    flash(gettext("已同意发布") if granted else gettext("已退回，提出人会看到理由"), "toast")
    return redirect(url_for("versions.proposal_page", publication_id=publication_id), 303)


def withdraw_proposal(publication_id: int) -> Any:
    """Whoever proposed it takes it back."""
    words = request.form.get("words", "")
    try:
        office().engine.administer(
            lambda desk: publishing.withdraw(desk, publication_id, words=words), actor=actor(), now=now()
        )
    except NotFound:
        raise
    except DomainError as refusal:
        return _proposal(publication_id, problem_of(refusal))
    flash(gettext("已撤回"), "toast")
    return redirect(url_for("versions.proposal_page", publication_id=publication_id), 303)


ADMIN = Access.WORKFLOW_ADMINISTRATOR
ROUTES = (
    Route("/versions/previews/<int:impact_id>/propose", propose, ADMIN, ("POST",), fresh=True),
    Route("/versions/proposals/<int:publication_id>", proposal_page, ADMIN),
    Route("/versions/proposals/<int:publication_id>/decide", decide, ADMIN, ("POST",), fresh=True),
    Route("/versions/proposals/<int:publication_id>/withdraw", withdraw_proposal, ADMIN, ("POST",)),
)
