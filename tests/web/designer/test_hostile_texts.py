"""Hostile texts at the doors of the designer: the box and the file. Refused with a sentence, soon, and nothing is written."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from states.errors import Conflict
from tests.factories import County
from tests.web.designer.conftest import Desk
from tests.web.hostile import FILES, HARMLESS_WORDS, TEXTS, UNREADABLE
from tests.web.site import token, words_of
from tests.workflow.looking import dump
from tests.workflow.versions.conftest import Office
from web.designer.beginnings import skeleton

New = Callable[..., Desk]
SOUND = skeleton("visit", "走访")
SECONDS = 10.0  # of this process's own work, the pages before and after included
CHINESE = re.compile(r"[一-鿿]")


def problem_of(answer: TestResponse) -> str:
    """What the page says stands against it."""
    found = re.search(r'<div class="note [^>]*>(.*?)</div>', answer.text, re.S)
    return words_of(found[1]) if found else ""


def upload(client: FlaskClient, content: bytes) -> TestResponse:
    """Begins a draft from a file; the body is written by hand, because the client would leave a large one open on the disk."""
    parts = {"how": b"file", "csrf_token": token(client, "/designer").encode()}
    body = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'.encode() + value + b"\r\n"
        for key, value in parts.items()
    )
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="visit.yaml"\r\nContent-Type: text/yaml\r\n\r\n'
    return client.post(
        "/designer/new", data=body + head.encode() + content + b"\r\n--x--\r\n", content_type="multipart/form-data; boundary=x"
    )


@pytest.mark.parametrize("name", TEXTS)
def test_the_box_keeps_nothing_of_a_hostile_text(new: New, county: County, name: str) -> None:
    desk = new()
    before, began = dump(county), time.process_time()
    answer = desk.send("text", source=TEXTS[name])
    assert (answer.status_code, time.process_time() - began < SECONDS) == (400, True)
    assert "文本里有不能收的写法，没有保存" in words_of(answer.text)
    assert dump(county) == before


@pytest.mark.parametrize("name", UNREADABLE)
def test_the_box_keeps_what_cannot_be_read_and_lets_it_come_no_further(new: New, county: County, name: str) -> None:
    desk = new()
    desk.done("text", source=UNREADABLE[name])
    assert "读不通" in words_of(desk.page())
    _require_it_comes_no_further(desk, county)


@pytest.mark.parametrize("name", [*TEXTS, *UNREADABLE, *FILES])
def test_a_hostile_file_begins_no_draft(administrator: FlaskClient, county: County, name: str) -> None:
    content = FILES[name] if name in FILES else (TEXTS | UNREADABLE)[name].encode()
    before, began = dump(county), time.process_time()
    answer = upload(administrator, content)
    assert (answer.status_code, time.process_time() - began < SECONDS) == (400, True)
    assert CHINESE.search(problem_of(answer))
    assert dump(county) == before


@pytest.mark.parametrize(("sound", "hostile"), HARMLESS_WORDS)
def test_a_file_that_names_what_nobody_registered_begins_no_draft_and_says_its_line(
    administrator: FlaskClient, county: County, sound: str, hostile: str
) -> None:
    text = SOUND.replace(sound, hostile)
    line = text[: text.index(hostile)].count("\n") + 1
    before, began = dump(county), time.process_time()
    answer = upload(administrator, text.encode())
    assert (answer.status_code, time.process_time() - began < SECONDS) == (400, True)
    assert f"文本里有不能收的写法，没有保存：第{line}行" in problem_of(answer)
    assert dump(county) == before


@pytest.mark.parametrize(
    "call",
    [
        "guards: [evaluate]",
        "guards: [{not: evaluate}]",
        "guards: [{all: [is_paused, {any: [evaluate]}]}]",
        "effects: [evaluate]",
    ],
)
def test_a_call_of_what_nobody_registered_does_not_hide_behind_a_part_that_is_missing(
    administrator: FlaskClient, county: County, call: str
) -> None:
    before = dump(county)
    text = SOUND.replace("main: true\n    grounds", f"{call}\n    grounds")
    answer = upload(administrator, "".join(line for line in text.splitlines(True) if not line.startswith("number:")).encode())
    assert (answer.status_code, "“evaluate”" in problem_of(answer)) == (400, True)
    assert dump(county) == before


def test_a_file_with_faults_that_call_nothing_begins_a_draft_to_be_mended(administrator: FlaskClient) -> None:
    assert upload(administrator, SOUND.replace("runs_in: [begun]", "runs_in: [begin]").encode()).status_code == 303


@pytest.mark.parametrize(("sound", "hostile"), HARMLESS_WORDS)
def test_a_name_that_is_none_stays_text_and_comes_no_further(new: New, county: County, sound: str, hostile: str) -> None:
    desk = new()
    assert sound in desk.text
    desk.done("text", source=desk.text.replace(sound, hostile))
    assert "全部通过" not in words_of(desk.page())
    _require_it_comes_no_further(desk, county)


def _require_it_comes_no_further(desk: Desk, county: County) -> None:
    with pytest.raises(Conflict) as refusal:
        Office(county).preview(desk.draft_id)
    assert refusal.value.params["why"] == "draft_not_proven"


def test_a_text_with_very_many_faults_is_shown_soon(new: New) -> None:
    desk = new()
    desk.done("text", source=desk.text + "".join(f"extra_{number}: 1\n" for number in range(20_000)))
    began = time.process_time()
    assert "extra_1" in words_of(desk.page())
    assert time.process_time() - began < SECONDS
