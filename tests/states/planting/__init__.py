"""Every fault that a definition can have, planted anywhere in any sound document: what the proofs must find, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from states.schema import canonical_text
from tests.states.planting import clocks, facts, form, kinds, names, people, states
from tests.states.planting.bed import SOUND, Bed, Doc, NotHere

Planter = Callable[[Bed], str]

# Fault id → the ways to plant it; each gives the pointer at which it must be found.
PLANTERS: Mapping[str, tuple[Planter, ...]] = {
    "no_initial": (states.no_initial,),
    "many_initial": (states.many_initial,),
    "unreachable_state": (states.state_that_nothing_leads_to, states.state_that_is_led_past),
    "trap_state": (states.trap_state,),
    "no_way_to_final": (states.no_way_to_final,),
    "final_state_left": (states.final_state_left, states.final_state_left_by_what_reopened),
    "reopens_open_case": (states.reopens_open_case,),
    "reopen_without_date": (states.reopen_without_date, states.one_more_that_asks_no_date),
    "ambiguous_trigger": (states.ambiguous_trigger,),
    "many_main": (states.many_main,),
    "closing_without_ground": (states.closing_without_ground,),
    "recipient_not_asked": (states.recipient_not_asked,),
    "reserved_key": (states.reserved_key,),
    "unknown_name": (
        names.unknown_name,
        names.unknown_target,
        names.unknown_callback,
        names.unknown_part_of_a_post,
        names.unknown_owner,
        names.unknown_ladder,
    ),
    "wrong_post": (names.wrong_post,),
    "nobody_asked": (names.nobody_asked,),
    "wrong_owner": (names.wrong_owner, names.wrong_interviewer),
    "wrong_parameter": (names.wrong_parameter,),
    "question_not_asked": (
        names.guard_over_what_is_not_asked,
        names.effect_of_what_is_not_asked,
        names.answer_beside_that_is_not_asked,
        names.choice_beside_what_is_not_asked,
    ),
    "duplicate_key": (names.duplicate_key,),
    "transition_nobody_may_fire": (people.transition_nobody_may_fire,),
    "opened_by_nobody": (people.opened_by_nobody,),
    "access_that_adds_nothing": (people.access_said_twice, people.access_in_a_state_that_is_given_everywhere),
    "roles_that_do_and_approve": (people.roles_that_do_and_approve,),
    "decision_by_nobody": (people.decision_by_nobody,),
    "decision_unfit": (people.decision_with_approval, people.decision_about_a_secret),
    "rung_to_missing_level": (people.rung_to_missing_level, people.rung_to_an_interviewer_of_what_has_none),
    "state_without_running_clock": (clocks.state_without_running_clock, clocks.state_that_clocks_only_stand_in),
    "clocks_too_tangled": (clocks.clocks_too_tangled,),
    "clock_never_started": (clocks.clock_never_started,),
    "later_never_started": (clocks.later_never_started,),
    "clock_never_settled": (clocks.clock_never_settled,),
    "clock_in_final_state": (clocks.clock_in_final_state,),
    "runs_and_stands": (clocks.runs_and_stands,),
    "limit_table_without_last_row": (clocks.limit_table_without_last_row, clocks.limit_table_that_ends_with_a_date),
    "limit_row_never_reached": (clocks.limit_row_never_reached, clocks.limit_row_behind_a_wider_one),
    "many_main_clocks": (clocks.many_main_clocks,),
    "by_length_without_ladders": (clocks.by_length_without_ladders,),
    "ladder_out_of_order": (clocks.ladder_out_of_order,),
    "ladder_unused": (clocks.ladder_unused,),
    "clock_never_due": (clocks.clock_never_due,),
    "rung_before_start": (clocks.rung_before_start,),
    "rung_behind_held": (clocks.rung_behind_held,),
    "tier_never_reached": (clocks.tier_never_reached,),
    "field_read_never_filled": (facts.field_read_never_filled,),
    "secret_field_read": (
        facts.secret_field_read,
        facts.secret_column_filtered,
        facts.secret_field_copied,
        facts.fits_a_secret,
    ),
    "text_told_to_its_subject": (facts.text_copied_to_its_subject, facts.text_as_the_title_of_its_subject),
    "field_of_wrong_type": (
        facts.field_of_wrong_type_in_a_limit,
        facts.date_field_that_is_none,
        facts.days_counted_to_what_is_no_date,
    ),
    "unknown_choice": (
        facts.unknown_choice_in_a_limit,
        facts.unknown_choice_in_a_guard,
        facts.unknown_choice_set,
        facts.unknown_choice_beside,
        facts.unknown_choice_that_fits,
    ),
    "question_unlike_fact": (facts.question_unlike_fact,),
    "agenda_kind_has_secret_fields": (kinds.agenda_kind_has_secret_fields,),
    "interview_kind_incomplete": (
        kinds.interview_that_cannot_be_withdrawn,
        kinds.interview_that_fixes_no_dates,
        kinds.interview_that_is_never_so,
    ),
    "consent_incomplete": (
        kinds.consent_found_by_nothing,
        kinds.consent_to_what_needs_none,
        kinds.consent_that_is_not_asked_for,
        kinds.consent_that_is_not_answered,
        kinds.consent_that_moves_the_case,
    ),
    "wrong_number_pattern": (states.wrong_number_pattern,),
    "text_missing_language": (states.text_missing_language,),
    "scenario_speaks_of_nothing": (
        kinds.scenario_of_no_state,
        kinds.scenario_of_no_step,
        kinds.scenario_of_no_organ,
        kinds.scenario_of_no_clock,
        kinds.scenario_of_no_rung,
        kinds.scenario_that_ships_misspelt,
    ),
    "scenario_tells_words": (
        kinds.scenario_with_a_fact_of_words,
        kinds.scenario_with_a_secret,
        kinds.scenario_with_another_choice,
        kinds.scenario_whose_step_is_answered_in_words,
    ),
    "scenario_out_of_order": (kinds.scenario_out_of_order,),
    "scenario_votes_amiss": (kinds.vote_on_what_nobody_decides, kinds.vote_of_nobody),
    "scenarios_too_many": (kinds.more_scenarios_than_may_be, kinds.more_steps_than_may_be),
    "missing_key": (form.missing_key,),
    "unknown_key": (form.unknown_key,),
    "wrong_type": (form.wrong_type,),
    "wrong_value": (form.wrong_value, form.huge_number),
    "not_a_key": (form.not_a_key,),
    "not_a_limit": (form.not_a_limit,),
    "not_a_day": (form.not_a_day,),
    "too_few": (form.too_few,),
    "too_many": (form.too_many,),
    "does_not_fit_type": (form.does_not_fit_type,),
    "opens_nothing": (form.opens_nothing,),
    "limit_or_date_field": (form.limit_or_date_field,),
}
ROUNDS = 40  # so often every sound document is tried before a fault counts as one that fits nowhere


@dataclass(frozen=True, slots=True)
class Planted:
    """A document with one fault, the way it was planted, and the pointer at which it must be found."""

    bed: str
    way: str
    seed: int
    doc: Doc
    pointer: str


def planted(fault: str, most: int) -> Iterator[Planted]:
    """Different documents with this fault: every way in turn, in every sound document in turn, at places of the dice."""
    ways, seen = PLANTERS[fault], set[str]()
    for seed in range(ROUNDS * len(SOUND)):
        bed, way = Bed(SOUND[seed % len(SOUND)], seed), ways[(seed + seed // len(SOUND)) % len(ways)]
        try:
            pointer = way(bed)
        except NotHere:
            continue
        written = canonical_text(bed.doc)
        if written not in seen:
            seen.add(written)
            yield Planted(bed.name, way.__name__, seed, bed.doc, pointer)
        if len(seen) == most:
            return
