"""The variants of the gallery and the scenarios that ship: each is proven, and lives as it says."""

from __future__ import annotations

import copy

import pytest

from states.checks import prove
from states.overlay import overlaid
from web.wiring import Variant, gallery, shipped_titles, shipped_workflows, vocabulary
from workflow.calendars import shipped
from workflow.versions import made_county, proving

WORDS = vocabulary(shipped_titles())
KINDS = {kind: document.data for kind, document in shipped_workflows().items()}
WITH_SCENARIOS = sorted(kind for kind, document in KINDS.items() if document.get("scenarios"))


def examine(document: dict[str, object]) -> proving.Examined:
    from handlers.registry import EFFECTS, RUNGS

    office = made_county.Office(EFFECTS, RUNGS, WORDS.organ_kinds, shipped())
    return proving.examine(document, vocabulary=WORDS, others=KINDS, office=office)


@pytest.mark.parametrize("key", sorted(gallery()))
def test_every_variant_is_proven_and_its_scenarios_come_out(key: str) -> None:
    variant: Variant = gallery()[key]
    examined = examine(dict(variant.document))
    assert examined.faults == ()
    assert examined.told
    assert [one.differences for one in examined.told if one.differences] == []


@pytest.mark.parametrize("kind", WITH_SCENARIOS)
def test_every_shipped_scenario_comes_out(kind: str) -> None:
    assert [one.differences for one in examine(KINDS[kind]).told if one.differences] == []


def test_the_kinds_that_somebody_registers_by_hand_and_watches_have_scenarios() -> None:
    assert {"clue", "rectification", "interview", "supervision_order"} <= set(WITH_SCENARIOS)


def test_a_variant_differs_from_the_kind_it_varies_in_every_language() -> None:
    for variant in gallery().values():
        assert variant.document != KINDS[variant.kind]
        assert set(variant.title) == {"zh-Hans", "zh-Hant", "en"}


def test_a_change_of_what_there_is_not_is_refused() -> None:
    with pytest.raises(KeyError):
        overlaid(KINDS["clue"], [{"at": "clocks/nothing/limits", "put": []}])


def test_a_scenario_that_comes_out_otherwise_is_told_with_what_was_found() -> None:
    document = copy.deepcopy(KINDS["rectification"])
    scenario = document["scenarios"][0]
    scenario["expect"] = {
        "state": "closed",
        "due": {"rectify": "2026-06-27"},
        "rungs": [{"clock": "rectify", "rung": "red", "on": "2026-06-30"}],
    }
    scenario["steps"].append({"on": scenario["until"], "do": "sign_for"})
    document["scenarios"] = [scenario]
    (told,) = examine(document).told
    assert [one.what for one in told.differences] == ["step", "state", "due", "rung"]
    assert told.differences[0].params["why"] == "wrong_state"
    assert prove(document, WORDS) == ()
