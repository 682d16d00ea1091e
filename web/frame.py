"""What stands around every page for this person: the places he can go, his bell, and what is wrong with the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, g, request, url_for

from web.current import actor, now, office, session
from web.help.guides import SUPERVISORS, Hint, guide_of
from web.session.door import has_provider
from web.shell import Place, Shell, Who
from workflow.disposal.appraisal import may_appraise
from workflow.heartbeat import is_alive
from workflow.imports import may_import
from workflow.reads.notices import unread_count
from workflow.types import Actor

# Who looks over several villages: a village sees its own work, and no figures of others.
ABOVE_THE_VILLAGE, IN_THE_VILLAGE = "above the village", "in the village"
# Who has to do with settings, whichever of these he is.
ADMINISTERS = "administers"
ADMINISTRATORS = ("workflow_admin", "system_admin", "security_admin", "audit_admin")
# Who has to see to it that the machine runs: the administrators, and the office whose reminders it sends.
KEEPS_IT_RUNNING = "keeps it running"
# Who says, with another, which account here somebody of the provider is; nobody, where there is no provider.
LINKS_PEOPLE = "links people"
# Key of a place → endpoint. A place is shown to everybody signed in unless it names a role.
PLACES: dict[str, tuple[str, str]] = {
    "overview": ("overview.overview_page", ABOVE_THE_VILLAGE),
    "reports": ("reports.reports_page", ABOVE_THE_VILLAGE),
    "village": ("village.first_item", IN_THE_VILLAGE),
    "ledger": ("ledger.ledger_page", ""),
    "inbox": ("inbox.inbox_page", ""),
    "interviews": ("ledger.interviews_page", ""),
    "orders": ("ledger.orders_page", ""),
    "organisations": ("admin.organisations_page", ""),
    "calendar": ("admin.calendar_page", ""),
    "versions": ("versions.versions_page", "workflow_admin"),
    "designer": ("designer.drafts_page", "workflow_admin"),
    "configuration": ("configuration.configuration_page", ADMINISTERS),
    "people": ("admin.people_page", "system_admin"),
    "grants": ("admin.grants_page", "security_admin"),
    "links": ("admin.links_page", LINKS_PEOPLE),
    "audit": ("audit.checkpoint_page", "audit_admin"),
    "health": ("health.health_page", KEEPS_IT_RUNNING),
}
# Likewise, in the menu under the person's name.
MENU: dict[str, str] = {
    "imports": "imports.imports_page",
    "bulk": "bulk.runs_page",
    "exports": "exports.exports_page",
    "retention": "retention.due_page",
    "tokens": "admin.tokens_page",
    "mail": "notices.wishes_page",
    "account": "session.password_page",
    "factors": "session.factors_page",
    "sessions": "session.sessions_page",
    "kin": "session.kin_page",
    "help": "help.help_page",
}
# Those of the menu that are not for everybody.
MAY: dict[str, Callable[[Actor], bool]] = {"imports": may_import, "retention": may_appraise}
THEME_COOKIE = "duban_theme"
THEMES = ("auto", "light", "dark")
KEYS_COOKIE, KEYS = "duban_keys", ("on", "off")


def install_frame(app: Flask) -> None:
    """Gives every template its `shell`."""

    @app.context_processor
    def add_shell() -> dict[str, Any]:
        return {"shell": shell_of_request()}


def shell_of_request() -> Shell:
    """The frame for whoever asks."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    theme = theme if theme in THEMES else "auto"
    plain = not request.is_secure and request.host.split(":")[0] not in ("127.0.0.1", "localhost", "[::1]")
    shut = office().database.is_read_only
    preferences = url_for("session.preferences")
    if g.get("actor") is None:
        return Shell(theme=theme, is_plain_http=plain, is_read_only=shut, preferences_url=preferences)
    asking = actor()
    alive = office().database.read(lambda store: is_alive(store, now()))
    return Shell(
        places=tuple(_places(asking)),
        menu=tuple(Place(key, url_for(endpoint)) for key, endpoint in MENU.items() if MAY.get(key, _anybody)(asking)),
        who=Who(asking.name, _post(asking), asking.login),
        home_url=url_for("ledger.home"),
        search_url=url_for("ledger.search_page"),
        bell_url=url_for("notices.notices_page"),
        unread=office().database.read(lambda store: unread_count(store, asking)),
        preferences_url=preferences,
        sign_out_url=url_for("session.leave"),
        tour=_tour(asking),
        tour_url=url_for("help.tour_taken"),
        help_url=url_for("help.help_page"),
        days_url=url_for("admin.days_off"),
        health_url=url_for("health.health_page") if KEEPS_IT_RUNNING in _marks(asking) else "",
        theme=theme,
        is_plain_http=plain,
        is_read_only=shut,
        stopped_for="" if alive else _silence(),
        single_keys=request.cookies.get(KEYS_COOKIE) != "off",
    )


def _anybody(_asking: Actor) -> bool:
    return True


def _places(asking: Actor) -> list[Place]:
    marks = _marks(asking)
    shown = [(key, endpoint) for key, (endpoint, mark) in PLACES.items() if not mark or mark in marks or asking.has_role(mark)]
    return [Place(key, url_for(endpoint), is_current=_is_in(endpoint)) for key, endpoint in shown]


def _marks(asking: Actor) -> set[str]:
    """What he is beyond his roles, as the places ask for it."""
    administers = asking.has_role(*ADMINISTRATORS)
    runs = administers or any(grant.organ_kind == SUPERVISORS for grant in asking.posts)
    links = has_provider() and asking.has_role("security_admin", "system_admin")
    return (
        {_standing(asking)}
        | ({LINKS_PEOPLE} if links else set())
        | ({ADMINISTERS} if administers else set())
        | ({KEEPS_IT_RUNNING} if runs else set())
    )


def _is_in(endpoint: str) -> bool:
    # The items of a village are one place, whichever is looked at, and so are the reports, the drafts and the audit.
    here = request.endpoint or ""
    if here in ("admin.unit_page", "admin.change_unit", "admin.changes_page"):
        return endpoint == "admin.organisations_page"
    one_place = ("village.", "reports.", "versions.", "designer.", "configuration.", "audit.")
    return here == endpoint or any(here.startswith(area) and endpoint.startswith(area) for area in one_place)


def _tour(asking: Actor) -> tuple[Hint, ...]:
    """The tour, for who has not taken it, on the page where his day begins."""
    guide, live = guide_of(asking), session()
    return guide.tour if live is not None and live.is_new and _is_in(guide.home) else ()


def _standing(asking: Actor) -> str:
    """Whether he looks over several villages or works in one; "" for who only administers."""
    levels = {grant.level for grant in asking.posts}
    return "" if not levels else IN_THE_VILLAGE if levels == {"village"} else ABOVE_THE_VILLAGE


def _post(asking: Actor) -> str:
    post = asking.acting or (asking.grants[0] if asking.grants else None)
    if post is None:
        return ""
    organ = office().engine.read(now(), lambda _store, occasion: occasion.tree.organ(post.organ_id))
    return post.title or organ.short_name or organ.name


def _silence() -> str:
    from flask_babel import gettext

    from workflow.heartbeat import last_runs

    last = office().database.read(last_runs).get("tick")
    if last is None:
        return ""  # It has never run here; the health page says so.
    minutes = int((now() - last).total_seconds() // 60)
    return str(gettext("%(n)s分钟", n=minutes))
