"""What somebody wants to see of the ledger: filters, order and place, one frozen value for pages, views and exports."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, true

from states.errors import BadInput
from workflow import search
from workflow.definitions import Catalogue
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.bands import BANDS, LATE_BUCKETS, PROMISES, Standing, closed_out, days, in_band, late_by, promised
from workflow.reads.dimensions import missing
from workflow.reads.facets import has_facet, has_words, not_found_yet
from workflow.reads.numbers import written_out
from workflow.reads.open_then import open_then
from workflow.reads.stays import handed_on, require_known, since, went
from workflow.reads.stood import standing_of, stood_so
from workflow.text import canonical
from workflow.types import Actor

NO_TOWNSHIP = 0  # as an area: what stands under no township
SORTS = ("due", "instructed", "number", "changed", "official")


@dataclass(frozen=True, slots=True)
class Query:
    """Filters over the ledger; empty means any. All hold together; several values of one filter are alternatives.

    `band` is one of bands.BANDS, `area_id` any area (its whole subtree) or NO_TOWNSHIP, `dated` whether there is a limit, `ids`
    the cases themselves, `untold` facts by one of which they are not found yet, `facets` pairs of field and values,
    `without_facets` those that a case must not have, `without` the dimensions (reads/dimensions.py) in which it has no value,
    `late_for` a key of bands.LATE_BUCKETS, `counted` whether it was closed on a ground that counts, `promise` one of
    bands.PROMISES, `held` who has handed it on lately and `step` which state it has left lately (reads/stays.py),
    `due_from`/`due_to` and the like inclusive days, `text` words of the search box, `sort` one of SORTS, of which `instructed`
    is by the limit with what bears a leader's instruction (批示件) before all else. With `as_of` band, state, holder, subject,
    limit, colour, lateness, facets and text are those at the end of the day. Without `kinds` the kinds that stand on the ledger
    are meant.
    """

    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    band: str = "open"
    area_id: int | None = None
    holder_ids: tuple[int, ...] = ()
    supervisor_id: int | None = None
    subject_id: int | None = None
    assignee_id: int | None = None
    facets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    without_facets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    colours: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    due_from: date | None = None
    due_to: date | None = None
    opened_from: date | None = None
    opened_to: date | None = None
    closed_from: date | None = None
    closed_to: date | None = None
    overdue: bool | None = None
    late_for: str = ""
    counted: bool | None = None
    promise: str = ""
    held: str = ""
    step: str = ""
    text: str = ""
    import_id: int | None = None
    dated: bool | None = None
    ids: tuple[int, ...] | None = None
    untold: tuple[str, ...] = ()
    as_of: date | None = None
    sort: str = "due"
    descending: bool = False

    def __post_init__(self) -> None:
        closed = (("band", BANDS), ("sort", SORTS), ("late_for", ("", *LATE_BUCKETS)), ("promise", ("", *PROMISES)))
        for name, known in closed:
            if getattr(self, name) not in known:
                raise BadInput(why="unknown_filter", field=name, value=getattr(self, name))
        require_known(self.held, self.step)

    @property
    def asks_present(self) -> bool:
        """Does a filter ask how a case stands now? Then those who only read its past are told nothing."""
        present = (
            "states",
            "holder_ids",
            "supervisor_id",
            "subject_id",
            "assignee_id",
            "facets",
            "without_facets",
            "colours",
            "without",
            "due_from",
            "due_to",
            "opened_from",
            "opened_to",
            "closed_from",
            "closed_to",
            "overdue",
            "late_for",
            "counted",
            "promise",
            "held",
            "step",
            "text",
            "dated",
            "ids",
            "untold",
            "as_of",
        )
        return self.band != "all" or any(getattr(self, name) not in (None, "", ()) for name in present)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after the last row of a page: segment, the values of the sort key, and the id that settles ties."""

    segment: int
    key: tuple[Any, ...]
    id: int

    def text(self) -> str:
        """The cursor for a URL."""
        told = canonical([self.segment, list(self.key), self.id])
        return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor of a URL; BadInput for anything else."""
        try:
            segment, key, case_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            return cls(int(segment), tuple(key), int(case_id))
        except (ValueError, TypeError) as error:
            raise BadInput(why="cursor") from error


def kinds_of(query: Query, catalogue: Catalogue) -> tuple[str, ...]:
    """The kinds asked for that are served, in the order of their keys."""
    on_ledger = (kind for kind, served in catalogue.current.items() if served.definition.ledger)
    wanted = query.kinds or tuple(on_ledger)
    return tuple(sorted(kind for kind in wanted if kind in catalogue.current))


def filters(query: Query, catalogue: Catalogue, actor: Actor) -> ColumnElement[bool]:
    """The WHERE of the query, without kinds and today's visibility. `values_of` says what it binds.

    On a past day a case is there for the actor if it lay open to him then.
    """
    standing = list(_standing(query, catalogue))
    if query.as_of is None:
        found = standing
    else:
        found = [stood_so(query.as_of, [*standing, *open_then(actor, catalogue, standing_of(query.as_of, catalogue))])]
    found += [*_columns(query), *_places(query, catalogue), *_times(query)]
    found += [handed_on(query.held, catalogue)] if query.held else []
    found += [went(query.step)] if query.step else []
    found += [has_facet(query.as_of, field, values) for field, values in query.facets]
    found += [not_(has_facet(query.as_of, field, values)) for field, values in query.without_facets]
    if query.untold:
        found.append(not_found_yet(catalogue, kinds_of(query, catalogue), query.untold))
    if query.text:
        found.append(has_words(query.as_of))
    return and_(*found)


def _standing(query: Query, catalogue: Catalogue) -> Iterator[ColumnElement[bool]]:
    """What is asked of how the cases stand, today or on the past day."""
    at = standing_of(query.as_of, catalogue)
    yield in_band(query.band, catalogue, at)
    if query.holder_ids:
        yield at.holder_id.in_(query.holder_ids)
    if query.subject_id is not None:
        yield at.subject_id == query.subject_id
    if query.states:
        yield at.state.in_(query.states)
    if query.colours:
        yield at.colour.in_(query.colours)
    yield from _limits(query, at)
    if query.overdue is not None:
        yield at.late if query.overdue else and_(at.open, at.overdue_since.is_(None))
    if query.late_for:
        yield late_by(query.late_for, at)
    if query.counted is not None:
        counted = closed_out(catalogue, at)
        yield counted if query.counted else and_(at.final, counted.is_not(true()))
    for dimension in query.without:
        yield missing(dimension, at, query.as_of)
    if query.promise:
        yield promised(query.promise, catalogue, at)


def _limits(query: Query, at: Standing) -> Iterator[ColumnElement[bool]]:
    if query.due_from is not None:
        yield at.due_on >= query.due_from
    if query.due_to is not None:
        yield at.due_on <= query.due_to
    if query.dated is not None:
        yield at.due_on.is_not(None) if query.dated else at.due_on.is_(None)


def _columns(query: Query) -> list[ColumnElement[bool]]:
    found = [CASES.c[name] == getattr(query, name) for name in _EQUAL if getattr(query, name) is not None]
    if query.ids is not None:
        found.append(CASES.c.id.in_(query.ids))
    return found


_EQUAL = tuple(f.name for f in fields(Query) if f.name in ("supervisor_id", "assignee_id", "import_id"))


def _places(query: Query, catalogue: Catalogue) -> list[ColumnElement[bool]]:
    if query.area_id is None:
        return []
    at = standing_of(query.as_of, catalogue)
    if query.area_id == NO_TOWNSHIP:
        return [at.township_id.is_(None)]
    levels = (CASES.c.subject_county_id, at.township_id, at.village_id)
    return [or_(*[level == query.area_id for level in levels])]


def _times(query: Query) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for event in ("opened", "closed"):
        first, last, on = getattr(query, f"{event}_from"), getattr(query, f"{event}_to"), CASES.c[f"{event}_on"]
        found += [on >= first] if first is not None else []
        found += [on <= last] if last is not None else []
    return found


def values_of(query: Query, occasion: Occasion) -> dict[str, Any]:
    """What the statements of a query bind: the days of its bands, lateness and last weeks, and the words of its box."""
    day = query.as_of or occasion.today
    words = written_out(query.text, occasion.catalogue, day.year) if query.text else ""
    return {**days(day), "since": since(day), **words_of(words)}


def words_of(text: str) -> dict[str, str]:
    """What `has_words` binds: the normalised words, where % and _ are plain characters."""
    plain = search.normalise(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"words": f"%{plain}%"} if text else {}
