"""undo: puts back exactly what the actor's own last event has changed, within ten minutes (semantics.md §6).

What the event left beside the case's own row goes with it: organs that it let see the case, the scan it brought, secret
values, runs of clocks it began, the stretch of time it opened. What cannot be given back makes undo refuse.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, null, or_, select, update

from states.errors import NotPermitted, TransitionRefused
from workflow import parties
from workflow.casefile import CLOCK_DAYS, CLOCK_TIMES, DAYS, CaseFile, clock_key
from workflow.cases import is_past_to, lock
from workflow.desk import Desk
from workflow.digests import digest
from workflow.models import AgendaItem, Clock, Content, Event, Evidence, FiredRung, Outbox, Secret, Spell
from workflow.models.columns import time_from_text
from workflow.permissions import CASES, visible
from workflow.sealing.ciphers import is_sealed
from workflow.sealing.sealer import VALUES
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Outcome
from workflow.verbs.open import outcome_of

WITHIN = timedelta(minutes=10)
UNDOABLE = ("fire", "assign", "pause", "resume", "amend")

_event, _content, _fired, _outbox = table_of(Event), table_of(Content), table_of(FiredRung), table_of(Outbox)
_agenda, _clock, _spell = table_of(AgendaItem), table_of(Clock), table_of(Spell)
_secret, _evidence = table_of(Secret), table_of(Evidence)
LAST = Prepared(
    select(_event, _content.c.body)
    .join(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq))
    .where(_event.c.case_id == bindparam("case_id"), _event.c.seq == bindparam("seq"))
)
FIRED_SINCE = Prepared(
    select(func.count().label("n")).where(
        _fired.c.case_id == bindparam("case_id"),
        _fired.c.outcome != "too_short",
        _fired.c.fired_at >= bindparam("since", type_=_fired.c.fired_at.type),
    )
)
DELIVERED_SINCE = Prepared(
    select(func.count().label("n")).where(
        _outbox.c.case_id == bindparam("case_id"),
        _outbox.c.sent_at >= bindparam("since", type_=_outbox.c.sent_at.type),
    )
)
TALKED_SINCE = Prepared(
    select(func.count().label("n")).where(
        _agenda.c.case_id == bindparam("case_id"),
        or_(
            _agenda.c.joined_at >= bindparam("since", type_=_agenda.c.joined_at.type),
            _agenda.c.left_at >= bindparam("since", type_=_agenda.c.joined_at.type),
        ),
    )
)
_of_run = and_(*(_fired.c[name] == bindparam(name) for name in ("case_id", "clock", "cycle", "run")))
_run = and_(*(_clock.c[name] == bindparam(name) for name in ("case_id", "key", "cycle", "run")))
UNFIRE_RUN = Prepared(delete(_fired).where(_of_run))
UNFIRE = Prepared(
    delete(_fired).where(
        _of_run,
        _fired.c.tier == bindparam("tier"),
        _fired.c.rung == bindparam("rung"),
        _fired.c.occurrence > bindparam("kept"),
    )
)
END_RUN = Prepared(delete(_clock).where(_run))
_since = and_(_secret.c.case_id == bindparam("case_id"), _secret.c.seq == bindparam("undone"))
FORGET_SECRETS = Prepared(delete(_secret).where(_since, _secret.c.was.is_(None)))
RESTORE_SECRETS = Prepared(update(_secret).where(_since).values(value=_secret.c.was, was=null(), seq=null()))
# That something sealed was opened stays told, whatever is taken back.
OPENED = "secret_opened"
OLD_SECRETS = Prepared(
    update(_secret)
    .where(
        exists().where(
            _event.c.case_id == _secret.c.case_id,
            _event.c.seq == _secret.c.seq,
            _event.c.recorded_at < bindparam("before", type_=_event.c.recorded_at.type),
        )
    )
    .values(was=null(), seq=null())
)
DROP_SPELL = Prepared(delete(_spell).where(_spell.c.case_id == bindparam("case_id"), _spell.c.seq == bindparam("seq")))
GO_ON = Prepared(
    update(_spell)
    .where(
        _spell.c.case_id == bindparam("case_id"),
        _spell.c.seq == select(func.max(_spell.c.seq)).where(_spell.c.case_id == bindparam("case_id")).scalar_subquery(),
    )
    .values(to_at=null())
)


def undo(desk: Desk, case_id: int) -> Outcome:
    """Refused for another's event, a later one, after ten minutes, once a rung fired or a message went out, and where the
    step has changed another case.
    """
    # Whoever has just handed the case on reads only its past, and may take just that back.
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor, past_too=True)
    last = desk.store.row(LAST, case_id=file.id, seq=file.row["seq"])
    assert last is not None, "every case has its first event"
    if last["actor_id"] != desk.actor.person_id and is_past_to(desk.store, file, desk.occasion, desk.actor):
        raise NotPermitted(why="relation")
    why = refusal(desk, file, last)
    if why:
        raise TransitionRefused(why=[{"name": why}])
    put_back(desk, file, last)
    return outcome_of(file)


def put_back(desk: Desk, file: CaseFile, last: Row) -> int:
    """Puts back all that the case's `last` event (a row of LAST) has changed; the `seq` of the event that says so."""
    before = json.loads(last["body"])["before"]
    version_id = before["case"].pop("definition_version_id", None)
    if version_id is not None:
        file.come_under(desk.occasion.catalogue.of_version(version_id))
    _put_back(desk.store, file, before)
    _put_back_beside(desk.store, file, before, last["seq"])
    _tell_secrets(desk.store, file, last)
    file.undone = last["seq"]
    file.row["version"] += 1
    desk.store.execute(
        _outbox.delete().where(
            _outbox.c.case_id == file.id, _outbox.c.created_at >= last["recorded_at"], _outbox.c.message != OPENED
        )
    )
    seq = desk.happened(file, "undo", extra={"undone": last["seq"]})
    for paper in before.get("papers") or ():
        desk.store.update(Evidence, {"undone_seq": seq}, case_id=file.id, seq=paper)
    return seq


def refusal(desk: Desk, file: CaseFile, last: Row) -> str:
    """Why the actor may not undo the case's last event, or ""."""
    if last["verb"] not in UNDOABLE or not _transition_allows(file, last) or json.loads(last["body"]).get("letter_numbers"):
        return "not_undoable"
    if last["actor_id"] is None or last["actor_id"] != desk.actor.person_id:
        return "not_yours"
    if desk.occasion.now - last["recorded_at"] > WITHIN:
        return "too_late"
    if is_told_since(desk, file, last):
        return "already_told"
    opened = json.loads(last["facts"]).get("opened")
    if opened and _sees_any(desk, opened):
        return "other_cases"
    # A talk that the actor does not see is no reason that he is given: somebody has been told, and that is enough.
    return "already_told" if opened or is_talked_since(desk, file, last) else ""


def is_talked_since(desk: Desk, file: CaseFile, last: Row) -> bool:
    """Has the case come onto the agenda of a talk, or left one, since its `last` event?"""
    return bool(_count(desk, TALKED_SINCE, {"case_id": file.id, "since": last["recorded_at"]}))


def _sees_any(desk: Desk, case_ids: list[int]) -> bool:
    sees = visible(desk.actor, desk.occasion.catalogue)
    return bool(desk.store.select(select(CASES.c.id).where(CASES.c.id.in_(case_ids), sees).limit(1)))


def is_told_since(desk: Desk, file: CaseFile, last: Row) -> bool:
    """Has a rung of the case fired, or a message about it gone out, since its `last` event?"""
    since = {"case_id": file.id, "since": last["recorded_at"]}
    return bool(_count(desk, FIRED_SINCE, since) or _count(desk, DELIVERED_SINCE, since))


def _count(desk: Desk, prepared: Prepared, values: dict[str, Any]) -> int:
    row = desk.store.row(prepared, **values)
    return int(row["n"]) if row else 0


def _transition_allows(file: CaseFile, last: Row) -> bool:
    if last["verb"] != "fire":
        return True
    if file.is_final or file.served.definition.interview:
        return False
    found = file.served.definition.transition_by_edge.get((last["from_state"], last["trigger"]))
    return found is not None and found.undo and not found.reopens


def forget_old_secrets(store: Store, now: datetime) -> int:
    """Values of secret facts that no undo can bring back any more are kept no longer; how many were forgotten."""
    return store.run(OLD_SECRETS, before=now - WITHIN)


# ---- the case and its clocks ----------------------------------------------------------------------------------------------


def _put_back(store: Store, file: CaseFile, before: dict[str, Any]) -> None:
    for name, value in before["case"].items():
        if name == "state":
            file.served.machine.place(file, value)
        elif name not in ("version", "changed_at", "told_at"):
            file.row[name] = _day(value) if name in DAYS else value
    file.data, file.tally = json.loads(file.row["data"]), json.loads(file.row["tally"])
    for key, cycle, run in before["new_clocks"]:
        _end_run(store, file, (key, cycle, run))
    stored = {clock_key(clock): clock for clock in file.clocks}
    for told in before["clocks"]:
        _restore_run(store, stored[clock_key(told)], _clock_of(told))


def _end_run(store: Store, file: CaseFile, run: tuple[str, int, int]) -> None:
    """As if it had never begun, so that a clock that never restarts begins when the step is taken again."""
    key = {"case_id": file.id, "cycle": run[1], "run": run[2]}
    store.run(UNFIRE_RUN, clock=run[0], **key)
    store.run(END_RUN, key=run[0], **key)
    file.clocks[:] = [clock for clock in file.clocks if clock_key(clock) != run]
    file.stored_clocks.pop(run, None)


def _restore_run(store: Store, clock: Row, told: Row) -> None:
    """The run as it was; rungs that the step recorded as too short are not spent."""
    was = [mark.rpartition(":")[0] for mark in json.loads(told["spent"])]
    for spent in {mark.rpartition(":")[0] for mark in json.loads(clock["spent"])}:
        tier, _, rung = spent.partition(":")
        run = {"case_id": clock["case_id"], "clock": clock["key"], "cycle": clock["cycle"], "run": clock["run"]}
        store.run(UNFIRE, **run, tier=int(tier), rung=rung, kept=was.count(spent))
    clock.update(told)


def _clock_of(told: dict[str, Any]) -> Row:
    days = {name: _day(told[name]) for name in CLOCK_DAYS}
    times = {name: time_from_text(told[name]) if told[name] else None for name in CLOCK_TIMES}
    return {**told, **days, **times}


def _day(value: str | None) -> Any:
    return date.fromisoformat(value) if value else None


# ---- what stands beside it ------------------------------------------------------------------------------------------------


def _put_back_beside(store: Store, file: CaseFile, before: dict[str, Any], seq: int) -> None:
    parties.put_back(store, file.id, before.get("joined") or [])
    store.run(FORGET_SECRETS, case_id=file.id, undone=seq)
    store.run(RESTORE_SECRETS, case_id=file.id, undone=seq)
    store.run(DROP_SPELL, case_id=file.id, seq=seq)
    store.run(GO_ON, case_id=file.id)


def _tell_secrets(store: Store, file: CaseFile, last: Row) -> None:
    """The event tells what lies there again; what lay there in plain words, from before there were keys, is sealed with it."""
    kept = {row["field"]: row["value"] for row in store.rows(VALUES, case_id=file.id)}
    for name in json.loads(last["facts"]).get("secrets") or ():
        if name in kept and not is_sealed(kept[name]):
            file.secrets[name] = kept[name]
        else:
            file.untold[name] = digest(store.digest_suite, kept[name]) if name in kept else ""
