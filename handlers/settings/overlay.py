"""The vocabulary as a county has set it: what ships, with its own words laid over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.vocabulary import load_vocabulary
from handlers.settings.messages import MESSAGE
from handlers.settings.titles import LABEL
from workflow.configuration.settings import RETENTION, ROLE, Settings


def vocabulary_of(settings: Settings) -> Mapping[str, Any]:
    """The shipped vocabulary where nothing was changed, the same with the county's words otherwise."""
    shipped = load_vocabulary()
    if not settings.by_kind:
        return shipped
    messages = shipped["messages"] | {
        key: {**told, "params": shipped["messages"][key]["params"]} for key, told in settings.data(MESSAGE).items()
    }
    return {
        **shipped,
        "messages": messages,
        "evidence_labels": shipped["evidence_labels"] | settings.data(LABEL),
        "roles": shipped["roles"] | settings.data(ROLE),
        "retentions": shipped["retentions"] | settings.data(RETENTION),
    }
