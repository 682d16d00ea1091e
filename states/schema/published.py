"""The JSON Schema of a definition, made from the marshmallow shapes; docs/workflow.schema.json is its text.

`python -m states.schema.published > docs/workflow.schema.json` writes it again; a test says when that is due.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from marshmallow import Schema

from states.schema.notation import COMBINATIONS, KEY_PATTERN, SAY, TEXT_LENGTH, JsonSchema, Label, Many, Part
from states.schema.shapes import DefinitionSchema

_WORDS: JsonSchema = {"type": "string", "minLength": 1, "maxLength": TEXT_LENGTH}
# Written by hand: notations that are more than one mapping of fixed keys.
_NOTATIONS: dict[str, JsonSchema] = {
    "Text": {
        "description": "A label; a bare string is simplified Chinese.",
        "anyOf": [
            _WORDS,
            {
                "type": "object",
                "properties": {language: _WORDS for language in Label.LANGUAGES},
                "required": ["zh-Hans"],
                "additionalProperties": False,
            },
        ],
    },
    "Call": {
        "description": "A bare name, or one name with its parameters.",
        "anyOf": [
            {"type": "string", "pattern": KEY_PATTERN},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "propertyNames": {"pattern": KEY_PATTERN},
                "additionalProperties": {"type": "object"},
            },
        ],
    },
    "Condition": {
        "description": "A guard by name with its parameters, or all / any / not over conditions.",
        "anyOf": [
            {
                "type": "object",
                "properties": {name: {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Condition"}}},
                "required": [name],
                "additionalProperties": False,
            }
            for name in COMBINATIONS[:2]
        ]
        + [
            {
                "type": "object",
                "properties": {"not": {"$ref": "#/$defs/Condition"}},
                "required": ["not"],
                "additionalProperties": False,
            },
            {"allOf": [{"$ref": "#/$defs/Call"}, *({"not": {"type": "object", "required": [name]}} for name in COMBINATIONS)]},
        ],
    },
    "Guard": {
        "description": "A condition, beside which may stand what a reader is told where it does not hold.",
        "anyOf": [
            {"allOf": [{"$ref": "#/$defs/Condition"}, {"not": {"type": "object", "required": [SAY]}}]},
            {
                "type": "object",
                "properties": {SAY: {"$ref": "#/$defs/Text"}},
                "required": [SAY],
                "minProperties": 2,
                "maxProperties": 2,
                "propertyNames": {"pattern": KEY_PATTERN},
            },
        ],
    },
}


def json_schema() -> JsonSchema:
    """The schema (draft 2020-12) of a whole definition."""
    shapes: dict[str, JsonSchema] = {}
    root = _shape(DefinitionSchema(), shapes)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Duban workflow definition",
        **root,
        "$defs": {**_NOTATIONS, **{name: shapes[name] for name in sorted(shapes)}},
    }


def schema_text() -> str:
    """The text of docs/workflow.schema.json."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def _shape(schema: Schema, shapes: dict[str, JsonSchema]) -> JsonSchema:
    properties: JsonSchema = {}
    required: list[str] = []
    for name, field in schema.load_fields.items():
        known: Any = field
        key = field.data_key or name
        properties[key] = known.json_schema()
        required += [key] if field.required else []
        _nested(field, shapes)
    described = (type(schema).__doc__ or "").split("\n")[0]
    shape: JsonSchema = {"type": "object", "description": described, "properties": properties}
    return (
        {**shape, "required": required, "additionalProperties": False} if required else {**shape, "additionalProperties": False}
    )


def _nested(field: Any, shapes: dict[str, JsonSchema]) -> None:
    """Adds the shapes inside a field. A column is a field without columns; the published schema does not tell them apart."""
    while isinstance(field, Many):
        field = field.inner
    if isinstance(field, Part):
        name = type(field.schema).__name__.removesuffix("Schema")
        if name not in shapes:
            shapes[name] = {}
            shapes[name] = _shape(field.schema, shapes)


if __name__ == "__main__":
    sys.stdout.write(schema_text())
