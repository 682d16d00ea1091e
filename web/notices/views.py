"""The bell: what I have been told; and what of it comes by mail as well."""

from __future__ import annotations

from datetime import time
from itertools import zip_longest
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from states.errors import BadInput
from web.access import Access, Route
from web.current import actor, now, office
from web.delivery import mailing_of
from web.errors import Problem, problem_of
from web.formatting import clock_time
from web.language import current_language
from web.messages import render
from web.storable import whole
from workflow.mailing import AT_ONCE, Spans, choose_hours, choose_ways, own_hours, ways_of
from workflow.occasion import Occasion
from workflow.people.accounts import get_person
from workflow.reads.notices import Listed, NoticeView, list_notices, mark_read
from workflow.reads.seen import CaseRef, refs_of
from workflow.store import Store

PER_PAGE = 100
OFFICE, OWN = "office", "own"
# Begin and end of a morning and of an afternoon, and the half hours that each is chosen of.
MOMENTS = ("begin_1", "end_1", "begin_2", "end_2")
STEPS = tuple(f"{hour:02}:{minute:02}" for hour in range(6, 23) for minute in (0, 30))
# Where a message about no case leads, by what it is about.
PLACES = dict.fromkeys(
    ("version_proposed", "version_granted", "version_refused", "motion_proposed", "motion_granted", "motion_refused"),
    "versions.versions_page",
) | dict.fromkeys(("reorganisation_set_aside", "reorganisation_proposed"), "admin.changes_page")
PLACES |= dict.fromkeys(
    ("setting_proposed", "setting_granted", "setting_refused", "setting_dated", "setting_set_aside"),
    "configuration.configuration_page",
)
PLACES |= dict.fromkeys(("disposal_proposed", "disposal_granted", "disposal_refused"), "retention.due_page")


def notices_page() -> Any:
    """The newest messages, or those after the one that the address names: what each is about, its lines, whether it is read."""
    after = request.args.get("after", type=whole)

    def read(store: Store, occasion: Occasion) -> tuple[Listed, dict[int, CaseRef]]:
        found = list_notices(store, occasion, actor(), after=after, limit=PER_PAGE)
        about = {case_id for notice in found.notices for case_id in notice.cases}
        return found, refs_of(store, occasion, actor(), about)

    found, cases = office().engine.read(now(), read)
    language, topics = current_language(), _topics(current_language())
    told = [(notice, topics.get(notice.message, gettext("消息")), _sentences(notice, language)) for notice in found.notices]
    older = url_for("notices.notices_page", after=found.after) if found.after else ""
    return render_template("notices/notices.html", notices=told, cases=cases, places=PLACES, after=after, older=older)


def _topics(language: str) -> dict[str, str]:
    """Message → what messages of its sort are about."""
    return {message: told[language] for told in office().titles["message_topics"].values() for message in told["messages"]}


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
    """Marks everything as read, or the one message that was pressed."""
    one = request.form.get("notice", type=whole)
    office().database.write(lambda store: mark_read(store, actor(), now(), notice_id=one))
    return redirect(url_for("notices.notices_page", after=request.form.get("after", type=whole)))


def wishes_page() -> Any:
    """How each topic comes by mail, at which hours, and where to."""
    return _wishes(None)


def _wishes(problem: Problem | None) -> Any:
    topics, person_id, typed = mailing_of(office()).topics, actor().person_id or 0, request.form
    chosen = office().database.read(lambda store: ways_of(store, person_id))
    person = office().database.read(lambda store: get_person(store, person_id))
    own = office().database.read(lambda store: own_hours(store, person_id))
    titles, language, settings = office().titles["message_topics"], current_language(), office().settings
    told = [(t.key, titles[t.key][language], typed.get(t.key, chosen.get(t.key, t.way))) for t in topics if t.way != AT_ONCE]
    spans = [[clock_time(moment) for moment in span] for span in settings.office_hours]
    shown = [f"{moment:%H:%M}" for span in own or settings.office_hours for moment in span]
    page = render_template(
        "notices/wishes.html",
        topics=told,
        email=person["email"],
        has_mail="mail" in settings.channels,
        hours=gettext("、").join(gettext("%(begin)s至%(end)s", begin=begin, end=end) for begin, end in spans),
        settings=settings,
        when=typed.get("when", OWN if own else OFFICE),
        moments={name: typed.get(name, moment) for name, moment in zip_longest(MOMENTS, shown[: len(MOMENTS)], fillvalue="")},
        steps=STEPS,
        problem=problem,
    )
    return page, problem.status if problem else 200


def keep_wishes() -> Any:
    """Keeps them; from the next mail on they hold, also for what waits already. What was chosen stands where it is refused."""
    mailing, person_id = mailing_of(office()), actor().person_id or 0
    asked = {topic.key: request.form.get(topic.key) for topic in mailing.topics if topic.key in request.form}

    def keep(store: Store) -> None:
        choose_ways(store, mailing, person_id=person_id, ways=asked)
        if "when" in request.form:
            choose_hours(store, person_id=person_id, hours=_asked_hours())

    try:
        office().database.write(keep)
    except BadInput as refusal:
        return _wishes(problem_of(refusal))
    flash(gettext("消息设置已保存"), "toast")
    return redirect(url_for("notices.wishes_page"), 303)


def _asked_hours() -> Spans:
    """The spans that were chosen; BadInput for half a span and for an hour there is none."""
    if request.form.get("when") != OWN:
        return ()
    told = [request.form.get(name, "") for name in MOMENTS]
    spans = [span for span in zip(told[::2], told[1::2], strict=True) if any(span)]
    if not spans or not all(moment in STEPS for span in spans for moment in span):
        raise BadInput(why="mail_hours")
    return tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in spans)


ROUTES = (
    Route("/notices", notices_page, Access.SIGNED_IN),
    Route("/notices/read", read_all, Access.SIGNED_IN, ("POST",)),
    Route("/notices/settings", wishes_page, Access.SIGNED_IN),
    Route("/notices/settings", keep_wishes, Access.SIGNED_IN, ("POST",)),
)
