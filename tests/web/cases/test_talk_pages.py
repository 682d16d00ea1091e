"""A talk that the scheduler has proposed has its notice ready, and the form that sends it knows who is meant."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest

from tests import hours
from tests.factories import County
from tests.walks.filling import answers_for
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import rows_of
from web.formatting import full_day
from workflow import occasions
from workflow.dates import local_day
from workflow.definitions import catalogue
from workflow.models import Case, Grant
from workflow.store import Store, table_of

NOW = hours.now()
GRANTS = table_of(Grant)
# Long enough before a talk for its notice, whatever holidays lie between.
AHEAD = timedelta(days=20)
DAY_HAS_COME = pytest.mark.parametrize("talk", [True], indirect=True)


def typed(page: str) -> dict[str, str]:
    """What stands in the text inputs of a page."""
    inputs = re.findall(r"<input[^>]*>", page)
    named = ((re.search(r' name="([^"]+)"', one), re.search(r' value="([^"]*)"', one)) for one in inputs)
    return {name[1]: value[1] if value else "" for name, value in named if name}


@pytest.fixture
def talk(county: County, request: pytest.FixtureRequest) -> int:
    """The talk with 东沟村, proposed for an item that has been late for a long time; with DAY_HAS_COME announced for today."""
    announced = getattr(request, "param", False)
    county.supervised_item(NOW - timedelta(days=120), immediate="rectify_now", period="default_immediate", first_check="county")
    county.engine.tick(NOW - (AHEAD if announced else timedelta(minutes=5)))
    (row,) = rows_of(county, Case, kind="interview")
    if announced:
        minute = 1 - AHEAD // timedelta(minutes=1)
        press(county, row["id"], "order", "zhao", minute)
        press(county, row["id"], "notify", "chen", minute + 1, held_on=local_day(NOW).isoformat())
    return int(row["id"])


def name_post(county: County, login: str, title: str) -> None:
    """The post of somebody gets a title."""

    def work(store: Store) -> Any:
        return store.execute(GRANTS.update().where(GRANTS.c.person_id == county.people[login]).values(title=title))

    county.database.write(work)


def test_the_notice_lies_ready_when_the_talk_is_proposed(client: Client, talk: int) -> None:
    lin = client("lin")
    assert re.search(r"约谈通知书\s*（草稿）", words_of(lin.get(f"/cases/{talk}").text))
    written = lin.get(f"/cases/{talk}/letters/interview_notice").data
    text = ZipFile(io.BytesIO(written)).read("word/document.xml").decode()
    assert "东沟村党支部" in text and "村务公开栏半年未更新" in text


def test_the_form_of_the_notice_knows_who_holds_the_posts(client: Client, county: County, talk: int) -> None:
    name_post(county, "zhou", "东沟村党支部书记")
    county.fire(talk, "order", "zhao", NOW)
    told = typed(client("chen").get(f"/cases/{talk}/do/notify").text)
    assert {key: told[key] for key in ("chair", "interviewee_name", "interviewee_post", "contact_name")} == {
        "chair": "陈立新",
        "interviewee_name": "周明远",
        "interviewee_post": "东沟村党支部书记",
        "contact_name": "许洁",
    }


def test_where_several_hold_a_post_nobody_is_suggested(client: Client, county: County, talk: int) -> None:
    def work(store: Store) -> None:
        grant = {"person_id": county.people["luo"], "role": "handler", "organ_id": county.organs["liuhe_party"], "title": ""}
        store.insert(Grant, [{"id": store.new_ids(Grant, 1)[0], **grant, "ceiling": 3}])
        occasions.moved(store, "people")

    county.database.write(work)
    county.fire(talk, "order", "zhao", NOW)
    told = typed(client("chen").get(f"/cases/{talk}/do/notify").text)
    assert (told["chair"], told["contact_name"]) == ("陈立新", "")


def test_what_was_typed_stands_where_the_notice_is_refused(client: Client, county: County, talk: int) -> None:
    county.fire(talk, "order", "zhao", NOW)
    told = {"chair": "韩冰", "contact_name": "", "held_on": local_day(NOW).isoformat()}
    refused = post(client("chen"), f"/cases/{talk}/do/notify", f"/cases/{talk}/do/notify", told)
    assert refused.status_code == 422
    assert (typed(refused.text)["chair"], typed(refused.text)["contact_name"]) == ("韩冰", "")


def press(county: County, talk: int, trigger: str, login: str, minute: int, **told: Any) -> None:
    """Fires a step of the talk so many minutes from now, with plausible answers beside those told."""
    moment = NOW + timedelta(minutes=minute)
    definition = county.database.read(catalogue).of_kind("interview").definition
    step = next(t for t in definition.transitions if t.trigger == trigger)
    asked = {question.key for question in step.form}
    filled = answers_for(definition, step, moment.date(), county.organs, county.people, approver=None)
    data = {key: value for key, value in (filled | told).items() if key in asked and value is not None}
    county.fire(talk, trigger, login, moment, **data)


def test_the_page_shows_the_notice_as_it_will_print_and_whether_it_was_signed_for(
    client: Client, county: County, talk: int
) -> None:
    page = words_of(client("zhao").get(f"/cases/{talk}").text)
    assert "草稿，发出后才算数" in page and "村务公开栏半年未更新" in page and "约谈举行后" in page
    press(county, talk, "order", "zhao", 0)
    held_on = (NOW + timedelta(days=9)).date().isoformat()
    press(county, talk, "notify", "chen", 1, held_on=held_on, place="镇政府二楼会议室")
    assert "对方还没有签收" in words_of(client("zhao").get(f"/cases/{talk}").text)
    press(county, talk, "confirm_notice", "zhou", 1)
    page = words_of(client("zhao").get(f"/cases/{talk}").text)
    assert re.search(r"周明远签收", page) and "镇政府二楼会议室" in page
    assert "还差签字的约谈记录" in page and "为什么还不能定下新期限" not in page, "nobody records a talk that was not held"


@DAY_HAS_COME
def test_a_talk_is_held_by_today_and_a_new_date_beyond_the_cap_names_its_item(
    client: Client, county: County, talk: int
) -> None:
    chen, form = client("chen"), f"/cases/{talk}/do"
    later = {"held_on": (local_day(NOW) + timedelta(days=1)).isoformat()}
    assert "选今天或以前的日期，以后的还没有发生" in words_of(post(chen, f"{form}/hold_talk", f"{form}/hold_talk", later).text)
    came = [{"name": "周明远", "post": "书记", "present": True}]
    press(county, talk, "hold_talk", "chen", 1, held_on=local_day(NOW).isoformat(), attendance=came)
    (item,) = rows_of(county, Case, kind="rectification")
    step = next(t for t in county.database.read(catalogue).of_kind("interview").definition.transitions if t.trigger == "record")
    record = {question.key: "照记录" for question in step.form if question.type in ("text", "long_text")}
    record[f"new_dates/{item['id']}"] = (local_day(NOW) + timedelta(days=99)).isoformat()
    told = words_of(post(chen, f"{form}/record", f"{form}/record", record).text).partition("填写有误")[2]
    assert re.search(rf"各事项新期限 {item['title']}（{re.escape(item['number'])}）：最晚可定到\d+年", told)


@DAY_HAS_COME
def test_after_the_talk_the_record_is_typed_then_printed_and_signed_and_then_handed_in(
    client: Client, county: County, talk: int
) -> None:
    came = [
        {"name": "周明远", "post": "村党支部书记", "present": True},
        {"name": "孙强", "post": "村委会委员", "present": False, "absence": "住院"},
    ]
    press(county, talk, "hold_talk", "chen", 1, held_on=local_day(NOW).isoformat(), attendance=came)
    chen = client("chen")
    page, paper = words_of(chen.get(f"/cases/{talk}").text), "打印约谈记录（未签字）"
    assert re.search(r"孙强\s*村委会委员，缺席：住院", page) and "定下承诺，按新期限计时" in page
    assert f'href="/cases/{talk}/do/record?inbox=talk-{talk}"' in chen.get("/inbox").text and paper not in page
    (item,) = rows_of(county, Case, kind="rectification")
    new = (NOW + timedelta(days=20)).date()
    press(county, talk, "record", "chen", 2, new_dates={str(item["id"]): new.isoformat()})
    # First it is printed and signed, then its scan is handed in.
    shown = chen.get(f"/cases/{talk}").text
    link = f"/cases/{talk}?label=signed_record#evidence"
    assert paper in words_of(shown) and "还差签字的约谈记录" in words_of(shown)
    letter = re.search(rf'href="(/cases/{talk}/letters/interview_record[^"]*)"', shown)
    assert letter is not None and chen.get(letter[1].replace("&amp;", "&")).status_code == 200
    assert "上传签字的约谈记录" in words_of(shown) and link in shown and link in chen.get("/inbox").text
    assert '<option value="signed_record" selected>' in chen.get(f"/cases/{talk}?label=signed_record").text
    assert link not in client("zhao").get(f"/cases/{talk}").text, "the record is not the office's to make"
    county.engine.add_evidence(
        talk,
        actor=county.actor("chen"),
        now=NOW + timedelta(minutes=3),
        file_id=county.keep_file("签字", "chen"),
        label="signed_record",
    )
    page = chen.get(f"/cases/{talk}").text
    assert paper not in words_of(page) and "还差" not in words_of(page) and f'href="/cases/{talk}/do/hand_in"' in page
    assert f'href="/cases/{talk}/do/hand_in?inbox=talk-{talk}"' in chen.get("/inbox").text
    press(county, talk, "hand_in", "chen", 4)
    page = words_of(client("zhao").get(f"/cases/{talk}").text)
    assert "约谈记录" in page and f"{new.month}月{new.day}日" in page and "签字的约谈记录" in page
    assert "新期限已定下" in page and "定下承诺" not in page


def test_a_time_that_is_none_is_asked_for_again_with_what_was_typed_and_words_for_a_time_are_read(
    client: Client, county: County, talk: int
) -> None:
    press(county, talk, "order", "zhao", 0)
    chen, url = client("chen"), f"/cases/{talk}/do/notify"
    told = {"held_on": (NOW + timedelta(days=9)).date().isoformat(), "place": "镇政府二楼会议室", "chair": "陈立新"}
    told |= {"interviewee_post": "书记", "interviewee_name": "周明远", "contact_name": "许洁", "contact_phone": "0300-2345678"}
    for wrong in ("25点99", "九点", "24:00"):
        refused = post(chen, url, url, told | {"held_time": wrong})
        assert refused.status_code == 422 and "写成时刻，如9:30或15:00" in words_of(refused.text)
        assert typed(refused.text)["held_time"] == wrong and typed(refused.text)["place"] == "镇政府二楼会议室"
    assert post(chen, url, url, told | {"held_time": "下午3点半"}).status_code == 303
    assert json.loads(rows_of(county, Case, id=talk)[0]["data"])["held_time"] == "15:30"


@DAY_HAS_COME
def test_who_sat_at_the_table_is_chosen_as_present_or_absent_and_an_absence_is_explained(
    client: Client, county: County, talk: int
) -> None:
    chen, url = client("chen"), f"/cases/{talk}/do/hold_talk"
    form = chen.get(url).text
    choices = re.search(r'<select id="f-attendance-0-present".*?</select>', form, re.S)
    assert choices is not None and words_of(choices[0]).split() == ["选一个", "到会", "缺席"]
    line = {"attendance/0/name": "孙强", "attendance/0/post": "村委会委员"}
    told = {"held_on": local_day(NOW).isoformat(), "held_time": "9:30", **line}
    unsaid = post(chen, url, url, told | {"attendance/0/present": ""})
    assert unsaid.status_code == 422 and "是否到会：这一栏要填" in words_of(unsaid.text)
    absent = told | {"attendance/0/present": "no"}
    unexplained = post(chen, url, url, absent)
    assert unexplained.status_code == 422 and "缺席原因：这一栏要填" in words_of(unexplained.text)
    assert 'value="no" selected' in unexplained.text and "孙强" in unexplained.text
    assert post(chen, url, url, absent | {"attendance/0/absence": "住院"}).status_code == 303
    page = words_of(chen.get(f"/cases/{talk}").text)
    assert re.search(r"孙强\s*村委会委员，缺席：住院", page) and "孙强；村委会委员；缺席；住院" in page


def test_a_talk_is_recorded_as_held_from_its_day_on_and_not_before(client: Client, county: County, talk: int) -> None:
    press(county, talk, "order", "zhao", 0)
    day = local_day(NOW) + timedelta(days=20)
    press(county, talk, "notify", "chen", 1, held_on=day.isoformat())
    page = client("chen").get(f"/cases/{talk}").text
    assert f'href="/cases/{talk}/do/hold_talk"' not in page
    assert f"{full_day(day, language='zh-Hans')}起才能办，“约谈日期”还没有到" in words_of(page)
    assert "已约谈" not in re.findall(r'<a class="button[^>]*>([^<]*)', page)
    refused = post(client("chen"), f"/cases/{talk}", f"/cases/{talk}/do/hold_talk", {"held_time": "9:00"})
    assert f"{full_day(day, language='zh-Hans')}起才能办" in words_of(refused.text)


@DAY_HAS_COME
def test_on_its_day_the_talk_is_recorded_as_held_by_a_button_that_says_what_it_does(client: Client, talk: int) -> None:
    page = client("chen").get(f"/cases/{talk}").text
    assert re.search(rf'href="/cases/{talk}/do/hold_talk"[^>]*>\s*登记约谈已举行', page)


def test_a_notice_too_near_and_a_telephone_that_is_none_are_told_at_their_boxes_together(
    client: Client, county: County, talk: int
) -> None:
    press(county, talk, "order", "zhao", 0)
    chen, url = client("chen"), f"/cases/{talk}/do/notify"
    tomorrow = local_day(NOW) + timedelta(days=1)
    told = {"held_on": tomorrow.isoformat(), "held_time": "9:30", "place": "镇政府", "chair": "陈立新", "contact_name": "许洁"}
    told |= {"interviewee_post": "书记", "interviewee_name": "周明远"}
    both = post(chen, url, url, told | {"contact_phone": "随便写的"})
    words = words_of(both.text)
    assert both.status_code == 422 and 'id="f-held_on-error"' in both.text and 'id="f-contact_phone-error"' in both.text
    assert re.search(r"约谈日期：选\d+年\d+月\d+日或以后的日期，至少要提前2个工作日", words)
    assert "联系电话：写成电话号码：手机11位，座机带区号" in words and "随便写的" in both.text
    near = post(chen, url, url, told | {"contact_phone": "138 1234 5678"})
    assert near.status_code == 409 and 'id="f-held_on-error"' in near.text and "改选日期" not in words_of(near.text)
    day = local_day(NOW) + timedelta(days=20)
    assert post(chen, url, url, told | {"contact_phone": "138 1234 5678", "held_on": day.isoformat()}).status_code == 303
    assert json.loads(rows_of(county, Case, id=talk)[0]["data"])["contact_phone"] == "13812345678"


@DAY_HAS_COME
def test_an_item_without_its_new_date_is_told_at_its_box_and_what_is_wrong_beside_it_too(
    client: Client, county: County, talk: int
) -> None:
    came = [{"name": "周明远", "post": "书记", "present": True}]
    press(county, talk, "hold_talk", "chen", 1, held_on=local_day(NOW).isoformat(), attendance=came)
    (item,) = rows_of(county, Case, kind="rectification")
    url = f"/cases/{talk}/do/record"
    refused = post(client("chen"), url, url, {"pointed_out": "账目不清"})
    words = words_of(refused.text)
    assert refused.status_code == 422 and f'id="f-new_dates-{item["id"]}-error"' in refused.text
    assert f"各事项新期限 {item['title']}（{item['number']}）：这一栏要填" in words and "记录人：这一栏要填" in words
    assert "先给议程上的每个事项定新期限" not in words, "it is told at its box"
    asked = ("pointed_out", "explained", "required", "pledged", "recorder")
    alone = post(client("chen"), url, url, dict.fromkeys(asked, "如实记录"))
    assert alone.status_code == 409 and f'href="#f-new_dates-{item["id"]}"' in alone.text
