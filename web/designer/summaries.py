"""One line about each part of a draft: what a list, a node or the head of a panel says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from web.designer import names, words
from web.designer.saying import gettext
from web.formatting import full_day
from web.language import current_language

_LIMIT = re.compile(r"(-?[0-9]{1,4}) (day|workday|month)")


def summary(thing: Any, document: Any) -> str:
    """What a part is called, or the gist of what it says."""
    if not isinstance(thing, Mapping):
        return str(thing)[:40] if thing else ""
    if "at" in thing and thing.get("title"):
        return gettext("%(when)s：%(what)s", when=moment_words(thing["at"]), what=names.spoken(thing["title"]))
    if thing.get("title"):
        return names.spoken(thing["title"])
    if "do" in thing and "on" in thing:
        return gettext("%(on)s%(do)s", on=day_words(thing["on"]), do=_listed("trigger", thing["do"], document))
    if "rung" in thing and "clock" in thing:
        return _listed("clock", thing["clock"], document)
    if "roles" in thing:
        return _listed("role", thing.get("roles"), document)
    if "relation" in thing:
        return _listed("relation", [thing["relation"]], document)
    if "limit" in thing:
        return limit_words(thing["limit"])
    if "tiers" in thing:
        return names.ladder_words(document, str(thing.get("key", "")))
    return str(thing.get("key") or thing.get("trigger") or "")


def _listed(what: str, found: Any, document: Any) -> str:
    told = dict(names.picks_of(what, document))
    return gettext("、").join(told.get(str(name), str(name)) for name in (found if isinstance(found, list) else [found]))


def limit_words(limit: Any) -> str:
    """5个工作日; a limit that is none is told as it is."""
    found = _LIMIT.fullmatch(limit) if isinstance(limit, str) else None
    if found is None:
        return gettext("不限期") if limit == "none" else str(limit)
    return gettext("%(n)s%(unit)s", n=found[1].removeprefix("-"), unit=gettext(words.UNITS[found[2]]))


def day_words(on: Any) -> str:
    """2026年3月26日; what is no day is told as it is."""
    try:
        return full_day(date.fromisoformat(on), language=current_language())
    except (TypeError, ValueError):
        return str(on)


def moment_words(at: Any) -> str:
    """到期前3个工作日, 到期日, 逾期5天."""
    found = _LIMIT.fullmatch(at) if isinstance(at, str) else None
    if found is None:
        return str(at)
    if int(found[1]) == 0:
        return gettext("到期日")
    before = found[1].startswith("-")
    return gettext("到期前%(time)s", time=limit_words(at)) if before else gettext("逾期%(time)s", time=limit_words(at))


def of_state(document: Any, key: str) -> tuple[str, ...]:
    """The lines of a state's node: whose turn it is, its limit, how many rungs watch it."""
    clocks = [clock for clock in _entries(document, "clocks") if key in _names(clock.get("runs_in"))]
    if not clocks:
        return ()
    clock = next((clock for clock in clocks if clock.get("main")), clocks[0])
    owner = dict(names.picks_of("owner", document)).get(str(clock.get("owner", "holder")), str(clock.get("owner")))
    limits = clock.get("limits")
    rows = [row for row in limits if isinstance(row, Mapping)] if isinstance(limits, list) else []
    last = limit_words(rows[-1].get("limit")) if rows and rows[-1].get("limit") else ""
    limit = gettext("%(limit)s等%(n)s种", limit=last, n=len(rows)) if len(rows) > 1 and last else last
    ladders = {str(ladder.get("key")): ladder.get("tiers") for ladder in _entries(document, "ladders")}
    ladder = str(clock.get("ladder"))
    tiers = ladders.get("medium" if ladder == "by_length" else ladder)
    rungs = sum(len(tier) for tier in tiers if isinstance(tier, list)) if isinstance(tiers, list) else 0
    return tuple(filter(None, (owner, limit, gettext("%(n)s步督促", n=rungs) if rungs else "")))


def _entries(document: Any, key: str) -> list[Mapping[str, Any]]:
    found = document.get(key) if isinstance(document, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _names(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
