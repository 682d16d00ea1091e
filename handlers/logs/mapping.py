"""What a process log's columns and activities mean, as a YAML file that a person writes once for each kind of log.

```yaml
version: 1
columns: {case: "case:concept:name", activity: "concept:name", time: "time:timestamp", resource: "org:resource"}
activities: {Create Fine: open, Send Fine: send, Payment: {trigger: pay}, Note: comment, Archive: ignore}
facts: {amount: amount}          # fact of the kind → column
```
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from typing import Any

import yaml

from handlers.ledgers.refusals import LedgerMappingFaulty

_VERSION = 1
_MAX_TEXT = 100_000
OPEN, COMMENT, IGNORE = "open", "comment", "ignore"
_NEEDED, _KNOWN = ("case", "activity", "time"), ("case", "activity", "time", "resource")


@dataclass(frozen=True, slots=True)
class LogMapping:
    """Columns by their part, activity → "open", "comment", "ignore" or a trigger, fact → column; `text` is the file's own."""

    columns: Dictionary[str, str]
    activities: Dictionary[str, str]
    facts: Dictionary[str, str] = field(default_factory=dict)
    text: str = ""


def load_log_mapping(text: str) -> LogMapping:
    """The mapping written as YAML; raises LedgerMappingFaulty with every fault at once."""
    content = _read(text)
    columns, activities, facts = (_texts(content.get(name)) for name in ("columns", "activities", "facts"))
    faults = [{"field": name, "why": "column_missing"} for name in _NEEDED if not columns.get(name)]
    faults += [{"field": name, "why": "unknown_field"} for name in columns if name not in _KNOWN]
    faults += [{"field": name, "why": "unknown_field"} for name in content if name not in _PARTS]
    if OPEN not in activities.values():
        faults.append({"field": "activities", "why": "nothing_opens"})
    if faults:
        raise LedgerMappingFaulty(faults=faults)
    return LogMapping(columns, activities, facts, text)


_PARTS = ("version", "columns", "activities", "facts")


def _read(text: str) -> dict[str, Any]:
    if len(text) > _MAX_TEXT:
        raise LedgerMappingFaulty(faults=[{"why": "too_long"}])
    try:
        content = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader that also refuses aliases
    except (yaml.YAMLError, RecursionError) as fault:
        raise LedgerMappingFaulty(faults=[{"why": "not_yaml"}]) from fault
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        raise LedgerMappingFaulty(faults=[{"why": "no_columns"}])
    return content


def _texts(part: Any) -> dict[str, str]:
    """A mapping of texts; `{trigger: x}` says the same as `x`."""
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise LedgerMappingFaulty(faults=[{"why": "no_columns"}])
    texts: dict[str, str] = {}
    for key, told in part.items():
        said = told.get("trigger") if isinstance(told, dict) else told
        if not isinstance(key, str) or not isinstance(said, str):
            raise LedgerMappingFaulty(faults=[{"why": "no_columns"}])
        texts[key] = said
    return texts


class _PlainLoader(yaml.SafeLoader):
    """YAML without aliases, which could make a short text stand for a long one."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("alias")
        return super().compose_node(parent, index)
