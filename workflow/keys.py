"""Idempotency keys: the same request again gives the stored answer, another request under the same key is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from states.errors import KeyReused
from workflow.models import Answer
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.text import canonical, digest
from workflow.types import Outcome

_answer = table_of(Answer)
FIND = Prepared(
    select(_answer.c.digest, _answer.c.answer).where(
        _answer.c.actor_id == bindparam("actor_id"), _answer.c.key == bindparam("key")
    )
)


def find_answer(store: Store, actor_id: int, key: str, request: Mapping[str, Any]) -> Outcome | None:
    """The answer given before under this key to this very request; KeyReused for another one."""
    row = store.row(FIND, actor_id=actor_id, key=key)
    if row is None:
        return None
    if row["digest"] != digest(canonical(request)):
        raise KeyReused(key=key)
    answer = json.loads(row["answer"])
    return Outcome(**{**answer, "opened": tuple(answer["opened"])})


def keep_answer(store: Store, actor_id: int, key: str, request: Mapping[str, Any], outcome: Outcome, now: datetime) -> None:
    """Stores the answer: ids and version only, never content. The request is kept as a digest."""
    answer = {name: getattr(outcome, name) for name in ("case_id", "version", "seq", "state", "number")}
    answer["opened"] = list(outcome.opened)
    row = {"actor_id": actor_id, "key": key, "digest": digest(canonical(request))}
    store.insert(Answer, [{**row, "answer": canonical(answer), "created_at": now}])
