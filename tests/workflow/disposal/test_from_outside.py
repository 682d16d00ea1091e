"""What the outside verifier says of a ledger with a tombstone, and of one where somebody made a case vanish without."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import County, at
from tests.tampering import tamper
from tests.workflow.disposal.acts import THIRTY_YEARS, TITLE, Cellar
from tests.workflow.looking import rows_of
from tests.workflow.reads.scenes import Scene
from tests.workflow.test_verifier import MADE, Kept
from workflow import keyring
from workflow.models import Secret


@pytest.fixture
def kept(county: County, cellar: Cellar, tmp_path: Path) -> Kept:
    """A ledger with a checkpoint before a disposal and one after it."""
    case_id, other = cellar.clue(), cellar.voided(file="另一张照片")
    made = Kept(Scene(county, at(THIRTY_YEARS), {"gone": case_id, "kept": other}), tmp_path)
    keyring.make_key(made.keys, "checkpoint", MADE)
    made.checkpoint(at(THIRTY_YEARS, 9))
    cellar.dispose(case_id)
    made.checkpoint(at(THIRTY_YEARS, 12) + timedelta(hours=1))
    return made


def test_a_tombstone_gives_no_false_alarm_in_any_form(kept: Kept) -> None:
    assert kept.faults() == []
    assert kept.faults(kept.export()) == []
    assert kept.faults(kept.export(with_content=False)) == []


def test_a_secret_left_in_an_emptied_case_is_named(kept: Kept) -> None:
    case_id = kept.scene.ids["gone"]
    assert rows_of(kept.scene.county, Secret, case_id=case_id) == []
    row = f"({case_id}, 'reporter_name', 'sealed:aes-256-gcm:x:y')"
    tamper(kept.scene.county.database.url, f"INSERT INTO secret (case_id, field, value) VALUES {row}")
    assert [kind for *_place, kind in kept.faults()] == ["secret"]


def test_a_content_that_vanished_without_a_tombstone_is_named(kept: Kept) -> None:
    case_id = kept.scene.ids["kept"]
    tamper(kept.scene.county.database.url, f"DELETE FROM content WHERE case_id = {case_id} AND seq = 2")
    assert [(where, first, kind) for where, first, _last, kind in kept.faults()] == [(f"case {case_id}", 2, "erased")]


def test_a_disposal_that_is_cut_off_again_is_found_by_whoever_remembers_it(kept: Kept) -> None:
    case_id, url = kept.scene.ids["gone"], kept.scene.county.database.url
    where = f"case_id = {case_id} AND seq = (SELECT seq FROM cases WHERE id = {case_id})"
    tamper(url, f"DELETE FROM content WHERE {where}", f"DELETE FROM event WHERE {where}")
    assert {"cut", "erased"} <= {kind for _where, _first, _last, kind in kept.faults()}


def test_words_put_back_into_an_emptied_case_are_found(kept: Kept) -> None:
    case_id = kept.scene.ids["gone"]
    tamper(kept.scene.county.database.url, f"UPDATE cases SET title = '{TITLE}' WHERE id = {case_id}")
    assert [kind for *_place, kind in kept.faults()] == ["facts"]
