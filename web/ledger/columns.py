"""The columns by which a ledger of one kind differs: the facts that its definition lets one filter by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from states.definition import Field, Language
from web import formatting
from web.ledger.listing import Listing
from workflow.reads.rows import LedgerRow

FACTS_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A fact's column: its title, the class that says how wide it is, and its words for a row."""

    field: Field
    language: Language
    today: date

    @property
    def title(self) -> str:
        """The field's title."""
        return self.field.title.in_(self.language)

    @property
    def width(self) -> str:
        """The class of its `col`."""
        return "col-due" if self.field.type in ("date", "flag") else "col-place"

    def words(self, row: LedgerRow) -> str:
        """What the row says; "" where it says nothing."""
        value = row.facts.get(self.field.key)
        if value is None or value == "":
            return ""
        if self.field.type == "date":
            return formatting.plain_day(date.fromisoformat(value), today=self.today, language=self.language)
        if self.field.type == "flag":
            return str(gettext("是") if value else gettext("否"))
        return self._chosen(value if isinstance(value, list) else [value])

    def _chosen(self, values: list[Any]) -> str:
        titles = {choice.key: choice.title.in_(self.language) for choice in self.field.choices}
        return "、".join(titles.get(value, str(value)) for value in values)


def fact_columns(listing: Listing, language: Language) -> tuple[FactColumn, ...]:
    """The columns of a page that holds one kind; none for a mixed one, which says the kind instead."""
    if listing.is_mixed:
        return ()
    fields = [field for definition in listing.definitions for field in definition.fields if field.filter and not field.secret]
    return tuple(FactColumn(field, language, listing.today) for field in fields[:FACTS_AT_MOST])
