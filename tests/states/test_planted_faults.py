"""One planted fault for each proof, in ten different documents at least: found by its id, at its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from states.checks import prove
from states.checks.sentences import SENTENCES
from tests.drills.scale import size
from tests.states.planting import PLANTERS, planted
from tests.states.planting.bed import SOUND, Bed
from tests.states.samples import VOCABULARY

THREE = replace(VOCABULARY, languages=("zh-Hans", "zh-Hant", "en"))
LEAST = 10
VARIANTS = size(test=11, drill=50)


def test_every_fault_that_is_told_can_be_planted() -> None:
    assert set(PLANTERS) == set(SENTENCES)


@pytest.mark.parametrize("name", SOUND)
def test_a_bed_has_no_fault_before_one_is_planted(name: str) -> None:
    assert prove(Bed(name, 0).doc, THREE) == ()


@pytest.mark.parametrize("fault", PLANTERS)
def test_a_planted_fault_is_found_by_its_id_and_at_its_place(fault: str) -> None:
    tried = 0
    for variant in planted(fault, VARIANTS):
        found = {(one.id, one.pointer) for one in prove(variant.doc, THREE)}
        assert (fault, variant.pointer) in found, (variant.bed, variant.way, variant.seed, variant.pointer, sorted(found))
        tried += 1
    assert tried >= LEAST
