"""Between a plain document and a `Definition`: `load`, `dump`, the canonical text and its digest.

The notation is described in docs/workflows.md and published as JSON Schema in docs/workflow.schema.json.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from states.definition import Definition
from states.errors import DefinitionError
from states.schema.notation import list_faults
from states.schema.shapes import DefinitionSchema

_SCHEMA = DefinitionSchema()


def load(document: Mapping[str, Any]) -> Definition:
    """The definition that a plain document writes down.

    Raises DefinitionError with every fault of form at once (`params["faults"]`: a tuple of Fault). Whether the definition
    makes sense is for `states.checks.prove` to say.
    """
    try:
        loaded: Definition = _SCHEMA.load(document)
    except ValidationError as error:
        raise DefinitionError(faults=tuple(list_faults(error.messages))) from error
    return loaded


def dump(definition: Definition) -> dict[str, Any]:
    """The shortest plain document of a definition: what equals its default is left out. `load(dump(d)) == d`."""
    document: dict[str, Any] = _SCHEMA.dump(definition)
    return document


def canonical_text(document: Mapping[str, Any]) -> str:
    """The one JSON text of a document: sorted keys, no blanks, NFC, Chinese as itself."""
    return json.dumps(_composed(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """The SHA-256 of a canonical text in UTF-8, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _composed(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return {_composed(key): _composed(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_composed(part) for part in value]
    return value
