"""Every message is in three languages; simplified Chinese is the source, traditional is converted, English is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import make_response, render_template_string

from states.definition import Text
from tests.house.source import ROOT
from tests.web.frame import make_frame
from web import translate
from web.language import COOKIE, remember_language
from web.script import EXCEPTIONS, to_traditional


def test_the_catalogues_are_whole() -> None:
    assert translate.main(["--check"]) == 0


def test_a_message_without_english_is_named() -> None:
    messages: dict[translate.Message, list[str]] = {"新的一句": ["views.py"], "OK": ["views.py"]}
    made = translate.make_catalogue("en", messages, translate.Catalog(locale="en"))
    assert list(translate.missing_english(made)) == ["新的一句"]


def test_english_that_still_holds_chinese_is_named() -> None:
    made = translate.Catalog(locale="en")
    made.add("签收", "sign 签收")
    assert list(translate.missing_english(made)) == ["签收"]


def test_what_is_no_longer_said_leaves_the_catalogue() -> None:
    known = translate.Catalog(locale="en")
    known.add("旧的", "old")
    known.add("新的", "new")
    made = translate.make_catalogue("en", {"新的": ["views.py"]}, known)
    assert [message.id for message in made if message.id] == ["新的"]
    assert made["新的"].string == "new"


def test_messages_are_found_in_python_and_in_templates(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text('{{ _("甲") }}', encoding="utf-8")
    (tmp_path / "views.py").write_text('from x import mark\nWORD = mark("乙")\n', encoding="utf-8")
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "views.py").write_text('mark("丙")', encoding="utf-8")
    assert translate.extract(tmp_path) == {"甲": ["templates/a.html"], "乙": ["views.py"]}


@pytest.mark.parametrize(("simplified", "traditional"), EXCEPTIONS.items())
def test_the_offices_own_spelling_wins(simplified: str, traditional: str) -> None:
    assert to_traditional(f"请{simplified}后") == f"請{traditional}後"


def test_practice_lists_its_exceptions_and_all_of_them_hold() -> None:
    listed = "台账 签收 约谈 反馈 复核 回复 发布 制度 批准 了结 核准 里程"
    assert to_traditional(listed) == "臺賬 簽收 約談 反饋 覆核 回覆 發布 制度 批准 了結 核准 里程"
    assert to_traditional("为什么不能验收") == "為什麼不能驗收"
    assert to_traditional("") == ""


@pytest.mark.parametrize(
    ("cookie", "said"),
    [("", "zh-Hans 台账 销号"), ("zh-Hant", "zh-Hant 臺賬 銷號"), ("en", "en Ledger Closed"), ("fr", "zh-Hans 台账 销号")],
)
def test_a_page_speaks_the_chosen_language_and_else_simplified_chinese(cookie: str, said: str) -> None:
    app = make_frame()
    label = Text("销号", "銷號", "Closed")
    app.add_url_rule(
        "/a", view_func=lambda: render_template_string("{{ language() }} {{ _('台账') }} {{ label|said }}", label=label)
    )
    client = app.test_client()
    client.set_cookie(COOKIE, cookie)
    assert client.get("/a", headers={"Accept-Language": "en"}).text == said


def test_a_label_without_english_falls_back_to_chinese_and_a_name_stays_itself() -> None:
    app = make_frame()
    app.add_url_rule("/a", view_func=lambda: render_template_string("{{ label|said }} {{ '范里云'|said }}", label=Text("销号")))
    client = app.test_client()
    client.set_cookie(COOKIE, "zh-Hant")
    assert client.get("/a").text == "销号 范里云"


def test_the_choice_is_kept_in_a_cookie_that_scripts_cannot_read() -> None:
    app = make_frame()
    with app.test_request_context():
        response = make_response("")
        remember_language(response, "zh-Hant", secure=True)
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=zh-Hant;")
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}


def test_who_may_know_of_a_case_is_one_word_in_whatever_the_office_says() -> None:
    # The glossary's word is 知情范围; the other means the same, and two words for one thing are taken for two things.
    folders = ("config", "web/translations", "web/templates", "docs")
    told = [
        path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".yaml", ".po", ".html", ".md")
    ]
    assert len(told) > 100
    assert [path.name for path in told if re.search("知悉范围|知悉範圍", path.read_text(encoding="utf-8"))] == []
