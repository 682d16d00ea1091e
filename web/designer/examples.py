"""What a draft may begin with beside a file: variants that counties run, what ships as examples, a kind from nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import config
from config.writing import as_block
from states.errors import BadInput
from states.schema.notation import KEY_PATTERN
from web.wiring import gallery, read_shipped
from workflow.definitions import TEXT, VERSIONS
from workflow.store import Store

FOLDER = Path(config.__file__).parent
NAME_AT_MOST = 60


def examples() -> dict[str, tuple[Any, str]]:
    """Title, as the definition says it, and text by name."""
    variants = {key: (one.title, as_block(one.document, 0) + "\n") for key, one in gallery().items()}
    paths = sorted((FOLDER / "examples").glob("*.yaml"))
    found = {path.stem: read_shipped(str(path.relative_to(FOLDER))) for path in paths}
    return variants | {name: (document.data["title"], document.text) for name, document in found.items()}


def current_text(store: Store, kind: str) -> str:
    """The text of the current version of a kind, as it was written; BadInput unknown_kind where there is none."""
    row = next((row for row in store.rows(VERSIONS) if row["kind"] == kind and row["status"] == "published"), None)
    if row is None:
        raise BadInput(why="unknown_kind", kind=kind)
    told = store.row(TEXT, digest=row["digest"])
    assert told is not None, "every version has its text"
    return str(told["source"]) or as_block(json.loads(told["canonical"]), 0) + "\n"


def fit_name(told: str) -> str:
    """What a draft is called, without spaces around it; BadInput name for one that is too long."""
    name = " ".join(told.split())
    if len(name) > NAME_AT_MOST:
        raise BadInput(why="name")
    return name


def require_new_kind(key: str, title: str, taken: Collection[str]) -> tuple[str, str]:
    """Key and title of a kind that is begun from nothing; BadInput for a key that is none or taken, or no title."""
    if not re.fullmatch(KEY_PATTERN, key):
        raise BadInput(why="edit_not_a_key", value=key[:60])
    if not title or len(title) > NAME_AT_MOST:
        raise BadInput(why="name")
    if key in taken:
        raise BadInput(why="edit_key_taken", value=key)
    return key, title
