"""Search text: one normaliser and overlapping bigrams, the same on both databases. Nothing secret ever comes here."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import opencc
from sqlalchemy import and_, bindparam, delete, update

from workflow.casefile import CaseFile
from workflow.models import Facet, SearchText, Secret, Spell
from workflow.statements import Prepared
from workflow.store import table_of

_facet, _spell, _text, _secret = table_of(Facet), table_of(Spell), table_of(SearchText), table_of(Secret)

CLEAR_FACETS = Prepared(delete(_facet).where(_facet.c.case_id == bindparam("case_id")))
CLEAR_SECRET = Prepared(delete(_secret).where(_secret.c.case_id == bindparam("case_id"), _secret.c.field == bindparam("field")))
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


def text_of(file: CaseFile) -> str:
    """What of a case can be found: numbers, title and text facts; secret fields are not among `data`."""
    texts = [value for value in file.data.values() if isinstance(value, str)]
    # A separator that no query contains keeps bigrams from spanning two facts.
    return "\x1f".join([file.row["number"], file.row["old_number"], file.row["title"], *texts])
