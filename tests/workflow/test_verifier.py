"""The outside verifier finds every way in which somebody with the database in his hands may have changed it, and where."""

from __future__ import annotations

import ast
import base64
import gzip
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from states.schema import digest as schema_digest
from tests.copies import Copies
from tests.factories import MONDAY, SEALER, at
from tests.workflow.looking import case_row, rows_of
from tests.workflow.reads.scenes import REPORTER, Scene, make_swept
from tests.workflow.test_audit import rechain, tamper
from workflow import keyring, package, trail, verifier
from workflow.checkpoints import Checkpoint, take_checkpoint
from workflow.models import Case, CaseKey, Content, DefinitionText, DefinitionVersion, Event, Secret
from workflow.models import Checkpoint as CheckpointRow
from workflow.sealing.ciphers import is_sealed
from workflow.sealing.masters import Master, Masters
from workflow.sealing.sealer import Sealer
from workflow.text import canonical, digest

NOW = at(MONDAY + timedelta(2))
MADE = datetime(2026, 1, 1, tzinfo=UTC)
Found = list[tuple[str, int, int, str]]


@dataclass
class Kept:
    """A ledger, and what an auditor has elsewhere: the public key and every checkpoint."""

    scene: Scene
    folder: Path

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def public(self) -> Path:
        """The first public key, which was handed over."""
        (first, *_) = [key for key in keyring.public_keys(self.keys) if not key.endorsed_by]
        return self.keys / f"checkpoint-{first.id}.pub"

    def checkpoint(self, now: datetime = NOW) -> Checkpoint:
        """Takes one; its file leaves the machine."""
        key = keyring.get_key(self.keys, "checkpoint")
        work = self.scene.county.database.write
        taken = work(lambda store: take_checkpoint(store, now, key=key, origin="anlan"))
        (self.folder / "elsewhere").mkdir(exist_ok=True)
        text = json.dumps(taken.document(), ensure_ascii=False)
        (self.folder / "elsewhere" / f"{taken.number:06}.json").write_text(text, encoding="utf-8")
        return taken

    def export(self, name: str = "package.jsonl", *, with_content: bool = True) -> Path:
        """The audit package of the ledger as it stands."""
        file = self.folder / name
        keys = keyring.public_keys(self.keys)
        read = self.scene.county.database.read
        told = read(lambda store: "\n".join(package.lines(store, keys=keys, with_content=with_content)))
        file.write_text(told, encoding="utf-8")
        return file

    def copy(self, name: str = "copy.db") -> Path:
        """The ledger as an auditor gets it: a copy of the SQLite file, else a package."""
        database = self.scene.county.database
        if not database.is_sqlite:
            return self.export(f"{name}.jsonl")
        database.close()
        source = Path(database.url.removeprefix("sqlite:///"))
        for suffix in ("", "-wal", "-shm"):
            (self.folder / f"{name}{suffix}").unlink(missing_ok=True)
            if source.with_name(source.name + suffix).exists():
                shutil.copyfile(source.with_name(source.name + suffix), self.folder / f"{name}{suffix}")
        return self.folder / name

    def faults(self, ledger: Path | None = None, *, remembered: bool = True) -> Found:
        """What the verifier finds."""
        opened = verifier.Ledger(ledger or self.copy())
        keys = verifier.trusted([json.loads(self.public.read_text(encoding="utf-8"))], opened.keys)
        audit = verifier.Audit(opened, keys)
        kept = sorted((self.folder / "elsewhere").glob("*.json")) if remembered else []
        audit.all_checkpoints([(file.name, json.loads(file.read_text(encoding="utf-8"))) for file in kept])
        audit.all_cases()
        audit.all_trail()
        opened.tables.close()
        return audit.faults


@pytest.fixture
def kept(copies: Copies, tmp_path: Path) -> Kept:
    """A busy ledger with two checkpoints, and something that happened between them."""
    made = Kept(copies.of(make_swept), tmp_path)
    keyring.make_key(made.keys, "checkpoint", MADE)
    scene = made.scene
    seen(scene, "lin", "song", "lin")
    made.checkpoint()
    seen(scene, "zhao")
    scene.county.engine.comment(scene.ids["doing"], actor=scene.actor("lin"), now=scene.now, text="电话催过")
    made.checkpoint(NOW + timedelta(hours=1))
    return made


def seen(scene: Scene, *logins: str) -> None:
    """These people have seen the clue, one after the other."""
    for login in logins:
        who, cases = trail.Origin(scene.county.people[login], address="10.0.0.1"), [scene.ids["clue"]]
        scene.county.database.write(lambda store, who=who, cases=cases: trail.record(store, who, "read", now=NOW, cases=cases))


def of(kept: Kept, name: str = "doing") -> str:
    """How the verifier names a case of the scene."""
    return f"case {kept.scene.ids[name]}"


def test_a_clean_ledger_gives_no_false_alarm_in_any_form(kept: Kept) -> None:
    assert kept.faults() == []
    assert kept.faults(kept.export()) == []
    assert kept.faults(kept.export(with_content=False)) == []
    assert kept.faults(remembered=False) == []


def test_it_runs_with_python_alone_and_answers_with_the_exit_codes_of_the_command_line(kept: Kept) -> None:
    ledger = kept.export()
    packed = ledger.with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(ledger.read_bytes()))
    alone = shutil.copy(verifier.__file__, kept.folder / "duban_verify.py")

    def run(*told: object) -> subprocess.CompletedProcess[str]:
        asked = [sys.executable, "-I", "-S", str(alone), *map(str, told)]
        return subprocess.run(asked, capture_output=True, text=True, check=False, cwd=kept.folder)

    for file in (ledger, packed):
        whole = run(file, "--key", kept.public, "--remembered", "elsewhere")
        assert (whole.returncode, whole.stderr) == (0, "")
    told = json.loads(whole.stdout)
    assert (told["ok"], told["checkpoints"], told["cases"]) == (True, 2, len(rows_of(kept.scene.county, Case)))
    tamper(kept.scene, f"UPDATE event SET facts = 'null' WHERE case_id = {kept.scene.ids['doing']} AND seq = 3")
    spoiled = run(kept.export(), "--key", kept.public)
    assert spoiled.returncode == 1
    assert f"{of(kept)}: hash, seq 3-3" in spoiled.stdout
    assert run(ledger).returncode == 2
    ledger.write_text("no ledger", encoding="utf-8")
    assert run(ledger, "--key", kept.public).returncode == 3


def test_the_package_without_content_says_nothing_that_a_case_says(kept: Kept) -> None:
    told = kept.export(with_content=False).read_text(encoding="utf-8")
    assert "电话催过" not in told
    assert all(row["title"] not in told for row in rows_of(kept.scene.county, Case))


# ---- the mutations --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE event SET facts = replace(facts, 'supervised', 'rectified') WHERE {where}", "hash"),
        ("UPDATE event SET actor_id = NULL WHERE {where}", "columns"),
        ("UPDATE event SET facts = 'null' WHERE {where}", "hash"),
        ("UPDATE event SET hash = '' WHERE {where}", "hash"),
        ("UPDATE content SET body = '{{}}' WHERE {where}", "content"),
        ("UPDATE event SET to_state = 'closed' WHERE {where}", "columns"),
    ],
)
def test_an_edited_or_emptied_event_is_named(kept: Kept, change: str, kind: str) -> None:
    tamper(kept.scene, change.format(where=f"case_id = {kept.scene.ids['doing']} AND seq = 3"))
    faults = kept.faults()
    assert (of(kept), 3, 3, kind) in faults
    assert min(first for _where, first, _last, _kind in faults) == 3
    assert {where for where, *_ in faults} == {of(kept)}


def test_a_back_dated_hour_is_named(kept: Kept) -> None:
    early = NOW - timedelta(days=40)
    told = early.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    where = f"WHERE case_id = {kept.scene.ids['doing']} AND seq = 2"
    tamper(kept.scene, f"UPDATE event SET happened_at = '{told}' {where}")
    assert kept.faults() == [(of(kept), 2, 2, "columns")]
    rechain(kept.scene, kept.scene.ids["doing"], lambda facts: facts.update(happened_at=told), seq=2)
    assert (of(kept), 1, 5, "rewritten") in [(where, first, min(last, 5), kind) for where, first, last, kind in kept.faults()]


def test_a_deleted_event_and_swapped_events_are_named(kept: Kept) -> None:
    case_id = kept.scene.ids["doing"]
    moves = [f"UPDATE {table} SET seq = {new} WHERE case_id = {case_id} AND seq = {old}" for table in ("content", "event")
             for old, new in ((2, -1), (3, 2), (-1, 3))]  # fmt: skip
    tamper(kept.scene, *moves)
    assert (of(kept), 2, 2, "link") in kept.faults()
    tamper(kept.scene, *[f"DELETE FROM {table} WHERE case_id = {case_id} AND seq = 2" for table in ("content", "event")])
    assert (of(kept), 3, 3, "gap") in kept.faults()


def test_swapped_contents_are_named(kept: Kept) -> None:
    case_id = kept.scene.ids["doing"]
    two, three = (row for row in rows_of(kept.scene.county, Content, case_id=case_id) if row["seq"] in (2, 3))
    for seq, row in ((2, three), (3, two)):
        statement = f"UPDATE content SET salt = :salt, body = :body WHERE case_id = {case_id} AND seq = {seq}"
        tamper(kept.scene, statement, salt=row["salt"], body=row["body"])
    assert kept.faults() == [(of(kept), 2, 2, "content"), (of(kept), 3, 3, "content")]


# ---- what lies sealed -----------------------------------------------------------------------------------------------------


@pytest.fixture
def sealed(kept: Kept) -> int:
    """A clue with two secrets, which the events of its opening and of a correction tell; its id."""
    scene = kept.scene
    told = {"subject_persons": "张三，村主任"}
    scene.county.engine.amend(
        scene.ids["clue"], actor=scene.actor("lin"), now=scene.now, data=told, reason="补记", version=None
    )
    kept.checkpoint(NOW + timedelta(hours=2))
    return scene.ids["clue"]


def lies(kept: Kept, case_id: int) -> dict[str, str]:
    """What lies in the table of secrets, by field."""
    return {row["field"]: row["value"] for row in rows_of(kept.scene.county, Secret, case_id=case_id)}


def put(kept: Kept, case_id: int, field: str, value: str) -> None:
    statement = f"UPDATE secret SET value = :value WHERE case_id = {case_id} AND field = '{field}'"
    tamper(kept.scene, statement, value=value)


def named(kept: Kept) -> set[tuple[str, str]]:
    """(where, kind), which a copy of the ledger and a package without content say alike."""
    found = [
        {(where, kind) for where, *_seqs, kind in kept.faults(ledger)} for ledger in (None, kept.export(with_content=False))
    ]
    assert found[0] == found[1]
    return found[0]


def test_secrets_that_were_swapped_changed_or_taken_away_are_named(kept: Kept, sealed: int) -> None:
    whole = lies(kept, sealed)
    assert named(kept) == set() and len(whole) == 2
    put(kept, sealed, "reporter_name", whole["subject_persons"])
    put(kept, sealed, "subject_persons", whole["reporter_name"])
    assert named(kept) == {(of(kept, "clue"), "secret")}
    put(kept, sealed, "subject_persons", whole["subject_persons"])
    put(kept, sealed, "reporter_name", "改成别人")
    assert named(kept) == {(of(kept, "clue"), "secret")}
    put(kept, sealed, "reporter_name", whole["reporter_name"])
    assert named(kept) == set()
    tamper(kept.scene, f"DELETE FROM secret WHERE case_id = {sealed} AND field = 'reporter_name'")
    assert named(kept) == {(of(kept, "clue"), "secret")}


def test_a_secret_slipped_in_where_none_was_said_is_named(kept: Kept, sealed: int) -> None:
    statement = "INSERT INTO secret (case_id, field, value) VALUES (:case, 'reporter_contact', '13800000000')"
    tamper(kept.scene, statement, case=sealed)
    assert named(kept) == {(of(kept, "clue"), "secret")}


def test_keys_wrapped_anew_and_secrets_taken_back_raise_no_alarm(kept: Kept, sealed: int) -> None:
    scene, was = kept.scene, lies(kept, sealed)
    other = Master("0123456789abcdef", "aes-256-gcm", "2026-04-01T00:00:00Z", bytes(range(32)))
    both = Masters(other, {**SEALER.masters.by_id, other.id: other}, SEALER.masters.blinding)
    rows = rows_of(scene.county, CaseKey, case_id=sealed)
    scene.county.database.write(lambda store: Sealer(lambda: both).rewrap(store, 0))
    assert rows_of(scene.county, CaseKey, case_id=sealed) != rows and named(kept) == set()
    back = Masters(SEALER.masters.current, both.by_id, both.blinding)
    scene.county.database.write(lambda store: Sealer(lambda: back).rewrap(store, 0))
    told: dict[str, object] = {"reporter_name": "另一个人"}
    acting = {"actor": scene.actor("lin"), "now": scene.now + timedelta(hours=3)}
    scene.county.engine.amend(sealed, **acting, data=told, reason="更正", version=None)
    assert lies(kept, sealed)["reporter_name"] != was["reporter_name"] and named(kept) == set()
    scene.county.engine.undo(sealed, **acting)
    assert lies(kept, sealed) == was and named(kept) == set()


def test_a_secret_from_before_there_were_keys_is_sealed_when_it_is_given_back(kept: Kept, sealed: int) -> None:
    scene = kept.scene
    acting = {"actor": scene.actor("lin"), "now": scene.now + timedelta(hours=3)}
    scene.county.engine.amend(sealed, **acting, data={"reporter_name": "另一个人"}, reason="更正", version=None)
    tamper(scene, f"UPDATE secret SET was = '{REPORTER}' WHERE case_id = {sealed} AND field = 'reporter_name'")
    scene.county.engine.undo(sealed, **acting)
    assert is_sealed(lies(kept, sealed)["reporter_name"]) and named(kept) == set()
    opened = scene.county.database.read(lambda store: SEALER.open(store, sealed, ["reporter_name"]))
    assert opened == {"reporter_name": REPORTER}


def test_a_package_and_a_history_hold_no_secret_neither_in_words_nor_sealed(kept: Kept, sealed: int) -> None:
    told = kept.export().read_text(encoding="utf-8")
    for text in (REPORTER, "张三", "sealed:", *lies(kept, sealed).values()):
        assert text not in told
    put(kept, sealed, "reporter_name", "13800000000")
    assert digest("13800000000") not in kept.export().read_text(encoding="utf-8"), "a number could be found by trying"


# ---- what histories are followed by ---------------------------------------------------------------------------------------

LOOSE = "replace(canonical, '\"separate\":', '\"sepatate\":')"


def version_of(kept: Kept) -> tuple[int, str]:
    """The id of the version that the item runs by, and the digest of its text."""
    (row,) = rows_of(kept.scene.county, DefinitionVersion, kind="rectification")
    return int(row["id"]), str(row["digest"])


def test_an_edited_definition_is_named_and_nothing_is_said_of_its_cases(kept: Kept) -> None:
    version, told = version_of(kept)
    tamper(kept.scene, f"UPDATE definition SET canonical = {LOOSE} WHERE digest = '{told}'")
    assert kept.faults() == [(f"version {version}", 0, 0, "definition")]
    assert kept.faults(kept.export(with_content=False)) == [(f"version {version}", 0, 0, "definition")]
    tamper(kept.scene, f"UPDATE definition SET canonical = 'none at all' WHERE digest = '{told}'")
    assert kept.faults() == [(f"version {version}", 0, 0, "definition")]


def test_a_version_pointed_at_another_text_is_named_although_its_digest_holds(kept: Kept) -> None:
    version, told = version_of(kept)
    (text,) = rows_of(kept.scene.county, DefinitionText, digest=told)
    other = text["canonical"].replace('"separate":', '"sepatate":')
    statement = "INSERT INTO definition (digest, canonical, source) VALUES (:digest, :canonical, '')"
    tamper(kept.scene, statement, digest=schema_digest(other), canonical=other)
    tamper(kept.scene, f"UPDATE definition_version SET digest = '{schema_digest(other)}' WHERE id = {version}")
    assert kept.faults() == [(f"version {version}", 0, 0, "version")]
    assert kept.faults(remembered=False) == [(f"version {version}", 0, 0, "version")]


def test_a_definition_or_a_version_that_was_taken_away_is_named(kept: Kept) -> None:
    version, told = version_of(kept)
    tamper(kept.scene, f"DELETE FROM definition WHERE digest = '{told}'")
    assert kept.faults() == [(f"version {version}", 0, 0, "definition")]
    tamper(kept.scene, f"DELETE FROM definition_version WHERE id = {version}")
    assert (f"version {version}", 0, 0, "version") in kept.faults()
    assert (of(kept), 1, 1, "columns") in kept.faults()


def test_checkpoints_from_before_they_listed_versions_raise_no_alarm(
    copies: Copies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept(copies.of(make_swept), tmp_path)
    keyring.make_key(kept.keys, "checkpoint", MADE)

    def older(told: dict[str, object]) -> str:
        return canonical({name: value for name, value in told.items() if name != "definitions"})

    with monkeypatch.context() as before:
        before.setattr("workflow.checkpoints.canonical", older)
        assert kept.checkpoint().definitions == {}
    assert kept.checkpoint(NOW + timedelta(hours=1)).definitions
    assert kept.faults() == []


def cut_tail(scene: Scene, name: str) -> int:
    """Takes the last event away and puts the case back to where it was before; the seq that is last now."""
    case_id = scene.ids[name]
    cut, last = rows_of(scene.county, Event, case_id=case_id)[-1], rows_of(scene.county, Event, case_id=case_id)[-2]
    facts = json.loads(last["facts"])
    where = f"case_id = {case_id} AND seq = {cut['seq']}"
    tamper(scene, f"DELETE FROM content WHERE {where}", f"DELETE FROM event WHERE {where}")
    told = {"seq": last["seq"], "head": last["hash"], "state": facts["to"], "holder": facts["holder"]}
    statement = "UPDATE cases SET seq = :seq, head = :head, state = :state, holder_id = :holder, version = :version"
    tamper(scene, f"{statement}, final = false, ground = NULL WHERE id = {case_id}", **told, version=facts["version"])
    return int(last["seq"])


def test_a_cut_tail_is_named(kept: Kept) -> None:
    last = cut_tail(kept.scene, "void")
    assert (of(kept, "void"), last + 1, last + 1, "cut") in kept.faults()


def test_a_case_deleted_whole_is_named(kept: Kept) -> None:
    case_id = kept.scene.ids["elsewhere"]
    tables = ("content", "event", "spell", "facet", "search_text", "fired_rung", "clock", "party", "outbox", "evidence")
    tamper(kept.scene, *[f"DELETE FROM {table} WHERE case_id = {case_id}" for table in tables])
    tamper(kept.scene, f"DELETE FROM cases WHERE id = {case_id}")
    kinds = {(where, kind) for where, _first, _last, kind in kept.faults()}
    assert {(of(kept, "elsewhere"), "deleted"), ("ledger", "count")} == kinds


def test_yesterdays_file_is_found(copies: Copies, tmp_path: Path) -> None:
    kept = Kept(copies.of(make_swept), tmp_path)
    keyring.make_key(kept.keys, "checkpoint", MADE)
    kept.checkpoint()
    yesterday = kept.copy("yesterday.db")
    assert kept.faults(yesterday) == []
    scene = kept.scene
    seq = case_row(scene.county, scene.ids["doing"])["seq"]
    scene.county.engine.comment(scene.ids["doing"], actor=scene.actor("lin"), now=scene.now, text="电话催过")
    kept.checkpoint(NOW + timedelta(hours=1))
    assert kept.faults(yesterday) == [("000002.json", 0, 0, "forgotten"), (of(kept), seq + 1, seq + 1, "cut")]


def recompute(kept: Kept) -> None:
    """Makes every checkpoint of the table anew over the ledger as it stands: all that can be done without the key."""
    prev, rows = "", {row["case_id"]: {} for row in rows_of(kept.scene.county, Event)}
    for row in rows_of(kept.scene.county, Event):
        rows[row["case_id"]][row["seq"]] = row["hash"]
    for row in rows_of(kept.scene.county, CheckpointRow):
        told = json.loads(row["body"])
        told["heads"] = [[case, seq, rows[case][seq]] for case, seq, _head in told["heads"]]
        body = canonical(told)
        made = {"body": body, "digest": digest(prev, body), "prev": prev}
        tamper(kept.scene, f"UPDATE checkpoint SET body = :body, digest = :digest, prev = :prev WHERE id = {row['id']}", **made)
        prev = made["digest"]


def test_a_whole_chain_recomputed_with_its_checkpoints_is_found_by_signature_and_by_memory(kept: Kept) -> None:
    case_id = kept.scene.ids["doing"]
    rechain(kept.scene, case_id, lambda facts: facts.update(actor=None), seq=1)
    tamper(kept.scene, f"UPDATE event SET actor_id = NULL WHERE case_id = {case_id} AND seq = 1")
    recompute(kept)
    unremembered = kept.faults(remembered=False)
    assert unremembered == [("checkpoint 1", 0, 0, "signature"), ("checkpoint 2", 0, 0, "signature")]
    faults = kept.faults()
    listed = json.loads((kept.folder / "elsewhere" / "000001.json").read_text(encoding="utf-8"))["listed"]
    seq = dict((case, seq) for case, seq, _head in json.loads(listed)["heads"])[case_id]
    assert {("000001.json", 0, 0, "forgotten"), ("000002.json", 0, 0, "forgotten")} <= set(faults)
    assert (of(kept), 1, seq, "rewritten") in faults, (
        "what somebody remembers is believed before what the ledger says of itself"
    )
    tamper(kept.scene, "UPDATE checkpoint SET signature = '', key_id = ''")
    assert ("000002.json", 0, 0, "forgotten") in kept.faults()


def test_a_checkpoint_taken_out_or_left_unsigned_after_a_signed_one_is_found(kept: Kept) -> None:
    tamper(kept.scene, "UPDATE checkpoint SET signature = '' WHERE id = (SELECT max(id) FROM checkpoint)")
    assert kept.faults() == [("checkpoint 2", 0, 0, "unsigned")]
    tamper(kept.scene, "DELETE FROM checkpoint WHERE id = (SELECT min(id) FROM checkpoint)")
    assert {("checkpoint 1", 0, 0, "chain"), ("000001.json", 0, 0, "forgotten")} <= set(kept.faults())


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE trail SET facts = replace(facts, '10.0.0.1', '10.0.0.2') WHERE seq = 2", {(2, 2, "hash")}),
        ("UPDATE trail SET actor_id = NULL WHERE seq = 2", {(2, 2, "columns")}),
        ("UPDATE trail SET cases = '' WHERE seq = 2", {(2, 2, "columns")}),
        ("DELETE FROM trail WHERE seq = 2", {(3, 3, "gap"), (3, 3, "link")}),
        ("DELETE FROM trail WHERE seq = 4", {(4, 4, "cut")}),
        ("DELETE FROM trail", {(1, 4, "cut")}),
    ],
)
def test_whoever_takes_himself_off_the_trail_is_found(kept: Kept, change: str, found: set[tuple[int, int, str]]) -> None:
    tamper(kept.scene, change)
    assert {(first, last, kind) for where, first, last, kind in kept.faults() if where == "trail"} == found


def test_a_trail_chained_anew_without_somebody_is_found(kept: Kept) -> None:
    tamper(kept.scene, "DELETE FROM trail WHERE seq = 2", "UPDATE trail SET seq = NULL, prev = '', hash = ''")
    kept.scene.county.database.write(trail.seal)
    faults = [(first, last, kind) for where, first, last, kind in kept.faults() if where == "trail"]
    assert faults == [(3, 3, "rewritten"), (4, 4, "cut")]


def test_two_checkpoints_at_once_make_one_chain(kept: Kept) -> None:
    seen(kept.scene, "lin", "song")
    hours = [NOW + timedelta(hours=n) for n in range(2, 6)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(kept.checkpoint, hours))
    assert kept.faults() == []
    assert len(rows_of(kept.scene.county, CheckpointRow)) == 6


# ---- keys -----------------------------------------------------------------------------------------------------------------


def test_whoever_knows_the_first_key_trusts_the_next_and_nobody_elses(kept: Kept) -> None:
    keyring.rotate_key(kept.keys, "checkpoint", NOW)
    kept.checkpoint(NOW + timedelta(hours=2))
    assert kept.faults(kept.export()) == []
    foreign = Kept(kept.scene, kept.folder / "foreign")
    foreign.folder.mkdir()
    keyring.make_key(foreign.keys, "checkpoint", MADE)
    foreign.checkpoint(NOW + timedelta(hours=3))
    faults = kept.faults(kept.export())
    assert faults == [("checkpoint 4", 0, 0, "signature")]


def test_signatures_are_checked_as_the_library_checks_them() -> None:
    for n in range(4):
        key = Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)
        public, message = key.public_key().public_bytes_raw(), f"{n}检查点".encode() * n
        signature = key.sign(message)
        assert verifier.verifies(public, message, signature)
        assert not verifier.verifies(public, message + b".", signature)
        assert not verifier.verifies(public, message, signature[:-1] + bytes([signature[-1] ^ 1]))
        assert not verifier.verifies(public, message, base64.b64decode("AAAA") * 20)


def test_it_imports_the_standard_library_alone_and_has_at_most_300_lines() -> None:
    text = Path(verifier.__file__).read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(text)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    assert not any(isinstance(node, ast.Name) and node.id in ("__import__", "eval", "exec") for node in nodes)
    assert len(text.splitlines()) <= 300
