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
        *(("letter", key) for key in SETTINGS["letter"].shipped()),
        *(("role", key) for key in SETTINGS["role"].shipped()),
        ("ledger_words", "ledger"),
    ],
)
def test_a_form_that_is_sent_back_as_it_stands_changes_nothing(app: Flask, desk: Desk, kind: str, key: str) -> None:
    answer = filled(app, desk, "an" if kind == "role" else "jiang", kind, key)
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


SHEET = "close_out_form"


def test_a_row_of_a_sheet_is_moved_made_of_two_and_taken_away_and_what_ships_stays(app: Flask, desk: Desk) -> None:
    was = SETTINGS["letter"].shipped()[SHEET]["rows"]
    new = f"row__{len(was)}"
    typed = {
        "row__0__at": "2",
        "row__1__label0": "",
        "row__1__text0": "",
        f"{new}__label0": "县委意见",
        f"{new}__text0": "{审批意见}\n（签字）",
        f"{new}__label1": "日期",
        f"{new}__high": "4",
        f"{new}__at": "1",
    }
    assert filled(app, desk, "jiang", "letter", SHEET, **typed).status_code == 303
    told = newest(desk)
    assert told["rows"] == [[["县委意见", "{approval}\n（签字）"], ["日期", ""], 4], was[0], *was[2:]]
    assert told["form"] == "table" and told["title"] == SETTINGS["letter"].shipped()[SHEET]["title"]


def test_what_is_wrong_with_a_row_stands_at_it_with_what_was_typed(app: Flask, desk: Desk) -> None:
    answer = filled(app, desk, "jiang", "letter", SHEET, row__2__text0="{没有这个}", row__4__high="很高")
    assert answer.status_code == 422
    wrong = [part.partition("</li>")[0] for part in answer.text.split('<li class="setting-line is-wrong">')[1:]]
    assert len(wrong) == 2
    assert "大括号不成对" in wrong[0] and "{没有这个}" in wrong[0]
    assert "不是一行表格" in wrong[1] and "很高" in wrong[1]


def test_the_text_and_the_form_of_a_sheet_are_one_thing_typed_in_two_ways(app: Flask, desk: Desk) -> None:
    client = signed_in(app, desk.county, "jiang", NOW)
    page = client.get(f"/configuration/letter/{SHEET}")
    form = {**next(form for form in Boxes(page.text).forms if "reason" in form), "row/2/label0": "承办的单位"}
    text = client.post(f"/configuration/letter/{SHEET}", data={**form, "act": "text"}).text
    assert "承办的单位" in text and 'name="source"' in text
    source = next(form for form in Boxes(text).forms if "reason" in form)["source"].replace("承办的单位", "办理的单位")
    back = client.post(f"/configuration/letter/{SHEET}", data={**form, "source": source, "act": "form"}).text
    assert 'value="办理的单位"' in back and 'name="source"' not in back


def test_the_words_of_ledgers_are_picked_and_typed_and_what_the_program_reads_stays(app: Flask, desk: Desk) -> None:
    was = SETTINGS["ledger_words"].shipped()["ledger"]
    end = len(was["statuses"])
    typed = {
        "field__unit": "、".join([*was["fields"]["unit"]["headings"], "包片单位"]),
        "status__0__words": "、".join([*was["statuses"][0]["words"], "没动"]),
        f"status__{end}__words": "挂起、缓办",
        f"status__{end}__state": "supervised",
        f"status__{end}__label": "ongoing",
        f"status__{end}__flags": "extension_asked",
        "question__0__heading": "",
        "question__3__heading": "是否缓办",
        "question__3__affirmed": "缓办",
        "question__3__denied": "正在整改",
        "blank__ordinary": "没动",
        "list__denied": "否、未、不",
    }
    assert filled(app, desk, "jiang", "ledger_words", "ledger", **typed).status_code == 303
    told = newest(desk)
    assert told["fields"]["unit"]["headings"][-1] == "包片单位" and told["fields"]["unit"]["spill"] == "lead_unit"
    assert told["statuses"][-1] == {
        "words": ["挂起", "缓办"],
        "state": "supervised",
        "label": "ongoing",
        "flags": ["extension_asked"],
    }
    assert list(told["questions"]) == [*list(was["questions"])[1:], "是否缓办"]
    assert told["blank_status"]["ordinary"] == "没动" and told["denied"] == ["否", "未", "不"]
    assert [told[part] for part in ("dates", "money", "of_measure", "row_kinds")] == [
        was[part] for part in ("dates", "money", "of_measure", "row_kinds")
    ]


def test_a_word_that_stands_in_two_places_is_told_and_a_wrong_one_at_its_line(app: Flask, desk: Desk) -> None:
    answer = filled(
        app, desk, "jiang", "ledger_words", "ledger", blank__ordinary="没有的说法", status__1__words="移交的、未启动"
    )
    assert answer.status_code == 422
    assert "“未启动”写在两处" in words_of(answer.text)
    assert "“没有的说法”不在状态用语里" in answer.text.split('<li class="setting-line is-wrong">')[-1].partition("</li>")[0]


def test_words_that_a_form_could_not_tell_apart_are_written_as_text(app: Flask, desk: Desk) -> None:
    desk.change("ledger_words", "ledger", lambda told: {**told, "clue_words": ["线索、举报"]}, now=NOW)
    page = signed_in(app, desk.county, "jiang", NOW).get("/configuration/ledger_words/ledger").text
    assert 'name="source"' in page and "list/clue_words" not in page
