"""Idempotency keys: the same request again gives the stored answer, another request under the same key is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import bindparam, select

from states.errors import InvalidForm, KeyReused
from states.questions import told_with
from workflow.models import Answer
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.types import Outcome

A = TypeVar("A", Outcome, int)

KEY_AT_MOST = 200

_answer = table_of(Answer)
FIND = Prepared(
    select(_answer.c.digest, _answer.c.answer).where(
        _answer.c.actor_id == bindparam("actor_id"), _answer.c.key == bindparam("key")
    )
)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request under somebody's key. Of the request only its digest is kept."""

    actor_id: int
    key: str
    digest: str


def keyed(actor_id: int | None, key: str | None, request: Mapping[str, Any], digest_of: Callable[[str], str]) -> Keyed | None:
    """The request under its key; None where there is no key, or nobody to keep it for.

    `digest_of` needs a key where requests tell secrets: the others could be tried out on a plain digest.
    """
    if not key or actor_id is None:
        return None
    if len(key) > KEY_AT_MOST:
        raise InvalidForm(fields={"key": [told_with("too_long", len(key), KEY_AT_MOST)]})
    return Keyed(actor_id, key, digest_of(canonical(request)))


def find_answer(store: Store, asked: Keyed) -> Outcome | int | None:
    """The answer given before under this key to this very request; KeyReused for another one."""
    row = store.row(FIND, actor_id=asked.actor_id, key=asked.key)
    if row is None:
        return None
    if row["digest"] != asked.digest:
        raise KeyReused(key=asked.key)
    answer = json.loads(row["answer"])
    return answer if isinstance(answer, int) else Outcome(**{**answer, "opened": tuple(answer["opened"])})


def once(store: Store, asked: Keyed | None, work: Callable[[], A], now: datetime) -> A:
    """The answer of `work`, done and kept unless this request was answered before. Ids, versions and states are kept."""
    if asked is None:
        return work()
    known = find_answer(store, asked)
    if known is not None:
        return cast(A, known)  # the digest covers the verb, so the answer is of its kind
    answer = work()
    row = {"actor_id": asked.actor_id, "key": asked.key, "digest": asked.digest}
    store.insert(Answer, [{**row, "answer": _kept(answer), "created_at": now}])
    return answer


def _kept(answer: Outcome | int) -> str:
    return canonical(answer if isinstance(answer, int) else asdict(answer))
