"""The health page says what did not go out, by reason and without a name; what is tried again stands apart."""

from __future__ import annotations

from datetime import timedelta

from tests import hours
from tests.factories import County
from tests.handlers.test_channels import MAIL
from tests.web.conftest import Client
from tests.web.site import words_of
from workflow.models import Outbox
from workflow.outbox import ATTEMPTS, deliver
from workflow.people.accounts import change_person
from workflow.text import canonical

NOW = hours.now() - timedelta(hours=20)


def write(county: County, login: str, times: int) -> None:
    rows = []
    for n in range(times):
        row = {"key": f"{login}-{n}", "channel": "mail", "person_id": county.people[login], "message": "sent_back"}
        rows.append({**row, "params": canonical({"no": f"{n}号"}), "case_id": None, "created_at": NOW, "due_at": NOW})
    county.database.write(lambda store: store.insert(Outbox, rows))


def test_a_server_that_does_not_answer_is_one_line_first_tried_again_and_then_given_up(client: Client, county: County) -> None:
    person_id = county.people["zhou"]
    county.database.write(lambda store: change_person(store, person_id=person_id, changes={"email": "zhou@anlan.example"}))
    write(county, "zhou", 30)
    # Port 1 of this machine: nobody listens there.
    deliver(county.database, {"mail": MAIL}, now=NOW)
    page = words_of(client("lin").get("/health").text)
    assert (
        "没有发出、会再试的消息 30" in " ".join(page.split())
        and "对方没有应答" in page
        and "周" not in page.split("没有发出")[1]
    )
    for attempt in range(1, ATTEMPTS):
        deliver(county.database, {"mail": MAIL}, now=NOW + timedelta(hours=2 * attempt))
    page = words_of(client("lin").get("/health").text)
    assert "会再试" not in page and "没有送达的消息 30" in " ".join(page.split()) and page.count("对方没有应答") == 1


def test_people_without_an_address_are_one_line(client: Client, county: County) -> None:
    write(county, "zhou", 20)
    write(county, "lin", 105)
    deliver(county.database, {"mail": MAIL}, now=NOW)
    page = words_of(client("lin").get("/health").text)
    assert "没有送达的消息 125" in " ".join(page.split()) and page.count("没有邮箱地址") == 1
