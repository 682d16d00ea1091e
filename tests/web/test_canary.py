"""A canary in the secret fields of a clue: handled, amended, undone, refused and sent about, it stands nowhere in plain words.

Looked for in every table, in every file under DUBAN_HOME, in what is logged, on pages of whoever sees the clue, in exports,
in answers of the API, and in the mails and posts that leave the house.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from handlers.channels.smtp import MailChannel
from handlers.channels.webhook import body_of
from handlers.registry import EFFECTS, RUNGS
from tests import hours
from tests.factories import SEALER, County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row, rows_of_table
from web.messages import render
from web.wiring import shipped_titles
from workflow.engine import Engine
from workflow.models import Person, metadata
from workflow.outbox import deliver
from workflow.people import tokens

NOW = hours.now()
FIRST, WRONG, SECOND = "金丝雀甲", "金丝雀误", "金丝雀乙"
BIRD = "金丝雀"
SECRETS = ("reporter_name", "reporter_contact", "subject_persons")
SEERS = ("lin", "zhao", "he", "luo")  # the office, and the body that handles the clue


@dataclass
class Caught:
    """A channel that keeps what would have left the house, as it would have left."""

    mail: bool
    sent: list[str] = field(default_factory=list)

    @property
    def wants_address(self) -> bool:
        """Mails need an address."""
        return self.mail

    def send(self, message: Any) -> None:
        """Keeps the bytes."""
        mail = MailChannel("mail.example", 25, "duban@anlan.example", partial(render, shipped_titles()))
        self.sent.append(mail.mail_of(message).get_content() if self.mail else body_of(message).decode())


@pytest.fixture
def county(county: County) -> County:
    """The county, whose messages also leave the house."""
    county.engine = Engine(county.database, effects=EFFECTS, rungs=RUNGS, channels=("inbox", "mail", "webhook"), sealer=SEALER)

    def give_addresses(store: Any) -> None:
        for person_id in county.people.values():
            store.update(Person, {"email": f"p{person_id}@anlan.example"}, id=person_id)

    county.database.write(give_addresses)
    return county


def where_it_stands(county: County, home: Path) -> Iterator[str]:
    """The tables and the files in which the canary stands."""
    for table in metadata.sorted_tables:
        if BIRD in repr(rows_of_table(county, table)):
            yield table.name
    for path in home.rglob("*"):
        if path.is_file() and BIRD.encode() in path.read_bytes():
            yield str(path.relative_to(home))


def told_by(body: bytes) -> str:
    """What an answer says, also inside a packed workbook or letter."""
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return "".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def addresses_of(case_id: int) -> tuple[str, ...]:
    """Every page, export and search that could tell of the case."""
    pages = (f"/cases/{case_id}", f"/cases/{case_id}/do/remind", "/ledger", "/inbox", "/notices", "/health")
    exports = ("/ledger/export.xlsx?kind=clue", "/ledger/export.csv?kind=clue", f"/cases/{case_id}/letters/transfer_letter")
    return (*pages, *exports, f"/search?q={BIRD}", f"/search?q={FIRST}", f"/ledger?q={SECOND}")


def answers_of(app: Flask, county: County, login: str, case_id: int) -> Iterator[str]:
    """What the API says of the case."""
    token = county.database.write(lambda store: tokens.create(store, person_id=county.people[login], label="t", now=NOW))
    api, who = app.test_client(), {"Authorization": f"Bearer {token}"}
    for path in ("cases", f"cases/{case_id}", f"cases/{case_id}/events", f"search?q={BIRD}", "counts"):
        answer = api.get(f"/api/v1/{path}", headers=who)
        assert answer.status_code == 200, path
        yield answer.text


def amend(lin: Any, case_id: int, value: str, reason: str = "补充") -> int:
    """Sets the reporter's name from the page; the status of the answer."""
    told = {"field": "reporter_name", "reporter_name": value, "reason": reason}
    return int(post(lin, f"/cases/{case_id}", f"/cases/{case_id}/verbs/amend", told).status_code)


def registered(client: Client) -> int:
    """A clue registered from the page, with its reporter."""
    facts = {"summary": "虚报危房改造补助", "managed_by": "village", "reporter_name": FIRST, "reporter_contact": FIRST}
    form = client("lin").get("/cases/new/clue").text
    subject = re.search(r'<option value="(\d+)"[^>]*>[^<]*东沟村', form)
    assert subject is not None
    data = {**facts, "subject_persons": FIRST, "title": "危房改造补助线索", "subject": subject[1]}
    answer = post(client("lin"), "/cases/new/clue", "/cases/new/clue", data)
    assert answer.status_code == 303, words_of(answer.text)
    return int(answer.location.rsplit("/", 1)[1])


def secret_values(county: County, case_id: int) -> Mapping[str, str]:
    return county.database.read(lambda store: SEALER.open(store, case_id, SECRETS))


def test_a_canary_in_secret_fields_is_found_nowhere_else(
    app: Flask, client: Client, county: County, home: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    case_id = registered(client)
    recipient = county.organs["liuhe_discipline"]
    county.fire(case_id, "transfer", "zhao", hours.now(), recipient=recipient, hand_over_mode="transfer")
    lin = client("lin")
    assert amend(lin, case_id, WRONG) == 303
    assert secret_values(county, case_id)["reporter_name"] == WRONG
    assert post(lin, f"/cases/{case_id}", f"/cases/{case_id}/undo", {}).status_code == 303
    assert secret_values(county, case_id) == {"reporter_name": FIRST, "reporter_contact": FIRST, "subject_persons": FIRST}
    assert amend(lin, case_id, SECOND) == 303
    assert amend(lin, case_id, WRONG, reason="") == 422
    county.fire(case_id, "sign_for", "luo", hours.now())
    county.engine.tick(NOW + timedelta(days=250))
    channels = {"mail": Caught(mail=True), "webhook": Caught(mail=False)}
    deliver(county.database, channels, now=NOW + timedelta(days=250))
    assert list(where_it_stands(county, home)) == []
    number = case_row(county, case_id)["number"]
    for login in SEERS:
        reader = client(login)
        for address in addresses_of(case_id):
            with reader.get(address) as answer:
                told = told_by(answer.data)
            # A search page repeats what was asked, and finds nothing.
            assert BIRD not in told if "q=" not in address else number not in words_of(told), (login, address)
        assert [said for said in answers_of(app, county, login, case_id) if BIRD in said] == []
    for address in ("/ledger/export.xlsx?kind=clue", "/ledger/export.csv?kind=clue", f"/cases/{case_id}"):
        with client("zhao").get(address) as answer:
            assert number in told_by(answer.data), "what was looked through tells of the clue"
    assert all(channel.sent for channel in channels.values())
    assert BIRD not in "".join(text for channel in channels.values() for text in channel.sent)
    printed = capfd.readouterr()
    assert BIRD not in caplog.text + printed.out + printed.err
