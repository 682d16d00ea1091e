"""What is found under SHA-256 is found under SM3, in a ledger that was begun with it and in one that changed to it and back."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from states.errors import Conflict, InvalidForm, NotReady
from tests.copies import Copies
from tests.factories import make_county, vault_of
from tests.workflow.looking import rows_of
from tests.workflow.reads.scenes import Scene, busy, make_swept
from tests.workflow.test_audit import rechain, tamper, verify
from tests.workflow.test_handing_on import open_clue, put
from tests.workflow.test_verifier import MADE, NOW, Kept, cut_tail, lies, of, recompute, seen
from workflow import files, keyring, trail, verifier
from workflow.audit import Fault
from workflow.digests import digest, suite_of
from workflow.models import Checkpoint as CheckpointRow
from workflow.models import Event, Evidence, StoredFile, Trail

HOUR = timedelta(hours=1)


def make_swept_by_sm3(url: str) -> Scene:
    """The busy scene of an installation that has chosen SM3."""
    county = make_county(url)
    county.database.digest_suite = "sm3"
    made = busy(county)
    made.tick(date(2026, 3, 20))
    return made


def live_on(kept: Kept, suite: str, hours: int) -> None:
    """Somebody looks, says something and corrects a secret after the suite was set; then a checkpoint is taken."""
    scene, at = kept.scene, kept.scene.now + hours * HOUR
    scene.county.database.digest_suite = suite
    seen(scene, "zhao", "lin")
    lin = scene.actor("lin")
    scene.county.engine.comment(scene.ids["doing"], actor=lin, now=at, text="电话催过")
    told = {"subject_persons": f"张三，第{hours}次"}
    scene.county.engine.amend(scene.ids["clue"], actor=lin, now=at, data=told, reason="补记", version=None)
    kept.checkpoint(NOW + hours * HOUR)


def ledger_of(copies: Copies, folder: Path, fill: Callable[[str], Scene], *suites: str) -> Kept:
    """A ledger that `fill` has filled, with two checkpoints by each suite in turn."""
    kept = Kept(copies.of(fill), folder)
    keyring.make_key(kept.keys, "checkpoint", MADE)
    for n, suite in enumerate(suites):
        live_on(kept, suite, 2 * n)
        live_on(kept, suite, 2 * n + 1)
    return kept


@pytest.fixture
def kept(copies: Copies, tmp_path: Path) -> Kept:
    """A ledger that was SM3 from its first event."""
    return ledger_of(copies, tmp_path, make_swept_by_sm3, "sm3")


@pytest.mark.parametrize(
    ("fill", "suites"),
    [(make_swept_by_sm3, ("sm3",)), (make_swept, ("sm3",)), (make_swept, ("sha256", "sm3", "sha256"))],
    ids=["begun", "changed", "changed back"],
)
def test_every_digest_says_its_suite_and_a_mixed_ledger_is_whole(
    copies: Copies, tmp_path: Path, fill: Callable[[str], Scene], suites: tuple[str, ...]
) -> None:
    kept = ledger_of(copies, tmp_path, fill, *suites)
    county = kept.scene.county
    wanted = {*suites} if fill is make_swept_by_sm3 else {"sha256", *suites}
    events = rows_of(county, Event)
    assert {suite_of(row["hash"]) for row in events} == wanted
    for event in events:
        facts = json.loads(event["facts"])
        told = [facts["content"], *filter(None, facts.get("secrets", {}).values())]
        assert {suite_of(one) for one in told} == {suite_of(event["hash"])}
    assert {suite_of(row["digest"]) for row in rows_of(county, CheckpointRow)} == {*suites}
    assert {suite_of(row["hash"]) for row in rows_of(county, Trail)} == {*suites}
    assert verify(kept.scene).faults == () and verify(kept.scene, chain_only=True).ok
    assert county.database.read(trail.find_breaks) == []
    for ledger in (None, kept.export(), kept.export(with_content=False)):
        assert kept.faults(ledger) == []


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE event SET facts = replace(facts, 'supervised', 'rectified') WHERE {where}", "hash"),
        ("UPDATE event SET hash = substr(hash, 5) WHERE {where}", "hash"),
        ("UPDATE event SET actor_id = NULL WHERE {where}", "columns"),
        ("UPDATE content SET body = '{{}}' WHERE {where}", "content"),
        ("UPDATE content SET salt = '' WHERE {where}", "content"),
        ("DELETE FROM content WHERE {where}", "erased"),
        ("DELETE FROM event WHERE {where}", "gap"),
        ("UPDATE event SET to_state = 'closed' WHERE {where}", "columns"),
        ("UPDATE cases SET title = '改过的题目' WHERE id = {case}", "facts"),
        ("UPDATE cases SET state = 'closed' WHERE id = {case}", "state"),
    ],
)
def test_a_history_that_was_changed_is_named_by_audit_and_verifier(kept: Kept, change: str, kind: str) -> None:
    case_id = kept.scene.ids["doing"]
    tamper(kept.scene, change.format(where=f"case_id = {case_id} AND seq = 3", case=case_id))
    assert (of(kept), kind) in {(where, found) for where, _first, _last, found in kept.faults()}
    assert (case_id, kind) in {(fault.case, fault.kind) for fault in verify(kept.scene).faults}


@pytest.mark.parametrize("with_content", [True, False])
def test_a_secret_that_is_not_what_was_sealed_last_is_named(kept: Kept, with_content: bool) -> None:
    case_id = kept.scene.ids["clue"]
    whole = lies(kept, case_id)
    told, place = (of(kept, "clue"), "secret"), f"WHERE case_id = {case_id} AND field"
    for change in (
        f"UPDATE secret SET value = '{whole['reporter_name']}' {place} = 'subject_persons'",
        f"UPDATE secret SET value = '改成别人' {place} = 'subject_persons'",
        f"DELETE FROM secret {place} = 'subject_persons'",
    ):
        tamper(kept.scene, change)
        found = kept.faults(kept.export(with_content=with_content))
        assert [(where, kind) for where, *_seqs, kind in found] == [told]
        assert [(fault.case, fault.kind) for fault in verify(kept.scene).faults] == [(case_id, "secret")]
    assert [(where, kind) for where, *_seqs, kind in kept.faults()] == [told]


def test_a_digest_written_beside_a_secret_vouches_for_nothing_in_a_copy(kept: Kept) -> None:
    if not kept.scene.county.database.is_sqlite:
        pytest.skip("only a file of SQLite is read as it is")
    case_id = kept.scene.ids["clue"]
    whole = lies(kept, case_id)["subject_persons"]
    for column, suite in (("digest", "sha256"), ("sm3", "sm3")):
        tamper(kept.scene, f"ALTER TABLE secret ADD COLUMN {column} TEXT")
        tamper(kept.scene, f"UPDATE secret SET {column} = '{digest(suite, whole)}' WHERE field = 'subject_persons'")
    tamper(kept.scene, f"UPDATE secret SET value = '别的' WHERE case_id = {case_id} AND field = 'subject_persons'")
    assert [(where, kind) for where, *_seqs, kind in kept.faults()] == [(of(kept, "clue"), "secret")]


def test_a_tail_that_was_cut_and_a_chain_made_anew_are_named(kept: Kept) -> None:
    last = cut_tail(kept.scene, "void")
    assert (of(kept, "void"), last + 1, last + 1, "cut") in kept.faults()
    case_id = kept.scene.ids["doing"]
    rechain(kept.scene, case_id, lambda facts: facts.update(actor=None), seq=1)
    tamper(kept.scene, f"UPDATE event SET actor_id = NULL WHERE case_id = {case_id} AND seq = 1")
    found = {(where, kind) for where, _first, _last, kind in kept.faults()}
    assert (of(kept), "rewritten") in found and (of(kept), "hash") not in found


def test_whoever_makes_all_of_it_anew_by_the_other_suite_has_not_the_key(kept: Kept) -> None:
    recompute(kept)  # by SHA-256, which each digest says of itself
    faults = kept.faults()
    signatures = {(where, kind) for where, _first, _last, kind in faults if kind == "signature"}
    assert signatures == {(f"checkpoint {n}", "signature") for n in (1, 2)}
    assert {(f"{n:06}.json", 0, 0, "forgotten") for n in (1, 2)} <= set(faults)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE trail SET facts = replace(facts, '10.0.0.1', '10.0.0.2') WHERE seq = 2", "hash"),
        ("UPDATE trail SET hash = substr(hash, 5) WHERE seq = 2", "hash"),
        ("DELETE FROM trail WHERE seq = 2", "gap"),
        ("DELETE FROM trail WHERE seq = 4", "cut"),
    ],
)
def test_whoever_takes_himself_off_the_trail_is_found(kept: Kept, change: str, kind: str) -> None:
    tamper(kept.scene, change)
    assert ("trail", kind) in {(where, found) for where, _first, _last, found in kept.faults()}
    assert kind == "cut" or kept.scene.county.database.read(trail.find_breaks)


def test_a_checkpoint_that_was_changed_is_found(kept: Kept) -> None:
    tamper(kept.scene, "UPDATE checkpoint SET body = replace(body, 'anlan', 'anlam') WHERE id = 1")
    found = {(where, kind) for where, _first, _last, kind in kept.faults()}
    assert {("checkpoint 1", "chain"), ("checkpoint 1", "signature")} <= found
    assert Fault(0, 0, "checkpoint") in verify(kept.scene).faults


def test_a_verifier_without_sm3_says_so_and_finds_nothing_false(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = kept.export()
    asked = [str(ledger), "--key", str(kept.public)]
    assert verifier.main(asked) == 0
    capsys.readouterr()
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})
    assert verifier.main(asked) == 3
    said = capsys.readouterr()
    assert "are SM3, which this Python's OpenSSL does not offer" in said.err and said.out == ""


def test_a_package_tells_sm3_where_a_history_does_and_is_not_written_without_it(
    kept: Kept, copies: Copies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    other = ledger_of(copies, tmp_path / "other", make_swept, "sha256")
    for ledger, told in ((kept, {"digest", "sm3"}), (other, {"digest"})):
        rows = [json.loads(line) for line in ledger.export().read_text(encoding="utf-8").splitlines()]
        secrets = [row for row in rows if row["table"] == "secret"]
        assert len(secrets) == 2
        assert all(row.keys() == {"table", "case_id", "field", *told} for row in secrets)
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})
    assert other.faults(other.export()) == []
    with pytest.raises(NotReady, match="no_sm3"):
        kept.export()


# ---- files ----------------------------------------------------------------------------------------------------------------

BYTES = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


def take(scene: Scene, home: Path, suite: str, content: bytes = BYTES) -> dict[str, Any]:
    """The row of a file that 林静 has uploaded under the suite."""
    told: dict[str, Any] = {"name": "材料.png", "stream": io.BytesIO(content), "now": NOW, "limit": 1 << 20}
    people, database = scene.county.people, scene.county.database
    file_id = files.keep(database, vault_of(home, suite), uploaded_by=people["lin"], **told)
    (row,) = rows_of(scene.county, StoredFile, id=file_id)
    return row


def test_files_lie_under_their_own_digest_and_open_after_the_suite_has_changed(kept: Kept, home: Path) -> None:
    old, new = take(kept.scene, home, "sha256"), take(kept.scene, home, "sm3")
    assert (old["digest"], old["sha256"]) == (hashlib.sha256(BYTES).hexdigest(), None)
    assert (new["digest"], new["sha256"]) == (f"sm3:{hashlib.new('sm3', BYTES).hexdigest()}", old["digest"])
    path = files.path_of(home, new["digest"])
    digits = new["digest"].removeprefix("sm3:")
    assert path.relative_to(home).parts == ("files", digits[:2], digits[2:4], f"sm3-{digits}")
    for one in path.parent, *(home / "files").rglob("*"):
        os.utime(one, (NOW.timestamp(), NOW.timestamp()))
    lost = files.receive(vault_of(home, "sm3"), name="b", stream=io.BytesIO(b"lost"), limit=1 << 20)
    os.utime(files.path_of(home, lost.digest), (NOW.timestamp(), NOW.timestamp()))
    sweep = {"home": home, "now": NOW + 25 * HOUR}
    read = kept.scene.county.database.read
    assert read(lambda store: files.sweep(store, held={lost.digest}, **sweep)) == 0, "a form waits for it"
    assert read(lambda store: files.sweep(store, **sweep)) == 1
    for suite in ("sha256", "sm3"):
        for row in (old, new):
            with files.open_file(vault_of(home, suite), row) as opened:
                assert opened.read() == BYTES
    path.chmod(0o600)
    path.write_bytes(files.path_of(home, take(kept.scene, home, "sm3", BYTES + b".")["digest"]).read_bytes())
    with pytest.raises(Conflict, match="file_damaged"), files.open_file(vault_of(home), new):
        pass


@pytest.mark.parametrize("suites", [("sha256", "sm3"), ("sm3", "sha256"), ("sm3", "sm3")])
def test_a_paper_is_known_by_its_bytes_whatever_suite_it_came_in_under(kept: Kept, home: Path, suites: tuple[str, str]) -> None:
    county = kept.scene.county
    first, again = (take(kept.scene, home, suite) for suite in suites)
    put(county, open_clue(county), first["id"])
    own = kept.scene.ids["doing"]
    with pytest.raises(InvalidForm) as refused:
        put(county, own, again["id"])
    assert refused.value.params["fields"] == {"file": [{"file": "材料.png", "why": "of_a_case_that_is_shut"}]}
    assert not rows_of(county, Evidence, case_id=own)
    put(county, own, take(kept.scene, home, suites[1], BYTES + b".")["id"])
