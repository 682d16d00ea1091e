"""migrate: an open case comes under the current version of its kind, by the plan that two people have published.

It is an event of its own with what was before, so that it can be taken back while nothing else has happened to the case.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from states.errors import Conflict, TransitionRefused
from workflow import agendas
from workflow.casefile import CaseFile
from workflow.cases import WAITING, lock_any
from workflow.closing import leave_talks
from workflow.definitions import Served
from workflow.desk import Desk, bump
from workflow.models import FiredRung, Note
from workflow.notices import notify
from workflow.statements import Row
from workflow.text import canonical
from workflow.types import Notify
from workflow.verbs.undo import LAST, is_talked_since, put_back
from workflow.versions.moving import Move, move
from workflow.versions.plan import NEXT, Plan

MESSAGE = "version_changed"


def asked_on(waiting: Iterable[Row]) -> frozenset[str]:
    """The clocks of a case for which a later date is asked and not yet decided."""
    return frozenset(row["clock"] for row in waiting if row["kind"] == "extension")


def migrate(desk: Desk, case_id: int, publication: int, plan: Plan) -> int:
    """The event's `seq`; 0 where there is nothing to do, since the case is there already or over by now."""
    file = lock_any(desk.store, desk.context, case_id, desk.occasion)
    new = desk.occasion.catalogue.of_kind(file.served.kind)
    if file.served.version_id == new.version_id or file.is_final or file.row["withdrawn"]:
        return 0
    return _move(desk, file, new, publication, plan)


def _move(desk: Desk, file: CaseFile, new: Served, publication: int, plan: Plan) -> int:
    old, due_on = file.served, file.row["due_on"]
    told = move(file, new, plan, desk.occasion, asked_on(desk.store.rows(WAITING, case_id=file.id)))
    bump(file)
    extra = {"publication": publication, "left": old.number, "came_to": new.number, "clocks": dict(plan.clocks)}
    content = {"dates": [[clock, was, now] for clock, was, now in told.dated], "ended": told.ended, "begun": told.begun}
    content |= {"renamed": [list(pair) for pair in told.renamed]} if told.renamed else {}
    # Why is somebody's own words: with the content, which can be disposed of, as every reason (semantics.md §7).
    reasons = {clock: reason for clock, _, reason in plan.decided() if reason and file.find_live(clock)}
    content |= {"reasons": reasons} if reasons else {}
    seq = desk.happened(file, "migrate", extra=extra, content=content, by_person=False)
    for row in told.passed:
        desk.context.add(FiredRung, row)
    _settle_talks(desk, file, told)
    _tell_holder(desk, file, [(due_on, file.row["due_on"]), *((was, now) for _, was, now in told.dated)], publication)
    return seq


def _settle_talks(desk: Desk, file: CaseFile, told: Move) -> None:
    """A clock that has another name goes on in its talks; a run that has ended leaves them, as after a redirection."""
    for was, now in told.renamed:
        clock = file.find_live(now)
        if clock is not None and now not in told.restarted:
            agendas.go_on_as(desk, file, was, _last_run(file, was), clock)
    if told.ended or told.restarted:
        leave_talks(desk, file, is_handed_on=True)


def _last_run(file: CaseFile, key: str) -> int:
    return max(int(clock["run"]) for clock in file.clocks if (clock["key"], clock["cycle"]) == (key, file.row["cycle"]))


def _tell_holder(desk: Desk, file: CaseFile, dates: Iterable[tuple[date | None, date | None]], publication: int) -> None:
    """Once of each promised date, of the case or of one of its clocks, that is another now."""
    for was, now in dict.fromkeys(dates):
        if was is not None and now not in (None, was):
            wish = Notify(("handler@holder",), MESSAGE, {"original_due_on": was, "due_on": now})
            notify(desk, file, wish, f"migrate:{publication}:{was}:{now}")


def follow(desk: Desk, file: CaseFile, state_before: str) -> bool:
    """After a step of a case that waits for its next one: did it come under the current version?

    What cannot is set aside with a note, and stays under its own version.
    """
    catalogue = desk.occasion.catalogue
    told = catalogue.plan_of(file.served.kind)
    if told is None or file.is_final or told.plan.when_in(state_before) != NEXT:
        return False
    new = catalogue.of_kind(file.served.kind)
    if file.served.version_id == new.version_id:
        return False
    trial = copy_of(file)
    try:
        move(trial, new, told.plan, desk.occasion, asked_on(desk.store.rows(WAITING, case_id=file.id)))
    except Conflict as stands_against:
        # The step is done all the same; what keeps the case on its version is for the administrators to read.
        body = canonical({"code": stands_against.code, "verb": "migrate", **stands_against.params})
        note = {"at": desk.occasion.now, "kind": "set_aside", "case_id": file.id, "actor_id": None, "body": body}
        desk.store.insert(Note, [note])
        return False
    _move(desk, file, new, told.publication, told.plan)
    return True


def copy_of(file: CaseFile) -> CaseFile:
    """The case to try something on, unlocked and never written."""
    return CaseFile(dict(file.row), [dict(clock) for clock in file.clocks], file.served, parties=file.parties)


def take_back(desk: Desk, case_id: int, seq: int) -> int:
    """Puts the case back under the version it left, exactly as it was.

    TransitionRefused touched_since if anything happened since, or a talk was left or joined: it may be over by now.
    """
    file = lock_any(desk.store, desk.context, case_id, desk.occasion)
    last = desk.store.row(LAST, case_id=file.id, seq=file.row["seq"])
    if file.row["seq"] != seq or last is None or last["verb"] != "migrate":
        raise TransitionRefused(why=[{"name": "touched_since"}])
    if is_talked_since(desk, file, last):
        raise TransitionRefused(why=[{"name": "touched_since"}])
    renamed = json.loads(last["body"]).get("renamed", ())
    runs = {now: clock["run"] for _, now in renamed if (clock := file.find_live(now)) is not None}
    back = put_back(desk, file, last)
    for was, now in renamed:
        clock = file.find_live(was)
        if clock is not None and now in runs:
            agendas.go_on_as(desk, file, now, runs[now], clock)
    return back
