"""What ships for letters: their wording, as YAML beside this file.

`letters.yaml` says for each letter its form, its title and its paragraphs or table rows, with names in braces;
`handlers/letters/` fills the names in. Nothing here is ever executed.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from config.documents import parse

LETTERS = "letters.yaml"


@cache
def load_letters() -> dict[str, Any]:
    """The shipped wording by letter as plain dicts and lists, read once per process; callers do not change it."""
    text = files(__package__).joinpath(LETTERS).read_text(encoding="utf-8")
    loaded: dict[str, Any] = parse(text, name=LETTERS).data
    return loaded
