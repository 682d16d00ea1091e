"""The night's checks over a real ledger: silent when all is well, and each finding named."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.copies import Copies
from tests.workflow.looking import rows_of
from tests.workflow.reads.scenes import Scene, make_swept
from tests.workflow.test_audit import tamper
from web.wiring import shipped_workflows
from workflow.models import Note, ProviderTrip, Throttle, Trail
from workflow.nightly import check_night, compare_ways
from workflow.people import trips
from workflow.permissions import CASES
from workflow.reads.health import health, unfilled_organs

FOUND = ("audit", "spells", "former", "clocks", "visibility", "register")


@pytest.fixture
def scene(copies: Copies) -> Scene:
    """A busy ledger whose first rungs have come."""
    return copies.of(make_swept)


def checks_of(scene: Scene) -> list[str]:
    return [note.told["check"] for note in scene.county.database.read(health).self_checks]


def test_a_good_ledger_has_a_quiet_night(scene: Scene, tmp_path: Path) -> None:
    counts = check_night(scene.county.engine, tmp_path, scene.now, archive_days=90)
    assert [counts[name] for name in FOUND] == [0, 0, 0, 0, 0, 0]
    assert rows_of(scene.county, Note, kind="self_check") == []


@pytest.mark.parametrize(
    ("check", "damage"),
    [
        ("audit", "UPDATE {cases} SET title = '改过的题目' WHERE id = {id}"),
        ("spells", "UPDATE spell SET state = 'closed' WHERE case_id = {id} AND seq = 1"),
        ("former", "UPDATE facet SET value = 'heavy' WHERE case_id = {id} AND field = 'urgency'"),
        ("register", "UPDATE {cases} SET number = '另编' WHERE id = {id}"),
        ("clocks", "UPDATE clock SET next_at = NULL, next_rung = NULL WHERE case_id = {id} AND key = 'rectify'"),
    ],
)
def test_each_damage_stands_on_the_health_page(scene: Scene, tmp_path: Path, check: str, damage: str) -> None:
    tamper(scene, damage.format(id=scene.ids["doing"], cases=CASES.name))
    assert check_night(scene.county.engine, tmp_path, scene.now, archive_days=90)[check] > 0
    assert check in checks_of(scene)


def test_what_the_audit_found_stays_known_and_the_night_goes_on_where_a_check_raises(scene: Scene, tmp_path: Path) -> None:
    """A date that is none: no row of the clocks can be read, and the title of a case was changed."""
    if scene.county.database.is_sqlite:
        damage = "UPDATE clock SET started_on = 'never' WHERE case_id = {id}"
    else:
        damage = "ALTER TABLE clock RENAME COLUMN started_on TO begun_on"
    tamper(scene, damage.format(id=scene.ids["doing"]))
    tamper(scene, f"UPDATE cases SET title = '改过的题目' WHERE id = {scene.ids['to_sign']}")
    tamper(scene, f"UPDATE cases SET number = '另编' WHERE id = {scene.ids['elsewhere']}")
    with capture_logs() as logs:
        counts = check_night(scene.county.engine, tmp_path, scene.now, archive_days=90)
    assert counts["audit"] > 0 < counts["register"] and counts["failed"] > 0
    told = [note.told for note in scene.county.database.read(health).self_checks]
    assert {"audit", "register"} <= {one["check"] for one in told if "error" not in one}
    failed = {one["check"] for one in told if "error" in one}
    assert "clocks" in failed and len(failed) == counts["failed"]
    assert {one["check"] for one in logs if one["event"] == "night_failed" and one["exc_info"]} == failed


@pytest.mark.parametrize("damage", ["cases SET data", "content SET body"])
def test_a_damaged_row_is_found_by_every_check_that_reads_it(scene: Scene, tmp_path: Path, damage: str) -> None:
    case_id = scene.ids["doing"]
    where = f"id = {case_id}" if "cases" in damage else f"case_id = {case_id} AND seq = 2"
    tamper(scene, f"UPDATE {damage} = '{{' WHERE {where}")
    with capture_logs():
        check_night(scene.county.engine, tmp_path, scene.now, archive_days=90)
    found = {(note.told["check"], note.told.get("case")) for note in scene.county.database.read(health).self_checks}
    assert {("audit", case_id), ("former", case_id)} <= found


def test_a_night_that_cannot_say_who_opened_what_is_not_over_and_has_done_all_else(scene: Scene, tmp_path: Path) -> None:
    tamper(scene, "ALTER TABLE trail RENAME COLUMN cases TO those")
    tamper(scene, f"UPDATE cases SET number = '另编' WHERE id = {scene.ids['doing']}")
    with capture_logs(), pytest.raises(Exception, match="cases"):
        check_night(scene.county.engine, tmp_path, scene.now, archive_days=90)
    assert {"register", "opened"} <= set(checks_of(scene))


def test_a_door_that_shows_something_else_is_an_alarm(scene: Scene, tmp_path: Path) -> None:
    """A case has fallen out of the index, and its number is no longer what anybody types: the search shows less than the list."""
    county = scene.county
    tamper(scene, f"UPDATE cases SET number = number || ' ' WHERE id = {scene.ids['received']}")
    tamper(scene, f"DELETE FROM search_text WHERE case_id = {scene.ids['received']}")
    found = compare_ways(county.engine, scene.now, people=100, cases=100)
    assert {(one.way, one.case_id) for one in found} == {("search", scene.ids["received"])}
    told = [row["facts"] for row in rows_of(county, Trail, action="alarm")]
    assert [json.loads(facts)["result"] for facts in told] == [str(len(found))]
    assert set(checks_of(scene)) == {"visibility"}


def test_a_group_with_a_row_too_many_and_a_chart_without_one_of_its_rows_are_alarms(scene: Scene) -> None:
    """A fact has left a value behind; a case is registered after today, and is of no age."""

    def ways() -> set[str]:
        return {one.way for one in compare_ways(scene.county.engine, scene.now, people=100, cases=100)}

    assert ways() == set()
    facts = {(kind, field["key"]) for kind, text in shipped_workflows().items() for field in text.data["fields"]}
    for value in ("left", "behind"):
        into = "INSERT INTO facet (case_id, field, value)"
        tamper(scene, *(f"{into} SELECT id, '{key}', '{value}' FROM cases WHERE kind = '{kind}'" for kind, key in facts))
    assert ways() == {"group"}
    tamper(scene, "DELETE FROM facet WHERE value IN ('left', 'behind')")
    tamper(scene, f"UPDATE cases SET opened_on = '2999-01-01' WHERE id = {scene.ids['received']}")
    assert ways() == {"chart"}


def test_bytes_that_no_row_speaks_of_and_old_failures_are_swept_away(scene: Scene, tmp_path: Path) -> None:
    lost = tmp_path / "files" / "incoming" / "broken-off"
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"half")
    two_days_ago = (scene.now - timedelta(days=2)).timestamp()
    os.utime(lost, (two_days_ago, two_days_ago))
    old = {"key": "k", "failures": 3, "last_at": scene.now - timedelta(days=40)}
    scene.county.database.write(lambda store: store.insert(Throttle, [old]))
    scene.county.database.write(lambda store: trips.begin(store, state="s", now=scene.now - timedelta(hours=1)))
    assert check_night(scene.county.engine, tmp_path, scene.now, archive_days=90)["files"] == 1
    assert not lost.exists()
    assert rows_of(scene.county, Throttle) == rows_of(scene.county, ProviderTrip) == []


def test_a_body_with_work_and_nobody_in_post_is_named(scene: Scene) -> None:
    def names() -> list[str]:
        return scene.county.database.read(lambda store: unfilled_organs(store, today=scene.now.date()))

    assert names() == []
    tamper(scene, f"UPDATE role_grant SET until = '2026-03-10' WHERE organ_id = {scene.county.organs['shimen_branch']}")
    assert names() == ["石门村党支部"]
