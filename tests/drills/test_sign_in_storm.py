"""Hundreds sign in at once: all of them get in, and whoever reads goes on reading (security.md, drill D13)."""

from __future__ import annotations

import http.client
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from config.settings import load
from tests.drills.scale import Stopwatch, size, tell
from tests.web.commands.serving import HOST, PATIENCE_SECONDS, serving
from tests.web.commands.test_commands import run
from web.wiring import open_office
from workflow.models import Person
from workflow.people import passwords
from workflow.people.turns import AT_ONCE, IN_LINE

PEOPLE = size(test=16, drill=500)
COMING = size(test=2 * IN_LINE, drill=8 * IN_LINE)
READERS = 2
# What the readers do in peace is the floor of the same run: so many reads each.
QUIET_READS = size(test=8, drill=200)
# Generous: those who come in are made by this process too, on the same machine, and take their part of it.
RATIO_AT_MOST = 20
PASSWORD = "a-lamp-in-the-bay"  # pragma: allowlist secret: of people who are made here
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def test_a_storm_of_sign_ins_lets_everybody_in_and_keeps_nobody_from_reading(home: Path) -> None:
    assert run("init", "--yes") == 0
    office = open_office(load({"DUBAN_HOME": str(home)}))
    hashed = passwords.hash_of(PASSWORD)
    row = {"name": "某人", "password_hash": hashed, "created_at": datetime.now(UTC)}
    office.database.write(lambda store: store.insert(Person, [{**row, "login": f"p{n}"} for n in range(PEOPLE + READERS)]))
    office.close()
    with serving(home, "--plain-http") as served:
        served.wait_until("/readyz", 200)
        readers = [Client(served.port) for _ in range(READERS)]
        for n, reader in enumerate(readers):
            assert reader.sign_in(f"p{PEOPLE + n}") == 302
        with ThreadPoolExecutor(READERS) as reading:
            quiet = [wait for waits in reading.map(Client.read_so_often, readers) for wait in waits]
        is_over, clock = threading.Event(), Stopwatch()
        with ThreadPoolExecutor(READERS) as reading:
            going_on = [reading.submit(reader.read_until, is_over) for reader in readers]
            with ThreadPoolExecutor(COMING) as coming:
                tries = list(coming.map(lambda n: come_in(served.port, f"p{n}"), range(PEOPLE)))
            is_over.set()
            stormy = [wait for one in going_on for wait in one.result()]
        for reader in readers:
            reader.close()
    # Every page that was asked for was answered with itself, or `read` would have raised; and there were pages to read.
    assert len(stormy) >= READERS
    ratio, refused = median(stormy) / median(quiet), sum(tries) - PEOPLE
    told = f"{PEOPLE} by {COMING} at once in {clock.said()}, {refused} told to wait, {AT_ONCE} passwords looked at together"
    tell("storm of sign-ins", f"{told}; a page beside it took {ratio:.1f} × as long as in peace, none failed")
    assert ratio < RATIO_AT_MOST


def come_in(port: int, login: str) -> int:
    """Signs in as people do: who is told that too many do so tries again. How many tries it took."""
    with closing(Client(port)) as person:
        tries, end = 1, time.monotonic() + 10 * PATIENCE_SECONDS
        while (status := person.sign_in(login)) == 503:
            assert time.monotonic() < end, "nobody is let in any more"
            tries += 1
            time.sleep(0.3)
        assert status == 302
        return tries


class Client:
    """A browser of the barest kind: one connection, and the cookies that it was given."""

    def __init__(self, port: int) -> None:
        self._line = http.client.HTTPConnection(HOST, port, timeout=5 * PATIENCE_SECONDS)
        self._cookies: dict[str, str] = {}

    def close(self) -> None:
        self._line.close()

    def cookies(self) -> str:
        """The header that it sends with every request."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        headers = {"Cookie": self.cookies()}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        self._line.request(method, path, urlencode(form) if form else None, headers)
        answer = self._line.getresponse()
        for told in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = told.split(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, answer.read().decode()

    def sign_in(self, login: str) -> int:
        """The status of the try."""
        _status, page = self._ask("GET", "/sign-in")
        found = TOKEN.search(page)
        assert found is not None
        return self._ask("POST", "/sign-in", {"login": login, "password": PASSWORD, "csrf_token": found[1]})[0]

    def read(self) -> float:
        """The seconds that a page took to come."""
        began = time.monotonic()
        status, _page = self._ask("GET", "/sessions")
        assert status == 200
        return time.monotonic() - began

    def read_so_often(self) -> list[float]:
        """Reads one page after the other."""
        return [self.read() for _ in range(QUIET_READS)]

    def read_until(self, is_over: threading.Event) -> list[float]:
        """The same until it is over."""
        waits = [self.read()]
        while not is_over.is_set():
            waits.append(self.read())
        return waits
