"""Files in parts: they go on where they broke off, arrive bit for bit, and are nobody else's to see or to continue."""

from __future__ import annotations

import io
import os
import random
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from states.errors import BadInput
from tests import hours
from tests.factories import County, vault_of
from tests.web.conftest import Client
from tests.web.site import post, token, words_of
from tests.workflow.looking import rows_of
from workflow import files, parts
from workflow.models import Evidence, StoredFile
from workflow.parts import FILES_AT_MOST, KEPT_FOR

NOW = hours.now()
PNG = b"\x89PNG\r\n\x1a\n" + random.Random(7).randbytes(700_000)
PART = 256 * 1024


@pytest.fixture
def item(county: County) -> int:
    """An item that 东沟村 works on."""
    return county.supervised_item(NOW - timedelta(minutes=30))


class Sender:
    """One person's browser that sends a file in parts for one item."""

    def __init__(self, client: FlaskClient, item: int) -> None:
        self.client, self.item = client, item
        self.headers = {"X-CSRFToken": token(client, "/password"), "Accept": "application/json"}

    def begin(self, size: int, name: str = "公开栏.png", case_id: int = 0) -> Any:
        data = {"name": name, "size": str(size)}
        return self.client.post(f"/cases/{case_id or self.item}/uploads", data=data, headers=self.headers)

    def put(self, word: str, offset: int, data: bytes) -> Any:
        return self.client.put(f"/uploads/{word}?offset={offset}", data=data, headers=self.headers)

    def come(self, word: str) -> Any:
        return self.client.get(f"/uploads/{word}", headers=self.headers)

    def send(self, body: bytes = PNG, name: str = "公开栏.png") -> str:
        word = str(self.begin(len(body), name).get_json()["upload"])
        for offset in range(0, len(body), PART):
            assert self.put(word, offset, body[offset : offset + PART]).status_code == 200
        return word

    def hand_in(self, *words: str, **more: Any) -> Any:
        page = f"/village/{self.item}"
        return post(self.client, page, f"{page}/save", {"work": str(self.item), "upload": list(words), **more})


@pytest.fixture
def zhou(client: Client, item: int) -> Sender:
    return Sender(client("zhou"), item)


def test_what_came_in_parts_is_the_file_bit_for_bit(zhou: Sender, county: County, home: Path) -> None:
    word = zhou.send()
    assert zhou.come(word).get_json() == {"offset": len(PNG), "size": len(PNG)}
    assert zhou.hand_in(word, note="已公开", step="report_progress").status_code == 303
    stored = rows_of(county, StoredFile)[0]
    assert (stored["name"], stored["media_type"], stored["size"]) == ("公开栏.png", "image/png", len(PNG))
    with files.open_file(vault_of(home), stored) as opened:
        assert opened.read() == PNG
    assert [row["file_id"] for row in rows_of(county, Evidence, case_id=zhou.item)] == [stored["id"]]
    assert zhou.client.get(f"/files/{stored['id']}").data == PNG
    assert not list((home / "parts").rglob("*.part"))


def test_it_goes_on_where_it_broke_off_and_takes_no_part_twice_or_out_of_order(zhou: Sender) -> None:
    word = zhou.begin(len(PNG)).get_json()["upload"]
    for offset, data, status, come in (
        (PART, PNG[PART:], 409, 0),
        (0, PNG[:PART], 200, PART),
        (0, PNG[:PART], 409, PART),
        (PART - 1, PNG[PART - 1 :], 409, PART),
    ):
        answer = zhou.put(word, offset, data)
        assert (answer.status_code, answer.get_json()["offset"]) == (status, come)
    assert zhou.client.put(f"/uploads/{word}", data=b"x", headers=zhou.headers).status_code == 409
    assert zhou.come(word).get_json()["offset"] == PART
    assert zhou.put(word, PART, PNG[PART:]).get_json()["offset"] == len(PNG)


def test_a_file_that_did_not_come_whole_is_no_evidence_and_the_note_stays(zhou: Sender, county: County) -> None:
    word = zhou.begin(len(PNG)).get_json()["upload"]
    zhou.put(word, 0, PNG[:PART])
    refused = zhou.hand_in(word, note="已公开一半", step="report_progress")
    assert refused.status_code == 422 and "已公开一半" in refused.text
    assert "“公开栏.png”：没有传完" in words_of(refused.text)
    assert zhou.hand_in("0" * 32, note="已公开", step="report_progress").status_code == 422
    assert rows_of(county, Evidence) == []


def test_a_refused_form_is_sent_again_with_the_same_uploads_and_a_form_sent_twice_adds_once(
    zhou: Sender, county: County
) -> None:
    word, hostile = zhou.send(), zhou.send(b"MZ" + b"0" * 100, "照片.png")
    told = {"note": "已公开", "step": "report_progress", "key": "once"}
    assert zhou.hand_in(word, hostile, **told).status_code == 422
    assert rows_of(county, Evidence) == []
    for _ in range(2):
        assert zhou.hand_in(word, **told).status_code == 303
    assert len(rows_of(county, Evidence)) == 1


def test_too_large_empty_and_hostile_files_are_refused_in_words(zhou: Sender, county: County) -> None:
    for size, said in ((51 * 1024 * 1024, "文件太大，最多50兆"), (0, "文件是空的"), (-3, "文件是空的")):
        answer = zhou.begin(size)
        assert answer.status_code == 400 and said in answer.get_json()["why"]
    word = zhou.begin(10).get_json()["upload"]
    assert zhou.put(word, 0, b"12345678901").status_code == 400
    assert zhou.come(word).get_json()["offset"] == 0
    hostile = zhou.send(b"MZ" + b"0" * 100, "照片.png")
    refused = zhou.hand_in(hostile, note="已公开", step="report_progress")
    told = words_of(refused.text)
    assert refused.status_code == 422 and "“照片.png”：程序、脚本、网页" in told and "可以传照片、视频、PDF" in told
    assert rows_of(county, Evidence) == []


def test_a_text_called_a_picture_is_refused_at_every_door_with_its_name_and_what_it_is(zhou: Sender, county: County) -> None:
    said = "“现场照片.jpg”：名称写的是图片，打开却是纯文字，没有保存。换成真正的图片再传，只改名称不行"
    refused = zhou.hand_in(zhou.send(b"not a picture", "现场照片.jpg"), note="已公开", step="report_progress")
    assert refused.status_code == 422 and said in words_of(refused.text)
    page = f"/cases/{zhou.item}"
    sent = {"label": "site_photo", "file": (io.BytesIO(b"not a picture"), "现场照片.jpg")}
    assert said in words_of(post(zhou.client, page, f"{page}/evidence", sent).text)
    form = f"{page}/extension/rectify"
    told = {"clock": "rectify", "wanted_on": "", "reason": "", "proof": (io.BytesIO(b"not a picture"), "现场照片.jpg")}
    asked = words_of(post(zhou.client, form, f"{page}/verbs/ask_extension", told).text)
    assert f"客观原因证明：{said}" in asked and "延到哪一天：这一栏要填" in asked and "具体说明：这一栏要填" in asked
    assert rows_of(county, Evidence) == rows_of(county, StoredFile) == []


def test_a_text_under_the_label_of_a_photograph_is_refused_at_the_box_and_what_was_typed_stays(
    zhou: Sender, county: County
) -> None:
    page = f"/cases/{zhou.item}"
    sent = {"label": "site_photo", "caption": "换新以后", "file": (io.BytesIO("已更新".encode()), "说明.txt")}
    refused = post(zhou.client, page, f"{page}/evidence", sent)
    assert refused.status_code == 422 and "“说明.txt”：不是图片，这里要上传拍的照片或图片" in words_of(refused.text)
    assert "换新以后" in refused.text and '<option value="site_photo" selected>' in refused.text
    assert rows_of(county, Evidence) == rows_of(county, StoredFile) == []


def test_a_village_sends_photographs_and_papers_together_and_each_is_called_what_it_is(zhou: Sender, county: County) -> None:
    words = [zhou.send(PNG, "公开栏.png"), zhou.send("第一条".encode(), "制度.txt")]
    assert zhou.hand_in(*words, note="已公开", step="report_progress").status_code == 303
    names = {row["id"]: row["name"] for row in rows_of(county, StoredFile)}
    assert sorted((row["label"], names[row["file_id"]]) for row in rows_of(county, Evidence)) == [
        ("other", "制度.txt"),
        ("site_photo", "公开栏.png"),
    ]


def test_who_has_too_much_under_way_is_told_to_finish_first(zhou: Sender) -> None:
    for _ in range(10):
        assert zhou.begin(50 * 1024 * 1024).status_code == 201
    answer = zhou.begin(1)
    assert answer.status_code == 400 and "没传完的文件加起来最多" in answer.get_json()["why"][0]


def test_so_many_files_and_no_more_are_under_way(home: Path) -> None:
    told: dict[str, Any] = {"person_id": 1, "case_id": 1, "name": "a", "size": 1, "limit": 100, "now": NOW}
    for _ in range(FILES_AT_MOST):
        parts.begin(vault_of(home), **told)
    with pytest.raises(BadInput, match="parts_too_many"):
        parts.begin(vault_of(home), **told)
    assert parts.begin(vault_of(home), **{**told, "person_id": 2}).person_id == 2


def test_another_person_neither_sees_nor_continues_nor_hands_in_the_parts(
    zhou: Sender, client: Client, county: County, item: int
) -> None:
    word = zhou.begin(len(PNG)).get_json()["upload"]
    zhou.put(word, 0, PNG[:PART])
    for login in ("sun", "shi", "lin", "han"):
        other = Sender(client(login), item)
        assert other.come(word).status_code == 404
        assert other.put(word, PART, PNG[PART:]).status_code == 404
        assert other.come("0" * 32).get_data() == other.come(word).get_data(), login
    assert zhou.come(word).get_json()["offset"] == PART
    assert Sender(client("shi"), item).begin(5).status_code == 404
    assert zhou.client.get("/uploads/..%2f..%2fsecret.key").status_code == 404


def test_parts_belong_to_the_item_that_they_were_sent_for(zhou: Sender, county: County) -> None:
    elsewhere = county.supervised_item(NOW - timedelta(minutes=20), title="路灯损坏")
    word = zhou.send()
    page = f"/village/{elsewhere}"
    told = {"work": str(elsewhere), "upload": word, "note": "路灯", "step": "report_progress"}
    assert post(zhou.client, page, f"{page}/save", told).status_code == 422
    assert rows_of(county, Evidence) == []


def test_what_nobody_finished_ends_after_two_days_and_is_swept_away(zhou: Sender, county: County, home: Path) -> None:
    word, fresh = zhou.begin(len(PNG)).get_json()["upload"], zhou.begin(5).get_json()["upload"]
    folder = home / "parts" / str(county.people["zhou"])
    old = (NOW - KEPT_FOR - timedelta(hours=1)).timestamp()
    os.utime(folder / f"{word}.json", (old, old))
    assert (zhou.come(word).status_code, zhou.come(fresh).status_code) == (404, 200)
    assert zhou.put(word, 0, PNG[:PART]).status_code == 404
    assert parts.sweep(home, now=NOW) == 1
    assert sorted(path.stem for path in folder.iterdir()) == [fresh, fresh]


def test_a_file_that_is_held_for_its_form_outlives_the_sweep_of_what_no_row_speaks_of(
    zhou: Sender, county: County, home: Path
) -> None:
    received = files.receive(vault_of(home), name="照片.png", stream=io.BytesIO(PNG), limit=len(PNG))
    parts.hold(home, received, person_id=county.people["zhou"], case_id=1)
    kept = files.path_of(home, received.digest)

    def sweep(later: timedelta) -> int:
        now = NOW + later
        held = parts.held(home, now=now)
        return county.database.read(lambda store: files.sweep(store, home, now=now, held=held))

    assert (sweep(timedelta(hours=30)), kept.exists()) == (0, True)
    # A day more, for files bear the machine's hour and not that of the tests.
    assert (sweep(KEPT_FOR + timedelta(days=1)), kept.exists()) == (1, False)


def test_without_the_form_s_token_nothing_is_begun_or_added(zhou: Sender) -> None:
    word = zhou.begin(5).get_json()["upload"]
    bare = {"Accept": "application/json"}
    assert zhou.client.post(f"/cases/{zhou.item}/uploads", data={"name": "a", "size": "5"}, headers=bare).status_code == 400
    assert zhou.client.put(f"/uploads/{word}?offset=0", data=b"12345", headers=bare).status_code == 400
    assert zhou.come(word).get_json()["offset"] == 0


def test_files_of_the_form_itself_and_in_parts_come_together(zhou: Sender, county: County) -> None:
    word = zhou.send()
    beside = (io.BytesIO(PNG[:900]), "旁边.png")
    page = f"/cases/{zhou.item}"
    answer = post(zhou.client, page, f"{page}/evidence", {"upload": word, "file": beside, "label": "site_photo"})
    assert answer.status_code == 303
    assert {row["name"] for row in rows_of(county, StoredFile)} == {"公开栏.png", "旁边.png"}


# ---- a form with a file that is not taken -----------------------------------------------------------------------------------

KEPT = re.compile(r'<input type="checkbox" name="upload" value="([0-9a-f]{32})" checked><span class="file-name">([^<]+)<')
SETTLED = re.compile(r'data-settled="([^"]*)"')


def two_files() -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(PNG[:2000]), "公开栏.png"), (io.BytesIO(b"MZ" + b"0" * 100), "照片.png")]


def test_a_refused_file_is_named_and_the_others_are_kept_with_all_that_was_typed(zhou: Sender, county: County) -> None:
    page = f"/village/{zhou.item}"
    told = {"work": str(zhou.item), "note": "已公开一半", "step": "report_progress"}
    refused = post(zhou.client, page, f"{page}/save", told | {"file": two_files()})
    assert refused.status_code == 422 and "已公开一半" in refused.text
    assert "“照片.png”：" in words_of(refused.text) and "其他文件已经收下，不用再选" in words_of(refused.text)
    ((word, name),) = KEPT.findall(refused.text)
    assert name == "公开栏.png" and word in SETTLED.findall(refused.text)[0] and rows_of(county, Evidence) == []
    assert zhou.hand_in(word, note="已公开一半", step="report_progress").status_code == 303
    assert [row["name"] for row in rows_of(county, StoredFile)] == ["公开栏.png"]


def test_a_refused_file_on_the_page_of_a_case_costs_neither_the_others_nor_the_label(zhou: Sender, county: County) -> None:
    page, url = f"/cases/{zhou.item}", f"/cases/{zhou.item}/evidence"
    told = {"label": "site_photo", "caption": "公示栏换新以后"}
    refused = post(zhou.client, page, url, told | {"file": two_files()})
    assert refused.status_code == 422 and "“照片.png”：" in words_of(refused.text)
    assert '<option value="site_photo" selected>' in refused.text and "公示栏换新以后" in refused.text
    ((word, _name),) = KEPT.findall(refused.text)
    assert 'id="f-file" name="file" multiple>' in refused.text
    assert post(zhou.client, page, url, told | {"upload": [word]}).status_code == 303
    assert [row["label"] for row in rows_of(county, Evidence)] == ["site_photo"]


def test_a_file_kept_for_a_form_is_nobody_elses_to_hand_in(zhou: Sender, county: County, client: Client) -> None:
    page = f"/cases/{zhou.item}"
    ((word, _name),) = KEPT.findall(post(zhou.client, page, f"{page}/evidence", {"file": two_files()}).text)
    sun = client("sun")
    assert post(sun, page, f"{page}/evidence", {"upload": [word]}).status_code == 422
    assert rows_of(county, Evidence) == []


# ---- what is said of a file -------------------------------------------------------------------------------------------------


def test_what_a_village_says_beside_a_photograph_stands_beside_it_for_the_township_and_the_county(
    zhou: Sender, county: County, client: Client
) -> None:
    assert zhou.hand_in(zhou.send(), note="新公示栏已上墙，村民代表看过", step="report_progress").status_code == 303
    (proof,) = rows_of(county, Evidence, case_id=zhou.item)
    for login in ("zhou", "xu", "lin"):
        reader = client(login)
        tiles = re.search(r'<ul class="evidence">.*?</ul>', reader.get(f"/cases/{zhou.item}").text, re.S)
        assert tiles and "新公示栏已上墙" in tiles[0], login
        assert "新公示栏已上墙" in reader.get(f"/cases/{zhou.item}/evidence/{proof['file_id']}").text
    proofs = re.search(r'<ul class="village-proof">.*?</ul>', client("zhou").get(f"/village/{zhou.item}").text, re.S)
    assert proofs and "新公示栏已上墙" in proofs[0]
    assert client("han").get(f"/cases/{zhou.item}/evidence/{proof['file_id']}").status_code == 404
