"""The proofs find what they are for, and only that; the shipped definitions have no fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.documents import Document, parse
from states.checks import PROOFS, prove, sentence
from states.checks.sentences import SENTENCES
from states.definition import Definition
from states.faults import Fault
from states.schema import dump, load
from tests.states.mutations import ALSO, MUTATIONS, Mutation, NotHere
from tests.states.samples import SHIPPED, SMALL, VOCABULARY, definition, document

THREE = replace(VOCABULARY, languages=("zh-Hans", "zh-Hant", "en"))
FORM_FAULTS = {
    "missing_key",
    "unknown_key",
    "wrong_type",
    "wrong_value",
    "not_a_key",
    "not_a_limit",
    "not_a_day",
    "too_few",
    "too_many",
    "does_not_fit_type",
    "opens_nothing",
    "limit_or_date_field",
}
CASES = [(proof, number, way) for proof, ways in MUTATIONS.items() for number, way in enumerate(ways)]
mutations = pytest.mark.parametrize(("proof", "number", "way"), CASES, ids=lambda part: str(part) if not callable(part) else "")


@pytest.mark.parametrize("name", ["small", *SHIPPED])
def test_a_shipped_definition_has_no_fault_in_three_languages(name: str) -> None:
    assert prove(document(name), THREE) == ()


@mutations
def test_a_spoiled_small_definition_is_found_by_its_proof_alone(proof: str, number: int, way: Mutation) -> None:
    spoiled = document()
    try:
        way(spoiled)
    except NotHere:
        # It has no such ladder and is no interview; shipped ones have and are.
        assert way.__name__ in ("rung_before_start_by_length", "interviewer_without_kind")
        return
    found = {fault.id for fault in prove(spoiled, THREE)}
    assert proof in found
    assert found - {proof} <= ALSO.get(proof, set())


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("proof", MUTATIONS)
def test_a_spoiled_shipped_definition_is_found_by_its_proof_alone(name: str, proof: str) -> None:
    spoiled = document(name)
    try:
        MUTATIONS[proof][-1](spoiled)
    except NotHere:
        return
    found = {fault.id for fault in prove(spoiled, THREE)}
    assert proof in found
    assert found - {proof} <= ALSO.get(proof, set())


@mutations
def test_each_fault_points_at_a_part_of_the_document_and_has_a_sentence(proof: str, number: int, way: Mutation) -> None:
    spoiled = document()
    try:
        way(spoiled)
    except NotHere:
        return
    for fault in prove(spoiled, THREE):
        assert _part_at(spoiled, fault.pointer) is not None
        for language in ("zh-Hans", "en"):
            said = sentence(fault, language)
            assert said
            assert "{" not in said.replace("{n}", "").replace("{year}", "").replace("{parent}", "") or "{" in str(fault.params)


# A fault about something left unsaid points at what it would be part of, one or two keys deeper than what is written.
def _part_at(spoiled: object, pointer: str) -> object:
    here: object = spoiled
    for part in pointer.split("/")[1:]:
        if isinstance(here, list):
            here = here[int(part)]
        elif isinstance(here, dict):
            here = here.get(part, here)
    return here


def test_every_proof_has_a_mutation_and_every_fault_a_sentence() -> None:
    named = {proof.__name__ for proof in PROOFS} - {"initial_state"} | {"no_initial", "many_initial"}
    assert named == set(MUTATIONS)
    assert set(SENTENCES) == named | FORM_FAULTS


def test_all_faults_are_told_at_once() -> None:
    spoiled = document()
    for proof in ("unreachable_state", "closing_without_ground", "ladder_unused", "wrong_number_pattern"):
        MUTATIONS[proof][0](spoiled)
    assert {fault.id for fault in prove(spoiled, VOCABULARY)} == {
        "unreachable_state",
        "closing_without_ground",
        "ladder_unused",
        "wrong_number_pattern",
    }


def test_a_document_that_cannot_be_read_has_only_its_faults_of_form() -> None:
    spoiled = document()
    MUTATIONS["unreachable_state"][0](spoiled)
    spoiled["states"][0]["initail"] = True
    assert prove(spoiled, VOCABULARY) == (Fault("unknown_key", "/states/0/initail", {"name": "initail", "meant": "initial"}),)


def test_a_misspelt_name_is_told_with_the_one_that_was_meant() -> None:
    spoiled = document()
    spoiled["transitions"][0]["to"] = "supervisd"
    fault = next(f for f in prove(spoiled, VOCABULARY) if f.id == "unknown_name")
    assert fault == Fault("unknown_name", "/transitions/0/to", {"what": "state", "name": "supervisd", "meant": "supervised"})
    assert sentence(fault) == "没有名为“supervisd”的状态，是不是“supervised”？"
    assert sentence(fault, "en") == "there is no state called “supervisd”, did you mean “supervised”?"


def test_a_fault_has_the_line_of_the_document() -> None:
    text = SMALL.replace("do: remind,", "do: remindd,")
    read: Document = parse(text, name="note.yaml")
    (fault,) = prove(read.data, VOCABULARY)
    assert "remindd" in text.splitlines()[read.line_of(fault.pointer) - 1]


def test_one_language_is_enough_unless_more_are_asked_for() -> None:
    bare = document()
    bare["title"] = "便函"
    assert prove(bare, VOCABULARY) == ()
    assert {fault.id for fault in prove(bare, THREE)} == {"text_missing_language"}


def test_what_only_looks_like_a_fault_is_none() -> None:
    fine = document()
    fine.pop("measure_word")  # its default has one language, and nobody wrote it
    ladder = fine["ladders"][0]["tiers"][0]
    ladder[1].update(holds=True)
    ladder.append({**ladder[1], "key": "order", "holds": False})  # at the same time as the rung that holds
    assert prove(fine, THREE) == ()


def test_the_shortest_way_to_write_a_definition_has_the_same_faults() -> None:
    for name in SHIPPED:
        d: Definition = definition(name)
        assert load(dump(d)) == d
        assert prove(dump(d), THREE) == ()
