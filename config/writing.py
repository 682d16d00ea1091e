"""Plain data as YAML that `documents.parse` reads back as the same: small things on one line, large ones in a block."""

from __future__ import annotations

import json
import re
from typing import Any

from config.documents import is_read_as_text

LINE, LIST_LINE = 150, 60
# What may stand without quotes: neither a sign of YAML in front nor one that ends a value within.
_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=<][^\n\t#\[\]{},:\"'`\\]*(?<!\s)")
_UNSEEN = re.compile("[\x7f-\x9f\u00a0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def written_scalar(value: Any, *, in_flow: bool = False) -> str:
    """One value; text in quotes only where it would be read as something else without them."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and is_read_as_text(value) and value.isprintable():
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def as_flow(value: Any) -> str:
    """The value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written_scalar(str(key))}: {as_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_flow(inner) for inner in value) + "]"
    return written_scalar(value)


def fits_a_line(value: Any) -> bool:
    """Is it small enough for one line? A list of mappings has one line for each."""
    if not value or not isinstance(value, dict | list):
        return True
    is_listed = isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value)
    is_deep = isinstance(value, dict) and any(isinstance(inner, list) and not fits_a_line(inner) for inner in value.values())
    return not is_deep and len(as_flow(value)) <= (LIST_LINE if is_listed else LINE)


def as_block(value: Any, column: int) -> str:
    """The value in lines, of which the first begins where it is put, and the others at `column`."""
    if not isinstance(value, dict | list) or not value:
        return as_flow(value)
    lines = []
    if isinstance(value, dict):
        for key, inner in value.items():
            begun = f"{written_scalar(str(key))}:"
            is_small = fits_a_line(inner)
            lines.append(
                f"{begun} {as_flow(inner)}" if is_small else f"{begun}\n{' ' * (column + 2)}{as_block(inner, column + 2)}"
            )
    else:
        lines = [f"- {as_flow(inner) if fits_a_line(inner) else as_block(inner, column + 2)}" for inner in value]
    return f"\n{' ' * column}".join(lines)
