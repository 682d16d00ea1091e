"""While older items are not found yet by what a new version lists, the ledger says how many; then it says nothing of it."""

from __future__ import annotations

from datetime import timedelta

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.ledger.reading import page, rows_of
from tests.web.site import words_of
from tests.workflow.looking import rows_of as rows_of_table
from tests.workflow.versions.conftest import Document, Office, hire, part
from workflow.dates import local_day
from workflow.models import Case

SAYS = "按“反馈序号”筛选和分组还不全"


def list_by_number(document: Document) -> None:
    part(document, "fields", "feedback_no")["filter"] = True


def test_the_ledger_says_how_many_rows_no_filter_finds_yet(client: Client, county: County) -> None:
    now = hours.now() - timedelta(minutes=5)
    county.open_item(now, title="旧版的一项", feedback_no="甲")
    hire(county)
    stays = {row["state"]: "stay" for row in rows_of_table(county, Case)}
    Office(county, local_day(now)).change(list_by_number, now, when=stays)
    lin, asked = client("lin"), "/ledger?f.feedback_no=甲"
    said = words_of(page(lin, asked))
    assert SAYS in said and "这里有6项按旧版办理" in said and rows_of(page(lin, asked)) == []
    assert "这里有2项按旧版办理" in words_of(page(lin, "/ledger?state=received"))
    assert SAYS not in page(lin, "/ledger?kind=clue")
    county.engine.list_newly(now, batches=5)
    assert SAYS not in words_of(page(lin, asked)) and len(rows_of(page(lin, asked))) == 1
