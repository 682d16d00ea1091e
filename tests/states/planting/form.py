"""Faults of form: what cannot even be read as a definition."""

from __future__ import annotations

from typing import Any

from tests.states.planting.bed import Bed

SHAPES = ("states/*", "fields/*", "transitions/*", "transitions/*/who/*", "clocks/*", "clocks/*/limits/*", "ladders/*")
KEYS = (
    "key",
    "states/*/key",
    "fields/*/key",
    "transitions/*/trigger",
    "transitions/*/from/*",
    "transitions/*/who/*/roles/*",
    "clocks/*/key",
    "clocks/*/starts/*/on",
    "ladders/*/tiers/*/*/do",
    "access/*/relation",
)
# What somebody hostile would write where a name stands.
ATTRIBUTES = (
    "__class__",
    "os.system",
    "__class__.__mro__",
    "a b",
    "A",
    "键",
    "x;y",
    "../x",
    "{n}",
    "k" * 61,
    "x\n",
    "\x00x",
    "",
)
LIMITS = ("clocks/*/limits/*/limit", "ladders/*/tiers/*/*/at")
# Powers, infinities and amounts that would keep a calendar busy for ever.
NOT_LIMITS: tuple[Any, ...] = (
    "9**9**9 day",
    "1e400 day",
    f"1{'0' * 30} month",
    "10000 day",
    "3 weeks",
    "1.5 month",
    "inf day",
    "０３ day",
    "5day",
    "5 day ",
    7,
    1e300,
)


def missing_key(bed: Bed) -> str:
    pointer = bed.place("key", "number", "states/*/key", "fields/*/title", "transitions/*/to", "transitions/*/who")
    *way, name = pointer.split("/")
    bed.at("/".join(way)).pop(name)
    return pointer


def unknown_key(bed: Bed) -> str:
    pointer, name = bed.place(*SHAPES), bed.dice.choice(("initail", "__class__", "on_load", "script", "titel"))
    return bed.put(f"{pointer}/{name}", "x")


def wrong_type(bed: Bed) -> str:
    name, values = bed.dice.choice(
        (
            ("states/*/key", (3, True, None, ["a"], {"a": 1})),
            ("fields", ("x", {"a": 1}, 3)),
            ("transitions/*/from", ("received", {"a": 1}, 5)),
            ("number", (1, ["{n}"], {"n": 1})),
            ("clocks/*/runs_in/*", (1, [], False)),
            ("states/*/title", (1, ["x"])),
        )
    )
    return bed.put(bed.place(name), bed.dice.choice(values))


def wrong_value(bed: Bed) -> str:
    name, values = bed.dice.choice(
        (
            ("fields/*/type", ("txt", "python", "blob")),
            ("access/*/may", ("write", "all", "exec")),
            ("transitions/*/to", ("==", "os.system", "a b")),
            ("number", ("", "号" * 501)),
            ("clocks/*/ladder", ("__class__", "a-b")),
            ("ladders/*/tiers/*/*/colour", ("blue", "#fff")),
        )
    )
    return bed.put(bed.place(name), bed.dice.choice(values))


def huge_number(bed: Bed) -> str:
    return bed.put("/level", bed.dice.choice((-1, 10, 10**17)))


def not_a_key(bed: Bed) -> str:
    return bed.put(bed.place(*KEYS), bed.dice.choice(ATTRIBUTES))


def not_a_limit(bed: Bed) -> str:
    return bed.put(bed.place(*LIMITS), bed.dice.choice(NOT_LIMITS))


def not_a_day(bed: Bed) -> str:
    day = bed.dice.choice(("2026-02-30", "2026-13-01", "03/26/2026", "9" * 400 + "-01-01", "today", "2026-3-1", 20260301, ""))
    if not bed.doc.get("scenarios"):
        told = {"title": "x", "on": day, "until": "2026-03-03", "expect": {"state": bed.first}}
        return bed.into("/scenarios", told) + "/on"
    return bed.put(bed.place("scenarios/*/on", "scenarios/*/until", "scenarios/*/steps/*/on", "scenarios/*/expect/due/*"), day)


def too_few(bed: Bed) -> str:
    few = ("states", "transitions/*/from", "clocks/*/starts", "clocks/*/runs_in", "clocks/*/limits", "ladders/*/tiers/*")
    return bed.put(bed.place(*few, "ladders/*/tiers"), [])


def too_many(bed: Bed) -> str:
    pointer = bed.place("states", "fields", "transitions", "transitions/*/from", "clocks", "ladders/*/tiers/*", "opened_by")
    parts = bed.at(pointer)
    return bed.put(pointer, [parts[0]] * bed.dice.randint(301, 999))


def opens_nothing(bed: Bed) -> str:
    pointer = bed.index_of("fields", lambda field: not field.get("secret"))
    return bed.put(f"{pointer}/opens", [bed.dice.choice(("supervisor", "holder", "registrar"))])


def does_not_fit_type(bed: Bed) -> str:
    part, value, types = bed.dice.choice(
        (
            ("choices", [{"key": "one", "title": "x"}], ("choice", "choices")),
            ("columns", [{"key": "one", "title": "x"}], ("rows",)),
            ("min_days", 3, ("date",)),
            ("not_after", "limit", ("date",)),
            ("suggest", {"post": "head@holder"}, ("text",)),
            ("suggest", {"post": "head@holder", "tells": "organ"}, ("organ",)),
            ("format", "phone", ("text",)),
        )
    )
    pointer = bed.index_of("fields", lambda field: field.get("type", "text") not in types)
    return bed.put(f"{pointer}/{part}", value)


def limit_or_date_field(bed: Bed) -> str:
    both: dict[str, Any] = bed.dice.choice(({"limit": "3 day", "date_field": "x"}, {}, {"when": {}}, {"at_most": "3 day"}))
    return bed.put(bed.place("clocks/*/limits/*"), both)
