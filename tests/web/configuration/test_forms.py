"""Settings that are lists, as forms with pick lists: what is shown, typed and taken away is what the text says afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from handlers.settings.registry import SETTINGS
from tests import hours
from tests.web.designer.conftest import Boxes
from tests.web.site import signed_in, words_of
from tests.workflow.configuration.conftest import Desk
from tests.workflow.configuration.conftest import desk as desk
from workflow.reads.configuration import list_settings

NOW = hours.now()


def filled(app: Flask, desk: Desk, login: str, kind: str, key: str, **typed: Any) -> TestResponse:
    """The form of a setting, sent back with what is typed into it; a slash in a name is written as two underscores."""
    client = signed_in(app, desk.county, login, NOW)
    page = client.get(f"/configuration/{kind}/{key}")
    assert page.status_code == 200
    form = next(form for form in Boxes(page.text).forms if "reason" in form)
    for name, value in typed.items():
        form[name.replace("__", "/")] = value
    return client.post(f"/configuration/{kind}/{key}", data={**form, "act": "propose", "reason": "改说法"})


def newest(desk: Desk) -> Any:
    """What the newest version or proposal says."""
    return desk.county.database.read(list_settings)[0].data


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        *(("letter", key) for key, data in SETTINGS["letter"].shipped().items() if "lines" in data),
        *(("role", key) for key in SETTINGS["role"].shipped()),
    ],
)
def test_a_form_that_is_sent_back_as_it_stands_changes_nothing(app: Flask, desk: Desk, kind: str, key: str) -> None:
    answer = filled(app, desk, "jiang" if kind == "letter" else "an", kind, key)
    assert answer.status_code == 409 and "和现行的一样" in answer.text


def test_a_line_of_a_letter_is_moved_made_to_depend_and_taken_away(app: Flask, desk: Desk) -> None:
    was = SETTINGS["letter"].shipped()["transfer_letter"]["lines"]
    typed = {
        "row__0__at": "3",
        "row__6__text": "",
        "row__7__pick": "when:requirement",
        "row__7__text": "请按{办理要求}办。",
        "row__7__at": "1",
        "row__5__pick": "heading",
    }
    assert filled(app, desk, "jiang", "letter", "transfer_letter", **typed).status_code == 303
    told = newest(desk)["lines"]
    assert told[0] == {"when": "requirement", "text": "请按{requirement}办。"}
    assert told[1:3] == [was[1], was[0]]
    assert told[-1] == {"heading": was[5]} and len(told) == len(was)


def test_a_role_gets_a_post_in_another_kind_of_body_and_loses_one(app: Flask, desk: Desk) -> None:
    posts = SETTINGS["role"].shipped()["head"]["posts"]
    new = len(posts)
    first = next(iter(posts))
    typed = {f"row__0__text.{language}": "" for language in ("zh-Hans", "zh-Hant", "en")}
    typed |= {f"row__{new}__pick": first}
    named = {"zh-Hans": "一把手", "zh-Hant": "一把手", "en": "Chief"}
    typed |= {f"row__{new}__text.{language}": said for language, said in named.items()}
    assert filled(app, desk, "an", "role", "head", **typed).status_code == 303
    told = newest(desk)["posts"]
    assert told[first] == named and list(told)[-1] == first


def test_an_importer_changes_a_column_by_picking_its_field_and_reads_the_text_beside(app: Flask, desk: Desk) -> None:
    mapping = SETTINGS["ledger_mapping"]
    desk.propose(
        mapping, "mine", {"name": "柳河镇的表", "columns": {"反馈问题": "problem", "整改/承办": "unit"}}, by="lin", now=NOW
    )
    typed = {"row__1__pick": "lead_unit", "row__2__text": "谁查", "row__2__pick": "leader", "row__0__text": ""}
    assert filled(app, desk, "lin", "ledger_mapping", "mine", **typed).status_code == 303
    assert newest(desk) == {"name": "柳河镇的表", "columns": {"整改/承办": "lead_unit", "谁查": "leader"}}
    client = signed_in(app, desk.county, "lin", NOW)
    page = client.get("/configuration/ledger_mapping/mine").text
    assert "township" in page and "lead_unit" not in words_of(page) and "改原文" in words_of(page)
    assert "lead_unit" in words_of(client.get("/configuration/ledger_mapping/mine?as=text").text)


def test_a_sheet_is_written_as_its_text(app: Flask, desk: Desk) -> None:
    key = next(key for key, data in SETTINGS["letter"].shipped().items() if "rows" in data)
    page = signed_in(app, desk.county, "jiang", NOW).get(f"/configuration/letter/{key}").text
    assert 'name="source"' in page and "row/0/pick" not in page
