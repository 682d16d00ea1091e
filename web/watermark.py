"""Whose eyes a paper is for: what has secrets bears the name of whoever printed it, and the hour."""

from __future__ import annotations

from states.definition import Definition
from states.shut import keeps_secrets
from web import formatting
from web.current import actor, now, today
from web.language import current_language


def watermark_of(definition: Definition) -> str:
    """Who reads, and when; "" for a kind without secrets."""
    language = current_language()
    hour = f"{formatting.full_day(today(), language=language)} {formatting.clock_time(now(), language=language)}"
    return f"{actor().name} {hour}" if keeps_secrets(definition) else ""
