"""The wording of letters, and the numbers that they go out under.

The layout of a letter stays: a sheet stays a table and a letter a letter. A number is given in the transaction that issues the
letter, from one series for each letter and year, so no number is left out and none is given twice, whatever the pattern says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from config.letters import load_letters
from handlers.letters.sample import sample
from handlers.letters.values import TALK_VALUES, values_of
from handlers.settings.texts import faults_of_braces, faults_of_line, faults_of_parts, values_in
from workflow.configuration.kinds import Fault, Kind, Known, fault
from workflow.configuration.settings import LETTER, LETTER_NUMBER

LONGEST_TITLE, LONGEST_LINE, LONGEST_LABEL, LONGEST_NUMBER = 60, 600, 20, 40
MOST_LINES, HIGHEST = 60, 20
# The talks' own letters; any other would print a blank where such a value stands.
OF_TALKS = ("interview_notice", "interview_record")
OFFICIAL, SHEET = ("letter", "red_head"), "table"


def shipped() -> dict[str, Any]:
    """The wording of each letter."""
    return load_letters()


def values_for(key: str) -> frozenset[str]:
    """The values that may stand in a letter."""
    known = frozenset(values_of(sample()))
    return known if key in OF_TALKS else known - TALK_VALUES


def check(key: str, data: Any, _known: Known) -> Iterator[Fault]:
    """The letter's own layout, its lines short and naming only what this letter knows."""
    is_sheet = shipped()[key]["form"] == SHEET
    shape = list(
        faults_of_parts(data, "", needs=("form", "title", "rows" if is_sheet else "lines"), may=("foot",) if is_sheet else ())
    )
    yield from shape
    if shape:
        return
    if data["form"] not in ((SHEET,) if is_sheet else OFFICIAL):
        yield fault("form", where="form")
    values = values_for(key)
    yield from faults_of_line(data["title"], "title", most=LONGEST_TITLE, values=() if is_sheet else values)
    parts = data["rows" if is_sheet else "lines"]
    if not isinstance(parts, list) or not 0 < len(parts) <= MOST_LINES:
        yield fault("lines", where="rows" if is_sheet else "lines", most=MOST_LINES)
        return
    for at, part in enumerate(parts, 1):
        yield from _row(part, f"rows/{at}", values) if is_sheet else _line(key, part, f"lines/{at}", values)
    if data.get("foot"):
        yield from faults_of_line(data["foot"], "foot", most=LONGEST_LINE)


def _line(key: str, part: Any, where: str, values: Collection[str]) -> Iterator[Fault]:
    if isinstance(part, str):
        yield from faults_of_line(part, where, most=LONGEST_LINE, values=values)
        return
    names = sorted(str(name) for name in part) if isinstance(part, dict) else []
    if names == ["heading"]:
        yield from faults_of_line(part["heading"], where, most=LONGEST_LINE, values=values)
    elif names == ["agenda"]:
        if part["agenda"] not in ("items", "clues") or key not in OF_TALKS:
            yield fault("agenda", where=where)
    elif names in (["text", "when"], ["text", "unless"]):
        asked = part["when" if "when" in part else "unless"]
        if str(asked) not in values:
            yield fault("value_unknown", where=where, value=str(asked))
        yield from faults_of_line(part["text"], where, most=LONGEST_LINE, values=values)
    else:
        yield fault("line", where=where)


def _row(part: Any, where: str, values: Collection[str]) -> Iterator[Fault]:
    """[[label, value] or two of them, and perhaps how many lines high]."""
    pairs = [one for one in part if not isinstance(one, int)] if isinstance(part, list) else []
    heights = [one for one in part if isinstance(one, int)] if isinstance(part, list) else []
    if len(pairs) not in (1, 2) or len(heights) > 1 or any(not 1 <= high <= HIGHEST for high in heights):
        yield fault("row", where=where)
        return
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair)):
            yield fault("row", where=where)
            continue
        yield from faults_of_line(pair[0], where, most=LONGEST_LABEL)
        if len(pair[1]) > LONGEST_LINE:
            yield fault("too_long", where=where, most=LONGEST_LINE)
        yield from faults_of_braces(pair[1], where, values)


def shipped_numbers() -> dict[str, Any]:
    """No letter has a number of its own until a county says how it counts: the place stays blank, to write in."""
    return {key: {"pattern": ""} for key in load_letters()}


def check_number(_key: str, data: Any, known: Known) -> Iterator[Fault]:
    """Year and count once each, and a pattern that neither another letter ever had nor a kind of case has."""
    shape = list(faults_of_parts(data, "", needs=("pattern",)))
    yield from shape
    pattern = data["pattern"] if not shape else ""
    if shape or pattern == "":
        return
    yield from faults_of_line(pattern, "", most=LONGEST_NUMBER, values=("year", "n"))
    if not isinstance(pattern, str):
        return
    if values_in(pattern) != {"year", "n"} or pattern.count("{year}") != 1 or pattern.count("{n}") != 1:
        yield fault("number_parts")
    if "{year}{n}" in pattern or "{n}{year}" in pattern:
        yield fault("number_runs_together")
    taken = {_bare(told["pattern"]) for _other, told in known.others if told["pattern"]}
    taken |= {_bare(served.definition.number) for served in known.catalogue.by_id.values()}
    if _bare(pattern) in taken:
        yield fault("number_taken", number=pattern)


def _bare(pattern: str) -> str:
    return "".join(pattern.split())


LETTERS = Kind(LETTER, ("workflow_admin",), shipped, check)
NUMBERS = Kind(LETTER_NUMBER, ("workflow_admin",), shipped_numbers, check_number)
