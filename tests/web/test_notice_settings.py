"""消息设置: what of the bell comes by mail as well, chosen by each person for himself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from config.settings import load
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, signed_in, words_of
from tests.workflow.looking import rows_of
from web import create_app
from web.wiring import Office
from workflow.models import MailChoice
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
    app = create_app(Office(settings, county.database, county.engine))
    zhou = signed_in(app, county, "zhou", datetime.now(UTC))
    assert "还没有登记你的邮箱" in words_of(zhou.get(PAGE).text)
    changes = {"email": "zhou@anlan.example"}
    county.database.write(lambda store: change_person(store, person_id=county.people["zhou"], changes=changes))
    page = words_of(zhou.get(PAGE).text)
    assert "发到zhou@anlan.example" in page and "8:00至12:00、15:00至18:00" in page


def test_without_mail_it_says_so(client: Client) -> None:
    assert "这台服务器还没有开通邮件" in words_of(client("zhou").get(PAGE).text)
