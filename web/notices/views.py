"""The bell: what I have been told; and what of it comes by mail as well."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from web.access import Access, Route
from web.current import actor, now, office
from web.delivery import mailing_of
from web.formatting import clock_time
from web.language import current_language
from web.messages import render
from workflow.mailing import AT_ONCE, choose_ways, ways_of
from workflow.people.accounts import get_person
from workflow.reads.notices import NoticeView, list_notices, mark_read

# Where a message about no case leads, by what it is about.
PLACES = dict.fromkeys(
    ("version_proposed", "version_granted", "version_refused", "motion_proposed", "motion_granted", "motion_refused"),
    "versions.versions_page",
) | {"reorganisation_set_aside": "admin.changes_page"}
PLACES |= dict.fromkeys(("setting_proposed", "setting_granted", "setting_refused"), "configuration.configuration_page")


def notices_page() -> Any:
    """The newest messages, each with its lines."""
    found = office().database.read(lambda store: list_notices(store, actor()))
    language = current_language()
    told = [(notice, _sentences(notice, language)) for notice in found]
    return render_template("notices/notices.html", notices=told, places=PLACES)


def _sentences(notice: NoticeView, language: str) -> list[tuple[str, int | None]]:
    """Each sentence once, with the case it speaks of where that is certain.

    Cases stand once each and lines may have none, so only equal numbers mean that they stand side by side.
    """
    lines, cases = notice.lines, notice.cases
    known: list[int | None] = list(cases) if len(lines) == len(cases) else [cases[0] if len(cases) == 1 else None] * len(lines)
    titles = office().titles
    told = [(render(titles, notice.message, line, language), of) for line, of in zip(lines, known, strict=True)]
    return list(dict.fromkeys(told))


def read_all() -> Any:
    """Marks everything as read."""
    office().database.write(lambda store: mark_read(store, actor(), now()))
    return redirect(url_for("notices.notices_page"))


def wishes_page() -> Any:
    """How each topic comes by mail, and where to."""
    topics, person_id = mailing_of(office()).topics, actor().person_id or 0
    chosen = office().database.read(lambda store: ways_of(store, person_id))
    person = office().database.read(lambda store: get_person(store, person_id))
    titles, language = office().titles["message_topics"], current_language()
    told = [(t.key, titles[t.key][language], chosen.get(t.key, t.way)) for t in topics if t.way != AT_ONCE]
    spans = [[clock_time(moment) for moment in span] for span in office().settings.office_hours]
    hours = gettext("、").join(gettext("%(begin)s至%(end)s", begin=begin, end=end) for begin, end in spans)
    settings, has_mail = office().settings, "mail" in office().settings.channels
    return render_template(
        "notices/wishes.html", topics=told, email=person["email"], has_mail=has_mail, hours=hours, settings=settings
    )


def keep_wishes() -> Any:
    """Keeps them; from the next mail on they hold, also for what waits already."""
    mailing, person_id = mailing_of(office()), actor().person_id or 0
    asked = {topic.key: request.form.get(topic.key) for topic in mailing.topics if topic.key in request.form}
    office().database.write(lambda store: choose_ways(store, mailing, person_id=person_id, ways=asked))
    flash(gettext("消息设置已保存"), "toast")
    return redirect(url_for("notices.wishes_page"), 303)


ROUTES = (
    Route("/notices", notices_page, Access.SIGNED_IN),
    Route("/notices/read", read_all, Access.SIGNED_IN, ("POST",)),
    Route("/notices/settings", wishes_page, Access.SIGNED_IN),
    Route("/notices/settings", keep_wishes, Access.SIGNED_IN, ("POST",)),
)
