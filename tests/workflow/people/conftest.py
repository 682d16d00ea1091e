"""A database with one county's inspection office, and nobody in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from tests.hashing import shipped_hashing
from workflow.database import Database
from workflow.organisations import add_county, add_organ
from workflow.people import passwords
from workflow.people.accounts import create_person

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
PASSWORD = "河湾-7-lamps-on"


@pytest.fixture(scope="package", autouse=True)
def shipped_passwords(cheap_passwords: None) -> Iterator[None]:
    """Here passwords are hashed as in an office."""
    with shipped_hashing():
        yield


@dataclass
class Offices:
    """The database, and the ids of the inspection office and the discipline commission."""

    database: Database
    office_id: int
    commission_id: int

    def person(self, login: str, *, password: str = "") -> int:
        """A new person, with a password where one is said."""
        hashed = passwords.hash_of(password) if password else None
        return self.database.write(lambda store: create_person(store, login=login, name="林静", now=NOW, password_hash=hashed))


@pytest.fixture
def offices(database_url: str) -> Iterator[Offices]:
    database = Database(database_url)
    county = database.write(lambda store: add_county(store, name="安澜县"))
    commission_id = database.write(
        lambda store: add_organ(store, area_id=county.area_id, kind="discipline_commission", name="安澜县纪委监委")
    )
    yield Offices(database, county.office_id, commission_id)
    database.close()
