"""Checkpoints leave the machine by themselves: to a folder, a witness, a time-stamping authority and paper; late is an alarm."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from config.settings import Settings, SettingsFault, load
from handlers.places import PlaceRefused, Sent
from handlers.places.folder import Folder
from handlers.places.timestamp import TimeStamp
from tests import hours
from tests.copies import Copies
from tests.factories import County, make_county
from tests.tampering import tamper
from tests.web.conftest import Client
from tests.web.site import token, words_of
from web import create_app
from web.checkpointing import keep_checkpoints
from web.wiring import Office
from workflow import keyring, verifier
from workflow.deliveries import standing
from workflow.models import Delivery
from workflow.store import Store, table_of

NOW = datetime(2026, 3, 4, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
Make = Callable[..., Office]


@pytest.fixture
def make(county: County, tmp_path: Path) -> Make:
    """The county's office with some settings, and with its key."""

    def made(**told: Any) -> Office:
        home = tmp_path / "home"
        keyring.make_missing(home / "keys", ("checkpoint",), NOW)
        settings = Settings(home=home, origin="anlan", ceiling=3, **told)
        return Office(settings, county.database, county.engine)

    return made


def folder(tmp_path: Path, name: str) -> Path:
    """A folder that plays another machine's mount."""
    path = tmp_path / name
    path.mkdir()
    return path


def happen(office: Office, county: County, now: datetime) -> None:
    """Something to be listed."""
    county.open_item(now)


@contextmanager
def witness(county: County, tmp_path: Path, known: keyring.PublicKey) -> Iterator[tuple[str, Path]]:
    """Another Duban that knows our key, served; its address and what it remembers."""
    home, keys = tmp_path / "witness", folder(tmp_path, "known")
    (keys / "anlan.pub").write_text(json.dumps(known.document()), encoding="utf-8")
    keyring.make_missing(home / "keys", ("checkpoint", "witness"), NOW)
    settings = Settings(home=home, origin="jiwei", witness_for=keys)
    server = make_server("127.0.0.1", 0, create_app(Office(settings, county.database, county.engine)), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", home / "witness" / "anlan"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_one_is_taken_each_interval_and_lies_in_the_folder_whole(make: Make, county: County, tmp_path: Path) -> None:
    mount = folder(tmp_path, "mount")
    office = make(checkpoint_folder=mount)
    happen(office, county, NOW)
    assert keep_checkpoints(office, NOW) == {"taken": 1, "carried": 1}
    assert keep_checkpoints(office, NOW + HOUR / 2) == {"taken": 0, "carried": 0}
    assert keep_checkpoints(office, NOW + HOUR) == {"taken": 1, "carried": 1}
    files = sorted(mount.iterdir())
    assert [file.name for file in files] == ["anlan-000001.json", "anlan-000002.json"]
    assert len(json.loads(json.loads(files[0].read_text(encoding="utf-8"))["listed"])["heads"]) == 1
    assert {file.stat().st_mode & 0o777 for file in files} == {0o644}


def test_a_file_that_stands_there_is_never_written_over(tmp_path: Path) -> None:
    place, sent = Folder(folder(tmp_path, "mount")), Sent("anlan", 1, {"listed": "1", "body": "{}"})
    assert place.put(sent) == ""
    assert place.put(sent) == ""
    with pytest.raises(PlaceRefused):
        place.put(replace(sent, document={"listed": "2", "body": "{}"}))
    assert (place.path / "anlan-000001.json").read_bytes() == sent.text
    assert [file.name for file in place.path.iterdir()] == ["anlan-000001.json"]


def test_a_folder_that_was_away_gets_what_it_lacks_in_order(make: Make, county: County, tmp_path: Path) -> None:
    mount = folder(tmp_path, "mount")
    office = make(checkpoint_folder=mount)
    mount.rmdir()
    assert keep_checkpoints(office, NOW) == {"taken": 1, "carried": 0}
    assert keep_checkpoints(office, NOW + HOUR) == {"taken": 1, "carried": 0}
    mount.mkdir()
    assert keep_checkpoints(office, NOW + HOUR)["carried"] == 2


def test_the_alarm_goes_when_nothing_has_stood_at_two_places_for_too_long(make: Make, county: County, tmp_path: Path) -> None:
    office = make(checkpoint_folder=folder(tmp_path, "mount"))

    def told(now: datetime) -> Any:
        return county.database.read(lambda store: standing(store, now, HOUR))

    keep_checkpoints(office, NOW)
    assert (told(NOW).outside, told(NOW + 4 * HOUR).is_late) == (0, False)
    assert told(NOW + 4 * HOUR + timedelta(minutes=1)).is_late
    office = make(checkpoint_folder=office.settings.checkpoint_folder, timestamp_folder=folder(tmp_path, "authority"))
    keep_checkpoints(office, NOW + HOUR)
    reply_to(office.settings.timestamp_folder, "anlan-000002")
    keep_checkpoints(office, NOW + HOUR)
    stands = told(NOW + 5 * HOUR)
    assert (stands.outside, stands.window_from, stands.is_late) == (2, NOW + HOUR, False)
    assert told(NOW + 5 * HOUR + timedelta(minutes=1)).is_late


def test_the_witness_remembers_signs_and_refuses_another_past(
    make: Make, county: County, copies: Copies, tmp_path: Path
) -> None:
    office = make()
    (public,) = keyring.public_keys(office.settings.key_folder)
    with witness(county, tmp_path, public) as (address, memory):
        told = {"witness_url": address, "witness_hosts": ("127.0.0.1",)}
        happen(office, county, NOW)
        keep_checkpoints(make(**told), NOW)
        keep_checkpoints(make(**told), NOW + HOUR)
        assert [file.name for file in sorted(memory.iterdir())] == ["000000001.json", "000000002.json"]
        rows = county.database.read(lambda store: store.select(table_of(Delivery).select()))
        signed = [json.loads(row["answer"]) for row in rows]
        (own,) = [key for key in keyring.public_keys(tmp_path / "witness" / "keys") if key.purpose == "witness"]
        assert all(own.verifies(one) for one in signed)
        # The ledger of another past, under the same name and key: as long as ours, and unlike it.
        other = copies.of(make_county)
        forked = Office(make(**told).settings, other.database, other.engine)
        assert keep_checkpoints(forked, NOW) == {"taken": 1, "carried": 0}
        # What was carried before is signed again, so an answer that was lost is no harm.
        tamper(county.database.url, "DELETE FROM checkpoint_delivery")
        assert keep_checkpoints(make(**told), NOW + HOUR)["carried"] == 2
    kept = sorted(memory.iterdir())
    assert [json.loads(file.read_text(encoding="utf-8"))["type"] for file in kept] == ["duban/checkpoint/1"] * 2


def test_a_witness_takes_nothing_from_whom_it_does_not_know(app: Flask, make: Make, tmp_path: Path, county: County) -> None:
    assert app.test_client().post("/witness/anlan", data="{}").status_code == 404
    known = keyring.make_key(tmp_path / "foreign", "checkpoint", NOW)
    with witness(county, tmp_path, known) as (address, memory):
        office = make(witness_url=address, witness_hosts=("127.0.0.1",))
        assert keep_checkpoints(office, NOW) == {"taken": 1, "carried": 0}
        assert not memory.exists()


def reply_to(authority: Path | None, name: str) -> None:
    """Plays the time-stamping authority over the request of this name."""
    assert authority is not None
    tools = authority.parent / "tsa"
    if not tools.exists():
        tools.mkdir()
        (tools / "tsa.cnf").write_text(TSA, encoding="utf-8")
        (tools / "serial").write_text("01\n", encoding="ascii")
        openssl(tools, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.pem", "-out", "tsa.crt", "-days", "1",
                "-config", "tsa.cnf")  # fmt: skip
    query, answer = authority / f"{name}.tsq", authority / f"{name}.tsr"
    openssl(tools, "ts", "-reply", "-queryfile", str(query), "-out", str(answer), "-config", "tsa.cnf")


TSA = """[req]
distinguished_name = name
x509_extensions = tsa_cert
prompt = no
[name]
CN = TSA
[tsa_cert]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
basicConstraints = CA:true
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.crt
signer_key = tsa.pem
certs = tsa.crt
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def openssl(tools: Path, *told: str) -> None:
    """Runs OpenSSL, which is on every machine that has Python's own TLS."""
    program = shutil.which("openssl")
    assert program, "OpenSSL's program plays the authority"
    done = subprocess.run([program, *told], cwd=tools, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_authority_s_reply_proves_the_note_by_openssl_alone(make: Make, county: County, tmp_path: Path) -> None:
    authority = folder(tmp_path, "authority")
    office = make(timestamp_folder=authority)
    assert keep_checkpoints(office, NOW) == {"taken": 1, "carried": 0}
    reply_to(authority, "anlan-000001")
    assert keep_checkpoints(office, NOW)["carried"] == 1
    proof = ("ts", "-verify", "-data", f"{authority}/anlan-000001.json", "-in", f"{authority}/anlan-000001.tsr")
    openssl(tmp_path / "tsa", *proof, "-CAfile", "tsa.crt")


def test_a_reply_for_something_else_or_a_refusal_is_none(tmp_path: Path) -> None:
    place = TimeStamp(folder(tmp_path, "authority"))
    one, two = (Sent("anlan", number, {"body": str(number)}) for number in (1, 2))
    assert [place.put(one), place.put(two)] == [None, None]
    reply_to(place.path, "anlan-000001")
    shutil.copy(place.path / "anlan-000001.tsr", place.path / "anlan-000002.tsr")
    assert place.put(one)
    for reply in ((place.path / "anlan-000002.tsr").read_bytes(), b"", b"no reply", bytes.fromhex("30053003020102")):
        (place.path / "anlan-000002.tsr").write_bytes(reply)
        with pytest.raises(PlaceRefused):
            place.put(two)


def test_the_audit_administrator_prints_the_checkpoint_and_puts_it_away(
    client: Client, app: Flask, county: County, home: Path, tmp_path: Path
) -> None:
    office: Office = app.extensions["duban"]
    keyring.make_missing(home / "keys", ("checkpoint",), NOW)
    person_id, organ_id = county.people["song"], county.organs["office"]

    def become(store: Store) -> None:
        from workflow.models import Grant

        store.execute(table_of(Grant).delete().where(table_of(Grant).c.person_id == person_id))
        store.insert(Grant, [{"person_id": person_id, "role": "audit_admin", "organ_id": organ_id, "title": "", "ceiling": 0}])

    county.database.write(become)
    auditor = client("song")
    assert "还没有检查点" in words_of(auditor.get("/audit").text)
    keep_checkpoints(office, hours.now())
    page = auditor.get("/audit")
    assert "台账检查点第1号" in words_of(page.text)
    assert "<svg" in page.text.split("checkpoint-code")[1][:200]
    assert "SHA-256" in words_of(page.text)
    answer = auditor.post("/audit/paper", data={"number": "1", "csrf_token": token(auditor, "/audit")})
    assert answer.status_code == 303
    assert "纸质存档 第1号" in " ".join(words_of(auditor.get("/audit").text).split())
    assert client("lin").get("/audit").status_code == 404


def test_what_the_printed_code_says_is_enough_to_find_another_past(make: Make, county: County, tmp_path: Path) -> None:
    office = make(checkpoint_folder=folder(tmp_path, "mount"))
    keep_checkpoints(office, NOW)
    kept = json.loads((tmp_path / "mount" / "anlan-000001.json").read_text(encoding="utf-8"))
    (tmp_path / "code.json").write_text(json.dumps({name: kept[name] for name in kept if name != "listed"}), encoding="utf-8")
    assert len(json.dumps(kept)) > 0 and len((tmp_path / "code.json").read_bytes()) < 1000
    from workflow.package import lines

    keys = keyring.public_keys(office.settings.key_folder)
    (public,) = office.settings.key_folder.glob("*.pub")

    def verified() -> int:
        told = county.database.read(lambda store: "\n".join(lines(store, keys=keys, with_content=True)))
        (tmp_path / "package.jsonl").write_text(told, encoding="utf-8")
        asked = [str(tmp_path / "package.jsonl"), "--key", str(public), "--remembered", str(tmp_path / "code.json")]
        return verifier.main(asked)

    assert verified() == 0
    tamper(county.database.url, "UPDATE checkpoint SET body = replace(body, ':0', ':1')")
    assert verified() == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CHECKPOINT_FOLDER", "/no/such/folder", "no such folder"),
        ("CHECKPOINT_MINUTES", "0", "between 1 and 1440"),
        ("ORIGIN", "../etc", "small letters"),
        ("WITNESS_URL", "https://elsewhere.example", "DUBAN_WITNESS_HOSTS"),
        ("WITNESS_FOR", "/no/such/folder", "no such folder"),
    ],
)
def test_a_place_that_cannot_be_is_told_at_once(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsFault) as fault:
        load({f"DUBAN_{name}": value})
    assert said in str(fault.value)


def test_a_folder_beside_the_database_is_no_other_place(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(SettingsFault) as fault:
        load({"DUBAN_HOME": str(tmp_path), "DUBAN_CHECKPOINT_FOLDER": str(inside)})
    assert "outside DUBAN_HOME" in str(fault.value)
