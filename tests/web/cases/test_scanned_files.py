"""A file waits for the scanner that is there; what it found is kept, never handed out, and stops nobody else's work."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from config.settings import Settings, SettingsFault, load
from handlers.channels.clamd import Clamd
from tests import hours
from tests.factories import County, vault_of
from tests.web.site import signed_in, site, words_of
from web.commands.scheduler import jobs_of
from web.wiring import Office
from workflow import files, keyring, scanning
from workflow.files import path_of

NOW = hours.now() - timedelta(minutes=30)
# The test text of the European institute for antivirus research, in two halves so that no scanner takes this file for it.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"

# A scanner in a process of its own that speaks clamd's protocol: z-commands, chunks with their length, a limit of its own.
SERVER = """
import socketserver, sys

class Line(socketserver.StreamRequestHandler):
    def handle(self):
        command = b""
        while not command.endswith(b"\\0"):
            command += self.rfile.read(1)
        if command == b"zPING\\0":
            return self.wfile.write(b"PONG\\0")
        content = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(size)
            if len(content) > 1_000_000:
                return self.wfile.write(b"INSTREAM size limit exceeded. ERROR\\0")
        told = b"Eicar-Test-Signature FOUND" if b"EICAR-STANDARD" in content else b"OK"
        self.wfile.write(b"stream: " + told + b"\\0")

with socketserver.ThreadingUnixStreamServer(sys.argv[1], Line) as server:
    print("ready", flush=True)
    server.serve_forever()
"""


@contextlib.contextmanager
def serving(path: Path) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", SERVER, str(path)], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            server.kill()


class Place:
    """A site with a scanner that may or may not run, and a case with two files: one as they are, one infected."""

    def __init__(self, county: County, home: Path) -> None:
        self.county, self.home, self.socket = county, home, home / "clamd"
        home.mkdir(parents=True, exist_ok=True)
        keyring.make_missing(home / "keys", ("checkpoint", "receipt"), NOW)
        self.app = site(county, home, DUBAN_SCANNER=f"unix:{self.socket}")
        self.office: Office = self.app.extensions["duban"]
        self.case = county.supervised_item(NOW - timedelta(hours=1))
        self.clean, self.infected = self.add("公开栏.txt", "公开栏已更新".encode()), self.add("清单.txt", EICAR)

    def add(self, name: str, content: bytes) -> int:
        told = {"name": name, "stream": io.BytesIO(content), "uploaded_by": self.county.people["zhou"], "now": NOW}
        file_id = files.keep(self.county.database, vault_of(self.home), limit=1 << 22, **told)
        self.county.engine.add_evidence(self.case, actor=self.county.actor("zhou", NOW.date()), now=NOW, file_id=file_id)
        return file_id

    def client(self) -> FlaskClient:
        return signed_in(self.app, self.county, "lin", hours.now())

    def scan(self) -> dict[str, int]:
        return dict(jobs_of(self.office)["scan"](hours.now()))


@pytest.fixture
def place(county: County, home: Path) -> Place:
    return Place(county, home)


def test_a_file_waits_until_it_was_scanned_and_an_infected_one_stays_behind(place: Place) -> None:
    lin = place.client()
    assert lin.get(f"/files/{place.clean}").status_code == 409, "nobody has looked at it"
    assert "待查" in words_of(lin.get(f"/cases/{place.case}/evidence/{place.clean}").text)
    with serving(place.socket):
        assert place.scan() == {"clean": 1, "infected": 1, "unanswered": 0}
        assert place.scan() == {"clean": 0, "infected": 0, "unanswered": 0}
    with lin.get(f"/files/{place.clean}") as answer:
        assert answer.data.decode() == "公开栏已更新"
    for address in (f"/files/{place.infected}", f"/files/{place.infected}?show=1", f"/api/v1/files/{place.infected}"):
        assert lin.get(address).status_code in (401, 409), address
    look = lin.get(f"/cases/{place.case}/evidence/{place.infected}").text
    assert "已隔离" in words_of(look)
    assert f'href="/files/{place.infected}"' not in look
    assert lin.get(f"/files/{place.infected}/small").mimetype == "image/svg+xml"


def test_nothing_is_lost_the_original_lies_where_it_lay(place: Place) -> None:
    with serving(place.socket):
        place.scan()
    row = place.county.database.read(lambda store: store.row(files.BY_ID, id=place.infected))
    assert row is not None
    assert path_of(place.home, row["digest"]).exists()
    with files.open_file(vault_of(place.home), row) as plain:
        assert plain.read() == EICAR
    with place.client().get(f"/cases/{place.case}/dossier.zip") as answer, zipfile.ZipFile(io.BytesIO(answer.data)) as dossier:
        names = dossier.namelist()
    assert f"files/{row['digest']}" not in names
    assert sum(name.startswith("files/") for name in names) == 1


def test_a_scanner_that_is_away_or_says_no_verdict_leaves_files_waiting_and_others_go_through(place: Place) -> None:
    assert place.scan() == {"clean": 0, "infected": 0, "unanswered": 2}
    big = place.add("大.txt", b"a" * 1_200_000)
    with serving(place.socket):
        assert place.scan() == {"clean": 1, "infected": 1, "unanswered": 1}
    assert place.client().get(f"/files/{big}").status_code == 409
    assert place.county.database.read(scanning.count_waiting) == 1


def test_a_damaged_file_gets_no_verdict_for_other_bytes(place: Place) -> None:
    row = place.county.database.read(lambda store: store.row(files.BY_ID, id=place.clean))
    assert row is not None
    path = path_of(place.home, row["digest"])
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with serving(place.socket):
        assert place.scan()["unanswered"] == 1


def test_without_a_scanner_nothing_waits_but_what_was_found_stays_behind(place: Place) -> None:
    with serving(place.socket):
        place.scan()
    bare = site(place.county, place.home)
    assert "scan" not in jobs_of(bare.extensions["duban"])
    lin = signed_in(bare, place.county, "lin", hours.now())
    assert lin.get(f"/files/{place.clean}").status_code == 200
    assert lin.get(f"/files/{place.infected}").status_code == 409
    assert lin.get(f"/files/{place.add('新.txt', b'new')}").status_code == 200


def test_no_page_hands_a_file_out_past_the_scanner() -> None:
    rooms = Path(__file__).parents[3] / "web"
    assert [path.name for path in rooms.rglob("*.py") if "get_file(" in path.read_text(encoding="utf-8")] == []


def test_the_scanner_is_asked_where_the_settings_say(tmp_path: Path) -> None:
    with serving(tmp_path / "clamd"):
        assert Clamd(f"unix:{tmp_path}/clamd").answers()
        assert Clamd(f"unix:{tmp_path}/clamd").look_at(io.BytesIO(b"plain")) == ""
    assert not Clamd(f"unix:{tmp_path}/clamd").answers()
    assert Clamd("tcp:127.0.0.1:1").look_at(io.BytesIO(b"plain")) is None
    assert isinstance(load({"DUBAN_SCANNER": "tcp:127.0.0.1:3310"}), Settings)
    with pytest.raises(SettingsFault):
        load({"DUBAN_SCANNER": "http://127.0.0.1"})
