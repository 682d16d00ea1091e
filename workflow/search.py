"""Search text: one normaliser and overlapping bigrams, the same on both databases. Nothing secret ever comes here."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import opencc
from sqlalchemy import and_, bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert as insert_or_change

from states.definition import Definition
from workflow.models import SearchText, Secret, Spell
from workflow.statements import Prepared
from workflow.store import table_of

TEXTS = ("text", "long_text")
SEPARATOR = "\x1f"

_spell, _text, _secret = table_of(Spell), table_of(SearchText), table_of(Secret)

_told = insert_or_change(_secret).values(**{name: bindparam(name) for name in ("case_id", "field", "value", "seq")})
SET_SECRET = Prepared(
    _told.on_conflict_do_update(
        index_elements=["case_id", "field"],
        set_={"was": _secret.c.value, "value": _told.excluded.value, "seq": _told.excluded.seq},
    )
)
CLEAR_TEXT = Prepared(delete(_text).where(_text.c.case_id == bindparam("case_id")))
CLOSE_SPELL = Prepared(
    update(_spell)
    .values(to_at=bindparam("ended", type_=_spell.c.to_at.type))
    .where(and_(_spell.c.case_id == bindparam("case_id"), _spell.c.to_at.is_(None)))
)


@cache
def _to_simplified() -> Any:
    return opencc.OpenCC("t2s")


def normalise(text: str) -> str:
    """NFKC, simplified characters, case folded, blanks dropped: 「張 三」 and 「张三」 are the same to a searcher."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(_to_simplified().convert(plain).split())


def grams(body: str) -> list[str]:
    """The overlapping bigrams of a normalised text, each once; a text of one character is its own."""
    if len(body) < 2:
        return [body] if body else []
    return list(dict.fromkeys(body[i : i + 2] for i in range(len(body) - 1)))


def texts_of(definition: Definition, row: Mapping[str, Any], data: Mapping[str, Any]) -> list[str]:
    """What of a case can be found: its numbers, its title, its text facts; secret fields are not among `data`."""
    texts = [data[field.key] for field in definition.fields if field.type in TEXTS and data.get(field.key)]
    return [row["number"], row["old_number"], row["title"], *texts]


def body_of(texts: Iterable[str]) -> str:
    """The texts as the index keeps them, normalised; a separator that no query contains keeps words from spanning two."""
    return SEPARATOR.join(map(normalise, texts))


def listed_by(definition: Definition) -> list[str]:
    """The facts that lists of its cases are filtered by; none of them is secret."""
    return [field.key for field in definition.fields if field.filter and not field.secret]


def facets_by(keys: Iterable[str], data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(field, value) of these facts where they are filled; a fact with several values has several."""
    filled = ((key, data.get(key)) for key in keys)
    found = ((key, value if isinstance(value, list) else [value]) for key, value in filled if value not in (None, "", []))
    return [(key, str(each)) for key, values in found for each in values]
