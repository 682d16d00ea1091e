"""The frame and every macro render, in words of one language; colours can be read; forms post back what they showed."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from werkzeug.datastructures import MultiDict

from states.definition import Choice, Field, Text
from states.draw import svg
from states.forms import load_form
from states.schema import load
from tests.house.source import ROOT
from tests.web.frame import SHELL, TODAY, make_frame
from tests.web.style.pages import PAGES, make_style_app
from web.posted import read_amount, read_posted
from web.shell import Shell
from web.wiring import shipped_workflows

TOKENS = (ROOT / "web/assets/styles/tokens.css").read_text("utf-8")
# The key's own name, the languages' own names, and the letter-like signs of keys.
ENGLISH_THAT_MAY_STAND = {"Esc", "English"}


class _Page(HTMLParser):
    """The words that a reader sees or hears, and what a browser would post."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.posts: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self._inside: list[str] = []
        self._select = ""
        self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {key: value or "" for key, value in attrs}
        self.words += [told[key] for key in ("aria-label", "title", "placeholder", "alt") if key in told]
        self.ids += [told["id"]] if "id" in told else []
        self._inside.append(tag)
        if tag == "select":
            self._select = told["name"]
        if tag == "textarea":
            self._area = told["name"]
        if tag == "option" and "selected" in told:
            self.posts.append((self._select, told["value"]))
        if tag == "input" and "name" in told and (told.get("type") not in ("checkbox", "radio") or "checked" in told):
            self.posts.append((told["name"], told.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.posts.append((self._area, data))
        if not self._inside or self._inside[-1] not in ("script", "style", "kbd"):
            self.words.append(data)


@pytest.mark.parametrize("page", PAGES)
def test_every_style_page_renders_without_a_word_of_another_language(page: str) -> None:
    answer = make_style_app().test_client().get(f"/style/{page}")
    assert answer.status_code == {"absent": 404, "refused": 409}.get(page, 200)
    read = _Page(answer.text)
    english = {word for words in read.words for word in re.findall(r"[A-Za-z]{2,}", words)}
    assert english - ENGLISH_THAT_MAY_STAND == set()
    assert sorted(read.ids) == sorted(set(read.ids))


def test_what_stands_wrong_with_the_server_is_said_on_every_page() -> None:
    quiet = make_frame().test_client().get("/nowhere").text
    shell = Shell(places=SHELL.places, who=SHELL.who, is_plain_http=True, stopped_for="1小时12分")
    loud = make_frame(shell).test_client().get("/nowhere").text
    assert 'class="alarm"' not in quiet
    assert "这台服务器没有加密" in loud
    assert "督促程序停了1小时12分" in loud


def test_a_page_of_somebody_unknown_offers_languages_and_nothing_to_go_to() -> None:
    page = make_frame(Shell(preferences_url="/preferences")).test_client().get("/nowhere").text
    assert "繁體中文" in page
    assert 'class="places"' not in page
    assert 'class="tab-bar"' not in page


# ---- forms -------------------------------------------------------------------------------------------------------------

CHOICES = (Choice("urgent", Text("急")), Choice("light", Text("轻")))
QUESTIONS = (
    Field("reason", Text("理由"), "long_text"),
    Field("round", Text("轮次")),
    Field("on", Text("日期"), "date"),
    Field("money", Text("金额"), "money"),
    Field("count", Text("人数"), "integer"),
    Field("urgency", Text("缓急"), "choice", choices=CHOICES),
    Field("ways", Text("形式"), "choices", choices=CHOICES),
    Field("signed", Text("签字"), "flag"),
    Field("unsigned", Text("未签"), "flag"),
    Field(
        "measures",
        Text("措施"),
        "rows",
        columns=(Field("title", Text("措施")), Field("sure", Text("落实"), "flag"), Field("sum", Text("款"), "money")),
    ),
    Field("new_dates", Text("新期限"), "agenda_dates"),
)
ANSWERS = {
    "reason": "第一行 <b>&\n第二行",
    "round": "第七轮“对村”",
    "on": TODAY,
    "money": 3_000_050,
    "count": 12,
    "urgency": "light",
    "ways": ["urgent", "light"],
    "signed": True,
    "unsigned": False,
    "measures": [{"title": "追缴", "sure": True, "sum": 900}, {"title": "公示", "sure": False}],
    "new_dates": {"417": TODAY.replace(month=12)},
}


def _rendered() -> str:
    app = make_frame()
    source = (
        '{% from "macros/forms.html" import field %}'
        "{% for q in questions %}{{ field(q, answers.get(q.key), agenda=agenda) }}{% endfor %}"
    )
    agenda = [{"id": 417, "number": "417号", "title": "租金", "href": "#", "late": "14天"}, {"id": 418, "number": "418号"}]
    with app.test_request_context():
        return app.jinja_env.from_string(source).render(questions=QUESTIONS, answers=ANSWERS, agenda=agenda)


def test_a_form_posts_back_what_it_showed() -> None:
    posted = read_posted(MultiDict(_Page(_rendered()).posts), QUESTIONS, today=TODAY)
    assert load_form(QUESTIONS, posted, today=TODAY) == ANSWERS


def test_an_emptied_box_is_no_answer_and_when_amending_it_takes_the_answer_away() -> None:
    form = MultiDict([("round", "  "), ("ways/asked", "1")])
    assert read_posted(form, QUESTIONS, today=TODAY) == {}
    assert read_posted(form, QUESTIONS, today=TODAY, partial=True) == {"round": None, "ways": None}


@pytest.mark.parametrize(
    ("typed", "read"),
    [("30,000", 3_000_000), ("９.５", 950), ("12元", 1200), ("3万", "3万"), ("-5", "-5"), ("1.234", "1.234")],
)
def test_an_amount_in_yuan_becomes_cents_and_anything_else_stays_as_typed(typed: str, read: int | str) -> None:
    assert read_amount(typed) == read


# ---- colours -------------------------------------------------------------------------------------------------------------


def _tokens(selector: str) -> dict[str, str]:
    block = TOKENS.split(selector, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})\b", block))


LIGHT, DARK = _tokens(":root {"), _tokens(':root[data-theme="dark"] {')


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(one * 2 for one in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_dark_by_choice_and_dark_by_the_system_are_the_same() -> None:
    assert _tokens(':root[data-theme="auto"] {') == DARK
    assert set(DARK) <= set(LIGHT)


@pytest.mark.parametrize("theme", [LIGHT, {**LIGHT, **DARK}], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground_it_may_stand_on(theme: dict[str, str]) -> None:
    grounds = ("bg", "surface", "surface-2", "hover", "accent-soft")
    texts = ("ink", "ink-2", "ink-3", "accent", "late", "soon", "ok")
    pairs = [(text, ground) for text in texts for ground in grounds] + [("on-accent", "accent"), ("on-late", "late")]
    assert [pair for pair in pairs if _contrast(theme[pair[0]], theme[pair[1]]) < 4.5] == []
    signs = [(sign, ground) for sign in ("soon-mark", "ok-mark", "field") for ground in grounds]
    assert [pair for pair in signs if _contrast(theme[pair[0]], theme[pair[1]]) < 3] == []


def test_no_style_of_the_pages_touches_the_drawing_of_a_workflow() -> None:
    """The drawing says itself how it looks, so that it is the same on a page, in a file and on paper."""
    styles = "".join(path.read_text("utf-8") for path in (ROOT / "web/assets/styles").glob("*.css"))
    drawn = "".join(svg(load(document.data), "zh-Hans") for document in shipped_workflows().values())
    classes = {name for told in re.findall(r'class="([^"]+)"', drawn) for name in told.split()}
    assert classes and {name for name in classes if re.search(rf"\.{name}(?![\w-])", styles)} == set()


# Machines with Windows 7 end at Chromium 109 (practice.md §8.4): what came later must not be needed.
NEWER_STYLE = re.compile(
    r":has\(|color-mix\(|light-dark\(|@starting-style|@scope|subgrid|anchor-name|\b(?:oklch|lab|lch)\(|[{;]\s*&"
)
NEWER_SCRIPT = re.compile(
    r"\.(?:toSorted|toReversed|toSpliced|withResolvers|isWellFormed|showPopover|startViewTransition)\(|\.with\(|Object\.groupBy"
    r"|Array\.fromAsync|URL\.canParse|URL\.parse|\.(?:union|intersection|difference)\("
)


def test_the_pages_need_no_browser_newer_than_chromium_109() -> None:
    styles = "".join(path.read_text("utf-8") for path in (ROOT / "web/assets/styles").glob("*.css"))
    scripts = "".join(path.read_text("utf-8") for path in (ROOT / "web/assets/scripts").glob("*.js"))
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "web/templates").rglob("*.html"))
    assert NEWER_STYLE.findall(styles) == [] and NEWER_SCRIPT.findall(scripts) == []
    assert re.findall(r"\spopover(?:=|\s|>)|popovertarget", pages) == []
    assert nested(styles) == []


def nested(styles: str) -> list[str]:
    """The rules that stand within another rule; within an at-rule every rule stands."""
    inside: list[str] = []
    found = []
    for words, brace in re.findall(r"([^{};]*)([{};])", re.sub(r"/\*.*?\*/", "", styles, flags=re.S)):
        if brace == "{":
            found += [words.strip()] if any(not outer.startswith("@") for outer in inside) else []
            inside.append(words.strip())
        elif brace == "}":
            inside.pop()
    return found


def test_a_nested_rule_is_found() -> None:
    assert nested("@media print { .a { color: red } } .b { color: red; .c { color: blue } }") == [".c"]
