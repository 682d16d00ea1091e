"""The form of a plan begins with what is known: the unit, who is responsible, the last day; and a row in which nobody wrote is none."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row, rows_of
from web.formatting import plain_day
from workflow.dates import local_day
from workflow.models import Case

NOW = hours.now()
PLAN = {"cause": "无人管", "first_responsible_post": "书记", "first_responsible": "周明远"}


@pytest.fixture
def item(county: County) -> int:
    """An item that 东沟村 has signed for, without a plan."""
    return county.supervised_item(NOW - timedelta(minutes=30))


def begun(county: County, number: int) -> dict[str, str]:
    """A row as the form sends it where nobody wrote in it."""
    row = {"unit": str(county.organs["donggou_branch"]), "person": "周明远"}
    told = {f"measures/{number}/{key}": value for key, value in row.items()}
    return told | {f"{name}/begun": value for name, value in told.items()}


def hand_in(client: Client, item: int, told: dict[str, Any]) -> Any:
    form = f"/cases/{item}/do/submit_plan"
    return post(client("zhou"), form, form, told)


def boxes(page: str, ending: str) -> list[str]:
    """The elements whose names end so."""
    return re.findall(rf'<(?:input|select)[^>]* name="[^"]*{ending}"[^>]*>', page)


def test_each_new_measure_begins_with_the_units_own_name_and_its_head(client: Client, county: County, item: int) -> None:
    page = client("zhou").get(f"/cases/{item}/do/submit_plan").text
    own = f'<option value="{county.organs["donggou_branch"]}" selected>'
    assert page.count(own) == 3
    assert all('value="周明远"' in box for box in boxes(page, "/person")) and len(boxes(page, "/person")) == 3
    assert re.search(r'name="first_responsible"[^>]* value="周明远"', page)


def test_the_date_of_a_measure_may_be_no_later_than_its_items(client: Client, county: County, item: int) -> None:
    due = case_row(county, item)["due_on"]
    page = client("zhou").get(f"/cases/{item}/do/submit_plan").text
    assert page.count(f'data-latest="{due}"') == 3
    said = plain_day(due, today=local_day(NOW), language="zh-Hans")
    assert words_of(page).count(f"最晚可定到{said}") == 3


def test_a_row_in_which_nobody_wrote_is_no_measure(client: Client, county: County, item: int) -> None:
    told = PLAN | begun(county, 0) | begun(county, 1) | begun(county, 2)
    told |= {"measures/0/text": "更新公示栏", "measures/0/label": "long_term"}
    assert hand_in(client, item, told).status_code == 303
    (made,) = rows_of(county, Case, kind="measure", parent_id=item)
    assert made["holder_id"] == county.organs["donggou_branch"] and made["title"] == "更新公示栏"


def test_rows_as_they_began_are_no_plan(client: Client, county: County, item: int) -> None:
    refused = hand_in(client, item, PLAN | begun(county, 0) | begun(county, 1))
    assert refused.status_code == 422 and "整改措施：" in words_of(refused.text)
    assert not rows_of(county, Case, kind="measure")


def test_a_row_with_a_fault_comes_back_open_and_the_next_blank_one_begins_anew(
    client: Client, county: County, item: int
) -> None:
    late = (case_row(county, item)["due_on"] + timedelta(days=1)).isoformat()
    good = {"measures/0/text": "更新公示栏", "measures/0/label": "long_term"}
    bad = {"measures/1/text": "补齐内容", "measures/1/label": "dated", "measures/1/due_on": late}
    refused = hand_in(client, item, PLAN | begun(county, 0) | good | begun(county, 1) | bad)
    assert refused.status_code == 422
    blocks = re.findall(r"<details class=\"block\" data-block( open)?>.*?data-block-title>([^<]*)<", refused.text, re.DOTALL)
    assert blocks == [("", "更新公示栏"), (" open", "补齐内容"), ("", "再加一项"), ("", "再加一项"), ("", "再加一项")]
    assert len(boxes(refused.text, "/person/begun")) == 3


def test_a_village_is_asked_for_what_must_be_said_and_the_rest_folds(client: Client, item: int) -> None:
    address = f"/cases/{item}/do/submit_plan"
    village, desk = (client("zhou").get(f"{address}{along}").text for along in (f"?village={item}", ""))
    folded = re.search(r"<details><summary>可不填：举一反三、理由、备注</summary>.*?name=\"lesson\"", village, re.DOTALL)
    assert folded and "可不填：举一反三" not in desk
    # Half a plan is kept on the telephone, and on no device that somebody else may sit at.
    assert "data-draft-form" in village and "data-draft-form" not in desk
