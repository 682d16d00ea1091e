"""消息设置: what of the bell comes by mail as well, chosen by each person for himself."""

from __future__ import annotations

from pathlib import Path

from config.settings import load
from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, signed_in, words_of
from tests.workflow.looking import rows_of
from web import create_app
from web.wiring import Office
from workflow.models import MailChoice, Person
from workflow.people.accounts import change_person

PAGE = "/notices/settings"
ALL_DAILY = {"work": "daily", "talks": "daily", "dates": "daily", "changed_dates": "daily", "results": "daily"}


def test_a_choice_is_kept_for_who_made_it_and_nobody_else(client: Client, county: County) -> None:
    zhou = client("zhou")
    assert zhou.get(PAGE).text.count('value="soon" checked') == 2
    assert post(zhou, PAGE, PAGE, {**ALL_DAILY, "work": "none"}).status_code == 303
    page = zhou.get(PAGE).text
    assert (page.count('value="daily" checked'), page.count('value="none" checked')) == (4, 1)
    assert client("lin").get(PAGE).text.count('value="soon" checked') == 2
    assert {row["person_id"] for row in rows_of(county, MailChoice)} == {county.people["zhou"]}


def test_a_way_that_there_is_not_is_refused_and_changes_nothing(client: Client, county: County) -> None:
    zhou = client("zhou")
    refused = post(zhou, PAGE, PAGE, {**ALL_DAILY, "dates": "hourly"})
    assert refused.status_code == 400 and "没有这种发送邮件的方式" in words_of(refused.text)
    assert rows_of(county, MailChoice) == []


def test_it_says_where_mail_goes_and_when(county: County, home: Path) -> None:
    settings = load({"DUBAN_HOME": str(home), "DUBAN_SMTP_HOST": "127.0.0.1", "DUBAN_OFFICE_HOURS": "8:00-12:00,15:00-18:00"})
    app = create_app(Office(settings, county.database, county.engine, hours.now))
    zhou = signed_in(app, county, "zhou", hours.now())
    assert "还没有登记你的邮箱" in words_of(zhou.get(PAGE).text)
    changes = {"email": "zhou@anlan.example"}
    county.database.write(lambda store: change_person(store, person_id=county.people["zhou"], changes=changes))
    page = words_of(zhou.get(PAGE).text)
    assert "发到zhou@anlan.example" in page and "8:00至12:00、15:00至18:00" in page


def test_without_mail_it_says_so(client: Client) -> None:
    assert "这台服务器还没有开通邮件" in words_of(client("zhou").get(PAGE).text)


def test_the_hours_of_ones_mail_are_chosen_kept_and_given_up_again(client: Client, county: County) -> None:
    zhou = client("zhou")
    own = {"when": "own", "begin_1": "07:30", "end_1": "08:30", "begin_2": "", "end_2": ""}
    assert '<input type="radio" name="when" value="office" checked>' in zhou.get(PAGE).text
    assert post(zhou, PAGE, PAGE, ALL_DAILY | own).status_code == 303
    page = zhou.get(PAGE).text
    assert 'name="when" value="own" checked' in page and page.count('<option value="07:30" selected>') == 1
    assert rows_of(county, Person, id=county.people["zhou"])[0]["mail_hours"] == "07:30-08:30"
    assert post(zhou, PAGE, PAGE, ALL_DAILY | own | {"when": "office"}).status_code == 303
    assert {row["mail_hours"] for row in rows_of(county, Person)} == {""}


def test_hours_that_cannot_be_meant_are_refused_in_words_and_what_was_chosen_stands(client: Client, county: County) -> None:
    zhou = client("zhou")
    for span in (("15:00", "09:00"), ("09:00", ""), ("09:10", "10:00"), ("", "")):
        told = {"when": "own", "begin_1": span[0], "end_1": span[1], "begin_2": "", "end_2": ""}
        refused = post(zhou, PAGE, PAGE, {**ALL_DAILY, "work": "none"} | told)
        assert refused.status_code == 400 and "收邮件的时段要先开始、后结束" in words_of(refused.text)
        assert 'name="work" value="none" checked' in refused.text and 'value="own" checked' in refused.text
    assert rows_of(county, MailChoice) == [] and {row["mail_hours"] for row in rows_of(county, Person)} == {""}
