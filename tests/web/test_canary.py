"""A canary in the secret fields of a clue: handled, amended, undone, refused and sent about, it stands nowhere in plain words.

Looked for in every table, in every file under DUBAN_HOME, in what is logged, at every address that the site lists (canary_doors.py),
in what the command line prints and writes, and in the mails and posts that leave the house.
"""

from __future__ import annotations

import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from handlers.channels.smtp import MailChannel
from handlers.channels.webhook import body_of
from handlers.registry import EFFECTS, RUNGS
from tests import hours
from tests.factories import SEALER, County
from tests.security.doors import DOORS, LIST
from tests.security.sampling import some
from tests.security.test_peers import handed_in
from tests.web.canary_doors import must_answer, readings_of, steps_of
from tests.web.conftest import Client
from tests.web.site import post, signed_in, words_of
from tests.web.site import token as form_token
from tests.workflow.looking import case_row, rows_of_table
from web.cli import main
from web.messages import render
from web.wiring import shipped_titles
from workflow.engine import Engine
from workflow.keyring import make_key
from workflow.models import Grant, Person, metadata
from workflow.occasions import moved
from workflow.outbox import deliver
from workflow.people import tokens

NOW = hours.now()
FIRST, WRONG, SECOND = "金丝雀甲", "金丝雀误", "金丝雀乙"
BIRD = "金丝雀"
# The same as it stands in JSON and in an address.
SPELLED = (BIRD, json.dumps(BIRD)[1:-1], quote(BIRD))
SECRETS = ("reporter_name", "reporter_contact", "subject_persons")
SEERS = ("lin", "zhao", "he", "luo")  # the office, and the body that handles the clue
CONCERNED = ("zhou", "chen", "ma")  # whom it is about, who stands above him, and somebody else
ADMINISTRATORS = {"guo": "system_admin", "sunli": "audit_admin", "qian": "security_admin", "yan": "workflow_admin"}


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


def is_told(text: str) -> bool:
    """Does the canary stand in it, however it is spelled?"""
    return any(spelled in text for spelled in SPELLED)


def where_it_stands(county: County, home: Path) -> Iterator[str]:
    """The tables and the files in which the canary stands."""
    for table in metadata.sorted_tables:
        if is_told(repr(rows_of_table(county, table)).replace("\\\\", "\\")):
            yield table.name
    for path in home.rglob("*"):
        if path.is_file() and is_told(told_by(path.read_bytes())):
            yield str(path.relative_to(home))


def told_by(body: bytes) -> str:
    """What an answer says, also inside a packed workbook or letter."""
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return "".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def searches_of() -> tuple[str, ...]:
    """Where a secret is asked for: a search page repeats what was asked, and finds nothing."""
    return f"/search?q={BIRD}", f"/search?q={FIRST}", f"/ledger?q={SECOND}", f"/api/v1/search?q={BIRD}"


class Reader:
    """Somebody at every door, signed in and with a token."""

    def __init__(self, app: Flask, county: County, login: str) -> None:
        self.login, self._client = login, signed_in(app, county, login, hours.now())
        self._api = app.test_client()
        token = county.database.write(lambda store: tokens.create(store, person_id=county.people[login], label="t", now=NOW))
        self._bearer = {"Authorization": f"Bearer {token}"}
        self._form = form_token(self._client, "/tokens")

    def get(self, address: str) -> tuple[int, str]:
        """The status, and what the answer says whatever it is packed in; as a program where the address is a program's."""
        client, who = (self._api, self._bearer) if address.startswith("/api/") else (self._client, {})
        with client.get(address, headers=who) as answer:
            return answer.status_code, told_by(answer.data)

    def post(self, address: str, **told: str) -> str:
        """What the answer says to an empty form, or body."""
        if address.startswith("/api/"):
            with self._api.post(address, headers=self._bearer, json={}) as answer:
                return told_by(answer.data)
        with self._client.post(address, data={**told, "csrf_token": self._form}) as answer:
            return told_by(answer.data)


def give_duties(county: County) -> None:
    """Some who have nothing to do with the clue are administrators, of every kind."""

    def work(store: Any) -> None:
        for login, role in ADMINISTRATORS.items():
            store.update(Grant, {"role": role}, person_id=county.people[login])
        moved(store, "people")

    county.database.write(work)


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
    app: Flask,
    client: Client,
    county: County,
    home: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At every address of the site by everybody, in every table and file, in what is logged, sent, printed and exported."""
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
    paper = handed_in(county, home, case_id, "luo")
    give_duties(county)
    county.engine.tick(NOW + timedelta(days=250))
    channels = {"mail": Caught(mail=True), "webhook": Caught(mail=False)}
    deliver(county.database, channels, now=NOW + timedelta(days=250))
    assert list(where_it_stands(county, home)) == []
    assert all(channel.sent for channel in channels.values())
    assert not is_told("".join(text for channel in channels.values() for text in channel.sent))
    _look_everywhere(app, county, case_id, paper)
    _look_at_the_command_line(county, home, case_id, monkeypatch)
    printed = capfd.readouterr()
    assert case_row(county, case_id)["number"] in printed.out, "the command line told of the clue"
    assert not is_told(caplog.text + printed.out + printed.err)
    assert list(where_it_stands(county, home)) == []


def _look_everywhere(app: Flask, county: County, case_id: int, paper: int) -> None:
    """Every address that the site lists: a new one is asked as it comes, and must answer somebody if it tells of cases."""
    for purpose in ("receipt", "checkpoint"):
        make_key(app.extensions["duban"].settings.key_folder, purpose, NOW)
    number, answered = case_row(county, case_id)["number"], set[str]()
    named: set[str] = set()
    readers = {login: Reader(app, county, login) for login in (*SEERS, *CONCERNED, *ADMINISTRATORS)}
    walked = list(readings_of(app, case_id, paper))
    others = [(login, *one) for login in SEERS[1:] for one in walked if one[0] in must_answer()]
    wanted = {("lin", *one) for one in walked} | set(some([(login, *one) for login in readers for one in walked], 40))
    wanted |= {("luo", *one) for one in walked if one[0] in DOORS[LIST]}
    for cell in (*sorted(wanted), *others):
        login, endpoint, address = cell
        if cell in wanted or endpoint not in answered:  # What the first is not shown the others are.
            status, told = readers[login].get(address)
            assert not is_told(told), (login, address)
            answered |= {endpoint} if status == 200 else set()
            named |= {endpoint} if number in told or json.dumps(number)[1:-1] in told else set()
    assert must_answer() - answered == set(), "nobody was shown it, so nothing was looked through"
    assert {"cases.case_page", "cases.dossier", "ledger.ledger_page", "ledger.export", "api.show"} <= named
    for login in SEERS:
        for address in searches_of():
            told = words_of(readers[login].get(address)[1])
            assert number not in told and json.dumps(number)[1:-1] not in told, (login, address)
    steps = [(login, *one) for login in ("lin", "luo") for one in steps_of(app, case_id, paper)]
    for login, endpoint, address in some(steps, 40):
        assert not is_told(readers[login].post(address)), (login, endpoint)
    shown = readers["lin"].post(f"/cases/{case_id}/sealed", fields="reporter_name", reason="核实")
    assert SECOND in shown, "what was looked for is there, and is told where it is opened and nowhere else"


def _look_at_the_command_line(county: County, home: Path, case_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it prints, and what it writes into files."""
    told = {"HOME": str(home), "DATABASE_URL": county.database.url, "CEILING": "3"}
    for name, value in told.items():
        monkeypatch.setenv(f"DUBAN_{name}", value)
    number, book = case_row(county, case_id)["number"], home / "ledger.csv"
    asked = (["case", "list", "--all"], ["case", "show", number], ["case", "show", number, "--json"])
    asked += (["case", "scenario", number], ["export", str(book), "--kind", "clue"], ["doctor"], ["self-test"])
    for command in asked:
        with pytest.raises(SystemExit):
            main(["--as", "lin", *command])
