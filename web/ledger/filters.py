"""The filters of a ledger: what is chosen, every choice as an address, and the form of those that take days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import gettext

from states.definition import Field, Text
from states.schema.shapes import COLOURS
from web.cases.page import seat_words
from web.formatting import plain_day
from web.language import current_language
from web.ledger.dimensions import DIMENSIONS, alike_together, colour_words, find_dimension
from web.ledger.listing import Listing, shown
from web.ledger.questions import (
    AND,
    DAYS,
    FACET,
    FLAGS,
    MINE,
    NONE,
    SPANS,
    WINDOW,
    WITHOUT,
    Asked,
    day_of,
    has_several,
    names_in,
    number_of,
    spelled,
)
from workflow.reads.course import titles_of
from workflow.reads.groups import group_by, state_phrases
from workflow.reads.names import seats_of
from workflow.reads.query import NO_TOWNSHIP, Query
from workflow.reads.rows import area_name, organ_name
from workflow.tree import AreaFact

Choice = tuple[str, int | None, str, bool]
Option = tuple[str, str, int | None]
Counted = dict[int | None, int] | None
# What free text has said so far is offered up to this many values; beyond them the box finds it.
VALUES_AT_MOST = 40
# All parameters that speak of the limit.
LIMITS = (WINDOW, *DAYS, *FLAGS)


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter with its title, the words of what is chosen, and its choices: (title, count or None, address, is chosen).

    `days` are the parameters of the first and the last day, where any two days may be asked for; `rest` is the address without
    the filter. Where several values may be asked for at once, `also` has for each choice the address that asks for it beside
    those chosen, or lets it alone go; `chips` are those chosen, where they are more than one.
    """

    name: str
    title: str
    value: str
    is_set: bool
    choices: tuple[Choice, ...]
    rest: Asked
    days: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def chips(self) -> list[tuple[str, str]]:
        """The words of each value, and the address without it."""
        found = [(choice[0], href) for choice, href in zip(self.choices, self.also, strict=False) if choice[3] and href]
        return found if len(found) > 1 else []


def main_filters(listing: Listing) -> list[Filter]:
    """Kind, township, village, state, holder and limit; those that count their choices count what this reader may see."""
    found = [_kinds(listing)] if listing.is_mixed else []
    return [*found, *_areas(listing), *(_counting(listing, name) for name in ("state", "holder")), _due(listing)]


def more_filters(listing: Listing) -> list[Filter]:
    """All others, of which those that are not set stand together in one place."""
    found = [*_facts(listing), _counting(listing, "assignee"), _counting(listing, "supervisor"), _subject(listing)]
    found += [_colour(listing), _promise(listing)]
    found += [*_spans(listing), *_missing(listing), *_of_figures(listing), *_lately(listing)]
    return [one for one in found if one.is_set or one.days or len(one.choices) > 1]


def _counting(listing: Listing, name: str) -> Filter:
    """A filter whose choices are the values that stand on the rows of this page."""
    query = listing.query
    wide = {
        "state": replace(query, states=()),
        "holder": replace(query, holder_ids=()),
        "assignee": replace(query, assignee_id=None),
        "supervisor": replace(query, supervisor_id=None),
    }
    options = _counted(listing, wide[name], name)
    options = _seated(listing, options) if name == "assignee" else options
    found = _filter(listing, name, gettext(DIMENSIONS[name].title), options)
    if name == "assignee" and found.is_set:
        return replace(found, value=_person_chosen(listing, found))
    return replace(found, value=_chosen(listing, name)) if found.is_set else found


def _seated(listing: Listing, options: list[Option]) -> list[Option]:
    """People with their units and posts, which tell those of one name apart."""
    seats = seats_of(listing.store, listing.occasion, (number_of(key) for key, _name, _n in options))
    words = {key: seat_words(seats.get(number_of(key))) for key, _name, _n in options}
    return [(key, f"{name}（{words[key]}）" if words[key] else name, n) for key, name, n in options]


def _person_chosen(listing: Listing, found: Filter) -> str:
    """The name as the rows of this page tell it: a number typed into the address gives nobody's name away."""
    known = next((title for title, _n, _href, is_chosen in found.choices if is_chosen), "")
    return known or ("…" if listing.waits else gettext("没有这个人的事项"))


def _chosen(listing: Listing, name: str) -> str:
    """The words of what is chosen, also where no row of the page has it."""
    told = listing.asked.params[name]
    if name != "state":
        return "、".join(organ_name(listing.occasion.tree, number_of(one)) or one for one in told.split(AND))
    every = [one for asked in listing.definitions for one in listing.occasion.catalogue.versions_of(asked.key)]
    states = state_phrases(every)
    return "、".join(states[value].in_(current_language()) if value in states else value for value in names_in(told))


def _subject(listing: Listing) -> Filter:
    """The organs of the township or village that is asked for."""
    tree, area_id = listing.occasion.tree, listing.query.area_id
    organs = sorted((o for o in tree.organs.values() if o.area_id == area_id), key=lambda organ: organ.official_order)
    options = [(str(organ.id), organ_name(tree, organ.id), None) for organ in organs]
    found = _filter(listing, "subject", gettext(DIMENSIONS["subject"].title), options)
    return replace(found, value=_chosen(listing, "subject")) if found.is_set else found


def _colour(listing: Listing) -> Filter:
    options = [(key, colour_words(key), None) for key in filter(None, COLOURS)]
    return _filter(listing, "colour", gettext(DIMENSIONS["colour"].title), options)


def _missing(listing: Listing) -> Iterator[Filter]:
    """What the rows have no value of; each can be let go."""
    names = names_in(listing.asked.params.get(NONE, ""))
    for name in names:
        known = find_dimension(listing, name)
        if known is not None:
            rest = listing.asked.with_(**{NONE: spelled(other for other in names if other != name)})
            yield _only_to_let_go(listing, f"{NONE}.{name}", gettext(known.title), gettext(known.missing), rest)


def _only_to_let_go(listing: Listing, name: str, title: str, value: str, rest: Asked, days: tuple[str, ...] = ()) -> Filter:
    return Filter(name, title, value, True, ((gettext("全部"), None, rest.link(listing.base), False),), rest, days)


def _promise(listing: Listing) -> Filter:
    """Whether the date first set was kept."""
    options = [("kept", gettext("按期"), None), ("missed", gettext("未按期"), None)]
    return _filter(listing, "promise", gettext("原定期限"), options)


def _lately(listing: Listing) -> Iterator[Filter]:
    """Who has handed it on and which way it went in the last weeks, where a figure has led to it; each can be let go."""
    query = listing.query
    told = [("held", gettext("近12周办过"), _held_words(listing)), ("step", gettext("近12周走过"), _step_words(listing))]
    for name, title, words in told:
        if getattr(query, name):
            yield _only_to_let_go(listing, name, title, words, listing.asked.without(name))


def _held_words(listing: Listing) -> str:
    what, _, key = listing.query.held.partition("-")
    if what == "organ":
        return organ_name(listing.occasion.tree, int(key)) or gettext("没有这个单位")
    if what == "area":
        return area_name(listing.occasion.tree, int(key)) or gettext("县直")
    return str(gettext("任何单位"))


def _step_words(listing: Listing) -> str:
    titles: dict[str, Text] = {}
    for definition in listing.definitions:
        titles = titles_of(listing.occasion.catalogue, definition.key) | titles
    language, unknown = current_language(), gettext("没有这个状态")
    source, *target = [titles[key].in_(language) if key in titles else unknown for key in listing.query.step.split("~")]
    return f"{source}→{target[0]}" if target else str(gettext("离开%(state)s", state=source))


def _of_figures(listing: Listing) -> Iterator[Filter]:
    """What only a figure leads to: a ground that counts or not, a fact that a case must not have."""
    if listing.query.counted is not None:
        options = [("1", gettext("计入销号率"), None), ("0", gettext("不计入销号率"), None)]
        yield _filter(listing, "counted", gettext("办结方式"), options)
    for key, values in listing.query.without_facets:
        fields = [field for one in listing.definitions if (field := one.field_by_key.get(key)) is not None]
        title = next((field.title.in_(current_language()) for field in fields), "")
        words = {choice.key: choice.title.in_(current_language()) for field in fields for choice in field.choices}
        told = [(value, gettext("不含%(value)s", value=words.get(value, "")), None) for value in values]
        yield _filter(listing, f"{WITHOUT}{key}", title, told)


def _spans(listing: Listing) -> Iterator[Filter]:
    """The stretches of registering and closing."""
    titles = {"opened": gettext("登记日期"), "closed": gettext("办结日期")}
    for name, title in titles.items():
        first, last = (day_of(day, told) if (told := listing.asked.params.get(day)) else None for day in SPANS[name])
        days, rest = tuple(SPANS[name]), listing.asked.without(*SPANS[name])
        if first or last:
            yield _only_to_let_go(listing, name, title, _span_words(listing, first, last), rest, days)
        else:
            yield Filter(name, title, "", False, (), rest, days)


def _span_words(listing: Listing, first: date | None, last: date | None) -> str:
    def say(on: date) -> str:
        return plain_day(on, today=listing.today, language=current_language())

    if first and last:
        return str(gettext("%(first)s至%(last)s", first=say(first), last=say(last)))
    return str(gettext("%(day)s以后", day=say(first)) if first else gettext("%(day)s以前", day=say(last)) if last else "")


def _facts(listing: Listing) -> Iterator[Filter]:
    """One for each filterable fact of the kinds asked for; those that all of them have come first."""
    fields: dict[str, list[Field]] = {}
    for field in (field for definition in listing.definitions for field in definition.fields if _is_offered(field)):
        fields.setdefault(field.key, []).append(field)
    for same in sorted(fields.values(), key=lambda same: len(same) < len(listing.definitions)):
        yield _fact(listing, same, is_shared=len(same) == len(listing.definitions))


def _is_offered(field: Field) -> bool:
    return field.filter and not field.secret and (bool(field.choices) or field.type in ("flag", "text"))


# ---- each filter ----------------------------------------------------------------------------------------------------------


def _filter(listing: Listing, name: str, title: str, options: Iterable[Option], *, whole: str | None = None) -> Filter:
    """`whole` is the value that the choice of all of them leaves in the address."""
    asked, base, told = listing.asked, listing.base, listing.asked.params.get(name, "")
    options, chosen = list(options), told.split(AND)
    is_set = bool(told) and told != whole
    words = [next((title for key, title, _n in options if key == one), one if is_set else "") for one in chosen]
    choices: list[Choice] = [(gettext("全部"), None, asked.link(base, **{name: whole}), not is_set)]
    choices += [(title, n, asked.link(base, **{name: key}), key in chosen) for key, title, n in options]
    also = ["", *(asked.link(base, **{name: _beside(told, key)}) for key, _title, _n in options)] if has_several(name) else []
    said = "、".join(filter(None, words)) or gettext("全部")
    return Filter(name, title, said, is_set, tuple(choices), asked.with_(**{name: whole}), also=tuple(also))


def _beside(told: str, key: str) -> str | None:
    """The values with this one beside them, or without it where it is one of them."""
    chosen = [one for one in told.split(AND) if one]
    return AND.join(one for one in chosen if one != key) or None if key in chosen else AND.join([*chosen, key])


def _kinds(listing: Listing) -> Filter:
    language = current_language()
    options = [(one.key, one.title.in_(language), None) for one in listing.all_definitions]
    return _filter(listing, "kind", gettext("类型"), options)


def _areas(listing: Listing) -> Iterator[Filter]:
    """The townships; under the chosen one its villages."""
    tree, chosen = listing.occasion.tree, listing.query.area_id
    lineage = tree.lineage(chosen) if chosen is not None and chosen in tree.areas else {}
    township = lineage.get("township")
    counted = _rows_by_area(listing, "township", None)
    county: Option = (str(NO_TOWNSHIP), gettext("县直"), counted.get(None, 0) if counted is not None else None)
    found = _filter(listing, "area", gettext("乡镇"), [*_under(listing, "township", None, counted), county])
    if township is not None:
        found = replace(found, value=_name(tree.areas[township]), is_set=True)
    yield found
    if township is not None:
        yield _filter(listing, "area", gettext("村"), _villages(listing, township), whole=str(township))


def _villages(listing: Listing, township: int) -> list[Option]:
    return _under(listing, "village", township, _rows_by_area(listing, "village", township))


def _under(listing: Listing, level: str, parent_id: int | None, counted: Counted) -> list[Option]:
    """The areas of a level, each with the number of its rows."""
    tree = listing.occasion.tree
    found = [a for a in tree.areas.values() if a.level == level and parent_id in (None, a.parent_id)]
    found.sort(key=lambda area: tree.area_rank[area.id])
    return [(str(area.id), _name(area), counted.get(area.id, 0) if counted is not None else None) for area in found]


def _rows_by_area(listing: Listing, level: str, parent_id: int | None) -> Counted:
    """How many rows lie in each area of a level, whichever is chosen; None while the page waits, or where they are too many."""
    if listing.waits:
        return None
    query = replace(listing.query, area_id=parent_id)
    found = group_by(listing.store, listing.occasion, listing.actor, query, level)
    return None if any(group.rows.is_capped for group in found) else {group.key: group.rows.n for group in found}


def _name(area: AreaFact) -> str:
    return area.short_name or area.name


def _counted(listing: Listing, query: Query, dimension: str) -> list[Option]:
    """The values that stand on the rows of a query, with the number of rows under each; none while the page waits for them."""
    if listing.waits:
        return []
    found = group_by(listing.store, listing.occasion, listing.actor, query, dimension)
    groups = alike_together(found, current_language()) if dimension == "state" else found
    return [(str(g.key), g.label.in_(current_language()), g.rows.n) for g in groups if g.key is not None]


def _due(listing: Listing) -> Filter:
    """The window of the limit: some from today, or any two days."""
    titles = {"today": gettext("今天到期"), "week": gettext("7天内到期"), "month": gettext("30天内到期")}
    found = _filter(listing, WINDOW, gettext("期限"), [(key, title, None) for key, title in titles.items()])
    params, rest = listing.asked.params, listing.asked.without(*LIMITS)
    choices = [
        (title, n, rest.link(listing.base, due=_key), is_chosen)
        for (title, n, _href, is_chosen), _key in zip(found.choices, (None, *titles), strict=True)
    ]
    found = replace(found, choices=tuple(choices), rest=rest, days=tuple(DAYS))
    if any(name in params for name in DAYS):
        return replace(found, value=gettext("自选"), is_set=True)
    if params.get("past") == "1":
        return replace(found, value=gettext("逾期"), is_set=True)
    if params.get("dated") == "0":
        return replace(found, value=gettext("没有期限"), is_set=True)
    return found


def _fact(listing: Listing, same: list[Field], *, is_shared: bool) -> Filter:
    """A fact as each of the kinds has it: the choices of all."""
    field, language = same[0], current_language()
    name, choices = f"{FACET}{field.key}", {choice.key: choice for one in reversed(same) for choice in one.choices}
    options: list[Option] = [(choice.key, choice.title.in_(language), None) for choice in choices.values()]
    if field.type == "flag":
        options = [("True", gettext("是"), None), ("False", gettext("否"), None)]
    elif not choices and is_shared:
        options = _values(listing, field)
    return _filter(listing, name, field.title.in_(language), options)


def _values(listing: Listing, field: Field) -> list[Option]:
    """What the free text of a fact says on the rows of this page."""
    bare = replace(listing.query, facets=tuple(pair for pair in listing.query.facets if pair[0] != field.key))
    # Rows that another fact narrows already are not grouped by this one; there the box finds what it says.
    told = [] if bare.facets else _counted(listing, bare, f"{FACET}{field.key}")
    return told if len(told) <= VALUES_AT_MOST else []


# ---- where nothing is left ------------------------------------------------------------------------------------------------


def drops_of(listing: Listing, filters: Iterable[Filter]) -> list[tuple[str, str, str]]:
    """Each condition that stands in the way: its words, how many rows there would be without it, and that address."""
    found = []
    for words, rest in _conditions(listing, filters):
        figure = listing.count(rest)
        if figure.n:
            told = gettext("%(n)s项", n=shown(figure))
            found.append((gettext("去掉“%(words)s”", words=words), told, rest.link(listing.base)))
    return found


def _conditions(listing: Listing, filters: Iterable[Filter]) -> Iterator[tuple[str, Asked]]:
    params, seen = listing.asked.params, set()
    for one in filters:
        if one.is_set and one.name not in seen:
            seen.add(one.name)
            yield f"{one.title} {one.value}", one.rest
    if params.get("band", "open") != "open" or "late" in params:
        yield gettext("视图"), listing.asked.without("band", "late")
    if MINE in params:
        yield gettext("待我验收"), listing.asked.without(MINE)
    if "q" in params:
        yield params["q"], listing.asked.without("q")
