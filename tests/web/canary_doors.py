"""Every address that is read, as the site itself lists them, each for one case: whatever could tell of it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from handlers.registry import LETTERS
from tests.security.doors import CASE, DOORS, LIST, STEP
from web.cases.sheets import SHEETS
from web.cases.verbs import VERBS
from web.reports.words import REPORTS
from web.wiring import shipped_workflows

# Asked with nothing of the address left out, so that lists show closed cases and every kind as well.
WIDE = "?band=all&kind=clue"
# Doors to cases at which this scene has nothing to show.
ELSEWHERE = {"imports.import_page", "village.first_item"}
# What stands for `name` in an address that has words of its own.
NAMES = {
    "reports.report_page": tuple(REPORTS),
    "reports.report_book": tuple(REPORTS),
    "cases.letter": tuple(LETTERS),
    "cases.verb_page": tuple(SHEETS),
    "cases.verb": tuple(VERBS),
    "bulk.papers": tuple(LETTERS),
}


def readings_of(app: Flask, case_id: int, file_id: int) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of every address that is read, with each choice that it takes for the case."""
    choices = _choices(case_id, file_id)
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.endpoint != "static":
                for told in _filled(rule, choices):
                    built = rule.build(told)
                    assert built is not None, rule
                    yield rule.endpoint, built[1]
                    if rule.endpoint in DOORS[LIST]:
                        yield rule.endpoint, built[1] + WIDE


def steps_of(app: Flask, case_id: int, file_id: int) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of every door that does something with the case."""
    choices = _choices(case_id, file_id)
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "POST" in (rule.methods or ()) and rule.endpoint in DOORS[STEP]:
                for told in _filled(rule, choices):
                    built = rule.build(told)
                    assert built is not None, rule
                    yield rule.endpoint, built[1]


def must_answer() -> set[str]:
    """The doors to one case and to many at which somebody is told of a clue: a new page among them is asked by itself."""
    return {*DOORS[CASE], *DOORS[LIST]} - ELSEWHERE


def _choices(case_id: int, file_id: int) -> Mapping[str, tuple[Any, ...]]:
    text = shipped_workflows()["clue"].data
    return {
        "case_id": (case_id,),
        "file_id": (file_id,),
        "kind": ("clue",),
        "trigger": tuple(sorted({step["trigger"] for step in text["transitions"]})),
        "clock": tuple(clock["key"] for clock in text["clocks"]),
        "key": tuple(field["key"] for field in text["fields"]),
        "form": ("csv", "xlsx"),
        "seq": (1, 2, 3),
        "unit": ("organs",),
        "token": ("x",),
        "word": ("0" * 32,),
        "origin": ("x",),
    }


def _filled(rule: Rule, choices: Mapping[str, tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    """One of the arguments may be any of its choices, the others are the first."""
    taken = {name: (NAMES.get(rule.endpoint) if name == "name" else None) or choices.get(name, (1,)) for name in rule.arguments}
    plain = {name: of_name[0] for name, of_name in taken.items()}
    several = [name for name, of_name in taken.items() if len(of_name) > 1]
    if not several:
        yield plain
    for name in several:
        yield from ({**plain, name: one} for one in taken[name])
