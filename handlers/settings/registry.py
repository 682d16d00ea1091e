"""Every kind of setting by its name, in the order in which a county looks through them."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.settings import ledgers, letters, mappings, messages, retention, titles
from workflow.configuration.kinds import Kind
from workflow.configuration.years import KIND as YEARS

KINDS = (
    *(messages.KIND, letters.LETTERS, letters.NUMBERS, titles.LABELS),
    *(titles.ROLES, ledgers.KIND, mappings.KIND, retention.KIND, YEARS),
)
SETTINGS: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
