"""The guards, and how conditions join them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.definition import Condition, Text
from states.facts import AgendaItem, Child, Facts
from states.guards import GUARDS, Unmet, holds, unmet
from states.vocabulary import Parameter, Signature, guard_signatures, signature_of


def facts(**more: Any) -> Facts:
    return Facts(**{"kind": "clue", "state": "supervised", "answers": {}, **more})


def yes(name: str, found: Facts, **params: Any) -> bool:
    return holds(Condition(name, params), found)


@pytest.mark.parametrize(
    ("evidence", "params", "held"),
    [
        ((), {"at_least": 0}, True),
        ((), {}, False),
        (("",), {}, True),
        (("",), {"at_least": 2}, False),
        (("", "scan"), {"labels": ["scan"]}, True),
        (("", ""), {"labels": ["scan"]}, False),
    ],
)
def test_evidence_is_counted_and_looked_at_by_label(evidence: tuple[str, ...], params: dict[str, Any], held: bool) -> None:
    assert yes("has_evidence", facts(evidence=evidence), **params) is held


@pytest.mark.parametrize(
    ("value", "filled"), [(None, False), ("", False), ([], False), ({}, False), (0, True), (False, True), ("x", True)]
)
def test_a_fact_is_filled_when_it_is_known(value: object, filled: bool) -> None:
    assert yes("field_filled", facts(data={"a": value}), field="a") is filled
    assert not yes("field_filled", facts(), field="a")


def test_a_fact_is_what_it_is_and_an_unset_flag_is_false() -> None:
    assert yes("field_is", facts(data={"a": "x"}), field="a", value="x")
    assert not yes("field_is", facts(data={"a": "x"}), field="a", value="y")
    assert yes("field_is", facts(), field="a", value=False)
    assert yes("field_is", facts(data={"a": False}), field="a", value=False)
    assert not yes("field_is", facts(data={"a": True}), field="a", value=False)
    assert not yes("field_is", facts(data={"a": 1}), field="a", value=True)
    assert not yes("field_is", facts(data={"a": 0}), field="a", value=False)
    assert yes("field_in", facts(data={"a": "x"}), field="a", values=["y", "x"])
    assert not yes("field_in", facts(), field="a", values=["y", "x"])


def test_firings_are_counted_in_this_cycle() -> None:
    once = facts(tally={"hand_back": 1})
    assert yes("fired_at_least", once, trigger="hand_back")
    assert not yes("fired_at_least", once, trigger="hand_back", times=2)
    assert yes("fired_at_most", once, trigger="hand_back", times=1)
    assert not yes("fired_at_most", once, trigger="hand_back", times=0)
    assert yes("fired_at_most", once, trigger="other", times=0)


def test_children_are_looked_at_by_kind_state_and_facts() -> None:
    done = Child("measure", "done", True, {"label": "dated"})
    doing = Child("measure", "doing", False, {"label": "dated"})
    other = Child("order", "issued", False)
    assert yes("has_children", facts(children=(done, other)), kind="measure")
    assert not yes("has_children", facts(children=(done, other)), kind="measure", at_least=2)
    assert yes("children_all", facts(children=(done, other)), kind="measure", states=["done"])
    assert not yes("children_all", facts(children=(done, doing)), kind="measure", states=["done"])
    assert yes("children_all", facts(), kind="measure", states=["done"])
    assert yes("children_all", facts(children=(done,)), kind="measure", states=["done"], data={"label": ["dated"]})
    assert not yes("children_all", facts(children=(done,)), kind="measure", states=["done"], data={"label": ["long_term"]})


@pytest.mark.parametrize(
    ("closed_on", "last"),
    [
        (date(2026, 3, 26), date(2027, 3, 26)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2026, 12, 31), date(2027, 12, 31)),
    ],
)
def test_a_case_was_closed_within_a_year_until_the_same_day_of_the_next(closed_on: date, last: date) -> None:
    assert yes("closed_within", facts(closed_on=closed_on, today=last), months=12)
    assert not yes("closed_within", facts(closed_on=closed_on, today=last + timedelta(1)), months=12)
    assert yes("closed_within", facts(today=last), months=12)


def test_the_day_that_a_fact_names_has_come_on_that_day_and_one_that_is_not_named_stands_in_no_way() -> None:
    held = {"held_on": "2026-03-24"}
    assert yes("date_reached", facts(data=held, today=date(2026, 3, 24)), field="held_on")
    assert not yes("date_reached", facts(data=held, today=date(2026, 3, 23)), field="held_on")
    assert yes("date_reached", facts(data={}, today=date(2026, 3, 23)), field="held_on")
    (early,) = unmet([Condition("date_reached", {"field": "held_on"})], facts(data=held, today=date(2026, 3, 23)))
    assert early.told == {"from_on": "2026-03-24"}


def test_a_guard_over_an_answer_says_what_is_wrong_with_it_and_from_which_day_on_it_would_do() -> None:
    two = Condition("min_workdays", {"field": "held_on", "days": 2})
    ahead = {"workdays": {"held_on": 1}, "workday_ahead": lambda days: date(2026, 3, 20) + timedelta(days)}
    (near,) = unmet([two], facts(answers={"held_on": date(2026, 3, 21)}, **ahead))
    assert near.at == {"held_on": ["too_near:2:2026-03-22"]}
    assert unmet([two], facts(answers={}, **ahead))[0].at == {"held_on": ["required"]}
    agenda = (AgendaItem(7, False), AgendaItem(8, True), AgendaItem(9, False))
    (undated,) = unmet([Condition("agenda_dated")], facts(answers={"new_dates": {"9": date(2026, 4, 1)}}, agenda=agenda))
    assert undated.at == {"new_dates/7": ["required"]}
    township = {"answers": {"recipient": 4}, "recipient_kind": "b"}
    assert unmet([Condition("recipient_is", {"kinds": ["a"]})], facts(**township))[0].at == {"recipient": ["wrong_kind"]}


def test_pauses_requests_cycles_and_approvals() -> None:
    assert yes("is_paused", facts(paused=True))
    assert not yes("is_paused", facts())
    assert yes("is_waiting", facts(waiting=frozenset({"extension"})), request="extension")
    assert not yes("is_waiting", facts(), request="extension")
    assert yes("in_cycle_after", facts(cycle=2), cycle=1)
    assert not yes("in_cycle_after", facts(cycle=1), cycle=1)
    assert yes("approval_given", facts(approvals=frozenset({"close"})), trigger="close")
    assert not yes("approval_given", facts(), trigger="close")


def test_a_clock_is_live_from_its_start_until_it_is_settled() -> None:
    assert yes("clock_is_live", facts(clocks=frozenset({"approval"})), clock="approval")
    assert not yes("clock_is_live", facts(), clock="approval")


def test_working_days_ahead_are_counted_to_the_date_that_was_answered() -> None:
    assert yes("min_workdays", facts(answers={}, workdays={"held_on": 2}), field="held_on", days=2)
    assert not yes("min_workdays", facts(answers={}, workdays={"held_on": 1}), field="held_on", days=2)
    assert not yes("min_workdays", facts(answers={}), field="held_on", days=2)


def test_the_recipient_is_looked_at_by_kind() -> None:
    assert yes("recipient_is", facts(recipient_kind="a"), kinds=["a", "b"])
    assert not yes("recipient_is", facts(), kinds=["a", "b"])


@pytest.mark.parametrize(
    ("managed_by", "commission", "township", "village"),
    [
        ("above", False, False, False),
        ("county", True, False, False),
        (None, True, False, False),
        ("township", True, True, False),
        ("village", True, True, False),
        ("none", True, True, False),
        ("none_held", True, True, False),
    ],
)
def test_who_manages_a_person_decides_who_may_handle_him(
    managed_by: str | None, commission: bool, township: bool, village: bool
) -> None:
    for kind, level, may in [
        ("discipline_commission", "county", commission),
        ("organisation_department", "county", commission),
        ("township_discipline_committee", "township", township),
        ("village_party_organisation", "village", village),
    ]:
        found = facts(data={"managed_by": managed_by}, recipient_kind=kind, recipient_level=level)
        assert yes("recipient_may_handle_subjects", found) is may


def test_an_agenda_is_dated_when_every_open_item_has_a_date() -> None:
    agenda = (AgendaItem(1), AgendaItem(2, closed=True))
    assert yes("agenda_dated", facts(agenda=agenda, answers={"new_dates": {"1": "2026-05-01"}}))
    assert not yes("agenda_dated", facts(agenda=agenda, answers={"new_dates": {"2": "2026-05-01"}}))
    assert not yes("agenda_dated", facts(agenda=agenda))
    assert yes("agenda_dated", facts())


def test_an_agenda_is_closed_when_it_has_items_and_all_are() -> None:
    assert yes("agenda_all_closed", facts(agenda=(AgendaItem(1, closed=True),)))
    assert not yes("agenda_all_closed", facts(agenda=(AgendaItem(1, closed=True), AgendaItem(2))))
    assert not yes("agenda_all_closed", facts())


# ---- joining --------------------------------------------------------------------------------------------------------

PAUSED = Condition("is_paused")
CYCLE = Condition("in_cycle_after", {"cycle": 1})
RECIPIENT = Condition("recipient_is", {"kinds": ["a"]})


def joined(name: str, *parts: Condition) -> Condition:
    return Condition(name, parts=parts)


def test_what_was_not_handed_in_yet_is_not_known_and_does_not_stand_in_the_way() -> None:
    before = facts(answers=None)
    for condition in (
        RECIPIENT,
        joined("not", RECIPIENT),
        joined("any", PAUSED, RECIPIENT),
        joined("all", RECIPIENT, joined("not", PAUSED)),
    ):
        assert holds(condition, before)
        assert unmet([condition], before) == ()
    assert not holds(joined("all", RECIPIENT, PAUSED), before)
    assert not holds(RECIPIENT, facts())


UNNAMED = {"recipient": ["required"]}


def test_the_reasons_are_the_leaves_that_failed() -> None:
    now = facts(paused=True)
    assert unmet([PAUSED], now) == ()
    assert unmet([joined("not", PAUSED)], now) == (Unmet("is_paused", {}, negated=True),)
    assert unmet([joined("all", PAUSED, CYCLE)], now) == (Unmet("in_cycle_after", {"cycle": 1}),)
    assert unmet([joined("any", PAUSED, CYCLE)], now) == ()
    either = unmet([joined("any", CYCLE, RECIPIENT)], now)
    assert either == (
        Unmet("any", alternatives=(Unmet("in_cycle_after", {"cycle": 1}), Unmet("recipient_is", {"kinds": ["a"]}, at=UNNAMED))),
    )
    assert either[0].as_dict() == {
        "name": "any",
        "params": {},
        "alternatives": [
            {"name": "in_cycle_after", "params": {"cycle": 1}},
            {"name": "recipient_is", "params": {"kinds": ["a"]}, "at": UNNAMED},
        ],
    }


def test_not_turns_all_into_any_and_any_into_all() -> None:
    now = facts(paused=True, cycle=2)
    neither = unmet([joined("not", joined("any", PAUSED, CYCLE))], now)
    assert neither == (Unmet("is_paused", {}, negated=True), Unmet("in_cycle_after", {"cycle": 1}, negated=True))
    (both,) = unmet([joined("not", joined("all", PAUSED, CYCLE))], now)
    assert [part.as_dict() for part in both.alternatives] == [
        {"name": "is_paused", "params": {}, "negated": True},
        {"name": "in_cycle_after", "params": {"cycle": 1}, "negated": True},
    ]


leaves = st.sampled_from([PAUSED, CYCLE, RECIPIENT])
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(lambda part: joined("not", part)),
        st.tuples(st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)).map(
            lambda made: joined(made[0], *made[1])
        ),
    ),
    max_leaves=8,
)


@given(
    condition=conditions,
    found=st.builds(
        facts,
        paused=st.booleans(),
        cycle=st.integers(1, 2),
        recipient_kind=st.sampled_from(["a", "b"]),
        answers=st.sampled_from([None, {}]),
    ),
)
def test_a_condition_holds_exactly_when_nothing_is_unmet(condition: Condition, found: Facts) -> None:
    assert holds(condition, found) is (unmet([condition], found) == ())


# ---- signatures -----------------------------------------------------------------------------------------------------


def test_every_guard_takes_what_its_function_says() -> None:
    assert set(guard_signatures()) == set(GUARDS)
    assert all(name == guard.function.__name__ for name, guard in GUARDS.items())
    assert guard_signatures()["has_evidence"] == Signature(
        {name: Parameter(kind, False) for name, kind in (("at_least", "integer"), ("labels", "list"), ("fresh", "flag"))}
    )
    assert guard_signatures()["children_all"].parameters["data"] == Parameter("mapping", False)
    assert guard_signatures()["field_is"].parameters["value"] == Parameter("any", True)


def test_a_signature_is_read_from_a_function() -> None:
    def act(change: object, *, a: str, b: int | str = 1, c: bool = False, d=None, **more: object) -> None:  # type: ignore[no-untyped-def]  # without a hint
        ...

    assert signature_of(act) == Signature(
        {
            "a": Parameter("text", True),
            "b": Parameter("any", False),
            "c": Parameter("flag", False),
            "d": Parameter("any", False),
        },
        is_open=True,
    )


def test_the_definitions_own_words_stand_for_all_that_they_speak_of() -> None:
    said = Condition(
        "any", parts=(CYCLE, Condition("is_waiting", {"request": "x"})), say=Text("先报方案", "先報方案", "Submit it")
    )
    (reason,) = unmet([said], Facts("item", "doing"))
    assert {leaf.name for leaf in reason.leaves} == {"in_cycle_after", "is_waiting"}
    assert reason.as_dict()["say"] == {"zh-Hans": "先报方案", "zh-Hant": "先報方案", "en": "Submit it"}
    assert unmet([said], Facts("item", "doing", waiting=frozenset({"x"}))) == ()


def test_children_that_are_not_there_yet_are_counted_for_the_sentence() -> None:
    children = (Child("measure", "doing", False), Child("measure", "done", True), Child("measure", "staged", False))
    all_done = Condition("children_all", {"kind": "measure", "states": ["done"]})
    (reason,) = unmet([all_done], Facts("item", "doing", children=children))
    assert (reason.told, reason.params) == ({"open": 2}, all_done.params)
