"""Settings that are lists, as forms with pick lists beside their text: columns of ledgers, posts of a role, lines of a letter.

A row that is emptied goes; two empty ones at the end take what is new. What a form cannot show is written as text alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from handlers.ledgers.facts import heading_of
from handlers.ledgers.headings import field_keys
from handlers.letters.forms import is_sheet
from handlers.settings.ledgers import NAME as WORDS
from handlers.settings.letters import OF_TALKS
from handlers.settings.mappings import NAME as MAPPING
from states.definition import LANGUAGES
from web.configuration.tables import Table, sheet_tables, typed_sheet, typed_words, word_tables
from web.configuration.words import values_of_setting, with_names, with_words
from web.current import office
from web.language import current_language
from workflow.configuration.kinds import written
from workflow.configuration.settings import LETTER, ROLE

Picks = tuple[tuple[str, str], ...]
EMPTY, MOST = 2, 200


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what is picked, and the text, or one in each language, beside it. `at` is its place, "" for a new one."""

    picked: str = ""
    texts: tuple[tuple[str, str], ...] = (("", ""),)
    at: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The boxes above (name, label, text, language), and the rows with their pick list and what both columns are called."""

    boxes: tuple[tuple[str, str, str, str], ...]
    rows: tuple[Row, ...]
    picks: Picks
    pick_title: str
    text_title: str
    is_ordered: bool = False
    is_long: bool = False
    pick_first: bool = True
    tables: tuple[Table, ...] = ()


def form_of(kind: str, key: str, data: Any) -> Form | None:
    """The form of a setting; None where there is none, or where it could not show the whole text."""
    try:
        return FORMS[kind](key, data) if kind in FORMS and isinstance(data, Mapping) else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _mapping(_key: str, data: Mapping[str, Any]) -> Form:
    rows = [Row(str(field), (("", str(heading)),), str(n)) for n, (heading, field) in enumerate(data["columns"].items(), 1)]
    picks = tuple(sorted(((field, heading_of(field)) for field in field_keys()), key=lambda one: one[1]))
    boxes = (("name", gettext("名称"), str(data["name"]), ""),)
    return Form(boxes, _with_empty(rows, ("",)), picks, gettext("读作"), gettext("表头"), pick_first=False)


def _role(_key: str, data: Mapping[str, Any]) -> Form:
    titles = office().titles["organ_kinds"]
    picks = tuple((kind, str(told["title"][current_language()])) for kind, told in titles.items())
    boxes = tuple(
        (f"title/{language}", f"{gettext('名称')} {_language(language)}", data["title"][language], language)
        for language in LANGUAGES
    )
    posts = data.get("posts", {})
    rows = [
        Row(kind, tuple((language, post[language]) for language in LANGUAGES), str(n))
        for n, (kind, post) in enumerate(posts.items(), 1)
    ]
    return Form(boxes, _with_empty(rows, LANGUAGES), picks, gettext("哪类单位"), gettext("叫法"))


def _language(language: str) -> str:
    return str({"zh-Hans": gettext("简体"), "zh-Hant": gettext("繁体"), "en": gettext("英文")}[language])


def _letter(key: str, data: Mapping[str, Any]) -> Form | None:
    if is_sheet(key):
        named = (("title", gettext("标题")), ("foot", gettext("表下说明")))
        above = tuple((name, label, str(data.get(name, "")), "") for name, label in named)
        return Form(above, (), (), "", "", tables=sheet_tables(data))
    rows = [Row(*_line(line), str(n)) for n, line in enumerate(data["lines"], 1)]
    values = values_of_setting(LETTER, key)
    picks = [("line", gettext("照印")), ("heading", gettext("小标题"))]
    picks += [(f"when:{name}", gettext("有“%(value)s”时", value=word)) for name, word in values]
    picks += [(f"unless:{name}", gettext("没有“%(value)s”时", value=word)) for name, word in values]
    if key in OF_TALKS:
        picks += [("agenda:items", gettext("列出约谈事项")), ("agenda:clues", gettext("列出线索的编号"))]
    boxes = (("title", gettext("标题"), with_words(str(data["title"])), ""),)
    told = _with_empty(rows, ("",))
    return Form(boxes, told, tuple(picks), gettext("什么时候印"), gettext("文字"), is_ordered=True, is_long=True)


def _words(_key: str, data: Mapping[str, Any]) -> Form:
    return Form((), (), (), "", "", tables=word_tables(data))


def _line(line: Any) -> tuple[str, tuple[tuple[str, str], ...]]:
    if isinstance(line, str):
        return "line", (("", with_words(line)),)
    if "agenda" in line:
        return f"agenda:{line['agenda']}", (("", ""),)
    how = next(name for name in ("heading", "when", "unless") if name in line)
    if how == "heading":
        return how, (("", with_words(line[how])),)
    return f"{how}:{line[how]}", (("", with_words(line["text"])),)


def _with_empty(rows: list[Row], languages: tuple[str, ...]) -> tuple[Row, ...]:
    return (*rows, *(Row(texts=tuple((language, "") for language in languages)) for _ in range(EMPTY)))


FORMS: Mapping[str, Callable[[str, Mapping[str, Any]], Form | None]] = {
    MAPPING: _mapping,
    ROLE: _role,
    LETTER: _letter,
    WORDS: _words,
}


# ---- what was typed -------------------------------------------------------------------------------------------------------


def typed_form(kind: str, key: str, form: Mapping[str, str], data: Any) -> str:
    """The text that the form says."""
    return written(TYPED[kind](key, form, data))


def _text(form: Mapping[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())


def _rows(form: Mapping[str, str], languages: tuple[str, ...] = ("",)) -> Iterator[tuple[str, dict[str, str]]]:
    """(picked, text by language) of every row with a text, in the order of their places; a new one before what stands there."""
    found = []
    for n in range(MOST):
        if f"row/{n}/pick" in form:
            texts = {language: _text(form, f"row/{n}/text{'.' if language else ''}{language}") for language in languages}
            place = form.get(f"row/{n}/at", "").strip()
            is_new = not form.get(f"row/{n}/was", "")
            found.append((int(place) if place.isdecimal() else MOST + n, not is_new, n, form[f"row/{n}/pick"], texts))
    for _place, _old, _n, picked, texts in sorted(found, key=lambda one: one[:3]):
        if any(texts.values()) or picked.startswith("agenda:"):
            yield picked, texts


def _typed_mapping(_key: str, form: Mapping[str, str], _data: Any) -> Any:
    return {"name": _text(form, "name"), "columns": {texts[""]: field for field, texts in _rows(form) if field}}


def _typed_role(_key: str, form: Mapping[str, str], _data: Any) -> Any:
    posts = {kind: texts for kind, texts in _rows(form, LANGUAGES) if kind}
    title = {language: _text(form, f"title/{language}") for language in LANGUAGES}
    return {"title": title} | ({"posts": posts} if posts else {})


def _typed_letter(key: str, form: Mapping[str, str], data: Any) -> Any:
    if is_sheet(key):
        return typed_sheet(key, form, data)
    values = values_of_setting(LETTER, key)
    lines = [_typed_line(picked or "line", with_names(texts[""], values)) for picked, texts in _rows(form)]
    return {"form": data["form"], "title": with_names(_text(form, "title"), values), "lines": lines}


def _typed_line(picked: str, text: str) -> Any:
    how, _, value = picked.partition(":")
    if how == "agenda":
        return {"agenda": value}
    if how in ("when", "unless"):
        return {how: value, "text": text}
    return {"heading": text} if how == "heading" else text


TYPED: Mapping[str, Callable[[str, Mapping[str, str], Any], Any]] = {
    MAPPING: _typed_mapping,
    ROLE: _typed_role,
    LETTER: _typed_letter,
    WORDS: lambda _key, form, data: typed_words(form, data),
}
