"""Everybody of the world at the doors of the site: signed in, with a token, and with what an answer says whatever it is packed in."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import County
from tests.security.oracle import Tables
from tests.security.world import World
from tests.web.site import signed_in, token
from tests.workflow.looking import rows_of_table
from web.wiring import shipped_workflows
from workflow.models import Area, Barred, Case, Event, Grant, Knower, Organ, Party, Person
from workflow.people import tokens
from workflow.store import table_of

# What differs between two answers of one meaning: form tokens and keys, and the address asked for.
CHANGING = re.compile(r'name="(csrf_token|key)" value="[^"]*"|hx-headers=\'[^\']*\'|nonce="[^"]*"|[0-9a-f]{32}')


def tables_of(county: County, today: date) -> Tables:
    """The rows that the oracle looks at."""

    def read(model: Any) -> tuple[Any, ...]:
        return tuple(dict(row) for row in rows_of_table(county, table_of(model)))

    def by_id(model: Any) -> dict[int, Any]:
        return {row["id"]: row for row in read(model)}

    events = tuple(sorted(read(Event), key=lambda row: (row["case_id"], row["seq"])))
    kinds = {kind: document.data for kind, document in shipped_workflows().items()}
    told: dict[str, Any] = {"cases": by_id(Case), "persons": by_id(Person), "organs": by_id(Organ), "areas": by_id(Area)}
    told |= {"parties": read(Party), "barred": read(Barred), "knowers": read(Knower), "grants": read(Grant), "events": events}
    return Tables(today=today, kinds=kinds, **told)


class Visitors:
    """The people of a world, each with one session and one token."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world
        self._clients: dict[str, FlaskClient] = {}
        self._forms: dict[str, str] = {}
        self._tokens: dict[str, str] = {}

    def client(self, login: str) -> FlaskClient:
        """The person's browser."""
        if login not in self._clients:
            self._clients[login] = signed_in(self.app, self.world.county, login, datetime.now(UTC))
            self._forms[login] = token(self._clients[login], "/tokens")
        return self._clients[login]

    def get(self, login: str, address: str) -> TestResponse:
        """What a page answers him."""
        return self.client(login).get(address)

    def post(self, login: str, address: str, data: Mapping[str, Any]) -> TestResponse:
        """What a form answers him."""
        client = self.client(login)
        return client.post(address, data={**data, "csrf_token": self._forms[login]})

    def put(self, login: str, address: str, body: bytes) -> TestResponse:
        """What a page answers a script of it that sends him a file in parts."""
        client = self.client(login)
        return client.put(address, data=io.BytesIO(body), headers={"X-CSRFToken": self._forms[login]})

    def call(self, login: str, method: str, path: str, body: Any = None) -> TestResponse:
        """What the API answers him."""
        if login not in self._tokens:
            self.client(login)  # First: a new password ends the tokens that there were.
            person_id, now = self.world.county.people[login], datetime.now(UTC)
            made = self.world.county.database.write(
                lambda store: tokens.create(store, person_id=person_id, label="矩阵", now=now)
            )
            self._tokens[login] = made
        who = {"Authorization": f"Bearer {self._tokens[login]}"}
        return self.app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=who)


def words(answer: TestResponse) -> str:
    """What an answer says, also inside a workbook, a letter or a dossier."""
    body = answer.get_data()
    answer.close()
    return unpacked(body)


def unpacked(body: bytes) -> str:
    """The text of a packed file, or of one that is not packed."""
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return "".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def plain(answer: TestResponse, *addressed: str) -> str:
    """What an answer says, without what differs each time and without the address that was asked for."""
    told = CHANGING.sub("", words(answer))
    for address in addressed:
        told = told.replace(address, "…")
    return told
