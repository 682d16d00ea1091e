"""What else two people decide about a kind: to stop it, to begin it again, to put a migration back. Proposed, then decided."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import DomainError, NotFound
from web.access import Access, Route
from web.bulk.views import go_on
from web.current import actor, now, office
from web.errors import Problem, problem_of
from web.trailing import origin
from web.versions.listing import show_versions
from web.versions.words import MOTION_STATUSES, MOTIONS
from workflow.desk import Desk
from workflow.reads.motions import get_motion
from workflow.store import Store
from workflow.versions import motions


def stop_kind(kind: str) -> Any:
    """The first person's word that no new case of the kind is registered."""
    return _about_kind(motions.RETIRE, kind)


def reopen_kind(kind: str) -> Any:
    """The first person's word that new cases of the kind are registered again."""
    return _about_kind(motions.REOPEN, kind)


def _about_kind(what: str, kind: str) -> Any:
    try:
        return _proposed(what, kind=kind)
    except NotFound:
        raise
    except DomainError as refusal:
        return show_versions(problem_of(refusal))


def reverse_run(run_id: int) -> Any:
    """The first person's word that a migration goes back."""
    try:
        return _proposed(motions.REVERSE, run_id=run_id)
    except NotFound:
        raise
    except DomainError as refusal:
        return show_versions(problem_of(refusal))


def _proposed(what: str, **about: Any) -> Any:
    reason = request.form.get("reason", "")

    def body(desk: Desk) -> int:
        return motions.propose(desk, what, reason=reason, **about)

    made = office().engine.administer(body, actor=actor(), now=now(), origin=origin())
    flash(gettext("已提出，等另一位流程管理员决定"), "toast")
    return redirect(url_for("versions.motion_page", motion_id=made), 303)


def motion_page(motion_id: int) -> Any:
    """What is proposed, why, and the second person's word."""
    return _motion(motion_id, None)


def _motion(motion_id: int, problem: Problem | None) -> Any:
    def read(store: Store, occasion: Any) -> dict[str, Any]:
        motion = get_motion(store, motion_id)
        served = occasion.catalogue.current.get(motion.kind)
        return {"motion": motion, "kind_title": served.definition.title if served else motion.kind}

    told = office().engine.read(now(), read)
    told |= {"words": MOTIONS[told["motion"].what], "statuses": MOTION_STATUSES, "problem": problem, "typed": request.form}
    is_mine = told["motion"].proposed_by == actor().person_id
    return render_template("versions/motion.html", is_mine=is_mine, **told), problem.status if problem else 200


def decide_motion(motion_id: int) -> Any:
    """The second person's word, which takes effect at once."""
    granted, words = request.form.get("granted") == "yes", request.form.get("words", "")

    def body(desk: Desk) -> int | None:
        return motions.decide(desk, motion_id, granted=granted, words=words)

    try:
        run_id = office().engine.administer(body, actor=actor(), now=now(), origin=origin())
    except NotFound:
        raise
    except DomainError as refusal:
        return _motion(motion_id, problem_of(refusal))
    flash(gettext("已同意，照办") if granted else gettext("已退回，提出人会看到理由"), "toast")
    if run_id is None:
        return redirect(url_for("versions.motion_page", motion_id=motion_id), 303)
    go_on(run_id)
    return redirect(url_for("versions.run_page", run_id=run_id), 303)


def withdraw_motion(motion_id: int) -> Any:
    """Whoever proposed it takes it back."""
    words = request.form.get("words", "")

    def body(desk: Desk) -> None:
        motions.withdraw(desk, motion_id, words=words)

    try:
        office().engine.administer(body, actor=actor(), now=now(), origin=origin())
    except NotFound:
        raise
    except DomainError as refusal:
        return _motion(motion_id, problem_of(refusal))
    flash(gettext("已撤回"), "toast")
    return redirect(url_for("versions.motion_page", motion_id=motion_id), 303)


ADMIN = Access.WORKFLOW_ADMINISTRATOR
ROUTES = (
    Route("/versions/<kind>/stop", stop_kind, ADMIN, ("POST",), fresh=True),
    Route("/versions/<kind>/reopen", reopen_kind, ADMIN, ("POST",), fresh=True),
    Route("/versions/runs/<int:run_id>/reverse", reverse_run, ADMIN, ("POST",), fresh=True),
    Route("/versions/motions/<int:motion_id>", motion_page, ADMIN),
    Route("/versions/motions/<int:motion_id>/decide", decide_motion, ADMIN, ("POST",), fresh=True),
    Route("/versions/motions/<int:motion_id>/withdraw", withdraw_motion, ADMIN, ("POST",)),
)
