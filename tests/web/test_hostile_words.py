"""Markup and expressions typed into every box of text stay text: on every page that shows them, and in letters.

From iris GHSA-593r-747g-p92p and Decidim CVE-2026-23891 (a name that runs in the reader's browser), iris CVE-2024-25624 (an
expression in a report's template). security.md R31 and R32.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from docx import Document
from flask.testing import FlaskClient

from tests import hours
from tests.factories import County
from tests.handlers.ledgers.books import make_sheet, save
from tests.web.conftest import Client
from tests.web.imports.test_import_pages import form_of, upload
from tests.web.site import post, words_of
from tests.workflow.looking import case_row
from workflow.models import Area, Grant, Organ, Person
from workflow.store import Store

NOW = hours.now()
# Closes an attribute and a tag, opens another, and would come out as 49 of a template.
BIRD = "鸟\"'><i-bird onbird='1'>{{7*7}}${7*7}"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
LINK = re.compile(r'(?:href|data-href)="(/[^"#]*)')
# What leads to other pages of help or to what is no page.
PASSED_OVER = re.compile(
    r"^/(help|static|files|language|theme|sign-out)|\.(xlsx|csv|zip|yaml|docx|svg|json)|/letters/|/receipts/"
)
# Of a list under its many filters so many ways are looked at.
WAYS_AT_MOST = 4
LISTS = ("/ledger?band=all", "/inbox", "/overview", "/reports", "/organisations", f"/search?{urlencode({'q': BIRD})}")


class Looking(HTMLParser):
    """Finds where a text has become markup."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.hatched: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "i-bird" or any(name.startswith("onbird") for name, _value in attrs):
            self.hatched.append(str(self.get_starttag_text())[:200])


def texts_of(county: County, kind: str, bird: str) -> dict[str, Any]:
    """The bird for every fact of a kind that is text and open to its readers."""
    fields = county.engine.read(NOW, lambda _store, occasion: occasion.catalogue.of_kind(kind).definition.fields)
    texts = [field for field in fields if field.type in ("text", "long_text") and not field.secret and not field.format]
    return {field.key: bird for field in texts}


def write_everywhere(county: County, client: Client, bird: str) -> list[int]:
    """An item and a clue that say nothing but the bird, with everything that people write beside them."""

    def rename(store: Store) -> None:
        store.update(Person, {"name": bird}, id=county.people["zhou"])
        store.update(Grant, {"role": "system_admin"}, person_id=county.people["sunli"])
        store.update(Area, {"name": bird, "short_name": bird}, id=county.areas["donggou"])
        store.update(Organ, {"name": bird, "short_name": bird}, id=county.organs["donggou_branch"])

    county.database.write(rename)
    began = NOW - timedelta(minutes=30)
    asked = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    item = county.supervised_item(began, title=bird, **asked)
    page, zhou, lin = f"/cases/{item}", client("zhou"), client("lin")
    changes = [{"field": key, key: bird, "reason": bird} for key in texts_of(county, "rectification", bird)]
    # What a form of a later step asks is nobody's to amend yet.
    assert [post(lin, page, f"{page}/verbs/amend", told).status_code for told in changes].count(303) > 12
    sent = {"label": "site_photo", "caption": bird, "file": (io.BytesIO(PNG), f"{bird}.png")}
    assert post(zhou, page, f"{page}/evidence", sent).status_code == 303
    told = {"progress_note": bird, "progress_label": "ongoing"}
    assert post(zhou, page, f"{page}/do/report_progress", told).status_code == 303
    assert post(zhou, page, f"{page}/verbs/comment", {"text": bird}).status_code == 303
    assert post(zhou, page, f"{page}/do/report_rectified", {"result": bird, "progress_label": "done"}).status_code == 303
    assert post(lin, "/ledger", "/ledger/views", {"name": bird, "query": "band=all", "shared": "1"}).status_code == 302
    facts = {"summary": bird, "managed_by": "village", "team_leader": bird, "old_number": bird}
    clue = county.engine.open(
        "clue", actor=county.actor("lin"), now=began, title=bird, subject_id=county.organs["donggou_branch"], data=facts
    )
    return [item, clue.case_id]


@pytest.fixture
def cases(county: County, client: Client) -> list[int]:
    """An item and a clue full of the bird."""
    return write_everywhere(county, client, BIRD)


def crawled(reader: FlaskClient, begin: list[str], ways_at_most: int = WAYS_AT_MOST) -> dict[str, str]:
    """Every page that can be reached from these by its links, and what stands on it."""
    found: dict[str, str] = {}
    ways: Counter[str] = Counter()
    waiting = list(begin)
    while waiting:
        address = waiting.pop(0)
        place = re.sub(r"(?<=/amend/)\w+|\d+", "n", address.partition("?")[0])
        if address in found or PASSED_OVER.search(address) or ways[place] >= ways_at_most:
            continue
        ways[place] += 1
        with reader.get(address) as answer:
            if answer.status_code == 200 and answer.mimetype == "text/html":
                found[address] = answer.text
                waiting += [unescape(link) for link in LINK.findall(answer.text)]
    return found


@pytest.mark.parametrize("login", ["lin", "zhou", "sunli"])
def test_what_people_type_is_text_on_every_page_that_shows_it(client: Client, cases: list[int], login: str) -> None:
    pages = crawled(client(login), [*(f"/cases/{case_id}" for case_id in cases), "/people", *LISTS])
    assert {address: found for address, page in pages.items() if (found := Looking(page).hatched)} == {}
    assert [address for address, page in pages.items() if "<i-bird" in page] == []
    shown = [address for address, page in pages.items() if BIRD in words_of(page)]
    assert len(shown) > (5 if login == "sunli" else 30), "what was looked through shows what was typed"


def hostile_book(bird: str) -> bytes:
    """A ledger whose headings, cells and sheet say the bird: in its columns of facts, in one nobody knows, in a row that is refused."""
    head = ("乡镇", "村居", "反馈问题", "责任单位", "完成情况", "反馈时间", bird)
    rows = [("柳河镇", bird, bird, bird, bird, bird, bird), ("柳河镇", "东沟村", bird, bird, "正在整改", "2025-01-06", bird)]
    made, _sheet = make_sheet([head, *rows, ("柳河镇", bird, "", bird, bird, bird, bird)])
    return save(made)


def test_what_stands_in_the_cells_of_a_ledger_is_text_before_and_after_it_comes_in(client: Client) -> None:
    lin = client("lin")
    seen = upload(lin, hostile_book(BIRD), f"{BIRD}.xlsx")
    again = post(lin, "/imports", "/imports/preview", {**form_of(seen.text), "keep_as": BIRD.partition("{")[0]})
    done = post(lin, "/imports", "/imports/bring-in", {**form_of(again.text), "create": "1"})
    pages = {"preview": seen.text, "read again": again.text, "brought in": done.text}
    assert {name: page.count("i-bird") > 3 for name, page in pages.items()} == {
        "preview": True,
        "read again": True,
        "brought in": True,
    }
    pages |= crawled(lin, ["/imports", *LISTS])
    assert {address: found for address, page in pages.items() if (found := Looking(page).hatched)} == {}


def test_a_letter_says_what_was_typed_and_computes_nothing(client: Client, county: County, cases: list[int]) -> None:
    assert case_row(county, cases[0])["title"] == BIRD
    written = client("lin").get(f"/cases/{cases[0]}/letters/assignment_sheet").data
    document = Document(io.BytesIO(written))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    words = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    assert BIRD in words
