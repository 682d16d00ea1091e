"""Reconciliation and spells: what history and definition tell, against the clock table and the stretches of time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.copies import Copies
from tests.factories import WHY_LATER, at
from tests.shipped.walking import Walk
from tests.workflow.looking import clock_row, rows_of
from tests.workflow.reads.scenes import Scene, make_swept
from tests.workflow.test_audit import tamper
from workflow.models import Spell
from workflow.reconcile import Mismatch, reconcile
from workflow.spells import compare_spells, rebuild_spells


@pytest.fixture
def scene(copies: Copies) -> Scene:
    """A busy ledger whose first overdue marks and rungs have come."""
    return copies.of(make_swept)


def mismatches(scene: Scene) -> tuple[Mismatch, ...]:
    return scene.read(reconcile)


def kinds_of(scene: Scene, name: str) -> set[tuple[str, str]]:
    return {(found.clock, found.kind) for found in mismatches(scene) if found.case_id == scene.ids[name]}


def test_a_ledger_that_only_the_engine_has_touched_reconciles(scene: Scene) -> None:
    assert mismatches(scene) == ()
    for days in (5, 20, 75, 90):
        scene.tick(date(2026, 3, 20) + timedelta(days))
        assert mismatches(scene) == ()


def test_pauses_extensions_and_send_backs_reconcile(scene: Scene) -> None:
    engine, doing = scene.county.engine, scene.ids["doing"]
    engine.ask_extension(
        doing,
        actor=scene.actor("zhou"),
        now=scene.now,
        clock="rectify",
        wanted_on=date(2026, 6, 20),
        reason="雨季",
        data=WHY_LATER,
    )
    assert mismatches(scene) == ()
    scene.county.fire(doing, "advise_extension", "chen", scene.now, extension_opinion="agreed")
    engine.decide_extension(doing, actor=scene.actor("zhao"), now=scene.now, clock="rectify", granted=True, reason="同意")
    engine.pause(
        scene.ids["elsewhere"], actor=scene.actor("zhao"), now=scene.now, reason="汛期", approver="高建国", max_days=30
    )
    assert mismatches(scene) == ()
    scene.now += timedelta(days=4)
    engine.resume(scene.ids["elsewhere"], actor=scene.actor("lin"), now=scene.now, reason="汛期已过")
    walk = Walk(scene.county, scene.ids["reported"])
    walk.press("send_back", "song", scene.now.date(), hour=13)
    assert mismatches(scene) == ()


def test_a_sweep_that_never_came_is_what_should_have_escalated(scene: Scene) -> None:
    scene.now = at(date(2026, 6, 12))
    found = mismatches(scene)
    assert {mismatch.kind for mismatch in found} == {"missed"}
    missed = next(m for m in found if (m.case_id, m.clock) == (scene.ids["doing"], "rectify"))
    assert missed.expected == ("reminder", clock_row(scene.county, scene.ids["doing"], "rectify")["next_at"])
    scene.tick(scene.now.date())
    assert mismatches(scene) == ()


def test_a_clock_put_to_sleep_behind_the_engines_back_is_found(scene: Scene) -> None:
    tamper(scene, f"UPDATE clock SET next_at = NULL, next_rung = NULL WHERE case_id = {scene.ids['doing']} AND key = 'rectify'")
    assert ("rectify", "next") in kinds_of(scene, "doing")


def test_a_date_moved_behind_the_engines_back_is_found(scene: Scene) -> None:
    tamper(scene, f"UPDATE clock SET due_on = '2026-09-01' WHERE case_id = {scene.ids['doing']} AND key = 'rectify'")
    assert {("rectify", "edited"), ("rectify", "due")} <= kinds_of(scene, "doing")


def test_a_start_moved_behind_the_engines_back_is_found(scene: Scene) -> None:
    tamper(scene, f"UPDATE clock SET started_on = '2026-04-01' WHERE case_id = {scene.ids['to_sign']} AND key = 'sign_for'")
    assert ("sign_for", "started") in kinds_of(scene, "to_sign")


def test_a_clock_that_was_deleted_is_found(scene: Scene) -> None:
    where = f"case_id = {scene.ids['doing']}"
    tamper(scene, f"DELETE FROM fired_rung WHERE {where} AND clock = 'rectify'")
    tamper(scene, f"DELETE FROM clock WHERE {where} AND key = 'rectify'")
    assert ("rectify", "lost") in kinds_of(scene, "doing")


def test_a_rung_that_no_event_tells_of_is_found(scene: Scene) -> None:
    tamper(scene, f"DELETE FROM fired_rung WHERE case_id = {scene.ids['to_sign']} AND rung = 'overdue'")
    assert ("sign_for", "untold") in kinds_of(scene, "to_sign")


BROKEN = {
    "fact": "UPDATE cases SET data = '{{' WHERE id = {id}",
    "event": "UPDATE event SET facts = '{{' WHERE case_id = {id} AND seq = 2",
    "clock": "UPDATE clock SET pauses = '{{' WHERE case_id = {id} AND key = 'rectify'",
    "last content": "UPDATE content SET body = '{{' WHERE case_id = {id} AND seq = (SELECT max(seq) FROM event WHERE case_id = {id})",
}


@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN)
def test_a_case_that_cannot_be_read_is_named_and_the_others_are_looked_at(scene: Scene, damage: str) -> None:
    tamper(scene, damage.format(id=scene.ids["doing"]))
    tamper(scene, f"UPDATE clock SET started_on = '2026-04-01' WHERE case_id = {scene.ids['to_sign']} AND key = 'sign_for'")
    assert ("", "damaged") in kinds_of(scene, "doing")
    assert ("sign_for", "started") in kinds_of(scene, "to_sign")


# ---- spells ---------------------------------------------------------------------------------------------------------------


def test_stored_spells_are_those_that_history_tells(scene: Scene) -> None:
    assert scene.county.database.read(compare_spells) == []


def test_a_wrong_spell_is_found_and_writing_all_anew_mends_it(scene: Scene) -> None:
    stored = rows_of(scene.county, Spell)
    doing, elsewhere = scene.ids["doing"], scene.ids["elsewhere"]
    tamper(scene, f"UPDATE spell SET state = 'closed' WHERE case_id = {doing} AND seq = 1")
    tamper(scene, f"DELETE FROM spell WHERE case_id = {elsewhere}")
    assert scene.county.database.read(compare_spells) == sorted([doing, elsewhere])
    assert scene.county.database.write(rebuild_spells) == len(stored)
    assert rows_of(scene.county, Spell) == stored


def test_an_undone_step_leaves_its_spells_as_history_tells_them(scene: Scene) -> None:
    later = scene.now + timedelta(hours=1)
    scene.county.fire(scene.ids["to_sign"], "sign_for", "zhou", later, pieces=1)
    scene.county.engine.undo(scene.ids["to_sign"], actor=scene.actor("zhou"), now=later + timedelta(minutes=1))
    assert scene.county.database.read(compare_spells) == []


@pytest.mark.parametrize("damage", [BROKEN["event"], BROKEN["last content"]], ids=["event", "last content"])
def test_spells_of_a_case_that_cannot_be_read_are_wrong_and_those_of_others_are_compared(scene: Scene, damage: str) -> None:
    doing, elsewhere = scene.ids["doing"], scene.ids["elsewhere"]
    tamper(scene, damage.format(id=doing), f"DELETE FROM spell WHERE case_id = {elsewhere}")
    assert scene.county.database.read(compare_spells) == sorted([doing, elsewhere])
