"""The text of a mapping, which people write by hand: YAML or JSON of few parts, with the first fault of the text in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.documents import DocumentFault, parse
from handlers.ledgers.refusals import LedgerMappingFaulty

VERSION = 1
_MAX_TEXT = 100_000


def read_mapping(text: str, parts: Sequence[str]) -> dict[str, Any]:
    """The parts of a mapping, `version` among them; LedgerMappingFaulty where text, version or a part is none."""
    if len(text) > _MAX_TEXT:
        raise LedgerMappingFaulty(faults=[{"why": "too_long"}])
    try:
        content = parse(text, name="").data
    except DocumentFault as fault:
        found = {"why": "not_yaml", "code": fault.code, "line": fault.line, "key": fault.detail}
        raise LedgerMappingFaulty(faults=[found]) from fault
    if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
        raise LedgerMappingFaulty(faults=[{"why": "no_columns"}])
    if content.get("version") != VERSION:
        raise LedgerMappingFaulty(faults=[{"why": "version", "value": content.get("version", ""), "known": VERSION}])
    unknown = [part for part in content if part not in parts]
    if unknown:
        known = "、".join(parts)
        raise LedgerMappingFaulty(faults=[{"why": "unknown_part", "field": part, "known": known} for part in unknown])
    return content
