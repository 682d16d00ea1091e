"""What a ledger is asked is looked up or bound: no text of an address or of a kept view is a statement or an expression.

From Decidim CVE-2026-45376 (an order), Frappe CVE-2024-24813 (a report), Camunda CVE-2026-109432 (a filter in a filter).
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import rows_of
from web.ledger.questions import KNOWN
from workflow.models import Case, SavedView

NOW = hours.now()
NAMES = (*sorted(KNOWN), "f.source", "not.source", "f.source) OR (1=1", "f.__class__", "f.{{7*7}}")
HOSTILE = (
    *("' OR ''='", "1 OR 1=1", "1) OR (1=1", "due; DELETE FROM saved_view; --", "CASE WHEN 1=1 THEN id ELSE number END"),
    *("(SELECT login FROM person)", "due DESC, (SELECT 1)", "{{7*7}}", "${7*7}", "#{7*7}", "{0.__class__}", "__class__"),
)
NESTED = "q=" + "({{7*(" * 5 + "7*7" + ")}})" * 5


@pytest.fixture
def titles(county: County) -> tuple[str, ...]:
    """Two items on the ledger."""
    found = ("公开栏没有更新", "台账没有登记")
    for title in found:
        county.open_item(NOW - timedelta(hours=1), title=title)
    return found


def test_no_parameter_of_a_ledger_is_a_part_of_a_statement(client: Client, county: County, titles: tuple[str, ...]) -> None:
    lin, before = client("lin"), rows_of(county, Case)
    for name in NAMES:
        for value in HOSTILE[:3]:
            answer = lin.get(f"/ledger?{urlencode({'kind': 'rectification', name: value})}")
            assert answer.status_code in (200, 400, 404, 422), (name, value)
    assert rows_of(county, Case) == before


@pytest.mark.parametrize("value", HOSTILE)
def test_an_order_that_is_not_on_the_list_is_refused(client: Client, titles: tuple[str, ...], value: str) -> None:
    answer = client("lin").get(f"/ledger?{urlencode({'sort': value})}")
    assert answer.status_code in (400, 422)
    assert not any(title in answer.text for title in titles)


@pytest.mark.parametrize("value", [*HOSTILE, NESTED])
def test_a_kept_view_finds_just_the_text_that_it_was_given(
    client: Client, county: County, titles: tuple[str, ...], value: str
) -> None:
    lin, query = client("lin"), urlencode({"q": value, "__class__": value, "band": "all"})
    assert post(lin, "/ledger", "/ledger/views", {"name": value[:60], "query": query}).status_code == 302
    (kept,) = rows_of(county, SavedView)
    assert (kept["name"], kept["query"]) == (" ".join(value[:60].split()), urlencode({"band": "all", "q": value}))
    page = words_of(lin.get(f"/ledger?{kept['query']}").text)
    assert value in page
    assert not any(title in page for title in titles)
    county.open_item(NOW, title=f"甲{value}乙")
    assert f"甲{value}乙" in words_of(lin.get(f"/ledger?{kept['query']}").text), "as text it is found"
