"""Whose eyes a paper is for: what has secrets bears the name of whoever printed it, and the hour."""

from __future__ import annotations

from states.definition import Definition
from web import formatting
from web.current import actor, now, today
from web.language import current_language


def has_secrets(definition: Definition) -> bool:
    """Has the kind facts that not everybody who reads it may read?"""
    return any(field.secret for field in definition.fields)


def watermark_of(definition: Definition) -> str:
    """Who reads, and when; "" for a kind without secrets."""
    language = current_language()
    hour = f"{formatting.full_day(today(), language=language)} {formatting.clock_time(now(), language=language)}"
    return f"{actor().name} {hour}" if has_secrets(definition) else ""
