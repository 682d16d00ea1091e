"""The audit finds every way in which somebody may have touched the history, and says where."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from states.errors import NotReady
from tests.copies import Copies
from tests.factories import MONDAY, at
from tests.workflow.looking import case_row, rows_of
from tests.workflow.reads.scenes import Scene, make_swept
from workflow import audit, definitions, trail
from workflow.audit import Fault, Verdict
from workflow.checkpoints import Checkpoint, checkpoint_of, is_whole, take_checkpoint
from workflow.digests import suite_of
from workflow.history import chain_hash
from workflow.models import Case, Content, DefinitionVersion, Event, Secret
from workflow.models import Checkpoint as CheckpointRow
from workflow.store import Store
from workflow.text import canonical

NOW = at(MONDAY + timedelta(2))


@pytest.fixture
def scene(copies: Copies) -> Scene:
    """A busy ledger whose first overdue marks and rungs have come."""
    return copies.of(make_swept)


def verify(scene: Scene, **told: Any) -> Verdict:
    return scene.county.database.read(lambda store: audit.verify(store, **told))


def checkpoint(scene: Scene) -> Checkpoint:
    return scene.county.database.write(lambda store: take_checkpoint(store, NOW))


def tamper(scene: Scene, *statements: str, **values: Any) -> None:
    """Changes rows behind the engine's back, as somebody with the database's own tools would, foreign keys or not."""
    database = scene.county.database
    if database.is_sqlite:
        with closing(sqlite3.connect(database.url.removeprefix("sqlite:///"))) as connection:
            connection.execute("DROP TRIGGER IF EXISTS content_stays")
            for statement in statements:
                connection.execute(statement, {name: value for name, value in values.items() if f":{name}" in statement})
            connection.commit()
        return

    def work(store: Store) -> None:
        store.connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            store.connection.execute(text(statement), values)

    database.write(work)


def rechain(scene: Scene, case_id: int, change: Callable[[dict[str, Any]], None], seq: int) -> None:
    """Rewrites event `seq` and every link after it, as somebody who knows how the chain is made would."""
    prev = ""
    for event in rows_of(scene.county, Event, case_id=case_id):
        facts = json.loads(event["facts"])
        if event["seq"] == seq:
            change(facts)
        written = canonical(facts)
        link = chain_hash(suite_of(event["hash"]), prev, written)
        tamper(
            scene,
            "UPDATE event SET facts = :facts, prev = :prev, hash = :hash, to_state = :to"
            " WHERE case_id = :case_id AND seq = :seq",
            facts=written,
            prev=prev,
            hash=link,
            to=facts["to"],
            case_id=case_id,
            seq=event["seq"],
        )
        prev = link
    tamper(scene, "UPDATE cases SET head = :head WHERE id = :case_id", head=prev, case_id=case_id)


def test_a_ledger_that_only_the_engine_has_touched_is_whole(scene: Scene) -> None:
    verdict = verify(scene)
    assert verdict.faults == ()
    assert verdict.ok
    assert verdict.cases == len(rows_of(scene.county, Case))
    assert verdict.events == len(rows_of(scene.county, Event))
    assert (verdict.checkpoint, verdict.window_from) == ("", None)
    assert verify(scene, chain_only=True).ok


def test_merging_voiding_and_undoing_are_jumps_that_the_replay_knows(scene: Scene) -> None:
    engine, zhao, zhou = scene.county.engine, scene.actor("zhao"), scene.actor("zhou")
    engine.merge(scene.ids["received"], actor=zhao, now=scene.now, into_id=scene.ids["doing"], reason="同一问题")
    later = scene.now + timedelta(hours=1)
    scene.county.fire(scene.ids["to_sign"], "sign_for", "zhou", later, pieces=1)
    engine.undo(scene.ids["to_sign"], actor=zhou, now=later + timedelta(minutes=1))
    assert verify(scene).faults == ()


def test_batches_end_anywhere_and_nothing_is_left_out(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = verify(scene)
    for size in (1, 3):
        monkeypatch.setattr(audit, "BATCH", size)
        for name in ("LINKS", "WHOLE", "CASES_AFTER", "SECRETS"):
            statement = getattr(audit, name).statement.limit(size)
            monkeypatch.setattr(audit, name, type(getattr(audit, name))(statement))
        assert verify(scene) == whole


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ("UPDATE event SET facts = replace(facts, 'supervised', 'rectified') WHERE {where}", {"hash", "columns"}),
        ("UPDATE event SET hash = 'x' || substr(hash, 2) WHERE {where}", {"hash", "link"}),
        ("UPDATE event SET prev = 'x' WHERE {where}", {"hash", "link"}),
        ("UPDATE event SET verb = 'comment' WHERE {where}", {"columns"}),
        ("UPDATE event SET actor_id = NULL WHERE {where}", {"columns"}),
        ("UPDATE event SET to_state = 'closed' WHERE {where}", {"columns", "replay"}),
        ("UPDATE event SET facts = 'null' WHERE {where}", {"columns", "hash"}),
        ("UPDATE event SET facts = 'no json' WHERE {where}", {"columns", "hash"}),
        ("UPDATE content SET body = '{{}}' WHERE {where}", {"content"}),
        ("UPDATE content SET salt = 'x' WHERE {where}", {"content"}),
    ],
)
def test_an_edit_is_found_at_its_event(scene: Scene, change: str, kinds: set[str]) -> None:
    case_id = scene.ids["doing"]
    tamper(scene, change.format(where=f"case_id = {case_id} AND seq = 3"))
    faults = verify(scene).faults
    assert {fault.case for fault in faults} == {case_id}
    assert min(fault.seq for fault in faults) == 3
    assert kinds <= {fault.kind for fault in faults}


def test_the_hour_of_an_event_cannot_be_moved(scene: Scene) -> None:
    where = f"case_id = {scene.ids['doing']} AND seq = 2"
    later = "'2026-03-02T09:00:00.000000Z'" if scene.county.database.is_sqlite else "happened_at + interval '1 hour'"
    tamper(scene, f"UPDATE event SET happened_at = {later} WHERE {where}")
    assert verify(scene).faults == (Fault(scene.ids["doing"], 2, "columns"),)


def test_a_missing_event_leaves_a_gap(scene: Scene) -> None:
    case_id = scene.ids["doing"]
    tamper(scene, f"DELETE FROM event WHERE case_id = {case_id} AND seq = 2")
    kinds = {(fault.seq, fault.kind) for fault in verify(scene).faults}
    assert {(3, "gap"), (3, "link")} <= kinds


def test_two_events_in_each_others_place_are_found(scene: Scene) -> None:
    where = f"WHERE case_id = {scene.ids['doing']} AND seq ="
    swap = [f"UPDATE event SET seq = {new} {where} {old}" for old, new in ((2, 99), (3, 2), (99, 3))]
    tamper(scene, *swap)
    assert {2, 3} <= {fault.seq for fault in verify(scene).faults if fault.kind == "link"}


@pytest.mark.parametrize("seq", [1, 3])
def test_a_content_that_is_gone_without_a_tombstone_is_found(scene: Scene, seq: int) -> None:
    tamper(scene, f"DELETE FROM content WHERE case_id = {scene.ids['doing']} AND seq = {seq}")
    assert verify(scene).faults == ((scene.ids["doing"], seq, "erased"),)


def test_a_case_whose_row_says_something_else_than_its_history_is_found(scene: Scene) -> None:
    ids = scene.ids
    tamper(scene, f"UPDATE cases SET state = 'closed' WHERE id = {ids['doing']}")
    tamper(scene, f"UPDATE cases SET holder_id = supervisor_id WHERE id = {ids['elsewhere']}")
    tamper(scene, f"UPDATE cases SET version = version + 1 WHERE id = {ids['reported']}")
    tamper(scene, f"UPDATE cases SET head = 'x' WHERE id = {ids['to_sign']}")
    found = {(fault.case, fault.kind) for fault in verify(scene).faults}
    assert found == {
        (ids["doing"], "state"),
        (ids["elsewhere"], "state"),
        (ids["reported"], "state"),
        (ids["to_sign"], "head"),
    }


@pytest.mark.parametrize(
    "change", ["title = '改过的题目'", "data = '{}'", "number = '整改〔2026〕999号'", "old_number = '别的号'"]
)
def test_what_a_case_says_of_itself_changed_behind_the_engines_back_is_found(scene: Scene, change: str) -> None:
    tamper(scene, f"UPDATE cases SET {change} WHERE id = {scene.ids['doing']}")
    assert [(fault.case, fault.kind) for fault in verify(scene).faults] == [(scene.ids["doing"], "facts")]
    assert verify(scene, chain_only=True).ok


def test_a_case_without_any_event_is_found(scene: Scene) -> None:
    case_id = scene.ids["doing"]
    tamper(scene, f"DELETE FROM event WHERE case_id = {case_id}")
    assert Fault(case_id, 0, "no_events") in verify(scene).faults


def test_a_step_that_the_machine_does_not_know_is_found_even_in_a_chain_made_anew(scene: Scene) -> None:
    case_id = scene.ids["doing"]
    rechain(scene, case_id, lambda facts: facts.update(to="rectified"), seq=2)
    assert Fault(case_id, 2, "replay") in verify(scene).faults


# ---- what lies sealed -----------------------------------------------------------------------------------------------------


def sealed_of(scene: Scene) -> int:
    """The clue, whose history tells of two secrets; its id."""
    told = {"subject_persons": "张三，村主任"}
    acting = {"actor": scene.actor("lin"), "now": scene.now}
    scene.county.engine.amend(scene.ids["clue"], **acting, data=told, reason="补记", version=None)
    assert verify(scene).ok and len(rows_of(scene.county, Secret, case_id=scene.ids["clue"])) == 2
    return scene.ids["clue"]


@pytest.mark.parametrize(
    "change",
    [
        ("UPDATE secret SET field = 'x' WHERE field = 'reporter_name'",
         "UPDATE secret SET field = 'reporter_name' WHERE field = 'subject_persons'",
         "UPDATE secret SET field = 'subject_persons' WHERE field = 'x'"),
        ("UPDATE secret SET value = '改成别人' WHERE field = 'reporter_name'",),
        ("DELETE FROM secret WHERE field = 'reporter_name'",),
        ("INSERT INTO secret (case_id, field, value) VALUES ({case}, 'reporter_contact', '13800000000')",),
    ],
)  # fmt: skip
def test_what_lies_sealed_and_is_not_what_was_sealed_last_is_found(scene: Scene, change: tuple[str, ...]) -> None:
    case_id = sealed_of(scene)
    tamper(scene, *(statement.format(case=case_id) for statement in change))
    assert verify(scene).faults == (Fault(case_id, case_row(scene.county, case_id)["seq"], "secret"),)
    assert verify(scene, chain_only=True).ok


def test_secrets_of_a_case_that_nobody_knows_are_not_taken_for_another_s(scene: Scene) -> None:
    sealed_of(scene)
    gone = scene.ids["received"]
    tamper(scene, *(f"DELETE FROM {table} WHERE case_id = {gone}" for table in ("content", "event")))
    tamper(scene, f"DELETE FROM cases WHERE id = {gone}")
    tamper(scene, f"INSERT INTO secret (case_id, field, value) VALUES ({gone}, 'reporter_name', '没有这件')")
    assert gone < scene.ids["clue"] and verify(scene).ok


# ---- checkpoints ----------------------------------------------------------------------------------------------------------


def test_a_checkpoint_lists_only_what_changed_since_the_one_before(scene: Scene) -> None:
    first = checkpoint(scene)
    assert {case_id for case_id, _seq, _head in first.heads} == {row["id"] for row in rows_of(scene.county, Case)}
    assert first.cases == len(first.heads)
    lin, doing = scene.actor("lin"), scene.ids["doing"]
    scene.county.engine.comment(doing, actor=lin, now=scene.now, text="电话催过")
    second = checkpoint(scene)
    row = case_row(scene.county, doing)
    assert second.heads == ((doing, row["seq"], row["head"]),)
    assert (second.prev, second.cases) == (first.digest, first.cases)
    assert checkpoint(scene).heads == ()
    assert verify(scene).ok


def test_a_checkpoint_survives_its_file(scene: Scene) -> None:
    taken = checkpoint(scene)
    read = checkpoint_of(json.loads(json.dumps(taken.document(), ensure_ascii=False)))
    assert read == taken
    assert is_whole(read)
    assert verify(scene, against=taken.document()).checkpoint == taken.digest


def test_a_cut_tail_with_a_rewritten_head_is_found_against_the_checkpoint_only(scene: Scene) -> None:
    case_id, taken = scene.ids["void"], checkpoint(scene)
    events = rows_of(scene.county, Event, case_id=case_id)
    cut, last = events[-1], events[-2]
    facts = json.loads(last["facts"])
    told = {"case_id": case_id, "seq": cut["seq"], "kept": last["seq"], "head": last["hash"]}
    tamper(
        scene,
        "DELETE FROM content WHERE case_id = :case_id AND seq = :seq",
        "DELETE FROM event WHERE case_id = :case_id AND seq = :seq",
        "DELETE FROM checkpoint WHERE 1 = 1",
        "UPDATE cases SET seq = :kept, head = :head WHERE id = :case_id",
        **told,
    )
    tamper(
        scene,
        "UPDATE cases SET state = :state, final = false, ground = NULL, version = :version, holder_id = :holder"
        " WHERE id = :case_id",
        state=facts["to"],
        version=facts["version"],
        holder=facts["holder"],
        case_id=case_id,
    )
    assert verify(scene).ok
    found = verify(scene, against=taken.document()).faults
    assert Fault(case_id, last["seq"], "cut") in found


def test_a_history_rewritten_from_the_start_is_found_against_the_checkpoint(scene: Scene) -> None:
    case_id, taken = scene.ids["doing"], checkpoint(scene)
    rechain(scene, case_id, lambda facts: facts.update(actor=None), seq=1)
    tamper(scene, f"UPDATE event SET actor_id = NULL WHERE case_id = {case_id} AND seq = 1")
    kinds = {fault.kind for fault in verify(scene, against=taken.document()).faults}
    assert kinds == {"rewritten"}


def test_a_case_deleted_whole_is_found_by_its_checkpoint(scene: Scene) -> None:
    case_id, taken = scene.ids["elsewhere"], checkpoint(scene)
    tables = ("content", "event", "spell", "facet", "search_text", "fired_rung", "clock", "party", "outbox", "evidence")
    tamper(scene, *[f"DELETE FROM {table} WHERE case_id = {case_id}" for table in tables])
    tamper(scene, f"DELETE FROM cases WHERE id = {case_id}")
    found = {(fault.case, fault.kind) for fault in verify(scene, against=taken.document()).faults}
    assert {(case_id, "deleted"), (0, "count")} == found


def test_a_checkpoint_that_was_changed_or_taken_out_is_found(scene: Scene) -> None:
    first = checkpoint(scene)
    scene.county.engine.comment(scene.ids["doing"], actor=scene.actor("lin"), now=scene.now, text="电话催过")
    second = checkpoint(scene)
    document = first.document()
    document["listed"] = document["listed"].replace('"cases":', '"cases":1')
    assert Fault(0, 0, "checkpoint") in verify(scene, against=document).faults
    tamper(scene, "UPDATE checkpoint SET cases = cases WHERE digest = :digest", digest=first.digest)
    assert verify(scene, against=second.document()).ok
    tamper(scene, "DELETE FROM checkpoint WHERE digest = :digest", digest=first.digest)
    assert Fault(0, 0, "checkpoint") in verify(scene).faults
    assert len(rows_of(scene.county, CheckpointRow)) == 1


def test_the_window_that_cannot_be_seen_yet_begins_with_the_last_checkpoint(scene: Scene) -> None:
    checkpoint(scene)
    assert verify(scene).window_from == NOW
    assert len(rows_of(scene.county, Content)) > 0


# ---- what histories are followed by ---------------------------------------------------------------------------------------


@pytest.fixture
def version(scene: Scene) -> dict[str, Any]:
    """The version that the items run by, after a checkpoint."""
    checkpoint(scene)
    (row,) = rows_of(scene.county, DefinitionVersion, kind="rectification")
    return row


def test_nothing_runs_by_a_text_that_is_not_the_one_its_digest_names(
    scene: Scene, version: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tamper(scene, "UPDATE definition SET canonical = '{}' WHERE digest = :digest", digest=version["digest"])
    monkeypatch.setattr(definitions, "_BUILT", {})  # as a process that begins now
    with pytest.raises(NotReady) as told:
        scene.county.database.read(definitions.catalogue)
    assert told.value.params == {"why": "definition_changed", "id": version["digest"]}
    assert verify(scene).faults == (Fault(0, version["id"], "definition"),)


def test_a_version_pointed_at_another_text_or_taken_away_is_found_against_a_checkpoint(
    scene: Scene, version: dict[str, Any]
) -> None:
    other = next(row for row in rows_of(scene.county, DefinitionVersion) if row["kind"] == "clue")
    tamper(scene, f"UPDATE definition_version SET digest = '{other['digest']}' WHERE id = {version['id']}")
    assert Fault(0, version["id"], "version") in verify(scene).faults
    tamper(scene, f"DELETE FROM definition_version WHERE id = {version['id']}")
    assert Fault(0, version["id"], "version") in verify(scene).faults


@pytest.mark.parametrize(
    ("damage", "places"),
    [
        ("UPDATE trail SET facts = replace(facts, '10.0.0.1', '10.0.0.2') WHERE seq = 2", (2,)),
        ("DELETE FROM trail WHERE seq = 2", (3,)),
        ("DELETE FROM trail WHERE seq > 2", (3,)),
        ("UPDATE trail SET prev = 'x' WHERE seq = 3", (3,)),
    ],
)
def test_a_trail_that_is_not_what_was_sealed_is_found_even_by_a_look_at_the_chains_alone(
    scene: Scene, damage: str, places: tuple[int, ...]
) -> None:
    who = trail.Origin(scene.county.people["lin"], address="10.0.0.1")
    for _ in range(3):
        scene.county.database.write(lambda store: trail.record(store, who, "read", now=scene.now, cases=[scene.ids["clue"]]))
    checkpoint(scene)
    assert verify(scene).ok
    tamper(scene, damage)
    assert [verify(scene, chain_only=alone).faults for alone in (True, False)] == [
        tuple(Fault(0, n, "trail") for n in places)
    ] * 2
