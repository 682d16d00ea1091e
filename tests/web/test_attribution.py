"""What several people do at the same moment: each event bears whoever did it (security.md R53).

From Audited CVE-2024-22047, whose current user was a thing of the process: who came last was written down for all.
"""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask, request

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import token
from tests.workflow.looking import rows_of
from workflow.models import Content, Event

LOGINS = ("lin", "song", "zhao", "zhou")
TIMES = 5


@pytest.fixture
def case_id(county: County) -> int:
    """An item that all of them may read and speak about."""
    return county.supervised_item(hours.now() - timedelta(minutes=30))


@pytest.fixture
def together(app: Flask) -> threading.Barrier:
    """What is posted to a case waits, after its sender is known, until all the others have come."""
    start = threading.Barrier(len(LOGINS), timeout=60)

    def wait() -> None:
        if request.method == "POST" and "/cases/" in request.path:
            start.wait()

    app.before_request(wait)
    return start


def said(county: County, case_id: int) -> list[tuple[int, str]]:
    """(whose remark, what it says) of the case."""
    whose = {row["seq"]: row["actor_id"] for row in rows_of(county, Event, case_id=case_id, verb="comment")}
    bodies = {row["seq"]: row["body"] for row in rows_of(county, Content, case_id=case_id)}
    return sorted((person_id, str(json.loads(bodies[seq])["text"])) for seq, person_id in whose.items())


def test_what_several_say_at_once_is_written_down_as_each_one_s_own(
    app: Flask, client: Client, county: County, case_id: int, together: threading.Barrier
) -> None:
    page = f"/cases/{case_id}"
    browsers = {login: client(login) for login in LOGINS}
    forms = {login: token(browser, page) for login, browser in browsers.items()}

    def speak(login: str) -> list[int]:
        told = [{"text": f"{login}说的第{time}句", "csrf_token": forms[login]} for time in range(TIMES)]
        return [browsers[login].post(f"{page}/verbs/comment", data=data).status_code for data in told]

    with ThreadPoolExecutor(len(LOGINS)) as pool:
        assert list(pool.map(speak, LOGINS)) == [[303] * TIMES] * len(LOGINS)
    wanted = [(county.people[login], f"{login}说的第{time}句") for login in LOGINS for time in range(TIMES)]
    assert said(county, case_id) == sorted(wanted)
