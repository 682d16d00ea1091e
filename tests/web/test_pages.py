"""The pages, walked: who sees what, the core path from a form to a close-out, refusals in words, no English in Chinese."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import hours
from tests.factories import County
from tests.web.site import post, signed_in, words_of
from tests.workflow.looking import case_row
from web.access import Access
from workflow.dates import local_day

NOW = hours.now()
PAGES = (
    "/overview",
    "/overview/rectification",
    "/reports",
    "/reports/week",
    "/ledger/paper",
    "/ledger",
    "/ledger?band=late",
    "/inbox",
    "/interviews",
    "/orders",
    "/search?q=%E5%85%AC%E5%BC%80",
    "/notices",
    "/help",
    "/notices/settings",
)
MORE = (
    "/bulk",
    "/exports",
    "/retention",
    "/organisations",
    "/organisations/areas/1",
    "/organisations/changes",
    "/calendar",
    "/health",
    "/tokens",
    "/factors",
    "/sessions",
    "/kin",
    "/register",
    "/cases/new/rectification",
    "/cases/new/clue",
)
# Names of languages, the one key that has no Chinese name, file names, and hosts may be Latin.
LATIN = re.compile(r"[A-Za-z]{2,}")
ALLOWED = {"English", "Esc"}


def client(app: Flask, county: County, login: str) -> FlaskClient:
    return signed_in(app, county, login, hours.now())


def an_item(county: County) -> int:
    """An immediate item in the village's hands, opened today by 林静."""
    began = NOW - timedelta(minutes=30)
    return county.supervised_item(began, immediate="rectify_now", period="default_immediate", first_check="county")


def test_a_chinese_page_has_no_english_word(app: Flask, county: County) -> None:
    case_id = an_item(county)
    lin = client(app, county, "lin")
    for page in (*PAGES, *MORE, f"/cases/{case_id}", f"/cases/{case_id}/do/remind", *beside(case_id)):
        answer = lin.get(page)
        assert answer.status_code == 200, page
        assert set(LATIN.findall(words_of(answer.text))) <= ALLOWED, page


def beside(case_id: int) -> tuple[str, ...]:
    """What has a page of its own beside the case's."""
    return tuple(f"/cases/{case_id}/{page}" for page in ("discretion", "diagram", "do/redirect"))


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_every_page_speaks_the_other_languages(app: Flask, county: County, language: str) -> None:
    case_id = an_item(county)
    lin = client(app, county, "lin")
    lin.set_cookie("duban_language", language)
    for page in (*PAGES, *MORE, f"/cases/{case_id}", *beside(case_id)):
        answer = lin.get(page)
        assert answer.status_code == 200, page
        assert f'lang="{language}"' in answer.text


def test_the_outsider_gets_the_same_404_as_for_nothing(app: Flask, county: County) -> None:
    case_id = an_item(county)
    han = client(app, county, "han")
    absent = han.get("/cases/999999").text
    assert client(app, county, "zhou").get(f"/cases/{case_id}").status_code == 200
    for page in (f"/cases/{case_id}", f"/cases/{case_id}/do/report_rectified", f"/cases/{case_id}/letters/assignment_sheet"):
        answer = han.get(page)
        assert answer.status_code == 404
        assert words_of(answer.text) == words_of(absent)
    assert "村务公开栏" not in han.get("/ledger").text
    assert "村务公开栏" not in han.get("/search?q=公开栏").text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whoever_is_signed_in_keeps_his_menu_where_an_address_leads_nowhere(app: Flask, county: County, method: str) -> None:
    lin = client(app, county, "lin")
    shut = lin.get("/people")
    told = lin.get("/nowhere")
    assert (shut.status_code, told.status_code) == (404, 404)
    # Nothing of the page says whether there is such an address.
    assert unkeyed(told.text).replace("/nowhere", "/people") == unkeyed(shut.text)
    wrong = lin.open("/nowhere" if method == "GET" else "/calendar/days", method=method)
    assert wrong.status_code in (404, 405, 400)
    for page in (told.text, wrong.text):
        assert 'href="/inbox"' in page and "退出登录" in page and "回到首页" in page
    stranger = app.test_client().get("/nowhere").text
    assert 'href="/inbox"' not in stranger and "退出登录" not in stranger


def unkeyed(page: str) -> str:
    """The page without what is drawn anew for each."""
    return re.sub(r'"X-CSRFToken": "[^"]*"|name="csrf_token" value="[^"]*"', "", page)


def test_nobody_gets_in_without_signing_in(app: Flask) -> None:
    for page in PAGES:
        answer = app.test_client().get(page)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in")


def test_every_route_has_a_mark(app: Flask) -> None:
    marks: dict[str, Access] = app.extensions["duban_access"]
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    assert endpoints <= set(marks)


def test_unknown_and_wrong_are_one_sentence(app: Flask, county: County) -> None:
    client(app, county, "lin")
    stranger = app.test_client()
    told = [post(stranger, "/sign-in", "/sign-in", {"login": login, "password": "wrong"}) for login in ("lin", "nobody-here")]
    assert told[0].status_code == told[1].status_code
    # The form's and the header's token carry the second in which they were made.
    said = [re.sub(r'value="[^"]*"|hx-headers=\'[^\']*\'', "", answer.text) for answer in told]
    assert said[0] == said[1]


def test_an_item_goes_from_registration_to_close_out_on_pages_alone(app: Flask, county: County) -> None:
    lin, zhou, song = (client(app, county, login) for login in ("lin", "zhou", "song"))
    opened = post(
        lin,
        "/cases/new/rectification",
        "/cases/new/rectification",
        {
            "title": "公示栏破损",
            "subject": county.organs["donggou_branch"],
            "problem": "公示栏破损，三个月没有更换。",
            "source": "feedback",
            "immediate": "rectify_now",
            "period": "default_immediate",
            "first_check": "county",
        },
    )
    assert opened.status_code == 303, opened.text
    page = opened.headers["Location"]
    case_id = int(page.rsplit("/", 1)[1])

    def act(who: FlaskClient, trigger: str, **data: object) -> None:
        url = f"{page}/do/{trigger}"
        version = case_row(county, case_id)["version"]
        answer = post(who, url, url, {"version": version, **data})
        assert answer.status_code == 303, words_of(answer.text)

    act(song, "transfer", recipient=county.organs["donggou_branch"], hand_over_mode="assign")
    act(zhou, "sign_for", pieces=1)
    photo = (io.BytesIO(b"\x89PNG\r\n\x1a\n"), "照片.png")
    uploaded = post(zhou, page, f"{page}/evidence", {"file": photo, "label": "site_photo"})
    assert uploaded.status_code == 303, words_of(uploaded.text)
    act(zhou, "report_rectified", result="已更换", progress_label="done")
    assert "为什么不能" in lin.get(page).text
    assert "这一项由你登记，销号须由他人办理" in lin.get(page).text
    act(song, "close", ground="completed")
    assert case_row(county, case_id)["state"] == "closed"
    assert song.get(f"{page}/letters/close_out_form").status_code == 200


def test_a_stale_page_keeps_what_was_typed(app: Flask, county: County) -> None:
    case_id = an_item(county)
    zhou = client(app, county, "zhou")
    url = f"/cases/{case_id}/do/report_progress"
    answer = post(zhou, url, url, {"version": 1, "progress_note": "正在更换，写了很久"})
    assert answer.status_code == 409
    assert "正在更换，写了很久" in answer.text


def test_a_form_with_a_fault_says_which_box(app: Flask, county: County) -> None:
    lin = client(app, county, "lin")
    answer = post(lin, "/cases/new/rectification", "/cases/new/rectification", {"title": "有标题", "problem": "留着的字"})
    assert answer.status_code == 422
    assert "留着的字" in answer.text


def test_many_are_signed_for_at_once_each_with_its_result(app: Flask, county: County) -> None:
    began = NOW - timedelta(minutes=30)
    ids = [county.open_item(began, feedback_on=local_day(NOW).isoformat()) for _ in range(2)]
    for case_id in ids:
        county.hand_over(case_id, began)
    zhou = client(app, county, "zhou")
    assert zhou.get("/inbox").text.count('name="case"') == 2
    answer = post(zhou, "/inbox", "/inbox/sign", {"case": [*ids, 999]})
    assert "本次批量办理成功2件，未办理1件" in words_of(answer.text)
    assert 'id="to-do"' in answer.text
    assert all(case_row(county, case_id)["state"] == "supervised" for case_id in ids)


def test_signing_for_all_that_was_ticked_leads_back_to_the_inbox(app: Flask, county: County) -> None:
    began = NOW - timedelta(minutes=30)
    case_id = county.open_item(began, feedback_on=local_day(NOW).isoformat())
    county.hand_over(case_id, began)
    zhou = client(app, county, "zhou")
    answer = post(zhou, "/inbox", "/inbox/sign", {"case": [case_id]})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox")
    assert "已签收1件" in words_of(zhou.get("/inbox").text)
    again = post(zhou, "/inbox", "/inbox/sign", {"case": [case_id]})
    told = words_of(again.text)
    row = case_row(county, case_id)
    assert f"{row['number']} {row['title']}" in told
    assert "这一项已不在这一步" in told


def test_the_numbers_of_the_strip_open_the_rows_behind_them(app: Flask, county: County) -> None:
    for number in range(3):
        county.supervised_item(NOW - timedelta(minutes=5), title=f"第{number}项")
    lin = client(app, county, "lin")
    rows = lin.get("/ledger?band=open").text.count("<tr data-href")
    assert rows == 3


def test_a_view_is_kept_and_dropped(app: Flask, county: County) -> None:
    lin = client(app, county, "lin")
    saved = post(lin, "/ledger", "/ledger/views", {"name": "我的逾期", "query": "band=late"})
    assert saved.status_code == 302
    assert "我的逾期" in lin.get("/ledger").text


def test_administrators_pages_do_not_exist_for_others(app: Flask, county: County) -> None:
    lin = client(app, county, "lin")
    assert lin.get("/people").status_code == 404
    assert lin.get("/grants").status_code == 404


def test_monitors_are_told_whether_the_scheduler_lives(app: Flask) -> None:
    plain = app.test_client()
    assert plain.get("/healthz").status_code == 200
    assert plain.get("/readyz").status_code == 503


@pytest.mark.parametrize("page", [f"/cases/{2**63}", f"/cases/{10**30}", f"/interviews?case={10**30}", f"/files/{2**63}"])
def test_a_number_beyond_every_database_is_nothing(app: Flask, county: County, page: str) -> None:
    assert client(app, county, "lin").get(page).status_code in (200, 404)


def test_a_null_sign_is_refused_before_it_reaches_a_database(app: Flask, county: County) -> None:
    lin = client(app, county, "lin")
    assert post(lin, "/cases/new/rectification", "/cases/new/rectification", {"title": "a\0b"}).status_code == 400


def test_a_menu_leads_only_where_its_person_may_go(app: Flask, county: County) -> None:
    for login in ("lin", "han"):
        reader = client(app, county, login)
        front = reader.get("/inbox").text
        links = set(re.findall(r'href="(/[a-z-]+)"', front))
        assert {"/bulk", "/password"} <= links
        assert (("/imports" in links), ("/tokens" in links)) == (login == "lin", login == "lin")
        assert {link: reader.get(link).status_code for link in sorted(links)} == dict.fromkeys(sorted(links), 200)
