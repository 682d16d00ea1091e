"""From whom single cases were taken since a backup: recusals, circles of those who know, levels of cases and files (R73).

What stands is told by ids alone, beside the backups (`standing`). Held against it, a restored ledger is only ever narrowed; and
what is narrowed is an event of the machine's in the history of each case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, literal_column, select

from states.errors import CaseNotFound
from workflow.barring import BARRED, KNOWERS, circle_of
from workflow.casefile import CaseFile
from workflow.cases import lock_any
from workflow.desk import Desk, bump
from workflow.models import Barred, Case, Event, Evidence, Knower, Organ, Person, StoredFile
from workflow.notices import forget_where_unknown
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.verbs import bar, circle, levels

# What the history of a case says of it.
REASON = "备份以后定的，恢复时补上"

_barred, _knower, _case, _file = table_of(Barred), table_of(Knower), table_of(Case), table_of(StoredFile)
_event, _evidence = table_of(Event), table_of(Evidence)
RECUSALS = Prepared(select(_barred.c.case_id, _barred.c.person_id, _barred.c.organ_id).order_by(_barred.c.id))
# Constants, as the indices of some rows have them.
CONFINED = Prepared(select(_case.c.id).where(_case.c.confined).order_by(_case.c.id))
CIRCLES = Prepared(
    select(_knower.c.case_id, _knower.c.person_id)
    .join(_case, _case.c.id == _knower.c.case_id)
    .where(_case.c.confined)
    .order_by(_knower.c.case_id, _knower.c.person_id)
)
RAISED = Prepared(
    select(_case.c.id, _case.c.level)
    .join(_event, _event.c.case_id == _case.c.id)
    .where(_event.c.verb == literal_column("'raise_level'"))
    .distinct()
    .order_by(_case.c.id)
)
FILES = Prepared(select(_file.c.id, _file.c.level).where(_file.c.level > literal_column("0")).order_by(_file.c.id))
ON_CASES = Prepared(
    select(_evidence.c.case_id)
    .where(_evidence.c.file_id == bindparam("file_id"), _evidence.c.undone_seq.is_(None))
    .order_by(_evidence.c.case_id)
)
ONE_FILE = Prepared(select(_file.c.digest, _file.c.level).where(_file.c.id == bindparam("id")))


def told_now(store: Store) -> dict[str, Any]:
    """Who is off which case, who knows of which confined one, and which cases and files were raised to which level."""
    circles: dict[str, list[int]] = {str(row["id"]): [] for row in store.rows(CONFINED)}
    for row in store.rows(CIRCLES):
        circles[str(row["case_id"])].append(row["person_id"])
    return {
        "recusals": [[row["case_id"], row["person_id"], row["organ_id"]] for row in store.rows(RECUSALS)],
        "circles": circles,
        "levels": {str(row["id"]): row["level"] for row in store.rows(RAISED)},
        "files": {str(row["id"]): row["level"] for row in store.rows(FILES)},
    }


def settle(desk: Desk, stands: Mapping[str, Any]) -> int:
    """Narrows what came back to what the list says; how many cases and files. An earlier program's list says nothing of it."""
    touched: set[int] = set()
    recusals: dict[int, list[bar.Off]] = defaultdict(list)
    for case_id, person_id, organ_id in stands.get("recusals", ()):
        recusals[case_id].append(bar.Off(person_id, organ_id, REASON))
    people, organs = (_ids(desk.store, model) for model in (Person, Organ))
    for case_id, offs in sorted(recusals.items()):
        known = [one for one in offs if one.person_id in people or one.organ_id in organs]
        touched |= _narrow(desk, case_id, _recuse, known)
    for case_id, level in _by_id(stands.get("levels", {})):
        touched |= _narrow(desk, case_id, _raise, level)
    for case_id, named in _by_id(stands.get("circles", {})):
        touched |= _narrow(desk, case_id, _confine, people & set(named))
    files = sum(_raise_file(desk, file_id, level) for file_id, level in _by_id(stands.get("files", {})))
    return len(touched) + files


def _by_id(told: Mapping[str, Any]) -> list[tuple[int, Any]]:
    return sorted((int(one), value) for one, value in told.items())


def _ids(store: Store, model: Any) -> set[int]:
    return {row["id"] for row in store.select(select(table_of(model).c.id))}


def _narrow(desk: Desk, case_id: int, narrow: Callable[[Desk, CaseFile, Any], bool], told: Any) -> set[int]:
    """The case's id where it came back and was narrowed."""
    try:
        file = lock_any(desk.store, desk.context, case_id, desk.occasion)
    except CaseNotFound:
        return set()
    return {case_id} if narrow(desk, file, told) else set()


def _recuse(desk: Desk, file: CaseFile, offs: Iterable[bar.Off]) -> bool:
    there = {(row["person_id"], row["organ_id"]) for row in desk.store.rows(BARRED, case_id=file.id)}
    lacking = [off for off in offs if (off.person_id, off.organ_id) not in there]
    for off in lacking:
        bar.take_off(desk, file, off, None)
    return bool(lacking)


def _raise(desk: Desk, file: CaseFile, level: int) -> bool:
    return levels.put_up(desk, file, level, REASON, None)


def _confine(desk: Desk, file: CaseFile, named: set[int]) -> bool:
    """Nobody knows of it by name but whom the list names; and nobody is added to a circle that came back."""
    there = {row["person_id"] for row in desk.store.rows(KNOWERS, case_id=file.id)}
    was_open = not file.row["confined"]
    if was_open:
        file.row["confined"] = True
        circle.add(desk, file, sorted(named - there), REASON)
    for person_id in sorted(there - named):
        circle.strike(desk, file, person_id, REASON, None)
    if was_open:
        if file.row["assignee_id"] not in circle_of(desk.store, file.row, desk.occasion.roster):
            file.row["assignee_id"] = None
        bump(file)
        forget_where_unknown(desk, file)
        desk.happened(file, "confine", extra={"people": sorted(named)}, content={"reason": REASON})
    return was_open or bool(there - named)


def _raise_file(desk: Desk, file_id: int, level: int) -> bool:
    stored = desk.store.row(ONE_FILE, id=file_id)
    if stored is None or stored["level"] >= level:
        return False
    desk.store.update(StoredFile, {"level": level}, id=file_id)
    told = {"file": stored["digest"], "was": stored["level"], "level": level}
    for row in desk.store.rows(ON_CASES, file_id=file_id):
        file = lock_any(desk.store, desk.context, row["case_id"], desk.occasion)
        desk.happened(file, "raise_file", extra=told, content={"reason": REASON})
    return True
