"""A long ledger that somebody changes with the database's own tools: the outside verifier names each place, and no other.

Three hands that own the database: one changes rows where they lie, one makes everything that follows anew with the program's
own functions, and one puts yesterday's file in its place. Each is a file of its own, looked at as an auditor looks at it.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import load
from tests.drills.scale import size, tell
from web.checkpointing import keep_checkpoints
from web.commands import demo
from web.commands import seed as seeding
from web.wiring import Office, open_office
from workflow import trail, verifier
from workflow.history import chain_hash
from workflow.people.actors import actor_of
from workflow.store import Store
from workflow.text import canonical, digest

# A case has five or six events and as many contents.
CASES, LIVED = size(test=60, drill=185_000), size(test=40, drill=2_000)
READS, READ_TOGETHER = size(test=40, drill=1_000_000), size(test=20, drill=10_000)
ORIGIN = "anlan"
Found = set[tuple[str, str, int]]


def verified(home: Path, name: str = "duban.db") -> tuple[Found, dict[str, Any], float]:
    """What was found – where, what, from which seq –, the counts, and how long it took."""
    (public,) = (home / "keys").glob("checkpoint-*.pub")
    asked = [sys.executable, "-I", "-S", verifier.__file__, str(home / name), "--key", str(public)]
    began = time.monotonic()
    done = subprocess.run([*asked, "--remembered", str(home.parent / "mount")], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    *lines, counts = done.stdout.splitlines()
    assert done.returncode == (1 if lines else 0)
    told = (line.replace(": ", ", seq ").split(", seq ") for line in lines)
    return {(where, kind, int(seqs.split("-")[0])) for where, kind, seqs in told}, json.loads(counts), time.monotonic() - began


def test_every_tampering_with_a_long_ledger_is_named_and_a_clean_one_raises_no_alarm(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commented = lived(home, monkeypatch)
    found, counts, seconds = verified(home)
    assert found == set()
    agrees({(f"{ORIGIN}-000002.json", "forgotten", 0), *commented}, verified(home, "yesterday.db")[0])
    copied(home, "anew.db")
    agrees(made_anew(home / "anew.db"), verified(home, "anew.db")[0])
    in_place = changed_in_place(home / "duban.db")
    agrees(in_place, verified(home)[0])
    # Two things are said of the history that was cut, of the case that is gone, and of texts that changed places.
    changes = len(in_place) - 3
    tell(
        "a long ledger tampered with, verified from outside",
        f"{counts['events']:,} events of {counts['cases']:,} cases and {counts['trail_rows']:,} rows of the trail verified in"
        f" {seconds:.0f} s, no alarm; {changes} changes in place, a history, the trail and the checkpoints made anew, and"
        " yesterday's file, each named where it is and nowhere else",
    )


def agrees(wanted: Found, found: Found) -> None:
    """Each is named as what it is, at its place; nothing is named anywhere else, nor before the first of a place."""
    assert wanted <= found, wanted - found
    assert {where for where, *_ in found} == {where for where, *_ in wanted}
    first = {where: min(seq for place, _kind, seq in wanted if place == where) for where, *_ in wanted}
    early = {(where, kind, seq) for where, kind, seq in found if seq < first[where]}
    assert early == set()


def copied(home: Path, name: str) -> None:
    """The ledger as it stands, in another file."""
    with closing(sqlite3.connect(home / "duban.db")) as ledger, closing(sqlite3.connect(home / name)) as copy:
        ledger.backup(copy)


# ---- the ledger -----------------------------------------------------------------------------------------------------------


def lived(home: Path, monkeypatch: pytest.MonkeyPatch) -> Found:
    """A ledger with sealed facts and a long trail, copied after its first checkpoint; what happened before the second."""
    monkeypatch.setattr(demo, "SCRIPTS", ("demo/clues.yaml",))
    monkeypatch.setattr(seeding, "LIVED", LIVED)
    (home.parent / "mount").mkdir()
    told = {"HOME": str(home), "ORIGIN": ORIGIN, "CEILING": "3", "CHECKPOINT_FOLDER": str(home.parent / "mount")}
    office = open_office(load({f"DUBAN_{name}": value for name, value in told.items()}))
    now = datetime.now(UTC)
    try:
        demo.load_demo(office, now, if_absent=False)
        seeding.seed(office, CASES, 7, now)
        for _ in range(READS // READ_TOGETHER):
            office.database.write(lambda store: seen(store, READ_TOGETHER, now))
        assert keep_checkpoints(office, now) == {"taken": 1, "carried": 1}
        copied(home, "yesterday.db")
        commented = {comment(office, now), ("trail", "cut", office.database.write(trail.seal)[0] + 1)}
        office.database.write(lambda store: seen(store, 1, now))
        assert keep_checkpoints(office, now + timedelta(hours=1)) == {"taken": 1, "carried": 1}
    finally:
        office.close()
    return commented


def seen(store: Store, times: int, now: datetime) -> None:
    """Somebody has seen a case, so many times, each in its place in the chain."""
    for n in range(times):
        trail.record(store, trail.Origin(1 + n % 3, address="10.0.0.1"), "read", now=now, cases=[1 + n % 5])
    trail.seal(store)


def comment(office: Office, now: datetime) -> tuple[str, str, int]:
    """Somebody says something about a case; what is gone where it was not said yet."""
    row = office.database.read(lambda store: store.connection.exec_driver_sql(COMMENTED).one())
    actor = office.engine.read(now, lambda store, _occasion: actor_of(store, row.actor_id, today=now.date()))
    assert actor is not None
    office.engine.comment(row.id, actor=actor, now=now, text="电话催过")
    return f"case {row.id}", "cut", row.seq + 1


COMMENTED = """
SELECT cases.id, cases.seq, event.actor_id FROM cases JOIN event ON event.case_id = cases.id AND event.seq = 1
WHERE cases.kind = 'rectification' AND NOT cases.final ORDER BY cases.id LIMIT 1
"""


# ---- the hands ------------------------------------------------------------------------------------------------------------


def long_cases(rows: sqlite3.Connection, how_many: int) -> list[int]:
    """Cases of at least four events, which nobody had a reason to doubt."""
    found = "SELECT id FROM cases WHERE kind = 'rectification' AND seq >= 4 ORDER BY id DESC LIMIT ?"
    return [case_id for (case_id,) in rows.execute(found, (how_many,))]


def changed_in_place(ledger: Path) -> Found:
    """Changes each of some cases in another way, foreign keys or not; and secrets, texts of workflows and the trail."""
    with closing(sqlite3.connect(ledger)) as rows:
        wanted = {*change_cases(rows), *change_secrets(rows), *change_definitions(rows), *change_trail(rows)}
        rows.commit()
    return wanted


def change_cases(rows: sqlite3.Connection) -> Found:
    edited, emptied, gone, cut, swapped, moved, dated, deleted = long_cases(rows, 8)
    (last,) = rows.execute("SELECT max(seq) FROM event WHERE case_id = ?", (cut,)).fetchone()
    for change in (
        f"UPDATE event SET facts = replace(facts, '\"version\":', '\"version\":1') WHERE case_id = {edited} AND seq = 2",
        f"UPDATE event SET facts = 'null' WHERE case_id = {emptied} AND seq = 2",
        f"DELETE FROM event WHERE case_id = {gone} AND seq = 2",
        f"DELETE FROM event WHERE case_id = {cut} AND seq = {last}",
        f"UPDATE content SET body = (SELECT body FROM content WHERE case_id = {swapped} AND seq = 1)"
        f" WHERE case_id = {swapped} AND seq = 2",
        *(f"UPDATE {table} SET seq = {new} WHERE case_id = {moved} AND seq = {old}" for table in ("event", "content")
          for old, new in ((2, -1), (3, 2), (-1, 3))),
        f"UPDATE event SET happened_at = '2020-01-01T00:00:00.000000Z' WHERE case_id = {dated} AND seq = 2",
        f"DELETE FROM event WHERE case_id = {deleted}",
        f"DELETE FROM cases WHERE id = {deleted}",
    ):  # fmt: skip
        rows.execute(change)
    kinds = {edited: "hash", emptied: "hash", swapped: "content", moved: "link", dated: "columns"}
    wanted = {(f"case {case_id}", kind, 2) for case_id, kind in kinds.items()}
    wanted |= {(f"case {gone}", "gap", 3), (f"case {cut}", "head", last - 1), (f"case {deleted}", "deleted", 1)}
    return wanted | {(f"case {cut}", "cut", last), ("ledger", "count", 0)}


def change_secrets(rows: sqlite3.Connection) -> Found:
    """Who reported and who was reported change places, sealed as they lie."""
    (case_id,) = rows.execute("SELECT case_id FROM secret GROUP BY case_id HAVING count(*) >= 2").fetchone()
    (one, sealed), (other, beside) = rows.execute("SELECT field, value FROM secret WHERE case_id = ? LIMIT 2", (case_id,))
    for field, value in ((one, beside), (other, sealed)):
        rows.execute("UPDATE secret SET value = ? WHERE case_id = ? AND field = ?", (value, case_id, field))
    (last,) = rows.execute("SELECT max(seq) FROM event WHERE case_id = ?", (case_id,)).fetchone()
    return {(f"case {case_id}", "secret", last)}


def change_definitions(rows: sqlite3.Connection) -> Found:
    """Two kinds change texts, and one that no case has goes by another kind's from now on."""
    texts = "SELECT id, digest, canonical FROM definition_version JOIN definition USING (digest) WHERE kind IN (?, ?)"
    one, other = rows.execute(texts, ("clue", "interview")).fetchall()
    for (_id, told, _text), (_other, _told, text) in ((one, other), (other, one)):
        rows.execute("UPDATE definition SET canonical = ? WHERE digest = ?", (text, told))
    unused = "SELECT id FROM definition_version WHERE id NOT IN (SELECT definition_version_id FROM cases)"
    (pointed,) = rows.execute(unused).fetchone()
    lent = "(SELECT digest FROM definition_version WHERE kind = 'rectification')"
    rows.execute(f"UPDATE definition_version SET digest = {lent} WHERE id = ?", (pointed,))
    return {
        (f"version {one[0]}", "definition", 0),
        (f"version {other[0]}", "definition", 0),
        (f"version {pointed}", "version", 0),
    }


def change_trail(rows: sqlite3.Connection) -> Found:
    seen_first = "SELECT min(seq), max(seq) FROM trail WHERE facts LIKE '%10.0.0.1%'"
    first, last = rows.execute(seen_first).fetchone()
    for change in (
        f"UPDATE trail SET facts = replace(facts, '10.0.0.1', '10.0.0.2') WHERE seq = {first}",
        f"UPDATE trail SET actor_id = NULL WHERE seq = {first + 1}",
        f"UPDATE trail SET facts = '{{}}' WHERE seq = {first + 2}",
        f"DELETE FROM trail WHERE seq = {first + 3}",
        *(f"UPDATE trail SET seq = {new} WHERE seq = {old}"
          for old, new in ((first + 5, -1), (first + 6, first + 5), (-1, first + 6))),
        f"UPDATE trail SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = {first + 8}",
        f"DELETE FROM trail WHERE seq = {last}",
    ):  # fmt: skip
        rows.execute(change)
    kinds = {0: "hash", 1: "columns", 2: "hash", 4: "gap", 5: "link", 8: "columns", last - first: "cut"}
    return {("trail", kind, first + n) for n, kind in kinds.items()}


def made_anew(ledger: Path) -> Found:
    """Rewrites a history, the trail and what the checkpoints say of both, with every digest after them; only the key is not his."""
    with closing(sqlite3.connect(ledger)) as rows:
        (case_id,) = long_cases(rows, 1)
        events = "SELECT rowid, seq, facts FROM event WHERE case_id = ? ORDER BY seq"
        facts = [(at, seq, json.loads(told)) for at, seq, told in rows.execute(events, (case_id,))]
        facts[1][2]["happened_at"] = "2020-01-01T00:00:00.000000Z"
        head, heads = "", {}
        for at, seq, told in facts:
            prev, text = head, canonical(told)
            head = heads[seq] = chain_hash("sha256", prev, text)
            rows.execute("UPDATE event SET facts = ?, prev = ?, hash = ? WHERE rowid = ?", (text, prev, head, at))
        rows.execute("UPDATE event SET happened_at = '2020-01-01T00:00:00.000000Z' WHERE case_id = ? AND seq = 2", (case_id,))
        rows.execute("UPDATE cases SET head = ? WHERE id = ?", (head, case_id))
        trail_heads = trail_anew(rows)
        taken = checkpoints_anew(rows, {(case_id, seq): told for seq, told in heads.items()}, trail_heads)
        rows.commit()
    wanted = {(f"checkpoint {n}", "signature", 0) for n in taken} | {(f"{ORIGIN}-{n:06}.json", "forgotten", 0) for n in taken}
    return wanted | {(f"case {case_id}", "rewritten", 1), *(("trail", "rewritten", seq) for seq in trail_heads)}


def trail_anew(rows: sqlite3.Connection) -> dict[int, str]:
    """Takes somebody off a row of the trail, and chains what follows; the heads that the checkpoints know, by length."""
    known = {json.loads(body)["trail"][0] for (body,) in rows.execute("SELECT body FROM checkpoint")}
    begin = min(known) - 5
    (head,) = rows.execute("SELECT prev FROM trail WHERE seq = ?", (begin,)).fetchone()
    heads = {}
    for at, seq, facts in rows.execute("SELECT id, seq, facts FROM trail WHERE seq >= ? ORDER BY seq", (begin,)).fetchall():
        text = canonical({**json.loads(facts), "actor": None}) if seq == begin else facts
        prev, head = head, digest(head, text)
        rows.execute("UPDATE trail SET facts = ?, prev = ?, hash = ? WHERE id = ?", (text, prev, head, at))
        heads[seq] = head
    rows.execute("UPDATE trail SET actor_id = NULL WHERE seq = ?", (begin,))
    return {seq: heads[seq] for seq in known}


def checkpoints_anew(rows: sqlite3.Connection, heads: dict[tuple[int, int], str], trail_heads: dict[int, str]) -> list[int]:
    """Lets every checkpoint say what the ledger says now; their numbers."""
    prev, numbers = "", []
    for at, body in rows.execute("SELECT id, body FROM checkpoint ORDER BY id").fetchall():
        listed = json.loads(body)
        listed["heads"] = [[case, seq, heads.get((case, seq), head)] for case, seq, head in listed["heads"]]
        listed["trail"] = [listed["trail"][0], trail_heads[listed["trail"][0]]]
        told = canonical(listed)
        own = digest(prev, told)
        rows.execute("UPDATE checkpoint SET body = ?, prev = ?, digest = ? WHERE id = ?", (told, prev, own, at))
        prev = own
        numbers.append(int(listed["number"]))
    return numbers
