"""What ships for imports: the words that ledgers use, as YAML beside this file.

`ledger.yaml` lists headings, status words and row kinds; `handlers/ledgers/` reads cells by it. Nothing here
decides.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

LEDGER_WORDS = "ledger.yaml"


@cache
def load_ledger_words() -> dict[str, Any]:
    """The shipped vocabulary of ledgers as plain dicts and lists, read once per process; callers do not
    change it.
    """
    text = files(__package__).joinpath(LEDGER_WORDS).read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
