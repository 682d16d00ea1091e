"""A site where whoever may see clues needs a second factor, and people of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import hours
from tests.factories import County
from tests.web.site import signed_in, site, token
from web.session.step_up import seal
from workflow.models import SignIn
from workflow.people import factors
from workflow.store import table_of


@dataclass
class Office:
    """The site and its county."""

    app: Flask
    county: County

    def client(self, login: str) -> FlaskClient:
        """Somebody who typed the right password."""
        return signed_in(self.app, self.county, login, hours.now())

    def enrol(self, login: str) -> str:
        """The secret of a new code generator of somebody, whose codes of this half minute are not used yet."""
        before = hours.now() - timedelta(minutes=5)
        person_id = self.county.people[login]
        with self.app.app_context():
            kept = seal()
        begun = self.county.database.write(lambda store: factors.begin_totp(store, person_id=person_id, seal=kept, now=before))
        told = {"factor_id": begun[0], "code": pyotp.TOTP(begun[1]).at(before), "label": ""}
        self.county.database.write(
            lambda store: factors.confirm_totp(store, person_id=person_id, seal=kept, now=before, **told)
        )
        return begun[1]

    def show(self, client: FlaskClient, secret: str) -> int:
        """The status after the code of now."""
        told = {"proof_code": pyotp.TOTP(secret).at(hours.now()), "csrf_token": token(client, "/factor")}
        return client.post("/factor", data=told).status_code

    def age(self) -> None:
        """Every proof of everybody is six minutes old."""
        table, then = table_of(SignIn), hours.now() - timedelta(minutes=6)
        self.county.database.write(lambda store: store.execute(table.update().values(proved_at=then)))


@pytest.fixture
def office(county: County, home: Path) -> Office:
    """The site."""
    return Office(site(county, home, DUBAN_SECOND_FACTOR="clues"), county)
