"""The ledger by the person inside the holder who handles a case: filter, groups, and nobody's name for a number alone."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape

from openpyxl import load_workbook

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.ledger.reading import page, rows_of
from tests.web.site import words_of
from tests.workflow.looking import rows_of as rows_of_
from workflow.dates import local_day
from workflow.models import Person

NOW = hours.now()


def given_to(county: County, login: str, title: str) -> int:
    """An item of 东沟村 that its head has given to somebody there."""
    case_id = county.supervised_item(NOW - timedelta(minutes=30), title=title)
    county.engine.assign(case_id, actor=county.actor("zhou", local_day(NOW)), now=NOW, person_id=county.people[login])
    return case_id


def test_the_ledger_is_narrowed_to_what_one_person_handles(client: Client, county: County) -> None:
    given_to(county, "sun", "由孙志强办的")
    given_to(county, "zhou", "由周明远办的")
    lin = client("lin")
    whole = page(lin, "/ledger")
    link = f"assignee={county.people['sun']}"
    assert "承办人" in words_of(whole) and link in whole
    told = page(lin, f"/ledger?{link}")
    assert "由孙志强办的" in told and "由周明远办的" not in told
    assert "承办人 孙志强" in " ".join(words_of(told).split())
    assert len(rows_of(page(lin, "/ledger?none=assignee"))) == len(rows_of(whole)) - 2


def test_who_handles_it_stands_in_a_column_in_the_workbooks_and_on_paper(client: Client, county: County) -> None:
    case_id = given_to(county, "sun", "由孙志强办的")
    lin = client("lin")
    row = re.search(rf'<tr data-href="/cases/{case_id}".*?</tr>', page(lin, "/ledger?cols=title,assignee"), re.S)
    assert row is not None and 'class="cell-assignee" title="孙志强">孙志强</td>' in row[0]
    assert "承办人" in words_of(page(lin, "/ledger"))
    for url in ("/ledger/export.xlsx?kind=rectification", "/ledger/paper.xlsx?kind=rectification"):
        answer = lin.get(url)
        rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
        answer.close()
        (place,) = {at for row in rows[:5] for at, title in enumerate(row) if title in ("承办人", "承办人（系统内）")}
        assert [row[place] for row in rows if "由孙志强办的" in row] == ["孙志强"], url
    assert "孙志强" in words_of(page(lin, "/ledger/paper?kind=rectification"))


def test_who_is_found_by_name_opens_his_cases_and_a_body_what_it_handles_and_what_is_about_it(
    client: Client, county: County
) -> None:
    ids = [given_to(county, "sun", title) for title in ("修桥", "补路")]
    lin = client("lin")
    found = page(lin, "/search?q=孙志强")
    link = re.search(r'href="([^"]+)">承办台账(\d+)项</a>', found)
    assert link is not None and link[2] == "2"
    assert sorted(rows_of(page(lin, unescape(link[1])))) == ids
    for role in ("由它办理的", "涉及它的"):
        link = re.search(rf'href="([^"]+)">{role}</a>', page(lin, "/search?q=东沟村"))
        assert link is not None
        assert set(ids) <= set(rows_of(page(lin, unescape(link[1])))), role
    assert "孙志强" not in words_of(page(client("han"), "/search?q=孙志强")).replace("没有找到“孙志强”", "")


def test_people_of_one_name_are_told_apart_by_unit_and_post_in_the_filter_and_in_the_search(
    client: Client, county: County
) -> None:
    given_to(county, "sun", "由孙志强办的")
    here = rows_of_(county, Person, id=county.people["sun"])[0]["name"]
    other = county.supervised_item(NOW - timedelta(minutes=30), title="同名的人办的", subject="shimen_branch", signer="shi")
    county.database.write(lambda store: store.update(Person, {"name": here}, id=county.people["shi"]))
    county.engine.assign(other, actor=county.actor("shi", local_day(NOW)), now=NOW, person_id=county.people["shi"])
    lin = client("lin")
    for address in ("/ledger", "/search?q=孙志强"):
        words = re.sub(r"\s+", " ", words_of(page(lin, address)))
        for unit in ("东沟村党支部", "石门村党支部"):
            assert re.search(rf"孙志强（{unit}[^）]+）|孙志强 {unit}\S+，", words), (address, unit)
        assert "（sun）" not in words and "（shi）" not in words
    chosen = words_of(page(lin, f"/ledger?assignee={county.people['sun']}"))
    assert "孙志强（东沟村党支部" in chosen


def test_the_number_of_a_person_tells_no_name_where_no_row_does(client: Client, county: County) -> None:
    given_to(county, "sun", "由孙志强办的")
    told = words_of(page(client("han"), f"/ledger?assignee={county.people['sun']}"))
    assert "孙志强" not in told and "没有这个人的事项" in told
    assert words_of(page(client("shi"), "/ledger")).count("孙志强") == 0
