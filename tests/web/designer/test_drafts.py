"""Drafts: who may work on them, where they begin, and that nothing typed is lost and nothing hostile kept."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import hours
from tests.factories import County
from tests.web.designer.conftest import LOGIN, Desk
from tests.web.site import post, signed_in, words_of
from web.wiring import gallery

New = Callable[..., Desk]
LATIN = re.compile(r"[A-Za-z]{2,}")


def test_nobody_but_an_administrator_of_workflows_sees_that_there_are_drafts(app: Flask, county: County, new: New) -> None:
    draft = new().draft_id
    for login in ("lin", "zhao", "han"):
        client = signed_in(app, county, login, hours.now())
        absent = words_of(client.get("/cases/999999").text)
        for page in ("/designer", f"/designer/{draft}", f"/designer/{draft}/text"):
            answer = client.get(page)
            assert (answer.status_code, words_of(answer.text)) == (404, absent)
        for page in ("/designer/new", f"/designer/{draft}/edit", f"/designer/{draft}/drop", f"/designer/{draft}/name"):
            assert post(client, "/inbox", page, {"act": "undo"}).status_code == 404


def test_a_new_kind_begins_without_a_fault_and_is_proven_by_its_first_edit(new: New) -> None:
    desk = new(title='走访: "试点" #1')
    assert "全部通过" in words_of(desk.page())
    assert desk.says["title"] == '走访: "试点" #1'
    desk.fill("/states/0", **{"title.zh-Hans": "走访中"})
    assert desk.row["proven"] == desk.row["digest"] != ""


NO_BEGINNING: tuple[tuple[dict[str, str], str], ...] = (
    ({"key": "../etc"}, "标识只用小写字母"),
    ({"key": "__class__"}, "标识只用小写字母"),
    ({"title": ""}, "名称不能空着"),
    ({"key": "clue"}, "“clue”这个标识已经用了"),
    ({"how": "current", "kind": "nothing"}, "没有这一类事项"),
    ({"how": "example", "example": "../settings"}, "选草稿从哪里写起"),
    ({"how": "elsewhere"}, "选草稿从哪里写起"),
    ({"how": "file"}, "选草稿从哪里写起"),
    ({"name": "长" * 61}, "名称不能空着，也不能太长"),
)


def test_a_beginning_that_is_none_is_said_and_what_was_typed_stays(administrator: FlaskClient) -> None:
    for told, said in NO_BEGINNING:
        data = {"how": "empty", "key": "visit", "title": "走访的一类", **told}
        answer = post(administrator, "/designer", "/designer/new", data)
        assert answer.status_code == 400, told
        assert said in words_of(answer.text), told
        assert data["title"] in answer.text


def test_a_draft_begins_from_a_current_kind_an_example_or_a_file(new: New) -> None:
    assert new(how="current", kind="measure").says["key"] == "measure"
    assert new(how="example", example="road_traffic_fine").says["key"] == "road_traffic_fine"
    assert new(how="example", example="two_months").says == gallery()["two_months"].document
    told = "key: visit\ntitle: 走访\n"
    assert new(how="file", file=(io.BytesIO(told.encode()), "走访.yaml")).text == told


def test_a_draft_is_named_downloaded_and_dropped(new: New) -> None:
    desk = new()
    answer = post(desk.client, "/designer", f"/designer/{desk.draft_id}/name", {"name": "第二稿", "revision": 1})
    assert answer.status_code == 303
    assert "走访：第二稿" in words_of(desk.client.get("/designer").text)
    assert desk.client.get(f"/designer/{desk.draft_id}/text").text == desk.text
    stale = post(desk.client, "/designer", f"/designer/{desk.draft_id}/name", {"name": "第三稿", "revision": 1})
    assert stale.status_code == 409
    post(desk.client, "/designer", f"/designer/{desk.draft_id}/drop", {})
    assert desk.client.get(f"/designer/{desk.draft_id}").status_code == 404


HOSTILE = {
    "billion laughs": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "alias": "key: visit\nstates: *states\n",
    "tag": "key: !!python/object/apply:os.system ['true']\n",
    "two documents": "key: visit\n---\nkey: other\n",
    "too deep": "key: " + "[" * 25 + "]" * 25,
    "too large": "key: visit\ntitle: " + "长" * 400_000,
    "odd key": "? [a, b]\n: c\n",
}


def test_a_hostile_text_is_refused_with_a_sentence_and_stays_where_it_was_typed(new: New) -> None:
    desk = new()
    before = desk.text
    for name, text in HOSTILE.items():
        answer = desk.send("text", source=text)
        assert answer.status_code == 400, name
        assert "文本里有不能收的写法，没有保存" in words_of(answer.text), name
        assert text.splitlines()[0][:40] in unescape(answer.text), name
        assert (desk.text, desk.row["revision"]) == (before, 1)


def test_a_hostile_file_begins_no_draft(administrator: FlaskClient) -> None:
    for name, text in HOSTILE.items():
        # A body of a megabyte would be spooled by the client, which leaves its file open.
        if name != "too large":
            told: dict[str, Any] = {"how": "file", "file": (io.BytesIO(text.encode()), "走访.yaml")}
            assert post(administrator, "/designer", "/designer/new", told).status_code == 400, name
    assert "还没有草稿" in words_of(administrator.get("/designer").text)


WRONG_NAMES = (
    ("do: turn_red", "do: os.system", "不能作标识"),
    ("do: turn_red", "do: eval", "没有名为“eval”的梯级动作"),
    ("limit: 30 day", "limit: 99999999999999999999 day", "不是期限"),
    ("key: begun, title", "key: __class__, title", "不能作标识"),
    ("from: [begun]", "from: [begun.__init__]", "不能作标识"),
    ("main: true\n    grounds", "guards: [__import__]\n    grounds", "不能作标识"),
)


def test_a_name_that_nobody_registered_is_kept_as_text_and_said_to_be_wrong(new: New) -> None:
    desk = new()
    sound = desk.text
    for old, wrong, said in WRONG_NAMES:
        assert old in sound
        desk.done("text", source=sound.replace(old, wrong))
        assert said in words_of(desk.page()), wrong
        assert desk.row["proven"] != desk.row["digest"] or not desk.row["digest"], wrong


def test_a_text_that_breaks_off_is_kept_and_its_line_is_said(new: New) -> None:
    desk = new()
    broken = desk.text + "rules: [\n"
    desk.done("text", source=broken)
    page = desk.page()
    assert desk.text == broken
    assert "定义文本读不通" in words_of(page) and 'class="text-fault"' in page
    assert desk.send("then", then="add:/states").status_code == 400
    desk.done("text", source=broken.replace("rules: [\n", ""))
    assert "全部通过" in words_of(desk.page())


def test_another_key_of_the_kind_is_a_fault(new: New) -> None:
    desk = new()
    desk.done("text", source=desk.text.replace("key: visit", "key: other"))
    assert "标识要改回“visit”" in words_of(desk.page())
    assert desk.row["digest"] == ""


def test_who_was_slower_is_told_so_and_keeps_what_he_typed(new: New) -> None:
    desk = new()
    slow = desk.page("/states/0")
    desk.fill("/states/0", **{"title.zh-Hans": "快的"})
    token = re.search(r'name="csrf_token" value="([^"]+)"', slow)
    assert token
    told = {
        "csrf_token": token[1],
        "act": "panel",
        "at": "/states/0",
        "revision": 1,
        "title/asked": "1",
        "title.zh-Hans": "慢的",
    }
    answer = desk.client.post(f"/designer/{desk.draft_id}/edit", data=told)
    assert answer.status_code == 409
    assert "刚刚被别人改过" in words_of(answer.text) and 'value="慢的"' in answer.text
    assert desk.says["states"][0]["title"] == "快的"
    text = desk.send("text", source="写了很久的文本", revision=1)
    assert text.status_code == 409 and "写了很久的文本" in text.text


def test_every_edit_can_be_taken_back_and_done_again(new: New) -> None:
    desk = new()
    texts = [desk.text]
    for title in ("一", "二", "三"):
        desk.fill("/states/0", **{"title.zh-Hans": title})
        texts.append(desk.text)
    for text in reversed(texts[:-1]):
        desk.done("undo")
        assert desk.text == text
    assert desk.send("undo").status_code == 409
    for text in texts[1:]:
        desk.done("redo")
        assert desk.text == text
    desk.done("undo")
    desk.fill("/states/0", **{"title.zh-Hans": "四"})
    assert desk.send("redo").status_code == 409
    desk.done("undo")
    assert desk.text == texts[2]


def test_the_page_speaks_chinese_and_no_key_stands_as_a_word(new: New) -> None:
    desk = new()
    for at in ("", "/states/0", "/transitions/0", "/clocks/0", "/ladders/0", "/ladders/0/tiers/0/0"):
        # The text, keys shown small, picks of a key that has no words, and what the preview says in English.
        shown = r"<textarea.*?</textarea>|<code>.*?</code>|<option.*?</option>|<div[^>]* lang=\"en\".*?</div></details>"
        page = re.sub(shown, " ", desk.page(at), flags=re.S)
        assert set(LATIN.findall(words_of(page))) <= {"English", "Esc", LOGIN}, at


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_the_page_speaks_the_other_languages(new: New, language: str) -> None:
    desk = new()
    desk.client.set_cookie("duban_language", language)
    assert f'lang="{language}"' in desk.page("/transitions/0")
    assert desk.client.get("/designer").status_code == 200
