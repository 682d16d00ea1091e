"""A clue without a reporter's name keeps nothing of how it came in: no address, no browser, nothing that a file says of its maker.

Reporters have no door of their own: the office registers what came by post or by word of mouth. The address that the trail of
requests keeps is that of the official at his desk, and stands nowhere else.
"""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest

from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import token
from tests.workflow.looking import rows_of, rows_of_table
from workflow.models import Case, Evidence, metadata

AGENT, ADDRESS, MAKER = "Kanarienvogel/7", "203.0.113.77", "CanaryMaker"
# The smallest picture that says who made it.
EXIF = b"\xff\xd8\xff\xe1" + (len(MAKER) + 8).to_bytes(2, "big") + b"Exif\0\0" + MAKER.encode() + b"\xff\xd9"


def test_nothing_of_how_an_anonymous_clue_was_brought_in_is_kept(
    client: Client, county: County, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    lin, page = client("lin"), "/cases/new/clue"
    told = {
        "title": "匿名反映",
        "subject": str(county.organs["donggou_branch"]),
        "summary": "虚报补助",
        "managed_by": "village",
    }
    come = {"headers": {"User-Agent": AGENT}, "environ_overrides": {"REMOTE_ADDR": ADDRESS}}
    answer = lin.post(page, data={**told, "csrf_token": token(lin, page)}, **come)
    assert answer.status_code == 303, answer.text
    (clue,) = rows_of(county, Case)
    url = f"/cases/{clue['id']}"
    files = {"file": (io.BytesIO(EXIF), "IMG.jpg"), "csrf_token": token(lin, url)}
    assert lin.post(f"{url}/evidence", data=files, **come).status_code == 303
    assert len(rows_of(county, Evidence)) == 1
    tables = {table.name: repr(rows_of_table(county, table)) for table in metadata.sorted_tables}
    assert [name for name, rows in tables.items() if ADDRESS in rows] == ["trail"]
    kept = "".join(tables.values()) + caplog.text
    lying = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for word in (AGENT, MAKER):
        assert word not in kept and word.encode() not in lying
    assert ADDRESS not in caplog.text
