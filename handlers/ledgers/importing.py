"""Makes a proposal of adoption out of each row of a ledger: kind, state, holder, facts, measures and the starts of its clocks.

The proposal is plain values with the names of the engine's own adoption; who asks the engine is not known here.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from typing import Any

from handlers.ledgers.facts import Facts, day_text, gather
from handlers.ledgers.rows import ItemRow, Measure
from states.definition import Clock, Definition
from workflow.dates import Calendar, due_on

Proposal = dict[str, Any]

# A row of a later sheet comes after every row that a spreadsheet can have in the sheet before.
SHEET_ROWS = 1_048_576
MONTHS = 3  # the concentrated period, where a row says no limit
# A unit is a name, not prose; several names in a cell end as bodies do, and may be led by what they are there for.
_UNIT_CHARS = 40
_SEPARATORS = re.compile(r"[、,，;；/／\n]+")
_LED_BY = re.compile(r"^(?:牵头|责任|主办|承办|整改|配合|协办)(?:单位|部门)?[:：]")
_BRACKETED = re.compile(r"[（(](?:牵头|主办|责任|配合|协办)(?:单位|部门)?[）)]$")
_BODY = re.compile(
    r"(?:[委会部局办处府联队室组学行社站所院校园村镇乡]|总支|支部|党组织|中心|公司|社区|街道|班子|[“”\"]?两委[“”\"]?|"
    r"[“”\"]?兩委[“”\"]?|黨組織|總支|[會聯辦處學鎮鄉組隊園])$"
)
_MEASURE_STATES = {"done": "done", "long_term": "long_term", "stage_done": "staged"}
# The step of a clue that reports a case filed.
_FILED = "report_filing"
# Nobody knows on what ground an old clue was closed.
_CLOSED_GROUND = {"rectification": "completed", "clue": None, "measure": "completed"}
_KEPT_UP = ("长期坚持", "持续推进", "常态化")


@dataclass(frozen=True, slots=True)
class Spot:
    """Organ ids for one row: what it is about, who keeps it, and those of the units it names that the tree has."""

    subject_id: int
    supervisor_id: int
    units: Dictionary[str, int]
    is_checked_by_township: bool


def names_in(cell: str) -> tuple[str, ...]:
    """The units that a cell names, in its order; none where the cell is prose."""
    parts = [_BRACKETED.sub("", _LED_BY.sub("", part.strip())) for part in _SEPARATORS.split(cell)]
    names = list(dict.fromkeys(part for part in parts if part))
    is_list = len(names) < 2 or all(_BODY.search(name) for name in names)
    return tuple(names) if is_list and all(len(name) <= _UNIT_CHARS for name in names) else ()


def units_of(row: ItemRow) -> tuple[str, ...]:
    """The units that a row and its measures name, each once."""
    return tuple(dict.fromkeys(name for cell in _unit_cells(row) for name in names_in(cell)))


def _unit_cells(row: ItemRow) -> list[str]:
    """Every cell that names units: 责任单位 of each measure, and 配合单位."""
    return [cell for cell in (*(measure.unit for measure in row.measures), _assisting_cell(row)) if cell.strip()]


def _assisting_cell(row: ItemRow) -> str:
    return row.fields.get("assisting_unit", "")


def words_of(row: ItemRow) -> dict[str, Any]:
    """What the row says of its organs: the parts of the subject's name, the name as typed, the units."""
    subject = row.subject
    return {
        "county": subject.county,
        "township": subject.township,
        "village": subject.village,
        "organ": "" if subject.village or (subject.township and not subject.group) else subject.organ,
        "typed": row.organisation.strip(),
        "units": units_of(row),
    }


def row_number(row: ItemRow, sheets: Dictionary[str, int]) -> int:
    """The row's number over all sheets, by which an import knows it; `sheets` counts the sheets from 0."""
    return sheets[row.sheet] * SHEET_ROWS + row.row


def propose(
    row: ItemRow, spot: Spot, definition: Definition, *, import_id: int, number: int, calendar: Calendar, today: dt.date
) -> Proposal:
    """The adoption of one row, as keyword arguments of the engine's `Adoption`."""
    facts = gather(row, definition)
    facts.data = {**(_rules_of(row, spot) if definition.key == "rectification" else _clue_rules(row)), **facts.data}
    is_known = row.start_basis != "import"
    measures = measures_of(row) if definition.key == "rectification" else ()
    holder_id = holder_of(row, spot)
    assisting = assisting_of(row, spot, holder_id or spot.subject_id) if "assisting" in definition.field_by_key else ()
    if assisting:
        facts.data["assisting"] = [{"unit": unit} for unit in assisting]
    _keep_words(facts, row, measures, remarks_on(row, spot, definition), spot)
    proposal: Proposal = {
        "kind": definition.key,
        "title": row.title or row.problem.strip()[:60],
        "subject_id": spot.subject_id,
        "supervisor_id": spot.supervisor_id,
        "holder_id": holder_id,
        "state": row.state,
        "import_id": import_id,
        "row": number,
        "digest": row.digest,
        "old_number": row.old_number,
        "opened_on": row.start_on if is_known else None,
        "closed_on": _closed_on(row, today),
        "ground": _CLOSED_GROUND[definition.key] if row.state == "closed" else None,
        "cycle": row.cycle,
        "due_on": row.due.on,
        "start_basis": row.start_basis,
        "data": facts.data,
        "secrets": facts.secrets,
        "past": tuple(sorted((name, day) for name, day in row.dates.items() if day <= today)),
        "extras": facts.extras,
        "assisting": assisting,
        **_clocks_of(row, definition),
    }
    children = tuple(_child(measure, row, proposal, spot, calendar) for measure in measures)
    return {**proposal, "parent_of": children}


def _closed_on(row: ItemRow, today: dt.date) -> dt.date | None:
    day = row.dates.get("closed_on") or row.dates.get("rectified_on")
    return day if day and day <= today else None


def holder_of(row: ItemRow, spot: Spot) -> int | None:
    """Received and closed lie with the office; else the unit that answers has it, or the organ that it is about."""
    if row.state in ("received", "closed"):
        return None
    answering = {found for measure in row.measures if (found := answering_of(measure, spot)) is not None}
    return next(iter(answering)) if len(answering) == 1 else spot.subject_id


def answering_of(measure: Measure, spot: Spot) -> int | None:
    """The first unit that a cell names answers; the others assist it (practice.md §3)."""
    names = names_in(measure.unit)
    return spot.units.get(names[0]) if names else None


def assisting_of(row: ItemRow, spot: Spot, holder_id: int | None) -> tuple[int, ...]:
    """The units that are named after the first of their cell, or as assisting ones, where the tree has them."""
    after = (name for measure in row.measures for name in names_in(measure.unit)[1:])
    named = (*after, *names_in(_assisting_cell(row)))
    return tuple(dict.fromkeys(unit for name in named if (unit := spot.units.get(name)) not in (None, holder_id)))


def _rules_of(row: ItemRow, spot: Spot) -> dict[str, Any]:
    """The facts that a rectification item's limit table and checks ask for, from what the row says."""
    immediate = "immediate" in row.flags
    found: dict[str, Any] = {
        "source": "notice" if immediate else "feedback",
        "immediate": "rectify_now" if immediate else "ordinary",
        "period": "own_date" if row.due.on else "default_immediate" if immediate else "three_months",
        "first_check": "township" if spot.is_checked_by_township else "county",
    }
    told = {"due_on": day_text(row.due.on), "due_words": row.due.words or None, "progress_label": row.label or None}
    if row.start_basis == "feedback":
        told["feedback_on"] = day_text(row.start_on)
    found |= {key: value for key, value in told.items() if value}
    return found | ({"long_term": True} if "long_term" in row.flags else {})


def _clue_rules(row: ItemRow) -> dict[str, Any]:
    """A clue from a ledger has no reporter; its persons are taken to be of the village until somebody says otherwise."""
    return {"managed_by": "village"} if row.subject.level == "village" else {"managed_by": "county"}


# ---- clocks -------------------------------------------------------------------------------------------------------------


def _clocks_of(row: ItemRow, definition: Definition) -> dict[str, Any]:
    """Known starts, clocks that are done, and the one for which a later date was asked."""
    main = main_clock(definition)
    settled = settled_by_filing(row, definition)
    starts = {main.key: row.start_on} if main else {}
    # The whole case runs from its first hand-over as the main clock does.
    starts |= {clock.key: row.start_on for clock in definition.clocks if clock.restart == "never"}
    is_running = row.state != "received"
    asked = extended_clock(row, definition)
    return {
        "starts": {key: day for key, day in starts.items() if key not in settled} if is_running else {},
        "settled": settled,
        "extension": (asked, _asked_words(row)) if asked else None,
    }


def main_clock(definition: Definition) -> Clock | None:
    """The clock that an item's limit belongs to."""
    return next((clock for clock in definition.clocks if clock.main), None)


def settled_by_filing(row: ItemRow, definition: Definition) -> tuple[str, ...]:
    """已立案 satisfies the main clock, and the whole-case clock goes on (practice.md §6); not where there is none."""
    if "whole_case_clock" not in row.flags or not has_whole_case(definition):
        return ()
    return tuple(clock.key for clock in definition.clocks if _FILED in clock.settled_by)


def has_whole_case(definition: Definition) -> bool:
    """Is there a clock over the whole case, which never restarts?"""
    return any(clock.restart == "never" for clock in definition.clocks)


def extended_clock(row: ItemRow, definition: Definition) -> str:
    """The clock for which a later date may be asked, where the row says that it was; "" where there is none."""
    main = main_clock(definition)
    if "extension_asked" not in row.flags or main is None or main.extension is None:
        return ""
    return main.key if row.state in main.runs_in and "long_term" not in row.flags else ""


def _asked_words(row: ItemRow) -> str:
    return f"原台账写“{row.status_word.strip()}”，没有写延到哪天，按可以延到的最后一天登记"


# ---- what somebody should look at ---------------------------------------------------------------------------------------


def remarks_on(row: ItemRow, spot: Spot, definition: Definition) -> tuple[str, ...]:
    """Codes for what the row says and the case cannot take over.

    units_in_prose, unit_not_found (it stays with the organ that it is about), assisting_in_words,
    extension_registered, no_extension, no_whole_case.
    """
    named = [names_in(cell) for cell in _unit_cells(row)]
    is_assisted = bool(_assisting_cell(row)) or any(len(names_in(measure.unit)) > 1 for measure in row.measures)
    said = {
        "units_in_prose": not all(named),
        "unit_not_found": any(name not in spot.units for names in named for name in names),
        "assisting_in_words": is_assisted and "assisting" not in definition.field_by_key,
        "extension_registered": bool(extended_clock(row, definition)),
        "no_extension": "extension_asked" in row.flags and not extended_clock(row, definition),
        "no_whole_case": "whole_case_clock" in row.flags and not has_whole_case(definition),
    }
    return tuple(code for code, holds in said.items() if holds)


def _keep_words(facts: Facts, row: ItemRow, measures: tuple[Measure, ...], remarks: tuple[str, ...], spot: Spot) -> None:
    """What a row says of limit, unit and person, where no fact and no measure has it, is kept as typed."""
    if "due_words" not in facts.data and row.due.words:
        facts.extras["整改时限"] = row.due.words
    if len(row.measures) == 1 and not measures:
        (only,) = row.measures
        # What is said of an item is known without it where the unit is the body that it is about, and the person has a fact.
        unit = "" if answering_of(only, spot) == spot.subject_id and len(names_in(only.unit)) == 1 else only.unit
        person = "" if only.person == facts.data.get("first_responsible") else only.person
        facts.extras |= {name: text for name, text in (("责任单位", unit), ("责任人", person)) if text}
    if row.measures and not measures and row.kind_hint == "clue":
        facts.extras["措施"] = "\n".join(measure.text for measure in row.measures if measure.text)
    told = [*row.warnings, *remarks]
    facts.extras |= {"提示": told} if told else {}


# ---- measures -------------------------------------------------------------------------------------------------------


def measures_of(row: ItemRow) -> tuple[Measure, ...]:
    """The measures that become children: those that say what is done."""
    return tuple(measure for measure in row.measures if measure.text.strip())


def _child(measure: Measure, row: ItemRow, parent: Proposal, spot: Spot, calendar: Calendar) -> Proposal:
    state = "done" if row.state == "closed" else _MEASURE_STATES.get(measure.label or row.label, "doing")
    unit_id = answering_of(measure, spot)
    is_whole = unit_id is not None and len(names_in(measure.unit)) == 1
    told = {"text": measure.text, "person": measure.person, "due_words": measure.due_words, "note": measure.progress}
    data: dict[str, Any] = {key: text for key, text in told.items() if text}
    data |= {"unit": unit_id} if unit_id else {}
    data |= _limit_of(measure, row, state, calendar)
    shared = ("subject_id", "supervisor_id", "import_id", "row", "digest", "opened_on", "closed_on", "start_basis")
    return {
        **{name: parent[name] for name in shared},
        "kind": "measure",
        "title": measure.text.strip().split("\n", 1)[0][:60],
        "holder_id": unit_id or parent["holder_id"] or parent["subject_id"],
        "state": state,
        "ground": _CLOSED_GROUND["measure"] if state == "done" else None,
        "due_on": None,
        "data": data,
        "starts": {"measure": row.start_on},
        "extras": {"责任单位": measure.unit} if measure.unit and not is_whole else {},
    }


def _limit_of(measure: Measure, row: ItemRow, state: str, calendar: Calendar) -> dict[str, Any]:
    """A measure that is still done and has no day of its own ends with its item; 长期坚持 has no day."""
    is_kept_up = state == "long_term" or (measure.due_on is None and any(w in measure.due_words for w in _KEPT_UP))
    if is_kept_up or (state == "done" and measure.due_on is None):
        return {"label": "long_term" if is_kept_up else "dated"}
    day = measure.due_on or row.due.on or due_on(calendar, row.start_on, MONTHS, "month").on
    return {"label": "dated", "due_on": day_text(day)}


# ---- known already --------------------------------------------------------------------------------------------------


def numbers_of(row: ItemRow) -> tuple[str, ...]:
    """The numbers by which the row may be known already."""
    return tuple(number for number in (row.number.strip(), row.old_number.strip()) if number)


def is_present(row: ItemRow, known: Dictionary[str, list[dict[str, Any]]]) -> bool:
    """Is the row a case that we have: by our own number, or by its old number together with the same problem?

    Old ledgers count from 1 each round, so that an old number alone says nothing. `known` maps a number to
    {number, old_number, kind, data} of cases.
    """
    for number in numbers_of(row):
        for case in known.get(number, ()):
            if case["kind"] == row.kind_hint and (case["number"] == number or _problem_of(case) == row.problem.strip()):
                return True
    return False


def _problem_of(case: Dictionary[str, Any]) -> str:
    data = json.loads(case["data"])
    return str(data.get("problem") or data.get("summary") or "").strip()
