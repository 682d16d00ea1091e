"""The drawing of a kind with its numbers: what stands where, which ways are gone, and how long it takes before they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from states.draw import Lines, svg
from states.errors import NotFound
from web.current import actor, now, office, today
from web.formatting import number, workdays
from web.language import current_language
from web.ledger.kinds import pages_of
from web.ledger.listing import narrowed
from web.ledger.questions import AS_OF, Asked, standing_filters
from workflow.reads.counts import is_nothing_shown
from workflow.reads.course import Course, Gone, Standing, course
from workflow.reads.stays import final_states, first_monday


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of the rows behind each number; "" where the kind stands under its items and no page lists its rows."""

    kind: str
    page: str
    asked: Asked

    def _link(self, **filters: str) -> str:
        return self.asked.link(url_for(self.page), kind=self.kind, **filters) if self.page else ""

    def now(self, state: Standing) -> str:
        """What stands in a state."""
        return self._link(band="all", state=state.key)

    def late(self, state: Standing) -> str:
        """What is late in a state."""
        return self._link(band="late", state=state.key)

    def left(self, state: Standing) -> str:
        """What has left a state."""
        return self._link(band="all", step=state.key)

    def gone(self, way: Gone) -> str:
        """What has gone a way."""
        return self._link(band="all", step=f"{way.source}~{way.target}")


def course_page(kind: str) -> Any:
    """The drawing and, for readers and the keyboard, its tables, over what the address keeps of the kind.

    NotFound for a kind that is not served, and for one that no page lists to whom sees none of its cases.
    """
    asked = standing_filters(request.args).without("kind", "state", AS_OF)

    def read(store: Any, occasion: Any) -> dict[str, Any]:
        current, pages = occasion.catalogue.current, pages_of(occasion.catalogue)
        beside = [one for one in occasion.catalogue.off_ledger if not is_nothing_shown(store, occasion, actor(), (one,))]
        if kind not in (*pages, *beside):
            raise NotFound(what="kind", id=kind)
        return {
            "seen": course(store, occasion, actor(), narrowed(store, occasion, actor(), asked, (kind,))),
            "page": pages.get(kind, ""),
            "kinds": [current[key].definition for key in (*pages, *beside) if key in current],
        }

    told = office().engine.read(now(), read)
    seen, links = told["seen"], Links(kind, told["page"], asked)
    drawing = svg(seen.definition, current_language(), said=_said(seen, links))
    return render_template("overview/course.html", links=links, drawing=drawing, since=first_monday(today()), **told)


def _said(seen: Course, links: Links) -> Lines:
    """What stands in each state and beside each way of the drawing."""
    found: dict[str | tuple[str, str], list[tuple[str, str]]] = {}
    for state in seen.states:
        lines = [(gettext("%(n)s项", n=number(state.now)), links.now(state))]
        if state.late:
            lines.append((gettext("逾期%(n)s项", n=number(state.late)), links.late(state)))
        if state.median is not None and state.key not in final_states(seen.definition):
            lines.append((gettext("停留%(days)s", days=_days(state.median)), links.left(state)))
        found[state.key] = [(str(words), href) for words, href in lines]
    for way in seen.ways:
        words = gettext("%(n)s项", n=number(way.cases))
        if way.median is not None:
            words = gettext("%(n)s项，%(days)s", n=number(way.cases), days=_days(way.median))
        found[way.source, way.target] = [(str(words), links.gone(way))]
    return found


def _days(median: float) -> str:
    return workdays(median, language=current_language())
