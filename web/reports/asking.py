"""What an address asks of the reports: which sheet, of which kind and period, narrowed to whose items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext

from states.definition import Definition
from states.errors import BadInput, NotFound
from states.shut import keeps_secrets
from web.days import read_day
from web.language import current_language
from web.ledger.kinds import LEDGER, kinds_on
from web.ledger.questions import FACET, Asked
from web.reports.words import REPORTS as TITLES
from workflow.occasion import Occasion
from workflow.reads.counts import count_of
from workflow.reads.query import Query
from workflow.reports.dispatch import Sheet
from workflow.reports.periods import Period, last_over, over
from workflow.reports.registry import REPORTS
from workflow.store import Store
from workflow.types import Actor

# The parameter of each report's address that names a day of its period.
DAY = {"week": "week", "ten_days": "ten", "half_month": "half", "month": "month", "quarter": "quarter"}
# Talks with whoever handles something secret belong on the sheet of what is secret.
OF_SECRETS = (("tier", ("handler",)),)
TALK_DAY = "held_on"
LEADER = "county_leader"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report by its name, and the rest of its address."""

    name: str
    asked: Asked
    today: date

    @property
    def period(self) -> Period:
        """The period that the address names by a day in it; the last that is over, where it names none."""
        rhythm, day = REPORTS[self.name].rhythm, read_day(self._typed, today=self.today, side="past")
        return over(rhythm, day, self.today) if day else last_over(rhythm, self.today)

    @property
    def unread(self) -> str:
        """What was typed for a day of the period and is no day."""
        return "" if read_day(self._typed, today=self.today, side="past") else self._typed

    @property
    def _typed(self) -> str:
        return self.asked.params.get(DAY[self.name], "")

    @property
    def leader(self) -> str:
        """The county leader whose items alone are asked for."""
        return self.asked.params.get(FACET + LEADER, "")

    def link(self, endpoint: str = "reports.report_page", **changes: str | None) -> str:
        """The address of the same with some parameters changed."""
        return self.asked.link(url_for(endpoint, name=self.name), **changes)

    def of_period(self, period: Period, endpoint: str = "reports.report_page") -> str:
        """The address of the same in another period."""
        return self.asked.link(url_for(endpoint, name=self.name), **{DAY[self.name]: period.last.isoformat()})

    def of_leader(self, name: str | None, **changes: str) -> str:
        """The address of the same for the items of one county leader, or of all."""
        leader: dict[str, str | None] = {FACET + LEADER: name}
        return self.asked.link(url_for("reports.report_page", name=self.name), **leader, **changes)

    def kind(self, store: Store, occasion: Occasion, actor: Actor) -> Definition:
        """The kind asked for; NotFound for one of which this reader has no sheet."""
        kinds = kinds_on(LEDGER, occasion.catalogue)
        wanted = self.asked.params.get("kind", kinds[0])
        if wanted not in kinds:
            raise BadInput(why="unknown_filter", field="kind", value=wanted)
        found = next((kind for kind in offered(store, occasion, actor) if kind.key == wanted), None)
        if found is None:
            raise NotFound(what="report")
        return found

    def sheet(self, occasion: Occasion, definition: Definition) -> Sheet:
        """What the report is made of."""
        facets = ((LEADER, (self.leader,)),) if self.leader else ()
        talks = tuple(kind for kind, served in occasion.catalogue.current.items() if served.definition.interview)
        about: dict[str, Any] = {"facets": OF_SECRETS} if keeps_secrets(definition) else {"without_facets": OF_SECRETS}
        # A talk has no county leader of its own, and of a kind whose ladders come to no talk there is none.
        of_talks = Query(talks, **about) if talks and not facets else None
        query = Query((definition.key,), band="all", facets=facets)
        return Sheet(query, REPORTS[self.name].rhythm, self.period, of_talks, TALK_DAY)


def wanted_of(name: str, arguments: dict[str, str], today: date) -> Wanted:
    """What an address asks of a report; parameters that mean nothing to it are passed over."""
    known = ("kind", DAY[name], FACET + LEADER)
    return Wanted(name, Asked({key: value for key, value in arguments.items() if key in known and value}), today)


def offered(store: Store, occasion: Occasion, actor: Actor) -> list[Definition]:
    """The kinds that have a sheet for this reader; one with secrets only for whoever reads some of it as it is now."""
    current = occasion.catalogue.current
    kinds = [current[kind].definition for kind in kinds_on(LEDGER, occasion.catalogue) if kind in current]
    return [kind for kind in kinds if not keeps_secrets(kind) or _reads_some(store, occasion, actor, kind.key)]


def _reads_some(store: Store, occasion: Occasion, actor: Actor, kind: str) -> bool:
    return any(count_of(store, occasion, actor, Query((kind,), band=band), cap=1).n for band in ("open", "closed"))


def title_of(name: str, definition: Definition) -> str:
    """The words of a report of a kind: 整改事项周调度表."""
    return f"{definition.title.in_(current_language())}{gettext(TITLES[name])}"
