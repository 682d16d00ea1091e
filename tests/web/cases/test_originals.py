"""The original of a file goes to those who need it as evidence, and to everybody else its copy: one rule at every door."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from tests import hours
from tests.factories import County, vault_of
from tests.handlers.pictures.packages import CANARY, letter, photograph
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.web.test_trail import told
from tests.workflow.looking import rows_of
from workflow import files, keyring
from workflow.checkpoints import take_checkpoint
from workflow.dates import local_day
from workflow.exports import number_of
from workflow.models import Case, CaseKey, Export, Grant, StoredFile
from workflow.people import tokens

NOW = hours.now() - timedelta(minutes=30)
BEFORE = NOW - timedelta(hours=1)
VIDEO = b"\0\0\0\x20ftypisom" + b"film" * 20
WANTED = "核对照片的拍摄时间"


@pytest.fixture(autouse=True)
def keys(county: County, home: Path) -> None:
    keyring.make_missing(home / "keys", ("checkpoint", "receipt"), NOW)


@pytest.fixture
def item(county: County) -> int:
    """An item that the office supervises and the village works on."""
    return county.supervised_item(BEFORE)


@pytest.fixture
def clue(county: County) -> int:
    """An anonymous clue about another village that lin has registered."""
    facts = {"summary": "虚报补助", "managed_by": "village"}
    subject = county.organs["xitou_branch"]
    opened = county.engine.open(
        "clue", actor=county.actor("lin", local_day(BEFORE)), now=BEFORE, title="虚报补助", subject_id=subject, data=facts
    )
    return opened.case_id


def brought(county: County, home: Path, case_id: int, login: str, name: str, content: bytes) -> int:
    """The file, as evidence of the case."""
    vault = vault_of(home, county.database.digest_suite)
    by: dict[str, Any] = {"uploaded_by": county.people[login], "now": NOW, "limit": 1 << 20}
    file_id = files.keep(county.database, vault, name=name, stream=io.BytesIO(content), **by)
    county.engine.add_evidence(case_id, actor=county.actor(login, local_day(NOW)), now=NOW, file_id=file_id)
    return file_id


def fetched(client: FlaskClient, address: str) -> tuple[int, bytes]:
    with client.get(address) as answer:
        return answer.status_code, answer.data


def doors(case_id: int, file_id: int) -> Iterator[str]:
    """Every address that a reader gets bytes of a file by, or a page of it."""
    yield from (f"/files/{file_id}", f"/files/{file_id}?show=1", f"/files/{file_id}/copy", f"/files/{file_id}/small")
    yield from (f"/cases/{case_id}/evidence/{file_id}", f"/cases/{case_id}/evidence/{file_id}/original")
    yield from (f"/cases/{case_id}/dossier.zip", f"/cases/{case_id}")


def unpacked(content: bytes) -> bytes:
    """The bytes, and where they are a package those of its parts, down to the last."""
    if content[:2] != b"PK":
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return b"".join([name.encode() + unpacked(package.read(name)) for name in package.namelist()])


def bearer(county: County, login: str) -> dict[str, str]:
    made = county.database.write(
        lambda store: tokens.create(store, person_id=county.people[login], label="程序", now=hours.now())
    )
    return {"Authorization": f"Bearer {made}"}


PICTURE, OFFICE = ("照片.jpg", photograph()), ("情况说明.docx", letter())


@pytest.mark.parametrize("content", [PICTURE, OFFICE], ids=["picture", "office file"])
def test_whoever_brought_it_and_who_registered_or_supervises_have_the_original_and_others_the_copy(
    client: Client, county: County, home: Path, item: int, content: tuple[str, bytes]
) -> None:
    file_id = brought(county, home, item, "zhou", *content)
    for login in ("zhou", "lin", "song", "zhao"):
        assert fetched(client(login), f"/files/{file_id}") == (200, content[1]), login
    for login in ("sun", "chen"):
        reader = client(login)
        status, body = fetched(reader, f"/files/{file_id}")
        assert status == 403 and "没有给你原件" in words_of(body.decode()), login
        assert f'href="/files/{file_id}/copy"' in body.decode(), "the refusal offers the copy"
        status, copy = fetched(reader, f"/files/{file_id}/copy")
        assert status == 200 and CANARY.encode() not in unpacked(copy)
        page = reader.get(f"/cases/{item}/evidence/{file_id}").text
        assert f'href="/files/{file_id}/copy"' in page and f'href="/files/{file_id}"' not in page
        assert "原件只给上传人、登记单位和交办机关" in words_of(page)
    assert fetched(client("han"), f"/files/{file_id}")[0] == 404
    page = client("zhou").get(f"/cases/{item}/evidence/{file_id}").text
    assert f'href="/files/{file_id}"' in page and f'href="/files/{file_id}/copy"' in page


@pytest.mark.parametrize("content", [PICTURE, OFFICE], ids=["picture", "office file"])
def test_no_door_lets_a_reader_have_what_a_file_says_of_its_maker(
    client: Client, county: County, home: Path, item: int, content: tuple[str, bytes]
) -> None:
    file_id = brought(county, home, item, "zhou", *content)
    reader = client("sun")
    for door in doors(item, file_id):
        _status, body = fetched(reader, door)
        assert CANARY.encode() not in unpacked(body) and content[1] not in body, door


def test_a_page_shows_the_copy_to_everybody(client: Client, county: County, home: Path, item: int) -> None:
    file_id = brought(county, home, item, "zhou", *PICTURE)
    for login in ("zhou", "lin", "sun"):
        status, shown = fetched(client(login), f"/files/{file_id}?show=1")
        assert status == 200 and CANARY.encode() not in shown and not Image.open(io.BytesIO(shown)).getexif(), login
    (last,) = [row for row in told(county, "file") if row["what"].endswith(f"file {file_id}, copy")][-1:]
    assert number_of(last["request"])[:5].encode() in shown, "the number of the request that showed it"
    assert rows_of(county, Export) == []


def test_a_damaged_file_is_shown_as_it_was_brought_to_who_may_have_it_and_to_nobody_else(
    client: Client, county: County, home: Path, item: int
) -> None:
    damaged = b"%PDF-1.7\n" + CANARY.encode()
    file_id = brought(county, home, item, "zhou", "情况.pdf", damaged)
    shown = {login: fetched(client(login), f"/files/{file_id}?show=1") for login in ("zhou", "lin", "sun")}
    assert shown["zhou"] == shown["lin"] == (200, damaged)
    assert shown["sun"][0] == 409 and CANARY.encode() not in shown["sun"][1]
    assert [row["what"][-8:] for row in told(county, "file") if f"file {file_id}," in row["what"]][:2] == ["original"] * 2


def test_of_what_cannot_be_cleaned_there_is_the_original_alone_and_the_page_says_for_whom(
    client: Client, county: County, home: Path, item: int
) -> None:
    file_id = brought(county, home, item, "zhou", "录像.mp4", VIDEO)
    assert fetched(client("lin"), f"/files/{file_id}") == (200, VIDEO)
    refused = client("sun").get(f"/files/{file_id}")
    assert refused.status_code == 403 and "下载流转件" not in words_of(refused.text)
    assert fetched(client("sun"), f"/files/{file_id}/copy")[0] == 404
    page = client("sun").get(f"/cases/{item}/evidence/{file_id}").text
    said = words_of(page)
    assert "这种文件做不成流转件" in said and "请上传人另存为新版文档" in said and "原件只给上传人" in said
    assert f"/files/{file_id}" not in page
    assert "请上传人另存" not in words_of(client("lin").get(f"/cases/{item}/evidence/{file_id}").text)


MAIL = f"From: {CANARY} <a@b.example>\r\nX-Originating-IP: 10.0.0.1\r\n\r\n正文".encode()


@pytest.mark.parametrize("name", ["来信.eml", "来信.txt"])
def test_a_mail_has_no_copy_under_whatever_name_and_the_page_says_so(
    client: Client, county: County, home: Path, item: int, name: str
) -> None:
    file_id = brought(county, home, item, "zhou", name, MAIL)
    reader = client("sun")
    assert fetched(reader, f"/files/{file_id}/copy")[0] == 404
    assert "这种文件做不成流转件" in words_of(reader.get(f"/cases/{item}/evidence/{file_id}").text)
    assert "下载流转件" not in words_of(reader.get(f"/files/{file_id}").text)
    assert rows_of(county, Export) == []


def test_plain_text_has_a_copy(client: Client, county: County, home: Path, item: int) -> None:
    file_id = brought(county, home, item, "zhou", "制度.txt", "村务公开制度".encode())
    status, copy = fetched(client("sun"), f"/files/{file_id}/copy")
    assert status == 200 and copy.startswith("村务公开制度".encode())
    assert "下载流转件" in words_of(client("sun").get(f"/cases/{item}/evidence/{file_id}").text)


def test_the_original_of_a_clue_is_for_who_may_open_who_reported_and_only_with_a_reason(
    client: Client, county: County, home: Path, clue: int
) -> None:
    file_id = brought(county, home, clue, "lin", *PICTURE)
    lin, page = client("lin"), f"/cases/{clue}/evidence/{file_id}/original"
    assert fetched(lin, f"/files/{file_id}")[0] == 403, "not without a reason, and not for who brought it either"
    assert "会露出举报人" in words_of(lin.get(page).text)
    assert post(lin, page, page, {"export_reason": " "}).status_code == 422
    assert rows_of(county, Export) == []
    with post(lin, page, page, {"export_reason": WANTED}) as answer:
        assert (answer.status_code, answer.data) == (200, PICTURE[1])
    (row,) = rows_of(county, Export)
    assert (row["what"], row["form"], row["reason"], row["line_count"]) == ("original", "file", WANTED, 1)
    assert WANTED in words_of(lin.get("/exports").text)
    for login in ("song", "zhao"):
        reader = client(login)
        assert "原件只给能查看这些内容的人" in words_of(reader.get(f"/cases/{clue}/evidence/{file_id}").text)
        assert reader.get(page).status_code == 404
        assert fetched(reader, f"/files/{file_id}")[0] == 403
        answer = post(reader, "/notices", page, {"export_reason": WANTED})
        assert answer.status_code == 403 and "没有给你原件" in words_of(answer.text)
        assert CANARY.encode() not in fetched(reader, f"/files/{file_id}/copy")[1]
    assert [row["what"] for row in rows_of(county, Export)].count("original") == 1


def test_a_file_that_is_on_a_clue_too_is_sealed_also_for_who_reads_only_the_item(
    client: Client, county: County, home: Path, item: int, clue: int
) -> None:
    file_id = brought(county, home, clue, "lin", *PICTURE)
    county.engine.add_evidence(item, actor=county.actor("lin", local_day(NOW)), now=NOW, file_id=file_id)
    assert fetched(client("song"), f"/files/{file_id}")[0] == 403
    assert CANARY.encode() not in fetched(client("zhou"), f"/files/{file_id}/copy")[1]
    assert fetched(client("zhou"), f"/files/{file_id}")[0] == 403


def test_once_the_key_of_a_clue_is_put_away_nobody_has_its_originals(
    client: Client, county: County, home: Path, clue: int
) -> None:
    file_id = brought(county, home, clue, "lin", *PICTURE)
    lin, page = client("lin"), f"/cases/{clue}/evidence/{file_id}/original"
    assert lin.get(page).status_code == 200
    away = {"master_id": "tests", "algorithm": "aes-256-gcm", "wrapped": "away", "made_at": BEFORE, "escrowed_at": NOW}
    county.database.write(lambda store: store.insert(CaseKey, [{"case_id": clue, **away}]))
    assert lin.get(page).status_code == 404
    answer = post(lin, "/notices", page, {"export_reason": WANTED})
    assert answer.status_code == 403 and "没有给你原件" in words_of(answer.text)


def test_the_body_that_registered_has_the_original_where_another_one_supervises(
    client: Client, county: County, home: Path, item: int
) -> None:
    file_id = brought(county, home, item, "zhou", *PICTURE)
    sponsor = {"supervisor_id": county.organs["liuhe_party"]}
    county.database.write(lambda store: store.update(Case, sponsor, id=item))
    assert fetched(client("chen"), f"/files/{file_id}") == (200, PICTURE[1])
    assert fetched(client("lin"), f"/files/{file_id}") == (200, PICTURE[1])


def test_whoever_brought_it_and_reads_the_case_no_more_has_neither(
    client: Client, county: County, home: Path, item: int
) -> None:
    file_id, ended = brought(county, home, item, "sun", *PICTURE), {"until": local_day(NOW) - timedelta(1)}
    assert fetched(client("sun"), f"/files/{file_id}") == (200, PICTURE[1])
    county.database.write(lambda store: store.update(Grant, ended, person_id=county.people["sun"]))
    assert [fetched(client("sun"), f"/files/{file_id}{door}")[0] for door in ("", "/copy", "?show=1")] == [404, 404, 404]


def test_programs_ask_the_same_rule(app: Flask, county: County, home: Path, item: int, clue: int) -> None:
    api, of_item = app.test_client(), brought(county, home, item, "zhou", *OFFICE)
    of_clue = brought(county, home, clue, "lin", *PICTURE)
    address = f"/api/v1/files/{of_item}"
    assert api.get(address, headers=bearer(county, "lin")).data == OFFICE[1]
    sun = bearer(county, "sun")
    refused = api.get(address, headers=sun)
    assert (refused.status_code, refused.json["code"]) == (403, "original_kept")
    copy = api.get(f"{address}/copy", headers=sun)
    assert copy.status_code == 200 and CANARY.encode() not in unpacked(copy.data)
    sealed = api.get(f"/api/v1/files/{of_clue}", headers=bearer(county, "lin"))
    assert (sealed.status_code, sealed.json["code"]) == (403, "original_sealed"), "a token gives no reason"
    assert api.get(f"/api/v1/files/{of_clue}", headers=bearer(county, "song")).json["code"] == "original_kept"
    copy.close()


def test_each_fetch_is_on_the_trail_as_original_or_copy_and_so_is_what_was_refused(
    client: Client, county: County, home: Path, item: int
) -> None:
    file_id = brought(county, home, item, "zhou", *PICTURE)
    lin, sun = client("lin"), client("sun")
    for who, door in ((lin, ""), (lin, "/copy"), (sun, ""), (sun, "?show=1")):
        fetched(who, f"/files/{file_id}{door}")
    rows = [(row["what"], row["result"]) for row in told(county, "file")]
    name = f"cases.file, file {file_id}"
    assert rows == [(f"{name}, original", "200"), (f"cases.circulated, file {file_id}, copy", "200"), (f"{name}, copy", "200")]
    # A reader who is refused the original has the case in sight: the row says what was refused and how.
    assert (f"{name}, original", "403") in [
        (row["what"], row["result"]) for row in (*told(county, "read"), *told(county, "refused"))
    ]


def dossier(client: FlaskClient, case_id: int) -> tuple[dict[str, bytes], dict[str, Any]]:
    status, body = fetched(client, f"/cases/{case_id}/dossier.zip")
    assert status == 200
    with zipfile.ZipFile(io.BytesIO(body)) as zipped:
        parts = {name: zipped.read(name) for name in zipped.namelist()}
    return parts, json.loads(json.loads(parts["signed/dossier.json"])["body"])


def test_a_dossier_holds_originals_for_who_is_given_them_and_names_the_others_by_digest(
    client: Client, county: County, home: Path, item: int, clue: int
) -> None:
    key = keyring.get_key(home / "keys", "checkpoint")
    for case_id in (item, clue):
        brought(county, home, case_id, "lin", *PICTURE)
    county.database.write(lambda store: take_checkpoint(store, NOW, key=key, origin="duban"))
    (digest,) = {row["digest"] for row in rows_of(county, StoredFile)}
    parts, signed = dossier(client("lin"), item)
    assert parts[f"files/{files.name_of(digest)}"] == PICTURE[1] and signed["left_out"] == []
    for login in ("lin", "song"):
        parts, signed = dossier(client(login), clue)
        assert signed["left_out"] == [digest]
        assert not any(name.startswith("files/") for name in parts)
        assert CANARY.encode() not in b"".join(parts.values()) and digest.encode() in parts["ledger.jsonl"]


def test_no_page_hands_bytes_out_but_by_the_door_that_asks() -> None:
    rooms = Path(__file__).parents[3] / "web"
    opening = {f"{path.relative_to(rooms)}" for path in rooms.rglob("*.py") if "open_file(" in path.read_text(encoding="utf-8")}
    # A digest that is checked, a small picture that is drawn anew, and what waits for its own import.
    assert opening == {"fetching.py", "cases/papers.py", "cases/pictures.py", "imports/waiting.py"}
