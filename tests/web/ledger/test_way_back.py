"""A step that was taken from a row of a list leads back to the row, in the same list; no other address is ever led to."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.ledger.reading import page, rows_of
from tests.web.site import post
from tests.workflow.looking import case_row
from web.ledger import page as page_module
from web.ledger.kinds import PAGES
from workflow.dates import local_day

NOW = hours.now()


@pytest.fixture
def unsigned(county: County) -> int:
    """An item that 东沟村 has yet to sign for."""
    return handed_over(county, "路灯坏了")


def handed_over(county: County, title: str) -> int:
    """An item that lies with 东沟村, unsigned."""
    began = NOW - timedelta(hours=2)
    case_id = county.open_item(began, title=title, feedback_on=local_day(began).isoformat())
    county.hand_over(case_id, NOW - timedelta(hours=1))
    return case_id


def form_of(text: str, case_id: int, trigger: str) -> str:
    """The address of the form of a row's step."""
    found = re.search(rf'href="(/cases/{case_id}/do/{trigger}\?[^"]*)"', text)
    assert found
    return unescape(found[1])


def hidden(text: str) -> str:
    """What the form takes along of its list."""
    found = re.search(r'name="list" value="([^"]*)"', text)
    assert found
    return unescape(found[1])


def test_a_step_its_undo_and_giving_it_up_lead_back_to_the_row_in_the_same_list(
    client: Client, county: County, unsigned: int
) -> None:
    zhou, asked = client("zhou"), "/ledger?band=to_sign&q=路灯"
    form = form_of(page(zhou, asked), unsigned, "sign_for")
    shown = zhou.get(form).text
    back = f"/ledger?band=to_sign&q=%E8%B7%AF%E7%81%AF#row-{unsigned}"
    assert f'class="crumbs"><a href="{back.replace("&", "&amp;")}">台账</a>' in shown
    assert f'href="{back.replace("&", "&amp;")}">不办了' in shown
    wrong = post(zhou, form, f"/cases/{unsigned}/do/sign_for", {"pieces": "两件", "list": hidden(shown)})
    assert wrong.status_code == 422 and hidden(wrong.text) == hidden(shown)
    done = post(zhou, form, f"/cases/{unsigned}/do/sign_for", {"pieces": "1", "list": hidden(shown)})
    assert (done.status_code, done.location) == (303, back)
    undo = re.search(rf'action="(/cases/{unsigned}/undo\?list=[^"]*)"', zhou.get(back).text)
    assert undo
    taken_back = post(zhou, "/ledger", unescape(undo[1]), {})
    assert taken_back.location == back and case_row(county, unsigned)["state"] == "transferred"
    assert f'id="row-{unsigned}"' in zhou.get(back).text


def test_the_place_in_the_pages_is_kept(client: Client, county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "PER_PAGE", 1)
    for title in ("路灯坏了", "水渠堵了"):
        handed_over(county, title)
    zhou = client("zhou")
    onward = re.search(r'rel="next" href="([^"]+)"', page(zhou, "/ledger?band=to_sign"))
    assert onward
    text = page(zhou, unescape(onward[1]))
    (last,) = rows_of(text)
    back = unescape(onward[1])
    done = post(zhou, "/ledger", form_of(text, last, "sign_for"), {"pieces": "1"})
    assert done.location == f"{back}#row-{last}" and "after=" in back


@pytest.mark.parametrize(
    "told",
    [
        "//evil.example",
        "https://evil.example/?band=late",
        "never?band=late",
        "ledger.ledger_page?x=1",
        "?band=late",
        "evil",
        "\n",
    ],
)
def test_what_is_no_list_leads_nowhere_but_to_the_case(client: Client, unsigned: int, told: str) -> None:
    done = post(client("zhou"), "/ledger", f"/cases/{unsigned}/do/sign_for", {"pieces": "1", "list": told})
    assert done.location == f"/cases/{unsigned}"


def test_of_what_a_list_was_asked_nothing_but_its_own_filters_is_kept(client: Client, unsigned: int) -> None:
    told = "orders?band=late&evil=//x&next=//y\r\nSet-Cookie: a&q=a%0d%0ab"
    done = post(client("zhou"), "/ledger", f"/cases/{unsigned}/do/sign_for", {"pieces": "1", "list": told})
    assert done.location == f"/orders?band=late&q=a%0D%0Ab#row-{unsigned}"


def test_every_page_of_lists_has_a_name_to_come_back_by(app: Flask, client: Client, county: County) -> None:
    lin = client("lin")
    case_id = county.open_item(NOW, title="路灯坏了")
    for endpoint in PAGES:
        with app.test_request_context():
            path = app.url_for(endpoint, _external=False)
        told = f"{path.removeprefix('/')}?band=open"
        done = post(lin, "/ledger", f"/cases/{case_id}/undo", {"list": told})
        assert done.location == f"{path}?band=open#row-{case_id}", "a refusal is said there"
