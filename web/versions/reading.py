"""The definitions that pages of versions hold against each other: a published version, or a draft as it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import gettext

from states.definition import Definition
from states.schema import load
from workflow.definitions import TEXT
from workflow.store import Store
from workflow.versions import drafts


@dataclass(frozen=True, slots=True)
class Edition:
    """A definition with what it is called beside another; None where the text of a draft cannot be read."""

    title: str
    definition: Definition | None


def read_texts(store: Store, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The canonical texts of versions by their digest."""
    found: dict[str, str] = {}
    for row in rows:
        text = store.row(TEXT, digest=row["digest"])
        if text is not None:
            found[row["digest"]] = text["canonical"]
    return found


def edition(row: Mapping[str, Any] | None, texts: Mapping[str, str]) -> Edition:
    """A version by its number; of a kind that has none, nothing."""
    if row is None or row["digest"] not in texts:
        return Edition(gettext("还没有版本"), None)
    return Edition(gettext("第%(n)s版", n=row["number"]), load(json.loads(texts[row["digest"]])))


def drafted(draft: Mapping[str, Any]) -> Edition:
    """A draft by its name."""
    said = drafts.read_text(draft["source"])
    return Edition(draft_title(draft), load(said.document) if said is not None else None)


def draft_title(draft: Mapping[str, Any]) -> str:
    """What a draft is called."""
    return str(draft["name"]) or str(gettext("草稿%(n)s", n=draft["id"]))


def design_url(draft_id: int) -> str:
    """The page on which a draft is worked on, "" where this site has none."""
    return f"/designer/{draft_id}" if any(name.startswith("designer.") for name in current_app.view_functions) else ""
