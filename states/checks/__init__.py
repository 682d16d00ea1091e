"""The proofs: a definition is proven before it is served. PROOFS is their table of contents.

Each proof is one function with one stable id (a few have two, one for each side of a rule), and finds every fault of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from states.checks import clocks, facts, graph, kinds, ladders, names, people, scenarios
from states.checks.sentences import sentence
from states.definition import Definition
from states.errors import DefinitionError
from states.faults import Fault
from states.schema import load
from states.vocabulary import Vocabulary

Proof = Callable[[Definition, Vocabulary], Iterator[Fault]]

PROOFS: tuple[Proof, ...] = (
    graph.initial_state,
    graph.unreachable_state,
    graph.trap_state,
    graph.no_way_to_final,
    graph.final_state_left,
    graph.reopens_open_case,
    graph.reopen_without_date,
    graph.ambiguous_trigger,
    graph.many_main,
    graph.closing_without_ground,
    graph.recipient_not_asked,
    graph.reserved_key,
    names.unknown_name,
    names.wrong_post,
    names.nobody_asked,
    names.wrong_owner,
    names.wrong_parameter,
    names.question_not_asked,
    names.duplicate_key,
    people.transition_nobody_may_fire,
    people.opened_by_nobody,
    people.access_that_adds_nothing,
    people.roles_that_do_and_approve,
    people.decision_by_nobody,
    people.decision_unfit,
    people.rung_to_missing_level,
    clocks.state_without_running_clock,
    clocks.clocks_too_tangled,
    clocks.clock_never_started,
    clocks.later_never_started,
    clocks.clock_never_settled,
    clocks.clock_in_final_state,
    clocks.runs_and_stands,
    clocks.limit_table_without_last_row,
    clocks.limit_row_never_reached,
    clocks.many_main_clocks,
    clocks.by_length_without_ladders,
    ladders.ladder_out_of_order,
    ladders.ladder_unused,
    ladders.clock_never_due,
    ladders.rung_before_start,
    ladders.rung_behind_held,
    ladders.tier_never_reached,
    facts.field_read_never_filled,
    facts.secret_field_read,
    facts.text_told_to_its_subject,
    facts.field_of_wrong_type,
    facts.unknown_choice,
    facts.question_unlike_fact,
    kinds.agenda_kind_has_secret_fields,
    kinds.interview_kind_incomplete,
    kinds.consent_incomplete,
    kinds.wrong_number_pattern,
    kinds.text_missing_language,
    scenarios.scenario_speaks_of_nothing,
    scenarios.scenario_tells_words,
    scenarios.scenario_out_of_order,
    scenarios.scenario_votes_amiss,
    scenarios.scenarios_too_many,
)

__all__ = ["PROOFS", "prove", "sentence"]


def prove(document: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[Fault, ...]:
    """Every fault of the document at once, in the order of the proofs; none for a definition that may be served.

    A document that cannot even be read has only its faults of form.
    """
    try:
        definition = load(document)
    except DefinitionError as error:
        faults: tuple[Fault, ...] = error.params["faults"]
        return faults
    return prove_definition(definition, vocabulary)


def prove_definition(definition: Definition, vocabulary: Vocabulary) -> tuple[Fault, ...]:
    """The same of a definition that has been read."""
    return tuple(fault for proof in PROOFS for fault in proof(definition, vocabulary))
