"""The settings that a county has changed, as every verb and page reads them; what is not here is as it ships."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, select

from config.documents import parse
from workflow.models import SettingVersion
from workflow.statements import Prepared
from workflow.store import Store, table_of

# The kinds that the engine itself asks for: how a letter is worded on the day it goes out, how it is numbered, which roles
# a county has added to those that ship, how long cases of a class are kept.
LETTER, LETTER_NUMBER, ROLE, RETENTION = "letter", "letter_number", "role", "retention"
# What stands for the years of a class that is kept without an end.
FOR_EVER = 0

_version = table_of(SettingVersion)
IN_FORCE = Prepared(
    select(_version.c.kind, _version.c.key, _version.c.number, _version.c.source, _version.c.digest, _version.c.decided_at)
    .where(_version.c.number > 0)
    .order_by(_version.c.kind, _version.c.key, _version.c.number)
)
AT = Prepared(
    select(_version.c.source)
    .where(
        _version.c.kind == bindparam("kind"),
        _version.c.key == bindparam("key"),
        _version.c.granted,
        _version.c.decided_at <= bindparam("at", type_=_version.c.decided_at.type),
    )
    .order_by((_version.c.number > 0).desc(), _version.c.decided_at.desc(), _version.c.id.desc())
    .limit(1)
)
FIRST = Prepared(
    select(_version.c.source)
    .where(_version.c.kind == bindparam("kind"), _version.c.key == bindparam("key"), _version.c.number == 0)
    .order_by(_version.c.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class InForce:
    """The county's text of one setting."""

    number: int
    digest: str
    since: datetime
    source: str

    @property
    def data(self) -> Any:
        """What it says."""
        return data_of(self.source)


@cache
def data_of(source: str) -> Any:
    """The plain data of a stored text; nobody changes it, so each is read once."""
    return parse(source, name="").data


@dataclass(frozen=True)
class Settings:
    """Kind → key → the text in force, of those that a county has changed."""

    by_kind: Mapping[str, Mapping[str, InForce]] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, kind: str) -> Mapping[str, InForce]:
        """The county's texts of a kind."""
        return self.by_kind.get(kind, {})

    def data(self, kind: str) -> dict[str, Any]:
        """The same as plain data."""
        return {key: one.data for key, one in self.of(kind).items()}


def number_series(letter: str, year: int) -> str:
    """The series that letters of this name are counted in; what counts does not change with the pattern."""
    return f"{LETTER_NUMBER}:{letter}:{year}"


def read_settings(store: Store) -> Settings:
    """Everything that a county has changed, as it is in force now."""
    found: dict[str, dict[str, InForce]] = {}
    for row in store.rows(IN_FORCE):
        told = InForce(row["number"], row["digest"], row["decided_at"], row["source"])
        found.setdefault(row["kind"], {})[row["key"]] = told
    return Settings(found)


def setting_at(store: Store, kind: str, key: str, at: datetime) -> Any:
    """What stood at an hour: the county's text of then, else what shipped then; None where nothing was written down yet."""
    row = store.row(AT, kind=kind, key=key, at=at) or store.row(FIRST, kind=kind, key=key)
    return data_of(row["source"]) if row else None
