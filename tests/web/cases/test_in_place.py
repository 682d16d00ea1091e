"""Parts of pages are the same pages without their frame: the same form, the same words, the same refusal."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import hours
from tests.factories import County
from tests.handlers.pictures.packages import photograph
from tests.web.conftest import Client
from tests.web.site import post, signed_in, site, token, words_of
from tests.workflow.looking import case_row, rows_of
from web.wording import UNKNOWN_WHY
from workflow.models import Event, Evidence, Link, Outbox

NOW = hours.now()
PNG = photograph("PNG")


@pytest.fixture
def case_id(county: County) -> int:
    """An immediate item that 东沟村 has signed for half an hour ago."""
    began = NOW - timedelta(minutes=30)
    return county.supervised_item(began, immediate="rectify_now", period="default_immediate", first_check="county")


def asking(case_id: int) -> dict[str, str]:
    """The headers of a request that the case's page makes by itself."""
    return {"HX-Request": "true", "HX-Current-URL": f"http://localhost/cases/{case_id}"}


def sent(who: FlaskClient, case_id: int, url: str, data: dict[str, Any]) -> TestResponse:
    """Posts as the case's page does; what it leads to is asked for in the same way."""
    told = {**data, "csrf_token": token(who, f"/cases/{case_id}")}
    answer = who.post(url, data=told, headers=asking(case_id))
    return who.get(answer.location, headers=asking(case_id)) if answer.location else answer


def questions(text: str) -> list[str]:
    """The names of the controls of a form, in their order, without what is new each time."""
    main = text[text.index("<form") :] if "<main" not in text else text[text.index("<main") : text.index("</main>")]
    return [name for name in re.findall(r'<(?:input|select|textarea)\b[^>]* name="([^"]+)"', main)]


@pytest.mark.parametrize("form", ["do/redirect", "verbs/split", "verbs/comment", "verbs/link", "bar", "amend/assisting"])
def test_a_form_in_place_asks_what_its_own_page_asks(client: Client, case_id: int, form: str) -> None:
    lin, url = client("lin"), f"/cases/{case_id}/{form}"
    whole, part = lin.get(url).text, lin.get(url, headers=asking(case_id)).text
    assert "<html" in whole and "<html" not in part
    assert questions(part) == questions(whole) != []
    assert "hx-post=" in part


def test_the_page_says_the_same_as_a_part_and_takes_the_place_of_what_was_shown(client: Client, case_id: int) -> None:
    lin, url = client("lin"), f"/cases/{case_id}"
    part = lin.get(url, headers=asking(case_id))
    whole = lin.get(url).text
    main = whole[whole.index('tabindex="-1">', whole.index("<main")) + 14 : whole.index("</main>")]
    assert words_of(part.text).split() == words_of(main).split()
    assert (part.headers["HX-Retarget"], part.headers["HX-Reswap"]) == ("#main", "innerHTML")
    assert "HX-Request" in part.headers["Vary"] and "HX-Retarget" not in lin.get(url).headers


def test_what_is_done_comes_back_as_the_page_with_its_undo(client: Client, county: County, case_id: int) -> None:
    answers = {"progress_note": "已经开工", "progress_label": "ongoing"}
    answer = sent(client("zhou"), case_id, f"/cases/{case_id}/do/report_progress", answers)
    assert answer.headers["HX-Retarget"] == "#main"
    assert "已经开工" in answer.text and "办理成功" in answer.text and 'hx-swap-oob="innerHTML:[data-toasts]"' in answer.text
    assert f'hx-post="/cases/{case_id}/undo"' in answer.text


@pytest.mark.parametrize(
    ("login", "verb", "typed", "status"),
    [
        ("zhao", "pause", {"reason": "汛期来了", "approver": "", "max_days": "7"}, 422),
        ("lin", "split", {"parts": "", "reason": "两个问题"}, 422),
        ("lin", "link", {"number": "整改〔2020〕9号"}, 422),
        ("zhou", "comment", {"text": "请 @张三丰 来看"}, 422),
    ],
)
def test_a_refused_verb_keeps_what_was_typed_with_and_without_a_script(
    client: Client, county: County, case_id: int, login: str, verb: str, typed: dict[str, str], status: int
) -> None:
    who, url, before = client(login), f"/cases/{case_id}/verbs/{verb}", len(rows_of(county, Event, case_id=case_id))
    for answer in (post(who, f"/cases/{case_id}", url, typed), sent(who, case_id, url, typed)):
        assert answer.status_code == status
        assert "error-summary" in answer.text
        assert all(value in answer.text for value in typed.values())
        assert "HX-Retarget" not in answer.headers
    assert len(rows_of(county, Event, case_id=case_id)) == before


def test_a_case_that_went_out_of_sight_is_left_for_the_first_page(client: Client, county: County, case_id: int) -> None:
    sun = client("sun")
    told = {"own": "1", "reason": "亲属", "csrf_token": token(sun, f"/cases/{case_id}/bar")}
    answer = sun.post(f"/cases/{case_id}/verbs/bar", data=told, headers=asking(case_id))
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/")


def test_nothing_of_a_case_comes_as_a_part_to_whoever_may_not_see_it(client: Client, county: County, case_id: int) -> None:
    xie = client("xie")
    for url in ("", "/verbs/comment", "/do/redirect", "/evidence/1"):
        answer = xie.get(f"/cases/{case_id}{url}", headers=asking(case_id))
        assert answer.status_code == 404
        assert answer.headers["HX-Retarget"] == "[data-toasts]" and "村务公开栏" not in answer.text


def test_an_ended_session_is_said_beside_the_page(app: Any, case_id: int) -> None:
    answer = app.test_client().get(f"/cases/{case_id}", headers=asking(case_id))
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text and "重新登录" in answer.text and "<html" not in answer.text


# ---- files ------------------------------------------------------------------------------------------------------------------


def test_a_file_is_looked_at_with_its_digest_and_framed_by_nobody_else(client: Client, county: County, case_id: int) -> None:
    zhou, page = client("zhou"), f"/cases/{case_id}"
    sent(zhou, case_id, f"{page}/evidence", {"label": "site_photo", "file": (io.BytesIO(PNG), "公示栏.png")})
    (row,) = rows_of(county, Evidence, case_id=case_id)
    for answer in (zhou.get(f"{page}/evidence/{row['file_id']}"), client("lin").get(f"{page}/evidence/{row['file_id']}")):
        said = words_of(answer.text)
        assert "公示栏.png" in said and "和存入时一致" in said and "周明远" in said and "现场照片" in said
        digest = re.search(r'data-copy="([0-9a-f]{64})"', answer.text)
        assert digest is not None and digest[1][:8] in said
    shown = zhou.get(f"/files/{row['file_id']}?show=1")
    assert shown.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
    )
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN" and shown.headers["X-Content-Type-Options"] == "nosniff"
    assert zhou.get(f"/files/{row['file_id']}").headers["X-Frame-Options"] == "DENY"
    assert client("xie").get(f"{page}/evidence/{row['file_id']}").status_code == 404
    assert zhou.get(f"{page}/evidence/9999").status_code == 404


def test_a_file_that_came_in_under_sm3_says_so_and_shows_what_others_compute(county: County, home: Path, case_id: int) -> None:
    zhou = signed_in(site(county, home, DUBAN_DIGEST_SUITE="sm3"), county, "zhou", hours.now())
    page = f"/cases/{case_id}"
    sent(zhou, case_id, f"{page}/evidence", {"label": "site_photo", "file": (io.BytesIO(PNG), "公示栏.png")})
    (row,) = rows_of(county, Evidence, case_id=case_id)
    looked = zhou.get(f"{page}/evidence/{row['file_id']}")
    computed = hashlib.new("sm3", PNG).hexdigest()
    assert f'data-copy="{computed}"' in looked.text and computed[:8] in words_of(looked.text)
    assert "SM3" in words_of(looked.text) and "SHA-256" not in looked.text and "sm3:" not in looked.text


def test_text_that_is_no_picture_is_never_shown_in_the_page(client: Client, county: County, case_id: int) -> None:
    zhou, page = client("zhou"), f"/cases/{case_id}"
    sent(zhou, case_id, f"{page}/evidence", {"file": (io.BytesIO("账目说明".encode()), "说明.txt")})
    (row,) = rows_of(county, Evidence, case_id=case_id)
    text = zhou.get(f"{page}/evidence/{row['file_id']}").text
    assert "<iframe" not in text and "下载后打开" in text
    assert zhou.get(f"/files/{row['file_id']}?show=1").headers["Content-Disposition"].startswith("attachment")


# ---- remarks ----------------------------------------------------------------------------------------------------------------


def told_of_mentions(county: County) -> list[int]:
    """The people who were told that a remark names them."""
    return [row["person_id"] for row in rows_of(county, Outbox) if row["message"] == "mentioned"]


def test_whoever_is_named_in_a_remark_is_told_and_shown(client: Client, county: County, case_id: int) -> None:
    lin, url = client("lin"), f"/cases/{case_id}/verbs/comment"
    listed = lin.get(url).text
    assert "周明远" in listed and "东沟村党支部" in listed and "谢芳" not in listed
    told = {"text": "@周明远公示照片本周内补齐", "mention": str(county.people["sun"])}
    assert post(lin, f"/cases/{case_id}", url, told).status_code == 303
    assert sorted(told_of_mentions(county)) == sorted([county.people["zhou"], county.people["sun"]])
    assert "提醒孙志强、周明远" in words_of(client("zhou").get(f"/cases/{case_id}").text)


def test_a_name_that_may_not_see_the_case_is_refused_with_a_sentence(client: Client, county: County, case_id: int) -> None:
    lin, url = client("lin"), f"/cases/{case_id}/verbs/comment"
    for told in ({"text": "@谢芳 看一下"}, {"text": "看一下", "mention": str(county.people["xie"])}):
        refused = post(lin, f"/cases/{case_id}", url, told)
        assert refused.status_code == 422
        assert "只能提醒能看到本件的人" in words_of(refused.text) and told["text"] in refused.text
    assert told_of_mentions(county) == []
    assert post(lin, f"/cases/{case_id}", url, {"text": "发到 a@163.com"}).status_code == 303


# ---- links ------------------------------------------------------------------------------------------------------------------


def test_a_link_is_shown_at_both_ends_and_taken_away_at_either(client: Client, county: County, case_id: int) -> None:
    other, lin = county.open_item(NOW, title="账目不清"), client("lin")
    told = {"number": case_row(county, other)["number"]}
    sent(lin, case_id, f"/cases/{case_id}/verbs/link", told)
    assert "账目不清" in words_of(lin.get(f"/cases/{case_id}").text)
    assert case_row(county, case_id)["number"] in words_of(lin.get(f"/cases/{other}").text)
    taken = {"other": str(case_id), "relation": "related"}
    assert post(lin, f"/cases/{other}", f"/cases/{other}/verbs/unlink", taken).status_code == 303
    assert rows_of(county, Link) == []
    again = post(lin, f"/cases/{other}", f"/cases/{other}/verbs/unlink", taken)
    assert again.status_code == 400 and "没有由人关联过" in words_of(again.text)
    assert "取消关联" in words_of(lin.get(f"/cases/{other}").text)


# ---- why not ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["lin", "zhao", "zhou", "sun", "chen"])
def test_every_verb_is_pressed_or_says_why_not(client: Client, county: County, case_id: int, login: str) -> None:
    text = client(login).get(f"/cases/{case_id}").text
    said = words_of(text)
    for verb in ("分派承办人", "申请延期", "批复延期", "暂停计时", "恢复计时", "并案", "分办", "作废", "撤回导入"):
        assert verb in said, verb
    assert UNKNOWN_WHY not in said


# ---- a row of a list --------------------------------------------------------------------------------------------------------


BRANCH, PARTY = "东沟村党支部", "柳河镇党委"


def said(whom: str, tag: str) -> str:
    return f'>催办<span class="whole">{whom}</span></span></{tag}'


def test_a_reminder_says_whom_it_reaches_where_that_is_not_the_holder(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(days=3), immediate="rectify_now", period="default_immediate")
    lin, page = client("lin"), f"/cases/{case_id}"
    assert said(BRANCH, "button") in lin.get(page).text and said(BRANCH, "h") in lin.get(f"{page}/do/remind").text
    assert said(PARTY, "a") not in lin.get("/ledger").text
    photo = county.keep_file("公示照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOW, file_id=photo, label="site_photo")
    county.fire(case_id, "report_rectified", "zhou", NOW, result="已更新", progress_label="done")
    assert said(PARTY, "a") in lin.get("/ledger").text, "the row lies with the office, and waits for the township"
    assert said(PARTY, "button") in lin.get(page).text
    assert post(lin, page, f"{page}/do/remind", {"remind_by": "telephone"}).status_code == 303
    assert f"已催办{PARTY}1次" in words_of(lin.get(page).text)


def test_a_row_is_reminded_where_it_stands(client: Client, county: County, case_id: int) -> None:
    lin = client("lin")
    assert f'hx-post="/cases/{case_id}/do/remind?list=ledger?"' in lin.get("/ledger").text
    told = {"row": "1", "remind_by": "sheet", "csrf_token": token(lin, f"/cases/{case_id}")}
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/ledger"}
    answer = lin.post(f"/cases/{case_id}/do/remind", data=told, headers=headers)
    assert (answer.status_code, "HX-Redirect" in answer.headers) == (200, False)
    assert f"已催办{BRANCH}1次" in answer.text and "<html" not in answer.text
    incomplete = {name: value for name, value in told.items() if name != "remind_by"}
    answer = lin.post(f"/cases/{case_id}/do/remind", data=incomplete, headers=headers)
    assert answer.headers["HX-Redirect"] == f"/cases/{case_id}/do/remind"
