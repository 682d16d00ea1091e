"""Mistakes of programs like this one that no other test asks about; docs/security-peers.md lists them all with their tests."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from states.errors import BadInput
from tests import hours
from tests.copies import Copies
from tests.factories import County, make_county, vault_of
from tests.web.site import signed_in, site
from tests.workflow.test_levels import cap
from web.access import COOKIE
from workflow import files
from workflow.backups.envelope import Counted, new_identity, read_identity, recipients_of, seal_to
from workflow.backups.restoring import look_through
from workflow.people import tokens

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


@pytest.fixture
def county(copies: Copies) -> County:
    """A county of its own."""
    return copies.of(make_county)


@pytest.fixture
def app(county: County, home: Path) -> Flask:
    """Its site."""
    return site(county, home)


def bearer(county: County) -> dict[str, str]:
    told = {"person_id": county.people["lin"], "label": "x", "now": hours.now()}
    return {"Authorization": f"Bearer {county.database.write(lambda store: tokens.create(store, **told))}"}


def test_a_token_and_a_session_of_another_installation_are_nobody_here(
    app: Flask, county: County, copies: Copies, home: Path
) -> None:
    """Peers 3: in Decidim a token of one organisation was good in every other. The two counties have the same people and ids."""
    other = copies.of(make_county)
    there = site(other, home)
    cookie = signed_in(there, other, "lin", hours.now()).get_cookie(COOKIE)
    headers = bearer(other)
    assert cookie is not None
    answers = {}
    for name, place in (("there", there), ("here", app)):
        client = place.test_client()
        client.set_cookie(COOKIE, cookie.value)
        answers[name] = (client.get("/ledger").status_code, place.test_client().get("/api/v1/me", headers=headers).status_code)
    assert answers == {"there": (200, 200), "here": (302, 401)}


# ---- files and who has lost them --------------------------------------------------------------------------------------------


def handed_in(county: County, home: Path, case_id: int, login: str) -> int:
    """A picture of somebody's on a case."""
    told: dict[str, Any] = {"uploaded_by": county.people[login], "now": hours.now(), "limit": 1024}
    file_id = files.keep(county.database, vault_of(home), name="证据.png", stream=io.BytesIO(PNG), **told)
    county.engine.add_evidence(case_id, actor=county.actor(login), now=hours.now(), file_id=file_id)
    return file_id


def taken_off(county: County, case_id: int) -> None:
    told = {"reason": "亲属", "person_id": county.people["zhou"]}
    county.engine.bar(case_id, actor=county.actor("lin"), now=hours.now(), **told)


def raised(county: County, case_id: int) -> None:
    cap(county, 1, "zhou")
    county.engine.raise_level(case_id, actor=county.actor("lin"), now=hours.now(), level=2, reason="有举报线索")


@pytest.mark.parametrize("what_happens", [taken_off, raised], ids=lambda told: told.__name__)
def test_whoever_handed_a_file_in_loses_it_with_the_case(app: Flask, county: County, home: Path, what_happens: Any) -> None:
    """Peers 5: in Mantis whoever had uploaded a file still read it once the issue was private."""
    case_id = county.supervised_item(hours.now())
    file_id = handed_in(county, home, case_id, "zhou")
    doors = [f"/files/{file_id}", f"/files/{file_id}/copy", f"/cases/{case_id}/evidence/{file_id}"]
    zhou, lin = (signed_in(app, county, login, hours.now()) for login in ("zhou", "lin"))
    assert statuses(zhou, doors)[0] == 200
    before = statuses(lin, doors)
    what_happens(county, case_id)
    # Whoever was taken off has lost his session, too; it is the next one that is asked.
    zhou = signed_in(app, county, "zhou", hours.now())
    assert statuses(zhou, doors) == [404] * len(doors)
    assert statuses(lin, doors) == before


def statuses(client: FlaskClient, addresses: list[str]) -> list[int]:
    found = []
    for address in addresses:
        with client.get(address) as answer:
            found.append(answer.status_code)
    return found


# ---- what comes in ----------------------------------------------------------------------------------------------------------


def packed(name: str, kind: bytes = tarfile.REGTYPE) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        told = tarfile.TarInfo(name)
        told.type, told.size, told.linkname = kind, 0 if kind == tarfile.SYMTYPE else 1, "/etc/passwd"
        made.addfile(told, io.BytesIO(b"x"))
    return out.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        packed("../../secret.key"),
        packed("/etc/cron.d/x"),
        packed("files/../../x"),
        packed("home/x"),
        packed("files/aa/bb/x", tarfile.SYMTYPE),
        packed("keys/x", tarfile.LNKTYPE),
        packed("keys/x", tarfile.DIRTYPE),
    ],
    ids=["up", "root", "up from within", "no folder of ours", "a link", "a hard link", "a folder"],
)
def test_no_name_in_a_backup_leads_out_of_its_place(tmp_path: Path, raw: bytes) -> None:
    """Peers 21: Frappe unpacked what an archive named. Whoever knows the public key can seal one that we open."""
    private, public = new_identity()
    key, sealed = tmp_path / "key", tmp_path / "made.age"
    key.write_text(private, encoding="utf-8")
    key.chmod(0o600)

    def fill(out: BinaryIO) -> None:
        out.write(raw)

    with sealed.open("wb") as out:
        seal_to(Counted(out), recipients_of([public]), fill)
    with pytest.raises(BadInput, match="backup_changed"):
        look_through(sealed, read_identity(key))


def test_a_form_of_very_many_parts_is_refused_before_it_is_taken_apart(app: Flask, county: County) -> None:
    """Peers 27: Werkzeug took a form of any number of parts apart, and was busy with it."""
    client = signed_in(app, county, "lin", hours.now())
    parts = {f"f{number}": "x" for number in range(1100)}
    answer = client.post("/ledger/views", data=parts, content_type="multipart/form-data")
    assert answer.status_code == 413
