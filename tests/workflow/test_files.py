"""Files: what they are is read from their bytes, and who reads them is who reads the case."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from states.errors import BadInput, Conflict, NotFound
from tests.factories import MONDAY, County, at, make_county, vault_of
from workflow import files
from workflow.database import Database
from workflow.people.actors import operator

LIMIT = 1024 * 1024
NOW = at(MONDAY)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


def package(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in entries.items():
            made.writestr(name.replace("__", "/").replace("_DOT_", "."), data)
    return out.getvalue()


def office(folder: str, **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr(f"{folder}/document.xml", "<w/>")
        for name, data in more.items():
            made.writestr(f"{folder}/{name}.bin", data)
    return out.getvalue()


def film(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00" * 32


def media_type(home: Path, data: bytes, name: str = "x") -> str:
    return files.receive(vault_of(home), name=name, stream=io.BytesIO(data), limit=LIMIT).media_type


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 16, "image/jpeg"),
        (b"GIF89a" + b"\x00" * 16, "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 " + b"\x00" * 16, "image/webp"),
        (film(b"heic"), "image/heic"),
        (film(b"isom"), "video/mp4"),
        (film(b"qt  "), "application/octet-stream"),
        (b"%PDF-1.7\n<script>1</script>", "application/pdf"),
        (office("word"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (office("xl"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (office("ppt"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        (package(mimetype=b"application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
        (
            package(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
            "application/vnd.oasis.opendocument.spreadsheet",
        ),
        (package(mimetype=b"text/html"), "application/zip"),
        (package(a=b"1"), "application/zip"),
        (b"PK\x03\x04 broken", "application/octet-stream"),
        ("整改情况说明".encode(), "text/plain"),
        ("整改情况说明".encode("gb18030"), "text/plain"),
        (b"\x00\x01\x02\x03", "application/octet-stream"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 64, "application/octet-stream"),
    ],
)
def test_the_type_is_what_the_bytes_say(home: Path, data: bytes, expected: str) -> None:
    assert media_type(home, data, "附件") == expected


HOSTILE = [
    (b"MZ\x90\x00", "凭证.pdf", "program"),
    (b"\x7fELF\x02\x01", "凭证.pdf", "program"),
    (b"#!/bin/sh\nrm -rf /", "说明.txt", "script"),
    (b"@echo off\r\n", "说明.txt", "script"),
    (b"<!DOCTYPE html><p>", "说明.txt", "markup"),
    (b"\xef\xbb\xbf  <HTML>", "说明.txt", "markup"),
    ("<html>".encode("utf-16"), "说明.txt", "markup"),
    (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='1'/>", "图.png", "markup"),
    (b"plain text and then <script>alert(1)</script>", "说明.txt", "markup"),
    (b"<?php echo 1;", "说明.txt", "markup"),
    (office("word", vbaProject=b"x"), "说明.docx", "macro"),
    (b"L\x00\x00\x00\x01\x14\x02\x00\x00\x00", "说明", "shortcut"),
    (b"start calc", "说明.BAT", "name"),
    (b"plain", "说明.txt.svg", "name"),
]


@pytest.mark.parametrize(("data", "name", "found"), HOSTILE)
def test_what_could_run_is_refused_whatever_it_is_called_and_leaves_nothing(
    home: Path, data: bytes, name: str, found: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        files.receive(vault_of(home), name=name, stream=io.BytesIO(data), limit=LIMIT)
    assert refusal.value.params == {"why": "file_hostile", "found": found}
    assert [path for path in (home / "files").rglob("*") if path.is_file()] == []


TIFF = b"II*\x00" + b"\x00" * 32
BMP = b"BM" + (64).to_bytes(4, "little") + bytes(58)
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 64


@pytest.mark.parametrize(
    ("data", "name", "claimed", "found"),
    [
        (b"not a picture", "现场照片.jpg", "picture", "text"),
        (b"%PDF-1.7\n", "现场照片.JPEG", "picture", "pdf"),
        (b"\x00\x01\x02", "公示栏.png", "picture", "unknown"),
        (PNG, "凭证.pdf", "pdf", "picture"),
        (b"just words", "报告.pdf", "pdf", "text"),
        (b"just words", "报告.docx", "document", "text"),
        (PNG, "报告.doc", "document", "picture"),
        (package(a=b"1"), "报告.docx", "document", "archive"),
        (PNG, "台账.xlsx", "table", "picture"),
        (b"just words", "视频.mp4", "film", "text"),
        (b"just words", "材料.zip", "archive", "text"),
    ],
)
def test_what_its_name_claims_and_its_bytes_are_not_is_refused_by_name_with_both_said(
    home: Path, data: bytes, name: str, claimed: str, found: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        files.receive(vault_of(home), name=name, stream=io.BytesIO(data), limit=LIMIT)
    assert refusal.value.params == {"why": "file_not_as_named", "name": name, "claimed": claimed, "found": found}
    assert [path for path in (home / "files").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (PNG, "照片.jpg"),
        (film(b"heic"), "IMG_1.HEIC"),
        (TIFF, "扫描.tif"),
        (BMP, "截图.bmp"),
        (b"\n%PDF-1.4\n", "扫描.pdf"),
        (OLD, "报告.doc"),
        (OLD, "有密码的.docx"),
        (b"{\\rtf1 words}", "报告.doc"),
        (office("word"), "报告.wps"),
        (OLD, "台账.xls"),
        ("单位\t件数".encode("gb18030"), "导出的台账.xls"),
        (film(b"qt  "), "录像.mov"),
        (office("word"), "打包.zip"),
        (b"just words", "说明.txt"),
        (b"just words", "没有后缀"),
        (b"\x00\x01", "图纸.dwg"),
    ],
)
def test_what_is_of_the_family_that_its_name_claims_is_taken(home: Path, data: bytes, name: str) -> None:
    assert files.receive(vault_of(home), name=name, stream=io.BytesIO(data), limit=LIMIT).name == name


def test_too_large_and_empty_files_are_refused_and_the_limit_is_said(home: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        files.receive(vault_of(home), name="x", stream=io.BytesIO(b"1" * 11), limit=10)
    assert refusal.value.params == {"why": "file_too_large", "limit": 10}
    with pytest.raises(BadInput, match="file_empty"):
        files.receive(vault_of(home), name="x", stream=io.BytesIO(b""), limit=10)
    assert media_type(home, b"1" * 10) == "text/plain"
    assert [path.name for path in (home / "files" / "incoming").iterdir()] == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\用户\\照片.jpg", "照片.jpg"),
        ("a\x00b\nc.pdf", "abc.pdf"),
        ("照\u202egpj.exe", "照gpj.exe"),
        ("...", "file"),
        ("", "file"),
        ("长" * 300 + ".pdf", "长" * 188 + ".pdf"),
    ],
)
def test_a_name_is_only_shown_and_never_a_path(name: str, shown: str) -> None:
    assert files.clean_name(name) == shown


def test_bytes_lie_under_their_digest_once_and_are_checked_when_read(database_url: str, home: Path) -> None:
    database = Database(database_url)
    ids = [
        files.keep(database, vault_of(home), name=name, stream=io.BytesIO(PNG), uploaded_by=None, now=NOW, limit=LIMIT)
        for name in ("前.png", "后.png")
    ]
    rows = database.read(lambda store: [store.row(files.BY_ID, id=i) for i in ids])
    assert [row["name"] for row in rows if row] == ["前.png", "后.png"]
    row = rows[0]
    assert row is not None
    path = files.path_of(home, row["digest"])
    assert path.relative_to(home).parts == ("files", row["digest"][:2], row["digest"][2:4], hashlib.sha256(PNG).hexdigest())
    assert oct(path.stat().st_mode & 0o777) == "0o400"
    with files.open_file(vault_of(home), row) as opened:
        assert opened.read() == PNG
    path.chmod(0o600)
    path.write_bytes(PNG + b"!")
    with pytest.raises(Conflict, match="file_damaged"), files.open_file(vault_of(home), row):
        pass
    path.unlink()
    with pytest.raises(Conflict, match="file_damaged"), files.open_file(vault_of(home), row):
        pass
    database.close()


def test_bytes_that_no_row_speaks_of_are_swept_after_a_day_and_no_others(database_url: str, home: Path) -> None:
    database = Database(database_url)
    kept = files.keep(database, vault_of(home), name="a", stream=io.BytesIO(PNG), uploaded_by=None, now=NOW, limit=LIMIT)
    lost = files.receive(vault_of(home), name="b", stream=io.BytesIO(b"lost"), limit=LIMIT)
    (home / "files" / "incoming" / "broken-off").write_bytes(b"half")
    for path in (home / "files").rglob("*"):
        if path.is_file():
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    sweep = {h: partial(files.sweep, home=home, now=NOW + timedelta(hours=h)) for h in (23, 25)}
    assert database.read(sweep[23]) == 0
    assert database.read(partial(sweep[25], held={lost.digest})) == 1, "a form still waits for the other"
    assert database.read(sweep[25]) == 1
    assert not files.path_of(home, lost.digest).exists()
    row = database.read(lambda store: store.row(files.BY_ID, id=kept))
    assert row is not None
    with files.open_file(vault_of(home), row) as opened:
        assert opened.read() == PNG
    database.close()


def test_a_file_that_nobody_owns_is_no_persons_evidence(county: County, home: Path) -> None:
    case_id = county.supervised_item(at(MONDAY))
    told: Any = {"vault": vault_of(home), "name": "a.png", "stream": io.BytesIO(PNG), "now": NOW, "limit": LIMIT}
    file_id = files.keep(county.database, told.pop("vault"), uploaded_by=None, **told)
    with pytest.raises(NotFound):
        county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=at(MONDAY, 12), file_id=file_id)


# ---- who may read ---------------------------------------------------------------------------------------------------------


def add(county: County, home: Path, case_id: int, login: str, data: bytes, *, hour: int = 12) -> int:
    file_id = files.keep(
        county.database,
        vault_of(home),
        name="证据.png",
        stream=io.BytesIO(data),
        uploaded_by=county.people[login],
        now=NOW,
        limit=LIMIT,
    )
    county.engine.add_evidence(case_id, actor=county.actor(login), now=at(MONDAY, hour), file_id=file_id)
    return file_id


def readers(county: County, file_id: int) -> set[str]:
    def may_read(login: str) -> bool:
        actor = county.actor(login)
        return county.engine.read(NOW, lambda store, occasion: files.find_readable(store, occasion, actor, file_id) is not None)

    return {login for login in county.people if may_read(login)}


def test_a_file_is_read_by_those_who_read_the_case_it_proves_and_by_nobody_else(database_url: str, home: Path) -> None:
    county = make_county(database_url)
    case_id = county.supervised_item(NOW)
    file_id = add(county, home, case_id, "zhou", PNG)
    found = readers(county, file_id)
    assert {"lin", "zhao", "zhou", "sun", "chen"} <= found
    assert not {"feng", "shi", "han", "xie"} & found
    loose = files.keep(
        county.database,
        vault_of(home),
        name="x.png",
        stream=io.BytesIO(PNG),
        uploaded_by=county.people["zhou"],
        now=NOW,
        limit=LIMIT,
    )
    assert readers(county, loose) == set()
    machine = county.database.read(lambda store: operator(store, today=MONDAY))
    read = county.engine.read(NOW, lambda store, occasion: files.get_file(store, occasion, machine, file_id))
    assert read["id"] == file_id
    with pytest.raises(NotFound):
        county.engine.read(NOW, lambda store, occasion: files.get_file(store, occasion, county.actor("shi"), file_id))
    with pytest.raises(NotFound):
        county.engine.read(NOW, lambda store, occasion: files.get_file(store, occasion, county.actor("lin"), 99_999))
    county.engine.bar(case_id, actor=county.actor("zhao"), now=NOW, reason="本人亲属", person_id=county.people["lin"])
    assert "lin" not in readers(county, file_id)
    county.database.close()


def test_a_past_holder_reads_what_was_there_at_the_hand_back_and_nothing_later(database_url: str, home: Path) -> None:
    county = make_county(database_url)
    case_id = county.open_item(NOW, subject="donggou_branch", feedback_on=MONDAY.isoformat())
    county.hand_over(case_id, at(MONDAY, 11), to="liuhe_finance")
    before = add(county, home, case_id, "lin", PNG + b"before")
    county.fire(case_id, "hand_back", "ding", at(MONDAY, 13), hand_back_reason="not_ours", hand_back_note="不属本单位职责")
    after = add(county, home, case_id, "lin", PNG + b"after", hour=14)
    assert "ding" in readers(county, before)
    assert "ding" not in readers(county, after)
    county.database.close()
