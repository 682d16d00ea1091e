"""Who comes from the provider of identities: an account and a subject of that house, put together by two administrators."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import DomainError, NotFound
from web.access import Access, Route
from web.current import actor, now, office, today
from web.errors import Problem, problem_of
from web.session.door import has_provider
from web.trailing import origin
from workflow import trail
from workflow.people import links, proposals
from workflow.store import Store


def links_page() -> Any:
    """The links that count and those that wait, for whoever proposes them and for whoever answers."""
    _require_administrator()
    return _links(None)


def _require_administrator() -> None:
    """For everybody else there is no such address."""
    if not actor().has_role(proposals.PROPOSER, proposals.STAND_IN):
        raise NotFound(what="page")


def _links(problem: Problem | None) -> Any:
    def read(store: Store) -> dict[str, Any]:
        waiting = [
            {
                **row,
                "may_decide": links.may_decide(store, actor(), row, today()),
                "is_mine": row["proposed_by"] == actor().person_id,
            }
            for row in links.list_waiting(store, now=now())
        ]
        return {"waiting": waiting, "links": links.list_links(store)}

    page = render_template(
        "admin/links.html",
        issuer=office().settings.oidc_issuer,
        may_propose=actor().has_role(proposals.PROPOSER),
        problem=problem,
        typed=request.form if problem else {},
        **office().database.read(read),
    )
    return page, problem.status if problem else 200


def propose_link() -> Any:
    """That a subject is an account here; it waits for the second person."""
    if not has_provider():
        raise NotFound(what="page")
    told = {name: request.form.get(name, "") for name in ("login", "subject", "reason")}

    def work(store: Store) -> None:
        issuer = office().settings.oidc_issuer
        link_id = links.propose(store, by=actor(), issuer=issuer, now=now(), **told)
        _say(store, "grant", f"link {link_id} proposed")

    return _keep(work, gettext("已提出，等第二位管理员同意"))


def decide_link(link_id: int) -> Any:
    """The second person's word on it; its proposer takes it back."""
    _require_administrator()
    granted = request.form.get("word") == "yes"

    def work(store: Store) -> None:
        links.decide(store, by=actor(), link_id=link_id, granted=granted, now=now(), today=today())
        _say(store, "grant" if granted else "grant_ended", f"link {link_id}")

    return _keep(work, gettext("已保存"))


def end_link(link_id: int) -> Any:
    """The subject is nobody here any more, and whoever it was is signed out."""

    def work(store: Store) -> None:
        links.end(store, by=actor(), link_id=link_id, now=now())
        _say(store, "grant_ended", f"link {link_id}")

    return _keep(work, gettext("已解除，这个人已退出登录"))


def _say(store: Store, action: str, what: str) -> None:
    trail.record(store, origin(), action, now=now(), what=what)


def _keep(work: Any, said: str) -> Any:
    try:
        office().database.write(work)
    except DomainError as refusal:
        return _links(problem_of(refusal))
    flash(said, "toast")
    return redirect(url_for("admin.links_page"), 303)


ROUTES = (
    Route("/links", links_page, Access.SIGNED_IN),
    Route("/links", propose_link, Access.SECURITY_ADMINISTRATOR, ("POST",), fresh=True),
    Route("/links/<int:link_id>/decide", decide_link, Access.SIGNED_IN, ("POST",), fresh=True),
    Route("/links/<int:link_id>/end", end_link, Access.SECURITY_ADMINISTRATOR, ("POST",), fresh=True),
)
