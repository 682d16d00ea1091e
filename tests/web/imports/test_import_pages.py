"""The import page: a ledger is uploaded, looked at, read otherwise, brought in, let run or taken back, without a typed address."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import hours
from tests.factories import County
from tests.handlers.ledgers.books import make_sheet, save, xlsx_with
from tests.web.conftest import Client
from tests.web.site import post, token, words_of
from web.errors import sentence_of
from workflow import files
from workflow.models import Case
from workflow.store import table_of

CASES = table_of(Case)
HEAD = ("乡镇", "村居", "反馈问题", "责任单位", "完成情况", "反馈时间")
ROWS = (
    ("柳河镇", "东沟村", "账目混乱", "村党支部", "正在整改", "2025-01-06"),
    ("柳河镇", "西头村", "公示栏未更新", "西头村", "差不多了", "2025-01-06"),
    ("柳河镇", "南河村", "会议记录缺失", "", "已销号", ""),
    ("柳河镇", "东沟村", "", "", "正在整改", "2025-01-06"),
)
WORD = re.compile(r'name="word" value="([^"]+)"')
FIELD = re.compile(r'name="heading/(\d+)" value="([^"]*)"')


def book() -> bytes:
    made, sheet = make_sheet([HEAD, *ROWS])
    sheet.row_dimensions[3].hidden = True
    return save(made)


def upload(client: FlaskClient, source: bytes, name: str = "柳河镇台账.xlsx") -> TestResponse:
    told = {"csrf_token": token(client, "/imports"), "file": (io.BytesIO(source), name)}
    return client.post("/imports/preview", data=told, content_type="multipart/form-data")


def form_of(page: str) -> dict[str, str]:
    """What a browser would post from a preview without touching it."""
    found = WORD.search(page)
    assert found, words_of(page)
    told = {"word": found[1]}
    for number, heading in FIELD.findall(page):
        chosen = re.search(rf'name="field/{number}">.*?</select>', page, re.S)
        assert chosen
        selected = re.search(r'value="([^"]*)" selected', chosen[0])
        told |= {f"heading/{number}": heading, f"field/{number}": selected[1] if selected else ""}
    return told


def cases(county: County) -> list[dict[str, Any]]:
    return county.database.read(lambda store: store.select(CASES.select().order_by(CASES.c.id)))


def test_the_way_from_the_file_to_the_talk_needs_no_address(county: County, client: Client, home: Path) -> None:
    lin = client("lin")
    start = lin.get("/imports").text
    assert 'action="/imports/preview"' in start and "duban import log" in start
    seen = upload(lin, book())
    assert seen.status_code == 200
    words = words_of(seen.text)
    assert "将导入3项，已有0项，不能导入1行" in words and "将生成2次约谈" in words
    assert "差不多了 · 不认识的说法" in words and "不认识的完成情况，按正在整改登记：差不多了" in words
    assert "南河村" in words and "第5行" in words and "隐藏" in words and "导入当天" in words
    assert cases(county) == []

    done = post(lin, "/imports", "/imports/bring-in", {**form_of(seen.text), "create": "1"})
    assert done.status_code == 200 and "已导入3项" in words_of(done.text)
    assert Counter(case["state"] for case in cases(county)) == {"supervised": 2, "closed": 1}
    assert not [path for path in (home / "files").rglob("*") if path.is_file()]

    link = re.search(r'href="(/imports/\d+)"', done.text)
    assert link
    page = lin.get(link[1]).text
    assert "将生成2次约谈" in words_of(page) and f"/cases/{cases(county)[0]['id']}" in page
    assert lin.get(f"{link[1]}?mode=catch-up").status_code == 200
    assert post(lin, link[1], f"{link[1]}/switch-on", {"mode": "from-now"}).status_code == 303
    opened = Counter(one["kind"] for one in county.engine.tick(hours.now()).opened)
    assert opened["interview"] == 2
    assert "已启用催办" in words_of(lin.get("/imports").text)
    assert post(lin, link[1], f"{link[1]}/withdraw", {"reason": "列错了"}).status_code == 303


def test_a_column_read_otherwise_and_kept_under_a_name_is_chosen_again(county: County, client: Client) -> None:
    lin = client("lin")
    source = "乡镇,村居,反馈问题,谁来改\n柳河镇,东沟村,账目混乱,镇财政所".encode()
    told = form_of(upload(lin, source, "台账.csv").text)
    place = next(name for name, heading in told.items() if heading == "谁来改").replace("heading", "field")
    assert told[place] == ""
    again = post(lin, "/imports", "/imports/preview", {**told, place: "unit", "keep_as": "柳河镇的表"})
    assert form_of(again.text)[place] == "unit"
    other = post(
        lin, "/imports", "/imports/preview", {**form_of(upload(lin, source, "又一份.csv").text), "mapping": "柳河镇的表"}
    )
    assert form_of(other.text)[place] == "unit"
    done = post(lin, "/imports", "/imports/bring-in", {**form_of(other.text), "keep_as": "又一种"})
    link = re.search(r'href="(/imports/\d+)"', done.text)
    assert done.status_code == 200 and link
    assert "又一种" in words_of(upload(lin, source, "再一份.csv").text)
    run = words_of(lin.get(link[1]).text)
    assert "按保存的对照读： 又一种 第1版" in run and "谁来改" in run and "责任单位" in run
    (case,) = cases(county)
    assert case["holder_id"] == county.organs["office"]  # 未启动 lies with the office
    assert post(lin, "/imports", "/imports/preview", {**told, place: "no such field"}).status_code == 400


def test_only_who_uploaded_a_ledger_goes_on_with_it_and_a_day_later_nobody(
    app: Flask, county: County, client: Client, home: Path
) -> None:
    lin, song = client("lin"), client("song")
    told = form_of(upload(lin, book()).text)
    refused = post(song, "/imports", "/imports/bring-in", told)
    assert refused.status_code == 400 and "这份文件不在了" in words_of(refused.text)
    assert post(lin, "/imports", "/imports/bring-in", {**told, "word": told["word"] + "x"}).status_code == 400
    later = hours.now() + timedelta(days=2)
    assert county.database.read(lambda store: files.sweep(store, home, now=later)) == 1
    assert post(lin, "/imports", "/imports/bring-in", told).status_code == 400
    assert cases(county) == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (b"", "台账.xlsx"),
        (b"\xd0\xcf\x11\xe0 not a book", "台账.xls"),
        (b"PK\x03\x04 broken", "台账.xlsx"),
        (b"x", "台账.et"),
        ("只有,标题\n一,二".encode(), "台账.csv"),
        (xlsx_with({"xl/worksheets/sheet1.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "台账.xlsx"),
    ],
    ids=["empty", "damaged-xls", "damaged-xlsx", "et", "no-table", "entities"],
)
def test_a_file_that_cannot_be_read_gets_the_sentence_of_the_command_line(
    client: Client, home: Path, source: bytes, name: str
) -> None:
    from handlers.ledgers.reading import read_ledger
    from states.errors import DomainError

    with pytest.raises(DomainError) as refusal:
        read_ledger(source, name, today=hours.now().date())
    answer = upload(client("lin"), source, name)
    assert answer.status_code == 422
    assert sentence_of(refusal.value, "zh-Hans").split("：")[-1].split("。")[0] in words_of(answer.text)
    assert not [path for path in (home / "files").rglob("*") if path.is_file()]


def test_a_form_without_a_file_says_what_is_missing(client: Client) -> None:
    lin = client("lin")
    assert post(lin, "/imports", "/imports/preview", {}).status_code == 422
    assert post(lin, "/imports", "/imports/bring-in", {}).status_code == 400


def test_whoever_may_not_import_finds_no_page(client: Client) -> None:
    han = client("han")
    for address in ("/imports/preview", "/imports/bring-in"):
        assert post(han, "/tokens", address, {}).status_code == 404
    assert (han.get("/imports").status_code, han.get("/imports/1").status_code) == (404, 404)
    assert client("lin").get("/imports/1").status_code == 404


def test_an_importer_reads_every_version_of_a_mapping_with_what_each_changed(county: County, client: Client) -> None:
    lin, song = client("lin"), client("song")
    source = "乡镇,村居,反馈问题,谁来改\n柳河镇,东沟村,账目混乱,镇财政所".encode()
    told = form_of(upload(lin, source, "台账.csv").text)
    place = next(name for name, heading in told.items() if heading == "谁来改").replace("heading", "field")
    for field in ("unit", "person"):
        post(lin, "/imports", "/imports/preview", {**told, place: field, "keep_as": "柳河镇的表"})
    assert "1份" in words_of(lin.get("/imports").text)
    listed = lin.get("/configuration/ledger_mapping").text
    assert "柳河镇的表" in words_of(listed) and "第2版" in words_of(listed)
    address = re.search(r'href="(/configuration/ledger_mapping/m[0-9a-f]+)"', listed)
    assert address
    history = song.get(address[1]).text
    assert "林静提出" in words_of(history)
    newest = re.search(r'href="(/configuration/changes/\d+)"', history)
    assert newest
    change = words_of(song.get(newest[1]).text)
    assert "表头·谁来改：由“责任单位”改为“责任人”" in change and "导入“台账.csv”时保存" in change
    assert client("zhou").get("/configuration/ledger_mapping").status_code == 404
    assert lin.get("/configuration").status_code == 404 and lin.get("/configuration/message").status_code == 404


def test_a_mapping_that_shows_who_complains_is_used_only_after_a_second_person(county: County, client: Client) -> None:
    lin, song = client("lin"), client("song")
    source = "乡镇,村居,反馈问题,举报人\n柳河镇,东沟村,账目混乱,张三".encode()
    told = form_of(upload(lin, source, "台账.csv").text)
    place = next(name for name, heading in told.items() if heading == "举报人").replace("heading", "field")
    again = post(lin, "/imports", "/imports/preview", {**told, place: "note", "keep_as": "柳河镇的表"})
    assert "等另一人同意后才能用" in words_of(again.text)
    assert "<option>柳河镇的表</option>" not in again.text
    decide = {"granted": "yes", "words": ""}
    waiting = re.search(r'href="(/configuration/changes/\d+)"', song.get("/configuration/ledger_mapping").text)
    assert waiting and post(song, waiting[1], f"{waiting[1]}/decide", decide).status_code == 303
    assert "<option>柳河镇的表</option>" in upload(lin, source, "台账.csv").text


def test_what_was_kept_before_there_were_versions_is_still_chosen(county: County, client: Client, home: Path) -> None:
    lin = client("lin")
    folder = home / "mappings"
    folder.mkdir(parents=True)
    text = "version: 1\ncolumns: {反馈问题: problem, 谁来改: unit}\n"
    name = hashlib.sha256("旧的表".encode()).hexdigest()[:32]
    (folder / f"{name}.json").write_text(json.dumps({"name": "旧的表", "text": text}), encoding="utf-8")
    source = "乡镇,村居,反馈问题,谁来改\n柳河镇,东沟村,账目混乱,镇财政所".encode()
    told = form_of(upload(lin, source, "台账.csv").text)
    place = next(name for name, heading in told.items() if heading == "谁来改").replace("heading", "field")
    assert form_of(post(lin, "/imports", "/imports/preview", {**told, "mapping": "旧的表"}).text)[place] == "unit"
