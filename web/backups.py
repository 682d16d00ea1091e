"""Backups of this installation: made on a schedule, tried on a schedule, and how old the newest good ones are."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from config.settings import Settings
from states.errors import BadInput, DomainError, NotFound
from web.drilling import Visited, visit
from web.wiring import Office, open_office
from workflow import keyring, migrations
from workflow.backups import checking, dumps, making, passing, restoring, standing
from workflow.backups.envelope import read_identity
from workflow.backups.making import Installation, Note
from workflow.dates import local_day
from workflow.keyring import PublicKey
from workflow.models.columns import time_from_text, time_to_text
from workflow.readiness import newest
from workflow.text import canonical
from workflow.types import MACHINE

# So many times the interval may pass before a backup that has not been made is an alarm; so many days without a drill (R72).
MISSED, DRILLED_WITHIN = 2, 35
DRILL = "drill-"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, what of it is wrong, and what had to be given up."""

    backup: str
    found: checking.Found
    missing: int
    settled: standing.Settled
    passed: int
    disposed: int


@dataclass(frozen=True, slots=True)
class Drill:
    """A restore that was tried: of which backup, whether everything was whole and people got in, and how long it took."""

    at: datetime
    backup: str
    ok: bool
    seconds: int
    why: str
    let_in: tuple[str, ...] = ()


def installation(settings: Settings) -> Installation:
    """What is backed up."""
    return Installation(settings.database, settings.home, settings.key_folder, settings.origin, settings.postgresql_programs)


def _folder(settings: Settings) -> Path:
    if settings.backup_folder is None:
        raise BadInput(why="no_backup_folder")
    return settings.backup_folder


# ---- making -----------------------------------------------------------------------------------------------------------------


def make(office: Office, now: datetime) -> Note:
    """A backup in the folder of backups, and the list of what stands beside it."""
    settings, folder = office.settings, _folder(office.settings)
    sweep(settings)
    keep_standing(office, now)
    key = keyring.get_key(settings.key_folder, "checkpoint")
    return making.make(installation(settings), folder, settings.backup_recipients, now, key)


def keep_standing(office: Office, now: datetime) -> bool:
    """Writes what stands where it has changed."""
    settings, told = office.settings, office.database.read(standing.told_now)
    key, known = keyring.get_key(settings.key_folder, "checkpoint"), keyring.public_keys(settings.key_folder)
    folders = [folder for folder in (_folder(settings), settings.checkpoint_folder) if folder is not None]
    return standing.keep(folders, settings.origin, told, now, key, known)


def keep_backups(office: Office, now: datetime) -> Mapping[str, Any]:
    """What the schedule does: says what stands, and makes a backup where the newest is old enough; how many of each."""
    if office.settings.backup_folder is None:
        return {"made": 0, "said": 0}
    last = newest_of(office.settings)
    due = last is None or now - last.at >= timedelta(hours=office.settings.backup_hours)
    if due:
        make(office, now)
    return {"made": int(due), "said": int(keep_standing(office, now))}


def newest_of(settings: Settings, keys: Sequence[PublicKey] | None = None) -> Note | None:
    """The note of the newest backup whose note is ours and whose file is as long as it says."""
    folder = _folder(settings)
    for path in making.backups_in(folder, settings.origin):
        try:
            note = making.read_note(path, keyring.public_keys(settings.key_folder) if keys is None else keys)
        except BadInput:
            continue
        if path.stat().st_size == note.size:
            return note
    return None


# ---- restoring --------------------------------------------------------------------------------------------------------------


def restore(path: Path, key_file: Path, settings: Settings, now: datetime, *, told: Told) -> Restored:
    """Puts a backup into the empty place that `settings` name, checks it and settles what must not come back.

    An older one is brought up to this program. Conflict not_empty; BadInput for what is no backup of ours, or a newer one.
    """
    place = installation(settings)
    listed_by = told.require(path)
    identity = read_identity(key_file)
    with restoring.emptied(place) as coming:
        unpacked = restoring.unpack(path, identity, place, coming)
        return _settled(path, unpacked, settings, now, told, listed_by)


def _settled(
    path: Path, unpacked: restoring.Unpacked, settings: Settings, now: datetime, told: Told, listed_by: Path | None
) -> Restored:
    if unpacked.manifest["revision"] < newest():
        migrations.upgrade(settings.database)
    office = open_office(settings)
    try:
        keys = [*told.keys, *keyring.public_keys(settings.key_folder)]
        listed = standing.read(listed_by, keys) if listed_by else None
        outside = checking.remembered_in(told.remembered, unpacked.manifest["origin"]) if told.remembered else []
        if listed is not None:
            standing.require_newest(
                listed, told.other_lists(unpacked.manifest["origin"], keys), [one.number for one in outside]
            )
        found = checking.check(office.database, office.vault, outside)
        today = local_day(now)
        settled = office.engine.administer(lambda desk: standing.settle(desk, listed, now, today), actor=MACHINE, now=now)
        passed = office.engine.let_pass(now)
        disposed = office.engine.dispose_again(standing.disposed_in(listed), now, wipe=office.wipe)
    finally:
        office.close()
    return Restored(path.name, found, len(unpacked.manifest["missing"]), settled, passed, disposed)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known outside the backup: public keys, the folder of checkpoints, the list of what stands."""

    keys: tuple[PublicKey, ...] = ()
    remembered: Path | None = None
    standing: Path | None = None

    def require(self, path: Path) -> Path | None:
        """The list of what stands, as told or as it lies beside the backup. BadInput where the note is not ours."""
        if self.keys:
            making.require_digest(path, making.read_note(path, self.keys))
        beside = standing.file_of(path.parent, path.name.rsplit("-", 1)[0])
        return self.standing or (beside if beside.exists() else None)

    def other_lists(self, origin: str, keys: Sequence[PublicKey]) -> list[Mapping[str, Any]]:
        """The list that lies outside, where there is one that ours have signed."""
        file = standing.file_of(self.remembered, origin) if self.remembered else None
        try:
            return [standing.read(file, keys)] if file and file.exists() else []
        except BadInput:
            return []  # Anybody may have left something there; it says nothing.


# ---- trying it --------------------------------------------------------------------------------------------------------------


def drill(settings: Settings, path: Path, now: datetime, *, told: Told) -> Drill:
    """Restores a backup into the drill's place, checks it, lets people sign in there, takes everything away again and writes
    down how it went.
    """
    assert settings.drill_folder is not None and settings.drill_key_file is not None, "the caller has looked"
    home = settings.drill_folder / f"{DRILL}{path.stem}"
    began, why, ok, visited = time.monotonic(), "", False, Visited()
    place = _place_of_drill(settings, home)
    sweep(settings)
    dumps.require_empty(place.database)
    with passing.held(home):
        try:
            restored = restore(path, settings.drill_key_file, place, now, told=told)
            visited = visit(place, now)
            ok = restored.found.is_whole and not restored.missing and not visited.shut_out
            told_of = {"missing": restored.missing, "shut_out": visited.shut_out}
            why = "" if ok else canonical(asdict(restored.found) | told_of)
        except DomainError as fault:
            why = canonical({"code": fault.code, **fault.params})
        finally:
            dumps.remove_again(place.database)
    tried = Drill(now, path.name, ok, round(time.monotonic() - began), why, visited.let_in)
    _write_result(settings, tried)
    return tried


def sweep(settings: Settings) -> int:
    """Clears what killed backups and drills have left in the clear, a drill's database with it; how many there were."""
    cleared = passing.sweep(settings.home)
    for home in settings.drill_folder.glob(f"{DRILL}*") if settings.drill_folder else ():
        if passing.is_left(home):
            dumps.remove_again(_place_of_drill(settings, home).database)
            passing.clear(home)
            cleared += 1
    return cleared


def _place_of_drill(settings: Settings, home: Path) -> Settings:
    url_file = settings.drill_database_url_file
    url = url_file.read_text(encoding="utf-8").strip() if url_file else f"sqlite:///{(home / 'duban.db').absolute()}"
    return replace(settings, home=home, keys=None, database_url=url, database_url_file=None)


def keep_drills(settings: Settings, now: datetime) -> Mapping[str, Any]:
    """What the schedule does: tries the newest backup where the last try is old enough; how many were tried and were whole."""
    if settings.drill_folder is None:
        return {"tried": 0, "whole": 0}
    last, paths = last_drill(settings), making.backups_in(_folder(settings), settings.origin)
    is_due = last is None or now - last.at >= timedelta(days=settings.drill_days)
    if not (is_due and paths):
        return {"tried": 0, "whole": 0}
    tried = drill(settings, paths[0], now, told=Told(remembered=settings.checkpoint_folder))
    if not tried.ok:
        log.error("backup_drill_failed", backup=tried.backup, why=tried.why)
    return {"tried": 1, "whole": int(tried.ok)}


def _result_file(settings: Settings) -> Path:
    return _folder(settings) / f"{settings.origin}.drill.json"


def _write_result(settings: Settings, tried: Drill) -> None:
    told = canonical({**asdict(tried), "at": time_to_text(tried.at)})
    making.put_whole(_result_file(settings), lambda out: out.write(told.encode()))


def last_drill(settings: Settings) -> Drill | None:
    """The last try, or None."""
    try:
        told = json.loads(_result_file(settings).read_text(encoding="utf-8"))
        return Drill(**{**told, "at": time_from_text(told["at"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find_backup(settings: Settings, name: str | None) -> Path:
    """The backup of this name, or the newest. NotFound."""
    paths = making.backups_in(_folder(settings), settings.origin)
    found = next((path for path in paths if name in (None, path.name)), None)
    if found is None:
        raise NotFound(what="file", id=name or "")
    return found
