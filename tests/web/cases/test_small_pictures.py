"""The tile of a file shows what is in it, to those who may read the file; it is made once and lies nowhere as it is."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, unquote

import pikepdf
import pypdfium2
import pytest
import structlog
from flask.testing import FlaskClient

from handlers.ledgers.marks import grouped
from handlers.pictures import making
from tests import hours
from tests.factories import County, vault_of
from tests.web.conftest import Client
from tests.web.site import token
from tests.workflow.looking import rows_of
from web.logs import begin_log
from workflow import files, previews
from workflow.exports import number_of
from workflow.models import Export, Grant
from workflow.types import ADMINISTERING

NOW = hours.now() - timedelta(minutes=30)


def paper() -> bytes:
    made, document = io.BytesIO(), pikepdf.new()
    document.add_blank_page(page_size=(600, 900))
    document.save(made)
    return made.getvalue()


@pytest.fixture
def case_id(county: County) -> int:
    return county.supervised_item(NOW - timedelta(hours=1))


def proving(county: County, home: Path, case_id: int, name: str, content: bytes) -> int:
    """The file, as evidence of the case."""
    told = {"name": name, "stream": io.BytesIO(content), "uploaded_by": county.people["zhou"], "now": NOW}
    file_id = files.keep(county.database, vault_of(home), limit=1 << 20, **told)
    county.engine.add_evidence(case_id, actor=county.actor("zhou", NOW.date()), now=NOW, file_id=file_id)
    return file_id


@contextmanager
def logging_all() -> Iterator[None]:
    """Everything is logged, as by a server that is told to."""
    begin_log("debug")
    yield
    structlog.reset_defaults()


def small(client: FlaskClient, file_id: int) -> tuple[int, str, bytes]:
    with client.get(f"/files/{file_id}/small") as answer:
        return answer.status_code, answer.mimetype, answer.data


def test_a_tile_shows_the_first_page_and_only_to_those_who_read_the_case(
    client: Client, county: County, home: Path, case_id: int
) -> None:
    file_id = proving(county, home, case_id, "报告.pdf", paper())
    lin = client("lin")
    assert f'src="/files/{file_id}/small"' in lin.get(f"/cases/{case_id}").text
    status, mimetype, picture = small(lin, file_id)
    assert (status, mimetype) == (200, "image/jpeg")
    assert picture.startswith(b"\xff\xd8\xff")
    assert small(client("han"), file_id)[0] == 404


def test_it_is_made_once_and_lies_sealed(
    client: Client, county: County, home: Path, case_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin, file_id = client("lin"), proving(county, home, case_id, "报告.pdf", paper())
    picture = small(lin, file_id)[2]
    (kept,) = (home / "previews").iterdir()
    assert picture[:40] not in kept.read_bytes() and b"JFIF" not in kept.read_bytes()
    monkeypatch.setattr(making, "MOST_SMALL", 1)  # whoever made it again would get nothing
    assert small(lin, file_id)[2] == picture


def test_what_has_no_picture_leaves_a_plain_sign_and_is_not_tried_again(
    client: Client, county: County, home: Path, case_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin, file_id = client("lin"), proving(county, home, case_id, "坏.pdf", b"%PDF-1.7\nnothing")
    assert small(lin, file_id)[:2] == (200, "image/svg+xml")
    monkeypatch.setattr("web.cases.pictures.small_of", lambda *_told: b"\xff\xd8\xff tried again")
    assert small(lin, file_id)[1] == "image/svg+xml"


def test_a_picture_that_was_tampered_with_is_made_anew_and_the_old_are_swept(home: Path) -> None:
    vault = vault_of(home)
    previews.keep(vault, "ab" * 32, b"picture")
    assert previews.find(vault, "ab" * 32) == b"picture"
    assert previews.find(vault, "cd" * 32) is None
    path = home / "previews" / ("ab" * 32)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert previews.find(vault, "ab" * 32) is None
    assert previews.sweep(home, now=hours.now() + timedelta(days=29)) == 0
    assert previews.sweep(home, now=hours.now() + timedelta(days=31)) == 1
    assert not path.exists()


def test_a_copy_for_circulation_is_counted_and_bears_the_number_that_is_listed(
    client: Client, county: County, home: Path, case_id: int
) -> None:
    lin, file_id = client("lin"), proving(county, home, case_id, "王五的报告.pdf", paper())
    assert f'href="/files/{file_id}/copy"' in lin.get(f"/cases/{case_id}/evidence/{file_id}").text
    with lin.get(f"/files/{file_id}/copy") as answer:
        copy, name = answer.data, unquote(answer.headers["Content-Disposition"])
    (row,) = rows_of(county, Export)
    number = number_of(row["request"])
    assert (row["what"], row["form"], row["line_count"]) == ("copy", "pdf", 1)
    assert number in name
    assert "王五" not in name, "the name of a file says as much as its author"
    assert grouped(number) in pypdfium2.PdfDocument(copy)[0].get_textpage().get_text_bounded()
    with lin.get(f"/files/{file_id}") as answer:
        assert answer.data == paper_of(county, home, file_id), "the original is what it was"
    assert client("han").get(f"/files/{file_id}/copy").status_code == 404
    broken = proving(county, home, case_id, "坏.pdf", b"%PDF-1.7\nnothing")
    assert lin.get(f"/files/{broken}/copy").status_code == 409
    film = proving(county, home, case_id, "录像.mp4", b"\0\0\0\x20ftypisom")
    assert lin.get(f"/files/{film}/copy").status_code == 404


def paper_of(county: County, home: Path, file_id: int) -> bytes:
    row = county.database.read(lambda store: store.row(files.BY_ID, id=file_id))
    assert row is not None
    with files.open_file(vault_of(home), row) as plain:
        content = plain.read()
    assert hashlib.sha256(content).hexdigest() == row["digest"]
    return content


def test_no_administrator_reads_what_a_file_is_called(
    client: Client,
    county: County,
    home: Path,
    case_id: int,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    name, url = "金丝雀的报告", f"/cases/{case_id}"
    file_id = proving(county, home, case_id, f"{name}.pdf", paper())
    with logging_all():
        zhou = client("zhou")
        for content, status in ((paper() + b"\n", 303), (b"MZ no paper", 422)):  # one that is taken, one that is not
            sent = {"file": (io.BytesIO(content), f"{name}.pdf"), "csrf_token": token(zhou, url)}
            assert zhou.post(f"{url}/evidence", data=sent).status_code == status
        with zhou.get(f"/files/{file_id}") as answer:
            assert answer.status_code == 200
        structlog.get_logger().debug("heard")
    assert name in client("lin").get(f"/cases/{case_id}").text
    pages = (
        "/people",
        "/grants",
        "/audit",
        "/audit/seen?number=1",
        "/health",
        "/configuration",
        "/exports",
        "/versions",
        "/ledger",
    )
    for role in ADMINISTERING:
        han = client("han")
        county.database.write(lambda store, role=role: store.update(Grant, {"role": role}, person_id=county.people["han"]))
        assert [page for page in pages if name in han.get(page).text] == []
        for address in (f"/files/{file_id}", f"/files/{file_id}/small", f"/files/{file_id}/copy", f"/cases/{case_id}"):
            assert han.get(address).status_code == 404, (role, address)
    assert not any(name in str(path) for path in home.rglob("*"))
    logged = "".join((*capfd.readouterr(), caplog.text))
    assert "heard" in logged and not any(word in logged for word in (name, quote(name), ascii(name).strip("'")))
