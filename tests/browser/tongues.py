"""Words on a page that are of another language than the page, and are nobody's data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from babel.messages.pofile import read_po
from playwright.sync_api import Page
from sqlmodel import SQLModel

from tests.browser.drafted import DONE
from tests.browser.happened import ROWS, SHEET
from tests.browser.served import Site
from tests.house.source import ROOT
from web.commands.demo import SCRIPTS
from web.wiring import read_shipped

CATALOGUES = ROOT / "web/translations"
# Each stretch of words that a reader sees or is read; what is typed into boxes is his own.
_WORDS = """() => {
  const told = document.querySelector("main [lang]") ? [] : [document.title];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const up = walk.currentNode.parentElement, whole = up.closest(".title-lines");
    if (up.closest("script, style, template, textarea, code, [lang]:not(html)")) continue;
    if (up.checkVisibility() || up.closest("option")) told.push(whole ? whole.textContent : walk.currentNode.data);
  }
  for (const one of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
    for (const name of ["aria-label", "title", "placeholder", "alt"]) told.push(one.getAttribute(name) ?? "");
  return [...new Set(told.map((words) => words.replace(/\\s+/g, " ").trim()).filter(Boolean))];
}"""
# Where somebody has no picture, his family name stands: one character is nobody's word.
HAN = re.compile("[\u3400-\u9fff]{2,}")
# A word; a key of the program; a day or an hour as programs write them.
LATIN = re.compile(r"[A-Za-z][A-Za-z_]+|\d{4}-\d\d-\d\d|\dT\d\d:")
# Digests are written in digits and letters.
DIGEST = re.compile(r"\b(?=[a-f]*[0-9])[0-9a-f]{6,64}\b|\b[0-9a-f]{8}\b", re.ASCII)
# A key of the keyboard and a way of counting digests have no Chinese name, and kinds of files are known by their endings.
ALLOWED = frozenset({"Esc", "English", "SHA", "PDF", "Excel", "Word", "YAML", "xlsx", "xls", "ods", "csv"})
# How old ledgers call their columns is theirs, in whatever language the page speaks of them.
HEADINGS = "imports/ledger.yaml"
# A language is called by its own name, wherever it stands.
NAMES = ("简体中文", "繁體中文")
# A message in simplified Chinese is quoted as it was written.
QUOTED = re.compile("“【[^】]+】")
SHORT = re.compile("〔[0-9]{4}〕")  # the year that a number is shown without
# Columns of texts that hold our own words.
OURS = frozenset({"canonical", "source", "layout", "proven"})


def words(page: Page) -> list[str]:
    """Every stretch of words on the page, each once."""
    found: list[str] = page.evaluate(_WORDS)
    return found


def data_of(site: Site) -> tuple[str, ...]:
    """All that the county says, the longest first: names, titles, posts, numbers; and the notes, which the database has sealed."""
    found: set[str] = {*NAMES, *DONE.values(), SHEET, *(words for row in ROWS for words in row if words)}
    for name in (*SCRIPTS, HEADINGS):
        found.update(_leaves(json.loads(json.dumps(read_shipped(name).data, default=str))))
    for table in SQLModel.metadata.sorted_tables:
        for row in site.database.read(lambda store, table=table: store.select(table.select())):
            for name, value in row.items():
                if name not in OURS:
                    found.update(_leaves(value))
    found |= {SHORT.sub("", one) for one in found}
    return tuple(sorted(found, key=len, reverse=True))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value[:1] in "[{":
            try:
                yield from _leaves(json.loads(value))
                return
            except ValueError:
                pass
        yield from (line for part in value.splitlines() if len(line := " ".join(part.split())) > 1)
    elif isinstance(value, dict):
        for name, one in value.items():  # the columns of a ledger are the county's too
            yield from _leaves(str(name))
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)


@cache
def simplified_only() -> frozenset[str]:
    """The characters of our words that none of our traditional words has."""
    with (CATALOGUES / "zh_Hant/LC_MESSAGES/messages.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    return frozenset("".join(str(one.id) for one in messages)) - frozenset("".join(str(one.string) for one in messages))


def without_data(told: str, data: tuple[str, ...]) -> str:
    """The words without what is the county's own."""
    for value in data:
        if value in told:
            told = told.replace(value, " ")
    return told


def foreign_to_chinese(told: list[str], data: tuple[str, ...]) -> list[str]:
    """What on a Chinese page is Latin, or of programs."""
    return [one for one in told if {*LATIN.findall(DIGEST.sub("", one))} - ALLOWED and _left(LATIN, one, data) - ALLOWED]


def foreign_to_traditional(told: list[str], data: tuple[str, ...]) -> list[str]:
    """What on a page in traditional Chinese is simplified."""
    told = [one for one in told if not QUOTED.search(one)]
    return [one for one in told if simplified_only() & {*one} and simplified_only() & {*without_data(one, data)}]


def foreign_to_english(told: list[str], data: tuple[str, ...]) -> list[str]:
    """What on an English page is Chinese."""
    return [one for one in told if HAN.search(one) and not QUOTED.search(one) and _left(HAN, one, data)]


def _left(pattern: re.Pattern[str], told: str, data: tuple[str, ...]) -> set[str]:
    return set(pattern.findall(DIGEST.sub("", without_data(told, data))))
