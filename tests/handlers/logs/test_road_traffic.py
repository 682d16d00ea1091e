"""The road-traffic kind is proven clean, and its mapping names nothing that the kind has not."""

from __future__ import annotations

import csv
from pathlib import Path

import config
from handlers.logs.mapping import load_log_mapping
from handlers.registry import EFFECTS, LETTERS, RUNGS
from states.checks import prove
from states.definition import RELATIONS
from states.schema import load
from states.vocabulary import Vocabulary, signature_of
from web.wiring import read_shipped

LOG = Path(__file__).parents[2] / "data" / "event_log_road_traffic.csv"
MAPPING = Path(config.__file__).parent / "imports" / "road_traffic.yaml"
DEFINITION = read_shipped("examples/road_traffic_fine.yaml").data


def test_the_definition_has_no_fault_in_any_language() -> None:
    titles = read_shipped("vocabulary.yaml").data
    vocabulary = Vocabulary(
        roles=frozenset(titles["roles"]),
        organ_kinds={kind: told["level"] for kind, told in titles["organ_kinds"].items()},
        kinds=frozenset(),
        effects={name: signature_of(function) for name, function in EFFECTS.items()},
        rungs={name: signature_of(function) for name, function in RUNGS.items()},
        letters=frozenset(LETTERS),
        messages=frozenset(titles["messages"]),
        evidence_labels=frozenset(titles["evidence_labels"]),
        relations=frozenset(RELATIONS),
        languages=("zh-Hans", "zh-Hant", "en"),
    )
    assert prove(DEFINITION, vocabulary) == ()


def test_every_activity_and_every_column_of_the_log_is_mapped_to_something_that_exists() -> None:
    mapping = load_log_mapping(MAPPING.read_text(encoding="utf-8"))
    definition = load(DEFINITION)
    with LOG.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["concept:name"] for row in rows} == set(mapping.activities)
    assert set(mapping.activities.values()) <= {"open", *(transition.trigger for transition in definition.transitions)}
    assert {*mapping.columns.values(), *mapping.facts.values()} <= set(rows[0])
    assert set(mapping.facts) <= set(definition.field_by_key)
