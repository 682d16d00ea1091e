"""What a reader of a ledger page sees: its rows, the figures with their addresses, and its words."""

from __future__ import annotations

import re
from html import unescape

from flask.testing import FlaskClient

FIGURE = re.compile(r'<a class="figure[^"]*" href="([^"]+)">([\d,]+)<')
TAB = re.compile(r'<li><a href="([^"]+)"[^>]*>(?:(?!</li>).)*?<span class="count">([\d,]+)</span>', re.S)
ROW = re.compile(r'<tr data-href="/cases/(\d+)"')
NEXT = re.compile(r'rel="next" href="([^"]+)"')


def page(client: FlaskClient, url: str) -> str:
    """A page that answers."""
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.text


def rows_of(text: str) -> list[int]:
    """The ids of the rows of a page, in their order."""
    return [int(found) for found in ROW.findall(text)]


def numbers_of(text: str) -> list[tuple[str, int]]:
    """Every figure, view and choice that says a number: its address and the number."""
    found = [*FIGURE.findall(text), *TAB.findall(text)]
    return [(unescape(href), int(n.replace(",", ""))) for href, n in found]


def every_row(client: FlaskClient, url: str) -> list[int]:
    """The ids of all pages, walked by 下一页."""
    found: list[int] = []
    while url:
        text = page(client, url)
        found += rows_of(text)
        onward = NEXT.search(text)
        url = unescape(onward[1]) if onward else ""
    return found
