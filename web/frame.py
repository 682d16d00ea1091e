"""What stands around every page for this person: the places he can go, his bell, and what is wrong with the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, g, request, url_for

from web.access import recognise
from web.current import actor, now, office, session
from web.help.guides import SUPERVISORS, guide_of
from web.help.shapes import Hint
from web.language import current_language
from web.session.door import has_provider
from web.shell import Place, Post, Shell, Who
from workflow.disposal.appraisal import may_appraise
from workflow.exports import ALL_SEEING
from workflow.heartbeat import is_alive
from workflow.imports import may_import
from workflow.reads.notices import unread_count
from workflow.reads.rows import organ_name
from workflow.types import Actor, GrantFact

# What somebody is beyond his roles. A village sees its own work, and no figures of others; who only administers sees no case.
ABOVE_THE_VILLAGE, IN_THE_VILLAGE = "above the village", "in the village"
WORKS, HANDLES, ADMINISTERS = "works on cases", "handles many villages' cases", "administers"
# Who has to see to it that the machine runs: the administrators, and the office whose reminders it sends.
KEEPS_IT_RUNNING = "keeps it running"
IMPORTS, APPRAISES, CONNECTS = "imports ledgers", "appraises what is due", "connects programs"
# Who says, with another, which account here somebody of the provider is; nobody, where there is no provider.
LINKS_PEOPLE = "links people"
ADMINISTRATORS = ("workflow_admin", "system_admin", "security_admin", "audit_admin")
# Whoever may be a case's supervising body appraises what is kept of it (product.md, “Supervisor”).
SUPERVISING = (SUPERVISORS, "township_party_committee")
# Key of a place → endpoint, and for whom it is: roles and marks, of which one is enough; without any it is for everybody.
# The pages themselves are open as web.routes says: what somebody never uses is only not offered to him.
PLACES: dict[str, tuple[str, ...]] = {
    "overview": ("overview.overview_page", ABOVE_THE_VILLAGE),
    "reports": ("reports.reports_page", ABOVE_THE_VILLAGE),
    "village": ("village.first_item", IN_THE_VILLAGE),
    "ledger": ("ledger.ledger_page", WORKS),
    "inbox": ("inbox.inbox_page", WORKS, "workflow_admin"),
    "interviews": ("ledger.interviews_page", WORKS),
    "orders": ("ledger.orders_page", WORKS),
    "organisations": ("admin.organisations_page", ABOVE_THE_VILLAGE, ADMINISTERS),
    "calendar": ("admin.calendar_page",),
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
MENU: dict[str, tuple[str, ...]] = {
    "imports": ("imports.imports_page", IMPORTS),
    "bulk": ("bulk.runs_page", HANDLES),
    "exports": ("exports.exports_page", ABOVE_THE_VILLAGE, "workflow_admin", ALL_SEEING),
    "retention": ("retention.due_page", APPRAISES),
    "tokens": ("admin.tokens_page", CONNECTS),
    "mail": ("notices.wishes_page",),
    "account": ("session.password_page",),
    "factors": ("session.factors_page",),
    "sessions": ("session.sessions_page",),
    "kin": ("session.kin_page", WORKS),
    "help": ("help.help_page",),
}
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
    if "actor" not in g:
        recognise()
    if g.get("actor") is None:
        return Shell(theme=theme, is_plain_http=plain, is_read_only=shut, preferences_url=preferences, clock_url=_clock())
    asking = actor()
    alive = office().database.read(lambda store: is_alive(store, now()))
    return Shell(
        places=tuple(Place(key, url_for(where), is_current=_is_in(where)) for key, where in _shown(PLACES, asking)),
        menu=tuple(Place(key, url_for(where)) for key, where in _shown(MENU, asking)),
        who=Who(asking.name, _post(asking), asking.login),
        home_url=url_for("ledger.home"),
        search_url=url_for("ledger.search_page"),
        bell_url=url_for("notices.notices_page"),
        unread=office().engine.read(now(), lambda store, occasion: unread_count(store, occasion, asking)),
        preferences_url=preferences,
        sign_out_url=url_for("session.leave"),
        tour=_tour(asking),
        tour_url=url_for("help.tour_taken"),
        help_url=url_for("help.help_page"),
        days_url=url_for("admin.days_off"),
        health_url=url_for("health.health_page") if _keeps_it_running(asking) else "",
        theme=theme,
        is_plain_http=plain,
        is_read_only=shut,
        stopped_for="" if alive else _silence(),
        single_keys=request.cookies.get(KEYS_COOKIE) != "off",
        posts=_posts(asking),
        post_url=url_for("session.choose_post"),
        clock_url=_clock(),
    )


def _shown(table: dict[str, tuple[str, ...]], asking: Actor) -> list[tuple[str, str]]:
    """Key and endpoint of those that are for him."""
    marks = {mark for mark, is_so in MARKS.items() if is_so(asking)}
    return [(key, where) for key, (where, *whom) in table.items() if not whom or marks & set(whom) or asking.has_role(*whom)]


def _standing(asking: Actor) -> str:
    """Whether he looks over several villages or works in one; "" for who only administers."""
    levels = {grant.level for grant in asking.posts}
    return "" if not levels else IN_THE_VILLAGE if levels == {"village"} else ABOVE_THE_VILLAGE


def _appraises(asking: Actor) -> bool:
    return may_appraise(asking) and any(grant.organ_kind in SUPERVISING for grant in asking.posts)


def _connects(asking: Actor) -> bool:
    at_the_county = any(grant.level == "county" and grant.role == "handler" for grant in asking.posts)
    return at_the_county or asking.has_role("system_admin")


def _keeps_it_running(asking: Actor) -> bool:
    return asking.has_role(*ADMINISTRATORS) or any(grant.organ_kind == SUPERVISORS for grant in asking.posts)


MARKS: dict[str, Callable[[Actor], bool]] = {
    ABOVE_THE_VILLAGE: lambda asking: _standing(asking) == ABOVE_THE_VILLAGE,
    IN_THE_VILLAGE: lambda asking: _standing(asking) == IN_THE_VILLAGE,
    WORKS: lambda asking: bool(asking.posts),
    HANDLES: may_appraise,  # whoever handles cases above the villages
    ADMINISTERS: lambda asking: asking.has_role(*ADMINISTRATORS),
    KEEPS_IT_RUNNING: _keeps_it_running,
    IMPORTS: may_import,
    APPRAISES: _appraises,
    CONNECTS: _connects,
    LINKS_PEOPLE: lambda asking: has_provider() and asking.has_role("security_admin", "system_admin"),
}


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


def _post(asking: Actor) -> str:
    post = asking.acting or (asking.grants[0] if asking.grants else None)
    if post is None:
        return ""
    organ = office().engine.read(now(), lambda _store, occasion: occasion.tree.organ(post.organ_id))
    return post.title or organ.short_name or organ.name


def _posts(asking: Actor) -> tuple[Post, ...]:
    """The posts that somebody chooses among; none for who has one or none, and by the API, where no session keeps a choice."""
    if len(asking.posts) < 2 or session() is None:
        return ()
    roles, language = office().titles["roles"], current_language()
    tree = office().engine.read(now(), lambda _store, occasion: occasion.tree)
    acting = asking.acting or asking.posts[0]

    def words(post: GrantFact) -> str:
        role: str = roles[post.role]["title"][language]
        return f"{organ_name(tree, post.organ_id)} {post.title or role}"

    return tuple(Post(post.id, words(post), post is acting) for post in asking.posts)


def _clock() -> str:
    # Any answer tells the hour in its head; a page may not, for what is forbidden reads byte for byte as what is not there.
    return url_for("static", filename="icon.svg")


def _silence() -> str:
    from flask_babel import gettext

    from workflow.heartbeat import last_runs

    last = office().database.read(last_runs).get("tick")
    if last is None:
        return ""  # It has never run here; the health page says so.
    minutes = int((now() - last).total_seconds() // 60)
    return str(gettext("%(n)s分钟", n=minutes))
