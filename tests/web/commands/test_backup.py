"""duban backup: one sealed file out, all of it back into an empty place and nowhere else, and nothing that was taken away since."""

from __future__ import annotations

import io
import json
import os
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import load
from tests.tampering import tamper
from tests.web.commands.backing import BIRDS, EARLIER, NOW, Site, made, restored, rows, run
from web import backups
from web.backups import Drill
from web.checkpointing import take_signed
from web.cli import FOUND_FAULTS, PARTLY, REFUSED
from web.commands.doctor import faults
from web.wiring import open_office
from workflow.audit import verify
from workflow.database import Database
from workflow.dates import local_day
from workflow.files import keep, open_file, path_of
from workflow.models import Case, FiredRung, Grant, Outbox, Person, ProviderLink, SignIn, StoredFile, Tombstone
from workflow.people import grants
from workflow.reconcile import reconcile
from workflow.store import Store, table_of


def test_everything_comes_back_and_no_word_stands_in_the_backup(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(site, capsys)
    for path in site.folder.iterdir():
        raw = path.read_bytes()
        assert not any(bird.encode() in raw for bird in BIRDS) and b"BEGIN" not in raw and b"private" not in raw
    assert not list(site.office.settings.home.glob("backup-*"))
    assert file.stat().st_mode & 0o077 == 0
    assert run(capsys, "verify", str(file))["opened"] is False
    assert run(capsys, "verify", str(file), "--key", str(site.key))["faults"] == []
    told = restored(site, file, capsys, monkeypatch, more=("--remembered", str(site.office.settings.checkpoint_folder)))
    assert told["whole"] and told["found"]["last"] == 1 and told["found"]["ahead"] == []
    with_office = open_office(load())
    try:
        (case,) = with_office.database.read(lambda store: store.select(_titles()))
        assert case["title"] == BIRDS[0]
        sealer = with_office.engine.sealer
        assert sealer is not None
        opened = with_office.database.read(lambda store: sealer.open(store, case["id"], ["reporter_name"]))
        assert opened == {"reporter_name": BIRDS[1]}
        (row,) = rows(with_office.database, StoredFile)
        with open_file(with_office.vault, row) as stream:
            assert stream.read().decode() == f"{BIRDS[2]}\n"
        assert with_office.settings.secret_key() == site.office.settings.secret_key()
        assert all(row["ended_at"] for row in rows(with_office.database, SignIn))
    finally:
        with_office.close()


def test_what_is_proven_by_sm3_comes_back_to_an_office_that_has_not_chosen_it(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, vault = site.office.database, replace(site.office.vault, digest_suite="sm3")
    upload = io.BytesIO(b"by SM3\n")
    kept = keep(database, vault, name="b.txt", stream=upload, uploaded_by=None, now=NOW, limit=1000)
    database.digest_suite = "sm3"
    site.county.open_item(NOW)
    told = restored(site, made(site, capsys), capsys, monkeypatch)
    assert told["whole"] and not told["missing"]
    with closing(open_office(load())) as there:
        assert there.settings.digest_suite == "sha256"
        row = next(row for row in rows(there.database, StoredFile) if row["id"] == kept)
        assert row["digest"].startswith("sm3:")
        with open_file(there.vault, row) as stream:
            assert stream.read() == b"by SM3\n"


def _titles() -> Any:
    case = table_of(Case)
    return select(case.c.id, case.c.title)


def test_a_backup_is_restored_into_an_empty_place_only(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(site, capsys)
    before = len(rows(site.office.database, Person))
    assert "空的地方" in run(capsys, "restore", str(file), "--key", str(site.key), code=REFUSED)
    assert len(rows(site.office.database, Person)) == before
    place = site.elsewhere()
    monkeypatch.setenv("DUBAN_HOME", place["DUBAN_HOME"])  # and the database is the one that is there
    assert "空的地方" in run(capsys, "restore", str(file), "--key", str(site.key), code=REFUSED)
    assert not list(Path(place["DUBAN_HOME"]).glob("*"))


def test_bad_input_is_refused_in_a_sentence_and_leaves_nothing(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(site, capsys)
    other = tmp_path / "other.key"
    run(capsys, "key", str(other))
    assert "打不开" in run(capsys, "verify", str(file), "--key", str(other), code=REFUSED)
    assert "私钥" in run(capsys, "verify", str(file), "--key", str(file), code=REFUSED)
    raw, note = file.read_bytes(), file.with_name(f"{file.name}.json")
    for place in (len(raw) // 2, len(raw) - 1):
        changed = site.folder / f"{file.name[:-20]}20200101T000000Z.age"
        changed.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        shutil.copy(note, f"{changed}.json")
        assert "说明" in run(capsys, "verify", str(changed), code=REFUSED)
        assert "残缺" in restored(site, changed, capsys, monkeypatch, code=REFUSED)
        assert not list(Path(os.environ["DUBAN_HOME"]).glob("*"))
    changed.write_bytes(raw[:-100])
    assert "残缺" in restored(site, changed, capsys, monkeypatch, code=REFUSED)
    note.write_text(note.read_text().replace('"cases\\":1', '"cases\\":2'))
    public = next(site.office.settings.key_folder.glob("checkpoint-*.pub"))
    assert "签名" in run(capsys, "verify", str(file), "--public", str(public), code=REFUSED)
    file.write_bytes(raw[:-1])
    assert "签名" in restored(site, file, capsys, monkeypatch, code=REFUSED, more=("--public", str(public)))


def test_what_was_taken_away_since_does_not_come_back(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(site, capsys)
    county, database = site.county, site.office.database
    gone, changed, closed = (county.people[name] for name in ("song", "fang", "zhao"))
    today = local_day(NOW)
    posts = {row["person_id"]: row["id"] for row in rows(database, Grant)}
    database.write(lambda store: grants.end(store, grant_id=posts[gone], today=today))
    database.write(lambda store: store.update(Person, {"password_set_at": NOW, "password_hash": "new"}, id=changed))
    database.write(lambda store: store.update(Person, {"disabled_at": NOW}, id=closed))
    assert backups.keep_standing(site.office, NOW) and not backups.keep_standing(site.office, NOW)
    told = restored(site, file, capsys, monkeypatch)["settled"]
    assert (told["grants"], told["passwords"], told["accounts"], told["sessions"]) == (1, 1, 1, 1)
    there = Database(os.environ["DUBAN_DATABASE_URL"])
    people = {row["id"]: row for row in rows(there, Person)}
    assert people[changed]["password_hash"] is None and people[closed]["disabled_at"] is not None
    over = {row["person_id"] for row in rows(there, Grant) if row["until"] and row["until"] < today}
    there.close()
    assert over == {gone}


def test_a_link_that_was_ended_since_does_not_come_back(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    people, database = site.county.people, site.office.database
    told = {"issuer": "https://id.example", "reason": "x", "proposed_by": people["gao"], "decided_by": people["liu"]}
    told |= {"proposed_at": NOW, "decided_at": NOW, "granted": True, "ended_at": None}
    linked = [{"id": n, "person_id": people[name], "subject": name, **told} for n, name in enumerate(("song", "fang"), 1)]
    database.write(lambda store: store.insert(ProviderLink, linked))
    file = made(site, capsys)
    database.write(lambda store: store.update(ProviderLink, {"ended_at": NOW}, id=1))
    assert backups.keep_standing(site.office, NOW)
    restored(site, file, capsys, monkeypatch)
    there = Database(os.environ["DUBAN_DATABASE_URL"])
    assert [row["subject"] for row in rows(there, ProviderLink) if row["ended_at"] is None] == ["fang"]
    there.close()


def test_a_case_that_was_disposed_of_since_is_disposed_of_again(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    county, engine, database = site.county, site.office.engine, site.office.database
    case_id = county.open_item(NOW - timedelta(hours=2), title=BIRDS[0])
    upload = io.BytesIO(f"{BIRDS[2]}二\n".encode())
    file_id = keep(
        database, site.office.vault, name="b.txt", stream=upload, uploaded_by=county.people["lin"], now=NOW, limit=1000
    )
    engine.add_evidence(case_id, actor=county.actor("lin"), now=NOW - timedelta(hours=1), file_id=file_id)
    engine.void(case_id, actor=county.actor("zhao"), now=NOW - timedelta(minutes=50), reason="重复", approver="高建国")
    (digest,) = [row["digest"] for row in rows(database, StoredFile) if row["id"] == file_id]
    long_ago = local_day(NOW) - timedelta(days=366 * 11)
    database.write(lambda store: store.update(Case, {"closed_on": long_ago}, id=case_id))
    file = made(site, capsys)
    disposal_id = engine.propose_disposal([case_id], actor=county.actor("song"), now=NOW, reason="期满")
    told: Any = {"actor": county.actor("fang"), "now": NOW, "granted": True}
    engine.decide_disposal(disposal_id, decision="同意", approval="安档销3号", **told)
    assert engine.work_disposals(NOW, wipe=site.office.wipe) == 1
    assert not path_of(site.office.settings.home, digest).exists()
    assert backups.keep_standing(site.office, NOW)
    (listed,) = site.folder.glob("*.standing.json")
    assert "期满" not in listed.read_text(encoding="utf-8") and "安档销3号" in listed.read_text(encoding="utf-8")
    assert restored(site, file, capsys, monkeypatch)["disposed"] == 1
    assert not path_of(Path(os.environ["DUBAN_HOME"]), digest).exists()
    there = Database(os.environ["DUBAN_DATABASE_URL"])
    (stone,), (row,) = rows(there, Tombstone), [row for row in rows(there, Case) if row["id"] == case_id]
    found = there.read(verify)
    there.close()
    assert found.ok and row["title"] == "" and row["withdrawn"]
    assert (stone["approval"], stone["reason"], stone["restored"]) == ("安档销3号", "", True)


def test_a_list_that_somebody_else_wrote_is_refused_and_without_one_it_has_to_be_said(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(site, capsys)
    (listed,) = site.folder.glob("*.standing.json")
    listed.write_text(listed.read_text().replace('\\"factors\\"', '\\"factorz\\"'))
    assert "名单" in restored(site, file, capsys, monkeypatch, code=REFUSED)
    listed.unlink()
    # Nothing came to stay that was not settled: the place is as empty as before.
    assert not any(path.is_file() and path.suffix in (".db", ".key") for path in load().home.rglob("*"))
    assert run(capsys, "restore", str(file), "--key", str(site.key), "--without-standing", "--yes")["whole"]
    assert "名单" in restored(site, file, capsys, monkeypatch, code=REFUSED)
    assert restored(site, file, capsys, monkeypatch, more=("--without-standing", "--yes"))["settled"]["as_of"] == ""


def test_a_checkpoint_that_others_remember_and_the_backup_does_not_know_is_told_loudly(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, mount = made(site, capsys), site.office.settings.checkpoint_folder
    assert mount is not None
    site.county.supervised_item(EARLIER)
    later = take_signed(site.office, NOW)
    (mount / "duban-000002.json").write_text(json.dumps(later.document()))
    told = restored(site, file, capsys, monkeypatch, code=PARTLY, more=("--remembered", str(mount)))
    assert told["whole"] and told["found"]["ahead"] == [2]
    first = mount / "duban-000001.json"
    document = json.loads(first.read_text())
    first.write_text(json.dumps({**document, "listed": document["listed"].replace("duban", "dubai")}))
    told = restored(site, file, capsys, monkeypatch, code=FOUND_FAULTS, more=("--remembered", str(mount)))
    assert told["found"]["forgotten"] == 1


def test_old_steps_are_not_climbed_again_and_waiting_mail_is_not_sent_again(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = EARLIER
    number = _late_item(site, begun)
    file = made(site, capsys)
    told = restored(site, file, capsys, monkeypatch)
    office = open_office(load())
    try:
        fired = [row for row in rows(office.database, FiredRung) if row["outcome"] == "skipped"]
        assert told["passed"] == len(fired) > 1
        office.engine.tick(NOW)
        assert office.database.read(verify).ok and list(office.engine.read(NOW, reconcile)) == []
        acted = [row for row in rows(office.database, FiredRung) if row["outcome"] == "fired" and row["case_id"] == number]
        rungs = [row for row in acted if row["rung"] not in ("overdue", "resume")]
        assert len({(row["clock"], row["tier"]) for row in rungs}) == len(rungs)
        assert [row for row in rows(office.database, Outbox) if row["channel"] == "mail" and row["reason"] != "restored"] == []
    finally:
        office.close()


def _late_item(site: Site, begun: datetime) -> int:
    """An item whose ladder nobody has climbed since `begun`, and a mail that waits."""
    case_id = site.county.supervised_item(begun)
    line = {"key": "k", "channel": "mail", "person_id": None, "message": "x", "params": "{}", "case_id": None}
    line |= {"created_at": NOW, "due_at": NOW}
    site.office.database.write(lambda store: _write(store, line))
    return case_id


def _write(store: Store, line: dict[str, Any]) -> None:
    store.insert(Outbox, [line | {"attempts": 0, "reason": ""}])


def test_a_drill_restores_checks_takes_all_away_again_and_says_how_it_went(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, place = made(site, capsys), tmp_path / "drills"
    place.mkdir()
    monkeypatch.setenv("DUBAN_DRILL_FOLDER", str(place))
    monkeypatch.setenv("DUBAN_DRILL_KEY_FILE", str(site.key))
    _drill_database(site, tmp_path, monkeypatch)
    assert backups.keep_drills(load(), NOW) == {"tried": 1, "whole": 1}
    assert backups.keep_drills(load(), NOW) == {"tried": 0, "whole": 0}
    assert list(place.iterdir()) == []
    assert run(capsys, "list")["drill"]["ok"] is True
    assert backups.keep_drills(load(), NOW + timedelta(days=30)) == {"tried": 1, "whole": 1}
    file.write_bytes(file.read_bytes()[:-10])
    assert run(capsys, "drill", code=FOUND_FAULTS)["ok"] is False
    assert list(place.iterdir()) == [] and run(capsys, "list")["drill"]["ok"] is False


def drilled(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Drill:
    made(site, capsys)
    (tmp_path / "drills").mkdir()
    told = {
        "CEILING": "3",
        "DRILL_FOLDER": str(tmp_path / "drills"),
        "DRILL_KEY_FILE": str(site.key),
        "SECOND_FACTOR": "required",
    }
    for name, value in told.items():
        monkeypatch.setenv(f"DUBAN_{name}", value)
    _drill_database(site, tmp_path, monkeypatch)
    backups.keep_drills(load(), NOW)
    assert list((tmp_path / "drills").iterdir()) == []
    tried = backups.last_drill(load())
    assert tried
    return tried


def test_in_a_drill_people_of_three_posts_sign_in_and_read_a_case_each(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R72: whoever must show a second factor here has none at hand there."""
    before = rows(site.office.database, Person)
    tried = drilled(site, tmp_path, capsys, monkeypatch)
    assert (tried.ok, len(tried.let_in)) == (True, 3)
    assert rows(site.office.database, Person) == before, "nobody has another password here"


def test_a_copy_in_which_nobody_can_sign_in_is_no_good_drill(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = "ALTER TABLE sign_in ADD COLUMN owed INTEGER CHECK (owed IS NOT NULL)"
    tamper(site.office.database.url, "DELETE FROM sign_in", shut)
    tried = drilled(site, tmp_path, capsys, monkeypatch)
    assert (tried.ok, list(tried.let_in), len(json.loads(tried.why)["shut_out"])) == (False, [], 3)


def _drill_database(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = site.elsewhere()["DUBAN_DATABASE_URL"]
    if url.startswith("postgresql"):
        (tmp_path / "url").write_text(url)
        monkeypatch.setenv("DUBAN_DRILL_DATABASE_URL_FILE", str(tmp_path / "url"))


def test_the_schedule_makes_one_when_the_last_is_old_enough_and_says_what_stands(site: Site) -> None:
    assert backups.keep_backups(site.office, NOW) == {"made": 1, "said": 0}
    assert backups.keep_backups(site.office, NOW + timedelta(hours=23)) == {"made": 0, "said": 0}
    assert backups.keep_backups(site.office, NOW + timedelta(hours=24, minutes=1))["made"] == 1


def test_a_file_that_is_gone_is_said_and_the_rest_is_backed_up(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = (one for one in (site.office.settings.home / "files").rglob("*") if one.is_file())
    path.unlink()
    told = run(capsys, "make", code=PARTLY)
    assert told["missing"] == 1
    told = restored(site, site.folder / told["file"], capsys, monkeypatch, code=FOUND_FAULTS)
    assert told["missing"] == 1 and told["found"]["files"] == 1


def test_the_doctor_says_when_the_last_good_backup_or_drill_is_too_old(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    def said(now: datetime) -> list[str]:
        return [line for line in faults(site.office, now) if "备份" in line or "恢复" in line]

    assert ["还没有" in line or "演练" in line for line in said(NOW)] == [True, True]
    file = made(site, capsys)
    result = site.folder / "duban.drill.json"
    tried = {"at": NOW.isoformat(), "backup": file.name, "ok": True, "seconds": 1, "why": ""}
    result.write_text(json.dumps(tried))
    assert said(NOW) == []
    assert ["太旧" in line for line in said(NOW + timedelta(hours=49))] == [True]
    assert ["太旧" in line or "35天" in line for line in said(NOW + timedelta(days=36))] == [True, True]
    result.write_text(json.dumps(tried | {"ok": False}))
    assert ["没有成功" in line for line in said(NOW)] == [True]
    file.write_bytes(b"")
    assert any("还没有" in line for line in said(NOW))


def test_the_doctor_says_when_the_clock_is_behind_the_records(site: Site) -> None:
    def said(now: datetime) -> list[str]:
        return [line for line in faults(site.office, now) if "慢" in line]

    assert said(NOW) == [] and said(NOW - timedelta(seconds=50)) == []
    assert ["10分钟" in line for line in said(NOW - timedelta(minutes=10))] == [True]


def test_the_doctor_says_where_the_program_could_change_histories(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_CEILING", "2")
    office = open_office(load())
    told = [line for line in faults(office, NOW) if "能改历史" in line]
    office.close()
    assert bool(told) is not site.office.database.is_sqlite
