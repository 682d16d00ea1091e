"""states/schema: from a plain document to a definition and back, every fault of form at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from states.definition import Condition, Limit, LimitRow, Text
from states.errors import DefinitionError
from states.faults import Fault, nearest, pointer_of
from states.schema import canonical_text, digest, dump, load
from states.schema.published import json_schema, schema_text
from tests.states.mutations import MUTATIONS, NotHere
from tests.states.samples import SHIPPED, definition, document

TITLES = {"zh-Hans": "便函", "zh-Hant": "便函"}
DOCS = Path(__file__).parents[2] / "docs"


def faults(spoiled: Mapping[str, Any]) -> tuple[Fault, ...]:
    with pytest.raises(DefinitionError) as refused:
        load(spoiled)
    found: tuple[Fault, ...] = refused.value.params["faults"]
    return found


@pytest.mark.parametrize("name", ["small", *SHIPPED])
def test_a_definition_survives_being_written_down(name: str) -> None:
    loaded = definition(name)
    written = dump(loaded)
    assert load(written) == loaded
    assert dump(load(written)) == written
    assert load(json.loads(canonical_text(document(name)))) == loaded


def test_the_notations_are_read() -> None:
    d = definition()
    assert d.title == Text("便函", "便函", "Note")
    assert d.states[0].phrase == d.states[0].title
    assert d.clocks[1].limits == (LimitRow({"urgency": "urgent"}, Limit(15, "workday")), LimitRow({}, Limit(3, "month")))
    assert d.ladders[0].tiers[0][0].offset == Limit(-10, "day")
    closing = d.transition_by_edge["supervised", "close"]
    assert closing.done == closing.title
    urgent = Condition("field_is", {"field": "urgency", "value": "urgent"})
    either = (Condition("has_evidence", {"at_least": 1}), Condition("not", parts=(urgent,)))
    assert closing.guards == (Condition("any", parts=either),)


@pytest.mark.parametrize(
    ("written", "limits"),
    [
        ({"limit": "none"}, LimitRow({})),
        ({"limit": "3 month"}, LimitRow({}, Limit(3, "month"))),
        ({"date_field": "due_on"}, LimitRow({}, date_field="due_on")),
        ({"date_field": "due_on", "at_most": "12 month"}, LimitRow({}, None, "due_on", Limit(12, "month"))),
    ],
)
def test_a_limit_row_is_written_as_it_was_read(written: dict[str, Any], limits: LimitRow) -> None:
    changed = document()
    changed["clocks"][0]["limits"] = [written]
    loaded = load(changed)
    assert loaded.clocks[0].limits == (limits,)
    assert dump(loaded)["clocks"][0]["limits"] == [written]


def test_what_is_looked_up_is_computed_from_what_was_written() -> None:
    d = definition("rectification")
    assert d.initial.key == "received"
    assert d.counted_grounds >= {"completed"}
    assert "void" not in d.counted_grounds
    assert {"report_rectified", "verify"} <= d.work_triggers
    assert "close" not in d.work_triggers


def test_short_forms_are_written_short() -> None:
    changed = document()
    changed["title"] = "便函"
    changed["clocks"][0].update(roll="none", ladder="none", restart="never")
    changed["transitions"][1]["guards"] = ["is_paused", {"all": ["is_paused", {"not": "is_paused"}]}]
    changed["transitions"][1]["effects"] = ["notify_holder"]
    changed["transitions"][1]["approval"] = {
        "roles": ["head"],
        "relation": "holder",
        "unless": "is_paused",
        "later": "hand_over",
    }
    written = dump(load(changed))
    assert written["title"] == "便函"
    assert written["clocks"][0]["roll"] == "none"
    assert "ladder" not in written["clocks"][0]
    for part in ("guards", "effects", "approval"):
        assert written["transitions"][1][part] == changed["transitions"][1][part]
    assert load(written) == load(changed)


def spoil(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(spoiled: Any) -> None:
        for part in path[:-1]:
            spoiled = spoiled[part]
        spoiled[path[-1]] = value

    return change


TRANSITION = ("transitions", 1)
FORM_FAULTS: list[tuple[Callable[[dict[str, Any]], object], str, str]] = [
    (lambda d: d.pop("title"), "missing_key", "/title"),
    (lambda d: d["states"][0].pop("key"), "missing_key", "/states/0/key"),
    (spoil("title", value={"en": "Note"}), "missing_key", "/title/zh-Hans"),
    (spoil("title", "fr", value="note"), "unknown_key", "/title/fr"),
    (spoil("title", "en", value=3), "wrong_type", "/title/en"),
    (spoil("title", "en", value=" "), "wrong_value", "/title/en"),
    (spoil("title", value=3), "wrong_type", "/title"),
    (spoil("title", value=""), "wrong_value", "/title"),
    (spoil("title", value=None), "wrong_type", "/title"),
    (spoil("tittle", value="x"), "unknown_key", "/tittle"),
    (spoil("key", value="Note"), "not_a_key", "/key"),
    (spoil("key", value="note\n"), "not_a_key", "/key"),
    (spoil("key", value="__class__"), "not_a_key", "/key"),
    (spoil("key", value=3), "wrong_type", "/key"),
    (spoil("level", value="2"), "wrong_type", "/level"),
    (spoil("level", value=2.0), "wrong_type", "/level"),
    (spoil("level", value=True), "wrong_type", "/level"),
    (spoil("level", value=10), "wrong_value", "/level"),
    (spoil("ledger", value="yes"), "wrong_type", "/ledger"),
    (spoil("number", value=17), "wrong_type", "/number"),
    (spoil("number", value=""), "wrong_value", "/number"),
    (spoil("states", value=[]), "too_few", "/states"),
    (spoil("states", value={}), "wrong_type", "/states"),
    (spoil("states", 1, value="closed"), "wrong_type", "/states/1"),
    (spoil("access", 0, "may", value="write"), "wrong_value", "/access/0/may"),
    (spoil("access", 0, "may", value=1), "wrong_type", "/access/0/may"),
    (spoil(*TRANSITION, "to", value="=="), "wrong_value", "/transitions/1/to"),
    (spoil(*TRANSITION, "guards", value=[3]), "wrong_type", "/transitions/1/guards/0"),
    (spoil(*TRANSITION, "guards", value=[{"a": {}, "b": {}}]), "wrong_type", "/transitions/1/guards/0"),
    (spoil(*TRANSITION, "guards", value=[{"all": []}]), "too_few", "/transitions/1/guards/0/all"),
    (spoil(*TRANSITION, "guards", value=[{"any": None}]), "wrong_type", "/transitions/1/guards/0/any"),
    (spoil(*TRANSITION, "guards", value=["is_paused", {"not": [1]}]), "wrong_type", "/transitions/1/guards/1/not"),
    (spoil(*TRANSITION, "guards", value=["os.getcwd"]), "not_a_key", "/transitions/1/guards/0"),
    (spoil(*TRANSITION, "guards", value=[{3: {}}]), "not_a_key", "/transitions/1/guards/0"),
    (spoil(*TRANSITION, "guards", value=[{"any": ["a", {"b": 3}]}]), "wrong_type", "/transitions/1/guards/0/any/1/b"),
    (spoil(*TRANSITION, "effects", value=[{"notify": [1]}]), "wrong_type", "/transitions/1/effects/0/notify"),
    (spoil(*TRANSITION, "effects", value=[{"notify": {"x": [{"y": 1.5}]}}]), "wrong_type", "/transitions/1/effects/0/notify/x"),
    (spoil("clocks", 0, "limits", value=[{"limit": "3 weeks"}]), "not_a_limit", "/clocks/0/limits/0/limit"),
    (spoil("clocks", 0, "limits", value=[{"limit": 3}]), "not_a_limit", "/clocks/0/limits/0/limit"),
    (spoil("clocks", 0, "limits", value=[{"limit": "-3 day"}]), "not_a_limit", "/clocks/0/limits/0/limit"),
    (spoil("clocks", 0, "limits", value=[{"limit": "0 day"}]), "not_a_limit", "/clocks/0/limits/0/limit"),
    # A rung that repeats every no days would never come to an end.
    (spoil("ladders", 0, "tiers", 0, 0, "every", value="0 day"), "not_a_limit", "/ladders/0/tiers/0/0/every"),
    (spoil("clocks", 0, "limits", value=[{}]), "limit_or_date_field", "/clocks/0/limits/0"),
    (
        spoil("clocks", 0, "limits", value=[{"limit": "3 day", "date_field": "due_on"}]),
        "limit_or_date_field",
        "/clocks/0/limits/0",
    ),
    (
        spoil("clocks", 0, "limits", value=[{"limit": "3 day", "at_most": "3 day"}]),
        "limit_or_date_field",
        "/clocks/0/limits/0/at_most",
    ),
    (spoil("clocks", 0, "roll", value="always"), "wrong_type", "/clocks/0/roll"),
    (spoil("fields", 1, "choices", value=[]), "does_not_fit_type", "/fields/1/choices"),
    (spoil("fields", 0, "columns", value=[{"key": "a", "title": "甲"}]), "does_not_fit_type", "/fields/0/columns"),
    (spoil("fields", 1, "suggest", value={"post": "head@holder"}), "does_not_fit_type", "/fields/1/suggest"),
    (spoil("fields", 0, "suggest", value={"post": "head@holder", "tells": "organ"}), "does_not_fit_type", "/fields/0/suggest"),
    (spoil("fields", 0, "opens", value=["holder"]), "opens_nothing", "/fields/0/opens"),
    (spoil("fields", 1, "columns", value=[]), "", ""),
]


@pytest.mark.parametrize(("way", "fault_id", "pointer"), FORM_FAULTS)
def test_a_fault_of_form_has_its_id_and_its_place(way: Callable[[dict[str, Any]], object], fault_id: str, pointer: str) -> None:
    spoiled = document()
    way(spoiled)
    if not fault_id:
        assert load(spoiled)
        return
    assert [(fault.id, fault.pointer) for fault in faults(spoiled)] == [(fault_id, pointer)]


def test_columns_have_no_columns() -> None:
    spoiled = document()
    inner = {"key": "b", "title": "乙", "type": "rows", "columns": [{"key": "c", "title": "丙"}]}
    spoiled["fields"].append({"key": "a", "title": "甲", "type": "rows", "columns": [inner]})
    assert [(fault.id, fault.pointer) for fault in faults(spoiled)] == [("unknown_key", "/fields/3/columns/0/columns")]


def test_every_fault_is_told_in_the_order_of_the_document() -> None:
    spoiled = document()
    spoiled["states"][2]["finall"] = True
    spoiled["states"][0]["key"] = "Received"
    spoiled["level"] = "2"
    assert [fault.pointer for fault in faults(spoiled)] == ["/level", "/states/0/key", "/states/2/finall"]


def test_a_document_must_be_a_mapping() -> None:
    with pytest.raises(DefinitionError) as refused:
        load([])  # type: ignore[arg-type]  # what a file with a list in it gives
    assert refused.value.params["faults"] == (Fault("wrong_type", ""),)


def test_a_misspelt_key_is_told_with_the_one_that_was_meant() -> None:
    spoiled = document()
    spoiled["clocks"][0]["run_in"] = spoiled["clocks"][0].pop("runs_in")
    assert Fault("unknown_key", "/clocks/0/run_in", {"name": "run_in", "meant": "runs_in"}) in faults(spoiled)


def test_the_canonical_text_does_not_depend_on_order_or_composition() -> None:
    assert (
        canonical_text({"b": ["e\u0301", 1, None], "a": {"y": True, "x": "字"}}) == '{"a":{"x":"字","y":true},"b":["é",1,null]}'
    )
    assert digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest(canonical_text({"a": 1, "b": 2})) == digest(canonical_text({"b": 2, "a": 1}))


def test_pointers_are_escaped_and_names_far_off_are_not_guessed() -> None:
    assert pointer_of("a/b", 0, "c~d") == "/a~1b/0/c~0d"
    assert pointer_of() == ""
    assert nearest("zzz", ["received"]) == ""


# ---- the published JSON Schema --------------------------------------------------------------------------------------


def test_the_published_schema_is_up_to_date() -> None:
    written = subprocess.run(
        [sys.executable, "-m", "states.schema.published"], cwd=DOCS.parent, capture_output=True, check=True
    ).stdout.decode()
    # When it is not: python -m states.schema.published > docs/workflow.schema.json
    assert (DOCS / "workflow.schema.json").read_text(encoding="utf-8") == written == schema_text()


@pytest.mark.parametrize("name", ["small", *SHIPPED])
def test_a_shipped_document_fits_the_published_schema(name: str) -> None:
    validator = jsonschema_rs.validator_for(json_schema())
    assert list(validator.iter_errors(document(name))) == []
    assert list(validator.iter_errors(dump(definition(name)))) == []


def test_the_published_schema_takes_what_only_a_proof_refuses() -> None:
    validator = jsonschema_rs.validator_for(json_schema())
    for ways in MUTATIONS.values():
        for way in ways:
            spoiled = document()
            try:
                way(spoiled)
            except NotHere:
                continue
            assert list(validator.iter_errors(spoiled)) == []


@pytest.mark.parametrize(("way", "fault_id", "pointer"), FORM_FAULTS)
def test_the_published_schema_refuses_what_the_loader_refuses(
    way: Callable[[dict[str, Any]], object], fault_id: str, pointer: str
) -> None:
    spoiled = document()
    way(spoiled)
    as_json = json.loads(json.dumps(spoiled))
    # It cannot say that parts depend on each other, nor look deep into parameters; JSON has no keys but texts, 2.0 is 2 to
    # it, and a label of blanks is text.
    between_parts = fault_id in ("limit_or_date_field", "does_not_fit_type", "opens_nothing", "") or pointer.endswith(
        "/notify/x"
    )
    not_in_json = as_json != spoiled or as_json.get("level") == 2 or as_json.get("title", {}) == {**TITLES, "en": " "}
    assert between_parts or not_in_json or list(jsonschema_rs.validator_for(json_schema()).iter_errors(as_json))


def test_a_guard_keeps_the_words_beside_it_and_a_condition_inside_another_has_none() -> None:
    written = document()
    step = written["transitions"][0]
    step["guards"] = [{"is_paused": {}, "say": "先暂停"}, {"not": "is_paused", "say": {"zh-Hans": "先恢复", "en": "Resume"}}]
    loaded = load(written)
    assert [guard.say and guard.say.zh_hans for guard in loaded.transitions[0].guards] == ["先暂停", "先恢复"]
    assert dump(loaded)["transitions"][0]["guards"] == step["guards"]
    step["guards"] = [{"any": [{"is_paused": {}, "say": "先暂停"}]}]
    with pytest.raises(DefinitionError):
        load(written)
