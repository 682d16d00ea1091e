"""What every verb needs to know of the county, read once and kept until somebody changes it.

Each part (tree, people, calendar, definitions, settings) has a stamp in the database; a verb reads the stamps in one statement
and loads again only what has moved. So a change in one process is seen by the next verb in every other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_or_add

from workflow.calendars import current_calendar
from workflow.configuration.settings import Settings, read_settings
from workflow.dates import local_day
from workflow.definitions import Catalogue, catalogue
from workflow.models import Area, FormerUnit, Grant, Numbering, Organ, Person
from workflow.occasion import Occasion
from workflow.roster import Roster
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.tree import AreaFact, FormerFact, OrganFact, Tree
from workflow.types import GrantFact

PARTS = ("tree", "people", "calendar", "definitions", "settings")

_area, _organ, _grant, _person = table_of(Area), table_of(Organ), table_of(Grant), table_of(Person)
_numbering, _former = table_of(Numbering), table_of(FormerUnit)

STAMPS = Prepared(
    select(_numbering.c.series, _numbering.c.last).where(_numbering.c.series.in_([f"stamp:{part}" for part in PARTS]))
)
MOVE_STAMP = Prepared(
    insert_or_add(_numbering)
    .values(series=bindparam("series"), last=1)
    .on_conflict_do_update(index_elements=["series"], set_={"last": _numbering.c.last + 1})
)
AREAS = Prepared(select(*[_area.c[name] for name in AreaFact.__slots__]).order_by(_area.c.id))
ORGANS = Prepared(select(*[_organ.c[name] for name in OrganFact.__slots__]).order_by(_organ.c.id))
FORMER = Prepared(select(*[_former.c[name] for name in FormerFact.__slots__]).order_by(_former.c.until, _former.c.id))
GRANTS = Prepared(
    select(
        _grant.c.person_id,
        _grant.c.id,
        _grant.c.role,
        _grant.c.organ_id,
        _organ.c.kind.label("organ_kind"),
        _organ.c.level,
        _organ.c.area_id,
        _grant.c.ceiling,
        _grant.c.title,
    )
    .join(_organ, _organ.c.id == _grant.c.organ_id)
    .join(_person, _person.c.id == _grant.c.person_id)
    .where(
        _person.c.disabled_at.is_(None),
        or_(_grant.c.since.is_(None), _grant.c.since <= bindparam("today", type_=_grant.c.since.type)),
        or_(_grant.c.until.is_(None), _grant.c.until >= bindparam("today", type_=_grant.c.until.type)),
    )
    .order_by(_grant.c.id)
)


def moved(store: Store, part: str) -> None:
    """Says that `part` (tree, people, calendar, definitions, settings) has changed: every process reads it again."""
    assert part in PARTS, part
    store.run(MOVE_STAMP, series=f"stamp:{part}")


def grants_on(store: Store, today: date) -> list[tuple[int, GrantFact]]:
    """Every valid grant of an active person, as (person id, grant)."""
    return [(row.pop("person_id"), GrantFact(**row)) for row in store.rows(GRANTS, today=today)]


def read_tree(store: Store) -> Tree:
    """All areas and organs, and what they were before."""
    areas, organs = _facts(store.rows(AREAS), AreaFact), _facts(store.rows(ORGANS), OrganFact)
    return Tree.of(areas, organs, _facts(store.rows(FORMER), FormerFact))


def _facts(rows: Iterable[dict[str, Any]], fact: Callable[..., Any]) -> list[Any]:
    return [fact(**row) for row in rows]


class Occasions:
    """Makes the occasion of each verb from what is kept; one per engine, shared by its threads."""

    def __init__(self, channels: tuple[str, ...]) -> None:
        self._channels = channels
        self._kept: dict[str, tuple[Any, Any]] = {}

    def settings(self, store: Store) -> Settings:
        """What the county has set, as of now."""
        stamps = {row["series"]: row["last"] for row in store.rows(STAMPS)}
        return self._settings(store, stamps)

    def _settings(self, store: Store, stamps: Mapping[str, Any]) -> Settings:
        found: Settings = self._part("settings", stamps.get("stamp:settings"), lambda: read_settings(store))
        return found

    def county(self, store: Store) -> tuple[Catalogue, Tree]:
        """What is served and the organisations, as of now."""
        stamps = {row["series"]: row["last"] for row in store.rows(STAMPS)}
        served = self._part("definitions", stamps.get("stamp:definitions"), lambda: catalogue(store))
        return served, self._part("tree", stamps.get("stamp:tree"), lambda: read_tree(store))

    @property
    def last_settings(self) -> Settings | None:
        """What the county had set when a verb, a read or a request looked last; None before the first."""
        kept = self._kept.get("settings")
        return kept[1] if kept else None

    def at(self, store: Store, now: datetime, happened_on: date | None = None, *, hour_given: bool = False) -> Occasion:
        """The occasion at `now`; `happened_on` is the day of a fact that is recorded later, from paper.

        `hour_given`: somebody said the hour.
        """
        today = local_day(now)
        stamps = {row["series"]: row["last"] for row in store.rows(STAMPS)}
        return Occasion(
            now=now,
            today=happened_on or today,
            calendar=self._part("calendar", stamps.get("stamp:calendar"), lambda: current_calendar(store)),
            tree=self._part("tree", stamps.get("stamp:tree"), lambda: read_tree(store)),
            roster=self._part(
                "people",
                (stamps.get("stamp:people"), stamps.get("stamp:tree"), today),
                lambda: Roster.of(grants_on(store, today)),
            ),
            catalogue=self._part("definitions", stamps.get("stamp:definitions"), lambda: catalogue(store)),
            settings=self._settings(store, stamps),
            channels=self._channels,
            hour_given=hour_given,
        )

    def _part(self, name: str, stamp: Any, read: Callable[[], Any]) -> Any:
        kept = self._kept.get(name)
        if kept is None or kept[0] != stamp:
            kept = self._kept[name] = (stamp, read())
        return kept[1]
