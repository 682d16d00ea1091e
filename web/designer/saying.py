"""Sentences of the designer in the reader's language, as plain text: they go into lines, attributes and the canvas's data."""

from __future__ import annotations

from typing import Any

import flask_babel


def gettext(message: str, **told: Any) -> str:
    """The sentence, with what it speaks of in its places."""
    return str(flask_babel.gettext(message, **told))
