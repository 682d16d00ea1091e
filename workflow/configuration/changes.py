"""A change of a setting: proposed by one administrator, decided by another, in force for the next request everywhere.

1. The text passes the same check that what ships passes in the tests, or nothing is written.
2. One proposal at a time waits for each setting, so nobody overwrites what he has not seen.
3. Whoever agrees is another; with his word the text has a number and is in force. Nothing is ever deleted or changed.
4. Where a kind says what widens sight, all else takes one person, whose word puts the text in force at once.
5. One that is dated ahead waits for its day after his word, and any scheduler puts it in force; until then nothing else is
   proposed for the setting, and whoever has the duty takes it back. On the day both must still have the duty (R10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from states.errors import BadInput, Conflict, DomainError, NotFound, NotPermitted
from workflow.configuration.kinds import (
    Kind,
    Known,
    digest_of,
    in_force,
    read,
    require_faultless,
    require_may_change,
    shipped_digest,
    written,
)
from workflow.configuration.settings import data_of
from workflow.desk import Desk
from workflow.models import SettingVersion
from workflow.occasions import moved
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.versions.telling import Told, administrators, on_duty, tell

PROPOSED, GRANTED, REFUSED = "setting_proposed", "setting_granted", "setting_refused"
DATED, SET_ASIDE = "setting_dated", "setting_set_aside"
# Nobody prepares a text for a later day.
MOST_DAYS_AHEAD = 365

_version = table_of(SettingVersion)
LOCKED = Prepared(select(_version).where(_version.c.id == bindparam("id")).with_for_update())
BY_ID = Prepared(select(_version).where(_version.c.id == bindparam("id")))
OF_KIND = Prepared(select(_version).where(_version.c.kind == bindparam("kind")).order_by(_version.c.key, _version.c.id))
DUE = Prepared(
    select(_version.c.id, _version.c.kind)
    .where(
        _version.c.decided_at.is_(None),
        _version.c.agreed_at.is_not(None),
        _version.c.from_on <= bindparam("today", type_=_version.c.from_on.type),
    )
    .order_by(_version.c.from_on, _version.c.id)
)
WAITING = Prepared(select(_version.c.kind, _version.c.key, _version.c.digest).where(_version.c.decided_at.is_(None)))
SHIPPED = Prepared(
    select(_version.c.kind, _version.c.key, _version.c.digest).where(_version.c.number == 0).order_by(_version.c.id)
)


def known_of(store: Store, desk_catalogue: Any, kind: Kind, key: str) -> Known:
    """What a text of this key is held against: what was refused never counted, everything else has or may."""
    told = [(row["key"], data_of(row["source"])) for row in store.rows(OF_KIND, kind=kind.name) if row["granted"] is not False]
    shipped = [*kind.shipped().items()]
    return Known(desk_catalogue, tuple(one for one in (*shipped, *told) if one[0] != key))


def propose(
    desk: Desk,
    kind: Kind,
    key: str,
    *,
    source: str,
    reason: str,
    based_on: int | None = None,
    from_on: date | None = None,
    must_wait: bool = False,
) -> int:
    """The id of a proposal that waits for a second administrator, or of a version that takes none and is in force (not where it
    `must_wait`). BadInput for a faulty text, Conflict where one waits already, where the text says what is in force, or where
    somebody else was faster than `based_on`. It holds from `from_on`.
    """
    require_may_change(desk.actor, kind)
    if not reason.strip():
        raise BadInput(why="reason_empty")
    _require_ahead(from_on, desk.occasion.today)
    kind.require_key(key, desk.occasion.settings.of(kind.name))
    data = read(source)
    require_faultless(kind, key, data, known_of(desk.store, desk.occasion.catalogue, kind, key))
    number = _require_new(desk, kind, key, digest_of(data), based_on)
    version_id = desk.store.new_ids(SettingVersion, 1)[0]
    row: Row = {"id": version_id, "kind": kind.name, "key": key, "number": None, "source": source, "digest": digest_of(data)}
    row |= {"shipped": shipped_digest(kind, key), "based_on": number, "reason": reason.strip(), "report": "", "decision": ""}
    row |= {"proposed_by": desk.actor.person_id, "proposed_at": desk.occasion.now, "granted": None}
    row["from_on"] = from_on
    desk.store.insert(SettingVersion, [row])
    _audit(desk, row, "proposed")
    if not must_wait and (from_on is None or from_on <= desk.occasion.today) and _takes_one(desk, kind, key, data):
        told: Row = {"granted": True, "decided_at": desk.occasion.now, **_put_in_force(desk, kind, row)}
        desk.store.update(SettingVersion, told, id=version_id)
        _audit(desk, row, "current")
        return version_id
    tell(desk, Told("setting", version_id, PROPOSED), administrators(desk, *kind.roles))
    return version_id


def _audit(desk: Desk, version: Row, act: str) -> None:
    desk.configured(f"setting {version['id']} {act}, {version['kind']}, digest {version['digest']}")


def _takes_one(desk: Desk, kind: Kind, key: str, data: Any) -> bool:
    return kind.widens is not None and not kind.widens(in_force(desk.occasion, kind, key), data)


def _require_ahead(on: date | None, today: date) -> None:
    if on is not None and on < today:
        raise BadInput(why="day_past")
    if on is not None and on > today + timedelta(MOST_DAYS_AHEAD):
        raise BadInput(why="day_too_far", most=MOST_DAYS_AHEAD)


def _require_new(desk: Desk, kind: Kind, key: str, told: str, based_on: int | None) -> int:
    """The number in force, which the proposal takes the place of."""
    # The stamp's row is locked first, so that of two proposals the second sees the first.
    moved(desk.store, "settings")
    rows = [row for row in desk.store.rows(OF_KIND, kind=kind.name) if row["key"] == key]
    current = max((row for row in rows if row["number"]), key=lambda row: int(row["number"]), default=None)
    number = int(current["number"]) if current else 0
    if any(row["granted"] is None for row in rows):
        raise Conflict(why="setting_waits")
    if based_on is not None and based_on != number:
        raise Conflict(why="setting_moved")
    holds = in_force(desk.occasion, kind, key)
    if holds is not None and told == digest_of(holds):
        raise Conflict(why="setting_is_so")
    return number


def decide(desk: Desk, kind: Kind, version_id: int, *, granted: bool, words: str = "") -> int | None:
    """The second administrator's word; the number of the version that is in force from now on, or None.

    Dated ahead it is agreed to now and in force on its day.

    NotPermitted separation_asked for whoever proposed it. What was sound when it was proposed is proven once more.
    """
    require_may_change(desk.actor, kind)
    found = _lock(desk, kind, version_id)
    if found["proposed_by"] == desk.actor.person_id:
        raise NotPermitted(why="separation_asked", trigger="configure")
    if not granted and not words.strip():
        raise BadInput(why="reason_empty")
    told: Row = {"granted": granted, "decision": words.strip(), "decided_by": desk.actor.person_id}
    told["decided_at"] = desk.occasion.now
    if granted and found["from_on"] is not None and found["from_on"] > desk.occasion.today:
        told = {"decision": words.strip(), "agreed_by": desk.actor.person_id, "agreed_at": desk.occasion.now}
    elif granted:
        told |= _put_in_force(desk, kind, found)
    desk.store.update(SettingVersion, told, id=version_id)
    _audit(desk, found, "granted" if granted else "refused")
    message = REFUSED if not granted else GRANTED if told.get("number") else DATED
    params = {"from_on": found["from_on"]} if message == DATED else {}
    tell(desk, Told("setting", version_id, message, params), (found["proposed_by"],))
    return told.get("number")


def _put_in_force(desk: Desk, kind: Kind, found: Row) -> Mapping[str, Any]:
    data, key = data_of(found["source"]), found["key"]
    require_faultless(kind, key, data, known_of(desk.store, desk.occasion.catalogue, kind, key))
    moved(desk.store, "settings")
    report = kind.put(desk, key, data, found["reason"]) if kind.put is not None else None
    return {"number": found["based_on"] + 1, "report": "" if report is None else canonical(report)}


def due(store: Store, today: date) -> list[tuple[int, str]]:
    """(id, kind) of what was agreed to and whose day has come, read without a lock."""
    return [(row["id"], row["kind"]) for row in store.rows(DUE, today=today)]


def take_effect(desk: Desk, kind: Kind, version_id: int) -> bool:
    """Puts in force what was agreed to for this day, in the name of who agreed; False where another scheduler was first.

    NotPermitted duty_ended where one of the two has the duty no more: his word was that of a post which he has left.
    """
    found = desk.store.row(LOCKED, id=version_id)
    if found is None or found["agreed_at"] is None or found["decided_at"] is not None:
        return False
    _require_on_duty(desk, kind, found)
    told: Row = {"granted": True, "decided_by": found["agreed_by"], "decided_at": desk.occasion.now}
    told |= _put_in_force(desk, kind, found)
    desk.store.update(SettingVersion, told, id=version_id)
    _audit(desk, found, "current")
    return True


def _require_on_duty(desk: Desk, kind: Kind, found: Row) -> None:
    if not {found["proposed_by"], found["agreed_by"]} <= on_duty(desk, *kind.roles):
        raise NotPermitted(why="duty_ended", trigger="configure")


def set_aside(desk: Desk, kind: Kind, version_id: int, *, why: DomainError) -> None:
    """What can no longer be put in force on its day is over, and says why; who has the duty is told."""
    found = desk.store.row(LOCKED, id=version_id)
    if found is None or found["decided_at"] is not None:
        return
    told: Row = {"granted": False, "decided_by": None, "decided_at": desk.occasion.now, "decision": ""}
    told["report"] = canonical({"why": str(why.params.get("why") or why.code)})
    desk.store.update(SettingVersion, told, id=version_id)
    _audit(desk, found, "dropped")
    params = {"from_on": found["from_on"]}
    tell(desk, Told("setting", version_id, SET_ASIDE, params), administrators(desk, *kind.roles))


def withdraw(desk: Desk, kind: Kind, version_id: int, *, words: str) -> None:
    """Whoever proposed it takes it back, and once it waits for its day anybody with the duty; it stays to be read."""
    require_may_change(desk.actor, kind)
    found = desk.store.row(LOCKED, id=version_id)
    if found is None or found["kind"] != kind.name:
        raise NotFound(what="setting", id=version_id)
    if found["decided_at"] is not None:
        raise Conflict(why="setting_decided")
    if found["proposed_by"] != desk.actor.person_id and found["agreed_at"] is None:
        raise NotPermitted(why="not_your_proposal")
    if not words.strip():
        raise BadInput(why="reason_empty")
    told: Row = {"granted": False, "decision": words.strip(), "decided_by": None, "decided_at": desk.occasion.now}
    desk.store.update(SettingVersion, told, id=version_id)
    _audit(desk, found, "withdrawn")


def _lock(desk: Desk, kind: Kind, version_id: int) -> Row:
    found = desk.store.row(LOCKED, id=version_id)
    if found is None or found["kind"] != kind.name:
        raise NotFound(what="setting", id=version_id)
    if found["decided_at"] is not None or found["agreed_at"] is not None:
        raise Conflict(why="setting_decided")
    return found


def ship(store: Store, kinds: Iterable[Kind], *, now: datetime) -> int:
    """Writes down what ships, once for each text that ever did, so that an upgrade changes no letter that has gone out.

    How many texts are new. What a county has set stays in force.
    """
    last = {(row["kind"], row["key"]): row["digest"] for row in store.rows(SHIPPED)}
    rows: list[Row] = []
    for kind in kinds:
        for key, data in kind.shipped().items():
            told = digest_of(data)
            if last.get((kind.name, key)) != told:
                row: Row = {"kind": kind.name, "key": key, "number": 0, "source": written(data), "digest": told}
                row |= {"shipped": told, "based_on": 0, "reason": "", "proposed_by": None, "proposed_at": now}
                rows.append(
                    {
                        **row,
                        "from_on": None,
                        "decided_by": None,
                        "decided_at": now,
                        "granted": True,
                        "decision": "",
                        "report": "",
                    }
                )
    store.insert(SettingVersion, rows)
    if rows:
        moved(store, "settings")
    return len(rows)
