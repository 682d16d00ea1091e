"""Makes a proposal of adoption out of each row of a ledger: kind, state, holder, facts, measures and the starts of its clocks.

The proposal is plain values with the names of the engine's own adoption; who asks the engine is not known here.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from typing import Any

from handlers.ledgers.facts import Facts, day_text, gather
from handlers.ledgers.rows import ItemRow, Measure
from states.definition import Definition
from workflow.dates import Calendar, due_on

Proposal = dict[str, Any]

# A row of a later sheet comes after every row that a spreadsheet can have in the sheet before.
SHEET_ROWS = 1_048_576
MONTHS = 3  # the concentrated period, where a row says no limit
# A unit is one name; several in a cell, or prose, stay words.
_UNIT_CHARS, _SEPARATORS = 40, "、,，;；/\n"
_MEASURE_STATES = {"done": "done", "long_term": "long_term", "stage_done": "staged"}
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


def units_of(row: ItemRow) -> tuple[str, ...]:
    """The units that a row and its measures name, each once; what is several units in one cell is none."""
    said = dict.fromkeys(measure.unit.strip() for measure in row.measures)
    return tuple(unit for unit in said if unit and len(unit) <= _UNIT_CHARS and not any(mark in unit for mark in _SEPARATORS))


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
    main = next((clock.key for clock in definition.clocks if clock.main), "")
    is_known = row.start_basis != "import"
    measures = measures_of(row) if definition.key == "rectification" else ()
    _keep_words(facts, row, measures)
    proposal: Proposal = {
        "kind": definition.key,
        "title": row.title or row.problem.strip()[:60],
        "subject_id": spot.subject_id,
        "supervisor_id": spot.supervisor_id,
        "holder_id": holder_of(row, spot),
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
        "starts": {main: row.start_on, **_other_starts(row, definition)} if row.state != "received" else {},
        "past": tuple(sorted((name, day) for name, day in row.dates.items() if day <= today)),
        "extras": facts.extras,
    }
    children = tuple(_child(measure, row, proposal, spot, calendar) for measure in measures)
    return {**proposal, "parent_of": children}


def _closed_on(row: ItemRow, today: dt.date) -> dt.date | None:
    day = row.dates.get("closed_on") or row.dates.get("rectified_on")
    return day if day and day <= today else None


def holder_of(row: ItemRow, spot: Spot) -> int | None:
    """Received and closed lie with the office; else the one named unit has it, or the organ that it is about."""
    if row.state in ("received", "closed"):
        return None
    named = [spot.units[unit] for unit in units_of(row) if unit in spot.units]
    return named[0] if len(named) == 1 else spot.subject_id


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


def _other_starts(row: ItemRow, definition: Definition) -> dict[str, dt.date]:
    """The whole case runs from its first hand-over as the main clock does."""
    return {clock.key: row.start_on for clock in definition.clocks if clock.restart == "never"}


def _keep_words(facts: Facts, row: ItemRow, measures: tuple[Measure, ...]) -> None:
    """What a row says of limit, unit and person, where no fact and no measure has it, is kept as typed."""
    if "due_words" not in facts.data and row.due.words:
        facts.extras["整改时限"] = row.due.words
    if len(row.measures) == 1 and not measures:
        (only,) = row.measures
        facts.extras |= {name: text for name, text in (("责任单位", only.unit), ("责任人", only.person)) if text}
    if row.measures and not measures and row.kind_hint == "clue":
        facts.extras["措施"] = "\n".join(measure.text for measure in row.measures if measure.text)
    facts.extras |= {"提示": list(row.warnings)} if row.warnings else {}


# ---- measures -------------------------------------------------------------------------------------------------------


def measures_of(row: ItemRow) -> tuple[Measure, ...]:
    """The measures that become children: those that say what is done."""
    return tuple(measure for measure in row.measures if measure.text.strip())


def _child(measure: Measure, row: ItemRow, parent: Proposal, spot: Spot, calendar: Calendar) -> Proposal:
    state = "done" if row.state == "closed" else _MEASURE_STATES.get(measure.label or row.label, "doing")
    unit_id = spot.units.get(measure.unit.strip())
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
        "extras": {"责任单位": measure.unit} if measure.unit and not unit_id else {},
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
