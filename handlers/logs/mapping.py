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

from handlers.ledgers.mapping_text import read_mapping
from handlers.ledgers.refusals import LedgerMappingFaulty

OPEN, COMMENT, IGNORE = "open", "comment", "ignore"
_NEEDED, _KNOWN = ("case", "activity", "time"), ("case", "activity", "time", "resource")
_PARTS = ("version", "columns", "activities", "facts")


@dataclass(frozen=True, slots=True)
class LogMapping:
    """Columns by their part, activity → "open", "comment", "ignore" or a trigger, fact → column; `text` is the file's own."""

    columns: Dictionary[str, str]
    activities: Dictionary[str, str]
    facts: Dictionary[str, str] = field(default_factory=dict)
    text: str = ""


def load_log_mapping(text: str) -> LogMapping:
    """The mapping written as YAML; raises LedgerMappingFaulty with every fault at once."""
    content = read_mapping(text, _PARTS)
    columns, activities, facts = (_texts(name, content.get(name)) for name in ("columns", "activities", "facts"))
    faults = [{"field": name, "why": "column_missing"} for name in _NEEDED if not columns.get(name)]
    faults += [{"field": name, "why": "unknown_field"} for name in columns if name not in _KNOWN]
    if OPEN not in activities.values():
        faults.append({"field": "activities", "why": "nothing_opens"})
    if faults:
        raise LedgerMappingFaulty(faults=faults)
    return LogMapping(columns, activities, facts, text)


def _texts(name: str, part: Any) -> dict[str, str]:
    """A mapping of texts; `{trigger: x}` says the same as `x`."""
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise LedgerMappingFaulty(faults=[{"why": "no_columns"}])
    said = {key: told.get("trigger") if isinstance(told, dict) else told for key, told in part.items()}
    texts = {key: word for key, word in said.items() if isinstance(word, str)}
    if len(texts) < len(said):
        wrong = [{"why": "not_a_name", "part": name, "key": key} for key in said if key not in texts]
        raise LedgerMappingFaulty(faults=wrong)
    return texts
