"""Forms: each type of question, what is refused and with which code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.definition import Choice, Field, Text
from states.errors import InvalidForm
from states.forms import (
    amend_fields,
    load_form,
    load_transition_form,
    opening_fields,
    optional,
    require_beside,
    transition_fields,
)
from states.questions import ANSWERS, LARGEST, Nobody, read_answers
from states.schema.shapes import FIELD_TYPES
from tests.states.samples import SHIPPED, definition

TODAY = date(2026, 5, 20)
TITLE = Text("问")
CHOICES = (Choice("one", TITLE), Choice("two", TITLE))


class Town(Nobody):
    """Organ 1 is the subject, a village; organ 2 a township; person 7 exists. The case is due on 30 June, its parent on 10 May."""

    def find_limit(self, whose: str) -> date | None:
        return {"limit": date(2026, 6, 30), "parent_limit": date(2026, 5, 10)}[whose]

    def organ_kind(self, organ_id: int) -> str | None:
        return {1: "village", 2: "township"}.get(organ_id)

    def is_subject(self, organ_id: int) -> bool:
        return organ_id == 1

    def has_person(self, person_id: int) -> bool:
        return person_id == 7


def ask(type_: str, value: object, **more: Any) -> Any:
    if type_ in ("choice", "choices"):
        more["choices"] = CHOICES
    question = Field("q", TITLE, type_, **more)
    return load_form((question,), {"q": value}, today=TODAY, lookup=Town()).get("q")


def refused(type_: str, value: object, **more: Any) -> Any:
    with pytest.raises(InvalidForm) as error:
        ask(type_, value, **more)
    return error.value.params["fields"]


def test_every_type_of_field_has_a_type_of_answer() -> None:
    assert set(ANSWERS) == set(FIELD_TYPES)


@pytest.mark.parametrize(
    ("type_", "value", "answer"),
    [
        ("text", " 河东村 ", "河东村"),
        ("text", "e\u0301", "é"),
        ("long_text", "a\r\nb\tc\rd", "a\nb\tc\nd"),
        ("choice", "one", "one"),
        ("choices", ["two", "one"], ["one", "two"]),
        ("date", "2026-05-20", TODAY),
        ("date", TODAY, TODAY),
        ("integer", 0, 0),
        ("integer", LARGEST, LARGEST),
        ("money", 360_000, 360_000),
        ("flag", False, False),
        ("organ", 2, 2),
        ("person", 7, 7),
        ("agenda_dates", {"17": "2026-06-01", "018": date(2026, 6, 2)}, {"17": date(2026, 6, 1), "18": date(2026, 6, 2)}),
        ("text", "", None),
        ("text", "  \n", None),
        ("choices", [], None),
        ("rows", [], None),
        ("agenda_dates", {}, None),
        ("date", None, None),
    ],
)
def test_an_answer_becomes_a_plain_value(type_: str, value: object, answer: object) -> None:
    columns = (Field("c", TITLE),) if type_ == "rows" else ()
    assert ask(type_, value, columns=columns) == answer


@pytest.mark.parametrize(
    ("type_", "value", "code"),
    [
        ("text", 3, "not_text"),
        ("text", "a\nb", "control_characters"),
        ("text", "a\x00b", "control_characters"),
        ("text", "a\u202eb", "control_characters"),
        ("text", "a\ud800b", "control_characters"),
        ("long_text", "a\x1bb", "control_characters"),
        ("text", "字" * 2_001, "too_long:2001:2000"),
        ("long_text", "字" * 20_001, "too_long:20001:20000"),
        ("choice", "three", "not_a_choice"),
        ("choice", ["one"], "not_a_choice"),
        ("choices", "one", "not_a_choice"),
        ("choices", ["one", "three"], "not_a_choice"),
        ("choices", [["one"]], "not_a_choice"),
        ("choices", ["one", "one"], "twice"),
        ("date", "20.5.2026", "not_a_date"),
        ("date", "2026-02-30", "not_a_date"),
        ("date", "1026-02-20", "not_a_date"),
        ("date", "2026-W01-1", "not_a_date"),
        ("date", 20260520, "not_a_date"),
        ("date", datetime(2026, 5, 20), "not_a_date"),
        ("integer", "3", "not_a_whole_number"),
        ("integer", 3.0, "not_a_whole_number"),
        ("integer", 2.5e-42, "not_a_whole_number"),
        ("integer", True, "not_a_whole_number"),
        ("integer", 2**53, "too_large"),
        ("money", -1, "negative"),
        ("integer", -3, "negative"),
        ("money", "3600.00", "not_a_whole_number"),
        ("flag", "yes", "not_a_flag"),
        ("flag", 1, "not_a_flag"),
        ("organ", 9, "no_such_organ"),
        ("organ", "2", "not_a_whole_number"),
        ("person", 8, "no_such_person"),
        ("agenda_dates", ["2026-06-01"], "not_agenda_dates"),
        ("agenda_dates", {"x": "2026-06-01"}, "not_agenda_dates"),
        ("agenda_dates", {17: "2026-06-01"}, "not_agenda_dates"),
        ("agenda_dates", {str(n): "2026-06-01" for n in range(501)}, "too_many"),
        ("rows", {"c": "x"}, "not_rows"),
        ("rows", [{"c": "x"}] * 501, "too_many"),
    ],
)
def test_an_answer_of_another_type_is_refused_with_a_code(type_: str, value: object, code: str) -> None:
    assert refused(type_, value) == {"q": [code]}


def test_an_organ_has_to_be_of_a_kind_that_may_be_named_and_not_the_subject() -> None:
    assert refused("organ", 2, kinds=("village",)) == {"q": ["wrong_kind"]}
    assert ask("organ", 2, kinds=("township",), not_subject=True) == 2
    assert refused("organ", 1, not_subject=True) == {"q": ["is_subject"]}


def test_a_date_may_be_no_earlier_than_its_question_says_counted_from_the_day_of_the_step() -> None:
    assert ask("date", "2026-05-20", min_days=0) == TODAY
    assert refused("date", "2026-05-19", min_days=0) == {"q": ["before_day:2026-05-20"]}
    assert refused("date", "2026-05-20", min_days=1) == {"q": ["before_day:2026-05-21"]}
    question = Field("q", TITLE, "date", min_days=0)
    recorded_later = load_form((question,), {"q": "2026-03-02"}, today=date(2026, 3, 1))
    assert recorded_later == {"q": date(2026, 3, 2)}


def test_a_date_stays_within_the_limit_of_its_case_unless_that_is_over() -> None:
    assert ask("date", "2026-06-30", not_after="limit") == date(2026, 6, 30)
    assert refused("date", "2026-07-01", not_after="limit") == {"q": ["beyond_limit:2026-06-30"]}
    assert ask("date", "2026-07-01", not_after="parent_limit") == date(2026, 7, 1), "that limit has passed"


def test_a_date_may_be_no_later_than_its_question_says() -> None:
    assert ask("date", "2026-07-19", max_days=60) == date(2026, 7, 19)
    assert refused("date", "2026-07-20", max_days=60) == {"q": ["after_day:2026-07-19"]}
    assert refused("date", "2026-05-21", max_days=0) == {"q": ["too_late"]}


def test_a_new_date_of_an_agenda_lies_in_the_future() -> None:
    assert refused("agenda_dates", {"17": "2026-05-20", "18": "soon"}) == {"q/17": ["too_early"], "q/18": ["not_a_date"]}


def test_rows_are_answered_by_their_columns() -> None:
    columns = (Field("name", TITLE, required=True), Field("unit", TITLE, "organ"), Field("due_on", TITLE, "date"))
    rows = [{"name": "甲", "unit": 2, "due_on": "2026-06-30"}, {"name": "乙"}]
    assert ask("rows", rows, columns=columns) == [{"name": "甲", "unit": 2, "due_on": date(2026, 6, 30)}, {"name": "乙"}]
    spoiled = [{"unit": 9}, {"name": "乙", "more": 1}, "丙"]
    assert refused("rows", spoiled, columns=columns) == {
        "q/0/unit": ["no_such_organ"],
        "q/0/name": ["required"],
        "q/1/more": ["unknown"],
        "q/2": ["not_a_form"],
    }


def test_every_fault_of_a_form_is_told_at_once() -> None:
    fields = (Field("a", TITLE, required=True), Field("b", TITLE, "integer"), Field("c", TITLE))
    with pytest.raises(InvalidForm) as error:
        load_form(fields, {"b": "x", "c": "fine", "d": 1}, today=TODAY)
    assert error.value.params["fields"] == {"a": ["required"], "b": ["not_a_whole_number"], "d": ["unknown"]}
    with pytest.raises(InvalidForm) as error:
        load_form(fields, [1], today=TODAY)  # type: ignore[arg-type]  # what a JSON list gives
    assert error.value.params["fields"] == {"": ["not_a_form"]}


def test_nobody_is_known_where_nobody_can_be_asked() -> None:
    fields = (Field("organ", TITLE, "organ", not_subject=True), Field("person", TITLE, "person"))
    with pytest.raises(InvalidForm) as error:
        load_form(fields, {"organ": 1, "person": 7}, today=TODAY)
    assert error.value.params["fields"] == {"organ": ["no_such_organ"], "person": ["no_such_person"]}
    assert not Nobody().is_subject(1)


def test_amending_asks_only_for_what_is_handed_in_and_may_empty_what_is_not_required() -> None:
    fields = (Field("a", TITLE, required=True), Field("b", TITLE), Field("c", TITLE))
    assert load_form(fields, {"b": ""}, today=TODAY, partial=True) == {"b": None}
    assert load_form(fields, {}, today=TODAY, partial=True) == {}
    with pytest.raises(InvalidForm) as error:
        load_form(fields, {"a": ""}, today=TODAY, partial=True)
    assert error.value.params["fields"] == {"a": ["required"]}


def test_opening_asks_for_what_is_required_or_written_by_hand() -> None:
    assert [field.key for field in opening_fields(definition())] == ["summary", "urgency"]
    assert [field.key for field in amend_fields(definition(), ["supervisor"])] == ["summary", "urgency"]
    assert amend_fields(definition(), ["holder"]) == ()
    assert not any(field.required for field in optional(opening_fields(definition())))


CLOSE = definition().transition_by_edge["supervised", "close"]
PAPER = {"approver": "王某", "on": "2026-05-19", "paper_number": "〔2026〕3号", "scan": 5}


def close(**data: Any) -> Any:
    return load_transition_form(CLOSE, {"result": "已办", "ground": "done", **data}, today=TODAY)


def test_a_transition_is_answered_with_its_ground_and_its_approval() -> None:
    assert close(approval=PAPER, comment="附后") == {
        "result": "已办",
        "ground": "done",
        "comment": "附后",
        "approval": {"approver": "王某", "on": date(2026, 5, 19), "paper_number": "〔2026〕3号", "scan": 5},
    }
    assert close(approval=None, reason="补报") == {"result": "已办", "ground": "done", "reason": "补报"}


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        ({"ground": "moot"}, {"ground": ["not_a_choice"]}),
        (
            {"approval": {"on": "2026-05-21"}},
            {"approval/approver": ["required"], "approval/on": ["too_late"], "approval/scan": ["required"]},
        ),
        ({"approval": {**PAPER, "seal": 1}}, {"approval/seal": ["unknown"]}),
        ({"approval": "王某"}, {"approval": ["not_a_form"]}),
        ({"holder_id": 3}, {"holder_id": ["unknown"]}),
    ],
)
def test_a_wrong_ground_or_approval_is_refused(data: dict[str, Any], faults: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidForm) as error:
        close(**data)
    assert error.value.params["fields"] == faults


def test_the_only_ground_goes_without_saying_and_one_of_several_has_to_be_said() -> None:
    assert load_transition_form(CLOSE, {"result": "已办"}, today=TODAY)["ground"] == "done"
    several = replace(CLOSE, grounds=(*CLOSE.grounds, Choice("moot", TITLE)))
    assert load_transition_form(several, {"result": "已办", "ground": "moot"}, today=TODAY)["ground"] == "moot"
    with pytest.raises(InvalidForm) as error:
        load_transition_form(several, {"result": "已办"}, today=TODAY)
    assert error.value.params["fields"] == {"ground": ["required"]}
    assert "ground" not in load_transition_form(replace(CLOSE, grounds=()), {"result": "已办"}, today=TODAY)


def test_a_question_is_required_by_the_answer_beside_it_in_its_own_row() -> None:
    label = Field("label", TITLE, "choice", required=True, choices=(Choice("dated", TITLE), Choice("long_term", TITLE)))
    due_on = Field("due_on", TITLE, "date", required_when={"label": "dated"})
    measures = Field("measures", TITLE, "rows", columns=(due_on, label))
    rows = [{"label": "dated"}, {"label": "long_term"}, {"label": "dated", "due_on": "2026-06-01"}]
    with pytest.raises(InvalidForm) as error:
        load_form((measures,), {"measures": rows}, today=TODAY)
    assert error.value.params["fields"] == {"measures/0/due_on": ["required"]}
    assert load_form(optional((due_on, label)), {"label": "dated"}, today=TODAY) == {"label": "dated"}


WAY = Field("way", TITLE, "choice", choices=(Choice("slow", TITLE), Choice("now", TITLE), Choice("at_once", TITLE)))
TERM = Field(
    "term",
    TITLE,
    "choice",
    choices=(
        Choice("months", TITLE, fits_when={"way": "slow"}),
        Choice("days", TITLE, fits_when={"way": ["now", "at_once"]}),
        Choice("agreed", TITLE),
        Choice("brief", TITLE, fits_when={"urgent": False}),
    ),
)
URGENT = Field("urgent", TITLE, "flag")


@pytest.mark.parametrize(
    ("told", "faults"),
    [
        ({"way": "slow", "term": "months"}, {}),
        ({"way": "now", "term": "months"}, {"term": ["unfit_beside"]}),
        ({"way": "at_once", "term": "days"}, {}),
        ({"way": "slow", "term": "days"}, {"term": ["unfit_beside"]}),
        ({"term": "days"}, {"term": ["unfit_beside"]}),
        ({"way": "never", "term": "days"}, {"way": ["not_a_choice"]}),
        ({"way": "now", "term": "agreed"}, {}),
        ({"term": "brief"}, {}),
        ({"term": "brief", "urgent": False}, {}),
        ({"term": "brief", "urgent": True}, {"term": ["unfit_beside"]}),
    ],
)
def test_a_choice_is_taken_only_beside_an_answer_that_it_fits(told: dict[str, Any], faults: dict[str, list[str]]) -> None:
    fields = (TERM, WAY, URGENT)
    rows = Field("rows", TITLE, "rows", columns=fields)
    if not faults:
        assert load_form((rows,), {"rows": [told]}, today=TODAY) == {"rows": [told]}
    else:
        with pytest.raises(InvalidForm) as error:
            load_form((rows,), {"rows": [told]}, today=TODAY)
        assert error.value.params["fields"] == {f"rows/0/{key}": codes for key, codes in faults.items()}
        if "way" not in faults:
            assert load_form(optional(fields), told, today=TODAY) == told


def test_facts_that_are_amended_still_go_together() -> None:
    kind = replace(definition(), fields=(TERM, WAY, URGENT))
    require_beside(kind, {"way": "slow", "term": "months"}, {"way"})
    with pytest.raises(InvalidForm) as error:
        require_beside(kind, {"way": "now", "term": "months"}, {"way"})
    assert error.value.params["fields"] == {"term": ["unfit_beside"]}
    require_beside(replace(kind, fields=(TERM, WAY)), {"way": "now", "term": "months"}, {"problem"})


def test_nothing_is_approved_that_needs_no_approval() -> None:
    transfer = definition().transition_by_edge["received", "transfer"]
    with pytest.raises(InvalidForm) as error:
        load_transition_form(transfer, {"recipient": 2, "approval": PAPER}, today=TODAY, lookup=Town())
    assert error.value.params["fields"] == {"approval": ["unknown"]}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_question_of_a_shipped_form_is_asked_once(name: str) -> None:
    for transition in definition(name).transitions:
        keys = [question.key for question in transition_fields(transition)]
        assert len(set(keys)) == len(keys)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(type_=st.sampled_from(FIELD_TYPES), value=json_values)
def test_whatever_is_handed_in_is_an_answer_or_a_code(type_: str, value: object) -> None:
    answers, faults = read_answers((_question(type_),), {"q": value}, today=TODAY, lookup=Town())
    assert all(key.startswith("q") and codes for key, codes in faults.items())
    # What was read is read again as itself.
    again, none = read_answers((_question(type_),), answers, today=TODAY, lookup=Town())
    assert again == answers
    assert none == {}


def _question(type_: str) -> Field:
    columns = (Field("c", TITLE),) if type_ == "rows" else ()
    return Field("q", TITLE, type_, choices=CHOICES, columns=columns)


def test_a_text_with_a_format_is_kept_in_its_one_way_or_refused_with_the_name_of_the_format() -> None:
    assert ask("text", "138 1234 5678", format="phone") == "13812345678"
    assert refused("text", "随便", format="phone") == {"q": ["not_phone"]}
    assert ask("text", "随便") == "随便"


def test_of_an_agenda_the_dates_that_are_good_are_answers_beside_what_is_wrong_with_the_others() -> None:
    told = {"7": "2026-06-01", "8": "不知道"}
    answers, faults = read_answers((Field("d", Text("新期限"), "agenda_dates"),), {"d": told}, today=TODAY, lookup=Nobody())
    assert answers == {"d": {"7": date(2026, 6, 1)}} and faults == {"d/8": ["not_a_date"]}
